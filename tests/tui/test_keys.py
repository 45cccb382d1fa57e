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
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, article_text, contents
from .driving import TIMEOUT_SECONDS, Session, workspace_on

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
    async with workspace_on(make(100)) as workspace:
        page = workspace.screen.articles.page
        for key, row in (
            *(("j", 1), ("down", 2), ("k", 1), ("up", 0), ("k", 0), ("up", 0)),
            *(("G", 99), ("j", 99), ("g", 0), ("end", 99), ("home", 0)),
            *(("pagedown", page - 1), ("pageup", 0), ("ctrl+d", round((page - 1) / 2))),
            ("ctrl+u", 0),
        ):
            await workspace.press(key)
            assert (key, workspace.cursor) == (key, row)
        await workspace.settled()
        assert workspace.screen.detail.article is not None
        assert workspace.screen.detail.article.path == workspace.path == "_news/000.md"


async def test_the_cursor_stays_in_sight(make: Make) -> None:
    async with workspace_on(make(100), size=(80, 24)) as workspace:
        for key in ("G", "pageup", "k", "ctrl+u", "g", "ctrl+d", "pagedown", "j"):
            await workspace.press(key)
            pane = workspace.screen.articles
            assert pane.top <= pane.cursor < pane.top + pane.page
            shown = [line for line in workspace.region("#articles") if line.startswith("▌")]
            assert len(shown) == 1
            assert f"Story {workspace.cursor:03d}" in shown[0]


async def test_moving_keys_scroll_the_text_of_a_long_article(make: Make) -> None:
    body = "\n\n".join(f"Paragraph {number}." for number in range(100))
    async with workspace_on(
        make([{"title": "Long", "published": False, "body": body}])
    ) as workspace:
        await workspace.press("enter")
        assert workspace.focus == "detail"
        detail = workspace.screen.detail
        for key, top in (
            *(("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0)),
            *(("pagedown", detail.page - 1), ("pageup", 0), ("end", detail.count - detail.page)),
            *(("g", 0), ("ctrl+d", round((detail.page - 1) / 2)), ("ctrl+u", 0)),
        ):
            await workspace.press(key)
            assert (key, detail.top) == (key, top)
        await workspace.press("G")
        assert "Paragraph 99." in "\n".join(workspace.region("#detail"))


@covers("next_pane", "previous_pane")
async def test_tab_goes_round_the_panes_and_never_into_the_query_bar(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab", "shift+tab", "shift+tab"):
            await workspace.press(key)
            seen.append(workspace.focus)
        assert seen == ["detail", "related", "articles", "related", "detail", "articles"]
        await workspace.press("slash", "tab")
        assert workspace.focus == "articles"


@covers("choose", "back")
async def test_enter_opens_and_escape_leaves_step_by_step(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("slash", '"heat:>0', "enter")
        await workspace.until(lambda: "hidden" in workspace.summary)
        await workspace.press("enter")
        assert workspace.focus == "detail"
        await workspace.press("escape")
        assert workspace.focus == "articles"
        assert workspace.query == "heat:>0"
        await workspace.press("escape")
        assert workspace.query == ""
        await workspace.until(lambda: "hidden" not in workspace.summary)
        await workspace.press("escape")  # nothing left to leave
        assert workspace.focus == "articles"


async def test_escape_takes_the_query_first_and_the_topics_after_it(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        everything = len(workspace.found)
        await workspace.press("t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.press("enter")
        await workspace.until(lambda: workspace.screen.filter.topics)
        await workspace.press("slash", '"heat:>50', "enter", "escape")
        await workspace.until(lambda: workspace.query == "" and workspace.screen.filter.topics)
        await workspace.press("escape")
        await workspace.until(lambda: not workspace.screen.filter.topics)
        await workspace.until(lambda: len(workspace.found) == everything)


async def test_enter_on_a_related_entry_goes_to_that_article(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("3")
        await workspace.settled()
        related = workspace.screen.related
        for _ in range(40):
            if related.item and related.item.path:
                break
            await workspace.press("j")
            await workspace.settled()
        target = related.item.path if related.item else None
        assert target is not None
        await workspace.press("tab", "tab", "enter")
        await workspace.settled()
        assert (workspace.path, workspace.focus) == (target, "articles")


async def test_a_related_article_in_another_view_is_found_there(make: Make) -> None:
    there = "https://b.example/there"
    folder = make(
        [
            {"title": "Here", "published": False, "related": [{"title": "x", "webUrl": there}]},
            {"title": "There", "published": True, "webUrl": there},
        ]
    )
    async with workspace_on(folder) as workspace:
        assert workspace.found == ["_news/000.md"]
        await workspace.press("tab", "tab", "enter")
        await workspace.settled()
        assert workspace.path == "_news/001.md"
        assert workspace.screen.filter.view.name == "All"
        assert "another view" in workspace.said


async def test_a_related_entry_that_is_elsewhere_says_so(make: Make) -> None:
    related = [{"title": "Far", "webUrl": "https://far.example/"}]
    async with workspace_on(
        make([{"title": "Here", "published": False, "related": related}])
    ) as workspace:
        await workspace.press("tab", "tab", "enter")
        assert "Not in the collection" in workspace.said
        assert workspace.path == "_news/000.md"


# -- finding ---------------------------------------------------------------------------------


@covers("search")
async def test_results_come_as_you_type(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        everything = len(workspace.found)
        await workspace.press("slash")
        numbers = []
        for letter in "marigold":
            await workspace.press(letter)
            await workspace.settled()
            numbers.append(len(workspace.found))
        assert workspace.query == "marigold"
        assert numbers == sorted(numbers, reverse=True)
        assert 0 < numbers[-1] < everything
        assert workspace.summary.startswith(f"{numbers[-1]} of {everything}")
        assert f"{everything - numbers[-1]} hidden" in workspace.summary
        await workspace.press("enter")
        assert workspace.focus == "articles"
        await workspace.press("slash", "escape")
        assert (workspace.focus, workspace.query) == ("articles", "marigold")


async def test_a_mistake_is_named_and_the_last_good_result_stays(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("slash", '"topic:AI')
        await workspace.settled()
        good = workspace.found
        assert good
        # Pasted: letter by letter its beginning is a good query, and a result of its own.
        workspace.screen.query_one("#query-input").post_message(events.Paste(" qualty:>=50"))
        await workspace.until(lambda: workspace.query == "topic:AI qualty:>=50")
        await workspace.settled()
        assert workspace.found == good
        assert "qualty" in workspace.summary
        assert "quality" in workspace.summary.replace("qualty", "")
        assert workspace.screen.query_one("#query-summary").has_class("-mistake")
        # What moves and reads goes on by the last good query.
        await workspace.press("enter", "j", "t")
        await workspace.settled()
        assert (workspace.cursor, workspace.focus) == (1, "articles")
        assert workspace.screen.detail.article is not None
        assert workspace.screen.detail.article.path == good[1]
        workspace.screen.refresher.start(is_filling=True)
        await workspace.settled()
        assert workspace.found == good
        assert "qualty" in workspace.summary
        await workspace.press("slash")
        for _ in range(len(" qualty:>=50")):
            await workspace.press("backspace")
        await workspace.settled()
        assert not workspace.screen.query_one("#query-summary").has_class("-mistake")


@covers("topics")
async def test_the_topic_picker_narrows_chooses_several_and_shows_them(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        counts = dict(workspace.screen.workspace.topic_counts(workspace.screen.filter.query()))
        first, second = [name for name, number in counts.items() if number][:2]

        async def open_picker() -> TopicPicker:
            await workspace.press("t")
            await workspace.until(lambda: workspace.dialog == "TopicPicker")
            picker = workspace.app.screen
            assert isinstance(picker, TopicPicker)
            await workspace.drain()
            return picker

        picker = await open_picker()
        listed = dict(picker.topic_list.topics)
        assert {name: number for name, number in listed.items() if number} == {
            name: number for name, number in counts.items() if number
        }
        await workspace.settled()
        drawn = [
            line for line in workspace.lines if re.search(rf"· +{first} .*{counts[first]} ", line)
        ]
        assert len(drawn) == 1, workspace.text
        word = second.lower().split()[0]  # a space chooses
        await workspace.press(f'"{word}')
        assert picker.topic_list.topic == second
        await workspace.press("space")
        assert picker.topic_list.chosen == {second}
        for _ in word:
            await workspace.press("backspace")
        while picker.topic_list.topic != first:
            await workspace.press("down")
        await workspace.press("space", "enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.settled()
        assert set(workspace.screen.filter.topics) == {first, second}
        either = workspace.screen.workspace.search(workspace.screen.filter.query())
        assert 0 < len(workspace.found) == len(either) <= counts[first] + counts[second]

        # Esc leaves everything as it was; the counts do not depend on what is chosen.
        picker = await open_picker()
        assert picker.topic_list.chosen == {first, second}
        assert dict(picker.topic_list.topics) == listed
        await workspace.press("down", "space", "escape")
        await workspace.until(lambda: not workspace.dialog)
        assert set(workspace.screen.filter.topics) == {first, second}


async def test_enter_alone_takes_the_topic_under_the_cursor(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.press("down", "up", "down", "enter")
        await workspace.until(lambda: workspace.screen.filter.topics)
        assert workspace.screen.filter.topics == ("Computer Vision",)  # the first child of AI


async def picker_on(workspace: Session) -> TopicPicker:
    await workspace.press("t")
    await workspace.until(lambda: workspace.dialog == "TopicPicker")
    await workspace.drain()
    picker = workspace.app.screen
    assert isinstance(picker, TopicPicker)
    return picker


async def test_the_picker_asks_for_either_topic_or_for_all(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("3")
        await workspace.settled()
        for words, query in (("all", "topic:AI topic:Robotics"), ("any", "topic:AI,Robotics")):
            picker = await picker_on(workspace)
            while picker.topic_list.chosen != {"AI", "Robotics"}:
                if picker.topic_list.topic in {"AI", "Robotics"} - picker.topic_list.chosen:
                    await workspace.press("space")
                await workspace.press("down")
            await workspace.press("tab")
            assert f"{words} of the chosen topics" in workspace.text
            await workspace.press("enter")
            await workspace.until(lambda: not workspace.dialog)
            await workspace.settled()
            expected = workspace.screen.workspace.search(workspace.screen.workspace.parse(query))
            assert list(workspace.screen.articles.lines.found) == list(expected)
        assert "AI, Robotics" in "".join(workspace.region("#query-topics"))


async def test_the_picker_shows_the_taxonomy_and_keeps_parents_in_sight(
    seeds_to_read: Path,
) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        picker = await picker_on(workspace)
        assert re.search(r"· AI +\d", workspace.text)
        assert re.search(r"·     Face Recognition  Faces +\d", workspace.text)
        assert "── Not in the taxonomy ─" in workspace.text
        await workspace.press("end")  # of the text; the list keeps its place
        await workspace.press(*["pagedown"] * 3)
        assert picker.topic_list.topic == "Space"
        await workspace.press("up")
        assert picker.topic_list.topic == "Art and Culture"
        await workspace.press('"faces')
        assert [row.name for row in picker.topic_list.rows] == [
            "AI", "Computer Vision", "Face Recognition",
        ]  # fmt: skip
        await workspace.press("enter")
        await workspace.until(lambda: workspace.screen.filter.topics == ("Face Recognition",))


async def test_the_picker_follows_the_taxonomy_and_says_what_is_wrong_with_it(
    seeds: Path,
) -> None:
    async with workspace_on(seeds) as workspace:
        await picker_on(workspace)
        assert not workspace.app.screen.query("#topic-problem")
        await workspace.press("escape")
        folder = seeds / "_data" / "topics"
        (folder / "00-ai.yaml").write_text("name: [AI\n")
        (folder / "20-space.yaml").write_text("name: Space\nshortname: \x1b[2J\n")
        picker = await picker_on(workspace)
        said = "".join(line.strip() for line in workspace.region("#topic-problem"))
        assert "mistakes in the taxonomy" in said
        assert "_data/topics/00-ai.yaml" in said.replace(" ", "")
        space = [row for row in picker.topic_list.rows if row.name == "Space"]
        assert len(space) == 1


@covers("save_view")
async def test_what_is_shown_is_saved_as_a_view(make: Make) -> None:
    folder = make(5)
    async with workspace_on(folder) as workspace:
        await workspace.press("slash", '"heat:>=998', "enter", "S")
        assert workspace.dialog == "SaveViewDialog"
        await workspace.press("escape")
        assert not workspace.dialog
        await workspace.press("S", '"Hot', "enter")
        await workspace.until(lambda: workspace.screen.filter.view.name == "Hot")
        await workspace.settled()
        assert len(workspace.found) == 3
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
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("3")
        await workspace.settled()
        before = sorted(workspace.found)
        for descending in (falls, not falls):
            await workspace.press("s", key)
            await workspace.until(lambda d=descending: _order(workspace) == (field, d))
            await workspace.settled()
            values = [
                _value(row, field)
                for row in workspace.screen.workspace.rows(workspace.screen.articles.lines.found)
            ]
            present = [value for value in values if value is not None]
            assert values[: len(present)] == present, "missing values come last"
            if field not in ("title", "provider"):  # the index knows how names are compared
                assert present == sorted(present, reverse=descending)
            arrow = "↓" if descending else "↑"
            assert f"{field} {arrow}" in workspace.summary
            assert arrow in workspace.region("#column-heads")[0]
        assert sorted(workspace.found) == before


def _order(workspace: Session) -> tuple[str, bool]:
    first = workspace.screen.filter.order[0]
    return first.field, first.descending


def _value(row: object, field: str) -> object:
    if field == "provider":
        return row.provider.label or None  # type: ignore[attr-defined]
    return getattr(row, {"date": "published_at"}.get(field, field))


async def test_escape_leaves_the_sort_menu_and_the_order_alone(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        before = workspace.screen.filter.order
        await workspace.press("s")
        assert workspace.dialog
        await workspace.press("escape")
        assert not workspace.dialog
        assert workspace.screen.filter.order == before


@covers("view('1')", "view('2')", "view('3')", "view('4')", "view('5')")
async def test_views_show_what_their_tabs_count(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        for key, name in (
            *(("2", "Published"), ("3", "All"), ("1", "Unpublished")),
            *(("4", "Later"), ("5", "Rejected")),
        ):
            await workspace.press(key)
            await workspace.settled()
            assert workspace.screen.filter.view.name == name
            number = len(workspace.found)
            assert f"{key} {name} {number}" in workspace.region("#view-tabs")[0]
            assert f"{number} of {number}" in workspace.summary
            statuses = {
                row.status.value
                for row in workspace.screen.workspace.rows(workspace.screen.articles.lines.found)
            }
            assert {"1": {"unpublished"}, "2": {"published", "unset"}}.get(
                key, statuses
            ) == statuses


# -- deciding --------------------------------------------------------------------------------


def _flag(folder: Path, path: str) -> bytes:
    lines = (folder / path).read_bytes().splitlines()
    return next(line for line in lines if line.startswith(b"published:"))


@covers("publish", "unpublish", "undo", "redo")
async def test_verbs_change_the_published_value_and_nothing_else(seeds: Path) -> None:
    before = contents(seeds)
    async with workspace_on(seeds) as workspace:
        path, following = workspace.paths[:2]
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        assert "u undo" in workspace.said
        await workspace.settled()
        assert (workspace.path, workspace.cursor) == (following, 1)
        assert path in workspace.found, "the row keeps its place until the next search"
        after = contents(seeds)
        assert {p for p in before if before[p] != after[p]} == {path}
        old, new = before[path].splitlines(keepends=True), after[path].splitlines(keepends=True)
        changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert [(a.strip(), b.strip()) for a, b in changed] == [
            (b"published: false", b"published: true")
        ]
        await workspace.press("u")
        await workspace.until(lambda: workspace.said.startswith("Undone"))
        await workspace.settled()
        assert contents(seeds) == before
        assert workspace.path == path, "the cursor goes to what came back"
        await workspace.press("ctrl+r")
        await workspace.until(lambda: contents(seeds) == after)
        await workspace.settled()
        await workspace.press("k", "d") if workspace.path != path else await workspace.press("d")
        await workspace.until(lambda: workspace.said.startswith("Unpublished"))
        assert contents(seeds) == before


async def test_publishing_in_the_detail_stays_on_the_article(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        await workspace.press("enter", "p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        await workspace.settled()
        assert (workspace.cursor, workspace.focus) == (0, "detail")
        assert "● published" in "\n".join(workspace.region("#detail"))


async def test_a_decision_shows_in_a_detail_that_was_read_before_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, read_before = threading.Event(), threading.Event()
    async with workspace_on(make(3)) as workspace:
        reads = workspace.screen.workspace.article

        def read_slowly(path: str) -> Article:
            article = reads(path)
            read_before.set()
            assert may_go_on.wait(TIMEOUT_SECONDS)
            return article

        monkeypatch.setattr(workspace.screen.workspace, "article", read_slowly)
        await workspace.press("enter")
        workspace.screen.request_article()
        await workspace.until(read_before.is_set)
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        may_go_on.set()
        await workspace.settled()
        assert "● published" in "\n".join(workspace.region("#detail"))


async def test_the_counts_in_the_tabs_follow_a_decision(make: Make) -> None:
    async with workspace_on(make(5)) as workspace:
        await workspace.press("p", "p")
        await workspace.until(
            lambda: "1 Unpublished 3  2 Published 2" in workspace.region("#view-tabs")[0]
        )


async def test_a_counting_that_is_overtaken_is_not_shown(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace_on(make(5)) as workspace:
        count = Workspace.view_counts
        may_answer = threading.Event()
        begun: list[int] = []

        def first_one_late(self: Workspace, *views: View) -> dict[View, int]:
            begun.append(len(begun))
            is_first = len(begun) == 1
            counts = count(self, *views)
            if is_first:
                may_answer.wait(30)
            return counts

        monkeypatch.setattr(Workspace, "view_counts", first_one_late)
        await workspace.press("p")
        await workspace.until(lambda: begun)
        await workspace.press("p")
        await workspace.until(
            lambda: "1 Unpublished 3  2 Published 2" in workspace.region("#view-tabs")[0]
        )
        may_answer.set()
        await workspace.settled()
        assert "1 Unpublished 3  2 Published 2" in workspace.region("#view-tabs")[0]


async def test_an_article_is_gone_to_in_the_list_that_is_on_its_way(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace_on(make(3)) as workspace:
        search, may_answer, asked = Workspace.search, threading.Event(), threading.Event()

        def search_slowly(self: Workspace, *args: Any, **named: Any) -> object:
            asked.set()
            assert may_answer.wait(TIMEOUT_SECONDS)
            return search(self, *args, **named)

        wanted = workspace.paths[2]
        monkeypatch.setattr(Workspace, "search", search_slowly)
        await workspace.press("2")
        await workspace.until(asked.is_set)
        workspace.screen.action_go_to(wanted)
        may_answer.set()
        await workspace.until(lambda: workspace.screen.filter.view.name == "All")
        await workspace.settled()
        assert workspace.path == wanted


async def test_a_burst_of_publish_keys_publishes_in_order_and_drops_none(make: Make) -> None:
    folder = make(30)
    async with workspace_on(folder) as workspace:
        wanted = workspace.found[:20]
        workspace.burst(*"p" * 20)
        await workspace.until(lambda: len(workspace.screen.workspace.log(50)) == 20)
        await workspace.settled()
        log = [entry.changes[0].path for entry in reversed(workspace.screen.workspace.log(50))]
        assert log == wanted
        assert [_flag(folder, path) for path in wanted] == [b"published: true"] * 20
        assert _flag(folder, workspace.path) == b"published: false"
        assert workspace.cursor == 20
        workspace.burst(*"u" * 20)
        await workspace.until(lambda: _flag(folder, wanted[0]) == b"published: false")
        await workspace.settled()
        assert [_flag(folder, path) for path in wanted] == [b"published: false"] * 20


async def test_mistakes_on_the_way_to_a_query_are_no_end(make: Make) -> None:
    folder = make(40)
    async with workspace_on(folder) as workspace:
        for query in ("is:unpublished", "quality:>=50", "(story OR x)", "-title:x", "heat:1..5"):
            workspace.burst("slash", f'"{query}', "enter", "j", "escape")
            await workspace.until(lambda: workspace.query == "" and workspace.focus == "articles")
        await workspace.settled()
        assert len(workspace.found) == 40


async def test_opens_on_everything_if_nothing_waits_for_an_editor(make: Make) -> None:
    folder = make([{"title": "Out", "published": True}])
    for _ in ("cold", "warm"):
        async with workspace_on(folder) as workspace:
            await workspace.settled()
            assert workspace.screen.filter.view.name == "All"
            assert workspace.found == ["_news/000.md"]


async def test_what_is_published_already_is_left_alone(make: Make) -> None:
    folder = make([{"title": "Out", "published": True}])
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        await workspace.press("p")
        await workspace.until(lambda: "already" in workspace.said)
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
    async with workspace_on(folder) as workspace:
        path = workspace.path
        await workspace.press(key)
        await workspace.until(lambda: workspace.said)
        await workspace.settled()
        assert workspace.cursor == int(leaves)
        await workspace.press("3", "slash", f'"{query}', "enter")
        await workspace.until(lambda: workspace.found == [path])
        await workspace.settled()
        await workspace.press("u")
        await workspace.until(lambda: "Undone" in workspace.said or "again" in workspace.said)
        await workspace.press("r")
        await workspace.until(lambda: workspace.found == [])
    assert contents(folder) == before


@covers("later_until")
async def test_an_article_can_be_put_off_until_a_day(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        path = workspace.path
        await workspace.press("b")
        assert workspace.dialog
        await workspace.press("w")
        await workspace.until(lambda: not workspace.dialog and workspace.said)
        await workspace.press("4")
        await workspace.until(lambda: workspace.found == [path])


@covers("note")
async def test_a_note_is_kept_and_shown(make: Make) -> None:
    folder = make(3)
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        await workspace.press("n")
        await workspace.until(lambda: workspace.dialog == "NoteDialog")
        await workspace.press('"ask Mr P about ducks', "enter")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.until(
            lambda: "ask Mr P about ducks" in "\n".join(workspace.region("#detail"))
        )
    assert contents(folder) == before
    async with workspace_on(folder) as workspace:
        await workspace.press("n")
        await workspace.until(lambda: workspace.dialog == "NoteDialog")
        await workspace.drain()
        assert workspace.app.screen.query_one(Input).value == "ask Mr P about ducks"


@covers("mark", "mark_range", "mark_all")
async def test_a_verb_acts_on_the_marked_and_one_undo_takes_all_back(make: Make) -> None:
    folder = make(8)
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        first, *_ = paths = workspace.found
        await workspace.press("m")
        assert workspace.cursor == 1
        await workspace.press("j", "j", "v")  # the range reaches from the mark to the cursor
        assert len(workspace.screen.articles.marked) == 4
        assert sum("✓" in line for line in workspace.region("#articles")) == 4
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        assert [_flag(folder, path) for path in paths] == (
            [b"published: true"] * 4 + [b"published: false"] * 4
        )
        assert not workspace.screen.articles.marked
        await workspace.press("u")
        await workspace.until(lambda: contents(folder) == before)
        await workspace.press("*")
        assert len(workspace.screen.articles.marked) == 8
        await workspace.press("*")
        assert not workspace.screen.articles.marked
        assert first in workspace.found


@covers("repeat")
async def test_repeat_does_the_last_verb_again_where_the_cursor_is(make: Make) -> None:
    folder = make(4)
    async with workspace_on(folder) as workspace:
        await workspace.press(".")
        assert "Nothing to repeat" in workspace.said
        paths = workspace.found
        await workspace.press("p", "j", ".")
        await workspace.until(lambda: _flag(folder, paths[2]) == b"published: true")
        assert _flag(folder, paths[1]) == b"published: false"


@covers("publish_shown")
async def test_publishing_all_shown_asks_first(make: Make) -> None:
    folder = make(6)
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        for answer in ("n", "escape", "y"):
            await workspace.screen.run_action("publish_shown")
            await workspace.until(lambda: workspace.dialog == "Confirm")
            await workspace.drain()
            assert "6 shown articles" in workspace.text
            assert contents(folder) == before
            await workspace.press(answer)
            await workspace.until(lambda: not workspace.dialog)
        await workspace.until(lambda: "6 articles" in workspace.said)
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
    async with workspace_on(folder) as workspace:
        await workspace.press("o")
        await workspace.until(browser.was_started)
        assert browser.take_arguments() == [url]
        assert workspace.said.startswith("Opened https://a.example/story")
        await workspace.press("tab", "tab", "o")
        await workspace.until(browser.was_started)
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
    async with workspace_on(folder) as workspace:
        for number, _ in enumerate(HOSTILE_ADDRESSES):
            assert workspace.path == f"_news/{number:03d}.md"
            workspace.screen.post_status("")
            await workspace.press("o")
            assert workspace.said, HOSTILE_ADDRESSES[number]
            assert not workspace.said.startswith("Opened"), HOSTILE_ADDRESSES[number]
            await workspace.press("j")
        await workspace.settled()
    assert not browser.was_started()


@pytest.mark.parametrize("url", ["", *HOSTILE_ADDRESSES])
def test_no_command_is_made_of_a_hostile_address(browser: Browser, url: str) -> None:
    with pytest.raises(NewsdeskError, match="not a URL"):
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
    async with workspace_on(make(1)) as workspace:
        await workspace.press("o")
        assert workspace.said
        await workspace.press("j")


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
    async with workspace_on(make([{"title": "a", "published": False, "webUrl": url}])) as workspace:
        await workspace.press("y")
        await workspace.until(lambda: url in workspace.said)
        assert told.read_text() == f"load-buffer -w -\n{url}"
        # An old tmux does not know -w: then the terminal is told, as everywhere else.
        assert ("tmux" in workspace.said) == (code == 0)
        assert workspace.app.clipboard == ("" if code == 0 else url)


@covers("copy")
async def test_the_address_goes_to_the_clipboard(make: Make) -> None:
    related = [{"title": "x", "webUrl": "https://b.example/other"}]
    folder = make(
        [
            {"title": "a", "heat": 2, "published": False, "webUrl": "https://a.example/1"},
            {"title": "b", "heat": 1, "published": False, "related": related},
        ]
    )
    async with workspace_on(folder) as workspace:
        await workspace.press("y")
        assert workspace.app.clipboard == "https://a.example/1"
        assert workspace.said == "Copied https://a.example/1"
        await workspace.press("j", "y")
        assert "No URL" in workspace.said
        await workspace.settled()
        await workspace.press("tab", "tab", "y")
        assert workspace.app.clipboard == "https://b.example/other"


async def test_nothing_that_a_shell_would_obey_is_copied(make: Make) -> None:
    hostile = (*HOSTILE_ADDRESSES, "https://a.example/\ud800")
    folder = make(
        [
            {"title": f"H{n}", "heat": 99 - n, "published": False, "webUrl": url}
            for n, url in enumerate(hostile)
        ]
    )
    async with workspace_on(folder) as workspace:
        for _ in hostile:
            await workspace.press("y", "j")
            assert workspace.app.clipboard.isprintable(), workspace.app.clipboard
            workspace.app.clipboard.encode()


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
    async with workspace_on(folder) as workspace:
        monkeypatch.setattr(workspace.app, "suspend", _no_suspension)
        await workspace.press("e")
        await workspace.until(
            lambda: "Quite another title" in "\n".join(workspace.region("#articles"))
        )
        await workspace.until(
            lambda: "Quite another title" in "\n".join(workspace.region("#detail"))
        )
        assert log.read_text().splitlines() == ["--wait", str(folder / "_news" / "000.md")]
        assert workspace.cursor == 0


async def test_without_an_editor_the_desk_says_which_variable_to_set(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "/nonexistent/editor")
    async with workspace_on(make(1)) as workspace:
        monkeypatch.setattr(workspace.app, "suspend", _no_suspension)
        await workspace.press("e")
        await workspace.until(lambda: "$EDITOR" in workspace.said)


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
    monkeypatch.setattr("newsdesk.workspace.workspace.Workspace.link_policy", policy)
    urls = {"webUrl": f"{site}/here", "originalUrl": f"{site}/gone"}
    folder = make([{"title": "a", "published": False, **urls}, {"title": "b", "published": False}])
    async with workspace_on(folder) as workspace:
        await workspace.press("l")
        await workspace.until(lambda: "checked" in workspace.said)
        await workspace.settled()
        detail = workspace.region("#detail")
        here = next(n for n, line in enumerate(detail) if "/here" in line)
        gone = next(n for n, line in enumerate(detail) if "/gone" in line)
        assert "✓ alive" in detail[here + 1]
        assert "✗ dead" in detail[gone + 1] or "~ suspect" in detail[gone + 1]
        assert "2 links checked" in workspace.said
        await workspace.press("j", "l")
        await workspace.until(lambda: "No URL" in workspace.said)


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

    monkeypatch.setattr("newsdesk.workspace.links.service.LinkService.check_articles", check)
    async with workspace_on(make(2)) as workspace:
        await workspace.press("l")
        await workspace.until(started.is_set)
        assert "checking" in "\n".join(workspace.region("#detail"))
        assert "links 0 of 1" in workspace.region("#status-line")[0]
        await workspace.press("escape")
        await workspace.until(lambda: "stopped" in workspace.said)
        await workspace.until(
            lambda: "links" not in workspace.region("#status-line")[0].split("stopped")[-1]
        )
        started.clear()
        await workspace.press("l")
        await workspace.until(started.is_set)
        await workspace.press("q")
        await workspace.until(lambda: workspace.app._exit)


@covers("zoom")
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_zoom_shows_one_pane_over_the_whole_screen_and_comes_back(
    seeds_to_read: Path, size: tuple[int, int]
) -> None:
    async with workspace_on(seeds_to_read, size=size) as workspace:
        before = {
            pane: workspace.screen.query_one(pane).region for pane in ("#articles", "#detail")
        }
        for pane, name in (("#list-pane", "articles"), ("#detail", ""), ("#related", "")):
            await workspace.press("z")
            await workspace.until(
                lambda p=pane: workspace.screen.query_one(p).region.width == size[0]
            )
            assert workspace.screen.query_one(pane).region.height == size[1] - 4
            assert workspace.focus == (name or pane[1:])
            await workspace.press("z", "tab")
            await workspace.drain()
        assert before == {
            pane: workspace.screen.query_one(pane).region for pane in ("#articles", "#detail")
        }


# -- the desk --------------------------------------------------------------------------------


@covers("reload")
async def test_a_refresh_shows_new_changed_and_gone_files(make: Make) -> None:
    folder = make(6)
    async with workspace_on(folder) as workspace:
        await workspace.press("j", "j", "j")
        here = workspace.path
        new = article_text(title="Hot off the press", heat=5000, published=False)
        (folder / "_news" / "new.md").write_text(new)
        changed = article_text(title="Story with another name", heat=999, published=False)
        (folder / "_news" / "001.md").write_text(changed)
        (folder / "_news" / "002.md").unlink()
        await workspace.press("r")
        await workspace.until(
            lambda: len(workspace.found) == 6 and "_news/new.md" in workspace.found
        )
        await workspace.settled()
        assert workspace.found[0] == "_news/new.md"
        assert "_news/002.md" not in workspace.found
        assert "Story with another name" in "\n".join(workspace.region("#articles"))
        assert workspace.path == here, "the cursor stays on its article"


async def test_a_background_refresh_leaves_every_row_in_its_place(make: Make) -> None:
    folder = make(6)
    async with workspace_on(folder) as workspace:
        await workspace.press("j", "j")
        before, here = workspace.found, workspace.path
        new = article_text(title="Hot off the press", heat=5000, published=False)
        (folder / "_news" / "new.md").write_text(new)
        changed = article_text(title="Cold by now", heat=-1, published=False)
        (folder / "_news" / "001.md").write_text(changed)
        workspace.screen.refresher.start(is_filling=False)
        await workspace.until(lambda: "1 new, 1 changed" in workspace.said)
        await workspace.settled()
        assert (workspace.found, workspace.path) == (before, here)
        assert "Cold by now" in workspace.region("#articles")[1]
        await workspace.press("r")
        await workspace.until(lambda: workspace.found[0] == "_news/new.md")
        await workspace.settled()
        assert workspace.path == here


@covers("help")
async def test_help_names_every_key_and_the_query_language(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press("?")
        assert workspace.dialog == "HelpScreen"
        await workspace.drain()
        page = workspace.app.screen.query_one("#help-text", Static)
        text = " ".join(str(page.content).split())
        for command in COMMANDS:
            if command.keys:  # the palette offers the others
                assert f"{' '.join(command.shown_keys)} {command.title}." in text
        assert "topic:AI" in text
        await workspace.press("escape")
        assert not workspace.dialog
        for leave in ("q", "question_mark"):
            await workspace.press("?")
            assert workspace.dialog
            await workspace.press(leave)
            assert not workspace.dialog, "and q in a dialog does not leave the desk"


async def test_help_scrolls_with_both_spellings(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read, size=(80, 24)) as workspace:
        await workspace.press("?")
        page = workspace.app.screen.query_one("#help")
        for key in ("j", "down"):
            top = page.scroll_offset.y
            await workspace.press(key)
            await workspace.until(lambda t=top: page.scroll_offset.y > t)
        await workspace.press("end")
        await workspace.until(lambda: "▣" in workspace.text)


@covers("palette")
@pytest.mark.parametrize("key", [":", "ctrl+p"])
async def test_the_palette_runs_what_is_typed(seeds_to_read: Path, key: str) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        await workspace.press(key)
        await workspace.until(lambda: workspace.dialog == "CommandPalette")
        await workspace.press('"view all')
        await workspace.until(lambda: "View: All" in workspace.text)
        await workspace.press("enter")
        await workspace.until(
            lambda: workspace.screen.filter.view.name == "All", "the command has run"
        )


async def test_the_palette_offers_every_command_but_moves_and_itself(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read, size=(120, 150)) as workspace:
        await workspace.press(":")
        await workspace.until(lambda: "Quit  (q)" in workspace.text)
        for command in COMMANDS:
            if command.group.value != "Move" and command.name != "palette":
                assert command.title in workspace.text


@covers("suspend")
async def test_to_the_shell_is_bound(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the terminal gets to see of it is in `test_pty`.
    async with workspace_on(make(1)) as workspace:
        asked = []
        monkeypatch.setattr(workspace.app, "action_suspend_process", lambda: asked.append(1))
        await workspace.press("ctrl+z")
        assert asked == [1]


@covers("quit")
async def test_quitting_waits_for_what_is_being_written(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(6)
    from newsdesk.workspace.workspace import Workspace

    fast = Workspace.set_published

    def slow(self: Workspace, *args: object, **kwargs: object) -> object:
        time.sleep(0.05)
        return fast(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Workspace, "set_published", slow)
    async with workspace_on(folder) as workspace:
        workspace.burst(*"pppp", "q")
        await workspace.until(lambda: workspace.app._exit)
        assert workspace.app.return_code == 0
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
    async with workspace_on(folder) as workspace:
        workspace.burst('"/marigold', "enter", '"jj')
        await workspace.until(
            lambda: workspace.query == "marigold" and workspace.focus == "articles"
        )
        await workspace.settled()
        workspace.burst('"sq')
        await workspace.until(lambda: _order(workspace) == ("quality", True))
        await workspace.settled()
        assert not workspace.dialog
        workspace.burst('"tvis')
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.drain()
        picker = workspace.app.screen
        assert isinstance(picker, TopicPicker)
        assert picker.query_one(Input).value == "vis"
        assert [name for name, _ in picker.topic_list.topics] == ["Computer Vision", "Visual Art"]
        workspace.burst("enter", '"?', "escape", '"/x', "escape", "escape")
        await workspace.until(lambda: workspace.screen.filter.topics == ("Computer Vision",))
        await workspace.settled()
        assert (workspace.dialog, workspace.query, workspace.focus) == ("", "", "articles")
        assert not workspace.screen.articles.marked
    assert contents(folder) == before


async def test_keys_wait_no_longer_than_a_moment_after_a_dialog_closed(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        begin = time.monotonic()
        for _ in range(5):
            workspace.burst("?", "escape", "j", "s", "escape", "j")
        await workspace.until(lambda: workspace.cursor == 10)
        assert time.monotonic() - begin < 5


# -- mouse -----------------------------------------------------------------------------------


async def test_a_click_moves_the_cursor_and_a_second_one_opens(make: Make) -> None:
    async with workspace_on(make(100)) as workspace:
        await workspace.pilot.click("#articles", offset=(30, 4))
        await workspace.until(lambda: workspace.cursor == 4)
        await workspace.settled()
        assert workspace.path == "_news/004.md"
        await workspace.pilot.click("#articles", offset=(30, 6), times=2)
        await workspace.until(lambda: workspace.focus == "detail")
        assert workspace.cursor == 6


async def test_a_click_beyond_the_last_row_changes_nothing(make: Make) -> None:
    async with workspace_on(make(2)) as workspace:
        await workspace.pilot.click("#articles", offset=(30, 20))
        await workspace.drain()
        assert workspace.cursor == 0


async def test_the_wheel_scrolls_the_list_and_not_the_cursor(make: Make) -> None:
    async with workspace_on(make(100)) as workspace:
        articles = workspace.screen.articles
        await workspace.pilot._post_mouse_events(
            [events.MouseScrollDown], widget="#articles", offset=(5, 5), button=0
        )
        await workspace.until(lambda: articles.top == 3)
        await workspace.pilot._post_mouse_events(
            [events.MouseScrollUp, events.MouseScrollUp], widget="#articles", offset=(5, 5)
        )
        await workspace.until(lambda: articles.top == 0)
        assert workspace.cursor == 0


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
    async with workspace_on(make(5)) as workspace:
        await workspace.pilot.click("#column-heads", offset=(x, 0))
        await workspace.until(lambda: _order(workspace) == order)


async def test_a_click_on_a_tab_opens_the_view(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read) as workspace:
        for name in ("Published", "All", "Unpublished"):
            at = workspace.region("#view-tabs")[0].index(name) + 1
            await workspace.pilot.click("#view-tabs", offset=(at, 0))
            await workspace.until(lambda n=name: workspace.screen.filter.view.name == n)


async def test_a_click_on_a_key_in_the_bar_presses_it(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder) as workspace:
        at = workspace.region("#key-bar")[0].index("publish") + 1
        await workspace.pilot.click("#key-bar", offset=(at, 0))
        await workspace.until(lambda: _flag(folder, "_news/000.md") == b"published: true")


async def test_a_click_on_an_address_opens_it(make: Make, browser: Browser) -> None:
    urls = {"webUrl": "https://a.example/1?a='x',(y)", "originalUrl": "https://b.example/2"}
    async with workspace_on(make([{"title": "One", "published": False, **urls}])) as workspace:
        for url in urls.values():
            y = next(n for n, line in enumerate(workspace.region("#detail")) if url in line)
            await workspace.pilot.click("#detail", offset=(15, y + 1))  # one more: the title's line
            await workspace.until(browser.was_started)
            assert browser.take_arguments() == [url]


async def test_a_click_on_something_that_is_no_address_opens_nothing(
    make: Make, browser: Browser
) -> None:
    url = "javascript:alert(1)"
    async with workspace_on(
        make([{"title": "One", "published": False, "webUrl": url}])
    ) as workspace:
        y = next(n for n, line in enumerate(workspace.region("#detail")) if url in line)
        await workspace.pilot.click("#detail", offset=(15, y + 1))
        await workspace.drain()
        assert "Opened" not in workspace.said
    assert not browser.was_started()
