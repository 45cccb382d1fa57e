"""The list of articles: a virtual list over ids, rows fetched by the page."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from newsdesk.collection.article import Status
from newsdesk.desk.standing import Standing
from newsdesk.desk.views import Filter
from newsdesk.index.query_tree import SortKey
from newsdesk.index.schema import IS_MISLEADING, Row
from newsdesk.links.verdict import Verdict
from newsdesk.text import age, shown
from newsdesk.tui.columns import SIGNS, Column, Placed, placed
from newsdesk.tui.line_list import LineList
from newsdesk.tui.looks import (
    LATER_GLYPH,
    MISLEADING_GLYPH,
    NOTE_GLYPH,
    PROBLEM_GLYPH,
    REJECTED_GLYPH,
    STAR_GLYPH,
    STATUS_GLYPHS,
    VERDICT_LOOKS,
    fit,
    fit_right,
    level,
    matches,
    number,
    small_bar,
)
from newsdesk.tui.tooltips import SIGNS_TOLD, column_told, signs_told, tell_mouse

_NOTHING = Standing()
_PAGE = 128
_PAGES_KEPT = 24
_STATUS_PARTS = {Status.PUBLISHED: "good", Status.UNPUBLISHED: "warning", Status.UNSET: "muted"}
_LEVEL_PARTS = {"none": "muted", "low": "muted", "middle": "warning", "high": "bad"}


class ArticleList(LineList):
    """Articles in the order of an array of ids.

    `fetch` returns the rows of some ids; it is called with a page of ids at a time.
    """

    def __init__(
        self,
        fetch: Callable[[Sequence[int]], list[Row]],
        standings: Callable[[Iterable[str]], dict[str, Standing]],
        badges: Callable[[Sequence[Row]], dict[str, Verdict]],
        columns: Sequence[str],
        *,
        id: str,
    ) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._fetch_standings = standings
        self._fetch_badges = badges
        self.columns = tuple(columns)
        self._badges: dict[str, Verdict] = {}
        self._badged: set[int] = set()  # the pages whose badges are known
        self._standings: dict[str, Standing] = {}
        self._ids: array[int] = array("q")
        self._pages: dict[int, dict[int, Row]] = {}
        self._acted: set[int] = set()
        self._marked: dict[int, None] = {}  # in the order of marking
        self._words: tuple[str, ...] = ()
        self._now = datetime.now(UTC)

    # -- content ---------------------------------------------------------------------------

    @property
    def ids(self) -> array[int]:
        """The ids that are shown, in order."""
        return self._ids

    @property
    def row(self) -> Row | None:
        """The article under the cursor."""
        return self.row_at(self.cursor) if self._ids else None

    def show(self, ids: array[int], *, keep_cursor: bool, words: Iterable[str] = ()) -> None:
        """Show articles; with `keep_cursor` the cursor stays on its article, if it is there."""
        before = self.row
        position = 0
        if keep_cursor and before is not None:
            try:
                position = ids.index(before.id)
            except ValueError:
                position = min(self.cursor, max(0, len(ids) - 1))
        self._ids = ids
        self._words = tuple(words)
        self._acted.clear()
        self.forget_rows()
        self.set_count(len(ids), position)
        self.post_message(self.Highlighted(self))

    def forget_rows(self) -> None:
        """Fetch rows anew when they are drawn next: something about them changed."""
        self._pages.clear()
        self._standings.clear()
        self._badges.clear()
        self._badged.clear()
        self._now = datetime.now(UTC)
        self.redraw()

    def forget_badges(self) -> None:
        """Ask for the verdicts on links anew when rows are drawn next."""
        self._badges.clear()
        self._badged.clear()
        self.redraw()

    def mark_acted(self, ids: Iterable[int]) -> None:
        """Dim rows that were decided on; they keep their place until the next search."""
        self._acted.update(ids)
        self.forget_rows()

    def unmark_acted(self, ids: Iterable[int]) -> None:
        """Rows whose decision was taken back look like all others again."""
        self._acted.difference_update(ids)
        self.forget_rows()

    @property
    def marked(self) -> list[int]:
        """The marked ids: those shown in their order, then those that are hidden."""
        if not self._marked:
            return []
        in_sight = [id_ for id_ in self._ids if id_ in self._marked]
        return in_sight + [id_ for id_ in self._marked if id_ not in set(in_sight)]

    def toggle_mark(self) -> None:
        """Mark the article under the cursor, or take the mark off."""
        if self._ids:
            id_ = self._ids[self.cursor]
            if id_ in self._marked:
                del self._marked[id_]
            else:
                self._marked[id_] = None
            self.redraw()

    def mark_range(self) -> None:
        """Mark from the mark that was set last to the cursor."""
        if not self._ids:
            return
        last = next(reversed(self._marked), None)
        shown_last = last is not None and last in self._ids
        anchor = self._ids.index(last) if last is not None and shown_last else self.cursor
        first, final = sorted((anchor, self.cursor))
        self._marked.update(dict.fromkeys(self._ids[first : final + 1]))
        self.redraw()

    def mark_all(self) -> None:
        """Mark all that is shown; if all is marked already, take every mark off."""
        if all(id_ in self._marked for id_ in self._ids):
            self._marked.clear()
        else:
            self._marked.update(dict.fromkeys(self._ids))
        self.redraw()

    def unmark_all(self) -> None:
        """Take every mark off."""
        self._marked.clear()
        self.redraw()

    def move_to_id(self, id_: int) -> bool:
        """Move the cursor to an article; False if it is not shown."""
        try:
            self.move_to(self._ids.index(id_))
        except ValueError:
            return False
        return True

    def row_at(self, index: int) -> Row | None:
        """Return the row at a position, fetching its page if need be; None if it is gone."""
        if not 0 <= index < len(self._ids):
            return None
        page_number = index // _PAGE
        page = self._pages.get(page_number)
        if page is None:
            ids = self._ids[page_number * _PAGE : (page_number + 1) * _PAGE]
            page = {row.id: row for row in self._fetch(ids)}
            while len(self._pages) >= _PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            self._standings |= self._fetch_standings(row.path for row in page.values())
            self._pages[page_number] = page
        return page.get(self._ids[index])

    # -- drawing ---------------------------------------------------------------------------

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one article."""
        row = self.row_at(index)
        muted = self.part("muted")
        if row is None:
            return [Segment("    This article is gone.", muted)]
        is_acted = row.id in self._acted
        text_style = muted if is_acted else Style.null()
        segments = [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment("✓" if row.id in self._marked else " ", self.part("match")),
            *self._signs(row),
            self._badge(index, row),
            Segment(" "),
        ]
        for place in placed(self.columns, width):
            segments.append(Segment(" " * place.gap))
            segments += self._cell(row, place, text_style)
        return segments

    def _cell(self, row: Row, place: Placed, text_style: Style) -> list[Segment]:
        """Draw one column of a row, exactly as wide as it is."""
        name, width, muted = place.column.name, place.width, self.part("muted")
        if name == "title":
            return self._title(row, width, text_style)
        if name in ("heat", "quality"):
            value = row.heat if name == "heat" else row.quality
            bar = self.part(_LEVEL_PARTS[level(value)] if name == "heat" else "strong")
            return [
                Segment(small_bar(value), bar),
                Segment(number(value, width - 1), muted if value is None else text_style),
            ]
        if name == "age":
            return [Segment(fit_right(age(row.published_at, self._now), width), muted)]
        return [Segment(fit(shown(_text(row, name)), width), muted)]

    def _title(self, row: Row, width: int, style: Style) -> list[Segment]:
        title = fit(shown(row.title), width)
        match = self.part("match")
        return [
            Segment(part, match if is_match else style)
            for part, is_match in matches(title, self._words)
        ]

    def _signs(self, row: Row) -> tuple[Segment, Segment]:
        """Return status and flag; what was decided beside the file comes before the status."""
        standing = self._standings.get(row.path, _NOTHING)
        status = Segment(STATUS_GLYPHS[row.status], self.part(_STATUS_PARTS[row.status]))
        if standing.rejected:
            status = Segment(REJECTED_GLYPH, self.part("bad"))
        elif standing.later and standing.waits(date.today()):
            status = Segment(LATER_GLYPH, self.part("strong"))
        flag = self._flag(row)
        if flag.text == " " and (standing.starred or standing.note):
            flag = Segment(STAR_GLYPH if standing.starred else NOTE_GLYPH, self.part("match"))
        return status, flag

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the signs under the mouse."""
        super().on_mouse_move(event)
        index, words = self.line_at(event), ""
        if index is not None and event.x < SIGNS and (row := self.row_at(index)):
            words = signs_told(
                row,
                self._standings.get(row.path, _NOTHING),
                self._badges.get(row.path),
                is_marked=row.id in self._marked,
                today=date.today(),
            )
        tell_mouse(self, words)

    def _badge(self, index: int, row: Row) -> Segment:
        """Return the sign of the worst verdict on the article's links; asked for by the page."""
        page_number = index // _PAGE
        if page_number not in self._badged:
            self._badged.add(page_number)
            self._badges |= self._fetch_badges(list(self._pages.get(page_number, {}).values()))
        verdict = self._badges.get(row.path)
        if verdict is None:
            return Segment(" ")
        glyph, part = VERDICT_LOOKS[verdict]
        return Segment(glyph, self.part(part))

    def _flag(self, row: Row) -> Segment:
        if row.problems:
            return Segment(PROBLEM_GLYPH, self.part("bad"))
        if row.flags & IS_MISLEADING:
            return Segment(MISLEADING_GLYPH, self.part("bad"))
        return Segment(" ")


def _text(row: Row, column: str) -> str:
    """Return what stands in a column of text."""
    if column == "date":
        return row.published_at.date().isoformat() if row.published_at else ""
    if column == "source":
        return row.provider.label
    if column == "topics":
        return ", ".join(row.topics)
    return {"category": row.category, "type": row.type, "path": row.path}[column]


class ColumnHeads(Widget):
    """The line above the list that names its columns and tells the order; click to sort."""

    class Clicked(Message):
        """The head of a field's column was clicked."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(id="column-heads")
        self._columns = tuple(columns)
        self._order: tuple[SortKey, ...] = Filter().order

    @property
    def _list_width(self) -> int:
        """The cells of a line of the list below; one more is its scroll bar's."""
        return max(1, self.size.width - 1)

    def show_order(self, order: tuple[SortKey, ...]) -> None:
        """Mark the column that is sorted by."""
        if order != self._order:
            self._order = order
            self.refresh()

    def _head(self, place: Placed) -> str:
        column, first = place.column, self._order[0] if self._order else None
        name = column.head
        if first is not None and first.field == column.field:
            name += "↓" if first.descending else "↑"
        gap = place.gap or 1  # before the first column stands a space of the signs
        # A head that is too long for its column stands over the gap before it.
        if column.is_right:
            return fit_right(name, place.width + gap)
        return " " * gap + fit(name, place.width)

    def render(self) -> Content:
        """Draw the names over their columns."""
        heads = "".join(self._head(place) for place in placed(self._columns, self._list_width))
        return Content(" " * (SIGNS - 1) + heads)

    def on_click(self, event: events.Click) -> None:
        """Tell which column was clicked."""
        column = self._column_at(event.x)
        if column and column.field:
            self.post_message(self.Clicked(column.field))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the column under the mouse."""
        column = self._column_at(event.x)
        tell_mouse(self, column_told(column) if column else SIGNS_TOLD)

    def _column_at(self, x: int) -> Column | None:
        for place in reversed(placed(self._columns, self._list_width)):
            if x >= place.start - place.gap:
                return place.column
        return None
