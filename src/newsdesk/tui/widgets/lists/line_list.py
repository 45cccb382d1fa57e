"""A list of any length with a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from newsdesk.tui.safe_widgets import Segment, Text
from newsdesk.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from rich.segment import Segment as AnySegment  # noqa: TID251 - only a type

MAX_CACHED_ROWS = 1_000


class LineList(LineView):
    """Rows with a cursor. Subclasses draw a row.

    The cost depends on the rows on the screen, not in the list. Keys come from the screen's
    commands, which call `move` and its kin.
    """

    class Highlighted(Message):
        """The cursor moved to another row, or its row changed."""

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
        self.cursor = 0
        self._count = 0
        self._empty: list[Text] = []
        self._hovered = -1
        self._drawn: dict[tuple[int, str, int], Strip] = {}

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Return the segments of one row; the background is added here."""
        raise NotImplementedError

    # -- content ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    def set_count(self, count: int, cursor: int) -> None:
        """Set the number of rows and the cursor's position."""
        self._count = count
        self.cursor = max(0, min(cursor, count - 1))
        self.top = max(0, min(self.top, count - self.page))
        self.bring_into_view(self.cursor)
        self.redraw()

    def show_empty(self, *lines: Text) -> None:
        """Set the text of a list without rows."""
        self._empty = list(lines)
        if not self._count:
            self.refresh()

    # -- movement --------------------------------------------------------------------------

    def move(self, rows: int) -> None:
        """Move the cursor by a number of rows, stopping at the ends."""
        self.move_to(self.cursor + rows)

    def move_pages(self, pages: float) -> None:
        """Move the cursor by pages or parts of one."""
        self.move(round((self.page - 1) * pages) or (1 if pages > 0 else -1))

    def move_to(self, index: int) -> None:
        """Move the cursor to a row; a number below or above means the first or last one."""
        index = max(0, min(index, self._count - 1))
        if index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        self.refresh_line(before)
        self.refresh_line(index)
        self.bring_into_view(index)
        self.post_message(self.Highlighted(self))

    # -- drawing ---------------------------------------------------------------------------

    def draw_line(self, index: int, width: int) -> Strip:
        """Draw one row with the background of its state, or return it from the cache."""
        state = ""
        if index == self.cursor:
            state = "cursor" if self.has_focus else "cursor-unfocused"
        elif index == self._hovered:
            state = "hover"
        key = (index, state, width)
        strip = self._drawn.get(key)
        if strip is None:
            style = self.whole_part(state) if state else self.base_style
            strip = Strip(self.draw_row(index, width, index == self.cursor))
            strip = fused(strip.adjust_cell_length(width).apply_style(style))
            if len(self._drawn) > MAX_CACHED_ROWS:
                self._drawn.clear()
            self._drawn[key] = strip
        return strip

    def redraw(self) -> None:
        """Draw all rows again: their content changed."""
        self._drawn.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        self._drawn.clear()

    def draw_beyond(self, y: int, width: int) -> Strip:
        """Draw the text of a list without rows."""
        if self._count:
            return super().draw_beyond(y, width)
        lines = [
            part for line in self._empty for part in line.wrap(self.app.console, max(10, width - 4))
        ]
        number = y - max(0, (self.page - len(lines)) // 3)
        if not 0 <= number < len(lines):
            return super().draw_beyond(y, width)
        line = lines[number].copy()
        line.align("center", width)
        strip = Strip(list(line.render(self.app.console, end="")))
        return strip.adjust_cell_length(width).apply_style(self.base_style)

    # -- events ----------------------------------------------------------------------------

    def resized(self) -> None:
        """Keep the cursor visible."""
        self.top = max(0, min(self.top, self._count - self.page))
        self.bring_into_view(self.cursor)

    def on_focus(self) -> None:
        """Draw the cursor of a focused list."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """Draw the cursor of a list without focus."""
        self.refresh_line(self.cursor)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row under the mouse."""
        index = self.line_at(event)
        self._hover(-1 if index is None else index)

    def on_leave(self) -> None:
        """Remove the highlight."""
        self._hover(-1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            before, self._hovered = self._hovered, index
            self.refresh_line(before)
            self.refresh_line(index)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row that was clicked; a second click opens it."""
        index = self.line_at(event)
        if index is None:
            return
        if event.chain == 2:
            self.post_message(self.Chosen(self))
        else:
            self.move_to(index)


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


def fused(strip: Strip) -> Strip:
    """Return a strip with the same look in fewer segments.

    Each segment is sent to the terminal with all of its colours, which is most of what a frame
    is made of. A blank shows only its background, so that it can be drawn with its neighbour.
    """
    segments: list[AnySegment] = []
    for segment in strip:
        style = segment.style
        if segments:
            text, before = segments[-1].text, segments[-1].style
            if style == before or _only_background(segment, before):
                segments[-1] = Segment(text + segment.text, before)
                continue
            if _only_background(segments[-1], style):
                segments[-1] = Segment(text + segment.text, style)
                continue
        segments.append(segment)
    return Strip(segments, strip.cell_length)


def _only_background(segment: AnySegment, other: Style | None) -> bool:
    """Return whether a segment is blank and has the background of another style."""
    style = segment.style
    return (
        segment.text.isspace()
        and style is not None
        and other is not None
        and style.bgcolor == other.bgcolor
        and not any(
            one.reverse or one.underline or one.underline2 or one.strike or one.overline
            for one in (style, other)
        )
        and style.meta == other.meta
        and style.link == other.link
    )
