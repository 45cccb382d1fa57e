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
from ..driving import Session, workspace_on

HOSTILE = "Evil [/b] \x1b[2J\u202e"


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    with time_machine.travel("2020-11-30T21:00:00Z", tick=True):
        yield


async def opened(workspace: Session, *keys: str) -> Dashboard:
    await workspace.press(*keys, "i")
    await workspace.until(lambda: workspace.dialog == "Dashboard")
    return await counted(workspace)


async def counted(workspace: Session) -> Dashboard:
    dashboard = workspace.app.screen
    assert isinstance(dashboard, Dashboard)
    await workspace.until(lambda: "counting" not in workspace.lines[0], "it has counted")
    await workspace.until(
        lambda: all(w.is_finished for w in workspace.app.workers if w.group == "numbers")
    )
    await workspace.drain()
    return dashboard


async def test_it_counts_what_is_shown_and_leaves_the_desk_as_it_was(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("3", "slash", '"topic:AI', "enter", "j", "j")
        await workspace.settled()
        before = (workspace.path, workspace.cursor, workspace.query, workspace.screen.filter)
        await opened(workspace)
        number = len(workspace.found)
        assert workspace.lines[0].split()[:2] == ["All", "·"]
        assert f"topic:AI {number} articles" in " ".join(workspace.lines[0].split())
        await workspace.press("escape")
        await workspace.until(lambda: not workspace.dialog)
        assert (
            workspace.path,
            workspace.cursor,
            workspace.query,
            workspace.screen.filter,
        ) == before
        assert workspace.focus == "articles"


async def test_enter_on_a_day_shows_its_articles(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await opened(workspace, "3")
        await workspace.press("home", "right")
        assert workspace.app.screen.query_one("StatusBar").said.startswith("2020-11-17: ")
        number = int(workspace.app.screen.query_one("StatusBar").said.split()[1])
        await workspace.press("enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert workspace.query == "date:2020-11-17"
        assert workspace.screen.filter.view == ALL
        assert len(workspace.found) == number


async def test_a_cell_opens_as_a_query_of_both_scores(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        dashboard = await opened(workspace, "3")
        await workspace.press("tab")
        assert workspace.focus == "density"
        plot = dashboard.query_one(DensityPane)
        column, row = plot.pointer
        assert plot.plot.counts[row][column] == plot.plot.most  # it begins on the fullest
        await workspace.press("right", "up", "l", "k", "left", "down", "h", "j")
        assert plot.pointer == (column, row)
        await workspace.press("enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert workspace.query == plot.plot.query(column, row)
        assert len(workspace.found) == plot.plot.most


@pytest.mark.parametrize("pane", ["queue", "providers", "topics"])
async def test_a_bar_opens_as_a_query(seeds_to_read: Path, pane: str) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        dashboard = await opened(workspace, "3")
        while workspace.focus != pane:
            await workspace.press("tab")
        await workspace.press("down", "up")
        item = dashboard.query_one(f"#{pane}", BarList).item
        assert item is not None
        await workspace.press("enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert workspace.query == item.query
        assert f": {len(workspace.found)} article" in item.words


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_click_shows_what_was_clicked(seeds_to_read: Path, size: tuple[int, int]) -> None:
    async with workspace_on(seeds_to_read, size=size) as workspace:
        dashboard = await opened(workspace, "3")
        line = dashboard.query_one(TimelinePane)
        # The border above is one line, the numbers on the left are six cells wide.
        await workspace.pilot.click(TimelinePane, offset=(6 + line._step * 2, 3))
        await workspace.until(lambda: not workspace.dialog)
        await workspace.until(lambda: workspace.query == "date:2020-11-18")

        await workspace.press("escape")
        dashboard = await opened(workspace)
        plot = dashboard.query_one(DensityPane)
        rows = len(plot.plot.rows)
        await workspace.pilot.hover(DensityPane, offset=(7, 1))
        await workspace.until(
            lambda: plot.plot.title(0, rows - 1) in dashboard.query_one("StatusBar").said
        )
        await workspace.pilot.click(DensityPane, offset=(7, 1))
        await workspace.until(lambda: not workspace.dialog)
        await workspace.until(lambda: workspace.query == plot.plot.query(0, rows - 1))

        await workspace.press("escape")
        dashboard = await opened(workspace)
        topics = dashboard.query_one("#topics", BarList)
        await workspace.pilot.click("#topics", offset=(3, 2))
        await workspace.until(lambda: not workspace.dialog)
        await workspace.until(lambda: workspace.query == topics._bars[1].query)


async def test_the_keys_of_the_views_count_another_view(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await opened(workspace)
        assert "Unpublished" in workspace.lines[0]
        assert "share published" not in workspace.text
        await workspace.press("3")
        await workspace.until(lambda: workspace.lines[0].startswith(" All"))
        await counted(workspace)
        assert "share published" in workspace.text
        await workspace.press("r")
        await counted(workspace)
        await workspace.press("escape")
        await workspace.until(lambda: not workspace.dialog)
        assert workspace.screen.filter.view.name == "Unpublished"


async def test_opening_narrows_a_query_as_a_whole(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("3", "slash", '"topic:AI OR topic:Space', "enter")
        await workspace.settled()
        among = set(workspace.found)
        await opened(workspace)
        await workspace.press("home", "enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert workspace.found
        assert set(workspace.found) < among
        parse(workspace.query)


async def test_foreign_names_are_shown_safely_and_still_found(make: Make) -> None:
    articles = [
        {"title": "a", "published": False, "topics": [HOSTILE], "provider": {"name": HOSTILE}},
        {"title": "b", "published": False},
    ]
    async with workspace_on(make(articles)) as workspace:
        await opened(workspace)
        assert "Evil [/b] ␛[2J‹RLO›" in workspace.text
        await workspace.press("shift+tab")
        assert workspace.focus == "topics"
        await workspace.press("end", "enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert workspace.found == ["_news/000.md"]


async def test_what_no_query_finds_says_so(make: Make) -> None:
    async with workspace_on(make([{"title": "b", "published": False}])) as workspace:
        dashboard = await opened(workspace)
        assert "No article has a date." in workspace.text
        await workspace.press("shift+tab", "enter")
        assert workspace.dialog == "Dashboard"
        assert dashboard.query_one("StatusBar").said.startswith("No query finds these")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_nothing_to_count_says_what_to_press(make: Make, size: tuple[int, int]) -> None:
    async with workspace_on(make(3), size=size) as workspace:
        await workspace.press("slash", '"nonesuch', "enter")
        await workspace.settled()
        await opened(workspace)
        assert "nothing to count" in workspace.text
        assert "Esc goes back" in workspace.text
        await workspace.press("enter", "tab", "enter", "down", "end", "tab", "enter")
        assert workspace.dialog == "Dashboard"


async def test_a_terminal_of_another_size_keeps_the_place(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        dashboard = await opened(workspace, "3")
        await workspace.press("home", "right", "right")
        line = dashboard.query_one(TimelinePane)
        here = line.item
        for size in ((60, 15), (200, 60), (80, 24)):
            await workspace.pilot.resize_terminal(*size)
            await workspace.drain()
            await workspace.until(lambda: line.item == here)


async def test_help_lies_over_the_dashboard(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await opened(workspace)
        await workspace.press("?")
        await workspace.until(lambda: workspace.dialog == "HelpScreen")
        await workspace.press("escape")
        await workspace.until(lambda: workspace.dialog == "Dashboard")
