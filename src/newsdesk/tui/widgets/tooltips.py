"""What glyphs, heads and bars mean, for whoever rests the mouse on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from textual.widget import Widget

from newsdesk.collection.article import Status
from newsdesk.index.schema import IS_MISLEADING, Row
from newsdesk.links.verdict import VERDICTS, Verdict
from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content
from newsdesk.tui.widgets.glyphs import (
    LATER_GLYPH,
    MISLEADING_GLYPH,
    NOTE_GLYPH,
    PROBLEM_GLYPH,
    REJECTED_GLYPH,
    STAR_GLYPH,
    STATUS_GLYPHS,
)
from newsdesk.tui.widgets.lists.columns import Column
from newsdesk.workspace.editorial_state import SOMEDAY, EditorialState

SIGNS_HELP = "Marks: chosen by you, status, what stands beside the file, worst link."
_STATUS_HELP = {
    Status.PUBLISHED: "published",
    Status.UNPUBLISHED: "unpublished",
    Status.UNSET: "the file says nothing usable about its status",
}


_COLUMN_HELP = {
    "heat": "How hot the story is; the bar is full at 100.",
    "quality": "How good the article is; the bar is full at 100.",
    "age": "How long ago it came out: m minutes, h hours, d days, w weeks, y years.",
    "date": "The day it came out, in UTC.",
    "story": "How many sources tell the same story: a click unfolds them; ● one of them is out.",
    "title": "Words that match the query are lit up.",
    "source": "Who brought it: the domain, or the provider's name.",
    "topics": "What it is about.",
    "category": "The category in the file.",
    "type": "The type in the file.",
    "path": "The file, from the collection's folder on.",
}


def set_tooltip(widget: Widget, words: str) -> None:
    """Make words what a widget says to the mouse, as they are; none if there are none.

    Set on every move of the mouse: one widget draws many things.
    """
    told = widget.tooltip
    if (told.plain if isinstance(told, Content) else "") != words:
        widget.tooltip = Content(words) if words else None


def column_help(column: Column) -> str:
    """Return what a column holds, and what a click on its head does."""
    sorts = " A click sorts by it; again turns the order round." if column.field else ""
    return f"{_COLUMN_HELP[column.name]}{sorts}"


def signs_help(
    row: Row, editorial: EditorialState, verdict: Verdict | None, *, is_marked: bool, today: date
) -> str:
    """Return the meaning of every sign before a row's first column, each with its glyph."""
    return "\n".join(_signs(row, editorial, verdict, is_marked, today))


def _signs(
    row: Row, editorial: EditorialState, verdict: Verdict | None, is_marked: bool, today: date
) -> Iterator[str]:
    if is_marked:
        yield "✓ marked: a verb acts on all marked"
    if editorial.rejected:
        yield f"{REJECTED_GLYPH} rejected"
    if editorial.later and editorial.waits(today):
        until = "" if editorial.later == SOMEDAY else f" until {shown(editorial.later)}"
        yield f"{LATER_GLYPH} put off{until}"
    yield f"{STATUS_GLYPHS[row.status]} {_STATUS_HELP[row.status]}"
    if row.problems:
        number = counted(len(row.problems), "problem")
        yield f"{PROBLEM_GLYPH} {number} in the file; the detail says which"
    if row.flags & IS_MISLEADING:
        yield f"{MISLEADING_GLYPH} letters that look like others, or run backwards"
    if editorial.starred:
        yield f"{STAR_GLYPH} starred"
    if editorial.note:
        yield f"{NOTE_GLYPH} {shown(editorial.note)}"
    if verdict is not None:
        look = VERDICTS[verdict]
        yield f"{look.glyph} its worst link: {look.meaning}"
