"""The name under which what is shown is saved as a view."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.errors import UsageError
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Input, Static
from newsdesk.workspace.settings.saved_views import MAX_NAME, checked_name


class SaveViewDialog(ModalScreen[str | None]):
    """Returns the name, or None if the person thought better of it.

    `query` is what will be saved, `known` are the queries of the views there are, by name.
    """

    BINDINGS = [Binding("escape", "leave", "Back", priority=True)]  # noqa: RUF012

    def __init__(self, query: str, known: Mapping[str, str]) -> None:
        super().__init__()
        self._query = query
        self._known = known

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="view-dialog", classes="dialog"):
            yield Static(Content(shown(self._query)), id="view-query")
            yield Input(placeholder="name", id="view-name", compact=True, max_length=MAX_NAME)
            yield Static("", id="view-remark", markup=False)
            yield Static("Enter save   Esc back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Begin typing."""
        self.query_one("#view-dialog").border_title = " Save view "
        self.set_focus(self.query_one(Input))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what Enter would do."""
        event.stop()
        before = self._known.get(" ".join(event.value.split()))
        self._remark(f"Replaces: {before}" if before else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the name, if it is one."""
        event.stop()
        try:
            name = checked_name(event.value)
        except UsageError as error:
            self._remark(str(error), is_error=True)
        else:
            self.dismiss(name)

    def _remark(self, text: str, *, is_error: bool = False) -> None:
        remark = self.query_one("#view-remark", Static)
        remark.set_class(is_error, "-mistake")
        remark.update(Content(shown(text)))

    def action_leave(self) -> None:
        """Think better of it."""
        self.dismiss(None)
