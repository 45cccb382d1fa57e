"""Choose topics: type to narrow, Space selects several, Enter shows them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from newsdesk.text import folded, shown
from newsdesk.tui.line_list import LineList
from newsdesk.tui.looks import fit, fit_right, matches


class TopicList(LineList):
    """Topics with their counts and check marks."""

    def __init__(self) -> None:
        super().__init__(id="topic-list")
        self.can_focus = False
        self.topics: list[tuple[str, int]] = []
        self.chosen: set[str] = set()
        self.words: tuple[str, ...] = ()

    def show(self, topics: Sequence[tuple[str, int]], words: Sequence[str]) -> None:
        """Show these topics, matches of the words lit up."""
        self.topics = list(topics)
        self.words = tuple(words)
        self.set_count(len(self.topics), 0)
        self.say_empty(Text("No topic is called that.", self.part("muted")))

    def toggle(self) -> None:
        """Choose the topic under the cursor, or let it go."""
        if self.topics:
            self.chosen ^= {self.topics[self.cursor][0]}
            self.refresh_line(self.cursor)

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one topic."""
        name, number = self.topics[index]
        is_chosen = name in self.chosen
        muted = self.part("muted")
        style = (
            muted if not number and not is_chosen else self.part("good" if is_chosen else "plain")
        )
        parts = matches(fit(shown(name), width - 12), self.words)
        return [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment("✓ " if is_chosen else "· ", self.part("good" if is_chosen else "muted")),
            *(Segment(part, self.part("match") if hit else style) for part, hit in parts),
            Segment(fit_right(f"{number:,}", 8), muted),
        ]


class TopicPicker(ModalScreen[tuple[str, ...] | None]):
    """Returns the chosen topics, or None if the person thought better of it."""

    def __init__(self, counts: list[tuple[str, int]], chosen: Sequence[str]) -> None:
        super().__init__()
        self._counts = counts
        self._chosen = tuple(chosen)

    def compose(self) -> ComposeResult:
        """Lay out the picker."""
        with Vertical(id="topic-picker", classes="dialog"):
            yield Input(placeholder="type to narrow", id="topic-input", compact=True)
            yield TopicList()
            yield Static(
                "Space choose   Enter show   Backspace on nothing: none   Esc back",
                classes="dialog-keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Show all topics, the chosen ones checked."""
        self.query_one("#topic-picker").border_title = "Topics"
        self.topic_list.chosen = set(self._chosen)
        self._narrow("")
        self.query_one(Input).focus()

    @property
    def topic_list(self) -> TopicList:
        """The list of topics."""
        return self.query_one(TopicList)

    def _narrow(self, text: str) -> None:
        wanted = folded(text).split()
        topics = [
            (name, number)
            for name, number in self._counts
            if all(word in folded(name) for word in wanted)
        ]
        self.topic_list.show(topics, wanted)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self._narrow(event.value)

    def on_key(self, event: events.Key) -> None:
        """Keys that the input does not mean: moving, choosing, ending."""
        moves = {"down": 1, "up": -1, "ctrl+n": 1, "ctrl+p": -1, "pagedown": 8, "pageup": -8}
        if event.key in moves:
            self.topic_list.move(moves[event.key])
        elif event.key == "space":
            self.topic_list.toggle()
        elif event.key == "enter":
            self._finish()
        elif event.key == "escape":
            self.dismiss(None)
        elif event.key == "backspace" and not self.query_one(Input).value:
            self.topic_list.chosen.clear()
            self.topic_list.refresh()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Nothing follows the cursor here."""
        event.stop()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """A double click chooses and shows."""
        event.stop()
        self.topic_list.toggle()
        self._finish()

    def _finish(self) -> None:
        topics = self.topic_list
        chosen = topics.chosen
        if not chosen and topics.topics:  # Enter alone means the topic under the cursor
            chosen = {topics.topics[topics.cursor][0]}
            if self._chosen and not self.query_one(Input).value:
                chosen = set()  # all were let go: that was the point
        self.dismiss(tuple(name for name, _ in self._counts if name in chosen))
