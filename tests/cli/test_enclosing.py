"""From a folder within a collection newsdesk finds that collection, as git finds a repository."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from newsdesk.enclosing import EnclosingCollection, find_enclosing_collection

from .conftest import Make, Newsdesk, article_file

OFF = article_file(published="false")


@pytest.fixture
def site(make: Make) -> Newsdesk:
    """A collection that no variable names, with articles of one name in two of its folders."""
    files = {"_news/a.md": OFF, "_news/deep/b.md": OFF, "b.md": OFF, ".newsdesk.toml": ""}
    return make(files, NEWSDESK_COLLECTION="")


def test_a_decision_made_below_is_undone_above(site: Newsdesk) -> None:
    done = site("publish", "a.md", cwd=site.folder / "_news")
    assert done.lines == ["changed    _news/a.md"]
    assert done.err == f"newsdesk: Collection: {site.folder} (it has .newsdesk.toml)\n"
    undone = site("undo", cwd=site.folder)
    assert (undone.lines, undone.err) == (["changed    _news/a.md"], "")


def test_paths_are_relative_to_where_one_is(site: Newsdesk) -> None:
    here = site.folder / "_news/deep"
    assert json.loads(site("show", "b.md", "--json", cwd=here).out)["path"] == "_news/deep/b.md"
    done = site("publish", "../../b.md", "../a.md", "_news/deep/b.md", cwd=here)
    assert done.lines == [
        f"changed    {path}" for path in ("b.md", "_news/a.md", "_news/deep/b.md")
    ]
    outside = site("publish", "../../../x.md", cwd=here)
    assert (outside.code, "is not in the collection" in outside.err) == (1, True)


def test_a_pipe_from_list_means_the_same_articles_everywhere(site: Newsdesk) -> None:
    here = site.folder / "_news/deep"
    listed = site("list", "--paths", "path:b.md", "-path:deep", cwd=here)
    assert listed.lines == ["b.md"]  # and there is another b.md here
    assert site("publish", "-", given=listed.out, cwd=here).lines == ["changed    b.md"]
    found = site("publish", "-", given=b"./b.md\n../a.md\n", cwd=here)
    assert found.lines == ["changed    _news/deep/b.md", "changed    _news/a.md"]


def test_a_named_folder_is_exactly_that_folder(site: Newsdesk) -> None:
    below = site.folder / "_news"
    named = site("-C", ".", "list", "--paths", cwd=below)
    assert (sorted(named.lines), named.err) == (["a.md", "deep/b.md"], "")
    by_variable = Newsdesk(site.folder, site.home, {"NEWSDESK_COLLECTION": str(below)})
    listed = by_variable("list", "--paths", cwd=site.folder)
    assert (sorted(listed.lines), listed.err) == (["a.md", "deep/b.md"], "")


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ({"_config.yml": "title: x\n"}, "it has _config.yml"),
        ({"hugo.toml": "title = 'x'\n"}, "it has hugo.toml"),
        ({"config.toml": "", "archetypes/default.md": ""}, "it has config.toml"),
        ({"astro.config.mjs": ""}, "it has astro.config.mjs"),
    ],
)
def test_the_configuration_of_a_site_marks_its_folder(
    above: dict[str, str], reason: str, make: Make
) -> None:
    newsdesk = make({"content/a.md": OFF, **above}, NEWSDESK_COLLECTION="")
    done = newsdesk("list", "--paths", cwd=newsdesk.folder / "content")
    assert "content/a.md" in done.lines
    assert done.err == f"newsdesk: Collection: {newsdesk.folder} ({reason})\n"


def test_a_collection_that_was_opened_before_is_found(make: Make) -> None:
    newsdesk = make({"_news/a.md": OFF, "_news/deep/b.md": OFF}, NEWSDESK_COLLECTION="")
    below = newsdesk.folder / "_news"
    alone = newsdesk("list", "--paths", cwd=below / "deep")
    assert (alone.lines, alone.err) == (["b.md"], "")  # nothing tells of another
    newsdesk("-C", str(newsdesk.folder), "publish", "_news/a.md")
    done = newsdesk("list", "--paths", cwd=below / "deep")
    assert sorted(done.lines) == ["_news/a.md", "_news/deep/b.md"]
    assert "it has decisions" in done.err


def upward(start: Path, opened: Path | None = None) -> EnclosingCollection | None:
    return find_enclosing_collection(start, lambda folder: False, lambda folder: folder == opened)


def test_the_nearest_with_settings_comes_before_one_that_was_opened(tmp_path: Path) -> None:
    below = tmp_path / "site/_news/deep"
    below.mkdir(parents=True)
    assert upward(below) is None
    found = upward(below, tmp_path / "site")
    assert found == EnclosingCollection(tmp_path / "site", "it was opened before")
    (tmp_path / "site/.newsdesk.toml").touch()
    found = upward(below, below)
    assert found == EnclosingCollection(tmp_path / "site", "it has .newsdesk.toml")
    (below / ".newsdesk.toml").touch()
    assert upward(below) is None


def test_neither_home_nor_folders_of_strangers_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "site/_news"
    below.mkdir(parents=True)
    (tmp_path / "site/.newsdesk.toml").touch()
    assert upward(below) is not None
    monkeypatch.setenv("HOME", str(tmp_path / "site"))
    assert upward(below) is None
    assert upward(tmp_path / "site/_news") is None
    monkeypatch.setenv("HOME", "/nonesuch")
    (tmp_path / "site").chmod(0o777)
    assert upward(below) is None
    (tmp_path / "site").chmod(0o755)
    if os.geteuid() == 0:
        os.chown(tmp_path / "site", 12345, 12345)
        assert upward(below) is None
        os.chown(below, 12345, 12345)  # a shared checkout: all of it belongs to one of them
        assert upward(below) is not None
