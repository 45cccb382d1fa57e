"""Every key and the query language, made from the commands themselves; searched as you type."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from newsdesk.text import comparison_key
from newsdesk.tui.safe_widgets import Input, Static
from newsdesk.tui.screens.help_page import Entry, help_entries, page_of
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.workspace.keymap.keymap import Keys


class HelpScreen(ModalScreen[None]):
    """A page that scrolls; Esc, q or the key that opened it closes it.

    `here` is about the pane or screen that was in front, and stands first.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("escape", "back", "Close"),
        Binding("q,question_mark", "dismiss", "Close"),
        Binding("j,down", "scroll_page(1)", show=False),
        Binding("k,up", "scroll_page(-1)", show=False),
        Binding("slash", "search", "Search"),
    ]
    AUTO_FOCUS = "#help"

    def __init__(self, keys: Keys, here: Sequence[Entry] = ()) -> None:
        super().__init__()
        self._entries = help_entries(keys, here)
        self._words: tuple[str, ...] = ()
        for key in keys.of("help"):
            bindings_of_node(self).bind(key, "dismiss", show=False)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with Vertical(id="help-dialog", classes="dialog"):
            yield Input(placeholder="/ to search the help", id="help-input", compact=True)
            with VerticalScroll(id="help"):
                yield Static(id="help-text")

    def on_mount(self) -> None:
        """Name the page."""
        dialog = self.query_one("#help-dialog")
        dialog.border_title = "Help"
        dialog.border_subtitle = "Esc closes"

    def action_scroll_page(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def action_search(self) -> None:
        """Type what to look for."""
        self.query_one(Input).focus()

    def action_back(self) -> None:
        """Out of the search, then out of the help."""
        field = self.query_one(Input)
        if not field.value and self.focused is not field:
            self.dismiss()
        field.value = ""
        self.query_one("#help").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what has all of the words."""
        event.stop()
        self._words = tuple(comparison_key(event.value).split())
        self._fill()
        self.query_one("#help").scroll_home(animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Read what was found."""
        event.stop()
        self.query_one("#help").focus()

    def on_resize(self) -> None:
        """Wrap the page to the width there is."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.query_one("#help").scrollable_content_region.width
        found = [entry for entry in self._entries if entry.has(self._words)]
        self.query_one("#help-text", Static).update(page_of(found, width, self._words))
