"""One question before something large; `y` or Enter says yes, everything else no."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Static

_MAX_TITLES = 8


class Confirm(ModalScreen[bool]):
    """Returns whether to do it. `titles` are the first things it will be done to."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("y,enter", "answer(True)", "Yes"),
        Binding("n,escape,q", "answer(False)", "No"),
    ]

    def __init__(self, question: str, titles: Sequence[str], total: int) -> None:
        super().__init__()
        self._question = question
        self._titles = titles[:_MAX_TITLES]
        self._total = total

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical(id="confirm", classes="dialog"):
            yield Static(Content(shown(self._question)), id="confirm-question")
            for title in self._titles:
                yield Static(Content(f"· {shown(title)}"), classes="confirm-title")
            if self._total > len(self._titles):
                more = f"and {self._total - len(self._titles):,} more"
                yield Static(Content(more), classes="confirm-more")
            yield Static("y yes   n no", classes="dialog-keys", markup=False)

    def action_answer(self, answer: bool) -> None:
        """Take the answer."""
        self.dismiss(answer)
