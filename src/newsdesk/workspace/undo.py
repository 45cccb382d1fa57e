"""Choose the entry that undo or redo takes, and show what it would change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from newsdesk.collection import files
from newsdesk.collection.frontmatter.block import splice_back
from newsdesk.collection.unified_diff import unified_diff
from newsdesk.errors import SessionRunning, WriteRefused
from newsdesk.text import counted
from newsdesk.workspace.journal import Candidate, ChangeState, Entry, Journal
from newsdesk.workspace.outcomes import Action, Outcome

Goal: TypeAlias = Literal["done", "undone"]
# What a change is before it becomes the other.
BEFORE: dict[str, ChangeState] = {"done": "undone", "undone": "done"}


def first_possible(
    journal: Journal,
    goal: Goal,
    carry_out: Callable[[Entry], Action],
    *,
    any_session: bool = False,
    confirmed: int = 0,
) -> Action | None:
    """Carry out the undo or redo of the entry whose turn it is; see `Triage.undo`.

    An entry that was refused before is tried again; if it is refused again, the next one is
    taken. Raises `SessionRunning`.
    """
    refused = None
    for entry in _in_order(journal, goal, any_session, confirmed):
        action = carry_out(entry)
        if action.changed or not _was_refused(entry, goal):
            return action
        refused = refused or action
    if refused is None and not confirmed:
        ask_if_running(journal, goal)
    return refused


def preview(
    root: Path, journal: Journal, goal: Goal, number: int, *, any_session: bool = False
) -> tuple[str, list[Action]]:
    """Return the diff that `number` undos or redos would make in all, and what each would do.

    Raises `SessionRunning` as `first_possible` does.
    """
    sources: dict[str, bytes] = {}
    now: dict[str, bytes] = {}
    states: dict[tuple[str, str], bytes] = {}
    actions: list[Action] = []
    for entry in _in_order(journal, goal, any_session, 0):
        if len(actions) == number:
            break
        outcomes: dict[str, Outcome] = {}
        for change in entry.changes:
            if change.state != BEFORE[goal]:
                continue
            wanted, found = change.new, change.old
            if goal == "undone":
                wanted, found = found, wanted
            path, key = change.path, (change.path, change.field)
            try:
                if change.field.startswith("@"):
                    current = states.get(key, journal.editorial(*key))
                    if current not in (wanted, found):
                        raise WriteRefused("It was decided otherwise since.")
                    states[key] = wanted
                else:
                    source = now.get(path) or files.read_whole(root, path)
                    sources.setdefault(path, source)
                    now[path] = splice_back(source, change.field, wanted, found).result
            except WriteRefused as error:
                outcomes[path] = Outcome(path, "refused", str(error))
            else:
                outcomes.setdefault(path, Outcome(path, "changed"))
        verb = entry.verb if goal == "done" else f"undo {entry.verb}"
        action = Action(verb, tuple(outcomes.values()))
        if action.changed or not _was_refused(entry, goal):
            actions.append(action)
    if not actions:
        ask_if_running(journal, goal)
    return "".join(unified_diff(path, sources[path], now[path]) for path in now), actions


def ask_if_running(journal: Journal, goal: Goal) -> None:
    """Raise `SessionRunning` if the newest entry left is of a newsdesk that still runs."""
    for candidate in _candidates(journal, goal):
        if candidate.running is not None:
            entry = journal.entry(candidate.id)
            paths = tuple(dict.fromkeys(change.path for change in entry.changes))
            what = paths[0] if len(paths) == 1 else counted(len(paths), "file")
            certainty = "" if candidate.running.is_certain else ", which may still run,"
            raise SessionRunning(
                f"{candidate.running.words}{certainty} decided last: {entry.verb} {what}.",
                entry.id,
                paths,
            )


def _in_order(journal: Journal, goal: Goal, any_session: bool, confirmed: int) -> Iterator[Entry]:
    candidates = _candidates(journal, goal)
    if confirmed:
        chosen = [candidate for candidate in candidates if candidate.id == confirmed]
    elif any_session:
        chosen = list(candidates)
    else:
        ended = [one for one in candidates if not one.is_own and one.running is None]
        chosen = [one for one in candidates if one.is_own] + ended
    return (journal.entry(candidate.id) for candidate in chosen)


def _candidates(journal: Journal, goal: Goal) -> Sequence[Candidate]:
    return journal.undoable() if goal == "undone" else journal.redoable()


def _was_refused(entry: Entry, goal: Goal) -> bool:
    """Return whether all of an entry that is left for `goal` was refused before."""
    return all(change.reason for change in entry.changes if change.state == BEFORE[goal])
