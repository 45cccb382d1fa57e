"""Export decisions from a journal as JSON Lines, and import them into another one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from newsdesk.errors import UsageError
from newsdesk.workspace.editorial_state import LATER, NOTE, REJECTED, SOMEDAY, STARRED, YES
from newsdesk.workspace.journal import Author, Change, Journal
from newsdesk.workspace.journal_file import who as current_user
from newsdesk.workspace.outcomes import Action, Outcome
from newsdesk.workspace.stories.overrides import STORY, Decision, decisions_in
from newsdesk.workspace.triage import REPLACES

IMPORT = "import"  # the verb and the kind of its journal entry
_NAMES = {
    REJECTED: "rejected",
    LATER: "later",
    STARRED: "starred",
    NOTE: "note",
    STORY: "story",
}
_FIELDS = {name: field for field, name in _NAMES.items()}


class Apply(Protocol):
    """The type of `Workspace.apply`."""

    def __call__(self, verb: str, changes: Sequence[Change], *, kind: str) -> Action:
        """Write changes as one journal entry."""


def exported(
    states: Iterable[tuple[str, str, bytes, datetime, str]],
) -> Iterator[dict[str, object]]:
    """Yield one object per editorial state: `path`, `decision`, `at`, `who`, and its value.

    `states` are those of `Reader.all_editorial_states`. The value of later is `until` (an ISO
    date, or null for some day), of a note `text`, of a story `apart` and `with` (lists of paths).
    """
    for path, field, value, at, who in states:
        text = value.decode("utf-8", "replace")
        record: dict[str, object] = {
            "path": path,
            "decision": _NAMES[field],
            "at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "who": who,
        }
        if field == LATER:
            record["until"] = None if text == SOMEDAY else text
        elif field == NOTE:
            record["text"] = text
        elif field == STORY:
            decision = Decision.of(value)
            record |= {"apart": sorted(decision.apart), "with": sorted(decision.together)}
        yield record


def imported(
    journal: Journal,
    apply: Apply,
    lines: Iterable[str],
    refused: Callable[[Sequence[str]], Mapping[str, str]] = lambda paths: {},
    *,
    dry_run: bool = False,
) -> tuple[Action, int]:
    """Import the decisions of lines, with their person and date; one journal entry.

    Returns the outcome of each path, and the number of decisions imported. `refused` returns
    path -> reason for paths that are not articles. A decision in this journal is kept, except
    that rejected and later replace each other. Raises `UsageError` with the number of the first
    invalid line, before anything is changed.
    """
    wanted: dict[tuple[str, str], tuple[bytes, Author | None]] = {}
    decided = decisions_in(journal)
    for number, line in enumerate(lines, 1):
        if line.strip():
            path, field, value, author = _decision(line, number)
            if field == STORY:
                value = decided.get(path, Decision()).merged_with(Decision.of(value)).value
            for replaced in REPLACES.get(field, ()):
                wanted.pop((path, replaced), None)
            wanted[path, field] = value, author
    paths = list(dict.fromkeys(path for path, _ in wanted))
    reasons = refused(paths)
    changes = list(_changes(journal, {k: v for k, v in wanted.items() if k[0] not in reasons}))
    outcomes = {path: Outcome(path, "unchanged", "Already decided.") for path in paths}
    outcomes |= {path: Outcome(path, "refused", reason) for path, reason in reasons.items()}
    if changes and not dry_run:
        outcomes |= {each.path: each for each in apply(IMPORT, changes, kind=IMPORT).outcomes}
    elif changes:
        outcomes |= {change.path: Outcome(change.path, "changed") for change in changes}
    action = Action(IMPORT, tuple(outcomes.values()))
    taken = [each for each in changes if each.new and each.path in action.changed]
    return action, len(taken)


def _changes(
    journal: Journal, wanted: Mapping[tuple[str, str], tuple[bytes, Author | None]]
) -> Iterator[Change]:
    """Yield the changes from the current editorial states to the wanted ones."""
    for (path, field), (value, author) in wanted.items():
        current = journal.editorial(path, field)
        if current != value:
            yield Change(path, field, current, value, "", "", author=author)
        for replaced in REPLACES.get(field, ()):
            if before := journal.editorial(path, replaced):
                yield Change(path, replaced, before, b"", "", "")


def _decision(line: str, number: int) -> tuple[str, str, bytes, Author | None]:
    try:
        record = json.loads(line)
        path, name = record["path"], record["decision"]
        field = _FIELDS[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        names = ", ".join(_FIELDS)
        raise UsageError(
            f"Line {number} is not a decision.",
            f'Each line is an object with "path" and "decision" ({names}).',
        ) from None
    if not isinstance(path, str) or not path:
        raise UsageError(f"Line {number} has no path.")
    return path, field, _value(record, field, number), _author(record, number)


def _value(record: Mapping[str, object], field: str, number: int) -> bytes:
    if field == LATER:
        return _day(record.get("until"), number)
    if field == NOTE:
        return str(record.get("text", "")).encode("utf-8", "replace")
    if field == STORY:
        return Decision.from_object(record).value
    return YES


def _author(record: Mapping[str, object], number: int) -> Author | None:
    """Return person and date of a decision; None where a line has none, which means now."""
    at, who = record.get("at"), record.get("who")
    if at is None:
        return None
    try:
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp(), str(who) if who else current_user()
    except (ValueError, OverflowError):
        raise UsageError(
            f"Line {number}: {at!r} is not a time such as 2026-12-31T08:00:00Z."
        ) from None


def _day(until: object, number: int) -> bytes:
    if until is None:
        return SOMEDAY.encode()
    try:
        return date.fromisoformat(str(until)).isoformat().encode()
    except ValueError:
        raise UsageError(f"Line {number}: {until!r} is not a date such as 2026-12-31.") from None
