"""Which files of a site are articles, and its own ways of writing dates, topics and relations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsdesk.collection.parser import read_article
from newsdesk.collection.profile import HUGO, JEKYLL, PROFILES
from newsdesk.config import load_config
from newsdesk.workspace.workspace import Workspace

ARTICLE = b"---\ntitle: x\n---\n"
Listed = Callable[..., set[str]]


def paths_in(workspace: Workspace) -> set[str]:
    """Return the paths of all articles in the index."""
    return {row.path for row in workspace.rows(workspace.search(workspace.parse("")))}


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listed:
    """Return a function that makes a collection and returns the paths of its articles."""
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))

    def made(profile: str, paths: list[str], **files: bytes) -> set[str]:
        monkeypatch.setenv("NEWSDESK_PROFILE", profile)
        root = tmp_path / "site"
        for path, source in {**dict.fromkeys(paths, ARTICLE), **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(source)
        workspace = Workspace(load_config(str(root)))
        try:
            workspace.refresh()
            listed = paths_in(workspace)
            workspace.reread(paths)  # as after a watched change, or a write
            assert paths_in(workspace) == listed
            return listed
        finally:
            workspace.close()

    return made


def test_every_ending_that_generators_build_is_listed(listed: Listed) -> None:
    endings = "md MD Md markdown MARKDOWN mkd mkdn mkdown mdown htm HTM html HTML mdx txt TXT"
    paths = [f"a{number}.{ending}" for number, ending in enumerate(endings.split())]
    assert listed("jekyll", paths) == set(paths)


@pytest.mark.parametrize(
    "opening", [b"\n---\n", b" \n\n---\n", b"------\n", b"--- # c\n", b" ---\n"], ids=repr
)
def test_a_front_matter_that_begins_oddly_is_listed(listed: Listed, opening: bytes) -> None:
    files = {"odd.md": opening + b"draft: true\n---\n", "rule.md": b"------\nNo front matter\n"}
    assert listed("hugo", ["a.md"], **files) == {"a.md", "odd.md"}


# Recorded: what Jekyll 4.3.1 leaves out of these files.
TREE = (
    "foo.md foobar.md sub/foo.md ex/a.md ex2/a.md _news/ex.md _news/drop/c.md deep/er/a.md "
    "keep/x.md keep/in.md st1.md st2.md"
).split()
EXCLUDED = [
    ("exclude: [foo.md]", {"foo.md"}),
    ("exclude: [foo]", {"foo.md", "foobar.md"}),
    ('exclude: ["foo*"]', {"foo.md", "foobar.md"}),
    ("exclude: [ex/]", {"ex/a.md"}),
    ("exclude: [ex]", {"ex/a.md", "ex2/a.md"}),
    ('exclude: ["sub/*"]', {"sub/foo.md"}),
    ('exclude: ["**/foo.md"]', {"sub/foo.md"}),
    ("exclude: [_news/drop/]", {"_news/drop/c.md"}),
    ("exclude: [/foo.md]", {"foo.md"}),
    ("exclude: [./foo.md]", set()),
    ("exclude: [FOO.md]", set()),
    ('exclude: ["st[12].md"]', {"st1.md", "st2.md"}),
    ('exclude: ["*/er"]', {"deep/er/a.md"}),
    ("exclude: [keep]\ninclude: [keep/in.md]", {"keep/x.md"}),
    ("exclude: []", set()),
]


@pytest.mark.parametrize(("configuration", "missing"), EXCLUDED, ids=[c for c, _ in EXCLUDED])
def test_what_jekyll_excludes_is_no_article(
    listed: Listed, configuration: str, missing: set[str]
) -> None:
    config = {"_config.yml": f"{configuration}\n".encode()}
    assert listed("jekyll", TREE, **config) == set(TREE) - missing


def test_folders_of_the_generator_hold_no_articles(listed: Listed) -> None:
    jekyll = ["_layouts/a.md", "_includes/a.md", "_sass/a.md", "docs/_layouts/b.html"]
    assert listed("jekyll", ["layouts/a.md", *jekyll]) == {"layouts/a.md"}


def test_folders_of_a_hugo_site_hold_no_articles_and_those_of_its_content_do(
    listed: Listed,
) -> None:
    own = [f"{name}/a.md" for name in ("archetypes", "layouts", "themes/t/content", "static")]
    content = ["content/static/a.md", "content/a.md"]
    assert listed("hugo", [*own, *content], **{"hugo.toml": b""}) == set(content)


DATES = [  # as jekyll 4.3.1 and hugo 0.168 print them, None where the build stops
    ("2024/01/02", "2024-01-02T00:00", None),
    ("2024-1-2", "2024-01-02T00:00", None),
    ("2024-01-02 10:00", "2024-01-02T10:00", None),
    ("2024-01-02 10:00:00", "2024-01-02T10:00", "2024-01-02T10:00"),
    ("2024-01-02 10:00:00 UTC", "2024-01-02T10:00", None),
    ("2024-01-02 10:00:00 PST", "2024-01-02T18:00", None),
    ("2024-01-02 10:00:00 EST", "2024-01-02T15:00", None),
    ("2024-01-02 10:00:00 +0100", "2024-01-02T09:00", "2024-01-02T09:00"),
    ("2024-01-02 10:00 +0100", "2024-01-02T09:00", None),
    ("Tue, 02 Jan 2024 10:00:00 +0100", "2024-01-02T09:00", "2024-01-02T09:00"),
    ("02 Jan 2024", "2024-01-02T00:00", "2024-01-02T00:00"),
    ("Jan 2, 2024", "2024-01-02T00:00", None),
    ("January 2, 2024", "2024-01-02T00:00", None),
    ("02/01/2024", "2024-01-02T00:00", None),
    ("2024-1-2 9:05:00", "2024-01-02T09:05", None),
    ("2024-01-02T10:00:00.123Z", "2024-01-02T10:00", "2024-01-02T10:00"),
    ("2024-01-02t10:00:00z", "2024-01-02T10:00", None),
    ("nonsense", None, None),
]


@pytest.mark.parametrize(("text", "jekyll", "hugo"), DATES, ids=[row[0] for row in DATES])
def test_a_date_is_read_as_the_generator_reads_it(
    text: str, jekyll: str | None, hugo: str | None
) -> None:
    for profile, answer in ((JEKYLL, jekyll), (HUGO, hugo)):
        for quote in ("", "'"):
            article = read_article(
                "a.md", f"---\ndate: {quote}{text}{quote}\n---\n".encode(), profile
            )
            moment = article.published_at and article.published_at.strftime("%Y-%m-%dT%H:%M")
            assert moment == answer, (profile.name, quote)
            told = {problem.code for problem in article.problems}
            assert ("date" in told) is (answer is None)


def test_rfc_3339_may_have_small_letters() -> None:
    article = read_article("a.md", b"---\npublishedDateTime: 2024-01-02t10:00:00z\n---\n")
    assert article.published_at == datetime(2024, 1, 2, 10, tzinfo=UTC)


def test_lastmod_alone_is_the_date_of_a_hugo_page() -> None:
    article = read_article("a.md", b"---\nLastMod: 2024-01-02\n---\n", HUGO)
    assert article.published_at == datetime(2024, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("_posts/2024-01-02-a.md", "2024-01-02"),
        ("news/_posts/sub/2024-1-2-a.md", "2024-01-02"),
        ("2024-01-02-a.md", "2024-01-02"),
        ("_posts/a.md", None),
        ("_news/2024-01-02-a.md", None),
        ("_posts/2024-13-02-a.md", None),
    ],
)
def test_a_post_without_a_date_has_that_of_its_file_name(path: str, expected: str | None) -> None:
    moment = read_article(path, ARTICLE).published_at
    assert (moment and moment.strftime("%Y-%m-%d")) == expected
    dated = read_article(path, b"---\ndate: 2020-05-06\n---\n").published_at
    assert dated == datetime(2020, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "jekyll", "others"),
    [
        ("tags: one two", ["one", "two"], ["one two"]),
        ("tag: single", ["single"], ["single"]),
        ("tag: a\ntags: [b]", ["a"], ["a"]),
        (
            "tags: [one two, b]\ncategories: x y",
            ["one two", "b", "x", "y"],
            ["one two", "b", "x y"],
        ),
        ("topics: [A]\ntags: [b]\ncategories: [c]", ["A"], ["A"]),
        ("topics: two words", ["two words"], ["two words"]),
        ("category: c", [], []),
    ],
)
def test_topics_are_topics_or_tags_and_categories(
    fields: str, jekyll: list[str], others: list[str]
) -> None:
    for profile in PROFILES.values():
        article = read_article("a.md", f"---\n{fields}\n---\n".encode(), profile)
        assert list(article.topics) == (jekyll if profile is JEKYLL else others)
    assert read_article("a.md", b"---\ncategory: c\n---\n").category == "c"


def test_slugs_as_relations_and_numbers_as_titles_are_no_problems() -> None:
    article = read_article("a.md", b"---\ntitle: 1984\nrelated: [one, two]\ntags: [2020]\n---\n")
    assert article.problems == ()
    assert article.title == "1984"
    assert [entry.title for entry in article.related] == ["one", "two"]
    odd = read_article("a.md", b"---\ntitle: 16:45:00\n---\n")
    assert [problem.code for problem in odd.problems] == ["not-text"]


def test_hugo_reads_all_fields_in_any_case() -> None:
    yaml = b"---\nTitle: a\nDATE: 2024-01-02\nTags: [x]\nDescription: d\n---\n"
    toml = b"+++\nTitle = 'a'\nDATE = 2024-01-02\nTags = ['x']\nDescription = 'd'\n+++\n"
    for source in (yaml, toml):
        article = read_article("a.md", source, HUGO)
        assert (article.title, article.topics, article.excerpt) == ("a", ("x",), "d")
        assert article.published_at == datetime(2024, 1, 2, tzinfo=UTC)
        assert article.problems == ()
        assert article.other == {}
