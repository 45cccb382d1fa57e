"""A list of ids in which stories can be collapsed and rows marked."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual import events

from newsdesk.tui.widgets.lists.columns import placed
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.tui.widgets.lists.story_rows import Lines


class Mark(NamedTuple):
    """A marked article with its `content_key` when the mark was set."""

    id: int
    path: str
    content_key: bytes


class CollapsingList(LineList):
    """Rows of articles. Subclasses draw a row and clear their caches in `reload_rows`."""

    def __init__(self, columns: tuple[str, ...], *, id: str) -> None:
        super().__init__(id=id)
        self.columns = columns
        self._lines = Lines()
        self._expanded: set[int] = set()  # ids of articles of expanded stories
        self._sizes: Mapping[int, int] = {}
        self._acted: set[int] = set()
        self._marks: dict[int, Mark] = {}  # by id, in the order of marking
        self._lost_marks: dict[str, Mark] = {}  # by path, of articles that are not in the index

    def reload_rows(self) -> None:
        """Fetch rows again when they are drawn next."""
        raise NotImplementedError

    # -- rows ------------------------------------------------------------------------------

    @property
    def ids(self) -> array[int]:
        """The ids that have a row, in order."""
        return self._lines.ids

    @property
    def lines(self) -> Lines:
        """The rows, and the articles that are collapsed into them."""
        return self._lines

    def size_of(self, id_: int) -> int:
        """Return the number of sources of an article's story, also of those not in the list."""
        return self._sizes.get(id_, 1)

    @property
    def expanded(self) -> frozenset[int]:
        """Ids of articles of expanded stories, which stay expanded after a search."""
        return frozenset(self._expanded)

    def set_lines(self, lines: Lines, sizes: Mapping[int, int]) -> None:
        """Show the same articles in other rows, after stories were grouped."""
        lines = lines.with_expanded(self._expanded)
        if lines != self._lines or sizes != self._sizes:
            self._put(lines, sizes, keep_cursor=True)

    @property
    def _cursor_id(self) -> int | None:
        """The article under the cursor."""
        return self.ids[self.cursor] if self.ids else None

    def _put(self, lines: Lines, sizes: Mapping[int, int], *, keep_cursor: bool) -> None:
        before = self._cursor_id
        below_top = self.cursor - self.top
        lines = lines.with_expanded(self._expanded)  # expanded while the worker ran
        position = 0
        if keep_cursor and before is not None:
            try:
                position = lines.ids.index(lines.line_of(before))
                self.top = position - below_top  # the row keeps its place on the screen
            except ValueError:
                position = min(self.cursor, max(0, len(lines.ids) - 1))
        self._lines, self._sizes = lines, sizes
        self.reload_rows()
        self.set_count(len(lines.ids), position)
        self.post_message(self.Highlighted(self))

    # -- marks -----------------------------------------------------------------------------

    @property
    def marked(self) -> list[Mark]:
        """The marks: of articles in the list in its order, then of the others."""
        if not self._marks:
            return list(self._lost_marks.values())
        in_sight = [self._marks[id_] for id_ in self.ids if id_ in self._marks]
        hidden = self._marks.keys() - self.ids
        others = [mark for id_, mark in self._marks.items() if id_ in hidden]
        return [*in_sight, *others, *self._lost_marks.values()]

    def _rename_marks(self, ids: Mapping[str, int]) -> None:
        """Give marks the new ids of their articles, path -> id."""
        marks = [*self._marks.values(), *self._lost_marks.values()]
        self._lost_marks = {mark.path: mark for mark in marks if mark.path not in ids}
        there = (mark._replace(id=ids[mark.path]) for mark in marks if mark.path in ids)
        self._marks = {mark.id: mark for mark in there}

    def toggle_mark(self, mark: Mark) -> None:
        """Mark or unmark an article."""
        if self._marks.pop(mark.id, None) is None:
            self._marks[mark.id] = mark
        self.redraw()

    @property
    def in_range(self) -> array[int]:
        """The ids from the newest mark to the cursor."""
        if not self.ids:
            return self.ids
        last = next(reversed(self._marks), None)
        anchor = self.ids.index(last) if last is not None and last in self.ids else self.cursor
        first, final = sorted((anchor, self.cursor))
        return self.ids[first : final + 1]

    @property
    def are_all_marked(self) -> bool:
        """Whether all articles in the list are marked."""
        return all(id_ in self._marks for id_ in self.ids)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Mark articles; existing marks stay as they are."""
        for mark in marks:
            self._marks.setdefault(mark.id, mark)
        self.redraw()

    def unmark_all(self) -> None:
        """Remove all marks."""
        self._marks.clear()
        self._lost_marks.clear()
        self.redraw()

    def move_to_id(self, id_: int) -> bool:
        """Move the cursor to an article and expand its story; False if it is not in the list."""
        line = self._lines.line_of(id_)
        try:
            at = self.ids.index(line)
        except ValueError:
            return False
        if line != id_:
            self._toggle(at)
            at = self.ids.index(id_, at)
        self.move_to(at)
        return True

    # -- stories ---------------------------------------------------------------------------

    def expand_story(self) -> bool:
        """Expand the selected story; False if it has no other source in the list.

        In an expanded story the cursor moves to its first other source.
        """
        if not self.ids or self.ids[self.cursor] not in self._lines.members:
            return False
        if self._lines.is_collapsed(self.ids[self.cursor]):
            self._toggle(self.cursor)
        else:
            self.move(1)
        return True

    def collapse_story(self) -> bool:
        """Collapse the selected story and move to its first row; False if it is collapsed."""
        head = self._head_line()
        if head is None or self.ids[head] not in self._lines.expanded:
            return False
        self.move_to(head)
        self._toggle(head)
        return True

    def toggle_story(self) -> bool:
        """Expand or collapse the story whose first row is selected; False on other rows."""
        if not self.ids or self.ids[self.cursor] not in self._lines.members:
            return False
        self._toggle(self.cursor)
        return True

    def move_on(self) -> None:
        """Move the cursor to the next row of another story."""
        head = self._head_line()
        if head is None or self.ids[head] not in self._lines.expanded:
            self.move(1)
        else:
            self.move_to(head + len(self._lines.members[self.ids[head]]))

    def undecided_sources(self, id_: int) -> int:
        """Return how many undecided articles are collapsed into a row."""
        if not self._lines.is_collapsed(id_):
            return 0
        return sum(mate not in self._acted for mate in self._lines.members[id_][1:])

    def _head_line(self) -> int | None:
        """Return the first row of the selected story; None if it has a single one."""
        if not self.ids:
            return None
        id_ = self.ids[self.cursor]
        head = self._lines.head_of.get(id_, id_)
        if head not in self._lines.members:
            return None
        line = self.cursor
        while self.ids[line] != head:
            line -= 1
        return line

    def _toggle(self, line: int) -> None:
        before = self._lines
        mates = before.members[self.ids[line]]
        self._lines = before.toggled(line)
        if self._lines.is_collapsed(mates[0]):
            self._expanded.difference_update(mates)
        else:
            self._expanded.update(mates)
        self.reload_rows()
        self.set_count(len(self.ids), self.cursor)
        last = line + len(mates) - 1
        if not self._lines.is_collapsed(mates[0]) and last >= self.top + self.page:
            self.scroll_to_line(min(line, last - self.page + 1))
        self.post_message(self.Highlighted(self))

    def on_click(self, event: events.Click) -> None:
        """Expand or collapse a story whose number of sources was clicked."""
        line = self.line_at(event)
        offset = event.get_content_offset(self)
        if line is None or offset is None or not self._is_number(offset.x):
            return
        event.prevent_default()  # a list's usual reaction to a click
        self.move_to(line)
        self.toggle_story()

    def _is_number(self, x: int) -> bool:
        return any(
            place.column.name == "story" and place.start <= x < place.start + place.width
            for place in placed(self.columns, self.line_width)
        )
