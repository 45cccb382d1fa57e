"""The real program in a real terminal: it starts, it works, it gives the terminal back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Make, article_text
from .terminal import NEWSDESK, Terminal

_FIRST_ROW = "▌ ○"  # the cursor stands on an unpublished article


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of the program that all tests here share, so that the index is warm."""
    return tmp_path_factory.mktemp("home")


def open_workspace(folder: Path, home: Path, **options: object) -> Terminal:
    return Terminal([*NEWSDESK, str(folder)], home, **options)  # type: ignore[arg-type]


def test_it_starts_reads_moves_and_quits_with_code_0(seeds_to_read: Path, home: Path) -> None:
    with open_workspace(seeds_to_read, home) as terminal:
        terminal.until(_FIRST_ROW)
        assert 1049 in terminal.modes_on, "the desk has a screen of its own"
        assert 1000 in terminal.modes_on, "the mouse is heard"
        assert 25 in terminal.modes_on, "the cursor is hidden"
        first = next(line for line in terminal.lines if line.startswith("▌"))
        terminal.send("j")
        terminal.until(lambda: not any(line == first for line in terminal.lines))
        terminal.send("/marigold")
        terminal.until("2 of 38 · 36 hidden")
        terminal.send("\r?")
        terminal.until("─ Help ─")
        terminal.send("\x1b")
        terminal.until(lambda: "─ Help ─" not in terminal.text)
        # The mouse, as a terminal reports it: a click on the tab of the second view.
        terminal.send("\x1b[<0;20;1M\x1b[<0;20;1m")
        terminal.until("▌ ●")
        terminal.send("q")
        assert terminal.wait() == 0
        terminal.assert_given_back()
        assert b"Traceback" not in terminal.written


def test_an_empty_cache_and_many_files_fill_the_list_while_keys_are_taken(
    make: Make, tmp_path: Path
) -> None:
    folder = make(2_500)
    with open_workspace(folder, tmp_path) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("j")
        terminal.until("2,500 of 2,500")
        first = next(line for line in terminal.lines if line.startswith("▌"))
        terminal.send("j")
        terminal.until(lambda: not any(line == first for line in terminal.lines))
        terminal.send("q")
        assert terminal.wait() == 0
    assert not (tmp_path / "state" / "newsdesk" / "newsdesk.log").exists()


def test_from_a_folder_without_articles_one_goes_on_to_a_collection(
    make: Make, tmp_path: Path
) -> None:
    folder, empty = make(3, name="full"), make(0, name="empty")
    with open_workspace(folder, tmp_path) as terminal:
        terminal.until(_FIRST_ROW)
        remembered = tmp_path / "state" / "newsdesk" / "collections.history"
        terminal.until(remembered.exists)
        terminal.send("q")
        assert terminal.wait() == 0
    with open_workspace(empty, tmp_path) as terminal:
        terminal.until("You had opened:")
        terminal.send("\r")
        terminal.until(_FIRST_ROW)
        terminal.send("p")
        terminal.until('Published "Story 000')
        terminal.send("q")
        assert terminal.wait() == 0
        terminal.assert_given_back()
        assert b"Traceback" not in terminal.written
    assert b"published: true" in (folder / "_news" / "000.md").read_bytes()


def test_nothing_that_lies_in_the_collection_is_run(make: Make, tmp_path: Path) -> None:
    folder = make(3)
    for name in ("multiprocessing", "signal", "newsdesk"):
        (folder / f"{name}.py").write_text("open('taken-in', 'w')")
    # As the installed command does it: Python looks into the folder of the script, not here.
    code = (
        "import os, sys; sys.path.pop(0); os.chdir(sys.argv.pop());"
        "from newsdesk.__main__ import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, str(folder)]
    with Terminal(command, tmp_path / "own") as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("q")
        assert terminal.wait() == 0
    assert not (folder / "taken-in").exists()


def test_a_publish_in_the_terminal_reaches_the_disk_before_the_end(
    make: Make, tmp_path: Path
) -> None:
    folder = make(5)
    with open_workspace(folder, tmp_path / "own") as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("pppq")
        assert terminal.wait() == 0
    flags = [b"published: true" in file.read_bytes() for file in sorted(folder.rglob("*.md"))]
    assert flags == [True, True, True, False, False]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back_and_says_one_line(
    seeds_to_read: Path, home: Path, number: signal.Signals
) -> None:
    with open_workspace(seeds_to_read, home) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("?")
        terminal.until("─ Help ─")
        begin = time.monotonic()
        terminal.process.send_signal(number)
        assert terminal.wait() == 128 + number
        assert time.monotonic() - begin < 3  # 0.5 on a machine with nothing else to do
        terminal.assert_given_back()
        last = bytes(terminal.written).rsplit(b"\x1b", 1)[-1]
        assert last.decode().count("\n") <= 2
        assert f"newsdesk: ended by {number.name}." in bytes(terminal.written).decode()
        assert b"Traceback" not in terminal.written


_FAULTY = """
import sys
from newsdesk.tui.screens.main import MainScreen
def fault(self): raise RuntimeError("injected \\x1b]52;c;eA==\\x07")
{where}
from newsdesk.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("MainScreen.action_zoom = fault", "z"),
        ("MainScreen.on_articles_found = lambda self, message: fault(self)", ""),
        (
            "from newsdesk.tui.widgets.lists.article_list import ArticleList\n"
            "ArticleList.draw_row = lambda self, *_: fault(self)",
            "",
        ),
        ("MainScreen.on_mount = fault", ""),
        ("MainScreen.compose = fault", ""),
    ],
    ids=["an action", "a message", "drawing", "mounting", "composing"],
)
def test_an_error_nobody_thought_of_gives_the_terminal_back(
    seeds_to_read: Path, home: Path, tmp_path: Path, where: str, keys: str
) -> None:
    script = tmp_path / "faulty.py"
    script.write_text(_FAULTY.format(where=where))
    with Terminal([sys.executable, str(script), str(seeds_to_read)], home) as terminal:
        if keys:
            terminal.until(_FIRST_ROW)
            terminal.send(keys)
        assert terminal.wait() == 1
        terminal.assert_given_back()
        said = bytes(terminal.written).decode()
        assert "newsdesk: something went wrong (RuntimeError)" in said
        assert "Traceback" not in said, "that is what the log is for"
        assert "\x1b]52" not in said
        log = home / "state" / "newsdesk" / "newsdesk.log"
        assert str(log) in re.sub(r"\s*\n", "", said)
        assert "injected" in log.read_text(encoding="utf-8")


def test_bytes_that_are_no_text_are_no_end(seeds_to_read: Path, home: Path) -> None:
    with open_workspace(seeds_to_read, home) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send(b"\xe9\xff\xed\xa0\x80\x1b[200~\x00\x80\xfe\x1b[201~\x1b[999;999~\x1bO")
        terminal.settle()
        terminal.send(b"/mari\xe9gold")
        terminal.until("gold")
        terminal.send("\r")
        terminal.settle()
        terminal.send("q")
        assert terminal.wait() == 0
        terminal.assert_given_back()


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_dumb_terminal_is_told_what_works_there(
    seeds_to_read: Path, home: Path, term: str | None
) -> None:
    environment = {"TERM": term} if term is not None else {}
    command = ["env", "-u", "TERM", *NEWSDESK] if term is None else list(NEWSDESK)
    with Terminal([*command, str(seeds_to_read)], home, environment=environment) as terminal:
        assert terminal.wait() == 2
        said = bytes(terminal.written).decode()
        assert "newsdesk list" in said
        assert "\x1b" not in said
        assert said.count("\n") <= 2


def test_without_a_terminal_it_says_so_and_ends_with_2(seeds_to_read: Path, home: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "XDG_STATE_HOME": str(home)}
    done = subprocess.run(
        [*NEWSDESK, str(seeds_to_read)], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"newsdesk list" in done.stderr
    assert done.stdout == b""


def test_piped_standard_input_is_no_keyboard(seeds_to_read: Path, home: Path) -> None:
    ours, theirs = os.pipe()
    try:
        with open_workspace(seeds_to_read, home, stdin=ours) as terminal:
            os.write(theirs, b"pppq")
            assert terminal.wait() == 2
            assert b"needs a terminal" in terminal.written
            assert b"\x1b" not in terminal.written
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_tiny_window_and_a_storm_of_sizes_are_no_end(seeds_to_read: Path, home: Path) -> None:
    with open_workspace(seeds_to_read, home, size=(20, 5)) as terminal:
        terminal.settle(0.4)
        for keys in (
            "j",
            "\t",
            "\t",
            "z",
            "z",
            "?",
            "\x1b",
            "t",
            "\x1b",
            "s",
            "\x1b",
            "/x",
            "\x1b",
        ):
            terminal.send(keys)
            terminal.settle(0.06)
        for columns, rows in ((1, 1), (2, 2), (300, 100), (10, 3), (80, 24), (7, 60), (200, 4)):
            terminal.resize(columns, rows)
            terminal.pump()
        for step in range(60):
            terminal.resize(20 + step * 3, 5 + step)
            if step % 20 == 0:
                terminal.send("jk\t")
            terminal.pump(0.002)
        terminal.resize(120, 40)
        # Which pane has the keys by now depends on how many were taken at which size.
        terminal.until(lambda: "Unpublished" in terminal.lines[0] and " ○ " in terminal.text)
        terminal.send("\x11")  # Ctrl+Q
        assert terminal.wait() == 0
        terminal.assert_given_back()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_ctrl_z_goes_to_the_shell_and_fg_comes_back(seeds_to_read: Path, home: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, home, environment={"PS1": "shell> "}) as terminal:
        terminal.until("shell>")
        program = " ".join([*NEWSDESK, f"'{seeds_to_read}'"])
        terminal.send(f"{program}; echo code=$?\n")
        terminal.until(_FIRST_ROW)
        terminal.send("j")
        terminal.settle()
        terminal.send("\x1a")
        terminal.until(lambda: 1049 not in terminal.modes_on)
        assert not {1000, 1002, 1003, 1006, 25} & terminal.modes_on
        terminal.until("Stopped")
        terminal.send("echo in the $((40 + 2))\n")
        terminal.until("in the 42")
        terminal.send("fg\n")
        terminal.until(lambda: {1049, 1000} <= terminal.modes_on)
        terminal.until(_FIRST_ROW)
        terminal.send("j")
        terminal.settle()
        terminal.send("q")
        terminal.until(lambda: 1049 not in terminal.modes_on)


def test_being_told_to_go_on_while_it_ends_does_not_keep_it(
    seeds_to_read: Path, home: Path
) -> None:
    """A terminal whose window is closed tells its programs so, after it hung up."""
    with open_workspace(seeds_to_read, home) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("q")
        end = time.monotonic() + 20
        while not terminal.has_ended and time.monotonic() < end:
            terminal.process.send_signal(signal.SIGCONT)
            terminal.pump(0.005)
        assert terminal.wait() == 0
        terminal.assert_given_back()


def test_the_editor_gets_the_terminal_and_the_desk_comes_back(make: Make, tmp_path: Path) -> None:
    folder = make(2)
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "print('EDITOR ON', sys.stdin.isatty(), flush=True)\n"
        "input()\n"
        "path = sys.argv[-1]\n"
        "text = open(path).read()\n"
        "open(path, 'w').write(text.replace('Story 000', 'Edited in the terminal'))\n"
    )
    editor.chmod(0o755)
    with open_workspace(folder, tmp_path / "own", environment={"EDITOR": str(editor)}) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("e")
        terminal.until("EDITOR ON True")
        assert not {1049, 1000, 25} & terminal.modes_on
        terminal.send("\n")
        terminal.until("Edited in the terminal")
        terminal.until(_FIRST_ROW)
        assert {1049, 1000, 25} <= terminal.modes_on
        terminal.send("q")
        assert terminal.wait() == 0
        terminal.assert_given_back()


def test_no_color_shows_no_colour(seeds_to_read: Path, home: Path) -> None:
    with open_workspace(seeds_to_read, home, environment={"NO_COLOR": "1"}) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("jt")
        terminal.until("─ Topics ─")
        terminal.send("\x1b")
        terminal.until(lambda: "─ Topics ─" not in terminal.text)
        terminal.send("q")
        assert terminal.wait() == 0
        written = bytes(terminal.written)
    assert set(_colours(written)) == set()
    assert b"\x1b[1;7m" in written, "the cursor is shown the other way round"
    assert not re.search(rb"\x1b\[[0-9;]*[34]9[0-9;]*m", written), "nor for the usual colours"


def _colours(written: bytes) -> Iterator[tuple[int, ...]]:
    """Yield the colours that were asked for: `(31,)` for a named one, `(2, r, g, b)`, `(5, n)`."""
    for codes in re.findall(rb"\x1b\[([0-9;]*)m", written):
        numbers = iter([int(code or 0) for code in codes.split(b";")])
        for number in numbers:
            if number in (38, 48):
                kind = next(numbers)
                yield (kind, *(next(numbers) for _ in range(3 if kind == 2 else 1)))
            elif 30 <= number <= 37 or 40 <= number <= 47 or 90 <= number <= 107:
                yield (number,)


def test_a_start_that_compiles_the_libraries_says_so(seeds_to_read: Path, tmp_path: Path) -> None:
    told = "compiles the libraries"
    environment = {"PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    for is_first in (True, False):
        with open_workspace(seeds_to_read, tmp_path, environment=environment) as terminal:
            terminal.until(_FIRST_ROW)
            terminal.send("q")
            assert terminal.wait() == 0
            assert (told in bytes(terminal.written).decode()) is is_first


def test_with_colour_there_is_colour(seeds_to_read: Path, home: Path) -> None:
    with open_workspace(seeds_to_read, home) as terminal:
        terminal.until(_FIRST_ROW)
        terminal.send("q")
        terminal.wait()
        assert len(set(_colours(bytes(terminal.written)))) > 8


@pytest.fixture
def dead_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "collection"
    folder.mkdir()
    (folder / "a.md").write_text(article_text(title="x"))
    return folder


def test_a_folder_that_vanishes_meanwhile_is_said_and_survived(
    dead_folder: Path, tmp_path: Path
) -> None:
    with open_workspace(dead_folder, tmp_path / "own") as terminal:
        terminal.until("▌")
        shutil.rmtree(dead_folder)
        terminal.send("r")
        terminal.settle(0.3)
        terminal.send("j\t\tq")
        assert terminal.wait() == 0
        terminal.assert_given_back()


def test_the_desk_is_imported_without_what_its_first_rows_do_not_need() -> None:
    late = (
        "yaml httpx rapidfuzz watchfiles newsdesk.collection.frontmatter.block "
        "newsdesk.workspace.triage "
        "newsdesk.workspace.journal newsdesk.workspace.links.findings "
        "newsdesk.workspace.stories.service "
        "newsdesk.index.refresh newsdesk.index.stats newsdesk.links.policy "
        "newsdesk.links.extract newsdesk.tui.screens.dashboard newsdesk.tui.screens.link_results "
        "newsdesk.tui.screens.review newsdesk.tui.dialogs.topic_picker"
    )
    code = f"import sys, newsdesk.tui.app; print(*({late.split()} & sys.modules.keys()))"
    code = code.replace("[", "{").replace("]", "}")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
