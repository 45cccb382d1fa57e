"""Glyphs, bars and fitted text, so that nothing is shown by colour alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from newsdesk.cell_widths import count_spacing_marks
from newsdesk.collection.article import Status
from newsdesk.links.verdict import VERDICTS
from newsdesk.text import number_text
from newsdesk.tui.safe_text import shown

STATUS_GLYPHS = {Status.PUBLISHED: "●", Status.UNPUBLISHED: "○", Status.UNSET: "◌"}
PROBLEM_GLYPH = "!"
REJECTED_GLYPH, LATER_GLYPH, STAR_GLYPH, NOTE_GLYPH = "✕", "◷", "★", "✎"
MISLEADING_GLYPH = "⚑"
COVERED_GLYPH = "●"  # an article of this story is published
BRANCH_GLYPHS = {False: "├ ", True: "└ "}
VERDICT_DISPLAYS = {verdict: (look.glyph, look.tone.value) for verdict, look in VERDICTS.items()}
count_spacing_marks()
_EIGHTHS = "▁▂▃▄▅▆▇█"


def fit(text: str, width: int) -> str:
    """Return text exactly `width` cells wide: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…"


def fit_right(text: str, width: int) -> str:
    """Return short text padded on the left to `width` cells, cut if it is longer."""
    missing = width - cell_len(text)
    return " " * missing + text if missing >= 0 else fit(text, width)


def small_bar(value: float | None, full: int = 100) -> str:
    """Return a bar of one cell; a space without a number."""
    if value is None:
        return " "
    step = int(min(max(value, 0), full) * (len(_EIGHTHS) - 1) // full)
    return _EIGHTHS[step]


def long_bar(value: float | None, width: int = 10, full: int = 100) -> tuple[str, str]:
    """Return the filled and the empty part of a bar of `width` cells."""
    filled = 0 if value is None else round(min(max(value, 0), full) * width / full)
    return "━" * filled, "─" * (width - filled)


def number(value: float | None, width: int) -> str:
    """Return a number right-aligned in `width` cells; a dash without one."""
    return fit_right("–" if value is None else number_text(value, width), width)


def story_size(size: int) -> str:
    """Return how many sources a story has, in three cells: `×4`."""
    return f"×{size}".ljust(3) if size < 100 else "×99"


def level(value: float | None) -> str:
    """Return the level of a heat or quality: `none`, `low`, `middle` or `high`."""
    if value is None:
        return "none"
    return "high" if value >= 70 else "middle" if value >= 40 else "low"


def matches(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """Split text into (part, whether it matches one of the words), ignoring case."""
    lowered = text.lower()
    pattern = "|".join(re.escape(word.lower()) for word in words if word.strip())
    # Some letters change their length in lower case, which shifts positions.
    if not pattern or len(lowered) != len(text):
        return [(text, False)]
    parts, end = [], 0
    for found in re.finditer(pattern, lowered):
        parts += [(text[end : found.start()], False), (text[found.start() : found.end()], True)]
        end = found.end()
    return [part for part in (*parts, (text[end:], False)) if part[0]]


def path_in_words(folder: Path) -> str:
    """Return a folder's path, safe to show, the home folder as `~`."""
    home = os.environ.get("HOME", "").rstrip("/")
    text = str(folder)
    if home and f"{text}/".startswith(f"{home}/"):
        text = "~" + text[len(home) :]
    return shown(text)
