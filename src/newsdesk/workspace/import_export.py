"""Take decisions out of the journal and into another one, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from newsdesk.errors import UsageError
from newsdesk.workspace.editorial_state import LATER, NOTE, REJECTED, SOMEDAY, STARRED, YES
from newsdesk.workspace.journal import Author, Change
from newsdesk.workspace.journal_file import who as who_is_here
from newsdesk.workspace.outcomes import Action, Outcome
from newsdesk.workspace.stories.overrides import STORY, Decision
from newsdesk.workspace.triage import REPLACES
from newsdesk.workspace.workspace import Workspace

IMPORT = "import"  # the verb and the kind of its journal entry
_NAMES = {
    REJECTED: "rejected",
    LATER: "later",
    STARRED: "starred",
    NOTE: "note",
    STORY: "story",
}
_FIELDS = {name: field for field, name in _NAMES.items()}


def exported(workspace: Workspace) -> Iterator[dict[str, object]]:
    """Yield one object per decision: `path`, `decision`, `at`, `who`; `until`, `text`, or both of
    `apart` and `with`.

    `until` is an ISO date, or null for some day. `apart` and `with` are paths of articles that
    do not tell the same story, or do.
    """
    for path, field, value, at, who in workspace.all_editorial_states():
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


def imported(
    workspace: Workspace,
    lines: Iterable[str],
    refused: Callable[[Sequence[str]], Mapping[str, str]] = lambda paths: {},
    *,
    dry_run: bool = False,
) -> tuple[Action, int]:
    """Take over the decisions of lines, with who decided and when; one journal entry, one undo.

    Returns what became of each path, and how many decisions were taken over. `refused` returns
    path -> reason for paths that are no articles here. What is decided here already stays, but
    for rejected and later, which replace each other. Raises `UsageError` with the number of the
    first line that makes no sense, before anything is changed.
    """
    wanted: dict[tuple[str, str], tuple[bytes, Author | None]] = {}
    decided = workspace.stories.decided()
    for number, line in enumerate(lines, 1):
        if line.strip():
            path, field, value, author = _decision(line, number)
            if field == STORY:
                value = decided.get(path, Decision()).and_also(Decision.of(value)).value
            for replaced in REPLACES.get(field, ()):
                wanted.pop((path, replaced), None)
            wanted[path, field] = value, author
    paths = list(dict.fromkeys(path for path, _ in wanted))
    reasons = refused(paths)
    changes = list(_changes(workspace, {k: v for k, v in wanted.items() if k[0] not in reasons}))
    outcomes = {path: Outcome(path, "unchanged", "That is decided already.") for path in paths}
    outcomes |= {path: Outcome(path, "refused", reason) for path, reason in reasons.items()}
    if changes and not dry_run:
        outcomes |= {
            each.path: each for each in workspace.apply(IMPORT, changes, kind=IMPORT).outcomes
        }
    elif changes:
        outcomes |= {change.path: Outcome(change.path, "changed") for change in changes}
    action = Action(IMPORT, tuple(outcomes.values()))
    taken = [each for each in changes if each.new and each.path in action.changed]
    return action, len(taken)


def _changes(
    workspace: Workspace, wanted: Mapping[tuple[str, str], tuple[bytes, Author | None]]
) -> Iterator[Change]:
    """Yield the changes from what is decided here to what is wanted."""
    journal = workspace.triage.journal
    for (path, field), (value, author) in wanted.items():
        current = journal.editorial(path, field)
        if current != value:
            yield Change(path, field, current, value, "", "", author=author)
        for replaced in REPLACES.get(field, ()):
            if before := journal.editorial(path, replaced):
                yield Change(path, replaced, before, b"", "", "")


def _decision(line: str, number: int) -> tuple[str, str, bytes, Author | None]:
    try:
        told = json.loads(line)
        path, name = told["path"], told["decision"]
        field = _FIELDS[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        names = ", ".join(_FIELDS)
        raise UsageError(
            f"Line {number} is no decision.",
            f'Each line is an object with "path" and "decision" ({names}).',
        ) from None
    if not isinstance(path, str) or not path:
        raise UsageError(f"Line {number} has no path.")
    return path, field, _value(told, field, number), _author(told, number)


def _value(told: Mapping[str, object], field: str, number: int) -> bytes:
    if field == LATER:
        return _day(told.get("until"), number)
    if field == NOTE:
        return str(told.get("text", "")).encode("utf-8", "replace")
    if field == STORY:
        return Decision.told(told).value
    return YES


def _author(told: Mapping[str, object], number: int) -> Author | None:
    """Return who decided and when; None where a line does not say, which means now and here."""
    at, who = told.get("at"), told.get("who")
    if at is None:
        return None
    try:
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp(), str(who) if who else who_is_here()
    except (ValueError, OverflowError):
        raise UsageError(
            f"Line {number}: {at!r} is no moment such as 2026-12-31T08:00:00Z."
        ) from None


def _day(until: object, number: int) -> bytes:
    if until is None:
        return SOMEDAY.encode()
    try:
        return date.fromisoformat(str(until)).isoformat().encode()
    except ValueError:
        raise UsageError(f"Line {number}: {until!r} is no date such as 2026-12-31.") from None
