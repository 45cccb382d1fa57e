"""The panes of the dashboard: bars over time, cells of scores, lists of bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from newsdesk.index.stats import StatusCounts
from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Segment, Text
from newsdesk.tui.widgets.glyphs import fit, fit_right
from newsdesk.tui.widgets.line_view import LineView
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.workspace.charts.data import Density, Timeline, density, timeline
from newsdesk.workspace.charts.draw import (
    SHADES,
    Ink,
    axis,
    horizontal_bar,
    nice_top,
    percent,
    shade,
    shade_limits,
    short_number,
    vertical_bar,
)

_MARGIN_CELLS = 6  # numbers on the left
MAX_BAR_CELLS = 8  # with the space behind it
_LONG_TITLE_CELLS = 52  # from this width on a title has its long form
_CELLS = (3, 8)  # how wide a cell of scores may be
_PARTS = {Ink.PUBLISHED: "good", Ink.WAITING: "warning"}
_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """What a bar or cell represents: a text, and a query, empty if there is none."""

    words: str
    query: str


class Pointed(Message):
    """The cursor or the mouse is on another item of a pane."""

    def __init__(self, item: Item | None) -> None:
        super().__init__()
        self.item = item


class Opened(Message):
    """An item was clicked."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


class ChartPane(LineView):
    """A chart with a cursor; subclasses draw lines and map cells to items."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.pointer: _Cell = (0, 0)  # column and row of the cursor; rows count upwards
        self._hovered: _Cell | None = None

    @property
    def size_in_cells(self) -> _Cell:
        """The number of columns and rows of the cursor."""
        raise NotImplementedError

    def item_at(self, cell: _Cell) -> Item:
        """Return the item of a cell."""
        raise NotImplementedError

    def cell_at(self, x: int, y: int) -> _Cell | None:
        """Return the cell at a position of the pane."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """Every line of the pane is drawn."""
        return self.page

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        columns, rows = self.size_in_cells
        return self.item_at(self.pointer) if columns and rows else None

    def point(self, column: int, row: int) -> None:
        """Move the cursor, as far as there are cells."""
        columns, rows = self.size_in_cells
        self.pointer = max(0, min(column, columns - 1)), max(0, min(row, rows - 1))
        self.refresh()
        if self.has_focus:
            self.post_message(Pointed(self.item))

    def step(self, across: int, up: int) -> None:
        """Move the cursor by columns and rows."""
        self.point(self.pointer[0] + across, self.pointer[1] + up)

    def on_focus(self) -> None:
        """Show the cursor, and post its item."""
        self.refresh()
        self.post_message(Pointed(self.item))

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def _cell_under(self, event: events.MouseEvent) -> _Cell | None:
        offset = event.get_content_offset(self)
        return None if offset is None else self.cell_at(offset.x, offset.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Post the item under the mouse."""
        cell = self._cell_under(event)
        if cell != self._hovered:
            self._hovered = cell
            self.refresh()
            if cell is not None:
                self.post_message(Pointed(self.item_at(cell)))

    def on_leave(self) -> None:
        """Post that no item is under the mouse."""
        self._hovered = None
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Open the item that was clicked."""
        cell = self._cell_under(event)
        if cell is not None:
            self.point(*cell)
            self.post_message(Opened(self.item_at(cell)))

    def background(self, cell: _Cell) -> Style:
        """Return the background of a cell: of the cursor, of the mouse, or none."""
        state = ""
        if self.has_focus and cell == self.pointer:
            state = "cursor"
        elif cell == self._hovered:
            state = "hover"
        return Style(bgcolor=self.whole_part(state).bgcolor) if state else Style.null()

    def strip(self, segments: list[Segment], width: int) -> Strip:
        """Return a line of the right width on the background of the pane."""
        return Strip(segments).adjust_cell_length(width).apply_style(self.base_style)

    def words_in_the_middle(self, lines: Sequence[str], index: int, width: int) -> Strip:
        """Return a line of text for a pane without data, the first one bold."""
        number = index - max(0, (self.page - len(lines)) // 2)
        text = shown(lines[number]) if 0 <= number < len(lines) else ""
        style = self.part("plain") + Style(bold=True) if not number else self.part("muted")
        return self.strip([Segment(fit(text, width).rstrip().center(width), style)], width)


class TimelinePane(ChartPane):
    """Articles over time: one bar for each span."""

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._days: Mapping[int | None, StatusCounts] = {}
        self._empty: tuple[str, ...] = ("Counting …",)
        self.line: Timeline = timeline({}, 1)

    def draw_days(self, days: Mapping[int | None, StatusCounts], empty: Sequence[str]) -> None:
        """Show the counts of days; without any, a text."""
        self._days, self._empty = days, tuple(empty)
        self._fit()
        self.point(len(self.line.spans) - 1, 0)

    def resized(self) -> None:
        """Choose the spans for the new width, and keep the cursor's time."""
        spans, column = self.line.spans, self.pointer[0]
        here = spans[column].last if column < len(spans) else None
        self._fit()
        if here is not None:
            places = [place for place, span in enumerate(self.line.spans) if span.first <= here]
            self.point(places[-1] if places else 0, 0)

    def _fit(self) -> None:
        self.line = timeline(self._days, self.line_width - _MARGIN_CELLS)
        spans = self.line.spans
        self._step = max(
            1, min(MAX_BAR_CELLS, (self.line_width - _MARGIN_CELLS) // max(1, len(spans)))
        )
        self._top = nice_top(self.line.most)
        self._bars = [
            vertical_bar(each.tally.public, each.tally.unpublished, self._top, self.height_of_bars)
            for each in spans
        ]
        left_out = f" · {shown(self.line.left_out)}" if self.line.left_out else ""
        legend = f"  █ published  ⣿ not published{left_out}" if spans else ""
        self.border_title = Content(f" Articles per {self.line.unit.value}{legend} ")
        self.refresh()

    @property
    def height_of_bars(self) -> int:
        """How many lines are bars; the last one is the axis."""
        return max(1, self.page - 1)

    @property
    def size_in_cells(self) -> _Cell:
        """One row of bars."""
        return len(self.line.spans), 1

    def item_at(self, cell: _Cell) -> Item:
        """Return a span."""
        span = self.line.spans[cell[0]]
        tally = span.tally
        unset = f", {tally.unset:,} unset" if tally.unset else ""
        words = f"{tally.published:,} published, {tally.unpublished:,} unpublished{unset}"
        return Item(f"{span.title}: {counted(tally.articles, 'article')} ({words})", span.query)

    def cell_at(self, x: int, y: int) -> _Cell | None:
        """Return the bar of a column, also above a low bar."""
        column = (x - _MARGIN_CELLS) // self._step
        return (column, 0) if x >= _MARGIN_CELLS and column < len(self.line.spans) else None

    def draw_line(self, index: int, width: int) -> Strip:
        """Draw a line of all bars, or the axis below them."""
        spans = self.line.spans
        if not spans:
            return self.words_in_the_middle(self._empty, index, width)
        height = self.height_of_bars - 1 - index
        if height < 0:
            return self.strip(self._axis(width), width)
        label = {self.height_of_bars - 1: short_number(self._top), 0: "0"}.get(height, "")
        if height * 2 == self.height_of_bars and self._top % 2 == 0:
            label = short_number(self._top // 2)
        segments = [Segment(fit_right(label, _MARGIN_CELLS - 1) + " ", self.part("muted"))]
        wide = max(1, self._step - 1)
        for place, bar in enumerate(self._bars):
            ink, cell = bar[height]
            style = self.part(_PARTS[ink]) if ink in _PARTS else Style.null()
            segments.append(Segment(cell * wide, style + self.background((place, 0))))
            if self._step > 1:
                segments.append(Segment(" " * (self._step - wide)))
        return self.strip(segments, width)

    def _axis(self, width: int) -> list[Segment]:
        drawn = axis(self.line.axis_labels(self._step), width - _MARGIN_CELLS)
        muted = self.part("muted")
        if not self.has_focus:
            return [Segment(" " * _MARGIN_CELLS + drawn, muted)]
        begin = self.pointer[0] * self._step
        end = begin + max(1, self._step - 1)
        # The label of the axis stays; without one a mark shows the cursor without colour.
        below = drawn[begin:end] if drawn[begin:end].strip() else "▔" * (end - begin)
        return [
            Segment(" " * _MARGIN_CELLS + drawn[:begin], muted),
            Segment(below, self.part("good") + Style(bold=True)),
            Segment(drawn[end:], muted),
        ]


class DensityPane(ChartPane):
    """How many articles have which quality and heat: a cell for each pair of bins."""

    def __init__(self) -> None:
        super().__init__(id="density")
        self._scores: Mapping[tuple[float | None, float | None], int] = {}
        self.plot: Density = density({}, 1, 1)
        self._width = _CELLS[0]

    def draw_scores(self, scores: Mapping[tuple[float | None, float | None], int]) -> None:
        """Show scores, the cursor on the fullest cell."""
        self._scores = scores
        self._fit()
        cells = [
            (number, (column, row))
            for row, numbers in enumerate(self.plot.counts)
            for column, number in enumerate(numbers)
        ]
        self.point(*max(cells)[1] if cells else (0, 0))

    def resized(self) -> None:
        """Choose the bins for the new size."""
        self._fit()
        self.point(*self.pointer)

    def _fit(self) -> None:
        room = self.line_width - _MARGIN_CELLS
        self.plot = density(self._scores, room // _CELLS[0], self.page - 1)
        self._width = max(_CELLS[0], min(_CELLS[1], room // max(1, len(self.plot.columns))))
        limits = [(mark, short_number(least)) for mark, least in shade_limits(self.plot.most)]
        if self.line_width >= _LONG_TITLE_CELLS:
            legend = "".join(f"  {mark} {least}+" for mark, least in limits)
            self.border_title = Content(f" Heat ↑ quality →{legend} ")
        else:  # no room to explain the lightest shade
            legend = "".join(f" {mark}{least}+" for mark, least in limits[1:])
            self.border_title = Content(f" Heat↑ quality→{legend} ")
        self.refresh()

    @property
    def size_in_cells(self) -> _Cell:
        """All bins."""
        return (len(self.plot.columns), len(self.plot.rows)) if self._scores else (0, 0)

    def item_at(self, cell: _Cell) -> Item:
        """Return a pair of bins."""
        number = self.plot.counts[cell[1]][cell[0]]
        words = f"{self.plot.title(*cell)}: {counted(number, 'article')}"
        return Item(words, self.plot.query(*cell))

    def cell_at(self, x: int, y: int) -> _Cell | None:
        """Return the cell of a place."""
        columns, rows = self.size_in_cells
        column, row = (x - _MARGIN_CELLS) // self._width, rows - 1 - y
        return (
            (column, row) if x >= _MARGIN_CELLS and column < columns and 0 <= row < rows else None
        )

    def draw_line(self, index: int, width: int) -> Strip:
        """Draw a row of cells, the hottest first, or the axis below them."""
        columns, rows = self.size_in_cells
        row = rows - 1 - index
        if row < -1 or not rows:
            return Strip.blank(width, self.base_style)
        muted = self.part("muted")
        if row == -1:
            labels = [
                (place * self._width, each.label, place == 0)
                for place, each in enumerate(self.plot.columns)
            ]
            drawn = axis(labels, width - _MARGIN_CELLS)
            return self.strip([Segment(" " * _MARGIN_CELLS + drawn, muted)], width)
        segments = [
            Segment(fit_right(shown(self.plot.rows[row].label), _MARGIN_CELLS - 1) + " ", muted)
        ]
        for column in range(columns):
            level = shade(self.plot.counts[row][column], self.plot.most)
            cell = SHADES[level] * self._width
            style = self.part("strong") + self.background((column, row))
            if self.has_focus and (column, row) == self.pointer:
                cell = f"[{cell[2:]}]"
                style += Style(bold=True)
            segments.append(Segment(cell, style))
        return self.strip(segments, width)


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a list of bars; the name is untrusted text."""

    name: str
    articles: int
    published: int
    query: str


class BarList(LineList):
    """Names with a bar, a number and the share that is published."""

    def __init__(self, *, id: str, title: str, noun: str = "") -> None:
        super().__init__(id=id)
        self._title = title
        self._noun = noun
        self._bars: Sequence[Bar] = ()
        self._most = 1
        self._has_share = False

    def on_mount(self) -> None:
        """Set the title."""
        self.border_title = Content(f" {self._title} ")

    def draw_bars(self, bars: Sequence[Bar], *, has_share: bool) -> None:
        """Show bars; with `has_share` also the share that is published."""
        self._bars, self._has_share = bars, has_share
        self._most = max((bar.articles for bar in bars), default=0) or 1
        number = f" ({len(bars):,})" if self._noun and bars else ""
        share = " and share published" if has_share else ""
        self.border_title = Content(f" {self._title}{number}{share} ")
        self.set_count(len(bars), 0)
        self.show_empty(Text("No articles", self.part("muted")))

    @property
    def item(self) -> Item | None:
        """The item under the cursor."""
        return self._item_at(self.cursor) if self._bars else None

    def _item_at(self, index: int) -> Item:
        bar = self._bars[index]
        name = shown(bar.name) or f"no {self._noun}"
        share = percent(bar.published / bar.articles if bar.articles else 0, bar.articles)
        words = f" ({bar.published:,} published, {share})" if self._has_share else ""
        return Item(f"{name}: {counted(bar.articles, 'article')}{words}", bar.query)

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one bar."""
        bar = self._bars[index]
        name_width = max(10, min(26, width * 3 // 7))
        number_width = len(f"{self._most:,}") + 1
        share_width = 5 if self._has_share else 0
        room = max(1, width - name_width - number_width - share_width - 2)
        muted = self.part("muted")
        solid, dots = "", ""
        if bar.articles:
            waiting = bar.articles - bar.published
            solid, dots = horizontal_bar(bar.published, waiting, self._most, room)
        share = percent(bar.published / max(1, bar.articles), bar.articles)
        return [
            Segment("▌" if is_cursor and self.has_focus else " ", self.part("strong")),
            Segment(fit(shown(bar.name) or "(none)", name_width), self.part("plain")),
            Segment(fit_right(f"{bar.articles:,}", number_width) + " ", muted),
            *([Segment(fit_right(share, 4) + " ", self.part("plain"))] if share_width else []),
            Segment(solid, self.part("good")),
            Segment(dots, self.part("warning")),
        ]

    def step(self, across: int, up: int) -> None:
        """Move the cursor by rows."""
        self.move(-up)

    def on_focus(self) -> None:
        """Show the cursor, and post its item."""
        self.redraw()
        self.post_message(Pointed(self.item))

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Post the item under the cursor."""
        event.stop()
        if self.has_focus:
            self.post_message(Pointed(self.item))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Post the item under the mouse."""
        before = self._hovered
        super().on_mouse_move(event)
        if 0 <= self._hovered != before:
            self.post_message(Pointed(self._item_at(self._hovered)))

    def on_click(self, event: events.Click) -> None:
        """Open the item that was clicked."""
        event.prevent_default()
        index = self.line_at(event)
        if index is not None:
            self.move_to(index)
            self.post_message(Opened(self._item_at(index)))
