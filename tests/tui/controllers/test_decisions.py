"""What a decision replaces, what it leaves out, and what readers see after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from ..conftest import Make
from ..driving import Sitting, desk_on


def published(folder: Path) -> int:
    return sum(b"published: true" in file.read_bytes() for file in folder.rglob("*.md"))


def row_of(desk: Sitting, title: str) -> str:
    return next(line for line in desk.region("#articles") if title in line)


@pytest.mark.parametrize(
    ("key", "word", "glyph"), [("x", "Rejected", "✕"), ("space", "For later", "◷")]
)
async def test_rejecting_a_published_article_says_that_readers_still_see_it(
    key: str, word: str, glyph: str, make: Make
) -> None:
    async with desk_on(make(2)) as desk:
        title = desk.screen.articles.row.title  # type: ignore[union-attr]
        await desk.press("p")
        await desk.until(lambda: desk.said.startswith("Published"))
        await desk.press("k", key)
        await desk.until(lambda: desk.said.startswith(f"{word} · still published · d unpublishes"))
        await desk.settled()
        assert len(desk.said) <= 60
        signs = row_of(desk, title)[:7]
        assert "●" in signs
        assert glyph in signs


async def marked_all(desk: Sitting, keys: Sequence[str]) -> None:
    """Decide on the first articles with one key each, then mark all articles there are."""
    for key in keys:
        await desk.press(key)
        await desk.settled()
    await desk.press("3")
    await desk.settled()
    await desk.press("*")
    await desk.settled()


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
    async with desk_on(folder) as desk:
        await marked_all(desk, ("p", "x", "space"))
        await desk.press(key)
        if question:
            await desk.until(lambda: desk.dialog == "Confirm")
            asked = " ".join(re.sub("[│╭╮╰╯─]", " ", desk.text).split())
            assert question in asked
            assert published(folder) == 1
            await desk.press("y")
        await desk.until(lambda: published(folder) == number)
        await desk.settled()
        assert len(desk.screen.desk.search(desk.screen.desk.parse("is:rejected"))) == (
            10 if key == "x" else 1
        )
        if key == "x":
            assert "1 still published" in desk.said


async def test_rejected_articles_that_are_marked_alone_are_published(make: Make) -> None:
    folder = make(3)
    async with desk_on(folder) as desk:
        await desk.press("x", "x")
        await desk.settled()
        await desk.press("5")
        await desk.settled()
        await desk.press("*", "p")
        await desk.until(lambda: published(folder) == 2)
        await desk.settled()
        await desk.press("5")
        await desk.settled()
        assert desk.paths == []
