"""The dashboard: what it draws, where its keys and clicks lead, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from newsdesk.index.query.parser import parse
from newsdesk.tui.screens.dashboard import Dashboard
from newsdesk.tui.widgets.charts import BarList, DensityPane, TimelinePane
from newsdesk.workspace.views import ALL

from ..conftest import Make
from ..driving import Sitting, desk_on

HOSTILE = "Evil [/b] \x1b[2J\u202e"


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    with time_machine.travel("2020-11-30T21:00:00Z", tick=True):
        yield


async def opened(desk: Sitting, *keys: str) -> Dashboard:
    await desk.press(*keys, "i")
    await desk.until(lambda: desk.dialog == "Dashboard")
    return await counted(desk)


async def counted(desk: Sitting) -> Dashboard:
    dashboard = desk.app.screen
    assert isinstance(dashboard, Dashboard)
    await desk.until(lambda: "counting" not in desk.lines[0], "it has counted")
    await desk.until(lambda: all(w.is_finished for w in desk.app.workers if w.group == "numbers"))
    await desk.drain()
    return dashboard


async def test_it_counts_what_is_shown_and_leaves_the_desk_as_it_was(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("3", "slash", '"topic:AI', "enter", "j", "j")
        await desk.settled()
        before = (desk.path, desk.cursor, desk.query, desk.screen.filter)
        await opened(desk)
        number = len(desk.found)
        assert desk.lines[0].split()[:2] == ["All", "·"]
        assert f"topic:AI {number} articles" in " ".join(desk.lines[0].split())
        await desk.press("escape")
        await desk.until(lambda: not desk.dialog)
        assert (desk.path, desk.cursor, desk.query, desk.screen.filter) == before
        assert desk.focus == "articles"


async def test_enter_on_a_day_shows_its_articles(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await opened(desk, "3")
        await desk.press("home", "right")
        assert desk.app.screen.query_one("StatusLine").said.startswith("2020-11-17: ")
        number = int(desk.app.screen.query_one("StatusLine").said.split()[1])
        await desk.press("enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert desk.query == "date:2020-11-17"
        assert desk.screen.filter.view == ALL
        assert len(desk.found) == number


async def test_a_cell_opens_as_a_query_of_both_scores(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        dashboard = await opened(desk, "3")
        await desk.press("tab")
        assert desk.focus == "density"
        plot = dashboard.query_one(DensityPane)
        column, row = plot.pointer
        assert plot.plot.counts[row][column] == plot.plot.most  # it begins on the fullest
        await desk.press("right", "up", "l", "k", "left", "down", "h", "j")
        assert plot.pointer == (column, row)
        await desk.press("enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert desk.query == plot.plot.query(column, row)
        assert len(desk.found) == plot.plot.most


@pytest.mark.parametrize("pane", ["queue", "providers", "topics"])
async def test_a_bar_opens_as_a_query(seeds_to_read: Path, pane: str) -> None:
    async with desk_on(seeds_to_read) as desk:
        dashboard = await opened(desk, "3")
        while desk.focus != pane:
            await desk.press("tab")
        await desk.press("down", "up")
        item = dashboard.query_one(f"#{pane}", BarList).item
        assert item is not None
        await desk.press("enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert desk.query == item.query
        assert f": {len(desk.found)} article" in item.words


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_click_shows_what_was_clicked(seeds_to_read: Path, size: tuple[int, int]) -> None:
    async with desk_on(seeds_to_read, size=size) as desk:
        dashboard = await opened(desk, "3")
        line = dashboard.query_one(TimelinePane)
        # The border above is one line, the numbers on the left are six cells wide.
        await desk.pilot.click(TimelinePane, offset=(6 + line._step * 2, 3))
        await desk.until(lambda: not desk.dialog)
        await desk.until(lambda: desk.query == "date:2020-11-18")

        await desk.press("escape")
        dashboard = await opened(desk)
        plot = dashboard.query_one(DensityPane)
        rows = len(plot.plot.rows)
        await desk.pilot.hover(DensityPane, offset=(7, 1))
        await desk.until(
            lambda: plot.plot.title(0, rows - 1) in dashboard.query_one("StatusLine").said
        )
        await desk.pilot.click(DensityPane, offset=(7, 1))
        await desk.until(lambda: not desk.dialog)
        await desk.until(lambda: desk.query == plot.plot.query(0, rows - 1))

        await desk.press("escape")
        dashboard = await opened(desk)
        topics = dashboard.query_one("#topics", BarList)
        await desk.pilot.click("#topics", offset=(3, 2))
        await desk.until(lambda: not desk.dialog)
        await desk.until(lambda: desk.query == topics._bars[1].query)


async def test_the_keys_of_the_views_count_another_view(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await opened(desk)
        assert "Unpublished" in desk.lines[0]
        assert "share published" not in desk.text
        await desk.press("3")
        await desk.until(lambda: desk.lines[0].startswith(" All"))
        await counted(desk)
        assert "share published" in desk.text
        await desk.press("r")
        await counted(desk)
        await desk.press("escape")
        await desk.until(lambda: not desk.dialog)
        assert desk.screen.filter.view.name == "Unpublished"


async def test_opening_narrows_a_query_as_a_whole(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("3", "slash", '"topic:AI OR topic:Space', "enter")
        await desk.settled()
        among = set(desk.found)
        await opened(desk)
        await desk.press("home", "enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert desk.found
        assert set(desk.found) < among
        parse(desk.query)


async def test_foreign_names_are_shown_safely_and_still_found(make: Make) -> None:
    articles = [
        {"title": "a", "published": False, "topics": [HOSTILE], "provider": {"name": HOSTILE}},
        {"title": "b", "published": False},
    ]
    async with desk_on(make(articles)) as desk:
        await opened(desk)
        assert "Evil [/b] ␛[2J‹RLO›" in desk.text
        await desk.press("shift+tab")
        assert desk.focus == "topics"
        await desk.press("end", "enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert desk.found == ["_news/000.md"]


async def test_what_no_query_finds_says_so(make: Make) -> None:
    async with desk_on(make([{"title": "b", "published": False}])) as desk:
        dashboard = await opened(desk)
        assert "No article has a date." in desk.text
        await desk.press("shift+tab", "enter")
        assert desk.dialog == "Dashboard"
        assert dashboard.query_one("StatusLine").said.startswith("No query finds these")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_nothing_to_count_says_what_to_press(make: Make, size: tuple[int, int]) -> None:
    async with desk_on(make(3), size=size) as desk:
        await desk.press("slash", '"nonesuch', "enter")
        await desk.settled()
        await opened(desk)
        assert "nothing to count" in desk.text
        assert "Esc goes back" in desk.text
        await desk.press("enter", "tab", "enter", "down", "end", "tab", "enter")
        assert desk.dialog == "Dashboard"


async def test_a_terminal_of_another_size_keeps_the_place(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        dashboard = await opened(desk, "3")
        await desk.press("home", "right", "right")
        line = dashboard.query_one(TimelinePane)
        here = line.item
        for size in ((60, 15), (200, 60), (80, 24)):
            await desk.pilot.resize_terminal(*size)
            await desk.drain()
            await desk.until(lambda: line.item == here)


async def test_help_lies_over_the_dashboard(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await opened(desk)
        await desk.press("?")
        await desk.until(lambda: desk.dialog == "HelpScreen")
        await desk.press("escape")
        await desk.until(lambda: desk.dialog == "Dashboard")
