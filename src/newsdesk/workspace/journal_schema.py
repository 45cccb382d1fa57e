"""The tables of the journal, and the columns that were added to the first version of them.

A journal keeps `user_version` 1: everything that was added has a default, and SQLite fills
`sequence` in by triggers, so that an older newsdesk opens the file, writes to it and undoes
what it finds there.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA_VERSION = 1
OTHER_TABLES = "it holds other tables than a journal's"

_FIRST_VERSION = (
    """CREATE TABLE entries (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,               -- seconds since 1970, to be shown; never to order by
      who TEXT NOT NULL,
      verb TEXT NOT NULL,             -- publish, unpublish, reject
      state TEXT NOT NULL,
      undone_at REAL,                 -- an older newsdesk orders by it
      redoable INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE changes (
      id INTEGER PRIMARY KEY,
      entry_id INTEGER NOT NULL REFERENCES entries,
      path TEXT NOT NULL, field TEXT NOT NULL,
      old BLOB NOT NULL, new BLOB NOT NULL,   -- the bytes of the value; empty old: a line was added
      hash_before TEXT NOT NULL, hash_after TEXT NOT NULL,
      state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX changes_by_entry ON changes (entry_id)",
    # The editorial state of articles; see standing.py for the fields. Nothing can be added to
    # it: an older newsdesk inserts without naming the columns.
    """CREATE TABLE standings (
      path TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL,
      at REAL NOT NULL, who TEXT NOT NULL,
      PRIMARY KEY (path, field)
    ) WITHOUT ROWID""",
)
_ADDED = (
    # The order of what happened to entries: set when one is begun and when its state changes.
    "ALTER TABLE entries ADD COLUMN sequence INTEGER",
    # The run of newsdesk that decided, and its machine; empty where an older version wrote.
    "ALTER TABLE entries ADD COLUMN session TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN host TEXT NOT NULL DEFAULT ''",
    # What the entry is about, and what only this kind needs, as JSON; both may be empty.
    "ALTER TABLE entries ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN payload TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entries ADD COLUMN undone_session TEXT NOT NULL DEFAULT ''",
    # The same for one change: an empty kind is a value of a field, or an editorial state.
    "ALTER TABLE changes ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE changes ADD COLUMN payload TEXT NOT NULL DEFAULT ''",
    # The first version undid the newest entry first, so what it undid last has the smallest id.
    """UPDATE entries SET sequence = (
      SELECT place FROM (
        SELECT id AS entry,
               row_number() OVER (ORDER BY state = 'undone',
                                           iif(state = 'undone', -id, id)) AS place
        FROM entries) WHERE entry = entries.id)""",
    "CREATE INDEX entries_by_sequence ON entries (sequence)",
    """CREATE TRIGGER entry_begun AFTER INSERT ON entries BEGIN
      UPDATE entries SET sequence =
        (SELECT coalesce(max(sequence), 0) + 1 FROM entries) WHERE id = NEW.id;
    END""",
    """CREATE TRIGGER entry_moved AFTER UPDATE OF state ON entries BEGIN
      UPDATE entries SET sequence =
        (SELECT coalesce(max(sequence), 0) + 1 FROM entries) WHERE id = NEW.id;
    END""",
)


def create(path: Path) -> None:
    """Make a journal under another name, then put it in place whole.

    So a file of 0 bytes is never a journal that was about to be made. Raises what SQLite and
    the system raise.
    """
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            fill(connection)
            connection.execute("COMMIT")
        temporary.rename(path)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(f"{temporary.name}{suffix}").unlink(missing_ok=True)


def fill(connection: sqlite3.Connection) -> None:
    """Make all tables, in the transaction that the caller has open.

    Raises `DatabaseError` if there are any.
    """
    if _tables(connection):
        raise sqlite3.DatabaseError(OTHER_TABLES)
    for statement in (*_FIRST_VERSION, *_ADDED):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def is_current(connection: sqlite3.Connection) -> bool:
    """Return whether all that was added is there; raises `DatabaseError` for other tables."""
    if not {"entries", "changes"} <= _tables(connection):
        raise sqlite3.DatabaseError(OTHER_TABLES)
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(entries)")}
    return "sequence" in columns


def migrate(connection: sqlite3.Connection) -> None:
    """Add what is missing, in the transaction that the caller has open."""
    for statement in _ADDED:
        connection.execute(statement)


def _tables(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in found}
