"""The query bar: the query, the chosen topics, and the number of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.highlighter import Highlighter
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message

from newsdesk.errors import QueryError
from newsdesk.index.query.completion import Completion, complete, correction
from newsdesk.index.query.parser import parse
from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Input, Static
from newsdesk.tui.widgets.lists.completion_list import CompletionList
from newsdesk.workspace.editorial_state import QUERY_SETS
from newsdesk.workspace.history import remembered
from newsdesk.workspace.views import Filter, describe_order

if TYPE_CHECKING:
    from rich.text import Text as AnyText  # noqa: TID251 - only a type

_GAP = 2  # cells between the query and the summary


class QueryBar(Horizontal):
    """One line: `/`, the query, the chosen topics, and the number of results.

    Below it, while something is typed, what can follow at the cursor.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("tab", "accept", "Take what is offered", show=False),
        Binding("up", "step(-1)", "Row above, or the query before", show=False),
        Binding("down", "step(1)", "Row below, the query after, or the list", show=False),
        Binding("escape", "close", "Back to the list", show=False),
    ]

    class Changed(Message):
        """The text of the query changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The query bar was left with a key."""

    class Asked(Message):
        """The query bar lost the focus with this text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="query-bar")
        self._values: Mapping[str, Sequence[tuple[str, int]]] = {}
        self._history: list[str] = []
        self._walk: list[
            str
        ] = []  # the history while the user steps through it; last the typed text
        self._step = -1  # position in it; -1 while not stepping
        self._settled: str | None = None  # a text for which suggestions are closed
        self._mistake: QueryError | None = None
        self._taken = ""  # the text that was handled last

    def compose(self) -> ComposeResult:
        """Lay out the bar."""
        yield CompletionList()
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
        """The input."""
        return self.query_one("#query-input", Input)

    @property
    def completions(self) -> CompletionList:
        """The list of completions below the bar."""
        return self.query_one(CompletionList)

    def set_suggestions(
        self, values: Mapping[str, Sequence[tuple[str, int]]], history: Sequence[str]
    ) -> None:
        """Set the suggestions: field -> (value, articles), and earlier queries."""
        self._values = values
        self._history = list(history)
        if self._settled != self.input.value and self._step < 0:
            self._offer()

    def remember(self, text: str) -> None:
        """Add a query to the history as the newest."""
        self._history = remembered(self._history, text)

    def edit(self) -> None:
        """Focus the input."""
        self.input.can_focus = True
        self.screen.set_focus(self.input)  # at once: the next key is text

    def set_text(self, text: str) -> None:
        """Replace the query without a `Changed` message."""
        self._taken = text
        self._leave_alone(text)
        if self.input.value != text:
            with self.input.prevent(Input.Changed):
                self.input.value = text

    def show_summary(
        self, chosen: Filter, shown_number: int, in_view: int, stories: int | None = None
    ) -> None:
        """Show the topics, the number of results, how many are hidden, and the sort.

        `stories` is their number of stories; None if unknown or not fewer.
        """
        between = " + " if chosen.every_topic else ", "
        topics = between.join(shown(topic) for topic in chosen.topics)
        self.query_one("#query-topics", Static).update(
            Content(f" topics: {topics} ") if topics else Content("")
        )
        numbers = f"{shown_number:,} of {in_view:,}"
        if chosen.narrows and in_view > shown_number:
            numbers += f" · {in_view - shown_number:,} hidden"
        if stories is not None:
            numbers += f" · {counted(stories, 'story', 'stories')}"
        order = describe_order(chosen.order)
        parts = [numbers, order]
        # A narrow terminal shows the numbers without the sort.
        if cell_len(numbers + order + topics) > self._width - 36:
            parts = [numbers, describe_order(chosen.order[:1])]
        self._summarise(" · ".join(parts))

    @property
    def _width(self) -> int:
        return self.size.width or self.app.size.width  # before the first layout

    def show_error(self, error: QueryError) -> None:
        """Show an error in place of the summary; the results stay."""
        self.query_one(QueryInput).mark(error.start, error.end)
        self._mistake = error
        self._say_mistake(error)

    def _say_mistake(self, error: QueryError) -> None:
        hint = f" Did you mean {shown(error.hint)}?" if error.hint else ""
        if self.completions.is_open:
            hint = ""  # the completions are better than the hint
        elif _correction_of(self.input.value):
            hint += " Tab"
        said = f"✗ {shown(error.message)}"
        # A narrow terminal keeps the hint and cuts the error.
        room = self._width * 7 // 10 - _GAP - cell_len(hint)
        if cell_len(said) > room > 0:
            said = set_cell_size(said, room - 1).rstrip() + "…"
        self._summarise(said + hint, "-mistake")

    def clear_error(self) -> None:
        """Remove the error: the query is valid."""
        self._mistake = None
        self.query_one(QueryInput).mark(0, 0)

    def _summarise(self, text: str, state: str = "") -> None:
        summary = self.query_one("#query-summary", Static)
        summary.set_class(state == "-mistake", "-mistake")
        summary.update(Content(text))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search on each key, and show completions."""
        event.stop()
        self._take_text()
        self.post_message(self.Changed(self.input.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return to the list."""
        event.stop()
        self._leave()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Post the query for the history."""
        event.stop()
        self._leave_alone(self.input.value)
        self.post_message(self.Asked(self.input.value))

    # -- completions -----------------------------------------------------------------------

    def _take_text(self) -> None:
        """Update the completions for the current text; keys may arrive before `Input.Changed`."""
        text = self.input.value
        if text == self._taken:
            return
        self._taken = text
        if self._step >= 0 and self._walk[self._step] != text:
            self._step = -1  # a query of the history was edited
        if self._settled != text:
            self._settled = None
        self._offer()

    def _offer(self) -> None:
        """Show completions at the cursor, once part of a word is typed."""
        field = self.input
        text, cursor = field.value, field.cursor_position
        found: list[Completion] = []
        if field.has_focus and field.selection.is_empty and text != self._settled:
            found = complete(text, cursor, self._values_of, sets=QUERY_SETS)
        before = text[cursor - 1 : cursor]
        found = [
            completion
            for completion in found
            if completion.start < cursor or before in (":", ",")
            if text[completion.start : completion.end] != completion.text
        ]
        if not found:
            self.completions.close()
            return
        start = found[0].start
        typed = text[start:cursor].strip('"')
        # ↓ leaves the bar while a plain word is typed, which need not be a field.
        is_value = start > 0 and text[start - 1] in ":,"
        left = field.content_region.x - field.scroll_offset.x + cell_len(text[:start])
        column = left - self.content_region.x - 1  # the value below the value
        self.completions.show(found, typed, column, is_highlighted=is_value)

    def _values_of(self, name: str) -> Sequence[tuple[str, int]]:
        return self._values.get(name, ())

    def on_query_input_cursor_moved(self) -> None:
        """Update the completions for the cursor's position."""
        if self.completions.is_open:
            self._offer()

    def on_completion_list_picked(self, message: CompletionList.Picked) -> None:
        """Accept the row that was clicked."""
        message.stop()
        self._put(message.completion)

    def action_accept(self) -> None:
        """Accept a completion or the correction of an error; else Tab moves to the next pane."""
        self._take_text()
        field = self.input
        if chosen := self.completions.completion:
            self._put(chosen)
        elif chosen := _correction_of(field.value):
            behind = len(field.value) - max(field.cursor_position, chosen.end)
            self._put(chosen)
            field.cursor_position = len(field.value) - behind
        else:
            raise SkipAction

    def _put(self, chosen: Completion) -> None:
        text = self.input.value
        before, after = text[: chosen.start] + chosen.text, text[chosen.end :]
        # Behind a field its values are shown at once, unless it has one.
        if not chosen.text.endswith(":") or (after and not after[0].isspace()):
            self._settled = before + after
        self._mistake = None
        self.input.replace(chosen.text, chosen.start, chosen.end)

    def _leave_alone(self, text: str) -> None:
        """Close the completions for this text, and stop stepping through the history."""
        self._settled = text
        self._step = -1
        self.completions.close()
        if self._mistake and text == self.input.value:
            self._say_mistake(self._mistake)

    # -- history ---------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """Move in the completions, else step through the history, else return to the list."""
        self._take_text()
        if self.completions.cursor >= 0:
            self.completions.move(step)
        elif self._step >= 0 or step < 0:
            self._walk_by(step)
        else:
            self._leave()

    def _walk_by(self, step: int) -> None:
        field = self.input
        if self._step < 0:
            typed = field.value
            self._walk = [*(text for text in self._history if text != typed.strip()), typed]
            self._step = len(self._walk) - 1
        step = max(0, self._step + step)
        text = self._walk[step]
        self._leave_alone(text)
        if step < len(self._walk) - 1:  # else it is the typed text
            self._step = step
        field.value = text
        field.cursor_position = len(text)

    def action_close(self) -> None:
        """Close the completions; without any, return to the list."""
        self._take_text()
        if self.completions.is_open:
            self._leave_alone(self.input.value)
        else:
            self._leave()

    def _leave(self) -> None:
        self.query_one(QueryInput).action_leave()


def _correction_of(text: str) -> Completion | None:
    """Return the correction of an invalid query, if its error has one."""
    try:
        parse(text, sets=QUERY_SETS)
    except QueryError as error:
        return correction(text, error, sets=QUERY_SETS)
    return None


class SafeHighlighter(Highlighter):
    """Draws the text of the input safely, with an error underlined."""

    def __init__(self, field: QueryInput) -> None:
        self._field = field

    def highlight(self, text: AnyText) -> None:
        """Replace unsafe characters one by one, so that positions stay."""
        plain = text.plain
        if not (plain.isascii() and plain.isprintable()):
            text.plain = "".join(map(_drawn, plain))
        start, end = self._field.marked
        if start < end:
            text.stylize(self._field.get_component_rich_style("input--mistake"), start, end)


@lru_cache(maxsize=4_096)
def _drawn(character: str) -> str:
    if character.isspace():
        return " "
    safe = shown(character)
    return safe if len(safe) == 1 else "�"


class QueryInput(Input):
    """An input that Tab skips: it is focused by its command only."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        ("enter", "leave", "Back to the list"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"input--mistake"}

    class CursorMoved(Message):
        """The cursor moved in the same text."""

    marked = (0, 0)  # first and last character of an error

    def mark(self, start: int, end: int) -> None:
        """Underline an error; an empty range removes the line."""
        if (start, end) != self.marked:
            self.marked = (start, end)
            self.refresh()

    def watch_selection(self) -> None:
        """Post that the cursor moved."""
        if self.is_mounted:
            self.post_message(self.CursorMoved())

    def on_mount(self) -> None:
        """Do not take the focus on Tab."""
        self.can_focus = False
        self.highlighter = SafeHighlighter(self)

    def action_leave(self) -> None:
        """Return to the list."""
        self.screen.set_focus(None)  # at once: the next key is a command
        self.post_message(QueryBar.Left())

    def on_blur(self) -> None:
        """Do not take the focus on Tab again."""
        self.can_focus = False
