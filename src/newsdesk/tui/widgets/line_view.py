"""A pane of lines that scrolls, and draws only those on the screen.

Textual's `ScrollView` lays out the whole screen again whenever the number of lines changes,
which happens here at each move of the cursor. So this class draws its own scroll bar.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

_WHEEL_LINES = 3


class LineView(Widget, can_focus=True):
    """A pane of lines. Subclasses return the number of lines and draw one at a time."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}"
        for name in (
            *("cursor", "cursor-unfocused", "hover", "thumb"),
            *("muted", "plain", "match", "good", "warning", "bad", "strong"),
        )
    }

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.top = 0  # the first line on the screen
        # Stored when the size changes: Textual's `size` is slow to read for each line.
        self.page = 1  # lines on the screen
        self.line_width = 1  # cells of a line, without the scroll bar
        self._styles: dict[str, Style] = {}

    # -- for subclasses --------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def draw_line(self, index: int, width: int) -> Strip:
        """Return a line that exists, styled and exactly `width` cells wide."""
        raise NotImplementedError

    def draw_beyond(self, y: int, width: int) -> Strip:
        """Return a line of the screen below the last line of the content."""
        return Strip.blank(width, self.base_style)

    # -- styles ----------------------------------------------------------------------------

    def part(self, name: str) -> Style:
        """Return the foreground of a component, e.g. `muted`, without its background."""
        if name not in self._styles:
            # Computed with its background, then removed: a partial style would lose
            # colours that are blended with it.
            whole = self.get_component_rich_style(f"line--{name}")
            self._styles[name] = whole.without_color + Style(color=whole.color)
        return self._styles[name]

    def whole_part(self, name: str) -> Style:
        """Return the style of a component with its background."""
        key = f"{name} whole"
        if key not in self._styles:
            self._styles[key] = self.get_component_rich_style(f"line--{name}")
        return self._styles[key]

    @property
    def base_style(self) -> Style:
        """The style of the pane itself."""
        if "base" not in self._styles:
            self._styles["base"] = self.rich_style
        return self._styles["base"]

    def notify_style_update(self) -> None:
        """Clear the cached styles: the theme changed."""
        super().notify_style_update()
        self._styles.clear()
        self.refresh()

    # -- scrolling -------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Store the new size."""
        size = self.size
        self.page, self.line_width = max(1, size.height), max(1, size.width - 1)
        self.resized()
        self.refresh()  # it may have been drawn before the first size

    def resized(self) -> None:
        """Adapt the content to the new size."""

    def scroll_to_line(self, top: int) -> None:
        """Make a line the first on the screen, as far as there are lines below it."""
        top = max(0, min(top, self.count - self.page))
        if top != self.top:
            self.top = top
            self.refresh()

    def bring_into_view(self, index: int) -> None:
        """Scroll as little as needed to show a line."""
        if index < self.top:
            self.scroll_to_line(index)
        elif index >= self.top + self.page:
            self.scroll_to_line(index - self.page + 1)

    def refresh_line(self, index: int) -> None:
        """Redraw one line, if it is on the screen."""
        y = index - self.top
        if 0 <= y < self.page:
            left, top = self.gutter.left, self.gutter.top
            self.refresh(Region(left, top + y, self.line_width + 1, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_to_line(self.top + _WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll with the wheel."""
        event.stop()
        self.scroll_to_line(self.top - _WHEEL_LINES)

    def line_at(self, event: events.MouseEvent) -> int | None:
        """Return the line under the mouse; on the scroll bar scroll there and return None."""
        offset = event.get_content_offset(self)
        if offset is None:
            return None
        if offset.x >= self.line_width and isinstance(event, events.Click):
            self.scroll_to_line(offset.y * self.count // self.page - self.page // 2)
            return None
        index = self.top + offset.y
        return index if index < self.count else None

    # -- drawing ---------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen and its cell of the scroll bar."""
        width = self.line_width
        index = self.top + y
        strip = self.draw_line(index, width) if index < self.count else self.draw_beyond(y, width)
        return Strip.join([strip, self._thumb(y)])

    def _thumb(self, y: int) -> Strip:
        count, page = self.count, self.page
        if count <= page:
            return Strip.blank(1, self.base_style)
        size = max(1, page * page // count)
        start = self.top * (page - size) // (count - page)
        mark = "▐" if start <= y < start + size else " "
        return Strip([Segment(mark, self.base_style + self.part("thumb"))])
