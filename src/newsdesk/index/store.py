"""The index as a SQLite file: rows by id, ids in order, always disposable."""

from __future__ import annotations

import functools
import json
import os
import sqlite3
import tempfile
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from newsdesk.collection.addresses import canonical
from newsdesk.collection.article import Status
from newsdesk.collection.files import Fingerprint
from newsdesk.errors import NewsdeskError
from newsdesk.index import sql
from newsdesk.index.query import DEFAULT_ORDER, Condition, Query
from newsdesk.index.schema import (
    APPLICATION_ID,
    COLUMNS,
    OWN_ADDRESS,
    RELATED_ADDRESS,
    ROW_COLUMNS,
    SCHEMA,
    SCHEMA_VERSION,
    STATUS_OF_CODE,
    Record,
    Row,
    row_from,
)
from newsdesk.text import folded

P = ParamSpec("P")
T = TypeVar("T")

_UPSERT = (
    f"INSERT INTO articles ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "  # noqa: S608 - only our own names
    f"ON CONFLICT (path) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in COLUMNS[1:])} "
    "RETURNING id"
)
_ROWS = f"SELECT {ROW_COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
_NO_MEMBERS: Callable[[str], Iterable[int]] = lambda name: ()  # noqa: E731


class IndexDamaged(NewsdeskError):
    """The index file is corrupt, foreign or of another version; it has to be rebuilt."""


def _damage_is_told(function: Callable[P, T]) -> Callable[P, T]:
    """Turn SQLite's complaints about a broken file into `IndexDamaged`."""

    @functools.wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            raise IndexDamaged(f"The index is damaged ({error}).", "It is rebuilt.") from error

    return told


class Store:
    """One collection's index. Every thread reads through a connection of its own.

    Pass the path of the SQLite file; a file that cannot be used is replaced, one that cannot
    be written (a read-only or full disk) is stood in for by a temporary one, and `notice`
    says so in a sentence.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        self._threads = threading.local()
        self._writing = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._generation = 0
        self._open()

    def _open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()
        except (OSError, sqlite3.OperationalError) as error:
            self._temporary = tempfile.TemporaryDirectory(prefix="newsdesk-")
            self.notice = (
                f"The index cannot be kept in {self.path.parent} ({error}); "
                "it is made anew at every start."
            )
            self.path = Path(self._temporary.name) / "index.db"
            self._prepare()

    def _prepare(self) -> None:
        try:
            is_new = not self.path.exists() or self.path.stat().st_size == 0
            if is_new or self._usable():
                if is_new:
                    self._create()
                return
            self.notice = "The index was made by another version of newsdesk; it is rebuilt."
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self.notice = "The index was damaged; it is rebuilt."
        self._remove_files()
        self._create()

    def _usable(self) -> bool:
        connection = self._connection()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT id, path FROM articles LIMIT 1").fetchone()
        return bool(application == APPLICATION_ID and version == SCHEMA_VERSION)

    def _create(self) -> None:
        connection = self._connection()
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(
            f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )

    def _remove_files(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(f"{self.path}{suffix}")

    def reset(self) -> None:
        """Throw everything away and begin with an empty index."""
        with self._writing:
            self._remove_files()
            self._create()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._generation += 1
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _connection(self) -> sqlite3.Connection:
        local = self._threads
        if getattr(local, "generation", None) != self._generation:
            # Closed from another thread by `close`, used only by the thread that made it.
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=10
            )
            connection.execute("PRAGMA synchronous = OFF")  # a cache: a lost one is rebuilt
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA cache_size = -8000")
            sql.register_functions(connection)
            self._connections.append(connection)
            local.connection = connection
            local.generation = self._generation
        current: sqlite3.Connection = local.connection
        return current

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @_damage_is_told
    def apply(self, records: Iterable[Record], removed: Iterable[str] = ()) -> list[int]:
        """Write records and drop removed paths in one transaction; return the records' ids."""
        ids = []
        with self._transaction() as connection:
            for path in removed:
                self._drop(connection, path)
            for record in records:
                (id_,) = connection.execute(_UPSERT, record.values).fetchone()
                ids.append(id_)
                self._attach(connection, id_, record)
        return ids

    def _drop(self, connection: sqlite3.Connection, path: str) -> None:
        found = connection.execute("SELECT id FROM articles WHERE path = ?", (path,)).fetchone()
        if found:
            connection.execute("DELETE FROM article_topics WHERE article_id = ?", found)
            connection.execute("DELETE FROM addresses WHERE article_id = ?", found)
            connection.execute("DELETE FROM articles WHERE id = ?", found)

    def _attach(self, connection: sqlite3.Connection, id_: int, record: Record) -> None:
        connection.execute("DELETE FROM article_topics WHERE article_id = ?", (id_,))
        connection.execute("DELETE FROM addresses WHERE article_id = ?", (id_,))
        for name in record.topics:
            connection.execute(
                "INSERT OR IGNORE INTO topics (name, folded) VALUES (?, ?)", (name, folded(name))
            )
            connection.execute(
                "INSERT OR IGNORE INTO article_topics SELECT id, ? FROM topics WHERE name = ?",
                (id_, name),
            )
        connection.executemany(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?)",
            [(address, kind, id_) for address, kind in record.addresses],
        )

    # -- reading ---------------------------------------------------------------------------

    @_damage_is_told
    def fingerprints(self) -> dict[str, tuple[int, Fingerprint, int]]:
        """Return path -> (id, fingerprint of its file, clock in ns when it was read)."""
        return {
            path: (id_, Fingerprint(size, mtime, ctime, inode), read_at)
            for id_, path, size, mtime, ctime, inode, read_at in self._connection().execute(
                "SELECT id, path, size, mtime_ns, ctime_ns, inode, read_at_ns FROM articles"
            )
        }

    @_damage_is_told
    def search(
        self,
        query: Query,
        *,
        typing: bool = False,
        now: datetime | None = None,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> array[int]:
        """Return the ids that match, in order.

        With `typing` the last word matches as a prefix. `members` gives the ids of a named set
        that the index does not know, such as `is:later`.
        """
        clause = self._where(query.condition, typing, now, members)
        order = sql.order_by(query.order or DEFAULT_ORDER)
        statement = f"SELECT id FROM articles WHERE {clause.sql} ORDER BY {order}"  # noqa: S608
        cursor = self._connection().execute(statement, clause.parameters)
        ids = array("q")
        while chunk := cursor.fetchmany(10_000):
            ids.extend(id_ for (id_,) in chunk)
        return ids

    @_damage_is_told
    def count(
        self,
        query: Query,
        *,
        typing: bool = False,
        now: datetime | None = None,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> int:
        """Return how many articles match."""
        clause = self._where(query.condition, typing, now, members)
        statement = f"SELECT count(*) FROM articles WHERE {clause.sql}"  # noqa: S608
        (number,) = self._connection().execute(statement, clause.parameters).fetchone()
        return int(number)

    def _where(
        self,
        condition: Condition | None,
        typing: bool,
        now: datetime | None,
        members: Callable[[str], Iterable[int]],
    ) -> sql.Clause:
        return sql.where(
            condition,
            now=now or datetime.now(UTC),
            last_word_is_prefix=typing,
            members=members,
        )

    @_damage_is_told
    def rows(self, ids: Sequence[int]) -> dict[int, Row]:
        """Return id -> row for those ids that exist."""
        cursor = self._connection().execute(_ROWS, (json.dumps(list(ids)),))
        return {values[0]: row_from(values) for values in cursor}

    @_damage_is_told
    def ids_of(self, paths: Iterable[str]) -> dict[str, int]:
        """Return path -> id for those paths that are articles here."""
        cursor = self._connection().execute(
            "SELECT path, id FROM articles WHERE path IN (SELECT value FROM json_each(?))",
            (json.dumps(list(paths)),),
        )
        return dict(cursor)

    @_damage_is_told
    def topic_counts(
        self,
        query: Query,
        *,
        typing: bool = False,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> list[tuple[str, int]]:
        """Return (topic, number of matching articles), every topic, most frequent first."""
        clause = self._where(query.condition, typing, None, members)
        cursor = self._connection().execute(
            "SELECT name, count(matching.id) AS number FROM topics "  # noqa: S608
            "JOIN article_topics ON topic_id = topics.id "
            f"LEFT JOIN (SELECT id FROM articles WHERE {clause.sql}) AS matching "
            "ON matching.id = article_id "
            "GROUP BY topics.id ORDER BY number DESC, name",
            clause.parameters,
        )
        return list(cursor)

    @_damage_is_told
    def values_of(self, column: str, limit: int = 200) -> list[tuple[str, int]]:
        """Return (value, number of articles) of provider, domain, type or category."""
        if column not in ("provider", "domain", "type", "category"):
            raise ValueError(column)
        cursor = self._connection().execute(
            f"SELECT {column}, count(*) AS number FROM articles WHERE {column} <> '' "  # noqa: S608
            f"GROUP BY {column} ORDER BY number DESC, {column} LIMIT ?",
            (limit,),
        )
        return list(cursor)

    @_damage_is_told
    def status_counts(self) -> dict[Status, int]:
        """Return how many articles have each status."""
        counts: dict[Status, int] = dict.fromkeys(Status, 0)
        for code, number in self._connection().execute(
            "SELECT status, count(*) FROM articles GROUP BY status"
        ):
            counts[STATUS_OF_CODE[code]] = number
        return counts

    @_damage_is_told
    def paths_of_addresses(self, urls: Iterable[str]) -> dict[str, str]:
        """Return url -> path of an article here that has this page as its own address."""
        keys = {url: canonical(url) for url in urls}
        cursor = self._connection().execute(
            "SELECT address, min(path) FROM addresses JOIN articles ON id = article_id "
            "WHERE kind = ? AND address IN (SELECT value FROM json_each(?)) GROUP BY address",
            (OWN_ADDRESS, json.dumps([key for key in keys.values() if key])),
        )
        path_of: dict[str, str] = dict(cursor)
        return {url: path_of[key] for url, key in keys.items() if key in path_of}

    @_damage_is_told
    def pointing_at(self, urls: Iterable[str], limit: int = 50) -> list[int]:
        """Return ids of articles whose related entries name one of these pages."""
        keys = [key for url in urls if (key := canonical(url))]
        cursor = self._connection().execute(
            "SELECT DISTINCT article_id FROM addresses "
            "WHERE kind = ? AND address IN (SELECT value FROM json_each(?)) "
            "ORDER BY article_id LIMIT ?",
            (RELATED_ADDRESS, json.dumps(keys), limit),
        )
        return [id_ for (id_,) in cursor]
