"""The columns of the list: their names, widths and positions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SIGNS = 6  # cells before the first column: cursor, mark, status, flag, badge, a space
_TEXT_COLUMNS_MIN_CELLS = 56  # a narrower list has no text column but the title
MIN_TITLE_CELLS = 24  # next to other text columns
_SHORTEST_TITLE = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, and the field that a click on it sorts by, if any.

    `width` is in cells; 0 is the title's, which gets what the others leave. A text
    column takes its `share` of the list, within bounds, where there is room.
    """

    name: str
    head: str
    field: str = ""
    width: int = 0
    share: int = 0
    is_right: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it shows text rather than a number."""
        return not self.width

    def width_in(self, list_width: int) -> int:
        """Return its width in a list of `list_width` cells."""
        return self.width or min(28, max(14, list_width // self.share))


COLUMN_OF = {
    column.name: column
    for column in (
        Column("heat", "Heat", "heat", width=5, is_right=True),
        Column("quality", "Qual", "quality", width=4, is_right=True),
        Column("age", "Age", "date", width=3, is_right=True),
        Column("date", "Date", "date", width=10),
        Column("story", "", width=4),
        Column("title", "Title", "title"),
        Column("source", "Source", "provider", share=5),
        Column("topics", "Topics", share=5),
        Column("category", "Category", share=8),
        Column("type", "Type", share=8),
        Column("path", "File", "path", share=4),
    )
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A column at its position: from cell `start`, `width` cells wide, behind `gap` spaces."""

    column: Column
    start: int
    width: int
    gap: int


def placed(names: Iterable[str], width: int) -> tuple[Placed, ...]:
    """Return the positions of columns in a row of `width` cells, without those that do not fit."""
    columns = [COLUMN_OF[name] for name in names]
    if width < _TEXT_COLUMNS_MIN_CELLS:
        columns = [column for column in columns if not column.share]
    rest = _rest(columns, width)
    while rest < MIN_TITLE_CELLS and any(column.share for column in columns):
        columns.remove(next(column for column in reversed(columns) if column.share))
        rest = _rest(columns, width)
    found: list[Placed] = []
    at = SIGNS
    for column, gap in _with_gaps(columns):
        is_title = not (column.width or column.share)
        cells = max(_SHORTEST_TITLE, rest) if is_title else column.width_in(width)
        found.append(Placed(column, at + gap, cells, gap))
        at += gap + cells
    return tuple(found)


def _rest(columns: list[Column], width: int) -> int:
    """Return the cells that are left for the title."""
    others = sum(column.width_in(width) for column in columns if column.width or column.share)
    return width - SIGNS - others - sum(gap for _, gap in _with_gaps(columns))


def _with_gaps(columns: list[Column]) -> Iterable[tuple[Column, int]]:
    """Yield each column with the spaces before it: two between text columns."""
    before: Column | None = None
    for column in columns:
        yield column, 0 if before is None else 1 + (before.is_text and column.is_text)
        before = column
