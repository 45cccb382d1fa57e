"""Every key of the desk does what its command promises, from a Pilot's seat."""

from __future__ import annotations

import http.server
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from textual import events
from textual.widgets import Input, Static

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError
from newsdesk.links.policy import Policy
from newsdesk.tui.dialogs.topic_picker import TopicPicker
from newsdesk.tui.external import browser_command
from newsdesk.workspace.keymap.commands import COMMANDS
from newsdesk.workspace.views import View
from newsdesk.workspace.workspace import Desk

from .conftest import Make, article_text, contents
from .driving import PATIENCE, Sitting, desk_on

_covered: set[str] = set()
Test = TypeVar("Test", bound=Callable[..., object])


def covers(*names: str) -> Callable[[Test], Test]:
    """Say which commands a test is about."""

    def noted(test: Test) -> Test:
        _covered.update(names)
        return test

    return noted


def test_every_command_has_a_test() -> None:
    elsewhere = "".join(
        file.read_text(encoding="utf-8")
        for file in Path(__file__).parent.rglob("test_*.py")
        if file != Path(__file__)
    )
    missing = [
        command.name
        for command in COMMANDS
        if command.name not in _covered
        and f'run_action("{command.name}")' not in elsewhere
        and not any(
            re.search(rf'(press|burst)\([^)]*"{re.escape(key)}"', elsewhere)
            for key in command.keys.split(",")
            if key
        )
    ]
    assert missing == []
    assert _covered - {command.name for command in COMMANDS} == set()


def test_no_key_means_two_things() -> None:
    keys = [key for command in COMMANDS for key in command.keys.split(",") if key]
    assert sorted(keys) == sorted(set(keys))


# -- moving ----------------------------------------------------------------------------------


@covers("down", "up", "top", "bottom", "half_page_down", "half_page_up", "page_down", "page_up")
async def test_both_spellings_of_every_move_go_to_the_same_row(make: Make) -> None:
    async with desk_on(make(100)) as desk:
        page = desk.screen.articles.page
        for key, row in (
            *(("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("up", 0)),
            *(("G", 99), ("j", 99), ("g", 0), ("end", 99), ("home", 0)),
            *(("pagedown", page - 1), ("pageup", 0), ("ctrl+d", round((page - 1) / 2))),
            ("ctrl+u", 0),
        ):
            await desk.press(key)
            assert (key, desk.cursor) == (key, row)
        await desk.settled()
        assert desk.screen.detail.article is not None
        assert desk.screen.detail.article.path == desk.path == "_news/000.md"


async def test_the_cursor_stays_in_sight(make: Make) -> None:
    async with desk_on(make(100), size=(80, 24)) as desk:
        for key in ("G", "pageup", "k", "ctrl+u", "g", "ctrl+d", "pagedown", "j"):
            await desk.press(key)
            pane = desk.screen.articles
            assert pane.top <= pane.cursor < pane.top + pane.page
            shown = [line for line in desk.region("#articles") if line.startswith("▌")]
            assert len(shown) == 1
            assert f"Story {desk.cursor:03d}" in shown[0]


async def test_moving_keys_scroll_the_text_of_a_long_article(make: Make) -> None:
    body = "\n\n".join(f"Paragraph {number}." for number in range(100))
    async with desk_on(make([{"title": "Long", "published": False, "body": body}])) as desk:
        await desk.press("enter")
        assert desk.focus == "detail"
        detail = desk.screen.detail
        for key, top in (
            *(("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0)),
            *(("pagedown", detail.page - 1), ("pageup", 0), ("end", detail.count - detail.page)),
            *(("g", 0), ("ctrl+d", round((detail.page - 1) / 2)), ("ctrl+u", 0)),
        ):
            await desk.press(key)
            assert (key, detail.top) == (key, top)
        await desk.press("G")
        assert "Paragraph 99." in "\n".join(desk.region("#detail"))


@covers("next_pane", "previous_pane")
async def test_tab_goes_round_the_panes_and_never_into_the_query_bar(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab"):
            await desk.press(key)
            seen.append(desk.focus)
        assert seen == ["detail", "related", "articles", "related", "detail", "articles"]
        await desk.press("slash", "tab")
        assert desk.focus == "articles"


@covers("choose", "back")
async def test_enter_opens_and_escape_leaves_step_by_step(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("slash", '"heat:>0', "enter")
        await desk.until(lambda: "hidden" in desk.summary)
        await desk.press("enter")
        assert desk.focus == "detail"
        await desk.press("escape")
        assert desk.focus == "articles"
        assert desk.query == "heat:>0"
        await desk.press("escape")
        assert desk.query == ""
        await desk.until(lambda: "hidden" not in desk.summary)
        await desk.press("escape")  # nothing left to leave
        assert desk.focus == "articles"


async def test_escape_takes_the_query_first_and_the_topics_after_it(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        everything = len(desk.found)
        await desk.press("t")
        await desk.until(lambda: desk.dialog == "TopicPicker")
        await desk.press("enter")
        await desk.until(lambda: desk.screen.filter.topics)
        await desk.press("slash", '"heat:>50', "enter", "escape")
        await desk.until(lambda: desk.query == "" and desk.screen.filter.topics)
        await desk.press("escape")
        await desk.until(lambda: not desk.screen.filter.topics)
        await desk.until(lambda: len(desk.found) == everything)


async def test_enter_on_a_related_entry_goes_to_that_article(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("3")
        await desk.settled()
        related = desk.screen.related
        for _ in range(40):
            if related.neighbour and related.neighbour.path:
                break
            await desk.press("j")
            await desk.settled()
        target = related.neighbour.path if related.neighbour else None
        assert target is not None
        await desk.press("tab", "tab", "enter")
        await desk.settled()
        assert (desk.path, desk.focus) == (target, "articles")


async def test_a_related_article_in_another_view_is_found_there(make: Make) -> None:
    there = "https://b.example/there"
    folder = make(
        [
            {"title": "Here", "published": False, "related": [{"title": "x", "webUrl": there}]},
            {"title": "There", "published": True, "webUrl": there},
        ]
    )
    async with desk_on(folder) as desk:
        assert desk.found == ["_news/000.md"]
        await desk.press("tab", "tab", "enter")
        await desk.settled()
        assert desk.path == "_news/001.md"
        assert desk.screen.filter.view.name == "All"
        assert "another view" in desk.said


async def test_a_related_entry_that_is_elsewhere_says_so(make: Make) -> None:
    related = [{"title": "Far", "webUrl": "https://far.example/"}]
    async with desk_on(make([{"title": "Here", "published": False, "related": related}])) as desk:
        await desk.press("tab", "tab", "enter")
        assert "not in the collection" in desk.said
        assert desk.path == "_news/000.md"


# -- finding ---------------------------------------------------------------------------------


@covers("search")
async def test_results_come_as_you_type(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        everything = len(desk.found)
        await desk.press("slash")
        numbers = []
        for letter in "marigold":
            await desk.press(letter)
            await desk.settled()
            numbers.append(len(desk.found))
        assert desk.query == "marigold"
        assert numbers == sorted(numbers, reverse=True)
        assert 0 < numbers[-1] < everything
        assert desk.summary.startswith(f"{numbers[-1]} of {everything}")
        assert f"{everything - numbers[-1]} hidden" in desk.summary
        await desk.press("enter")
        assert desk.focus == "articles"
        await desk.press("slash", "escape")
        assert (desk.focus, desk.query) == ("articles", "marigold")


async def test_a_mistake_is_named_and_the_last_good_result_stays(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("slash", '"topic:AI')
        await desk.settled()
        good = desk.found
        assert good
        # Pasted: letter by letter its beginning is a good query, and a result of its own.
        desk.screen.query_one("#query-input").post_message(events.Paste(" qualty:>=50"))
        await desk.until(lambda: desk.query == "topic:AI qualty:>=50")
        await desk.settled()
        assert desk.found == good
        assert "qualty" in desk.summary
        assert "quality" in desk.summary.replace("qualty", "")
        assert desk.screen.query_one("#query-summary").has_class("-mistake")
        # What moves and reads goes on by the last good query.
        await desk.press("enter", "j", "t")
        await desk.settled()
        assert (desk.cursor, desk.focus) == (1, "articles")
        assert desk.screen.detail.article is not None
        assert desk.screen.detail.article.path == good[1]
        desk.screen.refreshing.start(is_filling=True)
        await desk.settled()
        assert desk.found == good
        assert "qualty" in desk.summary
        await desk.press("slash")
        for _ in range(len(" qualty:>=50")):
            await desk.press("backspace")
        await desk.settled()
        assert not desk.screen.query_one("#query-summary").has_class("-mistake")


@covers("topics")
async def test_the_topic_picker_narrows_chooses_several_and_shows_them(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        counts = dict(desk.screen.desk.topic_counts(desk.screen.filter.query()))
        first, second = [name for name, number in counts.items() if number][:2]

        async def open_picker() -> TopicPicker:
            await desk.press("t")
            await desk.until(lambda: desk.dialog == "TopicPicker")
            picker = desk.app.screen
            assert isinstance(picker, TopicPicker)
            await desk.drain()
            return picker

        picker = await open_picker()
        listed = dict(picker.topic_list.topics)
        assert {name: number for name, number in listed.items() if number} == {
            name: number for name, number in counts.items() if number
        }
        await desk.settled()
        drawn = [line for line in desk.lines if re.search(rf"· +{first} .*{counts[first]} ", line)]
        assert len(drawn) == 1, desk.text
        word = second.lower().split()[0]  # a space chooses
        await desk.press(f'"{word}')
        assert picker.topic_list.topic == second
        await desk.press("space")
        assert picker.topic_list.chosen == {second}
        for _ in word:
            await desk.press("backspace")
        while picker.topic_list.topic != first:
            await desk.press("down")
        await desk.press("space", "enter")
        await desk.until(lambda: not desk.dialog)
        await desk.settled()
        assert set(desk.screen.filter.topics) == {first, second}
        either = desk.screen.desk.search(desk.screen.filter.query())
        assert 0 < len(desk.found) == len(either) <= counts[first] + counts[second]

        # Esc leaves everything as it was; the counts do not depend on what is chosen.
        picker = await open_picker()
        assert picker.topic_list.chosen == {first, second}
        assert dict(picker.topic_list.topics) == listed
        await desk.press("down", "space", "escape")
        await desk.until(lambda: not desk.dialog)
        assert set(desk.screen.filter.topics) == {first, second}


async def test_enter_alone_takes_the_topic_under_the_cursor(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("t")
        await desk.until(lambda: desk.dialog == "TopicPicker")
        await desk.press("down", "up", "down", "enter")
        await desk.until(lambda: desk.screen.filter.topics)
        assert desk.screen.filter.topics == ("Computer Vision",)  # the first child of AI


async def picker_on(desk: Sitting) -> TopicPicker:
    await desk.press("t")
    await desk.until(lambda: desk.dialog == "TopicPicker")
    await desk.drain()
    picker = desk.app.screen
    assert isinstance(picker, TopicPicker)
    return picker


async def test_the_picker_asks_for_either_topic_or_for_all(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("3")
        await desk.settled()
        for words, query in (("all", "topic:AI topic:Robotics"), ("any", "topic:AI,Robotics")):
            picker = await picker_on(desk)
            while picker.topic_list.chosen != {"AI", "Robotics"}:
                if picker.topic_list.topic in {"AI", "Robotics"} - picker.topic_list.chosen:
                    await desk.press("space")
                await desk.press("down")
            await desk.press("tab")
            assert f"about {words} of the chosen" in desk.text
            await desk.press("enter")
            await desk.until(lambda: not desk.dialog)
            await desk.settled()
            expected = desk.screen.desk.search(desk.screen.desk.parse(query))
            assert list(desk.screen.articles.lines.found) == list(expected)
        assert "AI, Robotics" in "".join(desk.region("#query-topics"))


async def test_the_picker_shows_the_taxonomy_and_keeps_parents_in_sight(
    seeds_to_read: Path,
) -> None:
    async with desk_on(seeds_to_read) as desk:
        picker = await picker_on(desk)
        assert re.search(r"· AI +\d", desk.text)
        assert re.search(r"·     Face Recognition  Faces +\d", desk.text)
        assert "── Not in the taxonomy ─" in desk.text
        await desk.press("end")  # of the text; the list keeps its place
        await desk.press(*["pagedown"] * 3)
        assert picker.topic_list.topic == "Space"
        await desk.press("up")
        assert picker.topic_list.topic == "Art and Culture"
        await desk.press('"faces')
        assert [row.name for row in picker.topic_list.rows] == [
            "AI", "Computer Vision", "Face Recognition",
        ]  # fmt: skip
        await desk.press("enter")
        await desk.until(lambda: desk.screen.filter.topics == ("Face Recognition",))


async def test_the_picker_follows_the_taxonomy_and_says_what_is_wrong_with_it(
    seeds: Path,
) -> None:
    async with desk_on(seeds) as desk:
        await picker_on(desk)
        assert not desk.app.screen.query("#topic-problem")
        await desk.press("escape")
        folder = seeds / "_data" / "topics"
        (folder / "00-ai.yaml").write_text("name: [AI\n")
        (folder / "20-space.yaml").write_text("name: Space\nshortname: \x1b[2J\n")
        picker = await picker_on(desk)
        said = "".join(line.strip() for line in desk.region("#topic-problem"))
        assert "mistakes in the taxonomy" in said
        assert "_data/topics/00-ai.yaml" in said.replace(" ", "")
        space = [row for row in picker.topic_list.rows if row.name == "Space"]
        assert len(space) == 1


@covers("save_view")
async def test_what_is_shown_is_saved_as_a_view(make: Make) -> None:
    folder = make(5)
    async with desk_on(folder) as desk:
        await desk.press("slash", '"heat:>=998', "enter", "S")
        assert desk.dialog == "ViewDialog"
        await desk.press("escape")
        assert not desk.dialog
        await desk.press("S", '"Hot', "enter")
        await desk.until(lambda: desk.screen.filter.view.name == "Hot")
        await desk.settled()
        assert len(desk.found) == 3
    assert b"heat:>=998" in contents(folder)[".newsdesk.toml"]


@covers("sort")
@pytest.mark.parametrize(
    ("key", "field", "falls"),
    [
        ("q", "quality", True),
        ("d", "date", True),
        ("t", "title", False),
        ("p", "provider", False),
        ("h", "heat", False),  # sorted by heat already: the first time turns it round
    ],
)
async def test_sorting_and_the_same_again_turns_the_order_round(
    seeds_to_read: Path, key: str, field: str, falls: bool
) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("3")
        await desk.settled()
        before = sorted(desk.found)
        for descending in (falls, not falls):
            await desk.press("s", key)
            await desk.until(lambda d=descending: _order(desk) == (field, d))
            await desk.settled()
            values = [
                _value(row, field)
                for row in desk.screen.desk.rows(desk.screen.articles.lines.found)
            ]
            present = [value for value in values if value is not None]
            assert values[: len(present)] == present, "missing values come last"
            if field not in ("title", "provider"):  # the index knows how names are compared
                assert present == sorted(present, reverse=descending)
            arrow = "↓" if descending else "↑"
            assert f"{field} {arrow}" in desk.summary
            assert arrow in desk.region("#column-heads")[0]
        assert sorted(desk.found) == before


def _order(desk: Sitting) -> tuple[str, bool]:
    first = desk.screen.filter.order[0]
    return first.field, first.descending


def _value(row: object, field: str) -> object:
    if field == "provider":
        return row.provider.label or None  # type: ignore[attr-defined]
    return getattr(row, {"date": "published_at"}.get(field, field))


async def test_escape_leaves_the_sort_menu_and_the_order_alone(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        before = desk.screen.filter.order
        await desk.press("s")
        assert desk.dialog
        await desk.press("escape")
        assert not desk.dialog
        assert desk.screen.filter.order == before


@covers("view('1')", "view('2')", "view('3')", "view('4')", "view('5')")
async def test_views_show_what_their_tabs_count(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        for key, name in (
            *(("2", "Published"), ("3", "All"), ("1", "Unpublished")),
            *(("4", "Later"), ("5", "Rejected")),
        ):
            await desk.press(key)
            await desk.settled()
            assert desk.screen.filter.view.name == name
            number = len(desk.found)
            assert f"{key} {name} {number}" in desk.region("#view-tabs")[0]
            assert f"{number} of {number}" in desk.summary
            statuses = {
                row.status.value for row in desk.screen.desk.rows(desk.screen.articles.lines.found)
            }
            assert {"1": {"unpublished"}, "2": {"published"}}.get(key, statuses) == statuses


# -- deciding --------------------------------------------------------------------------------


def _flag(folder: Path, path: str) -> bytes:
    lines = (folder / path).read_bytes().splitlines()
    return next(line for line in lines if line.startswith(b"published:"))


@covers("publish", "unpublish", "undo", "redo")
async def test_verbs_change_the_published_value_and_nothing_else(seeds: Path) -> None:
    before = contents(seeds)
    async with desk_on(seeds) as desk:
        path, following = desk.paths[:2]
        await desk.press("p")
        await desk.until(lambda: desk.said.startswith("Published"))
        assert "u undo" in desk.said
        await desk.settled()
        assert (desk.path, desk.cursor) == (following, 1)
        assert path in desk.found, "the row keeps its place until the next search"
        after = contents(seeds)
        assert {p for p in before if before[p] != after[p]} == {path}
        old, new = before[path].splitlines(keepends=True), after[path].splitlines(keepends=True)
        changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert [(a.strip(), b.strip()) for a, b in changed] == [
            (b"published: false", b"published: true")
        ]
        await desk.press("u")
        await desk.until(lambda: desk.said.startswith("Taken back"))
        await desk.settled()
        assert contents(seeds) == before
        assert desk.path == path, "the cursor goes to what came back"
        await desk.press("ctrl+r")
        await desk.until(lambda: contents(seeds) == after)
        await desk.settled()
        await desk.press("k", "d") if desk.path != path else await desk.press("d")
        await desk.until(lambda: desk.said.startswith("Back to draft"))
        assert contents(seeds) == before


async def test_publishing_in_the_detail_stays_on_the_article(make: Make) -> None:
    folder = make(3)
    async with desk_on(folder) as desk:
        await desk.press("enter", "p")
        await desk.until(lambda: desk.said.startswith("Published"))
        await desk.settled()
        assert (desk.cursor, desk.focus) == (0, "detail")
        assert "● published" in "\n".join(desk.region("#detail"))


async def test_a_decision_shows_in_a_detail_that_was_read_before_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, read_before = threading.Event(), threading.Event()
    async with desk_on(make(3)) as desk:
        reads = desk.screen.desk.article

        def read_slowly(path: str) -> Article:
            article = reads(path)
            read_before.set()
            assert may_go_on.wait(PATIENCE)
            return article

        monkeypatch.setattr(desk.screen.desk, "article", read_slowly)
        await desk.press("enter")
        desk.screen.want_article()
        await desk.until(read_before.is_set)
        await desk.press("p")
        await desk.until(lambda: desk.said.startswith("Published"))
        may_go_on.set()
        await desk.settled()
        assert "● published" in "\n".join(desk.region("#detail"))


async def test_the_counts_in_the_tabs_follow_a_decision(make: Make) -> None:
    async with desk_on(make(5)) as desk:
        await desk.press("p", "p")
        await desk.until(lambda: "1 Unpublished 3  2 Published 2" in desk.region("#view-tabs")[0])


async def test_a_counting_that_is_overtaken_is_not_shown(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_on(make(5)) as desk:
        count = Desk.view_counts
        may_answer = threading.Event()
        begun: list[int] = []

        def first_one_late(self: Desk, *views: View) -> dict[View, int]:
            begun.append(len(begun))
            is_first = len(begun) == 1
            counts = count(self, *views)
            if is_first:
                may_answer.wait(30)
            return counts

        monkeypatch.setattr(Desk, "view_counts", first_one_late)
        await desk.press("p")
        await desk.until(lambda: begun)
        await desk.press("p")
        await desk.until(lambda: "1 Unpublished 3  2 Published 2" in desk.region("#view-tabs")[0])
        may_answer.set()
        await desk.settled()
        assert "1 Unpublished 3  2 Published 2" in desk.region("#view-tabs")[0]


async def test_an_article_is_gone_to_in_the_list_that_is_on_its_way(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_on(make(3)) as desk:
        search, may_answer, asked = Desk.search, threading.Event(), threading.Event()

        def search_slowly(self: Desk, *args: Any, **named: Any) -> object:
            asked.set()
            assert may_answer.wait(PATIENCE)
            return search(self, *args, **named)

        wanted = desk.paths[2]
        monkeypatch.setattr(Desk, "search", search_slowly)
        await desk.press("2")
        await desk.until(asked.is_set)
        desk.screen.action_go_to(wanted)
        may_answer.set()
        await desk.until(lambda: desk.screen.filter.view.name == "All")
        await desk.settled()
        assert desk.path == wanted


async def test_a_burst_of_publish_keys_publishes_in_order_and_drops_none(make: Make) -> None:
    folder = make(30)
    async with desk_on(folder) as desk:
        wanted = desk.found[:20]
        desk.burst(*"p" * 20)
        await desk.until(lambda: len(desk.screen.desk.log(50)) == 20)
        await desk.settled()
        log = [entry.changes[0].path for entry in reversed(desk.screen.desk.log(50))]
        assert log == wanted
        assert [_flag(folder, path) for path in wanted] == [b"published: true"] * 20
        assert _flag(folder, desk.path) == b"published: false"
        assert desk.cursor == 20
        desk.burst(*"u" * 20)
        await desk.until(lambda: _flag(folder, wanted[0]) == b"published: false")
        await desk.settled()
        assert [_flag(folder, path) for path in wanted] == [b"published: false"] * 20


async def test_mistakes_on_the_way_to_a_query_are_no_end(make: Make) -> None:
    folder = make(40)
    async with desk_on(folder) as desk:
        for query in ("is:unpublished", "quality:>=50", "(story OR x)", "-title:x", "heat:1..5"):
            desk.burst("slash", f'"{query}', "enter", "j", "escape")
            await desk.until(lambda: desk.query == "" and desk.focus == "articles")
        await desk.settled()
        assert len(desk.found) == 40


async def test_opens_on_everything_if_nothing_waits_for_an_editor(make: Make) -> None:
    folder = make([{"title": "Out", "published": True}])
    for _ in ("cold", "warm"):
        async with desk_on(folder) as desk:
            await desk.settled()
            assert desk.screen.filter.view.name == "All"
            assert desk.found == ["_news/000.md"]


async def test_what_is_published_already_is_left_alone(make: Make) -> None:
    folder = make([{"title": "Out", "published": True}])
    before = contents(folder)
    async with desk_on(folder) as desk:
        await desk.press("p")
        await desk.until(lambda: "already" in desk.said)
    assert contents(folder) == before


@covers("reject", "later", "star")
@pytest.mark.parametrize(
    ("key", "query", "leaves"),
    [("x", "is:rejected", True), ("space", "is:later", True), ("f", "is:starred", False)],
)
async def test_decisions_beside_the_files_touch_no_file(
    make: Make, key: str, query: str, leaves: bool
) -> None:
    folder = make(4)
    before = contents(folder)
    async with desk_on(folder) as desk:
        path = desk.path
        await desk.press(key)
        await desk.until(lambda: desk.said)
        await desk.settled()
        assert desk.cursor == int(leaves)
        await desk.press("3", "slash", f'"{query}', "enter")
        await desk.until(lambda: desk.found == [path])
        await desk.settled()
        await desk.press("u")
        await desk.until(lambda: "Taken back" in desk.said or "again" in desk.said)
        await desk.press("r")
        await desk.until(lambda: desk.found == [])
    assert contents(folder) == before


@covers("later_until")
async def test_an_article_can_be_put_off_until_a_day(make: Make) -> None:
    folder = make(3)
    async with desk_on(folder) as desk:
        path = desk.path
        await desk.press("b")
        assert desk.dialog
        await desk.press("w")
        await desk.until(lambda: not desk.dialog and desk.said)
        await desk.press("4")
        await desk.until(lambda: desk.found == [path])


@covers("note")
async def test_a_note_is_kept_and_shown(make: Make) -> None:
    folder = make(3)
    before = contents(folder)
    async with desk_on(folder) as desk:
        await desk.press("n")
        await desk.until(lambda: desk.dialog == "NoteDialog")
        await desk.press('"ask Mr P about ducks', "enter")
        await desk.until(lambda: not desk.dialog)
        await desk.until(lambda: "ask Mr P about ducks" in "\n".join(desk.region("#detail")))
    assert contents(folder) == before
    async with desk_on(folder) as desk:
        await desk.press("n")
        await desk.until(lambda: desk.dialog == "NoteDialog")
        await desk.drain()
        assert desk.app.screen.query_one(Input).value == "ask Mr P about ducks"


@covers("mark", "mark_range", "mark_all")
async def test_a_verb_acts_on_the_marked_and_one_undo_takes_all_back(make: Make) -> None:
    folder = make(8)
    before = contents(folder)
    async with desk_on(folder) as desk:
        first, *_ = paths = desk.found
        await desk.press("m")
        assert desk.cursor == 1
        await desk.press("j", "j", "v")  # the range reaches from the mark to the cursor
        assert len(desk.screen.articles.marked) == 4
        assert sum("✓" in line for line in desk.region("#articles")) == 4
        await desk.press("p")
        await desk.until(lambda: desk.said.startswith("Published"))
        assert [_flag(folder, path) for path in paths] == (
            [b"published: true"] * 4 + [b"published: false"] * 4
        )
        assert not desk.screen.articles.marked
        await desk.press("u")
        await desk.until(lambda: contents(folder) == before)
        await desk.press("*")
        assert len(desk.screen.articles.marked) == 8
        await desk.press("*")
        assert not desk.screen.articles.marked
        assert first in desk.found


@covers("repeat")
async def test_repeat_does_the_last_verb_again_where_the_cursor_is(make: Make) -> None:
    folder = make(4)
    async with desk_on(folder) as desk:
        await desk.press(".")
        assert "no verb" in desk.said
        paths = desk.found
        await desk.press("p", "j", ".")
        await desk.until(lambda: _flag(folder, paths[2]) == b"published: true")
        assert _flag(folder, paths[1]) == b"published: false"


@covers("publish_shown")
async def test_publishing_all_shown_asks_first(make: Make) -> None:
    folder = make(6)
    before = contents(folder)
    async with desk_on(folder) as desk:
        for answer in ("n", "escape", "y"):
            await desk.screen.run_action("publish_shown")
            await desk.until(lambda: desk.dialog == "Confirm")
            await desk.drain()
            assert "6 shown articles" in desk.text
            assert contents(folder) == before
            await desk.press(answer)
            await desk.until(lambda: not desk.dialog)
        await desk.until(lambda: "6 articles" in desk.said)
        assert all(_flag(folder, path) == b"published: true" for path in before)


# -- reading ---------------------------------------------------------------------------------


def _program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(f"#!{sys.executable}\nimport os, sys\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


class Browser:
    """A browser that writes down what it was asked to open."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def was_started(self) -> bool:
        return self._log.exists()

    def take_arguments(self) -> list[str]:
        arguments = self._log.read_text().splitlines()
        self._log.unlink()
        return arguments


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The browser that the desk starts in this test."""
    log = tmp_path / "browser.log"
    # Written whole under another name: whoever waits for the file never sees half of it.
    program = _program(
        tmp_path,
        "browser",
        f"part = {str(log)!r} + str(os.getpid())\n"
        "open(part, 'w').write('\\n'.join(sys.argv[1:]))\n"
        f"os.replace(part, {str(log)!r})",
    )
    monkeypatch.setenv("BROWSER", str(program))
    return Browser(log)


@covers("browse")
async def test_the_browser_gets_the_address_and_nothing_else(make: Make, browser: Browser) -> None:
    url = "https://a.example/story?x=1&y=%20;$(touch+x)"
    related = [{"title": "x", "webUrl": "https://b.example/other"}]
    folder = make([{"title": "One", "published": False, "webUrl": url, "related": related}])
    async with desk_on(folder) as desk:
        await desk.press("o")
        await desk.until(browser.was_started)
        assert browser.take_arguments() == [url]
        assert desk.said.startswith("Opened https://a.example/story")
        await desk.press("tab", "tab", "o")
        await desk.until(browser.was_started)
        assert browser.take_arguments() == ["https://b.example/other"]


HOSTILE_ADDRESSES = (
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "--new-window=https://a.example",
    "-https://a.example",
    "https://user:secret@a.example/",
    "https://a.example/\nhttps://b.example",
    "https://a.example/\x1b]52;c;eA==\x07",
    "https://",
    "http:///path",
    "//a.example/",
    "ftp://a.example/",
    "https://a.example/\u2028x",
    "\x00https://a.example",
)


async def test_no_hostile_address_reaches_the_browser(make: Make, browser: Browser) -> None:
    folder = make(
        [
            {"title": f"H{n}", "heat": 99 - n, "published": False, "webUrl": url}
            for n, url in enumerate(HOSTILE_ADDRESSES)
        ]
    )
    async with desk_on(folder) as desk:
        for number, _ in enumerate(HOSTILE_ADDRESSES):
            assert desk.path == f"_news/{number:03d}.md"
            desk.screen.say("")
            await desk.press("o")
            assert desk.said, HOSTILE_ADDRESSES[number]
            assert not desk.said.startswith("Opened"), HOSTILE_ADDRESSES[number]
            await desk.press("j")
        await desk.settled()
    assert not browser.was_started()


@pytest.mark.parametrize("url", ["", *HOSTILE_ADDRESSES])
def test_no_command_is_made_of_a_hostile_address(browser: Browser, url: str) -> None:
    with pytest.raises(NewsdeskError, match="not a web address"):
        browser_command(url)
    assert browser_command("https://a.example/")[-1] == "https://a.example/"


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://a.example/ --flag", "https://a.example/%20--flag"),
        ("https://a.example\\@b.example/", "https://a.example/@b.example/"),
    ],
)
def test_a_url_is_opened_as_one_argument_and_as_browsers_read_it(
    browser: Browser, url: str, opened: str
) -> None:
    assert browser_command(url)[-1] == opened


@pytest.mark.parametrize("browser_setting", ["/nonexistent/program", "sh -c 'exit 1' %s"])
async def test_a_browser_that_cannot_start_is_no_end_of_the_desk(
    make: Make, monkeypatch: pytest.MonkeyPatch, browser_setting: str
) -> None:
    monkeypatch.setenv("BROWSER", browser_setting)
    async with desk_on(make(1)) as desk:
        await desk.press("o")
        assert desk.said
        await desk.press("j")


@pytest.mark.parametrize("code", [0, 1])
async def test_in_tmux_the_address_is_copied_by_tmux(
    code: int, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, told = tmp_path / "programs", tmp_path / "told"
    programs.mkdir()
    tmux = programs / "tmux"
    tmux.write_text(f'#!/bin/sh\n{{ echo "$@"; cat; }} > {told}\nexit {code}\n')
    tmux.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    url = "https://a.example/1"
    async with desk_on(make([{"title": "a", "published": False, "webUrl": url}])) as desk:
        await desk.press("y")
        await desk.until(lambda: url in desk.said)
        assert told.read_text() == f"load-buffer -w -\n{url}"
        # An old tmux does not know -w: then the terminal is told, as everywhere else.
        assert ("tmux" in desk.said) == (code == 0)
        assert desk.app.clipboard == ("" if code == 0 else url)


@covers("copy")
async def test_the_address_goes_to_the_clipboard(make: Make) -> None:
    related = [{"title": "x", "webUrl": "https://b.example/other"}]
    folder = make(
        [
            {"title": "a", "heat": 2, "published": False, "webUrl": "https://a.example/1"},
            {"title": "b", "heat": 1, "published": False, "related": related},
        ]
    )
    async with desk_on(folder) as desk:
        await desk.press("y")
        assert desk.app.clipboard == "https://a.example/1"
        assert desk.said == "Copied https://a.example/1"
        await desk.press("j", "y")
        assert "no web address" in desk.said
        await desk.settled()
        await desk.press("tab", "tab", "y")
        assert desk.app.clipboard == "https://b.example/other"


async def test_nothing_that_a_shell_would_obey_is_copied(make: Make) -> None:
    hostile = (*HOSTILE_ADDRESSES, "https://a.example/\ud800")
    folder = make(
        [
            {"title": f"H{n}", "heat": 99 - n, "published": False, "webUrl": url}
            for n, url in enumerate(hostile)
        ]
    )
    async with desk_on(folder) as desk:
        for _ in hostile:
            await desk.press("y", "j")
            assert desk.app.clipboard.isprintable(), desk.app.clipboard
            desk.app.clipboard.encode()


@contextmanager
def _no_suspension() -> Iterator[None]:
    """There is no terminal to step aside from in these tests; `test_pty` has one."""
    yield


@covers("edit")
async def test_the_editor_opens_the_file_and_its_changes_show(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(2)
    log = tmp_path / "editor.log"
    editor = _program(
        tmp_path,
        "my editor",
        "path = sys.argv[-1]\n"
        f"open({str(log)!r}, 'w').write('\\n'.join(sys.argv[1:]))\n"
        "text = open(path).read()\n"
        "open(path, 'w').write(text.replace('Story 000', 'Quite another title'))",
    )
    monkeypatch.setenv("EDITOR", f"'{editor}' --wait")
    async with desk_on(folder) as desk:
        monkeypatch.setattr(desk.app, "suspend", _no_suspension)
        await desk.press("e")
        await desk.until(lambda: "Quite another title" in "\n".join(desk.region("#articles")))
        await desk.until(lambda: "Quite another title" in "\n".join(desk.region("#detail")))
        assert log.read_text().splitlines() == ["--wait", str(folder / "_news" / "000.md")]
        assert desk.cursor == 0


async def test_without_an_editor_the_desk_says_which_variable_to_set(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "/nonexistent/editor")
    async with desk_on(make(1)) as desk:
        monkeypatch.setattr(desk.app, "suspend", _no_suspension)
        await desk.press("e")
        await desk.until(lambda: "$EDITOR" in desk.said)


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if "gone" in self.path else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>x</title>" + b"words " * 200)

    do_HEAD = do_GET  # noqa: N815 - the name is the library's

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a web server of our own: /gone is 404, everything else a page."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@covers("check_links")
async def test_verdicts_come_to_stand_beside_the_addresses(
    make: Make, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Policy(allow_private=True, delay=0)
    monkeypatch.setattr("newsdesk.workspace.workspace.Desk.link_policy", policy)
    urls = {"webUrl": f"{site}/here", "originalUrl": f"{site}/gone"}
    folder = make([{"title": "a", "published": False, **urls}, {"title": "b", "published": False}])
    async with desk_on(folder) as desk:
        await desk.press("l")
        await desk.until(lambda: "checked" in desk.said)
        await desk.settled()
        detail = desk.region("#detail")
        here = next(n for n, line in enumerate(detail) if "/here" in line)
        gone = next(n for n, line in enumerate(detail) if "/gone" in line)
        assert "✓ alive" in detail[here + 1]
        assert "✗ dead" in detail[gone + 1] or "~ suspect" in detail[gone + 1]
        assert "2 addresses checked" in desk.said
        await desk.press("j", "l")
        await desk.until(lambda: "no web address" in desk.said)


async def test_escape_stops_a_check_and_quitting_does_not_wait_for_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def check(
        self: object,
        paths: object,
        policy: object,
        *,
        is_cancelled: Callable[[], bool],
        **_: object,
    ) -> Iterator[object]:
        started.set()
        while not is_cancelled():
            time.sleep(0.01)
        yield from ()

    monkeypatch.setattr("newsdesk.workspace.links.service.LinkDesk.check_articles", check)
    async with desk_on(make(2)) as desk:
        await desk.press("l")
        await desk.until(started.is_set)
        assert "asking" in "\n".join(desk.region("#detail"))
        assert "links 0 of 1" in desk.region("#status-line")[0]
        await desk.press("escape")
        await desk.until(lambda: "stopped" in desk.said)
        await desk.until(lambda: "links" not in desk.region("#status-line")[0].split("stopped")[-1])
        started.clear()
        await desk.press("l")
        await desk.until(started.is_set)
        await desk.press("q")
        await desk.until(lambda: desk.app._exit)


@covers("zoom")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_zoom_shows_one_pane_over_the_whole_screen_and_comes_back(
    seeds_to_read: Path, size: tuple[int, int]
) -> None:
    async with desk_on(seeds_to_read, size=size) as desk:
        before = {pane: desk.screen.query_one(pane).region for pane in ("#articles", "#detail")}
        for pane, name in (("#list-pane", "articles"), ("#detail", ""), ("#related", "")):
            await desk.press("z")
            await desk.until(lambda p=pane: desk.screen.query_one(p).region.width == size[0])
            assert desk.screen.query_one(pane).region.height == size[1] - 4
            assert desk.focus == (name or pane[1:])
            await desk.press("z", "tab")
            await desk.drain()
        assert before == {
            pane: desk.screen.query_one(pane).region for pane in ("#articles", "#detail")
        }


# -- the desk --------------------------------------------------------------------------------


@covers("refresh_desk")
async def test_a_refresh_shows_new_changed_and_gone_files(make: Make) -> None:
    folder = make(6)
    async with desk_on(folder) as desk:
        await desk.press("j", "j", "j")
        here = desk.path
        new = article_text(title="Hot off the press", heat=5000, published=False)
        (folder / "_news" / "new.md").write_text(new)
        changed = article_text(title="Story with another name", heat=999, published=False)
        (folder / "_news" / "001.md").write_text(changed)
        (folder / "_news" / "002.md").unlink()
        await desk.press("r")
        await desk.until(lambda: len(desk.found) == 6 and "_news/new.md" in desk.found)
        await desk.settled()
        assert desk.found[0] == "_news/new.md"
        assert "_news/002.md" not in desk.found
        assert "Story with another name" in "\n".join(desk.region("#articles"))
        assert desk.path == here, "the cursor stays on its article"


async def test_a_background_refresh_leaves_every_row_in_its_place(make: Make) -> None:
    folder = make(6)
    async with desk_on(folder) as desk:
        await desk.press("j", "j")
        before, here = desk.found, desk.path
        new = article_text(title="Hot off the press", heat=5000, published=False)
        (folder / "_news" / "new.md").write_text(new)
        changed = article_text(title="Cold by now", heat=-1, published=False)
        (folder / "_news" / "001.md").write_text(changed)
        desk.screen.refreshing.start(is_filling=False)
        await desk.until(lambda: "1 new, 1 changed" in desk.said)
        await desk.settled()
        assert (desk.found, desk.path) == (before, here)
        assert "Cold by now" in desk.region("#articles")[1]
        await desk.press("r")
        await desk.until(lambda: desk.found[0] == "_news/new.md")
        await desk.settled()
        assert desk.path == here


@covers("help")
async def test_help_names_every_key_and_the_query_language(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press("?")
        assert desk.dialog == "HelpScreen"
        await desk.drain()
        page = desk.app.screen.query_one("#help-text", Static)
        text = " ".join(str(page.content).split())
        for command in COMMANDS:
            if command.keys:  # the palette offers the others
                assert f"{' '.join(command.shown_keys)} {command.title}." in text
        assert "topic:AI" in text
        await desk.press("escape")
        assert not desk.dialog
        for leave in ("q", "question_mark"):
            await desk.press("?")
            assert desk.dialog
            await desk.press(leave)
            assert not desk.dialog, "and q in a dialog does not leave the desk"


async def test_help_scrolls_with_both_spellings(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read, size=(80, 24)) as desk:
        await desk.press("?")
        page = desk.app.screen.query_one("#help")
        for key in ("j", "down"):
            top = page.scroll_offset.y
            await desk.press(key)
            await desk.until(lambda t=top: page.scroll_offset.y > t)
        await desk.press("end")
        await desk.until(lambda: "▣" in desk.text)


@covers("palette")
@pytest.mark.parametrize("key", [":", "ctrl+p"])
async def test_the_palette_runs_what_is_typed(seeds_to_read: Path, key: str) -> None:
    async with desk_on(seeds_to_read) as desk:
        await desk.press(key)
        await desk.until(lambda: desk.dialog == "CommandPalette")
        await desk.press('"view all')
        await desk.until(lambda: "View: All" in desk.text)
        await desk.press("enter")
        await desk.until(lambda: desk.screen.filter.view.name == "All", "the command has run")


async def test_the_palette_offers_every_command_but_moves_and_itself(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read, size=(120, 150)) as desk:
        await desk.press(":")
        await desk.until(lambda: "Quit  (q)" in desk.text)
        for command in COMMANDS:
            if command.group.value != "Move" and command.name != "palette":
                assert command.title in desk.text


@covers("suspend_desk")
async def test_to_the_shell_is_bound(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the terminal gets to see of it is in `test_pty`.
    async with desk_on(make(1)) as desk:
        asked = []
        monkeypatch.setattr(desk.app, "action_suspend_process", lambda: asked.append(1))
        await desk.press("ctrl+z")
        assert asked == [1]


@covers("quit_desk")
async def test_quitting_waits_for_what_is_being_written(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(6)
    from newsdesk.workspace.workspace import Desk

    fast = Desk.set_published

    def slow(self: Desk, *args: object, **kwargs: object) -> object:
        time.sleep(0.05)
        return fast(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "set_published", slow)
    async with desk_on(folder) as desk:
        desk.burst(*"pppp", "q")
        await desk.until(lambda: desk.app._exit)
        assert desk.app.return_code == 0
    flags = [_flag(folder, f"_news/{number:03d}.md") for number in range(6)]
    assert flags == [b"published: true"] * 4 + [b"published: false"] * 2


# -- keys that come faster than dialogs open --------------------------------------------------


@pytest.mark.parametrize("round_", range(3))
async def test_keys_typed_ahead_reach_what_the_first_of_them_opens(make: Make, round_: int) -> None:
    topics = [["Computer Vision"], ["Language Models"], ["Visual Art"]]
    folder = make(
        [
            {"title": f"Marigold {n}", "heat": n, "published": False, "topics": topics[n % 3]}
            for n in range(6)
        ]
    )
    before = contents(folder)
    async with desk_on(folder) as desk:
        desk.burst('"/marigold', "enter", '"jj')
        await desk.until(lambda: desk.query == "marigold" and desk.focus == "articles")
        await desk.settled()
        desk.burst('"sq')
        await desk.until(lambda: _order(desk) == ("quality", True))
        await desk.settled()
        assert not desk.dialog
        desk.burst('"tvis')
        await desk.until(lambda: desk.dialog == "TopicPicker")
        await desk.drain()
        picker = desk.app.screen
        assert isinstance(picker, TopicPicker)
        assert picker.query_one(Input).value == "vis"
        assert [name for name, _ in picker.topic_list.topics] == ["Computer Vision", "Visual Art"]
        desk.burst("enter", '"?', "escape", '"/x', "escape", "escape")
        await desk.until(lambda: desk.screen.filter.topics == ("Computer Vision",))
        await desk.settled()
        assert (desk.dialog, desk.query, desk.focus) == ("", "", "articles")
        assert not desk.screen.articles.marked
    assert contents(folder) == before


async def test_keys_wait_no_longer_than_a_moment_after_a_dialog_closed(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        begin = time.monotonic()
        for _ in range(5):
            desk.burst("?", "escape", "j", "s", "escape", "j")
        await desk.until(lambda: desk.cursor == 10)
        assert time.monotonic() - begin < 5


# -- mouse -----------------------------------------------------------------------------------


async def test_a_click_moves_the_cursor_and_a_second_one_opens(make: Make) -> None:
    async with desk_on(make(100)) as desk:
        await desk.pilot.click("#articles", offset=(30, 4))
        await desk.until(lambda: desk.cursor == 4)
        await desk.settled()
        assert desk.path == "_news/004.md"
        await desk.pilot.click("#articles", offset=(30, 6), times=2)
        await desk.until(lambda: desk.focus == "detail")
        assert desk.cursor == 6


async def test_a_click_beyond_the_last_row_changes_nothing(make: Make) -> None:
    async with desk_on(make(2)) as desk:
        await desk.pilot.click("#articles", offset=(30, 20))
        await desk.drain()
        assert desk.cursor == 0


async def test_the_wheel_scrolls_the_list_and_not_the_cursor(make: Make) -> None:
    async with desk_on(make(100)) as desk:
        articles = desk.screen.articles
        await desk.pilot._post_mouse_events(
            [events.MouseScrollDown], widget="#articles", offset=(5, 5), button=0
        )
        await desk.until(lambda: articles.top == 3)
        await desk.pilot._post_mouse_events(
            [events.MouseScrollUp, events.MouseScrollUp], widget="#articles", offset=(5, 5)
        )
        await desk.until(lambda: articles.top == 0)
        assert desk.cursor == 0


@pytest.mark.parametrize(
    ("x", "order"),
    [
        (7, ("heat", False)),
        (12, ("quality", True)),
        (17, ("date", True)),
        (26, ("title", False)),
        (65, ("provider", False)),
    ],
)
async def test_a_click_on_a_column_head_sorts_by_it(
    make: Make, x: int, order: tuple[str, bool]
) -> None:
    async with desk_on(make(5)) as desk:
        await desk.pilot.click("#column-heads", offset=(x, 0))
        await desk.until(lambda: _order(desk) == order)


async def test_a_click_on_a_tab_opens_the_view(seeds_to_read: Path) -> None:
    async with desk_on(seeds_to_read) as desk:
        for name in ("Published", "All", "Unpublished"):
            at = desk.region("#view-tabs")[0].index(name) + 1
            await desk.pilot.click("#view-tabs", offset=(at, 0))
            await desk.until(lambda n=name: desk.screen.filter.view.name == n)


async def test_a_click_on_a_key_in_the_bar_presses_it(make: Make) -> None:
    folder = make(3)
    async with desk_on(folder) as desk:
        at = desk.region("#key-bar")[0].index("publish") + 1
        await desk.pilot.click("#key-bar", offset=(at, 0))
        await desk.until(lambda: _flag(folder, "_news/000.md") == b"published: true")


async def test_a_click_on_an_address_opens_it(make: Make, browser: Browser) -> None:
    urls = {"webUrl": "https://a.example/1?a='x',(y)", "originalUrl": "https://b.example/2"}
    async with desk_on(make([{"title": "One", "published": False, **urls}])) as desk:
        for url in urls.values():
            y = next(n for n, line in enumerate(desk.region("#detail")) if url in line)
            await desk.pilot.click("#detail", offset=(15, y + 1))  # one more: the title's line
            await desk.until(browser.was_started)
            assert browser.take_arguments() == [url]


async def test_a_click_on_something_that_is_no_address_opens_nothing(
    make: Make, browser: Browser
) -> None:
    url = "javascript:alert(1)"
    async with desk_on(make([{"title": "One", "published": False, "webUrl": url}])) as desk:
        y = next(n for n, line in enumerate(desk.region("#detail")) if url in line)
        await desk.pilot.click("#detail", offset=(15, y + 1))
        await desk.drain()
        assert "Opened" not in desk.said
    assert not browser.was_started()
