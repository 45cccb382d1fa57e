"""The query bar: what is typed, what is chosen, how much of the view is shown."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from newsdesk.desk.views import Filter, describe_order
from newsdesk.errors import QueryError
from newsdesk.text import shown


class QueryBar(Horizontal):
    """One line: `/`, the query, the chosen topics, and what they leave of the view."""

    class Changed(Message):
        """Another query stands in the bar."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person is done typing."""

    def __init__(self) -> None:
        super().__init__(id="query-bar")
        self._silent = False

    def compose(self) -> ComposeResult:
        """Lay out the bar."""
        yield Static("/", id="query-mark", markup=False)
        yield QueryInput(
            placeholder="search: words, topic:AI, is:unset, quality:>=50",
            id="query-input",
            compact=True,
        )
        yield Static("", id="query-topics", markup=False)
        yield Static("", id="query-summary", markup=False)

    @property
    def input(self) -> Input:
        """The field that is typed into."""
        return self.query_one("#query-input", Input)

    def edit(self) -> None:
        """Begin typing."""
        self.input.can_focus = True
        self.screen.set_focus(self.input)  # at once: the next key is text already

    def set_text(self, text: str) -> None:
        """Replace the query without telling about it."""
        if self.input.value != text:
            with self.input.prevent(Input.Changed):
                self.input.value = text

    def show_summary(self, chosen: Filter, shown_number: int, in_view: int) -> None:
        """Say what is shown: topics, number of all, how many are hidden, the order."""
        topics = ", ".join(shown(topic) for topic in chosen.topics)
        self.query_one("#query-topics", Static).update(
            Content(f" topics: {topics} ") if topics else Content("")
        )
        numbers = f"{shown_number:,} of {in_view:,}"
        if chosen.narrows and in_view > shown_number:
            numbers += f" · {in_view - shown_number:,} hidden"
        order = describe_order(chosen.order)
        parts = [numbers, order]
        # A narrow terminal keeps the numbers and lets go of the order.
        if self.size.width and cell_len(numbers + order + topics) > self.size.width - 36:
            parts = [numbers, describe_order(chosen.order[:1])]
        self._summarise(" · ".join(parts))

    def show_mistake(self, error: QueryError) -> None:
        """Name the mistake instead; what is shown stays."""
        hint = f" Did you mean {shown(error.hint)}?" if error.hint else ""
        self._summarise(f"✗ {shown(error.message)}{hint}", "-mistake")

    def _summarise(self, text: str, state: str = "") -> None:
        summary = self.query_one("#query-summary", Static)
        summary.set_class(state == "-mistake", "-mistake")
        summary.update(Content(text))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search on every key."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the list."""
        event.stop()
        self.post_message(self.Left())


class QueryInput(Input):
    """An input that only takes the focus when asked to, so that Tab passes it by."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        ("enter,escape,down", "leave", "Back to the list"),
    ]

    def on_mount(self) -> None:
        """Stay out of the way."""
        self.can_focus = False

    def on_blur(self) -> None:
        """Stay out of the way again."""
        self.can_focus = False

    def action_leave(self) -> None:
        """Back to the list."""
        self.screen.set_focus(None)  # at once: the next key is no text any more
        self.post_message(QueryBar.Left())
