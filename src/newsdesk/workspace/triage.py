"""Carry out decisions on files: publish, unpublish, undo, redo, and mend what a crash left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from newsdesk.collection import atomic_write, files
from newsdesk.collection.frontmatter.block import (
    Splice,
    read_front_matter,
    splice_back,
    splice_text,
)
from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.collection.status import splice_status, status_name
from newsdesk.collection.unified_diff import unified_diff
from newsdesk.errors import ContentChanged, FileChanged, NewsdeskError, WriteRefused
from newsdesk.index.refresh import content_key_of
from newsdesk.workspace.editorial_state import LATER, REJECTED, YES
from newsdesk.workspace.journal import Change, ChangeState, Entry, Journal
from newsdesk.workspace.outcomes import PUBLISH_BEST, Action, Outcome
from newsdesk.workspace.undo import BEFORE, first_possible

__all__ = ["REPAIR", "REPLACES", "Action", "Outcome", "Triage"]
# Path -> `content_key` of what the person saw. A file that differs from it is refused with
# `ContentChanged`; a path without a key is written whatever the file says.
Seen: TypeAlias = Mapping[str, bytes]
_UNCOMPARED: Seen = {}
REPAIR = "repair"  # the verb of a web address that was replaced
_TRIES = 8  # against a bot that keeps rewriting the file


_FINE = Outcome("", "unchanged")
# What of an article's editorial state a new one replaces.
REPLACES = {REJECTED: (LATER,), LATER: (REJECTED,)}
_STAYS = {"done": "redone", "undone": "undone"}


@dataclass(frozen=True, slots=True)
class _Plan:
    path: str
    source: bytes
    splice: Splice
    field: str


class Triage:
    """Writes to the files of `root`, each decision through the journal first.

    `on_progress(done, total)` is called after every file; `is_cancelled()` is asked before
    every file, what is done by then stays done and is one undo.
    """

    def __init__(self, root: Path, journal: Journal, profile: Profile = JEKYLL) -> None:
        self.root = root
        self.journal = journal
        self.profile = profile

    def set_published(
        self,
        paths: Sequence[str],
        value: bool,
        *,
        seen: Seen = _UNCOMPARED,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Action:
        """Set `published` in every file; one entry in the journal, one undo for all.

        What is published is no longer rejected or put off.
        """
        verb = "publish" if value else "unpublish"
        outcomes: dict[str, Outcome] = {}
        with self.journal.exclusively():
            changes = self._plans(paths, value, outcomes, seen)
            if value:
                changes += self._replaced(paths, (REJECTED, LATER), outcomes)
                order = {path: place for place, path in enumerate(dict.fromkeys(paths))}
                changes.sort(key=lambda change: order[change.path])
            if changes:
                entry = self.journal.begin(verb, changes)
                self._carry_out(entry, "done", outcomes, on_progress, is_cancelled, seen=seen)
        stopped = bool(changes) and is_cancelled()
        return Action(verb, tuple(outcomes[path] for path in dict.fromkeys(paths)), stopped)

    def publish_best(
        self, stories: Mapping[str, Iterable[str]], *, seen: Seen = _UNCOMPARED
    ) -> Action:
        """Publish one source of each story and retire the others; one entry, one undo.

        `stories` maps the one to all of its story. The others are rejected, so that they wait for
        nobody; what of them is out, or may be because the file says nothing, becomes a draft as
        well. Of a story whose best cannot be published nothing else is done.
        """
        outcomes: dict[str, Outcome] = {}
        waits_for: dict[str, tuple[str, ...]] = {}
        changes: list[Change] = []
        with self.journal.exclusively():
            for best, members in stories.items():
                paths = [best, *(path for path in dict.fromkeys(members) if path != best)]
                waits_for.update((path, (best, path)) for path in paths)
                changes += self._retiring(best, paths[1:], outcomes, seen)
            if changes:
                entry = self.journal.begin(PUBLISH_BEST, changes)
                self._carry_out(entry, "done", outcomes, waits_for=waits_for, seen=seen)
        return Action(PUBLISH_BEST, tuple(outcomes[path] for path in waits_for if path in outcomes))

    def _retiring(
        self, best: str, retired: Sequence[str], outcomes: dict[str, Outcome], seen: Seen
    ) -> list[Change]:
        """Return the changes that publish one source and retire others, in this order."""
        changes = self._plans([best], True, outcomes, seen)
        if outcomes.get(best, _FINE).result == "refused":
            return []
        changes += self._plans(retired, False, outcomes, seen)
        changes += self._replaced([best, *retired], (LATER,), outcomes)
        for path in [best, *(p for p in retired if outcomes.get(p, _FINE).result != "refused")]:
            value = YES if path != best else b""
            current = self.journal.editorial(path, REJECTED)
            if current != value:
                changes.append(Change(path, REJECTED, current, value, "", ""))
                outcomes.pop(path, None)
        return changes

    def _replaced(
        self, paths: Iterable[str], fields: Sequence[str], outcomes: dict[str, Outcome]
    ) -> list[Change]:
        """Return the changes that clear editorial states which a new decision replaces."""
        changes = []
        for path, field, value, _, _ in self.journal.editorial_states(paths=paths):
            if field in fields and outcomes.get(path, _FINE).result != "refused":
                changes.append(Change(path, field, value, b"", "", ""))
                outcomes.pop(path, None)
        return changes

    def _plans(
        self, paths: Sequence[str], value: bool, outcomes: dict[str, Outcome], seen: Seen
    ) -> list[Change]:
        """Return the changes that set `published`; outcomes tell of files that need none."""
        plans = (self._plan(path, value, outcomes, seen) for path in dict.fromkeys(paths))
        return [
            replace(
                _change(plan),
                content_key=content_key_of(plan.path, plan.source, self.profile).hex(),
            )
            for plan in plans
            if plan is not None
        ]

    def diff(self, paths: Iterable[str], value: bool) -> tuple[str, Action]:
        """Return the diff that `set_published` would make, and what it would do."""
        outcomes: dict[str, Outcome] = {}
        text = ""
        for path in dict.fromkeys(paths):
            plan = self._plan(path, value, outcomes)
            if plan is not None:
                outcomes[path] = Outcome(path, "changed")
                text += unified_diff(path, plan.source, plan.splice.result)
        for change in self._replaced(outcomes, (REJECTED, LATER), dict(outcomes)) if value else ():
            outcomes[change.path] = Outcome(change.path, "changed")
        return text, Action("publish" if value else "unpublish", tuple(outcomes.values()))

    def _plan(
        self, path: str, value: bool, outcomes: dict[str, Outcome], seen: Seen = _UNCOMPARED
    ) -> _Plan | None:
        try:
            source = files.read_whole(self.root, path)
            self._compare(path, source, seen)
            splice = splice_status(path, source, value, self.profile)
        except WriteRefused as refusal:
            outcomes[path] = Outcome.refused(path, refusal)
            return None
        if splice is None:
            state = "published" if value else "unpublished"
            outcomes[path] = Outcome(path, "unchanged", f"It is {state} already.")
            return None
        return _Plan(path, source, splice, status_name(source, self.profile))

    def _compare(self, path: str, source: bytes, seen: Seen) -> None:
        """Raise `ContentChanged` if a file is not what the person saw."""
        if path in seen and content_key_of(path, source, self.profile) != seen[path]:
            raise ContentChanged(path)

    def _compare_decided(self, change: Change, source: bytes) -> None:
        """Raise `ContentChanged` if a file is not what it was when it was decided on."""
        key = change.content_key
        if key and content_key_of(change.path, source, self.profile).hex() != key:
            raise ContentChanged(change.path)

    def compare(self, seen: Seen) -> dict[str, Outcome]:
        """Return the refusals of those files that are gone, or are not what the person saw."""
        refused = {}
        for path in seen:
            try:
                self._compare(path, files.read(self.root, path).content, seen)
            except FileNotFoundError as error:
                refused[path] = Outcome.refused(path, files.write_refusal(path, error))
            except OSError:
                pass  # it could not be read when it was shown either
            except ContentChanged as error:
                refused[path] = Outcome.refused(path, error)
        return refused

    def decide(
        self,
        paths: Sequence[str],
        field: str,
        value: bytes,
        verb: str,
        *,
        seen: Seen = _UNCOMPARED,
    ) -> Action:
        """Let a decision stand beside files that stay as they are; one entry, one undo.

        What is rejected is no longer put off, and the other way round.
        """
        with self.journal.exclusively():
            outcomes = self.compare(seen)
            changes = []
            for path in dict.fromkeys(paths):
                if path in outcomes:
                    continue
                current = self.journal.editorial(path, field)
                if current == value:
                    outcomes[path] = Outcome(path, "unchanged", "That is decided already.")
                else:
                    changes.append(Change(path, field, current, value, "", ""))
            if value and field in REPLACES:
                changes += self._replaced(paths, REPLACES[field], outcomes)
            if changes:
                self._carry_out(self.journal.begin(verb, changes), "done", outcomes)
        return Action(verb, tuple(outcomes[path] for path in dict.fromkeys(paths)))

    def replace_url(self, path: str, field: str, old: str, new: str) -> Action:
        """Put another web address into a field of the front matter; one entry, one undo.

        `field` is our name for it.
        """
        outcomes: dict[str, Outcome] = {}
        with self.journal.exclusively():
            try:
                source = files.read_whole(self.root, path)
                fields = read_front_matter(source).fields
                field = self.profile.found_in(fields).get(field, field)
                splice = splice_text(source, field, old, new)
            except WriteRefused as refusal:
                outcomes[path] = Outcome(path, "refused", str(refusal))
            else:
                if splice is None:
                    outcomes[path] = Outcome(path, "unchanged", "The URL is that already.")
                else:
                    change = _change(_Plan(path, source, splice, field))
                    self._carry_out(self.journal.begin(REPAIR, [change]), "done", outcomes)
        return Action(REPAIR, tuple(outcomes.values()))

    def apply(
        self, verb: str, changes: Sequence[Change], *, kind: str = "", seen: Seen = _UNCOMPARED
    ) -> Action:
        """Carry out changes that were worked out elsewhere; one entry, one undo."""
        outcomes: dict[str, Outcome] = {}
        with self.journal.exclusively():
            entry = self.journal.begin(verb, changes, kind=kind)
            self._carry_out(entry, "done", outcomes, seen=seen)
        return Action(verb, tuple(outcomes.values()), fields=entry.fields)

    def undo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Undo the newest decision of this session, else of those that have ended.

        None if there is none. Values that somebody else changed since are never overwritten.
        What is refused stays to be undone: it is tried again before older decisions, which are
        undone instead where it is refused again. Raises `SessionRunning` where the only
        decisions left belong to a newsdesk that still runs, unless `any_session` asks for the
        newest of all, or `confirmed` is the id of that entry.
        """
        with self.journal.exclusively():
            return first_possible(
                self.journal, "undone", self._undone, any_session=any_session, confirmed=confirmed
            )

    def redo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Redo what was undone last; None if there is nothing. Chooses as `undo` does."""
        with self.journal.exclusively():
            return first_possible(
                self.journal, "done", self._redone, any_session=any_session, confirmed=confirmed
            )

    def _undone(self, entry: Entry) -> Action:
        self.journal.mark(entry, "undoing")
        return self._reversed(entry)

    def _redone(self, entry: Entry) -> Action:
        self.journal.mark(entry, "redoing")
        return self._done_again(entry)

    def recover(self) -> list[Action]:
        """Finish what a crash left half done; return what was finished."""
        if not self.journal.interrupted():
            return []
        with self.journal.exclusively():
            finished = []
            for entry in self.journal.interrupted():
                in_files = (c for c in entry.changes if not c.field.startswith("@"))
                changes = {change.path: change for change in in_files}
                atomic_write.sweep(self.root, changes, partial(is_ours, changes))
                if entry.state == "undoing":
                    finished.append(self._reversed(entry, resumed=True))
                else:
                    finished.append(self._done_again(entry, resumed=True))
            return finished

    def _done_again(self, entry: Entry, *, resumed: bool = False) -> Action:
        outcomes: dict[str, Outcome] = {}
        self._carry_out(entry, "done", outcomes, resumed=resumed)
        return Action(entry.verb, tuple(outcomes.values()), fields=entry.fields)

    def _reversed(self, entry: Entry, *, resumed: bool = False) -> Action:
        outcomes: dict[str, Outcome] = {}
        self._carry_out(entry, "undone", outcomes, resumed=resumed)
        return Action(f"undo {entry.verb}", tuple(outcomes.values()), fields=entry.fields)

    def _carry_out(
        self,
        entry: Entry,
        goal: Literal["done", "undone"],
        outcomes: dict[str, Outcome],
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
        *,
        resumed: bool = False,
        waits_for: Mapping[str, Iterable[str]] | None = None,
        seen: Seen = _UNCOMPARED,
    ) -> None:
        """Bring every change of an entry to `goal` and write down how far that went.

        `resumed` says that a crash may have happened after some of the files were written;
        `waits_for` without which others a path is left as it is.
        """
        waits_for = waits_for or {}
        states: dict[int, tuple[ChangeState, str]] = {}
        open_changes = [c for c in entry.changes if c.state in (BEFORE[goal], "pending")]
        for change in open_changes:
            if change.field.startswith("@") and self._is_decided_otherwise(change):
                reason = _reason("It was decided otherwise since.", goal, change)
                outcomes[change.path] = Outcome(change.path, "refused", reason)
        for number, change in enumerate(open_changes, 1):
            # What one entry does to an article belongs together.
            paths = (change.path, *waits_for.get(change.path, ()))
            needed = (outcomes.get(path, _FINE) for path in paths)
            if refused := next((o for o in needed if o.result == "refused"), None):
                outcome = replace(refused, path=change.path)
            elif change.path not in outcomes and is_cancelled():
                outcome = Outcome(change.path, "refused", "Stopped before it.")
            else:
                outcome = self._write(change, goal, resumed, seen)
                on_progress(number, len(open_changes))
            outcomes[change.path] = outcome
            state: ChangeState = goal
            if outcome.result == "refused":  # what was done or undone before stays so
                state = "refused" if change.state == "pending" else change.state
            states[change.id] = (state, outcome.reason)
        self.journal.finish(entry, goal, states)

    def _is_decided_otherwise(self, change: Change) -> bool:
        """Return whether an editorial state is neither what the entry found nor what it set."""
        current = self.journal.editorial(change.path, change.field)
        return current not in (change.old, change.new)

    def _write(
        self, change: Change, goal: Literal["done", "undone"], resumed: bool, seen: Seen
    ) -> Outcome:
        if change.field.startswith("@"):
            self.journal.stand(change, goal)
            return Outcome(change.path, "changed")
        path = change.path
        wanted, found = change.new, change.old
        if goal == "undone":
            wanted, found = found, wanted
        try:
            for _ in range(_TRIES):
                source = files.read_whole(self.root, path)
                if _digest(source) == (change.hash_after if goal == "done" else change.hash_before):
                    return Outcome(path, "changed")
                if resumed and _can_splice(source, change.field, found, wanted):
                    return Outcome(path, "changed")  # and a bot changed other lines
                if change.state != "pending" and not resumed:
                    self._compare_decided(change, source)
                elif _digest(source) != change.hash_before:  # or it was compared already
                    self._compare(path, source, seen)
                splice = splice_back(source, change.field, wanted, found)
                try:
                    atomic_write.replace(self.root, path, source, splice.result)
                except FileChanged:
                    continue  # only other fields, or splice_back will say so
                return Outcome(path, "changed")
            raise WriteRefused(f"{path} is being rewritten all the time.", "Try again later.")
        except NewsdeskError as error:
            return replace(Outcome.refused(path, error), reason=_reason(str(error), goal, change))


def _reason(why: str, goal: Literal["done", "undone"], change: Change) -> str:
    """Return a reason that says whether the change can be tried again."""
    return why if change.state == "pending" else f"{why} It stays to be {_STAYS[goal]}."


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _can_splice(source: bytes, name: str, old: bytes, new: bytes) -> bool:
    """Tell whether a field holds `new`, so that `old` could be put in its place."""
    try:
        splice_back(source, name, old, new)
    except WriteRefused:
        return False
    return True


def is_ours(changes: Mapping[str, Change], path: str, leftover: bytes, current: bytes) -> bool:
    """Tell whether a leftover of a write holds nothing but what the journal knows.

    It is one of the versions written down, or the file as it stands but for the field.
    """
    change = changes[path]
    if _digest(leftover) in (change.hash_before, change.hash_after):
        return True
    for old, new in ((change.old, change.new), (change.new, change.old)):
        with suppress(WriteRefused):
            if splice_back(leftover, change.field, old, new).result == current:
                return True
    return False


def _change(plan: _Plan) -> Change:
    return Change(
        plan.path,
        plan.field,
        plan.splice.old,
        plan.splice.new,
        _digest(plan.source),
        _digest(plan.splice.result),
    )
