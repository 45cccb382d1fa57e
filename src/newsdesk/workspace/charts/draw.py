"""Draw numbers with characters: bars that stand, bars that lie, shaded cells, labelled axes.

What is published is drawn solid, what is not as dots, so that no colour is needed to tell them
apart. Nothing that is there is ever drawn as nothing.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

VERTICAL_FILLS = " ▁▂▃▄▅▆▇█"  # eighths of a cell, from below
HORIZONTAL_FILLS = " ▏▎▍▌▋▊▉█"  # eighths of a cell, from the left
_DOTS_VERTICAL = "⣀⣤⣶⣿"  # quarters
_DOTS_HORIZONTAL = "⡇⣿"  # halves
SHADES = " ░▒▓█"


class Ink(enum.Enum):
    """What a cell of a bar shows."""

    PUBLISHED = "published"
    WAITING = "waiting"
    NOTHING = "nothing"


def nice_top(most: int) -> int:
    """Return a round number, at least `most`, for the upper end of an axis."""
    most = max(most, 1)
    power: int = 10 ** (len(str(most)) - 1)
    parts = (1, 2, 3, 4, 5, 6, 8, 10) if power > 1 else range(1, 11)
    return next(part * power for part in parts if part * power >= most)


def vertical_bar(published: int, waiting: int, top: int, height: int) -> list[tuple[Ink, str]]:
    """Return the `height` cells of a bar, the lowest first; a bar of `top` reaches the last one.

    What waits stands above what is published, each in cells of its own.
    """
    solid, dots = _parts(published, waiting, top, height, 8)
    cells = [(Ink.PUBLISHED, VERTICAL_FILLS[8])] * (solid // 8)
    if solid % 8:
        cells.append((Ink.PUBLISHED, VERTICAL_FILLS[solid % 8]))
    cells += [(Ink.WAITING, _DOTS_VERTICAL[3])] * (dots // 8)
    if dots % 8:
        cells.append((Ink.WAITING, _DOTS_VERTICAL[(dots % 8 - 1) // 2]))
    return cells + [(Ink.NOTHING, " ")] * (height - len(cells))


def horizontal_bar(published: int, waiting: int, top: int, width: int) -> tuple[str, str]:
    """Return the two parts of a bar, together at most `width` cells: published, then waiting."""
    solid, dots = _parts(published, waiting, top, width, 8)
    first = HORIZONTAL_FILLS[8] * (solid // 8) + HORIZONTAL_FILLS[solid % 8].strip()
    second = _DOTS_HORIZONTAL[1] * (dots // 8)
    if dots % 8:
        second += _DOTS_HORIZONTAL[(dots % 8 - 1) // 4]
    return first, second


def _parts(published: int, waiting: int, top: int, cells: int, steps: int) -> tuple[int, int]:
    """Return how many steps both parts take; the second begins in a cell of its own."""
    room, top = cells * steps, max(top, published + waiting, 1)
    whole = max(round((published + waiting) * room / top), bool(published) + bool(waiting))
    if not waiting:
        return whole, 0
    solid = max(round(published * room / top), 1) if published else 0
    # A cell at least is left for what waits.
    solid = min(solid, room - steps)
    begin = -(-solid // steps) * steps
    return max(solid, 0), max(whole - begin, 1)


def shade(number: int, most: int) -> int:
    """Return how dark a cell is, 0 to 4: by the root, since few cells hold most articles."""
    if number <= 0:
        return 0
    return max(1, min(4, math.ceil(4 * math.sqrt(number / max(most, number)))))


def shade_limits(most: int) -> list[tuple[str, int]]:
    """Return (shade, the smallest number that is so dark) for the shades that are used."""
    limits: dict[int, int] = {}
    for level in range(1, 5):
        number = 1 if level == 1 else (level - 1) ** 2 * most // 16 + 1
        if number <= most:
            limits.setdefault(shade(number, most), number)
    return [(SHADES[level], number) for level, number in limits.items()]


def axis(labels: Sequence[tuple[int, str, bool]], width: int) -> str:
    """Return a line of labels (column, text, whether it matters more), as many as there is room.

    The ones that matter more come first; two never touch.
    """
    line = [" "] * width
    for important in (True, False):
        for column, text, matters in labels:
            end = column + len(text)
            if matters is not important or not text or end > width:
                continue
            if all(cell == " " for cell in line[max(0, column - 1) : end + 1]):
                line[column:end] = text
    return "".join(line)


def short_number(number: int) -> str:
    """Return a number in at most four characters: `999`, `1.2k`, `31k`, `2.1M`."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            part = number / size
            text = f"{math.floor(part * 10) / 10:g}" if part < 10 else str(number // size)
            return f"{text}{unit}"
    return str(number)


def percent(share: float, number: int) -> str:
    """Return a share in at most four characters; only none is 0 % and only all is 100 %."""
    if not number:
        return "–"
    if share <= 0 or share >= 1:
        return f"{share:.0%}"
    return f"{min(max(round(share * 100), 1), 99)}%"
