"""Record the real program in a pseudo-terminal, and write it as one picture that moves."""

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

from tui.terminal import NEWSDESK, Terminal  # noqa: E402 - it lies with the tests

COLUMNS, ROWS = 112, 32
CELL, LINE = 8.4, 18  # size of a cell in the picture
FRONT, GROUND, LAMP = "#dcdbd5", "#15171c", "#e3a857"
_WHO = ("-c", "user.name=editor", "-c", "user.email=editor@localhost")
# Keys, what the caption says of them, seconds to look at it.
SCENES: tuple[tuple[str, str, float], ...] = (
    ("", "newsdesk seeds", 2.5),
    ("j", "j  the next article", 1.2),
    ("j", "j  the next article", 1.2),
    ("p", "p  publishes it: one value in one file", 2.2),
    ("x", "x  rejects the next one; its file stays as it is", 2.2),
    ("u", "u  takes the last decision back", 2.2),
    ("t", "t  topics, with counts", 1.6),
    ("rob", "type a few letters", 1.6),
    (" ", "Space  chooses", 1.4),
    ("\r", "Enter  shows what has the topic", 2.2),
    ("\x1b", "Esc  everything again", 1.2),
    ("/", "/  searches as you type", 1.2),
    ("quality:>=60", "fields and words; results as you type", 2.4),
    ("\r", "Enter  back to the list", 1.2),
    ("i", "i  the numbers of what is shown", 3.0),
    ("\x1b", "Esc", 1.0),
    ("W", "W  what this sitting changed, and one commit of it", 3.0),
    ("\x1b", "Esc  back", 1.5),
)


@dataclass(frozen=True)
class Frame:
    """One screen, what the caption says of it, and how many seconds it stands."""

    rows: tuple[str, ...]
    caption: str
    seconds: float


def record() -> list[Frame]:
    """Play the scenes; return a frame for each."""
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
    """Yield each line of the screen as SVG, its own top at 0."""
    for y in range(ROWS):
        line = terminal.screen.buffer[y]
        cells = [line[x] for x in range(COLUMNS)]
        yield "".join(_runs(cells))


def _runs(cells: list[Char]) -> Iterator[str]:
    x = 0
    for style, group in groupby(cells, _style):
        text = "".join(cell.data for cell in group)
        front, ground, bold, underlined = style
        width = cell_len(text) * CELL
        if ground != GROUND:
            yield f'<rect x="{x:.1f}" width="{width:.1f}" height="{LINE}" fill="{ground}"/>'
        if text.strip():
            yield _text(text, x, front, bold, underlined)
        x += width


def _style(cell: Char) -> tuple[str, str, bool, bool]:
    front, ground = _colour(cell.fg, FRONT), _colour(cell.bg, GROUND)
    if cell.reverse:
        front, ground = ground, front
    return front, ground, cell.bold, cell.underscore


def _colour(name: str, default: str) -> str:
    return default if name == "default" else f"#{name}"


def _text(text: str, x: float, front: str, bold: bool, underlined: bool) -> str:
    begin = cell_len(text) - cell_len(text.lstrip())
    text = text.strip()
    more = ' style="font-weight:bold"' if bold else ""
    more += ' text-decoration="underline"' if underlined else ""
    more += f' fill="{front}"' if front != FRONT else ""
    place = f'x="{x + begin * CELL:.1f}" y="13.5" textLength="{cell_len(text) * CELL:.1f}"'
    return f"<text {place}{more}>{_spaced(text)}</text>"


def _spaced(text: str) -> str:
    """Return text whose spaces are kept by whatever draws the picture."""
    return html.escape(text, quote=False).replace(" ", "\u00a0")


def animated(frames: list[Frame]) -> str:
    """Return one SVG that shows the frames one after the other, again and again.

    Lines that are the same in several frames are written once. Who asked for less motion gets
    the first frame.
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
<title>newsdesk: an article is published, one rejected and taken back, topics and a query narrow
the list, the dashboard shows numbers, the review shows what was changed</title>
<style>
svg {{ fill: {FRONT} }}
text {{ font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace }}
.c {{ fill: {LAMP}; font-weight: bold }}
.film {{ animation: play {total:.1f}s step-end infinite }}
@keyframes play {{ {"".join(steps)} }}
@media (prefers-reduced-motion: reduce) {{ .film {{ animation: none }} }}
</style>
<rect width="100%" height="100%" rx="6" fill="{GROUND}"/>
<defs>{defs}</defs>
<g class="film">{"".join(drawn)}</g>
</svg>
"""


def write(path: Path) -> None:
    """Record, and write the picture."""
    path.write_text(animated(record()), "utf-8")
