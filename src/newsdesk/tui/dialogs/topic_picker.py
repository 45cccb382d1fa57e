"""Choose topics out of their tree: Type to filter, Space selects several, Enter shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.text import comparison_key
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Input, Segment, Static, Text
from newsdesk.tui.widgets.glyphs import PROBLEM_GLYPH, fit, fit_right, matches
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.workspace.topic_tree import TopicRow, matches_words, narrowed_rows

_MAX_INDENT = 8  # steps that a name is indented at most
_KEYS = "Space choose   Tab either/all   Enter show   Esc back"


@dataclass(frozen=True, slots=True)
class TopicChoice:
    """The chosen topics; with `every` an article has to be about all of them."""

    topics: tuple[str, ...] = ()
    every: bool = False


class TopicList(LineList):
    """Topics with their counts and check marks, children indented below their parents."""

    def __init__(self) -> None:
        super().__init__(id="topic-list")
        self.can_focus = False
        self.rows: list[TopicRow] = []
        self.chosen: set[str] = set()
        self.words: tuple[str, ...] = ()

    @property
    def topics(self) -> list[tuple[str, int]]:
        """The topics that are listed, with their counts."""
        return [(row.name, row.articles) for row in self.rows if not row.is_heading]

    @property
    def topic(self) -> str:
        """The topic under the cursor; empty if there is none."""
        return self.rows[self.cursor].name if self.rows else ""

    def list_topics(self, rows: Sequence[TopicRow], words: Sequence[str]) -> None:
        """Show these topics, matches of the words lit up, the cursor on the first match."""
        self.rows = list(rows)
        self.words = tuple(words)
        first = [place for place, row in enumerate(rows) if matches_words(row, words)]
        self.set_count(len(rows), first[0] if first else 0)
        self.show_empty(Text("No match", self.part("muted")))

    def move_to(self, index: int) -> None:
        """Move to a topic, passing the heading by."""
        index = max(0, min(index, self.count - 1))
        if self.rows and self.rows[index].is_heading:
            # A heading has topics below it, and others above.
            index += 1 if index > self.cursor else -1
        super().move_to(index)

    def toggle(self) -> None:
        """Choose the topic under the cursor, or let it go."""
        if self.rows:
            self.chosen ^= {self.topic}
            self.redraw()

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one topic."""
        row = self.rows[index]
        muted = self.part("muted")
        if row.is_heading:
            title = f" {shown(row.name)} "
            return [Segment("──" + fit(title, len(title)) + "─" * (width - len(title) - 2), muted)]
        is_chosen = row.name in self.chosen
        is_quiet = row.is_context or not row.articles
        style = self.part("good") if is_chosen else muted if is_quiet else self.part("plain")
        indent = "  " * min(row.depth, _MAX_INDENT)
        room = width - 12 - len(indent)
        short = row.short if comparison_key(row.short) != comparison_key(row.name) else ""
        name = shown(row.name)
        parts = [(part, style) for part in matches(name, self.words)]
        if short:
            parts += [(part, muted) for part in matches(f"  {shown(short)}", self.words)]
        return [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment("✓ " if is_chosen else "· ", self.part("good") if is_chosen else muted),
            Segment(indent),
            *self._fitted(parts, room),
            Segment(fit_right(f"{row.articles:,}", 8), muted),
        ]

    def _fitted(self, parts: Sequence[tuple[tuple[str, bool], Style]], room: int) -> list[Segment]:
        """Return names in exactly `room` cells."""
        segments: list[Segment] = []
        for (part, is_hit), style in parts:
            drawn = Segment(part, self.part("match") if is_hit else style)
            if drawn.cell_length > room:
                segments.append(Segment(fit(part, room), drawn.style))
                return segments
            segments.append(drawn)
            room -= drawn.cell_length
        return [*segments, Segment(" " * room)]


class TopicInput(Input):
    """An input that leaves the space bar to the list."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell whether a key is text here."""
        return key != "space" and super().check_consume_key(key, character)


class TopicPicker(ModalScreen[TopicChoice | None]):
    """Returns the chosen topics, or None if the person thought better of it."""

    EXPECTS_FOCUS = True  # keys wait until something has it

    BINDINGS = [  # noqa: RUF012 - priority: the input would take them for text
        Binding("down,ctrl+n", "move(1)", "Down", priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", priority=True),
        Binding("pagedown", "move(8)", "Page down", priority=True),
        Binding("pageup", "move(-8)", "Page up", priority=True),
        Binding("space", "choose", "Choose", priority=True),
        Binding("tab", "any_or_all", "Either or all", priority=True),
        Binding("enter", "show", "Show", priority=True),
        Binding("escape", "leave", "Back", priority=True),
    ]

    def __init__(
        self, rows: Sequence[TopicRow], chosen: TopicChoice, problems: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._rows = list(rows)
        self._chosen = chosen
        self._every = chosen.every
        self._problems = tuple(problems)

    def compose(self) -> ComposeResult:
        """Lay out the picker."""
        with Vertical(id="topic-picker", classes="dialog"):
            yield TopicInput(placeholder="Type to filter", id="topic-input", compact=True)
            yield TopicList()
            if self._problems:
                yield Static("", id="topic-problem", markup=False)
            yield Static(_KEYS, classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Show all topics, the chosen ones checked."""
        self.query_one("#topic-picker").border_title = "Topics"
        self.topic_list.chosen = set(self._chosen.topics)
        # As tall as all topics, so that it does not jump while the list is narrowed.
        room = self.app.size.height * 9 // 10 - 6  # of the dialog's 90 %, the other lines
        if self._problems:
            room -= 3
            number = len(self._problems)
            first = f"{number:,} mistakes in the taxonomy, the first: " if number > 1 else ""
            said = f"{PROBLEM_GLYPH} {first}{shown(self._problems[0])}"
            self.query_one("#topic-problem", Static).update(Content(said))
        self.topic_list.styles.height = max(1, min(len(self._rows), room))
        self._narrow("")
        self._show_any_or_all()
        self.set_focus(self.query_one(Input))

    @property
    def topic_list(self) -> TopicList:
        """The list of topics."""
        return self.query_one(TopicList)

    def _narrow(self, text: str) -> None:
        wanted = comparison_key(text).split()
        self.topic_list.list_topics(narrowed_rows(self._rows, wanted), wanted)

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

    def action_any_or_all(self) -> None:
        """Show articles with all of the chosen topics, or with any of them."""
        self._every = not self._every
        self._show_any_or_all()

    def _show_any_or_all(self) -> None:
        words = "all of the chosen topics" if self._every else "any of the chosen topics"
        self.query_one("#topic-picker").border_subtitle = Content(words)

    def action_show(self) -> None:
        """Show what is chosen; with nothing chosen, the topic under the cursor."""
        topics = self.topic_list
        chosen = topics.chosen
        is_clearing = bool(self._chosen.topics) and not self.query_one(Input).value
        if not chosen and topics.topic and not is_clearing:
            chosen = {topics.topic}
        names = tuple(row.name for row in self._rows if not row.is_heading and row.name in chosen)
        self.dismiss(TopicChoice(names, self._every and len(names) > 1))

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
