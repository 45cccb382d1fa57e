"""A list with headings that the cursor passes by."""

from __future__ import annotations

from newsdesk.tui.widgets.lists.line_list import LineList


class HeadedList(LineList):
    """Rows in groups. Subclasses say which rows are headings; none is the last row."""

    def is_heading(self, index: int) -> bool:
        """Tell whether a row that exists is a heading."""
        raise NotImplementedError

    def move_to(self, index: int) -> None:
        """Move the cursor to a row; from a heading it goes on in the same direction."""
        index = max(0, min(index, self.count - 1))
        if self.count and self.is_heading(index):
            is_back = index < self.cursor and index > 0
            index += -1 if is_back else 1
        super().move_to(index)
        self._show_first_heading()

    def resized(self) -> None:
        """Keep the cursor in sight."""
        super().resized()
        self._show_first_heading()

    def _show_first_heading(self) -> None:
        if self.cursor == 1 and self.page > 1 and self.is_heading(0):
            self.scroll_to_line(0)
