"""Comparing the sources of a story: what is seen, what its keys decide, with keys and mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from newsdesk.tui.screens.compare import CompareScreen
from newsdesk.tui.widgets.source_comparison import SourceGrid

from ..conftest import Make, contents
from ..controllers.test_stories import ALPHA, BETA, DELTA, GAMMA, ROWS, SINGLE, at, source
from ..driving import Sitting, desk_on

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


async def compare(desk: Sitting, path: str = BETA) -> CompareScreen:
    """Open the comparison of the story of an article."""
    await at(desk, path)
    await desk.press("c")
    await desk.until(lambda: desk.dialog == "CompareScreen")
    screen = desk.app.screen
    assert isinstance(screen, CompareScreen)
    await desk.until(lambda: screen.pane.source)
    return screen


def sources(desk: Sitting) -> list[str]:
    grid = desk.app.screen_stack[1].query_one(SourceGrid)
    return [source.path for source in grid._sources]


def under(desk: Sitting) -> str:
    found = desk.app.screen_stack[1].query_one(SourceGrid).source
    return found.path if found else ""


def told(desk: Sitting) -> str:
    return " ".join(" ".join(desk.region("#sources")).split())


async def test_sources_stand_side_by_side_the_best_in_front_with_its_reasons(site: Path) -> None:
    async with desk_on(site, size=(160, 40)) as desk:
        await compare(desk)
        assert sources(desk) == [BETA, ALPHA, GAMMA, DELTA]
        lines = desk.region("#sources")
        assert lines[0].index("beta.example  recommended") < lines[0].index("alpha.example")
        assert "delta.example  4 of 4" in lines[0]
        assert "highest quality (80), has" in told(desk)
        assert "● published" in told(desk)
        assert "not checked" in told(desk)
        head = str(desk.app.screen.query_one("#compare-head", Static).content)
        assert f"4 sources of one story · ran 18 Nov 2020: {ALPHA}" in " ".join(head.split())


async def test_what_differs_in_a_title_is_lit_up_and_not_by_colour_alone(site: Path) -> None:
    async with desk_on(site, size=(160, 40)) as desk:
        screen = await compare(desk)
        segments = [s for y in range(8) for s in screen.pane.render_line(y)]
        (own,) = [s for s in segments if "and bags" in s.text]
        assert own.style
        assert own.style.underline
        (same,) = [s for s in segments if "Kestrel" in s.text and "bags" not in s.text][:1]
        assert same.style
        assert not same.style.underline


async def test_a_column_stays_for_the_best_while_others_pass_by(site: Path) -> None:
    async with desk_on(site, size=(120, 40)) as desk:
        await compare(desk)
        assert "gamma.example  3 of 4 →" in desk.region("#sources")[0]
        await desk.press("right", "j", "j")
        assert under(desk) == DELTA
        head = desk.region("#sources")[0]
        assert "beta.example  recommended" in head
        assert "gamma.example  3 of 4 ←" in head
        assert "alpha" not in head
        await desk.press("g")
        assert under(desk) == BETA
        await desk.press("G", "left")
        assert under(desk) == GAMMA


async def test_in_a_narrow_window_sources_stand_one_under_the_other(site: Path) -> None:
    async with desk_on(site, size=(80, 24)) as desk:
        await compare(desk)
        await desk.press("j", "j", "j")
        assert under(desk) == DELTA
        assert any("▌Source" in line and "delta" in line for line in desk.region("#sources"))
        await desk.press("g")
        assert desk.region("#sources")[0].startswith("▌Source     beta.example")


async def test_a_long_path_of_what_ran_is_cut_and_not_left_out(site: Path) -> None:
    (site / ALPHA).rename(site / "_news" / f"{'long-' * 30}.md")
    async with desk_on(site, size=(80, 24)) as desk:
        await compare(desk)
        head = desk.region("#compare-head")[0].rstrip()
        assert "ran 18 Nov 2020: _news/long-" in head
        assert head.endswith("…")


async def test_the_chosen_source_is_published_alone_or_with_the_others_retired(site: Path) -> None:
    async with desk_on(site) as desk:
        before = contents(site)
        await compare(desk)
        await desk.press("j", "j", "p")
        await desk.until(lambda: "Published" in desk.said)
        assert contents(site)[GAMMA] != before[GAMMA]
        await desk.until(lambda: "● published" in told(desk))
        assert "Published" in "".join(desk.region("#status-line"))
        await desk.press("u")
        await desk.until(lambda: contents(site) == before)
        await desk.press("P")
        await desk.until(lambda: "3 retired" in desk.said)
        changed = {path for path, text in contents(site).items() if text != before[path]}
        assert changed == {GAMMA, ALPHA}  # alpha was out
        await desk.press("u")
        await desk.until(lambda: contents(site) == before)


async def test_a_wrong_source_is_taken_out_for_good_and_undo_brings_it_back(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk)
        await desk.press("G", "minus")
        await desk.until(lambda: len(sources(desk)) == 3)
        assert DELTA not in sources(desk)
        await desk.press("escape")
        await desk.settled()
        assert DELTA in desk.paths
    async with desk_on(site) as desk:
        assert DELTA in desk.paths
        await desk.press("u")
        await desk.until(lambda: DELTA not in desk.paths)


async def test_taking_out_the_source_it_was_opened_on_shows_the_others(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk)
        await desk.press("minus")
        await desk.until(lambda: len(sources(desk)) == 3)
        assert BETA not in sources(desk)


async def test_another_article_is_joined_from_those_like_it(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk)
        await desk.press("plus")
        await desk.until(lambda: desk.dialog == "JoinPicker")
        assert "gulls steal a sandwich" in desk.text
        await desk.press("enter")
        await desk.until(lambda: LIKE in sources(desk))
        await desk.press("u")
        await desk.until(lambda: LIKE not in sources(desk))


async def test_marked_articles_are_offered_first(site: Path) -> None:
    async with desk_on(site) as desk:
        await at(desk, SINGLE)
        await desk.press("m")
        await compare(desk)
        await desk.press("plus")
        await desk.until(lambda: desk.dialog == "JoinPicker")
        assert "marked by you" in desk.region("#join-list")[0]
        await desk.press("enter")
        await desk.until(lambda: SINGLE in sources(desk))


async def test_a_single_source_says_what_this_is_for(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk, SINGLE)
        text = " ".join(desk.text.split())
        assert "This article is the only one of its story. + joins another one" in text
        await desk.press("minus")
        assert "no other source" in "".join(desk.region("#status-line"))
        await desk.press("plus")
        assert "marks articles in the list" in "".join(desk.region("#status-line"))


async def test_enter_goes_to_the_article_and_escape_back(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk)
        await desk.press("G", "enter")
        await desk.until(lambda: desk.path == DELTA)
        assert desk.focus == "articles"
        await desk.press("c")
        await desk.until(lambda: desk.dialog == "CompareScreen")
        await desk.press("escape")
        assert (desk.dialog, desk.path) == ("", DELTA)


async def test_a_click_chooses_a_source_and_a_second_one_goes_there(site: Path) -> None:
    async with desk_on(site, size=(160, 40)) as desk:
        await compare(desk)
        x = desk.region("#sources")[0].index("gamma.example")
        await desk.pilot.click("#sources", offset=(x, 3))
        await desk.drain()
        assert under(desk) == GAMMA
        await desk.pilot.click("#sources", offset=(x, 3), times=2)
        await desk.until(lambda: desk.path == GAMMA)


async def test_the_help_begins_with_the_keys_of_the_comparison(site: Path) -> None:
    async with desk_on(site) as desk:
        await compare(desk)
        await desk.press("question_mark")
        await desk.until(lambda: desk.dialog == "HelpScreen")
        await desk.until(lambda: "Take out of the story." in desk.text)


async def test_titles_from_strangers_are_drawn_as_they_are(make: Make) -> None:
    rows = [
        source("one", "[/b]\x1b[31m Airport scans faces at every gate", quality=50),
        source("two", "[/b]\x1b[31m Airport scans faces at every gate", quality=40, hour=12),
    ]
    async with desk_on(make(rows)) as desk:
        await compare(desk, "_news/000.md")
        assert "[/b]" in told(desk)
        assert "\x1b" not in desk.text
