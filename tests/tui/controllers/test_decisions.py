"""What a decision replaces, what it leaves out, and what readers see after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from ..conftest import Make
from ..driving import Session, workspace_on


def published(folder: Path) -> int:
    return sum(b"published: true" in file.read_bytes() for file in folder.rglob("*.md"))


def row_of(workspace: Session, title: str) -> str:
    return next(line for line in workspace.region("#articles") if title in line)


@pytest.mark.parametrize(
    ("key", "word", "glyph"), [("x", "Rejected", "✕"), ("space", "For later", "◷")]
)
async def test_rejecting_a_published_article_says_that_readers_still_see_it(
    key: str, word: str, glyph: str, make: Make
) -> None:
    async with workspace_on(make(2)) as workspace:
        title = workspace.screen.articles.row.title  # type: ignore[union-attr]
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        await workspace.press("k", key)
        await workspace.until(
            lambda: workspace.said.startswith(f"{word} · still published · d unpublish")
        )
        await workspace.settled()
        assert len(workspace.said) <= 60
        signs = row_of(workspace, title)[:7]
        assert "●" in signs
        assert glyph in signs


async def marked_all(workspace: Session, keys: Sequence[str]) -> None:
    """Decide on the first articles with one key each, then mark all articles there are."""
    for key in keys:
        await workspace.press(key)
        await workspace.settled()
    await workspace.press("3")
    await workspace.settled()
    await workspace.press("*")
    await workspace.settled()


@pytest.mark.parametrize(
    ("key", "question", "number"),
    [
        ("p", "Publish 7 unpublished? 1 rejected, 1 for later, 1 published left out", 8),
        ("x", "", 1),
        ("d", "", 0),
    ],
)
async def test_a_bulk_decision_names_what_it_leaves_out(
    key: str, question: str, number: int, make: Make
) -> None:
    folder = make(10)
    async with workspace_on(folder) as workspace:
        await marked_all(workspace, ("p", "x", "space"))
        await workspace.press(key)
        if question:
            await workspace.until(lambda: workspace.dialog == "Confirm")
            asked = " ".join(re.sub("[│╭╮╰╯─]", " ", workspace.text).split())
            assert question in asked
            assert published(folder) == 1
            await workspace.press("y")
        await workspace.until(lambda: published(folder) == number)
        await workspace.settled()
        assert len(
            workspace.screen.workspace.search(workspace.screen.workspace.parse("is:rejected"))
        ) == (10 if key == "x" else 1)
        if key == "x":
            assert "1 still published" in workspace.said


async def test_rejected_articles_that_are_marked_alone_are_published(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        await workspace.press("x", "x")
        await workspace.settled()
        await workspace.press("5")
        await workspace.settled()
        await workspace.press("*", "p")
        await workspace.until(lambda: published(folder) == 2)
        await workspace.settled()
        await workspace.press("5")
        await workspace.settled()
        assert workspace.paths == []
