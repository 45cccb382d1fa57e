"""A small menu: one more key says which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.index.query.ast import SortKey
from newsdesk.tui.safe_widgets import Content, Static
from newsdesk.tui.textual_compat import bindings_of_node


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu: the key, what it returns, and what it is called."""

    key: str
    value: str
    title: str
    sign: str = " "


SORT_FIELDS = (
    ("h", "heat", "Heat"),
    ("q", "quality", "Quality"),
    ("d", "date", "Date"),
    ("t", "title", "Title"),
    ("p", "provider", "Provider"),
)
LATER_CHOICES = (
    Choice("t", "tomorrow", "Tomorrow"),
    Choice("m", "monday", "Monday"),
    Choice("w", "week", "In a week"),
    Choice("s", "someday", "Some day"),
)


def sort_choices(order: Sequence[SortKey]) -> tuple[Choice, ...]:
    """Return the sort menu, an arrow at the field that is sorted by now."""
    first = order[0]
    arrow = "↓" if first.descending else "↑"
    return tuple(
        Choice(key, field, title, arrow if field == first.field else " ")
        for key, field, title in SORT_FIELDS
    )


class KeyMenu(ModalScreen[str]):
    """Returns the value of what was chosen, or an empty string."""

    def __init__(self, title: str, choices: Sequence[Choice], hint: str = "Esc back") -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._hint = hint
        for choice in choices:
            # A fixed word out of our own tables: nothing foreign becomes an action.
            bindings_of_node(self).bind(choice.key, f"choose('{choice.value}')", choice.title)
        bindings_of_node(self).bind("escape", "choose('')", "Back")

    def compose(self) -> ComposeResult:
        """Lay out the menu."""
        with Vertical(id="key-menu", classes="dialog"):
            for choice in self._choices:
                yield ChoiceLine(choice)
            yield Static(self._hint, classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Name the menu."""
        self.query_one("#key-menu").border_title = Content(f" {self._title} ")

    def action_choose(self, value: str) -> None:
        """Take a key."""
        self.dismiss(value)

    def on_click(self, event: events.Click) -> None:
        """Take a click; beside the menu it leaves."""
        self.dismiss(event.widget.choice.value if isinstance(event.widget, ChoiceLine) else "")


class ChoiceLine(Static):
    """One thing that can be chosen."""

    def __init__(self, choice: Choice) -> None:
        super().__init__(
            Content.assemble(
                (f" {choice.key} ", "bold $text-accent"),
                f" {choice.title:<10}",
                (f"{choice.sign} ", "$text-accent"),
            )
        )
        self.choice = choice
