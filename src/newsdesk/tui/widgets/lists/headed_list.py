"""A list with headings that the cursor skips."""

from __future__ import annotations

from newsdesk.tui.widgets.lists.line_list import LineList


class HeadedList(LineList):
    """Rows in groups. Subclasses define which rows are headings; the last row is not."""

    def is_heading(self, index: int) -> bool:
        """Return whether a row is a heading."""
        raise NotImplementedError

    def move_to(self, index: int) -> None:
        """Move the cursor to a row; a heading is skipped in the same direction."""
        index = max(0, min(index, self.count - 1))
        if self.count and self.is_heading(index):
            is_back = index < self.cursor and index > 0
            index += -1 if is_back else 1
        super().move_to(index)
        self._show_first_heading()

    def resized(self) -> None:
        """Keep the cursor visible."""
        super().resized()
        self._show_first_heading()

    def _show_first_heading(self) -> None:
        if self.cursor == 1 and self.page > 1 and self.is_heading(0):
            self.scroll_to_line(0)
