"""How the desk looks, compared with pictures that somebody has looked at.

`pytest tests/tui/test_looks.py --snapshot-update` takes new ones; look at them before you keep
them. A difference leaves the new picture beside the test's other files and names it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from .conftest import Make
from .controllers.test_stories import BETA, ROWS, at
from .driving import Session, workspace_on

SIZES = [(80, 24), (120, 40), (200, 60)]
THEMES = ["newsdesk-dark", "newsprint"]


class _Evening(datetime):
    """The clock on the evening of the last of the seeds."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2020, 11, 30, 21, 0, tzinfo=UTC).astimezone(tz)


@pytest.fixture(autouse=True)
def _evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.tui.widgets.lists.article_list.datetime", _Evening)
    monkeypatch.setattr("newsdesk.text.datetime", _Evening)
    monkeypatch.setattr("newsdesk.tui.screens.dashboard.datetime", _Evening)


class ImagesController(SVGImageExtension):
    """Pictures without what says nothing: a third of the size, and all of the difference."""

    def serialize(self, data: object, **options: object) -> str:
        svg = super().serialize(data, **options)
        svg = re.sub(r' (clip-path|shape-rendering|textLength)="[^"]*"', "", svg)
        svg = re.sub(r"\s*<clipPath id=\"terminal-line-\d+\">.*?</clipPath>", "", svg, flags=re.S)
        svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S)
        svg = re.sub(r"terminal-(?:\d+-)?(r\d+|matrix|title)", r"\1", svg)
        return re.sub(r"[ \t]*\n\s*", "\n", svg)


class Album:
    """Compares one picture after the other, and tells of all that differ."""

    def __init__(self, snapshot: SnapshotAssertion, folder: Path) -> None:
        self._snapshot = snapshot.use_extension(ImagesController)
        self._folder = folder
        self.different: list[str] = []

    async def take(self, workspace: Session, name: str) -> None:
        await workspace.settled()
        await workspace.pilot.wait_for_scheduled_animations()
        svg = workspace.app.export_screenshot(title="newsdesk", simplify=True)
        if self._snapshot(name=name) != svg:
            new = self._folder / f"{name}.svg"
            new.write_text(svg, encoding="utf-8")
            self.different.append(str(new))


@pytest.fixture
def album(snapshot: SnapshotAssertion, tmp_path: Path) -> Album:
    return Album(snapshot, tmp_path)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_desk_looks_as_it_did(
    seeds_to_read: Path, album: Album, size: tuple[int, int], theme: str
) -> None:
    async with workspace_on(seeds_to_read, size=size, theme=theme) as workspace:
        await album.take(workspace, "desk")
        await workspace.press("enter")
        await album.take(workspace, "detail focused")
        await workspace.press("escape", "t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.press("space", "down", "space")
        await album.take(workspace, "topic picker")
        await workspace.press("escape", "s")
        await workspace.until(lambda: workspace.dialog)
        await album.take(workspace, "sort menu")
        await workspace.press("escape", "?")
        await workspace.until(lambda: workspace.dialog == "HelpScreen")
        await album.take(workspace, "help")
        await workspace.press("escape", "slash", '"nosuchword', "enter")
        await album.take(workspace, "filtered to nothing")
        await workspace.press("escape", "slash", '"qualty:>=50', "enter")
        await album.take(workspace, "a mistake in the query")
        await workspace.press("slash", "escape", "escape", "3", "i")
        await workspace.until(lambda: workspace.dialog == "Dashboard")
        await workspace.press("tab")
        await album.take(workspace, "dashboard")
    assert album.different == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_an_empty_folder_looks_as_it_did(
    make: Make, album: Album, size: tuple[int, int], theme: str
) -> None:
    async with workspace_on(make(0), size=size, theme=theme) as workspace:
        await album.take(workspace, "empty folder")
    assert album.different == []


@pytest.mark.parametrize(("size", "theme"), zip(SIZES, [*THEMES, "newsdesk-dark"], strict=True))
async def test_stories_look_as_they_did(
    make: Make, album: Album, size: tuple[int, int], theme: str
) -> None:
    async with workspace_on(make(ROWS), size=size, theme=theme) as workspace:
        await at(workspace, BETA)
        await workspace.press("right", "j", "m")
        await album.take(workspace, "an unfolded story")
        await workspace.press("c")
        await workspace.until(
            lambda: workspace.dialog == "CompareScreen" and workspace.app.screen.pane.source
        )
        await album.take(workspace, "its sources compared")
    assert album.different == []


@pytest.mark.parametrize("theme", THEMES)
async def test_what_colour_says_can_be_told_apart_by_its_contrast(
    seeds_to_read: Path, theme: str
) -> None:
    """Text in the list stands out from its background by at least 3 to 1 (WCAG, large text)."""
    async with workspace_on(seeds_to_read, theme=theme) as workspace:
        for strip in workspace.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                if not segment.text.strip(" ▐│─━") or style is None:
                    continue
                if style.color is None or style.bgcolor is None or style.dim:
                    continue
                assert _contrast(style.color.triplet, style.bgcolor.triplet) >= 3, segment


def _contrast(one: tuple[int, int, int] | None, other: tuple[int, int, int] | None) -> float:
    if one is None or other is None:
        return 21

    def luminance(colour: tuple[int, int, int]) -> float:
        red, green, blue = (
            part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
            for part in colour
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
