"""Text from strangers, in every field and every place that shows it, is shown and never obeyed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from newsdesk.errors import NewsdeskError
from newsdesk.text import shown
from newsdesk.tui.dialogs.confirm import Confirm

from .conftest import Make
from .driving import workspace_on
from .terminal import NEWSDESK, Terminal

# Each begins with a mark of its own, so that it can be found wherever it is shown.
PAYLOADS = (
    "[/foo]",
    "[bold]x[/bold]",
    "[$accent]x",
    "[50%]x",
    "[@click=app.quit]x[/]",
    "[@click=app.bell()]x[/@click]",
    "[link=https://evil.example]x[/link]",
    "[red on blue]x[/]",
    "[[]][",
    "\\[bold]",
    "\x1b]52;c;cHduZWQ=\x07",
    "\x1b]0;pwned\x07",
    "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "\x1b[38;5;217mx\x1b[0m",
    "\x1b[2J\x1b[31;1H",
    "\x1b[?1337h\x1b[21t\x1b[6n",
    "\x1bPq#0\x1b\\",
    "\x1bc",
    "\x9b31m\x9d52;c;eA==\x9c",
    "\x90x\x9c\x85\x80",
    "\x07\x07",
    "\x00x\x00",
    "\x7f\x7f",
    "\x08\x08\x08rubbed out",
    "a\rb\x0bc\x0cd",
    "\u202egpj.exe",
    "\u2066a\u2069\u2067b\u2069\u061c\u200e\u200f",
    "zero\u200bwidth\u2060\ufeff\u00ad",
    "\ud800 lone",
    "line\u2028sep\u2029par",
    "W" * 300,
    "e" + "\u0301" * 120,  # escaped it fits into a YAML key, or readers would see the article
    "👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈",
    "\U000e0041\U000e0042 tags",
    "\ufff9anno\ufffatated\ufffb",
    "\u3164\uffa0\u115f",
    "$(touch x); `id` && %s {0} %(x)s",
)
NUL = "\\x00"  # as it is written in YAML; `test_a_nul_in_a_topic_hides_no_article` has it
# What no line on the screen may hold, whoever wrote it.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def _mark(number: int) -> str:
    return f"#{number:02d} "


def _writable(payload: str) -> str:
    """What a file can hold: a lone surrogate is no YAML, and no encoding has it."""
    return re.sub("[\ud800-\udfff]", "", payload)


def _quoted(text: str) -> str:
    """A YAML text in double quotes, every odd character written as an escape."""

    def one(char: str) -> str:
        code = ord(char)
        if char in '"\\':
            return "\\" + char
        if 0x20 <= code < 0x7F:
            return char
        if code <= 0xFF:
            return f"\\x{code:02x}"
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

    return '"' + "".join(map(one, text)) + '"'


def _article(number: int, payload: str) -> str:
    """An article with the payload in every field that is shown."""
    payload = _writable(payload)
    text = _quoted(_mark(number) + payload)
    address = _quoted(f"https://a.example/{_mark(number)}{payload}")
    return f"""---
title: {text}
excerpt: {text}
heat: {1000 - number}
published: false
category: {text}
type: {text}
provider:
  name: {text}
  domain: {text}
topics: [{text.replace(NUL, "")}]
webUrl: {address}
originalUrl: {text}
ampWebUrl: "https://{number}.example/{number}"
cdnAmpWebUrl: {_quoted("javascript:" + payload)}
featuredContent: {text}
images:
- {{url: {text}, title: {text}, width: {text}, height: 3}}
related:
- {{title: {text}, excerpt: {text}, webUrl: {address}, type: {text}, quality: {text},
   provider: {{name: {text}}}}}
quality: {text}
other: {text}
{_quoted("key " + payload)}: [{text}, {{{text}: {text}}}]
---
{_mark(number)}{payload}

# {payload}

[{payload}](javascript:{payload}) `{payload}` <b>{payload}</b>
"""


def _file_name(number: int, payload: str) -> str:
    name = re.sub("[/\x00\ud800-\udfff]", "", f"{number:02d} {payload}")
    while len(os.fsencode(name)) > 200:
        name = name[: len(name) * 2 // 3]
    return f"{name}.md"


def _write(folder: Path) -> Path:
    (folder / "_news").mkdir(parents=True)
    for number, payload in enumerate(PAYLOADS):
        text = _article(number, payload).encode("utf-8", "surrogatepass")
        try:
            (folder / "_news" / _file_name(number, payload)).write_bytes(text)
        except OSError:  # a system that knows better than to have such a name
            (folder / "_news" / f"{number:02d}.md").write_bytes(text)
    # A file name that is no UTF-8 at all, where there may be one.
    with_bytes = os.fsencode(folder / "_news") + b"/\xff\x9b31m.md"
    with suppress(OSError, UnicodeError):
        Path(os.fsdecode(with_bytes)).write_bytes(b"---\npublished: false\n---\n")
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All payloads in all fields, in a folder with a name to match; only read."""
    name = "evil [b] \x1b]52;c;eA==\x07 \u202e [$accent]"
    return _write(tmp_path_factory.mktemp("hostile") / name)


def _assert_harmless(lines: list[str], width: int) -> None:
    for line in lines:
        assert not _OBEYED.search(line), line
        assert cell_len(line) == width, line


def _sight(number: int, payload: str) -> str:
    """The beginning of what a person must be able to read of a payload."""
    return shown(_mark(number) + _writable(payload))[:9].rstrip()


# What stands left of a field in the detail, line breaks and spaces left out.
_IN_DETAIL = {
    "title": "",
    "provider": "·",
    "topics": "Topics",
    "web address": "webhttps://a.example/",
    "original address": "original",
    "image": "Imagesizeunknown·",
    "featured content": "Embeds",
    "another field": "other",
    "body": "──",
}


@pytest.mark.parametrize("size", [(80, 100), (120, 40), (200, 60)])
async def test_every_payload_is_shown_harmlessly_in_list_detail_and_related(
    hostile: Path, size: tuple[int, int]
) -> None:
    to_the_end = size[1] == 100  # one size is enough for what stands far down
    async with workspace_on(hostile, size=size) as workspace:
        _assert_harmless(workspace.lines, size[0])
        for number, payload in enumerate(PAYLOADS):
            assert f"{number:02d}" in workspace.path
            row = workspace.screen.articles
            sight = _sight(number, payload)
            assert sight in workspace.region("#articles")[row.cursor - row.top]
            assert sight in workspace.region("#related")[0]
            if not to_the_end:
                _assert_harmless(workspace.lines, size[0])
                await workspace.press("j")
                await workspace.settled()
                continue
            await workspace.press("enter")
            pages = []
            while True:
                _assert_harmless(workspace.lines, size[0])
                pages += workspace.region("#detail")
                top = workspace.screen.detail.top
                await workspace.press("pagedown")
                if workspace.screen.detail.top == top:
                    break
            text = re.sub("[ ▐\\\\]", "", "".join(pages))  # Markdown takes a backslash away
            for field, before in _IN_DETAIL.items():
                wanted = _sight(
                    number, payload.replace("\x00", "") if field == "topics" else payload
                )
                assert before + re.sub(r"[ \\]", "", wanted[:7]) in text, (field, wanted, text)
            await workspace.press("escape", "j")
            await workspace.settled()


async def test_payloads_in_dialogs_and_lines_are_harmless(hostile: Path) -> None:
    size = (120, 60)
    async with workspace_on(hostile, size=size) as workspace:
        assert "evil [b] ␛]52;c;eA==␇ ‹RLO›" in workspace.region("#view-tabs")[0]

        await workspace.press("t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.drain()
        _assert_harmless(workspace.lines, size[0])
        for number, payload in enumerate(PAYLOADS):
            assert _sight(number, payload)[:3] in workspace.text
        await workspace.press("escape")

        # Chosen topics stand in the query bar.
        for number, payload in list(enumerate(PAYLOADS))[:28:7]:
            await workspace.press("t")
            await workspace.until(lambda: workspace.dialog == "TopicPicker")
            await workspace.press(f'"#{number:02d}', "enter")
            await workspace.until(lambda: not workspace.dialog and workspace.screen.filter.topics)
            await workspace.settled()
            topics = "".join(workspace.region("#query-topics")).replace(" ", "")
            sight = _sight(number, payload.replace("\x00", ""))[:6].replace(" ", "")
            assert sight in topics
            _assert_harmless(workspace.lines, size[0])
            await workspace.press("escape")
            await workspace.until(lambda: not workspace.screen.filter.topics)
            await workspace.settled()

        # The status line: what was done, refused, copied.
        for _ in PAYLOADS:
            for key in ("o", "y", "m"):
                await workspace.press(key)
                _assert_harmless(workspace.lines[-2:], size[0])
        await workspace.press("*", "*")
        await workspace.press("g", "n")
        await workspace.drain()
        _assert_harmless(workspace.lines, size[0])
        await workspace.press("escape")
        await workspace.screen.run_action("publish_shown")
        await workspace.until(lambda: workspace.dialog == "Confirm")
        await workspace.drain()
        _assert_harmless(workspace.lines, size[0])
        assert "[/foo]" in workspace.text
        await workspace.press("escape", "?")
        await workspace.drain()
        _assert_harmless(workspace.lines, size[0])


async def test_the_sentence_about_a_decision_is_harmless(tmp_path: Path) -> None:
    folder = _write(tmp_path / "own")
    async with workspace_on(folder) as workspace:
        for number, payload in enumerate(PAYLOADS):
            workspace.screen.post_status("")
            await workspace.press("p")
            await workspace.until(lambda: workspace.said)
            _assert_harmless(workspace.lines, 120)
            assert _sight(number, payload)[:6] in workspace.said or "Not written" in workspace.said


async def test_sentences_and_questions_made_of_payloads_are_harmless(make: Make) -> None:
    async with workspace_on(make(1)) as workspace:
        for payload in PAYLOADS:
            for tell in (
                workspace.screen.post_status,
                lambda text: workspace.screen.post_error(NewsdeskError(text)),
            ):
                tell(payload)
                _assert_harmless([workspace.said], cell_len(workspace.said))
                await workspace.drain()
                _assert_harmless(workspace.lines[-2:], 120)
            workspace.app.push_screen(Confirm(payload, [payload], 2))
            await workspace.until(lambda: workspace.dialog == "Confirm")
            await workspace.drain()
            _assert_harmless(workspace.lines, 120)
            workspace.app.pop_screen()


def _pasted() -> Iterator[str]:
    yield from PAYLOADS
    yield "two\nlines \x1b[31m"
    yield "topic:\x1b]52;c;eA==\x07"
    yield "is:\u202e[/b]"


@pytest.mark.parametrize(
    ("keys", "dialog"),
    [
        ((":",), "CommandPalette"),
        (("t",), "TopicPicker"),
        (("slash",), ""),
        (("n",), "NoteDialog"),
    ],
    ids=["palette", "topic picker", "query bar", "note"],
)
async def test_what_is_pasted_or_typed_is_harmless(
    hostile: Path, keys: tuple[str, ...], dialog: str
) -> None:
    async with workspace_on(hostile) as workspace:
        await workspace.press(*keys)
        await workspace.until(lambda: workspace.dialog == dialog)
        await workspace.drain()
        field = workspace.app.screen.query(Input).first()
        for payload in _pasted():
            field.clear()
            workspace.app.post_message(events.Paste(payload))  # as a terminal hands it on
            await workspace.drain()
            _assert_harmless(workspace.lines, 120)
        field.clear()
        for char in "\x1b\x07\x9b\u202e\u200b\ud800[":
            workspace.app.post_message(events.Key(f"odd_{ord(char)}", char))
        await workspace.drain()
        _assert_harmless(workspace.lines, 120)
        await workspace.press("escape")
        assert workspace.app.is_running
        assert not workspace.app._exit


# -- the decisive one: a real terminal --------------------------------------------------------

_SEQUENCE = re.compile(r"\x1b(\[[0-9;:<>=?]*[ -/]*[@-~]|\]22;[a-z-]*\x07|P[^\x1b]*\x1b\\|.)", re.S)
# What the program itself may ask of a terminal. Colours are left out below, but for one.
_OWN = re.compile(
    r"\[[0-9;]*[mH]|\[\?(1049|1000|1002|1003|1004|1006|1015|2004|2026|2048|25|7)[hl]"
    r"|\]22;[a-z-]*\x07|\[[<>][0-9;]*u|\[\?(2026|2048)\$p|\[[0-9]*[JK]"
)


def test_in_a_real_terminal_none_of_their_bytes_come_out(tmp_path: Path) -> None:
    folder = _write(tmp_path / "evil [b] \x1b]52;c;eA==\x07 \u202e")
    with Terminal(
        [*NEWSDESK, str(folder)],
        tmp_path / "home",
        size=(140, 45),
        environment={"TEXTUAL_FPS": "20"},
    ) as terminal:
        terminal.until("▌")
        terminal.until(lambda: "Reading the collection" not in terminal.text)
        terminal.settle(0.2)
        terminal.draws = False  # megabytes: only the bytes count from here on
        for _ in range(len(PAYLOADS) + 1):  # every article, its detail to the end, its related
            terminal.send("\r\x06G\t\t\tj")
            terminal.settle(0.05)
        terminal.send("gt")
        terminal.until(lambda: b"Type to filter" in terminal.written)
        terminal.send("\x1b[F \x1b[H ")
        terminal.settle()
        terminal.send("\r")
        terminal.settle()
        terminal.send("\x1b")
        terminal.settle()
        for opened in ("s", ":", "?", "n", "b", "/"):
            terminal.send(opened)
            terminal.settle()
            if opened in "/:n":  # a terminal brackets what is pasted
                for payload in PAYLOADS:
                    text = payload.encode("utf-8", "surrogatepass").replace(b"\x1b", b"")
                    # First empty the field: a full one rings the bell, and that would be ours.
                    terminal.send(b"\x15\x1b[200~" + text + b"\x1b[201~")
                    terminal.pump(0.01)
                terminal.settle()
            terminal.send("\x1b")
            terminal.settle()
        terminal.send("\x1b")
        terminal.settle()
        terminal.send("g" + "pj" * 6 + "o" + "u" * 6 + "rz")
        terminal.settle(0.3)
        terminal.send("zq")
        assert terminal.wait() == 0
        terminal.assert_given_back()
        written = bytes(terminal.written)

    text = written.decode("utf-8")  # strictly: half a character would be an answer of its own
    own, rest = [], []
    for sequence in _SEQUENCE.findall(text):
        (own if _OWN.fullmatch(sequence) else rest).append(sequence)
    at = [text[match.start() : match.start() + 60] for match in re.finditer("\x1b[^[]", text)]
    assert rest == [], at
    plain = _SEQUENCE.sub("", text)
    found = [match for match in _OBEYED.finditer(plain) if match[0] not in "\r\n"]
    assert [plain[match.start() - 40 : match.end() + 40] for match in found] == []
    for asked in ("[38;5;217m", "[2J", "[6n", "[21t", "[?1337h"):
        assert f"\x1b{asked}" not in text
    # And the payloads were there: this is no test of an empty screen.
    for trace in ("[/foo]", "[$accent]x", "␛]52;c;cHduZWQ=␇", "‹RLO›gpj.exe", "‹9B›31m", "␀x"):
        assert trace in plain, trace


async def test_a_nul_in_a_topic_hides_no_article(make: Make) -> None:
    topics = ["x\x00y"]
    folder = make([{"title": "a", "published": False, "topics": topics}, {"title": "b"}])
    async with workspace_on(folder) as workspace:
        await workspace.press("3")
        await workspace.settled()
        assert len(workspace.paths) == 2


def test_the_folder_name_in_an_error_is_harmless_in_a_terminal(tmp_path: Path) -> None:
    target = tmp_path / "no \x1b]52;c;eA==\x07 \u202e such"
    with Terminal([*NEWSDESK, str(target)], tmp_path / "home") as terminal:
        assert terminal.wait() == 3
        text = bytes(terminal.written).decode()
    assert set(_OBEYED.findall(text)) <= {"\r", "\n"}


def test_there_are_enough_payloads() -> None:
    assert len(PAYLOADS) >= 25
    assert len(set(PAYLOADS)) == len(PAYLOADS)
