"""Stories in the desk: folded, published from, compared; with keys and with the mouse."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Mapping
from pathlib import Path

import pytest

from newsdesk.errors import Cancelled
from newsdesk.workspace.stories.builder import GroupingProgress
from newsdesk.workspace.stories.service import StoryService

from ..conftest import Make, contents
from ..driving import TIMEOUT_SECONDS, Session, workspace_on

AIRPORT = "Kestrel Harbour airport scans faces at every gate"
CAMERAS = "Cameras at all gates replace the passport check in Kestrel Harbour from Monday."


def source(
    name: str,
    title: str = AIRPORT,
    excerpt: str = CAMERAS,
    *,
    day: str = "18",
    hour: int = 10,
    **fields: object,
) -> Mapping[str, object]:
    """An article of a provider."""
    return {
        "title": title,
        "excerpt": excerpt,
        "publishedDateTime": f"2020-11-{day}T{hour:02d}:00:00Z",
        "webUrl": f"https://{name}.example/2020/{name}-story",
        "provider": {"name": name.title(), "domain": f"{name}.example"},
        "topics": ["Airports"],
        "published": False,
        **fields,
    }


ROWS = [
    source(
        "hotspur", "A bridge that reports its own cracks", "Sensors listen.", heat=99, quality=9
    ),
    source("alpha", heat=90, quality=40),
    source("single", "Ferry timetable read aloud by a gull", "It shouts.", heat=80, quality=50),
    source(
        "beta",
        "Kestrel Harbour airport scans ‘faces’ at every gate",
        heat=70,
        quality=80,
        hour=12,
        images=[{"url": "https://img.example/1.jpg"}],
    ),
    source("tail", "Quiet drones count seals by night", "Nobody woke.", heat=60, quality=70),
    source("gamma", heat=50, quality=30, hour=16),
    source("wire", "Marigold model writes minutes of meetings", "It nods.", heat=40, quality=45),
    source(
        "wireagain",
        "Marigold model writes minutes of meetings",
        "It nods.",
        day="19",
        heat=30,
        quality=50,
        published=True,
    ),
    source("delta", heat=20, quality=20, hour=20),
]
HOTSPUR, ALPHA, SINGLE, BETA, TAIL, GAMMA, WIRE, WIREAGAIN, DELTA = (
    f"_news/{number:03d}.md" for number in range(9)
)
FOLDED = [HOTSPUR, BETA, SINGLE, TAIL, WIRE]
UNFOLDED = [HOTSPUR, BETA, ALPHA, GAMMA, DELTA, SINGLE, TAIL, WIRE]
FILES = [HOTSPUR, ALPHA, SINGLE, BETA, TAIL, GAMMA, WIRE, DELTA]


@pytest.fixture
def site(make: Make) -> Path:
    """Eight articles that wait, four of them about an airport, one of a story that is out."""
    return make(ROWS)


async def at(workspace: Session, path: str) -> None:
    """Put the cursor on an article."""
    await workspace.press("g", *["j"] * workspace.paths.index(path))
    assert workspace.path == path


def line_of(workspace: Session, text: str) -> str:
    return next(line for line in workspace.region("#articles") if text in line)


# -- folding -----------------------------------------------------------------------------------


async def test_a_story_takes_one_line_with_its_best_source_in_front(site: Path) -> None:
    async with workspace_on(site) as workspace:
        assert workspace.paths == FOLDED
        assert "×4" in line_of(workspace, "Kestrel")
        assert "×" not in line_of(workspace, "Ferry")
        assert "8 of 8 · 5 stories" in workspace.summary


async def test_a_story_is_as_hot_as_its_hottest_source_and_stands_there(site: Path) -> None:
    async with workspace_on(site) as workspace:
        assert " 90 " in line_of(workspace, "Kestrel")  # alpha's
        await at(workspace, BETA)
        await workspace.press("right")
        assert " 70 " in line_of(workspace, "Kestrel")  # its own, with the others below it
        await workspace.press("left", "s", "q")
        await workspace.settled()
        assert workspace.paths == [BETA, TAIL, SINGLE, WIRE, HOTSPUR]
        assert " 70 " in line_of(workspace, "Kestrel")
        await workspace.press("s", "t")
        await workspace.settled()
        assert workspace.paths == [
            HOTSPUR,
            SINGLE,
            BETA,
            WIRE,
            TAIL,
        ]  # by the titles that are shown


async def test_arrows_unfold_and_fold(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, BETA)
        await workspace.press("right")
        assert (workspace.paths, workspace.path) == (UNFOLDED, BETA)
        assert [("├ " in line, "└ " in line) for line in workspace.region("#articles")[2:5]] == [
            (True, False),
            (True, False),
            (False, True),
        ]
        await workspace.press("right", "j")
        assert workspace.path == GAMMA
        await workspace.press("left")
        assert (workspace.paths, workspace.path) == (FOLDED, BETA)
        await workspace.press("left")
        assert (workspace.paths, workspace.path) == (FOLDED, BETA)


async def test_enter_unfolds_and_folds_a_story_and_opens_everything_else(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, BETA)
        await workspace.press("enter")
        assert workspace.paths == UNFOLDED
        await workspace.press("enter")
        assert workspace.paths == FOLDED
        await workspace.press("enter", "j", "enter")
        assert (workspace.path, workspace.focus) == (ALPHA, "detail")
        await workspace.press("escape", "k", "enter", "k", "enter")
        assert (workspace.path, workspace.focus) == (HOTSPUR, "detail")


async def test_a_double_click_unfolds(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await workspace.pilot.click("#articles", offset=(30, 1), times=2)
        await workspace.settled()
        assert workspace.paths == UNFOLDED


async def test_a_click_on_the_number_of_sources_unfolds(site: Path) -> None:
    async with workspace_on(site) as workspace:
        x = line_of(workspace, "Kestrel").index("×4")
        await workspace.pilot.click("#articles", offset=(x, 1))
        await workspace.settled()
        assert (workspace.paths, workspace.path) == (UNFOLDED, BETA)
        await workspace.pilot.click("#articles", offset=(x, 1))
        await workspace.settled()
        assert workspace.paths == FOLDED


async def test_one_key_shows_files_one_by_one_and_the_cursor_stays(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, TAIL)
        await workspace.press("F")
        await workspace.settled()
        assert (workspace.paths, workspace.path) == (FILES, TAIL)
        assert "×4" in line_of(workspace, "Kestrel")
        assert "stories" not in workspace.summary
        await at(workspace, GAMMA)
        await workspace.press("F")
        await workspace.settled()
        assert (workspace.paths, workspace.path) == (FOLDED, BETA)


async def test_lines_that_were_overtaken_are_not_shown(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    async with workspace_on(site) as workspace:
        lay_out = workspace.screen._laid_out
        begun: list[int] = []

        def first_ones_late(found: array[int], generation: int) -> object:
            lines = lay_out(found, generation)
            begun.append(len(begun))
            if len(begun) == 1:
                may_go_on.wait(TIMEOUT_SECONDS)
            return lines

        monkeypatch.setattr(workspace.screen, "_laid_out", first_ones_late)
        await workspace.press("F")
        await workspace.until(lambda: len(begun) == 1)
        await workspace.press("F")
        await workspace.until(lambda: len(begun) == 2)
        may_go_on.set()
        await workspace.settled()
        assert workspace.paths == FOLDED


async def test_files_one_by_one_can_be_the_setting(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_STORIES", "files")
    async with workspace_on(site) as workspace:
        assert workspace.paths == FILES


async def test_an_unfolded_story_stays_so_when_the_list_is_made_anew(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, BETA)
        await workspace.press("right", "j", "r")
        await workspace.settled()
        assert (workspace.paths, workspace.path) == (UNFOLDED, ALPHA)
        await workspace.press("left", "r")
        await workspace.settled()
        assert (workspace.paths, workspace.path) == (FOLDED, BETA)


async def test_what_the_filter_hides_is_no_line_but_counts_as_a_source(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await workspace.press("slash", '"quality:25..35 airport', "enter")
        await workspace.settled()
        assert workspace.paths == [GAMMA]
        assert "×4" in line_of(workspace, "Kestrel")
        await workspace.press("right")
        assert workspace.paths == [GAMMA]
        assert "not in this list" in workspace.said


async def test_going_to_a_folded_article_unfolds_its_story(site: Path) -> None:
    async with workspace_on(site) as workspace:
        workspace.screen.show_article(DELTA)
        await workspace.settled()
        assert (workspace.path, workspace.paths) == (DELTA, UNFOLDED)


# -- in the background -------------------------------------------------------------------------


async def test_the_cursor_stays_where_it_is_when_stories_become_known(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = [True]
    needed = StoryService.needs_grouping
    monkeypatch.setattr(
        StoryService, "needs_grouping", lambda workspace: not waits[0] and needed(workspace)
    )
    async with workspace_on(site, size=(120, 14)) as workspace:
        assert workspace.paths == FILES
        await at(workspace, WIRE)
        row_of_screen = workspace.screen.articles.cursor - workspace.screen.articles.top
        assert row_of_screen > 0
        waits[0] = False
        workspace.screen.story_builder.start()
        await workspace.until(lambda: workspace.paths == FOLDED)
        assert workspace.path == WIRE


async def test_a_file_that_comes_in_joins_its_story(site: Path) -> None:
    async with workspace_on(site) as workspace:
        new = (site / DELTA).read_text("utf-8").replace("delta", "omega")
        (site / "_news/900.md").write_text(new, "utf-8")
        await workspace.press("r")
        await workspace.settled()
        await workspace.until(lambda: "×5" in line_of(workspace, "Kestrel"))
        assert workspace.paths == FOLDED


async def test_escape_stops_the_comparing_and_a_refresh_goes_on(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = StoryService.group_in_process
    slow = [True]

    def group(workspace: StoryService, on_progress: object, is_cancelled: object) -> object:
        while slow[0]:
            on_progress(GroupingProgress(7, 90_000))  # type: ignore[operator]
            if is_cancelled():  # type: ignore[operator]
                raise Cancelled("Stopped.")
            time.sleep(0.01)
        return real(workspace, on_progress, is_cancelled)  # type: ignore[arg-type]

    monkeypatch.setattr(StoryService, "group_in_process", group)
    async with workspace_on(site, settle=False) as workspace:
        await workspace.until(
            lambda: any("stories 7 of 90,000" in line for line in workspace.lines)
        )
        await workspace.until(lambda: workspace.paths == FILES)
        await workspace.drain()
        await workspace.press("j")
        assert workspace.path == ALPHA
        await workspace.press("escape")
        await workspace.settled()
        assert "stopped" in workspace.said
        workspace.screen.refresher.start(is_filling=False)  # as one that was under way meanwhile
        await workspace.settled()
        assert workspace.paths == FILES
        slow[0] = False
        await workspace.press("r")
        await workspace.settled()
        assert workspace.paths == FOLDED


# -- verbs on a folded row ---------------------------------------------------------------------


@pytest.mark.parametrize("key", ["p", "x", "space"])
async def test_a_verb_on_a_story_acts_on_the_article_in_its_row_alone(site: Path, key: str) -> None:
    async with workspace_on(site) as workspace:
        before = contents(site)
        await at(workspace, BETA)
        await workspace.press(key)
        await workspace.until(lambda: "3 other sources" in workspace.said)
        assert ("P rejects them" in workspace.said) is (key == "p")
        assert workspace.path == SINGLE
        after = contents(site)
        assert {path for path in after if after[path] != before[path]} == (
            {BETA} if key == "p" else set()
        )
        await workspace.press("r")
        await workspace.settled()
        assert set(workspace.paths) == {*FOLDED, ALPHA} - {BETA}
        await workspace.press("u")
        await workspace.until(lambda: workspace.path == BETA)
        assert contents(site) == before
        await workspace.settled()
        assert workspace.paths == FOLDED


async def test_marks_stay_on_their_articles_through_folding(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, BETA)
        await workspace.press("right", "j", "j", "m", "left")
        marked = workspace.screen.articles.marked
        assert [mark.path for mark in marked] == [GAMMA]
        assert "·" in line_of(workspace, "Kestrel")[:3]
        await workspace.press("x")
        await workspace.until(lambda: workspace.dialog == "Confirm")  # one cannot be seen just now
        await workspace.press("y")
        await workspace.until(lambda: "Rejected" in workspace.said)
        assert not workspace.screen.articles.marked
        await workspace.press("u")
        await workspace.until(lambda: workspace.path == GAMMA)
        assert workspace.paths == UNFOLDED


async def test_all_and_ranges_mark_what_has_a_line(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await workspace.press("*")
        paths = [mark.path for mark in workspace.screen.articles.marked]
        assert paths == FOLDED
        await workspace.press("*", "g", "m", "j", "v")
        paths = [mark.path for mark in workspace.screen.articles.marked]
        assert paths == FOLDED[:3]


# -- P -----------------------------------------------------------------------------------------


async def test_the_best_is_published_and_the_others_retired_with_one_key_and_one_undo(
    site: Path,
) -> None:
    async with workspace_on(site) as workspace:
        before = contents(site)
        await at(workspace, BETA)
        await workspace.press("right", "j", "P")
        await workspace.until(lambda: "3 rejected" in workspace.said)
        assert workspace.path == SINGLE  # past all of the story
        changed = {path for path, text in contents(site).items() if text != before[path]}
        assert changed == {BETA}
        await workspace.press("5")
        await workspace.settled()
        assert set(workspace.paths) == {ALPHA, GAMMA, DELTA}
        await workspace.press("1")
        await workspace.settled()
        assert workspace.paths == [HOTSPUR, SINGLE, TAIL, WIRE]
        await workspace.press("u")
        await workspace.until(lambda: workspace.path == BETA)
        assert contents(site) == before
        await workspace.press("5")
        await workspace.settled()
        assert workspace.paths == []


async def test_the_best_of_all_marked_stories_is_one_undo(site: Path) -> None:
    async with workspace_on(site) as workspace:
        before = contents(site)
        await at(workspace, BETA)
        await workspace.press("m", "m", "P")
        await workspace.until(lambda: "Published 2 articles · 3 rejected" in workspace.said)
        changed = {path for path, text in contents(site).items() if text != before[path]}
        assert changed == {BETA, SINGLE}
        await workspace.press("u")
        await workspace.until(lambda: "Undone" in workspace.said)
        assert contents(site) == before


async def test_what_is_out_and_not_the_best_becomes_a_draft(site: Path) -> None:
    (site / ALPHA).write_text(
        (site / ALPHA).read_text("utf-8").replace("published: false", "published: true"), "utf-8"
    )
    async with workspace_on(site) as workspace:
        await at(workspace, BETA)
        await workspace.press("P")
        await workspace.until(lambda: "3 rejected" in workspace.said)
        assert "published: false" in (site / ALPHA).read_text("utf-8")
        assert "published: true" in (site / BETA).read_text("utf-8")


async def test_nothing_is_retired_before_stories_are_known(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StoryService, "needs_grouping", lambda workspace: False)
    async with workspace_on(site) as workspace:
        before = contents(site)
        await workspace.press("P")
        assert "not ready yet" in workspace.said
        assert contents(site) == before


# -- what ran already --------------------------------------------------------------------------


async def test_a_story_that_is_out_says_so_in_its_row(site: Path) -> None:
    async with workspace_on(site) as workspace:
        assert "●×2" in line_of(workspace, "Marigold")
        assert "●" not in line_of(workspace, "Kestrel")
        await workspace.press("slash", '"is:ran', "enter")
        await workspace.settled()
        assert workspace.paths == [WIRE]


async def test_the_detail_names_when_and_where_it_ran_and_leads_there(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, WIRE)
        await workspace.settled()
        detail = " ".join(" ".join(workspace.region("#detail")).split())
        assert f"● 19 Nov 2020 {WIREAGAIN}" in detail
        assert "better: wireagain.example" in detail
        await workspace.press("tab", "enter")
        await workspace.until(lambda: workspace.path == WIREAGAIN)


async def test_a_click_on_what_ran_goes_there(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, WIRE)
        await workspace.settled()
        lines = workspace.region("#detail")
        y = next(number for number, line in enumerate(lines) if "● 19 Nov" in line)
        await workspace.pilot.click("#detail", offset=(lines[y].index(WIREAGAIN), y + 1))
        await workspace.until(lambda: workspace.path == WIREAGAIN)


# -- what belongs to it ------------------------------------------------------------------------


async def test_the_related_pane_groups_each_neighbour_with_its_reason(make: Make) -> None:
    own = [
        {"title": "Elsewhere [/b]", "webUrl": "https://else.example/x", "quality": 95},
        {"title": AIRPORT, "webUrl": "https://alpha.example/2020/alpha-story", "quality": 40},
    ]
    back = [{"title": AIRPORT, "webUrl": "https://beta.example/2020/beta-story"}]
    rows = [
        {**row, **({"related": own} if number == 3 else {"related": back} if number == 4 else {})}
        for number, row in enumerate(ROWS)
    ]
    rows.append(
        source("like", "Kestrel Harbour airport gulls steal a sandwich", "Bread.", day="27")
    )
    async with workspace_on(make(rows), size=(200, 40)) as workspace:
        await at(workspace, BETA)
        await workspace.settled()
        lines = [" ".join(line.split()) for line in workspace.region("#related")]
        shown = [line for line in lines if line.strip("│▐ ")]
        assert shown[0].startswith("▌→ ◇ ▇ 95▲ Elsewhere [/b]")
        assert shown[1].startswith("→ ◆ ▃ 40")
        assert shown[2] == "Points here"
        assert shown[3].startswith("← ◆ ▅ 70")
        assert shown[4] == "Same story"
        assert [line[:3] for line in shown[5:7]] == ["× ◆", "× ◆"]
        assert shown[7] == "More like this"
        assert shown[8].startswith("≈ ◆")
        await workspace.press("shift+tab")
        assert workspace.focus == "related"
        await workspace.press("j", "j")
        assert "lists this one" in str(workspace.screen.related.border_title)
        await workspace.press("j")
        assert "same title" in str(workspace.screen.related.border_title)
        await workspace.press("k", "k", "enter")
        await workspace.until(lambda: workspace.path == ALPHA)
