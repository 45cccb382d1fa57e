"""A line of text about an article."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Input, Static


class NoteDialog(ModalScreen[str | None]):
    """Returns the note, empty to take it away, or None if the person thought better of it."""

    BINDINGS = [Binding("escape", "leave", "Back", priority=True)]  # noqa: RUF012

    def __init__(self, title: str, note: str) -> None:
        super().__init__()
        self._title = title
        self._note = note

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="note", classes="dialog"):
            yield Static(Content(shown(self._title)), classes="confirm-title")
            yield Input(shown(self._note), id="note-input", compact=True, max_length=500)
            yield Static(
                "Enter keep   empty: no note   Esc back", classes="dialog-keys", markup=False
            )

    def on_mount(self) -> None:
        """Begin typing."""
        self.query_one("#note").border_title = " Note "
        self.set_focus(self.query_one(Input))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Think better of it."""
        self.dismiss(None)
