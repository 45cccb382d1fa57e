"""The related pane: related entries, articles that link here, the story, similar articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from newsdesk.text import age
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Segment, Text
from newsdesk.tui.widgets.glyphs import fit, fit_right, number, small_bar
from newsdesk.tui.widgets.lists.line_list import HeadedList

if TYPE_CHECKING:
    from newsdesk.workspace.stories.related import RelatedItem

# By the values of `Relation`.
_GLYPHS = {"listed": "→", "mutual": "↔", "points here": "←", "same story": "×", "like": "≈"}
# The pane's own title is the heading of the article's own entries.
_HEADINGS = {
    "points here": "Points here",
    "same story": "Same story",
    "like": "More like this",
}
_TEXT_MIN_CELLS = 60  # a narrower pane shows only titles
_SOURCE_AND_REASON_MIN_CELLS = 110


class RelatedList(HeadedList):
    """Related articles; Enter moves to one that is in the collection."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[RelatedItem | str] = []

    @property
    def item(self) -> RelatedItem | None:
        """The line under the cursor."""
        row = self._rows[self.cursor] if self._rows else None
        return None if isinstance(row, str) else row

    @property
    def related_items(self) -> list[RelatedItem]:
        """All rows except headings."""
        return [row for row in self._rows if not isinstance(row, str)]

    def show_nothing(self) -> None:
        """Show an empty pane: no article is selected."""
        self.show(())
        self.show_empty(Text(""))

    def show(self, related_items: Sequence[RelatedItem]) -> None:
        """Show related articles in the given order."""
        self._rows = []
        before = ""
        for item in related_items:
            heading = _HEADINGS.get(item.relation.value, "")
            if heading != before:
                self._rows.append(heading)
            self._rows.append(item)
            before = heading
        self.top = 0
        self.set_count(len(self._rows), 1 if self._rows and self.is_heading(0) else 0)
        self.show_empty(Text("No related articles", self.part("muted")))
        self._show_reason()

    def is_heading(self, index: int) -> bool:
        """Return whether a row is a group's heading."""
        return isinstance(self._rows[index], str)

    def move_to(self, index: int) -> None:
        """Move the cursor, and show why the new row is related."""
        super().move_to(index)
        self._show_reason()

    def on_focus(self) -> None:
        """Show why the row is related."""
        self._show_reason()

    def on_blur(self) -> None:
        """Show the plain title."""
        self.call_after_refresh(self._show_reason)

    def _show_reason(self) -> None:
        own = sum(item.relation.value not in _HEADINGS for item in self.related_items)
        title = f" Related {own} " if own else " Related "
        if self.has_focus and self.item is not None:
            title += f"· {shown(self.item.reason)} "
        self.border_title = Content(title)

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw a related article, or the heading of a group."""
        row = self._rows[index]
        muted = self.part("muted")
        if isinstance(row, str):
            return [Segment(f"  {row}", muted + Style(italic=True))]
        texts = self._texts(row, width)
        room = sum(size + 2 for _, size in texts)
        here = row.path is not None
        segments = [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment(f"{_GLYPHS[row.relation.value]} ", muted),
            Segment("◆ " if here else "◇ ", self.part("good" if here else "muted")),
            Segment(small_bar(row.quality), self.part("strong")),
            Segment(number(row.quality, 3)),
            Segment("▲ " if row.outscores else "  ", self.part("warning")),
            Segment(fit_right(age(row.published_at), 3), muted),
            Segment(" "),
            Segment(
                fit(shown(row.title) or shown(row.url) or "untitled", max(8, width - 15 - room)),
                Style.null() if here else muted,
            ),
        ]
        for text, size in texts:
            segments += [Segment("  "), Segment(fit(text, size), muted)]
        return segments

    def _texts(self, row: RelatedItem, width: int) -> list[tuple[str, int]]:
        """Return the texts after the title with their widths: source, reason or both."""
        says_why = row.relation.value in ("same story", "like")
        if width < _TEXT_MIN_CELLS:
            return []
        if width < _SOURCE_AND_REASON_MIN_CELLS:
            return [(shown(row.reason if says_why else row.source), min(28, width // 3))]
        return [(shown(row.source), 20), (shown(row.reason), min(40, width // 3))]
