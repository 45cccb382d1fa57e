"""Tooltips that explain glyphs, column headers and bars."""

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

SIGNS_HELP = "Mark, status, editorial state or problem, worst link."
_STATUS_HELP = {
    Status.PUBLISHED: "published",
    Status.UNPUBLISHED: "unpublished",
    Status.UNSET: "the file has no valid status",
}


_COLUMN_HELP = {
    "heat": "How hot the story is; the bar is full at 100.",
    "quality": "How good the article is; the bar is full at 100.",
    "age": "Age: m minutes, h hours, d days, w weeks, y years.",
    "date": "The date, in UTC.",
    "story": "Number of sources of the story: a click expands it; ● one is already published.",
    "title": "Words that match the query are highlighted.",
    "source": "The domain, or the provider's name.",
    "topics": "The topics.",
    "category": "The category in the file.",
    "type": "The type in the file.",
    "path": "The file, relative to the collection's folder.",
}


def set_tooltip(widget: Widget, words: str) -> None:
    """Set the tooltip of a widget; an empty text removes it.

    Called on each move of the mouse: one widget draws many things.
    """
    tooltip = widget.tooltip
    if (tooltip.plain if isinstance(tooltip, Content) else "") != words:
        widget.tooltip = Content(words) if words else None


def column_help(column: Column) -> str:
    """Return what a column shows, and what a click on its header does."""
    sorts = " Click to sort, again to reverse." if column.field else ""
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
        yield "✓ marked: commands act on all marked articles"
    if editorial.rejected:
        yield f"{REJECTED_GLYPH} rejected"
    if editorial.later and editorial.waits(today):
        until = "" if editorial.later == SOMEDAY else f" until {shown(editorial.later)}"
        yield f"{LATER_GLYPH} later{until}"
    yield f"{STATUS_GLYPHS[row.status]} {_STATUS_HELP[row.status]}"
    if row.problems:
        number = counted(len(row.problems), "problem")
        yield f"{PROBLEM_GLYPH} {number} in the file, listed in the article pane"
    if row.flags & IS_MISLEADING:
        yield f"{MISLEADING_GLYPH} characters that look like others or run backwards"
    if editorial.starred:
        yield f"{STAR_GLYPH} starred"
    if editorial.note:
        yield f"{NOTE_GLYPH} {shown(editorial.note)}"
    if verdict is not None:
        look = VERDICTS[verdict]
        yield f"{look.glyph} its worst link: {look.meaning}"
