"""The line above the list that names its columns."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.widget import Widget

from newsdesk.index.query.ast import SortKey
from newsdesk.tui.safe_widgets import Content
from newsdesk.tui.widgets.glyphs import fit, fit_right
from newsdesk.tui.widgets.lists.columns import SIGNS, Column, Placed, placed
from newsdesk.tui.widgets.tooltips import SIGNS_HELP, column_help, set_tooltip
from newsdesk.workspace.views import Filter


class ColumnHeader(Widget):
    """The names of the columns above the list, with the sort; a click sorts."""

    class Clicked(Message):
        """The header of a column was clicked."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(id="column-heads")
        self._columns = tuple(columns)
        self._order: tuple[SortKey, ...] = Filter().order

    @property
    def _list_width(self) -> int:
        """The cells of a line of the list below; one more is its scroll bar's."""
        return max(1, self.size.width - 1)

    def show_order(self, order: tuple[SortKey, ...]) -> None:
        """Mark the column that is sorted by."""
        if order != self._order:
            self._order = order
            self.refresh()

    def _head(self, place: Placed) -> str:
        column, first = place.column, self._order[0] if self._order else None
        name = column.head
        if first is not None and first.field == column.field:
            name += "↓" if first.descending else "↑"
        gap = place.gap or 1  # a space belongs to the glyphs before the first column
        # A header that is too long for its column covers the gap before it.
        if column.is_right:
            return fit_right(name, place.width + gap)
        return " " * gap + fit(name, place.width)

    def render(self) -> Content:
        """Draw the names above their columns."""
        heads = "".join(self._head(place) for place in placed(self._columns, self._list_width))
        return Content(" " * (SIGNS - 1) + heads)

    def on_click(self, event: events.Click) -> None:
        """Post the column that was clicked."""
        column = self._column_at(event.x)
        if column and column.field:
            self.post_message(self.Clicked(column.field))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the column under the mouse."""
        column = self._column_at(event.x)
        set_tooltip(self, column_help(column) if column else SIGNS_HELP)

    def _column_at(self, x: int) -> Column | None:
        for place in reversed(placed(self._columns, self._list_width)):
            if x >= place.start - place.gap:
                return place.column
        return None
