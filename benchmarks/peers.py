"""newsboat and VisiData on the same articles, where they are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.figures import Figure, median_of
from benchmarks.home import BenchmarkFailed, Home, run
from benchmarks.machine import wait_for_quiet
from benchmarks.terminal import NotSeen, Terminal

_MOVES = 40
_DOWN = "\x1bOB"  # newsboat's `j` goes to the next feed


def measure_peers(home: Home, count: int) -> list[Figure]:
    """Measure both programs; one that is missing or fails is `not measured`, with the reason."""
    folder = home.folder / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    rows = folder / "articles.jsonl"
    with rows.open("w") as output:
        subprocess.run(
            [sys.executable, "-m", "newsdesk", "list", "-C", str(home.collection), "--jsonl"],
            env=home.env,
            stdout=output,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=600,
        )
    figures: list[Figure] = []
    for name, measure in (("newsboat", _newsboat), ("vd", _visidata)):
        if shutil.which(name) is None:
            figures.append(Figure(name, None, note="not installed"))
            continue
        wait_for_quiet()
        try:
            figures += measure(home, rows, count)
        except (NotSeen, BenchmarkFailed, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            figures.append(Figure(name, None, note=str(error).partition("\n")[0]))
    shutil.rmtree(folder, ignore_errors=True)
    return figures


def _version(command: str, option: str = "--version") -> str:
    try:
        return run([command, option], {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}, 20).split("\n")[0]
    except BenchmarkFailed:
        return command


def _newsboat(home: Home, rows: Path, count: int) -> list[Figure]:
    folder = rows.parent
    feed = folder / "feed.xml"
    _write_feed(rows, feed)
    (folder / "urls").write_text(f"file://{feed}\n")
    (folder / "config").write_text("max-items 0\nshow-read-feeds yes\n")
    command = ["newsboat", "-C", "config", "-u", "urls", "-c", "cache.db"]
    run([*command, "-x", "reload"], home.env, 60 + count / 500, folder)
    starts, opens, moves, memories = [], [], [], []
    for _ in range(3):
        with Terminal(command, home.env, folder=folder) as terminal:
            starts.append(terminal.when(lambda: "The collection" in terminal.text, limit=90))
            terminal.settle(1.0)
            opens.append(terminal.when(lambda: "Articles in feed" in terminal.text, "\r", 90))
            terminal.settle(1.0)
            moves += _moves(terminal, _DOWN, _MOVES // 3)
            memories.append(terminal.peak_memory / 1e6)
    note = _version("newsboat")
    return [
        median_of("newsboat: start to the list of feeds", starts, "s", scale=1.0, note=note),
        median_of("newsboat: to open the feed", opens, "s", scale=1.0),
        median_of("newsboat: cursor move, median", moves),
        median_of("newsboat: memory", memories, "MB", scale=1.0),
    ]


def _write_feed(rows: Path, feed: Path) -> None:
    with rows.open() as source, feed.open("w") as output:
        output.write(
            '<?xml version="1.0"?><rss version="2.0"><channel><title>The collection</title>'
            "<link>https://example.com/</link><description>Articles</description>\n"
        )
        for line in source:
            row = json.loads(line)
            output.write(
                f"<item><title>{escape(row['title'])}</title><link>{escape(row['url'] or '')}"
                f"</link><guid>{escape(row['path'])}</guid>"
                f"<description>{escape(row['excerpt'])}</description></item>\n"
            )
        output.write("</channel></rss>\n")


def _visidata(home: Home, rows: Path, count: int) -> list[Figure]:
    firsts, alls, moves, memories = [], [], [], []
    for _ in range(3):
        with Terminal(["vd", str(rows)], home.env, folder=rows.parent) as terminal:
            firsts.append(terminal.when(lambda: "_news/" in terminal.text, limit=90))
            alls.append(terminal.when(lambda: f"{count} rows" in terminal.text, limit=180))
            terminal.settle(0.3, 3.0)
            moves += _moves(terminal, "j", _MOVES // 3)
            memories.append(terminal.peak_memory / 1e6)
    return [
        median_of("VisiData: first rows", firsts, "s", scale=1.0, note=_version("vd")),
        median_of("VisiData: all rows", alls, "s", scale=1.0),
        median_of("VisiData: cursor move, median", moves),
        median_of("VisiData: memory", memories, "MB", scale=1.0),
    ]


def _moves(terminal: Terminal, key: str, number: int) -> list[float]:
    """Move the cursor; it has moved when another row has the cursor's colours."""
    times = []
    for _ in range(number):
        before = _colours(terminal)
        times.append(terminal.when(_changed(terminal, before), key, 10.0))
        terminal.settle(0.3, 0.5)
    return times


def _changed(terminal: Terminal, before: list[tuple[object, ...]]) -> Callable[[], bool]:
    return lambda: _colours(terminal) != before


def _colours(terminal: Terminal) -> list[tuple[object, ...]]:
    cells = [terminal.screen.buffer[y][12] for y in range(1, terminal.screen.lines - 2)]
    return [(cell.fg, cell.bg, cell.bold, cell.reverse) for cell in cells]
