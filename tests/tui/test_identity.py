"""What is written is what the person saw: no other article, and no other text."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.collection import watcher
from newsdesk.tui.controllers import refresh
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, article_text
from .driving import workspace_on

FIRST, SECOND, THIRD = (f"_news/{number:03d}.md" for number in range(3))


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the system unable to watch folders, as where inotify's limit is reached."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device (inotify watch limit)")

    monkeypatch.setattr(watcher, "_batches", refuse)
    monkeypatch.setattr(refresh, "_COMPARE_SECONDS", 3600.0)  # later than any test


def rewrite(file: Path, **changes: object) -> None:
    """Write an article as a bot does: some fields are other ones, all else is as in `make`."""
    number = int(file.stem)
    fields: dict[str, object] = {
        "title": f"Story {number:03d}",
        "heat": 1000 - number,
        "quality": number % 100,
        "published": False,
        "webUrl": f"https://site-{number}.example/story",
    }
    file.write_text(article_text(**fields | changes), encoding="utf-8")


def is_published(folder: Path, path: str) -> bool:
    return "published: true" in (folder / path).read_text(encoding="utf-8")


CHANGES = [
    {"title": "UNSEEN ADVERT"},
    {"excerpt": "Buy now"},
    {"webUrl": "https://elsewhere.example/"},
    {"topics": ["Robotics"]},
    {"body": "Buy now"},
]


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
async def test_what_changed_since_it_was_seen_is_shown_and_not_written(
    make: Make, change: dict[str, object]
) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        rewrite(folder / FIRST, **change)
        await workspace.press("p")
        await workspace.until(lambda: "changed since you saw it · p again" in workspace.said)
        assert len(workspace.said) <= 60
        assert not is_published(folder, FIRST)
        await workspace.settled()
        assert workspace.path == FIRST
        for text in change.values():
            assert (text[0] if isinstance(text, list) else str(text)) in workspace.text
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        assert is_published(folder, FIRST)


@pytest.mark.usefixtures("unwatched")
async def test_what_a_bot_rewrites_besides_is_no_reason_to_refuse(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        rewrite(folder / FIRST, heat=1, secured="QUJD", quality=3)
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        text = (folder / FIRST).read_text(encoding="utf-8")
        assert "published: true" in text
        assert 'secured: "QUJD"' in text


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("key", ["p", "x", "space"])
async def test_of_the_marked_only_what_changed_or_is_gone_is_left_out(make: Make, key: str) -> None:
    folder = make(4)
    async with workspace_on(folder) as workspace:
        await workspace.press("m", "m", "m", "m")
        rewrite(folder / FIRST, title="UNSEEN ADVERT")
        (folder / SECOND).unlink()
        await workspace.press(key)
        await workspace.until(
            lambda: "UNSEEN ADVERT changed since you saw it (and 1 more)" in workspace.said
        )
        (entry,) = workspace.screen.workspace.log(1)
        done = {change.path for change in entry.changes if change.state == "done"}
        assert done == {THIRD, "_news/003.md"}
        assert not is_published(folder, FIRST)
        assert len(workspace.said) <= 60


@pytest.mark.usefixtures("unwatched")
async def test_a_question_about_many_is_about_what_was_shown_then(make: Make) -> None:
    folder = make(30)
    async with workspace_on(folder) as workspace:
        await workspace.press("*", "p")
        await workspace.until(lambda: workspace.dialog == "Confirm")
        rewrite(folder / SECOND, title="UNSEEN ADVERT")
        await workspace.press("y")
        await workspace.until(lambda: "UNSEEN ADVERT changed" in workspace.said)
        published = {path for path in _paths(folder) if is_published(folder, path)}
        assert published == set(_paths(folder)) - {SECOND}


def _paths(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.md"))


# -- ids -----------------------------------------------------------------------------------------


def replace_first(folder: Path) -> str:
    """Delete the first file and add another unpublished one, as a `git pull` that renames does."""
    added = "_news/renamed.md"
    (folder / FIRST).unlink()
    (folder / added).write_text(
        article_text(title="Another one", heat=5, published=False), encoding="utf-8"
    )
    return added


@pytest.mark.parametrize("keys", [(), ("m",)], ids=["cursor", "mark"])
async def test_a_row_never_becomes_another_article(make: Make, keys: tuple[str, ...]) -> None:
    folder = make(1)
    async with workspace_on(folder) as workspace:
        await workspace.press(*keys)
        added = replace_first(folder)
        await workspace.until(
            lambda: "1 new on disk" in workspace.said or "1 new" in workspace.said
        )
        await workspace.settled()
        assert "Another one" not in workspace.text
        await workspace.press("p")
        await workspace.until(lambda: f"{FIRST} is no longer there" in workspace.said)
        assert not is_published(folder, added)


@pytest.mark.parametrize("how", ["rebuilt", "deleted"])
async def test_marks_and_cursor_stay_on_their_articles_when_the_index_is_made_anew(
    make: Make, how: str
) -> None:
    folder = make(5)
    async with workspace_on(folder) as workspace:
        await workspace.press("j", "m", "j")
        # What was first is last in the new index, so that every id would mean another article.
        (folder / FIRST).rename(folder / "_news/zzz.md")
        await workspace.until(lambda: "1 new" in workspace.said)
        if how == "rebuilt":
            with closing(Workspace(workspace.screen.workspace.config)) as other:
                other.rebuild()
                other.refresh()
        else:
            for file in workspace.screen.workspace.store.path.parent.glob("*.index.db*"):
                file.unlink()
        await workspace.press("r")
        await workspace.settled()
        await workspace.until(lambda: len(workspace.paths) == 5)
        assert workspace.path == "_news/003.md"
        assert [mark.path for mark in workspace.screen.articles.marked] == [SECOND]
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        assert {path for path in _paths(folder) if is_published(folder, path)} == {SECOND}


# -- folders that cannot be watched ----------------------------------------------------------------


@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("reason", ["refused", "network disk"])
async def test_a_folder_that_cannot_be_watched_is_compared_now_and_then(
    make: Make, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    if reason == "network disk":
        monkeypatch.undo()
        monkeypatch.setattr(watcher, "_file_system", lambda root: "nfs4")
    monkeypatch.setattr(refresh, "_COMPARE_SECONDS", 0.1)
    folder = make(3)
    async with workspace_on(folder, settle=False) as workspace:
        await workspace.until(lambda: "Cannot watch the folder" in workspace.said)
        await workspace.until(lambda: workspace.path == FIRST)
        rewrite(folder / FIRST, title="A better title")
        await workspace.until(
            lambda: workspace.text.count("A better title") >= 2, "in list and article"
        )
