"""The top line: the views with their counts, and the collection's name."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widget import Widget

from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content
from newsdesk.tui.widgets.glyphs import fit, path_in_words
from newsdesk.tui.widgets.tooltips import set_tooltip
from newsdesk.workspace.keymap.commands import COMMAND_OF, command_for_view
from newsdesk.workspace.keymap.keymap import Keys
from newsdesk.workspace.views import VIEWS, View


class ViewTabs(Widget):
    """The views; the open one is highlighted, each can be clicked."""

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, collection: str, keys: Keys, folder: Path) -> None:
        super().__init__(id="view-tabs")
        self._keys = keys
        self._collection = shown(collection)
        self._place = path_in_words(folder)
        self._open = VIEWS[0]
        self._counts: dict[View, int] = {}
        self._live = 0
        self._warning_at = 0
        self._places: list[tuple[int, int, View]] = []

    def show(self, open_view: View, counts: dict[View, int], live: int = 0) -> None:
        """Show which view is open, how many articles each holds, how many are live by mistake."""
        if (open_view, counts, live) != (self._open, self._counts, self._live):
            self._open, self._counts, self._live = open_view, counts, live
            self.refresh()

    def render(self) -> Content:
        """Draw the tabs on the left, the collection on the right."""
        self._places = []
        parts: list[Content | tuple[str, str] | str] = []
        used = 0
        for view, text in self._labels():
            is_open = view == self._open
            parts.append((text, "bold reverse" if is_open else "$foreground 80%"))
            self._places.append((used, used + cell_len(text), view))
            used += cell_len(text)
        if warning := self._warning():
            parts.append((warning, "bold $text-error"))
            self._warning_at = used
            used += cell_len(warning)
        name = Content(self._collection).truncate(
            max(0, self.size.width - used - 13), ellipsis=True
        )
        gap = self.size.width - used - name.cell_length - 11
        if gap >= 0:
            parts += [
                " " * gap,
                ("newsdesk ", "bold $text-accent"),
                Content.assemble(name.stylize("$foreground 80%")),
            ]
        return Content.assemble(*parts)

    def _warning(self) -> str:
        return f" {self._live:,} live by mistake " if self._live else ""

    def _labels(self) -> list[tuple[View, str]]:
        """Return the views that have a tab, with its label."""
        if self._open in VIEWS:
            labels = [(view, self._label(view)) for view in VIEWS]
            room = self.size.width - cell_len(self._warning())
            # The warning has priority: the last views lose their counts for it.
            for place in reversed(range(len(labels) if self._live else 0)):
                if sum(cell_len(text) for _, text in labels) <= room:
                    break
                view = labels[place][0]
                labels[place] = (view, f" {self._title(view)} ")
            return labels
        # A view without a tab of its own has one while it is open; on a narrow
        # screen the others lose their counts.
        own = self._label(self._open)
        room = self.size.width - cell_len(own)
        labels = [(view, self._label(view)) for view in VIEWS]
        if sum(cell_len(text) for _, text in labels) > room:
            labels = [(view, f" {self._title(view)} ") for view in VIEWS]
        room = self.size.width - sum(cell_len(text) for _, text in labels)
        return [*labels, (self._open, own if cell_len(own) <= room else fit(own, room - 1) + " ")]

    def _label(self, view: View) -> str:
        number = self._counts.get(view)
        name = self._title(view)
        return f" {name} {number:,} " if number is not None else f" {name} "

    def _title(self, view: View) -> str:
        keys = self._keys.all_shown(command_for_view(view)) if view in VIEWS else ()
        return shown(f"{keys[0] if keys else ''} {view.name}".strip())

    def on_click(self, event: events.Click) -> None:
        """Open the view that was clicked."""
        if view := self._view_at(event.x):
            self.post_message(self.Chosen(view))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the view under the mouse, or show the path of the collection."""
        view = self._view_at(event.x)
        text = self._place
        if self._live and 0 <= event.x - self._warning_at < cell_len(self._warning()):
            text = "Public although their files say unpublished: newsdesk lint lists them"
        if view is not None:
            text = COMMAND_OF[command_for_view(view)].help if view in VIEWS else shown(view.query)
        set_tooltip(self, text)

    def _view_at(self, x: int) -> View | None:
        return next((view for start, end, view in self._places if start <= x < end), None)
