"""Two newsdesks on one collection: what the other one decides shows, and undo asks about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsdesk.workspace.editorial_state import REJECTED, YES
from newsdesk.workspace.workspace import Workspace

from .conftest import Make
from .driving import config_for, workspace_on


@contextmanager
def another_newsdesk(folder: Path) -> Iterator[Workspace]:
    other = Workspace(config_for(folder))
    try:
        yield other
    finally:
        other.close()


def line_of(lines: list[str], title: str) -> str:
    return next(line for line in lines if title in line)


async def test_what_another_newsdesk_decides_shows_in_the_rows_and_the_counts(make: Make) -> None:
    folder = make(4)
    async with workspace_on(folder) as workspace:
        first, second = workspace.paths[:2]
        titles = [
            row.title for row in workspace.screen.workspace.rows(workspace.screen.articles.ids)
        ]
        with another_newsdesk(folder) as other:
            await asyncio.to_thread(other.set_published, [first], True)
            await workspace.until(lambda: "●" in line_of(workspace.region("#articles"), titles[0]))
            await workspace.until(lambda: "Unpublished 3  2 Published 1" in workspace.text)
            await asyncio.to_thread(other.decide, [second], REJECTED, YES, "reject")
            await workspace.until(lambda: "✕" in line_of(workspace.region("#articles"), titles[1]))
            await workspace.until(lambda: "5 Rejected 1" in workspace.text)


@pytest.mark.parametrize("answer", ["n", "y"])
async def test_undo_asks_before_it_takes_a_decision_of_a_newsdesk_that_runs(
    answer: str, make: Make
) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        path, title = workspace.path, workspace.screen.articles.row.title  # type: ignore[union-attr]
        before = (folder / path).read_bytes()
        with another_newsdesk(folder) as other:
            await asyncio.to_thread(other.set_published, [path], True)
            after = (folder / path).read_bytes()
            await workspace.press("u")
            await workspace.until(lambda: workspace.dialog == "Confirm")
            assert "decided last: publish" in " ".join(workspace.text.split())
            assert title in workspace.text
            assert (folder / path).read_bytes() == after
            await workspace.press(answer)
            await workspace.until(lambda: not workspace.dialog)
            await workspace.settled()
            assert (folder / path).read_bytes() == (before if answer == "y" else after)
