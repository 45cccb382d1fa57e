"""One field changes; every other byte, and every other meaning, stays."""

from __future__ import annotations

from unittest.mock import patch

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.collection.frontmatter import yaml_reader
from newsdesk.collection.frontmatter.block import (
    begins_front_matter,
    find_block,
    read_front_matter,
    splice_back,
    splice_boolean,
)
from newsdesk.errors import FieldChanged, WriteRefused

from .front_matters import LOADERS, SPELLINGS, Written, loaded, soup, written

both_parsers = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)


def said(text: str, loader: object) -> dict[str, object]:
    return loaded(text, loader) or {}


def others(fields: dict[str, object]) -> str:
    """All fields but `published`, in a form in which even nan equals itself."""
    return repr([(name, value) for name, value in fields.items() if name != "published"])


@both_parsers
@settings(max_examples=150)
@given(file=written())
def test_reading_says_what_pyyaml_says(loader: object, file: Written) -> None:
    with patch.object(yaml_reader, "Loader", loader):
        front = read_front_matter(file.source)
    try:
        expected = said(file.text, loader)
    except (yaml.YAMLError, ValueError):
        assert front.problems
        return
    assert not [p for p in front.problems if p.blocks_writing]
    assert repr(dict(front.fields)) == repr(expected)


@both_parsers
@settings(max_examples=150)
@given(file=written(published=True))
def test_publishing_leaves_every_other_byte_alone(loader: object, file: Written) -> None:
    now = bool(SPELLINGS[file.published or ""])
    with patch.object(yaml_reader, "Loader", loader):
        assert splice_boolean(file.source, "published", now) is None
        splice = splice_boolean(file.source, "published", not now)
        assert splice is not None
        assert splice.old == (file.published or "").encode()
        assert splice.result == (
            file.source[: splice.start] + splice.new + file.source[splice.start + len(splice.old) :]
        )
        there_and_back = splice_boolean(splice.result, "published", now)
        undone = splice_back(splice.result, "published", splice.old, splice.new)
    assert there_and_back is not None
    assert there_and_back.result == file.source
    assert undone.result == file.source
    before, after = read_front_matter(file.source), read_front_matter(splice.result)
    assert after.fields["published"] is not now
    assert others(dict(after.fields)) == others(dict(before.fields))
    assert after.body == before.body


@both_parsers
@settings(max_examples=150)
@given(file=written(published=False), value=st.booleans())
def test_a_missing_field_becomes_one_line_after_heat_or_before_the_first_blank_line(
    loader: object, file: Written, value: bool
) -> None:
    with patch.object(yaml_reader, "Loader", loader):
        splice = splice_boolean(file.source, "published", value)
        assert splice is not None
        undone = splice_back(splice.result, "published", splice.old, splice.new)
        redone = splice_back(file.source, "published", splice.new, splice.old)
    assert splice.new.rstrip() == (b"published: true" if value else b"published: false")
    heat = next((i for i, line in enumerate(file.lines) if line.startswith(b"heat:")), None)
    blank = next((i for i, line in enumerate(file.lines) if not line.strip()), len(file.lines))
    if heat is not None:
        places = [heat + 1]
    elif blank in file.separators or blank == len(file.lines):
        places = [blank]
    else:  # a blank line inside of a text
        places = [blank, len(file.lines)]
    block = find_block(file.source)
    assert block is not None
    starts = [block.start + len(b"".join(file.lines[:place])) for place in places]
    assert splice.start in starts
    assert splice.result == (file.source[: splice.start] + splice.new + file.source[splice.start :])
    assert undone.result == file.source
    assert redone.result == splice.result
    after = read_front_matter(splice.result)
    assert after.fields["published"] is value
    assert others(dict(after.fields)) == others(dict(read_front_matter(file.source).fields))


@both_parsers
@settings(max_examples=600)
@given(source=soup(), value=st.booleans())
def test_whatever_the_lines_are_a_splice_is_right_or_refused(
    loader: object, source: bytes, value: bool
) -> None:
    with patch.object(yaml_reader, "Loader", loader):
        try:
            splice = splice_boolean(source, "published", value)
        except WriteRefused:
            return
    result = splice.result if splice else source
    block, after = find_block(source), find_block(result)
    assert block is not None
    assert after is not None
    was = loaded(source[block.start : block.end].decode(), loader) or {}
    fields = loaded(result[after.start : after.end].decode(), loader)
    assert fields["published"] is value
    assert others(fields) == others(was)
    if splice:
        with patch.object(yaml_reader, "Loader", loader):
            undone = splice_back(result, "published", splice.old, splice.new)
        assert undone.result == source


@settings(max_examples=300)
@given(source=st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"---\n" + b))
def test_no_bytes_make_reading_fail(source: bytes) -> None:
    front = read_front_matter(source)
    assert front.problems or find_block(source) is not None
    if not begins_front_matter(source):
        assert [p.code for p in front.problems] == ["no-front-matter"]


REFUSED = {
    "no front matter": b"title: x\n",
    "no end": b"---\ntitle: x\n",
    "duplicate key": b"---\npublished: false\npublished: false\n---\n",
    "duplicate of another key": b"---\na: 1\na: 2\npublished: false\n---\n",
    "anchor": b"---\na: &x 1\npublished: false\n---\n",
    "alias": b"---\na: *x\npublished: false\n---\n",
    "merge key": b"---\na: {<<: {b: 1}}\npublished: false\n---\n",
    "braces": b"---\n{published: false}\n---\n",
    "quoted": b'---\npublished: "false"\n---\n',
    "number": b"---\npublished: 0\n---\n",
    "empty": b"---\npublished:\n---\n",
    "list": b"---\npublished: [false]\n---\n",
    "tagged": b"---\npublished: !!bool false\n---\n",
    "not UTF-8": b"---\ntitle: \xff\npublished: false\n---\n",
    "NUL": b"---\ntitle: \0\npublished: false\n---\n",
    "unknown tag": b"---\ntitle: !!python/object:os.system x\npublished: false\n---\n",
    "unclosed quote": b"---\ntitle: 'x\npublished: false\n---\n",
    "too deep": b"---\na: " + b"[" * 100 + b"]" * 100 + b"\npublished: false\n---\n",
    "too large": b"---\npublished: false\na: " + b"x" * 300_000 + b"\n---\n",
    "a list of items": b"---\n- published\n---\n",
    "indented fields without it": b"---\n  a: 1\n  b: 2\n---\n",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_writing_without_certainty_is_refused(source: bytes) -> None:
    with pytest.raises(WriteRefused):
        splice_boolean(source, "published", True)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=repr)
def test_an_added_line_ends_like_the_others(end: bytes) -> None:
    lines = [b"---", b"title: x", b"quality: 1", b"", b"note: y", b"---", b""]
    splice = splice_boolean(end.join(lines), "published", True)
    assert splice is not None
    assert splice.result == end.join([*lines[:3], b"published: true", *lines[3:]])


def test_undo_refuses_when_somebody_else_changed_the_field() -> None:
    source = b"---\npublished: false\n---\n"
    splice = splice_boolean(source, "published", True)
    assert splice is not None
    for theirs in (b"yes", b'"true"', b"", b"[true]"):
        with pytest.raises(FieldChanged):
            splice_back(splice.result.replace(b"true", theirs), "published", splice.old, splice.new)
    with pytest.raises(FieldChanged):
        splice_back(b"---\ntitle: x\n---\n", "published", splice.old, splice.new)


def test_undo_finds_the_field_where_a_bot_moved_it() -> None:
    moved = b"---\nsecured: abc\npublished: true\nheat: 9\n---\n"
    undone = splice_back(moved, "published", b"false", b"true").result
    assert undone == moved.replace(b"true", b"false")


def test_mistakes_in_great_number_are_counted_only_to_a_hundred() -> None:
    front = read_front_matter(b"---\n" + b"a: 1\n" * 20_000 + b"---\n")
    assert len(front.problems) == yaml_reader.MAX_PROBLEMS + 1


@both_parsers
@pytest.mark.parametrize(
    "value",
    ['"\\ud800"',
      '"\\udfff\\ud800"', '"\\UFFFFFFFF"', "!!int ''", "!!float ''", "!!int _", "!!bool x",
     "!!timestamp x", "2020-13-45", "2020-01-01T00:00:00+99:00", "1" + ":1" * 100_000, "9" * 5_000,
     "0x" + "F" * 9_000, "=", "<<", "!!binary '*'"],
    ids=lambda value: value[:20],
)  # fmt: skip
def test_a_value_that_means_nothing_is_a_problem_with_its_line(loader: object, value: str) -> None:
    source = f"---\ntitle: x\na: {value}\n---\n".encode()
    with patch.object(yaml_reader, "Loader", loader):
        front = read_front_matter(source)
    assert front.fields["title"] == "x"
    assert [p.line for p in front.problems] in ([3], [None])
    repr(front.fields).encode("utf-8")
