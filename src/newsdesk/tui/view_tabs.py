"""The top line: whose collection this is, and its views with their counts."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from newsdesk.desk.views import VIEWS, View
from newsdesk.text import shown


class ViewTabs(Widget):
    """The views; the open one stands out, each can be clicked."""

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, collection: str) -> None:
        super().__init__(id="view-tabs")
        self._collection = shown(collection)
        self._open = VIEWS[0]
        self._counts: dict[View, int] = {}
        self._places: list[tuple[int, int, View]] = []

    def show(self, open_view: View, counts: dict[View, int]) -> None:
        """Show which view is open and how many articles each holds."""
        if (open_view, counts) != (self._open, self._counts):
            self._open, self._counts = open_view, counts
            self.refresh()

    def render(self) -> Content:
        """Draw the tabs on the left, the collection on the right."""
        self._places = []
        parts: list[Content | tuple[str, str] | str] = []
        used = 0
        for view in VIEWS:
            number = self._counts.get(view)
            text = f" {view.key} {view.name}" + (f" {number:,} " if number is not None else " ")
            is_open = view == self._open
            parts.append((text, "bold reverse" if is_open else "$foreground 80%"))
            self._places.append((used, used + cell_len(text), view))
            used += cell_len(text)
        name = Content(self._collection).truncate(
            max(0, self.size.width - used - 13), ellipsis=True
        )
        gap = self.size.width - used - name.cell_length - 11
        if gap >= 0:
            parts += [
                " " * gap,
                ("newsdesk ", "bold $text-accent"),
                name.stylize("$foreground 80%"),
            ]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Open the view that was clicked."""
        for start, end, view in self._places:
            if start <= event.x < end:
                self.post_message(self.Chosen(view))
