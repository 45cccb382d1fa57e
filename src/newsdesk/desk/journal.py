"""Every decision, written down durably before it is carried out; what undo and redo go by."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from newsdesk.errors import NewsdeskError

SCHEMA_VERSION = 1
_LOCK_PATIENCE = 10.0  # seconds another newsdesk may take over its write

# An entry is `doing` from before its first file changes until its last one has; a crash leaves
# it there, and the next start finishes it.
EntryState = Literal["doing", "done", "undoing", "undone", "redoing"]
# `overtaken`: somebody else changed the field since, so undo leaves it to them.
ChangeState = Literal["pending", "done", "refused", "undone", "overtaken"]

_SCHEMA = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,               -- seconds since 1970
  who TEXT NOT NULL,
  verb TEXT NOT NULL,             -- publish, unpublish
  state TEXT NOT NULL,
  undone_at REAL,
  redoable INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE changes (
  id INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL REFERENCES entries,
  path TEXT NOT NULL, field TEXT NOT NULL,
  old BLOB NOT NULL, new BLOB NOT NULL,   -- the bytes of the value; empty old: a line was added
  hash_before TEXT NOT NULL, hash_after TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX changes_by_entry ON changes (entry_id);
-- What stands about an article beside its file; see standing.py for the fields.
CREATE TABLE standings (
  path TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL,
  at REAL NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (path, field)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one file: its bytes before and after. `id` is 0 until it is written down."""

    path: str
    field: str
    old: bytes
    new: bytes
    hash_before: str
    hash_after: str
    state: ChangeState = "pending"
    reason: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision of a person about one or many files; `at` is an aware UTC datetime."""

    id: int
    at: datetime
    who: str
    verb: str
    state: EntryState
    changes: tuple[Change, ...]


class Journal:
    """The decisions about one collection, in a SQLite file of their own.

    Raises `NewsdeskError` if the file is no journal: it is never replaced, since it is the
    only place where decisions stand.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            self._open()
        except (OSError, sqlite3.OperationalError) as error:
            raise NewsdeskError(
                f"The journal of decisions cannot be opened: {path}: {error}.",
                "Nothing is changed without it. Check the folder's permissions and space.",
            ) from error
        except sqlite3.DatabaseError as error:
            raise NewsdeskError(
                f"The journal of decisions is damaged: {path}: {error}.",
                "Move it aside to begin a new one; it is kept for you to recover.",
            ) from error

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=10
        )
        try:
            self._connection.execute("PRAGMA synchronous = FULL")
            self._prepare()
            if self._connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                with self.exclusively():
                    self._connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            with self.exclusively(), self._transaction():
                if self._connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                    if self._tables():
                        raise sqlite3.DatabaseError("it holds other tables than a journal's")
                    for statement in _SCHEMA.split(";\n"):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version > SCHEMA_VERSION:
            raise NewsdeskError(
                f"The journal {self.path} was written by a newer newsdesk.",
                "Update newsdesk; nothing is changed until then.",
            )
        if not {"entries", "changes"} <= self._tables():
            raise sqlite3.DatabaseError("it holds other tables than a journal's")

    def _tables(self) -> set[str]:
        found = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in found}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the right to write to the collection against every other newsdesk.

        The lock is the system's and dies with its holder; the file's existence means nothing.
        Raises `NewsdeskError` if another newsdesk does not finish within ten seconds, or if
        the lock cannot be had at all.
        """
        with self._lock:
            lock = self.path.with_suffix(".lock")
            try:
                handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            except OSError as error:
                raise _cannot_write(lock, error) from error
            try:
                self._wait_for(handle)
                yield
            finally:
                os.close(handle)

    def _wait_for(self, handle: int) -> None:
        deadline = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    holder = os.pread(handle, 100, 0).decode("utf-8", "replace").strip()
                    raise NewsdeskError(
                        f"Another newsdesk is writing to this collection ({holder}).",
                        "Wait for it, or close it.",
                    ) from None
                time.sleep(0.01)
            except OSError as error:  # a file system without locks
                raise _cannot_write(self.path.with_suffix(".lock"), error) from error
            else:
                with suppress(OSError):  # a full disk; the lock holds without a name on it
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, f"process {os.getpid()}, {who()}\n".encode(), 0)
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Hold the connection; turn SQLite's complaints into `NewsdeskError`."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise _cannot_write(self.path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def begin(self, verb: str, changes: Iterable[Change]) -> Entry:
        """Write down what is about to be done; durable on return. What was undone before can
        no longer be redone."""
        now = time.time()
        with self._told(), self._transaction():
            self._connection.execute("UPDATE entries SET redoable = 0 WHERE redoable")
            (entry_id,) = self._connection.execute(
                "INSERT INTO entries (at, who, verb, state) VALUES (?, ?, ?, 'doing') RETURNING id",
                (now, who(), verb),
            ).fetchone()
            self._connection.executemany(
                "INSERT INTO changes "
                "(entry_id, path, field, old, new, hash_before, hash_after, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'pending')",
                [
                    (entry_id, c.path, c.field, c.old, c.new, c.hash_before, c.hash_after)
                    for c in changes
                ],
            )
        return self._entry(entry_id)

    def mark(self, entry: Entry, state: EntryState) -> None:
        """Set the state of an entry; durable on return."""
        with self._told(), self._transaction():
            self._connection.execute(
                "UPDATE entries SET state = ?, undone_at = ?, redoable = ? WHERE id = ?",
                (
                    state,
                    time.time() if state == "undone" else None,
                    state == "undone",
                    entry.id,
                ),
            )

    def finish(
        self, entry: Entry, state: EntryState, outcomes: dict[int, tuple[ChangeState, str]]
    ) -> None:
        """Set the state of an entry and of its changes (id -> state, reason).

        Not synced to the disk: after a power cut the files themselves tell the same.
        """
        with self._told():
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._transaction():
                    self._connection.executemany(
                        "UPDATE changes SET state = ?, reason = ? WHERE id = ?",
                        [(*outcome, id_) for id_, outcome in outcomes.items()],
                    )
                    self._connection.execute(
                        "UPDATE entries SET state = ?, undone_at = ?, redoable = ? WHERE id = ?",
                        (
                            state,
                            time.time() if state == "undone" else None,
                            state == "undone",
                            entry.id,
                        ),
                    )
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")

    def standing(self, path: str, field: str) -> bytes:
        """Return what stands about an article in a field, empty if nothing does."""
        with self._told():
            found = self._connection.execute(
                "SELECT value FROM standings WHERE path = ? AND field = ?", (path, field)
            ).fetchone()
        return bytes(found[0]) if found else b""

    def stand(self, values: Iterable[tuple[str, str, bytes]]) -> None:
        """Let values stand, as (path, field, value); an empty value takes the field away."""
        now, person = time.time(), who()
        with self._told(), self._transaction():
            for path, field, value in values:
                self._connection.execute(
                    "DELETE FROM standings WHERE path = ? AND field = ?", (path, field)
                )
                if value:
                    self._connection.execute(
                        "INSERT INTO standings VALUES (?, ?, ?, ?, ?)",
                        (path, field, value, now, person),
                    )

    def standings(
        self, *, field: str = "", paths: Iterable[str] | None = None
    ) -> Iterator[tuple[str, str, bytes, datetime, str]]:
        """Yield (path, field, value, since when, by whom), of one field or of some paths."""
        condition, parameters = "1", []
        if field:
            condition, parameters = "field = ?", [field]
        if paths is not None:
            condition += " AND path IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps(list(paths)))
        with self._told():
            found = self._connection.execute(
                "SELECT path, field, value, at, who FROM standings "  # noqa: S608 - our own text
                f"WHERE {condition} ORDER BY path, field",
                parameters,
            ).fetchall()
        for path, name, value, at, person in found:
            yield path, name, bytes(value), datetime.fromtimestamp(at, UTC), person

    def published_since(self, moment: datetime) -> dict[str, datetime]:
        """Return path -> when it was published last, of what was not taken back since."""
        with self._told():
            found = self._connection.execute(
                "SELECT path, max(at) FROM changes JOIN entries ON entries.id = entry_id "
                "WHERE field = 'published' AND changes.state = 'done' "
                "AND lower(trim(CAST(new AS TEXT))) IN ('true', 'yes', 'on') "
                "AND at >= ? GROUP BY path",
                (moment.timestamp(),),
            ).fetchall()
        return {path: datetime.fromtimestamp(at, UTC) for path, at in found}

    def version(self) -> tuple[int, int]:
        """Return what is another one as soon as anybody, here or elsewhere, has written."""
        with self._told():
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            # What this connection writes itself does not count as a new version of the data.
            return version, self._connection.total_changes

    def undoable(self) -> Entry | None:
        """Return the newest entry that still changes something and is not undone."""
        return self._first(
            "state = 'done' AND id IN (SELECT entry_id FROM changes WHERE state = 'done') "
            "ORDER BY id DESC"
        )

    def redoable(self) -> Entry | None:
        """Return the entry that was undone last, unless something new was done since."""
        return self._first("state = 'undone' AND redoable ORDER BY undone_at DESC, id")

    def interrupted(self) -> list[Entry]:
        """Return the entries that a crash left half done, oldest first."""
        with self._told():
            ids = self._connection.execute(
                "SELECT id FROM entries WHERE state IN ('doing', 'undoing', 'redoing') ORDER BY id"
            ).fetchall()
        return [self._entry(id_) for (id_,) in ids]

    def entries(self, limit: int = 50) -> list[Entry]:
        """Return the newest entries, newest first."""
        with self._told():
            ids = self._connection.execute(
                "SELECT id FROM entries ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
        return [self._entry(id_) for (id_,) in ids]

    def _first(self, condition: str) -> Entry | None:
        with self._told():
            found = self._connection.execute(
                f"SELECT id FROM entries WHERE {condition} LIMIT 1"  # noqa: S608 - our own text
            ).fetchone()
        return self._entry(found[0]) if found else None

    def _entry(self, id_: int) -> Entry:
        with self._told():
            at, who_, verb, state = self._connection.execute(
                "SELECT at, who, verb, state FROM entries WHERE id = ?", (id_,)
            ).fetchone()
            changes = self._connection.execute(
                "SELECT path, field, old, new, hash_before, hash_after, state, reason, id "
                "FROM changes WHERE entry_id = ? ORDER BY id",
                (id_,),
            ).fetchall()
        return Entry(
            id_,
            datetime.fromtimestamp(at, UTC),
            who_,
            verb,
            state,
            tuple(Change(*values) for values in changes),
        )


def _cannot_write(path: Path, error: Exception) -> NewsdeskError:
    return NewsdeskError(
        f"The journal of decisions cannot be used: {path}: {error}.",
        "No further file is changed. Check the folder's permissions and space.",
    )


def who() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
