"""Decisions that files cannot hold: rejected, later, starred, a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from newsdesk.errors import UsageError
from newsdesk.index.query.ast import STORY_SETS

# The names under which the journal keeps them; `@` tells them from front-matter fields.
REJECTED, LATER, STARRED, NOTE = "@rejected", "@later", "@starred", "@note"
FIELDS = (REJECTED, LATER, STARRED, NOTE)
SOMEDAY = "someday"
YES = b"1"

# What queries call the sets of articles with such a decision.
SETS = {"is:rejected": REJECTED, "is:later": LATER, "is:starred": STARRED, "has:note": NOTE}
# All that queries may ask beyond the files: those sets, what is known from the other articles of
# a story, and the last verdicts on links.
QUERY_SETS = frozenset({*SETS, "link", *STORY_SETS})


@dataclass(frozen=True, slots=True)
class EditorialState:
    """What was decided about one article beside its file.

    `later` is empty, `someday`, or an ISO date on which the article comes back.
    """

    rejected: bool = False
    later: str = ""
    starred: bool = False
    note: str = ""

    def waits(self, today: date) -> bool:
        """Tell whether the article is put off: no date, or one that has not come."""
        return self.later == SOMEDAY or self.later > today.isoformat()

    @classmethod
    def of(cls, values: Mapping[str, bytes]) -> EditorialState:
        """Read the values that the journal keeps, field by field."""
        return cls(
            values.get(REJECTED, b"") == YES,
            values.get(LATER, b"").decode("utf-8", "replace"),
            values.get(STARRED, b"") == YES,
            values.get(NOTE, b"").decode("utf-8", "replace"),
        )


def stands(editorial: EditorialState, field: str) -> bool:
    """Tell whether anything stands in a field."""
    return bool(
        {
            REJECTED: editorial.rejected,
            LATER: editorial.later,
            STARRED: editorial.starred,
            NOTE: editorial.note,
        }[field]
    )


def later_until(when: str, today: date) -> bytes:
    """Return the value of `LATER` for `someday`, `tomorrow`, `monday`, `week` or an ISO date.

    Raises `UsageError` for anything else, and for days that are over.
    """
    days = {
        "tomorrow": 1,
        "monday": 7 - today.weekday(),
        "week": 7,
    }
    if when in ("", SOMEDAY):
        return SOMEDAY.encode()
    if when in days:
        return (today + timedelta(days=days[when])).isoformat().encode()
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise UsageError(
            f"{when!r} is no day.", "Say tomorrow, monday, week, someday, or 2026-12-31."
        ) from None
    if day <= today:
        raise UsageError(f"{when} is not in the future.")
    return day.isoformat().encode()
