"""A value or list of any length costs no more to show than a person can read of it."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.strip import Strip
from textual.widgets import Input

from newsdesk.tui.widgets import article_view, url_lines

from .conftest import Make
from .driving import workspace_on

LONG = 240_000  # characters; the front matter may hold 256 KB
SOURCES = sorted((Path(__file__).parents[2] / "src/newsdesk/tui").glob("**/*.py"))
MAX_LINES = 400  # that an article without a body is laid out in
PLAIN = {
    "title": "A title",
    "heat": 1000,
    "published": False,
    "webUrl": "https://a.example/story",
    "publishedDateTime": "2020-11-18T09:00:00Z",
}
WORDS = "word " * (LONG // 5)
FIELDS: dict[str, object] = {
    "title": WORDS,
    "webUrl": "https://a.example/" + "/a?" * (LONG // 3),
    "excerpt": "x\n" * (LONG // 3),
    "category": "\u0628\u200d\u0628" * (LONG // 20),
    "provider": {"name": "語" * (LONG // 7), "domain": "d" * 1000},
    "topics": [f"topic {number}" for number in range(10_000)],
    "images": [{"url": f"https://c.example/{number}"} for number in range(5_000)],
    "unknown": "e" + "\u0301" * (LONG // 7),
    "many": {f"field {number}": number for number in range(9_000)},
}


@pytest.mark.parametrize("field", FIELDS)
async def test_a_long_value_is_laid_out_in_part(make: Make, field: str) -> None:
    value = FIELDS[field]
    more = dict(value) if field == "many" else {field: value}  # type: ignore[call-overload]
    folder = make([{**PLAIN, **more}, {**PLAIN, "title": "Next", "heat": 1}])
    async with workspace_on(folder) as workspace:
        assert workspace.path == "_news/000.md"
        assert workspace.screen.detail.count < MAX_LINES
        await workspace.press("c")  # compare: the article alone
        await workspace.until(lambda: workspace.dialog == "CompareScreen")
        await workspace.until(lambda: workspace.app.screen.query_one("#sources")._lines)
        assert workspace.app.screen.query_one("#sources").count < MAX_LINES
        await workspace.press("escape")
        await workspace.press("j")
        await workspace.settled()
        assert "Next" in workspace.text


@pytest.mark.parametrize("part", ["a", "語", "/a?", "e\u0301", "a b"])
def test_an_address_is_broken_without_measuring_every_beginning(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://a.example/" + part * 5_000
    measured = 0

    def measuring(text: str) -> int:
        nonlocal measured
        measured += len(text)
        assert measured < 50 * len(address)
        return cell_len(text)

    monkeypatch.setattr(url_lines, "cell_len", measuring)
    lines = url_lines.url_lines(address, 60)
    assert [cell_len(line) <= 60 for line in lines] == [True, True]
    assert lines[0].startswith("https://a.example/")


def test_the_screen_shows_text_through_its_own_door_only() -> None:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "newsdesk.text":
                names = {alias.name for alias in node.names} & {"shown", "shown_block"}
                assert not names or source.name == "app.py", source  # the log is no screen


def test_whatever_is_shown_is_short() -> None:
    from newsdesk.tui import safe_text

    for text in ("a" * LONG, "\x1b[" * LONG, "\u0301" * LONG, "x\n" * LONG, "\ufe0f" * LONG):
        assert len(safe_text.shown(text)) <= safe_text.MAX_LINE + 1
        assert len(safe_text.shown_middle(text)) <= 10 * safe_text.MAX_LINE
        block = safe_text.shown_block(text)
        assert len(block) <= safe_text.MAX_BLOCK + 3
        assert block.count("\n") <= safe_text.MAX_LINES
    short = "two\x1b  words"
    assert safe_text.shown(short) == safe_text.shown_middle(short) == "two␛ words"


async def test_keys_are_taken_while_a_long_body_is_laid_out(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    lay_out = article_view.body_strips

    def waiting(text: str, *arguments: object) -> list[Strip]:
        if text.startswith("first"):
            assert go_on.wait(30)
        return lay_out(text, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(article_view, "body_strips", waiting)
    bodies = ("first\n\n" + "word " * 20_000, "second\n\n" + "word " * 20_000, "third")
    folder = make([{**PLAIN, "heat": 9 - at, "body": body} for at, body in enumerate(bodies)])
    async with workspace_on(folder, settle=False) as workspace:
        await workspace.until(lambda: "Laying out the body" in workspace.text)
        await workspace.press("j", "j")
        await workspace.until(
            lambda: workspace.path == "_news/002.md" and "third" in workspace.text
        )
        await workspace.press("k")
        go_on.set()
        await workspace.settled()
        assert workspace.path == "_news/001.md"
        await workspace.until(lambda: "second" in workspace.text)
        assert "first" not in workspace.text


async def test_a_long_paste_is_cut(make: Make) -> None:
    from newsdesk.tui import safe_text

    async with workspace_on(make(2)) as workspace:
        await workspace.press("slash")
        event = events.Paste("語" * LONG)
        event.set_sender(workspace.app)
        workspace.app.post_message(event)
        field = workspace.screen.query_one("#query-input", Input)
        await workspace.until(lambda: field.value)
        assert len(field.value) == safe_text.MAX_PASTED
