"""The small menu behind `s`: one more key says what to sort by."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from newsdesk.index.query import SortKey

SORT_KEYS = (
    ("h", "heat", "Heat"),
    ("q", "quality", "Quality"),
    ("d", "date", "Date"),
    ("t", "title", "Title"),
    ("p", "provider", "Provider"),
)


class SortMenu(ModalScreen[str]):
    """Returns the field to sort by, or an empty string."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        *(Binding(key, f"sort('{field}')", title) for key, field, title in SORT_KEYS),
        Binding("escape,s", "sort('')", "Leave"),
    ]

    def __init__(self, order: tuple[SortKey, ...]) -> None:
        super().__init__()
        self._order = order

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(id="sort-menu", classes="dialog"):
            for key, field, title in SORT_KEYS:
                yield SortChoice(key, field, title, self._order[0])
            yield Static("again turns it round", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Name the menu."""
        self.query_one("#sort-menu").border_title = "Sort by"

    def action_sort(self, field: str) -> None:
        """Sort by a field; an empty one leaves things as they are."""
        self.dismiss(field)

    def on_click(self, event: events.Click) -> None:
        """Take a click; beside the menu it leaves."""
        self.dismiss(event.widget.field if isinstance(event.widget, SortChoice) else "")


class SortChoice(Static):
    """One field that can be sorted by."""

    def __init__(self, key: str, field: str, title: str, first: SortKey) -> None:
        arrow = ("↓" if first.descending else "↑") if first.field == field else " "
        super().__init__(
            Content.assemble(
                (f" {key} ", "bold $accent"), f" {title:<10}", (f"{arrow} ", "$accent")
            )
        )
        self.field = field
