"""The command line as a whole: help, exit codes, closed pipes, and never a traceback."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk import __version__
from newsdesk.cli import main
from newsdesk.config import Config
from newsdesk.errors import CollectionError

from .conftest import Make, Newsdesk, article_file


def test_every_command_and_option_has_help() -> None:
    parsers = dict(main.all_parsers())
    assert set(parsers) == {"newsdesk", *main.COMMANDS}
    for name, parser in parsers.items():
        text = parser.format_help()
        assert text.startswith("examples:\n  newsdesk"), name
        assert parser.description, name
        for command, meaning in parser.examples:
            assert meaning, command
            outside_quotes = re.sub(r"'[^']*'|[<>] \w+\.\w+$", "", command)
            assert not re.search("[<>()]", outside_quotes), command  # a shell would obey them
        for action in parser._actions:
            assert action.help, (name, action.dest)
            assert action.help != argparse.SUPPRESS, (name, action.dest)
        options = set(parser._option_string_actions)
        assert {"-h", "--help", "-C", "--color", "--debug"} <= options
    for name in "show lint stats check log index publish unpublish list".split():
        assert "--json" in parsers[name]._option_string_actions, name


def test_help_and_version_go_to_standard_output(seeds: Newsdesk) -> None:
    assert seeds("--version").text == f"newsdesk {__version__}\n"
    for arguments in (["-h"], ["list", "--help"], ["publish", "-h"]):
        done = seeds.here(*arguments)
        assert (done.code, done.err) == (0, "")
        assert done.text.startswith("examples:")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list", "--nonesuch"], 2),
        (["list", "--limit", "x"], 2),
        (["list", "--json", "--csv"], 2),
        (["list", "topic:"], 2),
        (["--color", "blue", "list"], 2),
        (["show"], 2),
        (["publish"], 2),
        (["undo", "-n", "0"], 2),
        (["check", "--timeout", "-1"], 2),
        (["list", "-C", "/nonesuch"], 3),
        (["-C", "/nonesuch", "list"], 3),
        (["list", "-C", "/etc/passwd"], 3),
        (["show", "nonesuch.md"], 1),
        (["show", "../../etc/passwd"], 1),
        (["publish", "nonesuch.md"], 1),
        (["nonesuch"], 3),
        (["one", "two"], 2),
        (["lsit"], 3),
        (["list", "is:published"], 0),
    ],
)
def test_exit_codes(seeds: Newsdesk, arguments: list[str], code: int) -> None:
    done = seeds.here(*arguments)
    assert done.code == code
    if code:
        assert done.out == b""
        assert done.err.startswith("newsdesk: ")
        assert done.err.count("\n") == 1 or "^" in done.err


def test_a_slip_in_a_command_names_the_nearest(seeds: Newsdesk) -> None:
    assert "Did you mean newsdesk list?" in seeds.here("lsit").err


def test_a_folder_opens_the_desk_and_a_command_runs(make: Make, seeds: Newsdesk) -> None:
    newsdesk = make({"list/a.md": article_file()})
    opened: list[Path] = []

    def open_workspace(config: Config) -> int:
        opened.append(config.collection)
        return 7

    list_folder = newsdesk.folder / "list"
    environment = os.environ | newsdesk.variables
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(newsdesk.folder)
        assert main.run(["./list"], open_workspace) == 7
        assert main.run([], open_workspace) == 7
        assert main.run(["-C", "list"], open_workspace) == 7
        assert main.run(["list", "-C", ".", "--paths"], open_workspace) == 0
    assert opened == [list_folder, newsdesk.folder, list_folder]


def test_the_folder_may_be_named_before_and_behind_the_command(seeds: Newsdesk, make: Make) -> None:
    empty = make()
    folder = str(seeds.folder)
    expected = seeds.here("list", "--paths").out
    assert empty.here("-C", folder, "list", "--paths").out == expected
    assert empty.here("list", "--paths", "-C", folder).out == expected
    output_json = empty.here("list")
    assert (output_json.code, output_json.out) == (0, b"")
    assert "No articles in" in output_json.err


def test_a_closed_pipe_is_silent(make: Make) -> None:
    newsdesk = make({f"{n}.md": article_file(f"{n} {'x' * 900}") for n in range(300)})
    with newsdesk.start("list", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"["
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("arguments", ["list", "log --json", "--help", "--version", "check -h"])
def test_output_that_cannot_be_written_is_an_error(arguments: str, seeds: Newsdesk) -> None:
    command = f"{sys.executable} -m newsdesk {arguments}"
    for target, output_json in (
        (">&-", "Standard output is closed"),
        (">/dev/full", "Cannot write the output"),
    ):
        if target == ">/dev/full" and not Path("/dev/full").exists():
            continue
        done = subprocess.run(
            ["sh", "-c", f"{command} {target}"],
            env=seeds.variables,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.decode().startswith(f"newsdesk: {output_json}")
        assert done.stderr.count(b"\n") == 1


def test_what_has_nothing_to_print_needs_no_output(make: Make) -> None:
    command = f"{sys.executable} -m newsdesk list >&-"
    done = subprocess.run(["sh", "-c", command], env=make().variables, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("verb", ["list", "lint", "stats", "stories", "index", "check", "publish"])
def test_a_folder_that_cannot_be_read_ends_with_1_behind_the_data(verb: str, make: Make) -> None:
    newsdesk = make({"a.md": article_file("found", published="false")})
    handle = os.open(newsdesk.folder, os.O_RDONLY)
    for _ in range(17):  # a path that is too long cannot be opened by root either
        os.mkdir("d" * 250, dir_fd=handle)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(handle)
    query = ["-q", "found"] if verb == "publish" else ["found"] if verb != "index" else []
    done = newsdesk.here(verb, *query)
    assert (done.code, "Cannot read" in done.err) == (1, True)


def test_what_nobody_thought_of_becomes_a_sentence_and_a_log(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    newsdesk = make()
    for name, value in newsdesk.variables.items():
        monkeypatch.setenv(name, value)

    def open_workspace(config: Config) -> int:
        raise ZeroDivisionError("\x1b[31mred")

    assert main.run([], open_workspace) == 1
    output_json = capsys.readouterr().err
    log = newsdesk.home / "state" / "newsdesk" / "newsdesk.log"
    assert output_json.startswith("newsdesk: Unexpected error (ZeroDivisionError: ␛[31mred)")
    assert str(log) in output_json
    assert output_json.count("\n") == 1
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    assert main.run(["--debug"], open_workspace) == 1
    output_json = capsys.readouterr().err
    assert "Traceback" in output_json
    assert "\x1b" not in output_json


def test_errors_of_the_main_screen_are_reported_like_all_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def open_workspace(config: Config) -> int:
        raise CollectionError("It is gone.", "Look elsewhere.")

    assert main.run([], open_workspace) == 3
    assert capsys.readouterr().err == "newsdesk: It is gone. Look elsewhere.\n"

    def interrupted(config: Config) -> int:
        raise KeyboardInterrupt

    assert main.run([], interrupted) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("module", ["argparse", "newsdesk.cli.main", "newsdesk.index.query.parser"])
def test_ctrl_c_while_modules_are_loaded_ends_with_130(seeds: Newsdesk, module: str) -> None:
    program = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from newsdesk.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "list"],
        check=False,
        env=seeds.variables,
        capture_output=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_ctrl_c_ends_with_130_and_no_traceback(make: Make) -> None:
    newsdesk = make()
    with newsdesk.start("publish", "-") as process:
        # It waits for standard input until then, so that it is past its start.
        for _ in range(200):
            if Path(f"/proc/{process.pid}/wchan").exists() and _is_reading(process.pid):
                break
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        output_json = process.stderr.read()
    assert process.returncode == 130
    assert output_json == b""


def _is_reading(pid: int) -> bool:
    import time

    time.sleep(0.01)
    # Asleep with its modules loaded: SQLite is among the last.
    maps = Path(f"/proc/{pid}/maps").read_text(errors="replace")
    return "_sqlite3" in maps and "State:\tS" in Path(f"/proc/{pid}/status").read_text()


def test_colour_is_for_terminals_or_for_the_asking(make: Make) -> None:
    newsdesk = make({"a.md": article_file()})
    assert b"\x1b" not in newsdesk.here("list").out
    assert b"\x1b" in newsdesk.here("list", "--color=always").out
    assert b"\x1b" in newsdesk.here("--color=always", "list").out
    assert b"\x1b" not in newsdesk.here("list", "--color=never").out


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_a_terminal_gets_a_table(make: Make, plain: dict[str, str]) -> None:
    import pty

    title = "A title long enough to be cut where the terminal ends, which is at eighty columns"
    variables = {"TERM": "xterm", "COLUMNS": "80", **plain}
    newsdesk = make({"a.md": article_file(title, heat=5)}, **variables)
    ours, theirs = pty.openpty()
    with newsdesk.start("list", stdout=theirs, stderr=theirs):
        os.close(theirs)
        text = b""
        try:
            while chunk := os.read(ours, 10_000):
                text += chunk
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
    lines = text.decode().splitlines()
    assert len(lines) == 3
    assert "heat qual age  title" in lines[0]
    assert "…" in lines[1]
    assert "1 article" in lines[2]
    assert ("\x1b" in text.decode()) == (not plain)


def test_index_prints_counts_and_rebuilds(make: Make) -> None:
    import json

    newsdesk = make({"a.md": article_file(), "b.md": "no front matter", "c.png": b"\x89PNG"})
    first = json.loads(newsdesk("index", "--json").out)
    assert (first["articles"], first["added"], first["left_alone"]) == (1, 1, 2)
    assert first["seconds"] >= 0
    again = json.loads(newsdesk.here("index", "--json", "--rebuild").out)
    assert again["added"] == 1
    assert "1 article in" in newsdesk.here("index").lines[0]
    (index,) = newsdesk.home.rglob("*.index.db")
    index.write_bytes(b"no database" * 1000)
    done = newsdesk.here("list", "--paths")
    assert (done.code, done.lines) == (0, ["a.md"])
    assert "damaged" in done.err


@pytest.mark.parametrize("verb", ["list", "log", "lint", "stories", "check", "publish - ", "undo"])
def test_nothing_is_an_empty_array_in_json(verb: str, make: Make) -> None:
    newsdesk = make()
    done = newsdesk.here(*verb.split(), "--json")
    assert (done.code, json.loads(done.out)) == (0, [])
