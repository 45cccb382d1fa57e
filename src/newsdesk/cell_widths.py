"""Measure text as terminals draw it where Rich does not."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=1)
def count_spacing_marks() -> None:
    """Make Rich count one cell for a spacing mark (category Mc), such as a Hindi vowel sign.

    Rich counts none; tmux 3.3a and whatever follows `wcwidth` of the C library draw one, so that
    a row of the screen became too wide and was wrapped.
    """
    import rich.cells

    load = rich.cells.load_cell_table  # type: ignore[attr-defined]

    @lru_cache(maxsize=4)
    def loaded(version: str = "auto") -> rich.cells.CellTable:
        table = load(version)
        return table._replace(widths=[each for entry in table.widths for each in _parts(entry)])

    rich.cells.load_cell_table = loaded  # type: ignore[attr-defined]
    rich.cells.get_character_cell_size.cache_clear()
    rich.cells.cached_cell_len.cache_clear()


def _parts(entry: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    """Return a range of equally wide characters without the spacing marks in it."""
    start, end, width = entry
    if width:
        return [entry]
    parts = []
    for code in range(start, end + 1):
        if unicodedata.category(chr(code)) == "Mc":
            if start < code:
                parts.append((start, code - 1, 0))
            start = code + 1
    return [*parts, (start, end, 0)] if start <= end else parts
