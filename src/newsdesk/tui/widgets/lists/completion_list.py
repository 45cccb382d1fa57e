"""Completions at the cursor of the query bar: a few rows above the list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from newsdesk.index.query.completion import Completion
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Segment
from newsdesk.tui.widgets.glyphs import fit, fit_right, matches
from newsdesk.tui.widgets.line_view import LineView

MAX_ROWS = 8
_WIDTH = 50  # cells; constant, so that nothing moves while the list gets shorter
MIN_CELLS = 24
_COUNT, _FIELD = 8, 11  # cells


class CompletionList(LineView):
    """Completions of the word at the cursor. It never takes the focus.

    `cursor` is -1 while no row is highlighted.
    """

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, completion: Completion) -> None:
            super().__init__()
            self.completion = completion

    def __init__(self) -> None:
        super().__init__(id="completions")
        self.can_focus = False
        self.cursor = -1
        self._completions: list[Completion] = []
        self._words: tuple[str, ...] = ()
        self._hovered = -1

    @property
    def is_open(self) -> bool:
        """Whether the list is open."""
        return bool(self._completions)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._completions)

    @property
    def completion(self) -> Completion | None:
        """The completion to accept: the highlighted row, else the first."""
        return self._completions[max(0, self.cursor)] if self._completions else None

    def show(
        self, completions: Sequence[Completion], typed: str, column: int, *, is_highlighted: bool
    ) -> None:
        """Open below a column of the bar, with the typed text highlighted; close if empty."""
        self._completions = list(completions)
        self._words = (shown(typed),) if typed else ()
        self.cursor = 0 if is_highlighted and self._completions else -1
        self.top, self._hovered = 0, -1
        rows = min(self.count, MAX_ROWS)
        width = self.screen.size.width
        own_width = max(MIN_CELLS, min(_WIDTH, width - 2))
        self.styles.height = max(1, rows)
        self.styles.width = own_width
        self.styles.offset = (max(0, min(column, width - own_width - 1)), 1)
        self.display = bool(rows)
        self.page = max(1, rows)
        self.refresh()

    def close(self) -> None:
        """Close the list."""
        if self._completions:
            self._completions = []
            self.cursor = -1
            self.display = False

    def move(self, rows: int) -> None:
        """Move the highlight; above the first row it is removed."""
        self.cursor = max(-1, min(self.cursor + rows, self.count - 1))
        self.bring_into_view(max(0, self.cursor))
        self.refresh()

    # -- drawing ---------------------------------------------------------------------------

    def draw_line(self, index: int, width: int) -> Strip:
        """Draw a value with its count, or a field with its meaning."""
        completion = self._completions[index]
        # Muted text would be too faint on the highlight.
        quiet = self.part("plain" if index == self.cursor else "muted")
        segments = [Segment("▌" if index == self.cursor else " ", self.part("strong"))]
        label, room = shown(completion.label), width - 2
        if completion.count is not None:
            segments += self._lit(fit(label, room - _COUNT))
            segments.append(Segment(fit_right(f"{completion.count:,}", _COUNT), quiet))
        elif completion.label != completion.text:
            segments += self._lit(fit(shown(completion.text), _FIELD))
            segments.append(Segment(fit(label, room - _FIELD), quiet))
        else:
            segments += self._lit(fit(label, room))
        strip = Strip(segments).adjust_cell_length(width)
        state = "cursor" if index == self.cursor else "hover" if index == self._hovered else ""
        return strip.apply_style(self.whole_part(state) if state else self.base_style)

    def _lit(self, text: str) -> list[Segment]:
        plain, match = self.part("plain"), self.part("match")
        return [Segment(part, match if hit else plain) for part, hit in matches(text, self._words)]

    # -- mouse -----------------------------------------------------------------------------

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the row under the mouse."""
        index = self.line_at(event)
        self._hovered = -1 if index is None else index
        self.refresh()

    def on_leave(self) -> None:
        """Remove the highlight."""
        self._hovered = -1
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose the row that was clicked."""
        event.stop()
        index = self.line_at(event)
        if index is not None:
            self.post_message(self.Picked(self._completions[index]))
