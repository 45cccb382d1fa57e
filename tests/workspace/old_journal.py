"""Make the journal that the first version of newsdesk left behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_SCHEMA = """
CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL,
  state TEXT NOT NULL, undone_at REAL, redoable INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE changes (
  id INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL REFERENCES entries,
  path TEXT NOT NULL, field TEXT NOT NULL, old BLOB NOT NULL, new BLOB NOT NULL,
  hash_before TEXT NOT NULL, hash_after TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX changes_by_entry ON changes (entry_id);
CREATE TABLE standings (
  path TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL,
  at REAL NOT NULL, who TEXT NOT NULL, PRIMARY KEY (path, field)
) WITHOUT ROWID;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""
_BEGIN = "INSERT INTO entries (at, who, verb, state) VALUES (?, 'ana', ?, 'doing') RETURNING id"
_CHANGE = (
    "INSERT INTO changes (entry_id, path, field, old, new, hash_before, hash_after, state) "
    "VALUES (?, ?, ?, ?, ?, '', '', 'done')"
)
_STATE = "UPDATE entries SET state = ?, undone_at = ?, redoable = ? WHERE id = ?"


def make_journal(path: Path) -> None:
    """Make an empty journal of the first version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_SCHEMA)


def decide(path: Path, verb: str, article: str, field: str, old: bytes, new: bytes) -> int:
    """Write a decision down as the first version does; return the entry's id."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (id_,) = connection.execute(_BEGIN, (1_600_000_000.0, verb)).fetchone()
        connection.execute(_CHANGE, (id_, article, field, old, new))
        if field.startswith("@"):
            row = (article, field, new, 1_600_000_000.0, "ana")
            connection.execute("INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?)", row)
        connection.execute(_STATE, ("done", None, 0, id_))
    return int(id_)


def undo(path: Path, id_: int, *, at: float) -> None:
    """Write an undo down as the first version does, at a moment of its clock."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entries SET state = 'undoing' WHERE id = ?", (id_,))
        connection.execute("UPDATE changes SET state = 'undone' WHERE entry_id = ?", (id_,))
        connection.execute(_STATE, ("undone", at, 1, id_))
