"""The article list: an array of ids, of which rows are fetched by the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from rich.style import Style
from textual import events

from newsdesk.collection.article import Status
from newsdesk.index.schema import IS_MISLEADING, Row
from newsdesk.index.store import IndexReplaced
from newsdesk.links.verdict import Verdict
from newsdesk.text import age
from newsdesk.tui.messages import IndexReplacedElsewhere
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Segment
from newsdesk.tui.widgets.glyphs import (
    BRANCH_GLYPHS,
    COVERED_GLYPH,
    LATER_GLYPH,
    MISLEADING_GLYPH,
    NOTE_GLYPH,
    PROBLEM_GLYPH,
    REJECTED_GLYPH,
    STAR_GLYPH,
    STATUS_GLYPHS,
    VERDICT_DISPLAYS,
    fit,
    fit_right,
    level,
    matches,
    number,
    small_bar,
    story_size,
)
from newsdesk.tui.widgets.lists.collapsing_list import CollapsingList
from newsdesk.tui.widgets.lists.columns import SIGNS, Placed, placed
from newsdesk.tui.widgets.lists.story_rows import Lines
from newsdesk.tui.widgets.tooltips import set_tooltip, signs_help
from newsdesk.workspace.editorial_state import EditorialState

_NOTHING = EditorialState()
_PAGE = 128
MAX_PAGES = 24
MAX_DRAWN_ROWS = 3_000  # far more than a screen shows
_STATUS_PARTS = {Status.PUBLISHED: "good", Status.UNPUBLISHED: "warning", Status.UNSET: "muted"}
_LEVEL_PARTS = {"none": "muted", "low": "muted", "middle": "warning", "high": "bad"}


class ArticleList(CollapsingList):
    """Articles in the order of an array of ids, with stories collapsed if that is set.

    `fetch` returns the rows of some ids of a generation; it is called with a page at a time, and
    raises `IndexReplaced` if the index is of another generation by now: the list then posts
    `IndexReplacedElsewhere`.
    """

    def __init__(
        self,
        fetch: Callable[[Sequence[int], int], list[Row]],
        editorial_states: Callable[[Iterable[str]], dict[str, EditorialState]],
        badges: Callable[[Sequence[Row]], dict[str, Verdict]],
        columns: Sequence[str],
        *,
        id: str,
    ) -> None:
        super().__init__(tuple(columns), id=id)
        self._fetch = fetch
        self.generation = 0  # of the index, that all ids here belong to
        self._moved_to: int | None = None  # the new id of the selected article
        self._fetch_editorial_states = editorial_states
        self._fetch_badges = badges
        self._badges: dict[str, Verdict] = {}
        self._badged: set[int] = set()  # pages with loaded badges
        self._editorial_states: dict[str, EditorialState] = {}
        self._ran: frozenset[int] = frozenset()  # articles whose story is already published
        self._pages: dict[int, dict[int, Row]] = {}
        self._drawn_rows: dict[int, Row] = {}  # by id, as they were drawn last
        self._words: tuple[str, ...] = ()
        self._now = datetime.now(UTC)

    # -- content ---------------------------------------------------------------------------

    @property
    def row(self) -> Row | None:
        """The selected article."""
        return self.row_at(self.cursor) if self.ids else None

    @property
    def drawn_row(self) -> Row | None:
        """The selected article as it was drawn last, also if it was removed since."""
        if not self.ids:
            return None
        return self._drawn_rows.get(self.ids[self.cursor]) or self.row

    def drawn_rows(self, ids: Iterable[int]) -> dict[int, Row]:
        """Return id -> row as it was drawn last, for those ids that were drawn."""
        return {id_: self._drawn_rows[id_] for id_ in ids if id_ in self._drawn_rows}

    def show(
        self,
        lines: Lines,
        *,
        keep_cursor: bool,
        words: Iterable[str] = (),
        sizes: Mapping[int, int] | None = None,
    ) -> None:
        """Show articles; with `keep_cursor` the cursor stays on its article, if it is there.

        `sizes` says how many sources the stories of articles have, if more than one.
        """
        self._words = tuple(words)
        self._acted.clear()
        self._put(lines, sizes or {}, keep_cursor=keep_cursor)
        self._moved_to = None

    @property
    def referenced_paths(self) -> set[str]:
        """The paths of marked, expanded and selected articles, which outlive their ids."""
        row = self.drawn_row
        expanded = self.drawn_rows(self._expanded).values()
        marks = (*self._marks.values(), *self._lost_marks.values())
        return {one.path for one in (*marks, *expanded, *([row] if row else ()))}

    def take_generation(self, generation: int, ids: Mapping[str, int]) -> None:
        """Use the ids of another generation, path -> id; `show` must follow."""
        row = self.drawn_row
        expanded = self.drawn_rows(self._expanded).values()
        self._expanded = {ids[one.path] for one in expanded if one.path in ids}
        self._moved_to = ids.get(row.path, 0) if row else 0
        self._rename_marks(ids)
        self._ran = frozenset()
        self._drawn_rows.clear()
        self.generation = generation

    @property
    def _cursor_id(self) -> int | None:
        return super()._cursor_id if self._moved_to is None else self._moved_to

    def reload_rows(self) -> None:
        """Fetch rows again when they are drawn next: they changed."""
        self._pages.clear()
        self._editorial_states.clear()
        self._badges.clear()
        self._badged.clear()
        self._now = datetime.now(UTC)
        self.redraw()

    def reload_badges(self) -> None:
        """Fetch the verdicts on links again when rows are drawn next."""
        self._badges.clear()
        self._badged.clear()
        self.redraw()

    def show_covered(self, ids: frozenset[int]) -> None:
        """Set the articles whose story is already published."""
        if ids != self._ran:
            self._ran = ids
            self.redraw()

    def mark_decided(self, ids: Iterable[int]) -> None:
        """Dim decided rows; they keep their position until the next search."""
        self._acted.update(ids)
        self.reload_rows()

    def unmark_decided(self, ids: Iterable[int]) -> None:
        """Stop dimming rows whose decision was undone."""
        self._acted.difference_update(ids)
        self.reload_rows()

    # -- rows ------------------------------------------------------------------------------

    def row_at(self, index: int) -> Row | None:
        """Return the row at a position, after fetching its page if needed; None if removed."""
        if not 0 <= index < len(self.ids):
            return None
        page_number = index // _PAGE
        page = self._pages.get(page_number)
        if page is None:
            ids = self.ids[page_number * _PAGE : (page_number + 1) * _PAGE]
            leads = [self._lines.leads[id_] for id_ in ids if id_ in self._lines.leads]
            try:
                page = {row.id: row for row in self._fetch([*ids, *leads], self.generation)}
            except IndexReplaced:
                self.post_message(IndexReplacedElsewhere())
                page = {id_: self._drawn_rows[id_] for id_ in ids if id_ in self._drawn_rows}
            while len(self._pages) >= MAX_PAGES:
                del self._pages[next(iter(self._pages))]
            self._editorial_states |= self._fetch_editorial_states(
                row.path for row in page.values()
            )
            self._pages[page_number] = page
        return page.get(self.ids[index])

    # -- drawing ---------------------------------------------------------------------------

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one article."""
        row = self.row_at(index)
        muted = self.part("muted")
        if row is None:
            before = self._drawn_rows.get(self.ids[index])
            title = f": {shown(before.title)}" if before else ""
            return [Segment(fit(f"    Removed from disk{title}", width), muted)]
        self._note_drawn(row)
        is_acted = row.id in self._acted
        text_style = muted if is_acted else Style.null()
        segments = [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            self._mark(row.id),
            *self._signs(row),
            self._badge(index, row),
            Segment(" "),
        ]
        for place in placed(self.columns, width):
            segments.append(Segment(" " * place.gap))
            segments += self._cell(self._leading(index, row, place), place, text_style)
        return segments

    def _note_drawn(self, row: Row) -> None:
        self._drawn_rows.pop(row.id, None)
        self._drawn_rows[row.id] = row
        if len(self._drawn_rows) > MAX_DRAWN_ROWS:
            del self._drawn_rows[next(iter(self._drawn_rows))]

    def _leading(self, index: int, row: Row, place: Placed) -> Row:
        """Return the row whose value is shown: for a collapsed story the one it is sorted by."""
        name = "date" if place.column.name == "age" else place.column.name
        lead = self._lines.lead_of(row.id, name)
        return row if lead == row.id else self._pages[index // _PAGE].get(lead, row)

    def _cell(self, row: Row, place: Placed, text_style: Style) -> list[Segment]:
        """Draw one column of a row in its exact width."""
        name, width, muted = place.column.name, place.width, self.part("muted")
        if name == "title":
            return self._title(row, width, text_style)
        if name == "story":
            return [*self._story(row)]
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
        before = self._branch(row.id)
        if "story" not in self.columns:
            before += [*self._story(row), Segment(" ")] if row.id in self._sizes else []
        width -= sum(segment.cell_length for segment in before)
        title = fit(shown(row.title), width)
        match = self.part("match")
        return before + [
            Segment(part, match if is_match else style)
            for part, is_match in matches(title, self._words)
        ]

    def _mark(self, id_: int) -> Segment:
        """Return the glyph of a mark; a smaller one for a mark in a collapsed story."""
        sign = "✓" if id_ in self._marks else " "
        if sign == " " and self._marks and self._lines.is_collapsed(id_):
            sign = "·" if any(mate in self._marks for mate in self._lines.members[id_]) else " "
        return Segment(sign, self.part("match"))

    def _branch(self, id_: int) -> list[Segment]:
        """Return the branch glyph of a source in an expanded story."""
        head = self._lines.head_of.get(id_)
        if head is None:
            return []
        is_last = self._lines.members[head][-1] == id_
        return [Segment(BRANCH_GLYPHS[is_last], self.part("muted"))]

    def _story(self, row: Row) -> tuple[Segment, Segment]:
        """Return in four cells whether the story is published, and its number of sources."""
        size = self._sizes.get(row.id, 1)
        if size == 1 or row.id in self._lines.head_of:
            return Segment(" "), Segment("   ")
        ran = Segment(COVERED_GLYPH if row.id in self._ran else " ", self.part("good"))
        is_foldable = row.id in self._lines.members
        return ran, Segment(story_size(size), self.part("strong" if is_foldable else "muted"))

    def _signs(self, row: Row) -> tuple[Segment, Segment]:
        """Return status and flag.

        Rejected and later take the place of `unpublished`, which goes without saying; where
        readers see the article they take the place of the flag.
        """
        editorial = self._editorial_states.get(row.path, _NOTHING)
        status = Segment(STATUS_GLYPHS[row.status], self.part(_STATUS_PARTS[row.status]))
        flag = self._flag(row)
        decided = None
        if editorial.rejected:
            decided = Segment(REJECTED_GLYPH, self.part("bad"))
        elif editorial.later and editorial.waits(date.today()):
            decided = Segment(LATER_GLYPH, self.part("strong"))
        if decided and row.status is Status.UNPUBLISHED:
            status = decided
        elif decided:
            flag = decided
        if flag.text == " " and (editorial.starred or editorial.note):
            flag = Segment(STAR_GLYPH if editorial.starred else NOTE_GLYPH, self.part("match"))
        return status, flag

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the glyphs under the mouse."""
        super().on_mouse_move(event)
        index, words = self.line_at(event), ""
        if index is not None and event.x < SIGNS and (row := self.row_at(index)):
            words = signs_help(
                row,
                self._editorial_states.get(row.path, _NOTHING),
                self._badges.get(row.path),
                is_marked=row.id in self._marks,
                today=date.today(),
            )
        set_tooltip(self, words)

    def _badge(self, index: int, row: Row) -> Segment:
        """Return the glyph of the article's worst verdict; verdicts are fetched by the page."""
        page_number = index // _PAGE
        if page_number not in self._badged:
            self._badged.add(page_number)
            self._badges |= self._fetch_badges(list(self._pages.get(page_number, {}).values()))
        verdict = self._badges.get(row.path)
        if verdict is None:
            return Segment(" ")
        glyph, part = VERDICT_DISPLAYS[verdict]
        return Segment(glyph, self.part(part))

    def _flag(self, row: Row) -> Segment:
        if row.problems:
            return Segment(PROBLEM_GLYPH, self.part("bad"))
        if row.flags & IS_MISLEADING:
            return Segment(MISLEADING_GLYPH, self.part("bad"))
        return Segment(" ")


def _text(row: Row, column: str) -> str:
    """Return the text of a column."""
    if column == "date":
        return row.published_at.date().isoformat() if row.published_at else ""
    if column == "source":
        return row.provider.label
    if column == "topics":
        return ", ".join(row.topics)
    return {"category": row.category, "type": row.type, "path": row.path}[column]
