"""Comparing the sources of a story: what is seen, what its keys decide, with keys and mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from newsdesk.tui.screens.compare import CompareScreen
from newsdesk.tui.widgets.source_comparison import SourceComparison

from ..conftest import Make, contents
from ..controllers.test_stories import ALPHA, BETA, DELTA, GAMMA, ROWS, SINGLE, at, source
from ..driving import Session, workspace_on

OTHER = "Kestrel Harbour airport scans faces and bags at every gate"


@pytest.fixture
def site(make: Make) -> Path:
    rows = list(ROWS)
    rows[1] = source("alpha", OTHER, heat=90, quality=40, published=True)
    rows.append(
        source("like", "Kestrel Harbour airport gulls steal a sandwich", "Bread.", day="27", heat=1)
    )
    return make(rows)


LIKE = "_news/009.md"


async def compare(workspace: Session, path: str = BETA) -> CompareScreen:
    """Open the comparison of the story of an article."""
    await at(workspace, path)
    await workspace.press("c")
    await workspace.until(lambda: workspace.dialog == "CompareScreen")
    screen = workspace.app.screen
    assert isinstance(screen, CompareScreen)
    await workspace.until(lambda: screen.pane.source)
    return screen


def sources(workspace: Session) -> list[str]:
    grid = workspace.app.screen_stack[1].query_one(SourceComparison)
    return [source.path for source in grid._sources]


def under(workspace: Session) -> str:
    found = workspace.app.screen_stack[1].query_one(SourceComparison).source
    return found.path if found else ""


def told(workspace: Session) -> str:
    return " ".join(" ".join(workspace.region("#sources")).split())


async def test_sources_stand_side_by_side_the_best_in_front_with_its_reasons(site: Path) -> None:
    async with workspace_on(site, size=(160, 40)) as workspace:
        await compare(workspace)
        assert sources(workspace) == [BETA, ALPHA, GAMMA, DELTA]
        lines = workspace.region("#sources")
        assert lines[0].index("beta.example  recommended") < lines[0].index("alpha.example")
        assert "delta.example  4 of 4" in lines[0]
        assert "highest quality (80), has" in told(workspace)
        assert "● published" in told(workspace)
        assert "not checked" in told(workspace)
        head = str(workspace.app.screen.query_one("#compare-head", Static).content)
        assert f"4 sources of one story · ran 18 Nov 2020: {ALPHA}" in " ".join(head.split())


async def test_what_differs_in_a_title_is_lit_up_and_not_by_colour_alone(site: Path) -> None:
    async with workspace_on(site, size=(160, 40)) as workspace:
        screen = await compare(workspace)
        segments = [s for y in range(8) for s in screen.pane.render_line(y)]
        (own,) = [s for s in segments if "and bags" in s.text]
        assert own.style
        assert own.style.underline
        (same,) = [s for s in segments if "Kestrel" in s.text and "bags" not in s.text][:1]
        assert same.style
        assert not same.style.underline


async def test_a_column_stays_for_the_best_while_others_pass_by(site: Path) -> None:
    async with workspace_on(site, size=(120, 40)) as workspace:
        await compare(workspace)
        assert "gamma.example  3 of 4 →" in workspace.region("#sources")[0]
        await workspace.press("right", "j", "j")
        assert under(workspace) == DELTA
        head = workspace.region("#sources")[0]
        assert "beta.example  recommended" in head
        assert "gamma.example  3 of 4 ←" in head
        assert "alpha" not in head
        await workspace.press("g")
        assert under(workspace) == BETA
        await workspace.press("G", "left")
        assert under(workspace) == GAMMA


async def test_in_a_narrow_window_sources_stand_one_under_the_other(site: Path) -> None:
    async with workspace_on(site, size=(80, 24)) as workspace:
        await compare(workspace)
        await workspace.press("j", "j", "j")
        assert under(workspace) == DELTA
        assert any("▌Source" in line and "delta" in line for line in workspace.region("#sources"))
        await workspace.press("g")
        assert workspace.region("#sources")[0].startswith("▌Source     beta.example")


async def test_a_long_path_of_what_ran_is_cut_and_not_left_out(site: Path) -> None:
    (site / ALPHA).rename(site / "_news" / f"{'long-' * 30}.md")
    async with workspace_on(site, size=(80, 24)) as workspace:
        await compare(workspace)
        head = workspace.region("#compare-head")[0].rstrip()
        assert "ran 18 Nov 2020: _news/long-" in head
        assert head.endswith("…")


async def test_the_chosen_source_is_published_alone_or_with_the_others_retired(site: Path) -> None:
    async with workspace_on(site) as workspace:
        before = contents(site)
        await compare(workspace)
        await workspace.press("j", "j", "p")
        await workspace.until(lambda: "Published" in workspace.said)
        assert contents(site)[GAMMA] != before[GAMMA]
        await workspace.until(lambda: "● published" in told(workspace))
        assert "Published" in "".join(workspace.region("#status-line"))
        await workspace.press("u")
        await workspace.until(lambda: contents(site) == before)
        await workspace.press("P")
        await workspace.until(lambda: "3 rejected" in workspace.said)
        changed = {path for path, text in contents(site).items() if text != before[path]}
        assert changed == {GAMMA, ALPHA}  # alpha was out
        await workspace.press("u")
        await workspace.until(lambda: contents(site) == before)


async def test_a_wrong_source_is_taken_out_for_good_and_undo_brings_it_back(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace)
        await workspace.press("G", "minus")
        await workspace.until(lambda: len(sources(workspace)) == 3)
        assert DELTA not in sources(workspace)
        await workspace.press("escape")
        await workspace.settled()
        assert DELTA in workspace.paths
    async with workspace_on(site) as workspace:
        assert DELTA in workspace.paths
        await workspace.press("u")
        await workspace.until(lambda: DELTA not in workspace.paths)


async def test_taking_out_the_source_it_was_opened_on_shows_the_others(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace)
        await workspace.press("minus")
        await workspace.until(lambda: len(sources(workspace)) == 3)
        assert BETA not in sources(workspace)


async def test_another_article_is_joined_from_those_like_it(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace)
        await workspace.press("plus")
        await workspace.until(lambda: workspace.dialog == "StoryPicker")
        assert "gulls steal a sandwich" in workspace.text
        await workspace.press("enter")
        await workspace.until(lambda: LIKE in sources(workspace))
        await workspace.press("u")
        await workspace.until(lambda: LIKE not in sources(workspace))


async def test_marked_articles_are_offered_first(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await at(workspace, SINGLE)
        await workspace.press("m")
        await compare(workspace)
        await workspace.press("plus")
        await workspace.until(lambda: workspace.dialog == "StoryPicker")
        assert "marked by you" in workspace.region("#join-list")[0]
        await workspace.press("enter")
        await workspace.until(lambda: SINGLE in sources(workspace))


async def test_a_single_source_says_what_this_is_for(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace, SINGLE)
        text = " ".join(workspace.text.split())
        assert "This article is the only one of its story. + joins another one" in text
        await workspace.press("minus")
        assert "no other source" in "".join(workspace.region("#status-line"))
        await workspace.press("plus")
        assert "marks articles in the list" in "".join(workspace.region("#status-line"))


async def test_enter_goes_to_the_article_and_escape_back(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace)
        await workspace.press("G", "enter")
        await workspace.until(lambda: workspace.path == DELTA)
        assert workspace.focus == "articles"
        await workspace.press("c")
        await workspace.until(lambda: workspace.dialog == "CompareScreen")
        await workspace.press("escape")
        assert (workspace.dialog, workspace.path) == ("", DELTA)


async def test_a_click_chooses_a_source_and_a_second_one_goes_there(site: Path) -> None:
    async with workspace_on(site, size=(160, 40)) as workspace:
        await compare(workspace)
        x = workspace.region("#sources")[0].index("gamma.example")
        await workspace.pilot.click("#sources", offset=(x, 3))
        await workspace.drain()
        assert under(workspace) == GAMMA
        await workspace.pilot.click("#sources", offset=(x, 3), times=2)
        await workspace.until(lambda: workspace.path == GAMMA)


async def test_the_help_begins_with_the_keys_of_the_comparison(site: Path) -> None:
    async with workspace_on(site) as workspace:
        await compare(workspace)
        await workspace.press("question_mark")
        await workspace.until(lambda: workspace.dialog == "HelpScreen")
        await workspace.until(lambda: "Take out of the story." in workspace.text)


async def test_titles_from_strangers_are_drawn_as_they_are(make: Make) -> None:
    rows = [
        source("one", "[/b]\x1b[31m Airport scans faces at every gate", quality=50),
        source("two", "[/b]\x1b[31m Airport scans faces at every gate", quality=40, hour=12),
    ]
    async with workspace_on(make(rows)) as workspace:
        await compare(workspace, "_news/000.md")
        assert "[/b]" in told(workspace)
        assert "\x1b" not in workspace.text
