"""Every decision, written down durably before it is carried out; what undo and redo go by."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from newsdesk.workspace.journal_file import JournalFile, who
from newsdesk.workspace.sessions import RunningSession

# An entry is `doing` from before its first file changes until its last one has; a crash leaves
# it there, and the next start finishes it.
EntryState = Literal["doing", "done", "undoing", "undone", "redoing"]
# A change that could not be undone stays `done`, with the reason; one that could not be redone
# stays `undone`. `overtaken` is what an older version wrote instead.
ChangeState = Literal["pending", "done", "refused", "undone", "overtaken"]
Author = tuple[float, str]  # seconds since 1970, a name


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one file: its bytes before and after. `id` is 0 until it is written down.

    `author` says who decided an editorial state, and when, where that is somebody else's
    decision taken over; `author_before` the same of the value that was replaced. `content_key`
    is that of the article when its status was decided (see `index/schema.py`), else empty.
    """

    path: str
    field: str
    old: bytes
    new: bytes
    hash_before: str
    hash_after: str
    state: ChangeState = "pending"
    reason: str = ""
    id: int = 0
    author: Author | None = None
    author_before: Author | None = None
    content_key: str = ""  # in hexadecimal digits


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a person about one or many files; `at` is an aware UTC datetime.

    `session` and `host` are the run of newsdesk and the machine, empty where an older version
    wrote; `kind` and `payload` (JSON) are what a kind of decision needs beside its changes.
    """

    id: int
    at: datetime
    who: str
    verb: str
    state: EntryState
    changes: tuple[Change, ...]
    session: str = ""
    host: str = ""
    kind: str = ""
    payload: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it changes."""
        return frozenset(change.field for change in self.changes)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that can be undone or redone: is it of this session, or of which running one."""

    id: int
    is_own: bool
    running: RunningSession | None


class Journal(JournalFile):
    """The decisions about one collection, in a SQLite file of their own. See `JournalFile`."""

    # -- writing entries -------------------------------------------------------------------

    def begin(
        self, verb: str, changes: Iterable[Change], *, kind: str = "", payload: str = ""
    ) -> Entry:
        """Write down what is about to be done; durable on return.

        What this session, or one that has ended, undid before can no longer be redone.
        """
        changes = list(changes)
        others = json.dumps(list(self.session.others()))
        self.session.register()
        with self._reported(), self._transaction():
            self._connection.execute(
                "UPDATE entries SET redoable = 0 WHERE redoable "
                "AND undone_session NOT IN (SELECT value FROM json_each(?))",
                (others,),
            )
            (entry_id,) = self._connection.execute(
                "INSERT INTO entries (at, who, verb, state, session, host, kind, payload) "
                "VALUES (?, ?, ?, 'doing', ?, ?, ?, ?) RETURNING id",
                (time.time(), who(), verb, self.session.id, self.session.host, kind, payload),
            ).fetchone()
            self._connection.executemany(
                "INSERT INTO changes "
                "(entry_id, path, field, old, new, hash_before, hash_after, state, payload) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                [
                    (entry_id, c.path, c.field, c.old, c.new, c.hash_before, c.hash_after, payload)
                    for c, payload in self._with_authors(changes)
                ],
            )
        return self.entry(entry_id)

    def _with_authors(self, changes: list[Change]) -> Iterator[tuple[Change, str]]:
        """Yield changes with their payload: of which content, and whose value each replaces."""
        states = [change for change in changes if change.field.startswith("@") and change.old]
        found = self.editorial_states(paths=[change.path for change in states]) if states else ()
        authors = {(path, field): (at.timestamp(), person) for path, field, _, at, person in found}
        for change in changes:
            before = authors.get((change.path, change.field)) if change.old else None
            facts = {"before": before, "after": change.author, "content": change.content_key}
            kept = {name: fact for name, fact in facts.items() if fact}
            yield change, json.dumps(kept) if kept else ""

    def mark(self, entry: Entry, state: EntryState) -> None:
        """Set the state of an entry; durable on return."""
        with self._reported(), self._transaction():
            self._connection.execute("UPDATE entries SET state = ? WHERE id = ?", (state, entry.id))

    def finish(
        self,
        entry: Entry,
        goal: Literal["done", "undone"],
        outcomes: dict[int, tuple[ChangeState, str]],
    ) -> None:
        """Write down how far every change came on the way to `goal` (id -> state, reason).

        An entry of which anything is done stays `done`, so that the rest can be undone; it can
        be redone as far as it is undone. Not synced to the disk: after a power cut the files
        themselves say the same. Raises `NewsdeskError` if the journal was replaced meanwhile.
        """
        states = {change.id: change.state for change in entry.changes}
        states |= {id_: state for id_, (state, _) in outcomes.items()}
        is_undone = "undone" in states.values()
        now_undone = goal == "undone" and any(s == "undone" for s, _ in outcomes.values())
        state = "undone" if is_undone and "done" not in states.values() else "done"
        with self._unsynced():
            self._connection.executemany(
                "UPDATE changes SET state = ?, reason = ? WHERE id = ?",
                [(*outcome, id_) for id_, outcome in outcomes.items()],
            )
            self._connection.execute(
                "UPDATE entries SET state = ?1, undone_at = ?2, "
                "redoable = iif(?3, 1, redoable AND ?4), "
                "undone_session = iif(?3, ?5, undone_session) WHERE id = ?6",
                (
                    state,
                    time.time() if state == "undone" else None,
                    now_undone,
                    is_undone,
                    self.session.id,
                    entry.id,
                ),
            )
        self.refuse_if_replaced()

    # -- editorial states ------------------------------------------------------------------

    def editorial(self, path: str, field: str) -> bytes:
        """Return the editorial state of an article in a field, empty if there is none."""
        with self._reported():
            found = self._connection.execute(
                "SELECT value FROM standings WHERE path = ? AND field = ?", (path, field)
            ).fetchone()
        return bytes(found[0]) if found else b""

    def stand(self, change: Change, goal: Literal["done", "undone"]) -> None:
        """Write the editorial state of an article; an empty value takes the field away.

        Undo brings back who decided before, and when.
        """
        value = change.new if goal == "done" else change.old
        author = change.author if goal == "done" else change.author_before
        at, person = author or (time.time(), who())
        with self._unsynced():
            self._connection.execute(
                "DELETE FROM standings WHERE path = ? AND field = ?", (change.path, change.field)
            )
            if value:
                self._connection.execute(
                    "INSERT INTO standings VALUES (?, ?, ?, ?, ?)",
                    (change.path, change.field, value, at, person),
                )

    def editorial_states(
        self, *, field: str = "", paths: Iterable[str] | None = None
    ) -> Iterator[tuple[str, str, bytes, datetime, str]]:
        """Yield (path, field, value, since when, by whom), of one field or of some paths."""
        condition, parameters = "1", []
        if field:
            condition, parameters = "field = ?", [field]
        if paths is not None:
            condition += " AND path IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps(list(paths)))
        with self._reported():
            found = self._connection.execute(
                "SELECT path, field, value, at, who FROM standings "  # noqa: S608 - our own text
                f"WHERE {condition} ORDER BY path, field",
                parameters,
            ).fetchall()
        for path, name, value, at, person in found:
            yield path, name, bytes(value), datetime.fromtimestamp(at, UTC), person

    def published_since(self, moment: datetime) -> dict[str, datetime]:
        """Return path -> when it was published last, of what was not taken back since."""
        with self._reported():
            found = self._connection.execute(
                "SELECT path, at, max(entries.id) FROM changes JOIN entries "
                "ON entries.id = entry_id "
                "WHERE field = 'published' AND changes.state = 'done' "
                "AND lower(trim(CAST(new AS TEXT))) IN ('true', 'yes', 'on') "
                "AND at >= ? GROUP BY path",
                (moment.timestamp(),),
            ).fetchall()
        return {path: datetime.fromtimestamp(at, UTC) for path, at, _ in found}

    # -- reading entries -------------------------------------------------------------------

    def undoable(self) -> list[Candidate]:
        """Return the entries that can be undone, newest first."""
        return self._candidates(
            "session",
            "state = 'done' AND EXISTS "
            "(SELECT 1 FROM changes WHERE entry_id = entries.id AND changes.state = 'done') "
            "ORDER BY id DESC",
        )

    def redoable(self) -> list[Candidate]:
        """Return the entries that can be redone, the one that was undone last first."""
        return self._candidates(
            "undone_session",
            "redoable AND state IN ('done', 'undone') ORDER BY sequence DESC",
        )

    def _candidates(self, session: str, condition: str) -> list[Candidate]:
        others = self.session.others()
        with self._reported():
            found = self._connection.execute(
                f"SELECT id, {session} FROM entries WHERE {condition}"  # noqa: S608 - our own text
            ).fetchall()
        return [Candidate(id_, name == self.session.id, others.get(name)) for id_, name in found]

    def interrupted(self) -> list[Entry]:
        """Return the entries that a crash left half done, oldest first."""
        with self._reported():
            ids = self._connection.execute(
                "SELECT id FROM entries WHERE state IN ('doing', 'undoing', 'redoing') ORDER BY id"
            ).fetchall()
        return [self.entry(id_) for (id_,) in ids]

    def entries(self, limit: int = 50) -> list[Entry]:
        """Return the newest entries, newest first."""
        with self._reported():
            ids = self._connection.execute(
                "SELECT id FROM entries ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [self.entry(id_) for (id_,) in ids]

    def changes_of(self, path: str) -> list[Change]:
        """Return what was changed in one file, the newest change first."""
        with self._reported():
            found = self._connection.execute(
                "SELECT path, field, old, new, hash_before, hash_after FROM changes "
                "WHERE path = ? AND substr(field, 1, 1) <> '@' ORDER BY id DESC",
                (path,),
            ).fetchall()
        return [Change(*facts) for facts in found]

    def entry(self, id_: int) -> Entry:
        """Return an entry that is there."""
        with self._reported():
            at, *facts = self._connection.execute(
                "SELECT at, who, verb, state, session, host, kind, payload "
                "FROM entries WHERE id = ?",
                (id_,),
            ).fetchone()
            changes = self._connection.execute(
                "SELECT path, field, old, new, hash_before, hash_after, state, reason, id, payload "
                "FROM changes WHERE entry_id = ? ORDER BY id",
                (id_,),
            ).fetchall()
        who_, verb, state, session, host, kind, payload = facts
        return Entry(
            id_,
            datetime.fromtimestamp(at, UTC),
            who_,
            verb,
            state,
            tuple(_change(row[:-1], row[-1]) for row in changes),
            session,
            host,
            kind,
            payload,
        )


def _change(facts: tuple[Any, ...], payload: str) -> Change:
    change = Change(*facts)
    try:
        told = json.loads(payload or "{}")
        after, before = _author(told.get("after")), _author(told.get("before"))
        content = str(told.get("content", ""))
    except (ValueError, AttributeError):  # of a later version
        return change
    return replace(change, author=after, author_before=before, content_key=content)


def _author(told: object) -> Author | None:
    match told:
        case [float() | int() as at, str(person)]:
            return float(at), person
    return None
