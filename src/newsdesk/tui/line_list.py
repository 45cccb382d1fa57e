"""A list of any length that draws only the lines on the screen."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor. Subclasses say how many there are and how one looks.

    Cost follows the rows on the screen, not the rows in the list. Keys come from the screen's
    commands, which call `move` and its kin.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--cursor",
        "line--cursor-unfocused",
        "line--hover",
        "line--muted",
        "line--match",
        "line--good",
        "line--warning",
        "line--bad",
        "line--strong",
        "line--plain",
    }

    cursor: var[int] = var(0)

    class Highlighted(Message):
        """The cursor went to another row, or the row under it changed."""

        def __init__(self, line_list: LineList) -> None:
            super().__init__()
            self.line_list = line_list

        @property
        def control(self) -> LineList:
            """The list."""
            return self.line_list

    class Chosen(Highlighted):
        """The row under the cursor was opened with the mouse."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._count = 0
        self._empty: list[Text] = []
        self._hovered = -1
        self._styles: dict[str, Style] = {}

    # -- for subclasses --------------------------------------------------------------------

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Return the segments of one row; the background is added here."""
        raise NotImplementedError

    def part(self, name: str) -> Style:
        """Return the foreground style of a component, without its background."""
        if name not in self._styles:
            # Taken whole and without its background: a partial style would lose the colours
            # that are mixed with it.
            whole = self.get_component_rich_style(f"line--{name}")
            self._styles[name] = whole.without_color + Style(color=whole.color)
        return self._styles[name]

    # -- content ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    def set_count(self, count: int, cursor: int) -> None:
        """Say how many rows there are now, and on which of them the cursor stands."""
        self._count = count
        self.virtual_size = Size(self.scrollable_content_region.width, count)
        self.cursor = max(0, min(cursor, count - 1))
        self._show_cursor()
        self.refresh()

    def say_empty(self, *lines: Text) -> None:
        """Set what stands in the list when it has no rows."""
        self._empty = list(lines)
        if not self._count:
            self.refresh()

    # -- moving ----------------------------------------------------------------------------

    def move(self, rows: int) -> None:
        """Move the cursor by a number of rows, stopping at the ends."""
        self.move_to(self.cursor + rows)

    def move_pages(self, pages: float) -> None:
        """Move the cursor by pages or parts of one."""
        page = max(1, self.scrollable_content_region.height - 1)
        self.move(round(page * pages) or (1 if pages > 0 else -1))

    def move_to(self, index: int) -> None:
        """Move the cursor to a row; a number below or above means the first or last one."""
        index = max(0, min(index, self._count - 1))
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        self.refresh_line(before)
        self.refresh_line(index)
        self._show_cursor()
        self.post_message(self.Highlighted(self))

    def _show_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height <= 0:
            return
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    # -- drawing ---------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= self._count:
            return self._draw_empty(y, width)
        is_cursor = index == self.cursor
        strip = Strip(self.draw_row(index, width, is_cursor))
        strip = strip.adjust_cell_length(width)
        if is_cursor:
            name = "line--cursor" if self.has_focus else "line--cursor-unfocused"
            return strip.apply_style(self.get_component_rich_style(name))
        if index == self._hovered:
            return strip.apply_style(self.get_component_rich_style("line--hover"))
        return strip.apply_style(self.rich_style)

    def _draw_empty(self, y: int, width: int) -> Strip:
        lines = [
            part for line in self._empty for part in line.wrap(self.app.console, max(10, width - 4))
        ]
        first = max(0, (self.scrollable_content_region.height - len(lines)) // 3)
        if self._count or not first <= y < first + len(lines):
            return Strip.blank(width, self.rich_style)
        line = lines[y - first].copy()
        line.align("center", width)
        segments = list(line.render(self.app.console, end=""))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def notify_style_update(self) -> None:
        """Forget cached styles: the theme changed."""
        super().notify_style_update()
        self._styles.clear()
        self.refresh()

    # -- events ----------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.virtual_size = Size(self.scrollable_content_region.width, self._count)
        self._show_cursor()

    def on_focus(self) -> None:
        """Draw the cursor as the place where keys go."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """Draw the cursor as a reminder."""
        self.refresh_line(self.cursor)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the row under the mouse."""
        self._hover(event.y + self.scroll_offset.y)

    def on_leave(self) -> None:
        """Put the light out."""
        self._hover(-1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            before, self._hovered = self._hovered, index
            for line in (before, index):
                if line >= 0:
                    self.refresh_line(line)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row that was clicked; a second click opens it."""
        index = event.y + self.scroll_offset.y
        if index >= self._count:
            return
        if event.chain == 2:
            self.post_message(self.Chosen(self))
        else:
            self.move_to(index)
