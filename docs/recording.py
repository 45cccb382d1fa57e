"""Record the program in a pseudo-terminal, and write the recording as one animated SVG."""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from rich.cells import cell_len

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from tui.terminal import NEWSDESK, Terminal  # noqa: E402 - part of the tests

COLUMNS, ROWS = 112, 32
CELL, LINE = 8.4, 18  # size of a cell in the SVG
FOREGROUND, BACKGROUND, ACCENT = "#dcdbd5", "#15171c", "#e3a857"
_WHO = ("-c", "user.name=editor", "-c", "user.email=editor@localhost")
# Keys, their caption, and how many seconds the screen is shown.
SCENES: tuple[tuple[str, str, float], ...] = (
    ("", "newsdesk seeds", 2.5),
    ("j", "j  next article", 1.2),
    ("j", "j  next article", 1.2),
    ("p", "p  publish: changes one value in one file", 2.2),
    ("x", "x  reject: does not change the file", 2.2),
    ("u", "u  undo", 2.2),
    ("t", "t  topics, with counts", 1.6),
    ("rob", "type to filter", 1.6),
    (" ", "Space  select", 1.4),
    ("\r", "Enter  show the articles of the topic", 2.2),
    ("\x1b", "Esc  show all again", 1.2),
    ("/", "/  search as you type", 1.2),
    ("quality:>=60", "words and fields", 2.4),
    ("\r", "Enter  back to the list", 1.2),
    ("i", "i  dashboard of what is shown", 3.0),
    ("\x1b", "Esc  back", 1.0),
    ("W", "W  changes of this session, and one commit of them", 3.0),
    ("\x1b", "Esc  back", 1.5),
)


@dataclass(frozen=True)
class Frame:
    """One screen with its caption, and how many seconds it is shown."""

    rows: tuple[str, ...]
    caption: str
    seconds: float


def record() -> list[Frame]:
    """Press the keys of all scenes; return one frame for each."""
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "seeds"
        shutil.copytree(ROOT / "seeds", site)
        for command in ("init -qb main", "add -A", "commit -qm Begin"):
            subprocess.run(["git", *_WHO, *command.split()], cwd=site, check=True)
        with Terminal([*NEWSDESK, str(site)], Path(folder), size=(COLUMNS, ROWS)) as terminal:
            terminal.until("▌ ○")
            for keys, caption, seconds in SCENES:
                terminal.send(keys)
                terminal.settle(0.5)
                frames.append(Frame(tuple(_rows(terminal)), caption, seconds))
            terminal.send("q")
            terminal.wait()
    return frames


def _rows(terminal: Terminal) -> Iterator[str]:
    """Yield each line of the screen as SVG, at y = 0."""
    for y in range(ROWS):
        line = terminal.screen.buffer[y]
        cells = [line[x] for x in range(COLUMNS)]
        yield "".join(_runs(cells))


def _runs(cells: list[Char]) -> Iterator[str]:
    x = 0
    for style, group in groupby(cells, _style):
        text = "".join(cell.data for cell in group)
        foreground, background, bold, underlined = style
        width = cell_len(text) * CELL
        if background != BACKGROUND:
            yield f'<rect x="{x:.1f}" width="{width:.1f}" height="{LINE}" fill="{background}"/>'
        if text.strip():
            yield _text(text, x, foreground, bold, underlined)
        x += width


def _style(cell: Char) -> tuple[str, str, bool, bool]:
    foreground, background = _colour(cell.fg, FOREGROUND), _colour(cell.bg, BACKGROUND)
    if cell.reverse:
        foreground, background = background, foreground
    return foreground, background, cell.bold, cell.underscore


def _colour(name: str, default: str) -> str:
    return default if name == "default" else f"#{name}"


def _text(text: str, x: float, foreground: str, bold: bool, underlined: bool) -> str:
    begin = cell_len(text) - cell_len(text.lstrip())
    text = text.strip()
    more = ' style="font-weight:bold"' if bold else ""
    more += ' text-decoration="underline"' if underlined else ""
    more += f' fill="{foreground}"' if foreground != FOREGROUND else ""
    place = f'x="{x + begin * CELL:.1f}" y="13.5" textLength="{cell_len(text) * CELL:.1f}"'
    return f"<text {place}{more}>{_spaced(text)}</text>"


def _spaced(text: str) -> str:
    """Return text with spaces that every SVG renderer keeps."""
    return html.escape(text, quote=False).replace(" ", "\u00a0")


def animated(frames: list[Frame]) -> str:
    """Return one SVG that shows the frames in a loop.

    A line that occurs in several frames is written once. With `prefers-reduced-motion` only
    the first frame is shown.
    """
    width, height = COLUMNS * CELL, (ROWS + 2) * LINE
    numbers: dict[str, int] = {}
    for frame in frames:
        for row in frame.rows:
            numbers.setdefault(row, len(numbers))
    defs = "".join(f'<g id="r{number}">{row}</g>' for row, number in numbers.items() if row)
    total = sum(frame.seconds for frame in frames)
    steps, at = [], 0.0
    drawn = []
    for number, frame in enumerate(frames):
        steps.append(f"{at / total * 100:.2f}%{{transform:translateX({-number * width:.0f}px)}}")
        at += frame.seconds
        uses = "".join(
            f'<use href="#r{numbers[row]}" y="{y * LINE}"/>'
            for y, row in enumerate(frame.rows)
            if row
        )
        caption = (
            f'<text class="c" x="{CELL:.1f}" y="{height - 10}">{_spaced(frame.caption)}</text>'
        )
        drawn.append(f'<g transform="translate({number * width:.0f})">{uses}{caption}</g>')
    size = f"0 0 {width:.0f} {height}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img">
<title>newsdesk: an article is published, one is rejected, this is undone, topics and a query filter
the list, the dashboard shows numbers, the review shows the changes</title>
<style>
svg {{ fill: {FOREGROUND} }}
text {{ font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace }}
.c {{ fill: {ACCENT}; font-weight: bold }}
.film {{ animation: play {total:.1f}s step-end infinite }}
@keyframes play {{ {"".join(steps)} }}
@media (prefers-reduced-motion: reduce) {{ .film {{ animation: none }} }}
</style>
<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>
<defs>{defs}</defs>
<g class="film">{"".join(drawn)}</g>
</svg>
"""


def write(path: Path) -> None:
    """Record the program, and write the SVG."""
    path.write_text(animated(record()), "utf-8")
