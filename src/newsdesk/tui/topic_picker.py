"""Choose topics: type to narrow, Space selects several, Enter shows them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
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
            self.redraw()

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


class TopicInput(Input):
    """An input that leaves the space bar to the list."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell whether a key is text here."""
        return key != "space" and super().check_consume_key(key, character)


class TopicPicker(ModalScreen[tuple[str, ...] | None]):
    """Returns the chosen topics, or None if the person thought better of it."""

    BINDINGS = [  # noqa: RUF012 - priority: the input would take them for text
        Binding("down,ctrl+n", "move(1)", "Down", priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", priority=True),
        Binding("pagedown", "move(8)", "Page down", priority=True),
        Binding("pageup", "move(-8)", "Page up", priority=True),
        Binding("space", "choose", "Choose", priority=True),
        Binding("enter", "show", "Show", priority=True),
        Binding("escape", "leave", "Back", priority=True),
    ]

    def __init__(self, counts: list[tuple[str, int]], chosen: Sequence[str]) -> None:
        super().__init__()
        self._counts = counts
        self._chosen = tuple(chosen)

    def compose(self) -> ComposeResult:
        """Lay out the picker."""
        with Vertical(id="topic-picker", classes="dialog"):
            yield TopicInput(placeholder="type to narrow", id="topic-input", compact=True)
            yield TopicList()
            yield Static(
                "Space choose   Enter show   Esc back",
                classes="dialog-keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Show all topics, the chosen ones checked."""
        self.query_one("#topic-picker").border_title = "Topics"
        self.topic_list.chosen = set(self._chosen)
        # As tall as all topics, so that it does not jump while the list is narrowed.
        room = self.app.size.height * 9 // 10 - 6  # of the dialog's 90 %, the other lines
        self.topic_list.styles.height = max(1, min(len(self._counts), room))
        self._narrow("")
        self.set_focus(self.query_one(Input))

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

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.topic_list.move(rows)

    def action_choose(self) -> None:
        """Choose, or let go."""
        self.topic_list.toggle()

    def action_show(self) -> None:
        """Show what is chosen; with nothing chosen, the topic under the cursor."""
        topics = self.topic_list
        chosen = topics.chosen
        lets_go = bool(self._chosen) and not self.query_one(Input).value
        if not chosen and topics.topics and not lets_go:
            chosen = {topics.topics[topics.cursor][0]}
        self.dismiss(tuple(name for name, _ in self._counts if name in chosen))

    def action_leave(self) -> None:
        """Think better of it."""
        self.dismiss(None)

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Nothing follows the cursor here."""
        event.stop()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """A double click chooses and shows."""
        event.stop()
        self.topic_list.toggle()
        self.action_show()
