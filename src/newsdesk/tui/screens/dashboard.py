"""The dashboard: the numbers of what is shown, each of which opens as a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from newsdesk.index.stats import Statistics
from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Static
from newsdesk.tui.screens.help import HelpScreen
from newsdesk.tui.screens.help_page import entries_of_bindings
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.charts import (
    Bar,
    BarList,
    ChartPane,
    DensityPane,
    Item,
    Opened,
    Pointed,
    TimelinePane,
)
from newsdesk.tui.widgets.glyphs import STATUS_GLYPHS
from newsdesk.tui.widgets.status_bar import StatusBar
from newsdesk.workspace.charts.data import narrowed, provider_query, queue, topic_query
from newsdesk.workspace.charts.draw import percent
from newsdesk.workspace.keymap.keymap import Keys
from newsdesk.workspace.views import VIEWS, Filter
from newsdesk.workspace.workspace import Workspace

_KEYS = "Tab next   ↑↓←→ move   Enter show   1–5 view   r recount   ? help   Esc back"


class Dashboard(Screen[Filter | None]):
    """Counts in worker threads. Returns what to show in the desk, or None to leave it as it is."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("j,down", "step(0, -1)"),
        Binding("k,up", "step(0, 1)"),
        Binding("h,left", "step(-1, 0)"),
        Binding("l,right", "step(1, 0)"),
        Binding("g,home", "step(-10000, 10000)"),
        Binding("G,end", "step(10000, -10000)"),
        Binding("pagedown,ctrl+d", "step(10, -10)"),
        Binding("pageup,ctrl+u", "step(-10, 10)"),
        Binding("enter", "open", "Show these"),
        *(Binding(view.key, f"view('{view.key}')", view.name) for view in VIEWS),
        Binding("r", "again", "Count again"),
        Binding("question_mark", "help", "Help"),
        Binding("escape,q,i", "leave", "Back"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (165, "-very-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#timeline"

    class Counted(Message):
        """The numbers of a filter; `number` tells which question they answer."""

        def __init__(self, number: int, chosen: Filter, numbers: Statistics) -> None:
            super().__init__()
            self.number = number
            self.chosen = chosen
            self.numbers = numbers

    def __init__(self, workspace: Workspace, chosen: Filter, keys: Keys) -> None:
        super().__init__()
        self._workspace = workspace
        self._keys = keys
        self._wanted = chosen  # what is being counted
        self._shown = chosen  # what was counted
        self._question = 0

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield Static("", id="dashboard-head", markup=False)
        yield TimelinePane()
        with Container(id="dashboard-rest"):
            yield DensityPane()
            with Container(id="dashboard-bars"):
                with Vertical(id="dashboard-column"):
                    yield BarList(id="queue", title="Waiting since")
                    yield BarList(id="providers", title="Providers", noun="provider")
                yield BarList(id="topics", title="Topics", noun="topic")
        yield StatusBar()
        yield Static(_KEYS, id="dashboard-keys", markup=False)

    def on_mount(self) -> None:
        """Count."""
        self._head(self._wanted, None)
        self.action_again()

    # -- counting --------------------------------------------------------------------------

    def action_again(self) -> None:
        """Count again."""
        self._question += 1
        self._count(self._question, self._wanted)

    @work(thread=True, group="numbers", exit_on_error=False)
    def _count(self, number: int, chosen: Filter) -> None:
        if number == self._question:  # else a newer question waits already
            self.post_message(self.Counted(number, chosen, self._workspace.numbers(chosen.query())))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong; what was counted before stays."""
        if event.state is WorkerState.ERROR:
            self._post_status(shown(str(event.worker.error)), "bad")

    def on_dashboard_counted(self, message: Counted) -> None:
        """Show the numbers, unless another question was asked since."""
        if message.number != self._question:
            return
        numbers, self._shown = message.numbers, message.chosen
        total = numbers.total
        self._head(message.chosen, numbers)
        has_share = bool(total.public and total.unpublished)
        empty = ["No article has a date."]
        if not total.articles:
            empty = [f"There is nothing in {shown(message.chosen.view.name)} to count.", ""]
            empty.append("3 counts the whole collection. Esc goes back.")
            if message.chosen.narrows:
                empty[0] = "Nothing matches, so there is nothing to count."
        self.query_one(TimelinePane).draw_days(numbers.days, empty)
        self.query_one(DensityPane).draw_scores(numbers.scores)
        for id_, named, query in (
            ("#topics", numbers.topics, topic_query),
            ("#providers", numbers.providers, provider_query),
        ):
            bars = [Bar(each.name, each.articles, each.public, query(each.name)) for each in named]
            self.query_one(id_, BarList).draw_bars(bars, has_share=has_share)
        today = datetime.now(UTC).date()
        waiting = queue(numbers.days, today) if total.unpublished else ()
        ages = [Bar(each.label, each.articles, 0, each.query) for each in waiting if each.articles]
        queued = self.query_one("#queue", BarList)
        queued.styles.height = max(1, len(ages)) + 1
        queued.draw_bars(ages, has_share=False)
        self._point()

    def _head(self, chosen: Filter, numbers: Statistics | None) -> None:
        asked = [chosen.view.name, *chosen.topics, *([chosen.text] if chosen.text.strip() else [])]
        left = " " + "  ·  ".join(shown(part) for part in asked)
        right = "counting … "
        if numbers is not None:
            total = numbers.total
            parts = [counted(total.articles, "article")]
            counts = (total.published, total.unpublished, total.unset)
            for (status, glyph), number in zip(STATUS_GLYPHS.items(), counts, strict=True):
                if number:
                    parts.append(f"{glyph} {number:,} {status.value}")
            if total.published and total.unpublished:
                parts[1] += f" ({percent(total.public / total.articles, total.articles)})"
            right = "   ".join(parts) + " "
        head = self.query_one("#dashboard-head", Static)
        width = self.size.width
        room = max(0, width - len(right) - 2)
        said = Content(left).truncate(room, ellipsis=True)
        gap = " " * max(1, width - said.cell_length - len(right))
        head.update(Content.assemble(said.stylize("bold $text-accent"), gap, right))

    # -- what is pointed at ----------------------------------------------------------------

    def _point(self) -> None:
        focused = self.focused
        if isinstance(focused, ChartPane | BarList):
            self._show_item(focused.item)

    def on_pointed(self, message: Pointed) -> None:
        """Say what it is."""
        self._show_item(message.item)

    def _show_item(self, item: Item | None) -> None:
        self._post_status(shown(item.words) if item is not None else "")

    def _post_status(self, sentence: str, state: str = "") -> None:
        self.query_one(StatusBar).post_status(sentence, state)

    def on_opened(self, message: Opened) -> None:
        """Show it in the desk."""
        self._open(message.item)

    def action_open(self) -> None:
        """Show what the cursor is on in the desk."""
        focused = self.focused
        if isinstance(focused, ChartPane | BarList) and focused.item is not None:
            self._open(focused.item)

    def _open(self, item: Item) -> None:
        if not item.query:
            self._post_status("No query finds these: they have nothing to be found by.")
            return
        text = narrowed(self._shown.text, item.query)
        self.dismiss(replace(self._shown, text=text))

    # -- moving ----------------------------------------------------------------------------

    def action_step(self, across: int, up: int) -> None:
        """Move the cursor of the pane that has the keys."""
        focused = self.focused
        if isinstance(focused, ChartPane | BarList):
            focused.step(across, up)

    def action_view(self, key: str) -> None:
        """Count another view; the desk stays as it is until something is opened."""
        view = next(view for view in VIEWS if view.key == key)
        self._wanted = self._wanted.opened(view)
        self.action_again()

    def action_help(self) -> None:
        """Show every key."""
        here = entries_of_bindings(bindings_of_node(self), "On the dashboard")
        self.app.push_screen(HelpScreen(self._keys, tuple(here)))

    def action_leave(self) -> None:
        """Back to the desk as it was."""
        self.dismiss(None)
