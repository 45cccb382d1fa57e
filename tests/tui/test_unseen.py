"""Compare, review, publish best and `publish -q` write nothing that the person did not see."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.collection import watcher
from newsdesk.config import load_config
from newsdesk.tui.controllers import refresh
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, contents
from .controllers.test_stories import BETA
from .driving import workspace_on
from .screens.test_compare import compare, site  # noqa: F401 - a fixture
from .screens.test_review import git, opened_with, repository  # noqa: F401 - a fixture

ADVERT = "UNSEEN ADVERT"


@pytest.fixture(autouse=True)
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show nothing of what changes on disk, so that a screen is out of date."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device (inotify watch limit)")

    monkeypatch.setattr(watcher, "_batches", refuse)
    monkeypatch.setattr(refresh, "_COMPARE_SECONDS", 3600.0)


def change_title(file: Path) -> bytes:
    """Give an article another title, as a bot does; return the new content."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [f'title: "{ADVERT}"\n' if line.startswith("title:") else line for line in lines]
    file.write_text("".join(changed), encoding="utf-8")
    return file.read_bytes()


@pytest.mark.parametrize("key", ["p", "P"])
async def test_the_comparison_publishes_no_source_that_changed(
    site: Path,  # noqa: F811
    key: str,
) -> None:
    async with workspace_on(site, size=(160, 40)) as workspace:
        await compare(workspace)
        changed = change_title(site / BETA)
        await workspace.press(key)
        await workspace.until(lambda: f"{ADVERT} changed" in workspace.said)
        assert (site / BETA).read_bytes() == changed


async def test_publishing_the_best_source_from_the_list_compares_it_too(
    site: Path,  # noqa: F811
) -> None:
    async with workspace_on(site) as workspace:
        before = contents(site)
        changed = change_title(site / BETA)
        await workspace.until(lambda: bool(workspace.path))
        while workspace.path != BETA:
            await workspace.press("j")
        await workspace.press("P")
        await workspace.until(lambda: f"{ADVERT} changed" in workspace.said)
        assert contents(site) == {**before, BETA: changed}


@pytest.mark.parametrize("key", ["x", "c"])
async def test_the_review_neither_reverts_nor_commits_what_changed_since(
    repository: Path,  # noqa: F811
    key: str,
) -> None:
    file = repository / "_news/000.md"
    async with workspace_on(repository) as workspace:
        await workspace.press("p")
        await opened_with(workspace, 1)
        changed = change_title(file)
        await workspace.press(key)
        if key == "c":
            await workspace.until(lambda: workspace.dialog == "CommitDialog")
            await workspace.press("ctrl+s")
        await workspace.until(lambda: "changed" in workspace.text)
        await workspace.settled()
    assert file.read_bytes() == changed
    assert git(repository, "rev-list", "--count", "HEAD").strip() == "1"


def test_what_a_query_matched_is_not_published_if_it_changed_meanwhile(make: Make) -> None:
    folder = make(2)
    with closing(Workspace(load_config(str(folder)))) as workspace:
        workspace.refresh()
        rows = workspace.rows(workspace.search(workspace.parse("is:unpublished")))
        seen = {row.path: row.content_key for row in rows}
        changed = change_title(folder / "_news/000.md")
        action = workspace.set_published(list(seen), True, seen=seen)
    assert [(outcome.path, outcome.result) for outcome in action.outcomes] == [
        ("_news/000.md", "refused"),
        ("_news/001.md", "changed"),
    ]
    assert (folder / "_news/000.md").read_bytes() == changed


async def test_a_refusal_shows_the_reason_beside_a_long_path(make: Make) -> None:
    folder = make(1)
    path = f"_news/2021-03-02-{'a-very-long-slug-' * 6}end.md"
    (folder / "_news/000.md").rename(folder / path)
    async with workspace_on(folder, size=(80, 24)) as workspace:
        (folder / path).unlink()
        await workspace.press("p")
        await workspace.until(lambda: "-end.md is no longer there" in workspace.lines[-2])


async def test_the_undo_hint_is_whole_beside_the_counts_at_80_columns(make: Make) -> None:
    title = "A title that is far longer than any terminal of 80 columns would show in one line"
    folder = make([{"title": title, "published": False} for _ in range(1200)])
    async with workspace_on(folder, size=(80, 24)) as workspace:
        await workspace.press("p")
        await workspace.until(lambda: "1 done · 1,199 left" in workspace.lines[-2])
        assert "· u undo " in workspace.lines[-2]
