"""Take decisions out of the journal and into another one, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date

from newsdesk.desk.desk import Desk
from newsdesk.desk.standing import LATER, NOTE, REJECTED, SOMEDAY, STARRED, YES
from newsdesk.desk.story_decisions import STORY, Decision
from newsdesk.desk.triage import Action
from newsdesk.errors import UsageError

_NAMES = {
    REJECTED: "rejected",
    LATER: "later",
    STARRED: "starred",
    NOTE: "note",
    STORY: "story",
}
_FIELDS = {name: field for field, name in _NAMES.items()}


def exported(desk: Desk) -> Iterator[dict[str, object]]:
    """Yield one object per decision: `path`, `decision`, `at`, `who`; `until`, `text`, or both of
    `apart` and `with`.

    `until` is an ISO date, or null for some day. `apart` and `with` are paths of articles that
    do not tell the same story, or do.
    """
    for path, field, value, at, who in desk.all_standings():
        text = value.decode("utf-8", "replace")
        told: dict[str, object] = {
            "path": path,
            "decision": _NAMES[field],
            "at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "who": who,
        }
        if field == LATER:
            told["until"] = None if text == SOMEDAY else text
        elif field == NOTE:
            told["text"] = text
        elif field == STORY:
            decision = Decision.of(value)
            told |= {"apart": sorted(decision.apart), "with": sorted(decision.together)}
        yield told


def imported(desk: Desk, lines: Iterable[str]) -> list[Action]:
    """Let the decisions stand that the lines tell, one entry of the journal per kind and value.

    What stands already is left alone; nothing is taken away. Raises `UsageError` with the
    number of the first line that makes no sense, before anything is changed.
    """
    wanted: dict[tuple[str, bytes], list[str]] = {}
    decided = desk.stories.decided()
    for number, line in enumerate(lines, 1):
        if line.strip():
            path, field, value = _decision(line, number)
            if field == STORY:
                value = decided.get(path, Decision()).and_also(Decision.of(value)).value
            wanted.setdefault((field, value), []).append(path)
    return [
        desk.decide(paths, field, value, f"import {_NAMES[field]}")
        for (field, value), paths in wanted.items()
    ]


def _decision(line: str, number: int) -> tuple[str, str, bytes]:
    try:
        told = json.loads(line)
        path, name = told["path"], told["decision"]
        field = _FIELDS[name]
    except (ValueError, TypeError, KeyError):
        names = ", ".join(_FIELDS)
        raise UsageError(
            f"Line {number} is no decision.",
            f'Each line is an object with "path" and "decision" ({names}).',
        ) from None
    if not isinstance(path, str) or not path:
        raise UsageError(f"Line {number} has no path.")
    if field == LATER:
        return path, field, _day(told.get("until"), number)
    if field == NOTE:
        return path, field, str(told.get("text", "")).encode("utf-8", "replace")
    if field == STORY:
        return path, field, Decision.told(told).value
    return path, field, YES


def _day(until: object, number: int) -> bytes:
    if until is None:
        return SOMEDAY.encode()
    try:
        return date.fromisoformat(str(until)).isoformat().encode()
    except ValueError:
        raise UsageError(f"Line {number}: {until!r} is no date such as 2026-12-31.") from None
