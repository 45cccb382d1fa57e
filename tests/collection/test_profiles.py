"""A front matter of Hugo, Astro or a blog of Jekyll is read, and changed in one value only."""

from __future__ import annotations

import time
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.collection.article import Status
from newsdesk.collection.frontmatter.block import (
    find_block,
    read_front_matter,
    splice_back,
    splice_boolean,
    splice_text,
)
from newsdesk.collection.parser import read_article
from newsdesk.collection.profile import ASTRO, HUGO, JEKYLL
from newsdesk.errors import FieldChanged, WriteRefused

from .frontmatter.front_matters import written

_VALUES = [
    "1", "-2.5", "nan", "inf", "0x1F", "true", "false", '"plain"', "'literal'", '"es\\"caped"',
    '"draft = true"', "2024-01-14T07:07:07+01:00", "2024-01-14", "07:32:00", "[]", "{}",
    "[1, 2]", '["a", "b"] # draft = true', "{draft = true}", '"""\ndraft = true\n"""',
    "'''\ndraft = false\n[draft]\n'''", "[\n  'draft = true',\n  # draft = true\n]",
    "[\n[1],\n[2]\n]", '"""\n\ndraft=true\n"""', '"é ☃"',
]  # fmt: skip
_TABLES = [
    "[params]\ndraft = true",
    "[[menus]]\nname = 'x'\ndraft = false",
    "[draft_of]\nx = 1",
    "[a.b]\n\ndraft = true",
]


@dataclass(frozen=True)
class Toml:
    """A file with a TOML front matter, its text, and the value of `draft`, if it has one."""

    source: bytes
    text: str
    draft: bool | None


@st.composite
def toml(draw: st.DrawFn, draft: bool | None = None) -> Toml:
    """A front matter that is in order; `draft` says whether it has the field."""
    values = draw(st.lists(st.sampled_from(_VALUES), max_size=5))
    equals = draw(st.sampled_from([" = ", "=", "   = ", "= "]))
    lines = [f"field{number}{equals}{value}" for number, value in enumerate(values)]
    has_draft = draw(st.booleans()) if draft is None else draft
    value = draw(st.booleans())
    if has_draft:
        name = draw(st.sampled_from(["draft", '"draft"', "'draft'", "  draft"]))
        tail = draw(st.sampled_from(["", "  ", " # draft = true", "\t#"]))
        at = draw(st.integers(0, len(lines)))
        lines.insert(at, f"{name}{equals}{'true' if value else 'false'}{tail}")
    for _ in range(draw(st.integers(0, 2))):
        filler = draw(st.sampled_from(["", "# draft = true", "  "]))
        lines.insert(draw(st.integers(0, len(lines))), filler)
    lines += draw(st.lists(st.sampled_from(_TABLES), max_size=2, unique=True))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = "".join(f"{line}\n" for line in lines).replace("\n", end)
    mark = draw(st.sampled_from(["", "\ufeff"]))
    body = draw(st.sampled_from(["", "\n", f"{end}body{end}", "\n+++\ndraft = true\n"]))
    source = f"{mark}+++{end}{text}+++{body}".encode()
    return Toml(source, text, value if has_draft else None)


def others(text: str) -> str:
    """All fields but `draft`, in a form in which even nan equals itself."""
    return repr([pair for pair in tomllib.loads(text).items() if pair[0] != "draft"])


def toml_of(source: bytes) -> str:
    block = find_block(source)
    assert block is not None
    assert block.is_toml
    return source[block.start : block.end].decode()


@settings(max_examples=150)
@given(file=toml())
def test_toml_is_read_as_tomllib_reads_it(file: Toml) -> None:
    front = read_front_matter(file.source)
    assert front.problems == ()
    assert repr(dict(front.fields)) == repr(tomllib.loads(file.text))
    lines = file.source.decode().split("\n")
    for name, line in front.lines.items():
        assert name in lines[line - 1]


@settings(max_examples=250)
@given(file=toml(draft=True))
def test_a_draft_in_toml_changes_in_the_bytes_of_its_value(file: Toml) -> None:
    assert file.draft is not None
    assert splice_boolean(file.source, "draft", file.draft) is None
    splice = splice_boolean(file.source, "draft", not file.draft)
    assert splice is not None
    assert splice.old == (b"true" if file.draft else b"false")
    assert splice.new == (b"false" if file.draft else b"true")
    end = splice.start + len(splice.old)
    assert splice.result == file.source[: splice.start] + splice.new + file.source[end:]
    after = toml_of(splice.result)
    assert tomllib.loads(after)["draft"] is not file.draft
    assert others(after) == others(file.text)
    assert splice_back(splice.result, "draft", splice.old, splice.new).result == file.source


@settings(max_examples=250)
@given(file=toml(draft=False), value=st.booleans())
def test_a_draft_that_toml_has_not_becomes_one_line_of_its_kind(file: Toml, value: bool) -> None:
    splice = splice_boolean(file.source, "draft", value)
    assert splice is not None
    assert splice.old == b""
    assert splice.result == file.source[: splice.start] + splice.new + file.source[splice.start :]
    assert file.source[: splice.start].endswith(b"\n")
    if file.text:
        assert splice.new.endswith(b"\r\n") is ("\r\n" in file.text)
    assert splice.new.count(b"\n") == 1
    after = toml_of(splice.result)
    assert tomllib.loads(after)["draft"] is value
    assert others(after) == others(file.text)
    undone = splice_back(splice.result, "draft", splice.old, splice.new)
    assert undone.result == file.source
    assert splice_back(undone.result, "draft", splice.new, splice.old).result == splice.result


@settings(max_examples=150)
@given(lines=st.lists(st.sampled_from([*_VALUES, *_TABLES, "draft", "=", "draft = true", "'''"])))
def test_whatever_the_lines_of_toml_are_a_splice_is_right_or_refused(lines: list[str]) -> None:
    source = "\n".join(["+++", *lines, "+++", ""]).encode()
    try:
        splice = splice_boolean(source, "draft", True)
    except WriteRefused:
        return
    result = splice.result if splice else source
    assert tomllib.loads(toml_of(result))["draft"] is True
    assert others(toml_of(result)) == others(toml_of(source))


@settings(max_examples=100)
@given(file=written(published=False), value=st.booleans())
def test_a_draft_in_yaml_is_set_and_taken_back(file: object, value: bool) -> None:
    source: bytes = file.source  # type: ignore[attr-defined]
    splice = splice_boolean(source, "draft", value)
    assert splice is not None
    assert read_front_matter(splice.result).fields["draft"] is value
    turned = splice_boolean(splice.result, "draft", not value)
    assert turned is not None
    assert len(turned.old) <= 5
    assert splice_back(splice.result, "draft", splice.old, splice.new).result == source


@pytest.mark.parametrize(
    "toml_text",
    ['draft = "true"', "draft = 1", "draft.x = true", "[draft]", "draft = [true]", "draft = tru",
     "draft = true\ndraft = true", 'draft = """\ntrue"""', "x = " + "[" * 100 + "]" * 100,
     "x = '" + "y" * 70_000 + "'\ndraft = true", "a" + ".a" * 5_000 + " = 1", "x = '\x07'",
     "x = " + "9" * 5_000],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_toml_without_certainty_is_shown_and_refused(toml_text: str) -> None:
    source = f"+++\n{toml_text}\n+++\n".encode()
    started = time.perf_counter()
    article = read_article("a.md", source, HUGO)
    assert time.perf_counter() - started < 5  # a net for what takes minutes
    if toml_text.startswith("draft = "):  # Hugo reads it, see test_generators.py
        assert article.status is not Status.PUBLISHED or '"""' in toml_text
    else:
        assert article.status is Status.UNSET
    assert article.problems
    with pytest.raises(WriteRefused):
        splice_boolean(source, "draft", True)


def test_a_mistake_in_toml_has_the_line_of_the_file() -> None:
    article = read_article("a.md", b'+++\ntitle = "a"\nb = \n+++\n', HUGO)
    assert [(problem.code, problem.line) for problem in article.problems] == [("toml", 3)]
    assert read_front_matter(b"+++\na = 1\n").problems[0].code == "no-end"


def test_undo_in_toml_refuses_when_somebody_else_changed_the_field() -> None:
    source = b"+++\ndraft = true\n+++\n"
    splice = splice_boolean(source, "draft", False)
    assert splice is not None
    for theirs in (b"true", b'"false"', b"[false]"):
        changed = splice.result.replace(b"false", theirs)
        with pytest.raises(FieldChanged):
            splice_back(changed, "draft", splice.old, splice.new)
    with pytest.raises(FieldChanged):
        splice_back(b"+++\na = 1\n+++\n", "draft", splice.old, splice.new)


def test_an_address_in_toml_is_replaced_between_its_quotes() -> None:
    source = b"+++\nlink = 'https://a.example/old' # x\n+++\n"
    splice = splice_text(source, "link", "https://a.example/old", "https://a.example/new")
    assert splice is not None
    assert splice.result == source.replace(b"old", b"new")


# -- what fields mean ----------------------------------------------------------------------------

HUGO_POST = b"""+++
title = 'My First Post'
description = "How it began"
date = 2024-01-14T07:07:07+01:00
lastmod = 2024-02-01
draft = true
tags = ['red', 'blue']
weight = 10
[params]
author = 'John'
+++
Body
"""
ASTRO_POST = b"""---
title: 'First post'
description: 'Lorem ipsum'
pubDate: 'Jul 08 2022'
author: 'Astro Learner'
image:
    url: 'https://docs.astro.build/assets/rose.webp'
    alt: 'The Astro logo.'
tags: ["astro", "blogging"]
draft: false
---
"""
JEKYLL_POST = b"""---
layout: post
title: Apples
author: jill
date: 2018-08-21 10:30:00 +0900
published: false
tags: fruit
heat: 7
---
"""


def test_a_post_of_hugo_is_read() -> None:
    article = read_article("content/posts/a.md", HUGO_POST, HUGO)
    assert article.status is Status.UNPUBLISHED
    assert (article.title, article.excerpt) == ("My First Post", "How it began")
    assert article.published_at == datetime(2024, 1, 14, 6, 7, 7, tzinfo=UTC)
    assert article.updated_at == datetime(2024, 2, 1, tzinfo=UTC)
    assert article.topics == ("red", "blue")
    assert article.other == {"weight": 10, "params": {"author": "John"}}
    assert article.problems == ()
    assert article.lines["topics"] == article.lines["tags"] == 7
    assert article.body == "Body\n"


def test_a_post_of_astro_is_read() -> None:
    article = read_article("src/content/blog/a.md", ASTRO_POST, ASTRO)
    assert article.status is Status.PUBLISHED
    assert article.published_at == datetime(2022, 7, 8, tzinfo=UTC)
    assert article.provider.name == "Astro Learner"
    assert article.topics == ("astro", "blogging")
    assert [image.url for image in article.images] == ["https://docs.astro.build/assets/rose.webp"]
    assert (article.problems, article.other) == ((), {})


def test_a_post_of_jekyll_is_read() -> None:
    article = read_article("_posts/2018-08-21-apples.md", JEKYLL_POST)
    assert article.status is Status.UNPUBLISHED
    assert article.published_at == datetime(2018, 8, 21, 1, 30, tzinfo=UTC)
    assert (article.topics, article.heat) == (("fruit",), 7)
    assert article.other == {"layout": "post"}
    assert article.problems == ()


def test_our_own_names_come_first() -> None:
    source = b"---\ntitle: a\nexcerpt: ours\ndescription: theirs\ntopics: [A]\ntags: [b]\n---\n"
    article = read_article("a.md", source)
    assert (article.excerpt, article.topics) == ("ours", ("A",))
    assert article.other == {"description": "theirs", "tags": ["b"]}


def test_names_that_were_set_count_and_what_they_hide_is_kept() -> None:
    names = (("title", ("headline",)), ("heat", ("score",)))
    profile = HUGO.with_names(names, "live", is_inverted=False)
    source = b"---\nheadline: A\ntitle: B\nscore: 5\nlive: true\ndraft: true\nheat: x\n---\n"
    article = read_article("a.md", source, profile)
    assert (article.title, article.heat, article.status) == ("A", 5, Status.PUBLISHED)
    assert article.other == {"title": "B", "heat": "x", "draft": True}
    assert article.problems == ()


def test_a_problem_names_the_field_as_it_stands_in_the_file() -> None:
    source = b"---\ntitle: a\ndate: soon\ntags: {a: b}\ndraft: maybe\n---\n"
    article = read_article("a.md", source, HUGO)
    told = {problem.line: problem.message for problem in article.problems}
    assert told[3].startswith("date is no date")
    assert told[4] == "tags should be a list."
    assert told[5].startswith("draft is neither true nor false, so Hugo may publish it.")
    assert JEKYLL.has_fast_reader
    assert not HUGO.has_fast_reader
