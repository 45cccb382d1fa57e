"""The index as a SQLite file: rows by id, ids in order, always disposable."""

from __future__ import annotations

import functools
import json
import os
import re
import sqlite3
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, TypeVar

from newsdesk.collection.article import Status
from newsdesk.collection.files import Fingerprint
from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.index.query import sql
from newsdesk.index.query.ast import Condition, Query, SortKey
from newsdesk.index.schema import (
    APPLICATION_ID,
    COLUMNS,
    IS_LIVE,
    LATE_SCHEMA,
    LISTED_URL,
    OWN_URL,
    ROW_COLUMNS,
    SCHEMA,
    SCHEMA_VERSION,
    STATUS_OF_CODE,
    Record,
    Row,
    page_key,
    row_from,
)
from newsdesk.index.search import Kept, Search
from newsdesk.text import comparison_key

if TYPE_CHECKING:
    from newsdesk.index.stats import Statistics
    from newsdesk.private_folder import PrivateFolder

P = ParamSpec("P")
T = TypeVar("T")

_INSERT = (
    f"INSERT INTO articles (id, {', '.join(COLUMNS)}) VALUES (?, {', '.join('?' * len(COLUMNS))})"  # noqa: S608 - only our own names
)
_UPDATE = f"UPDATE articles SET {', '.join(f'{c} = ?' for c in COLUMNS[1:])} WHERE id = ?"  # noqa: S608
_IDS_OF_PATHS = "SELECT path, id FROM articles WHERE path IN (SELECT value FROM json_each(?))"
_HELD = f"SELECT {', '.join(COLUMNS)} FROM articles WHERE path = ?"  # noqa: S608
_ROWS = f"SELECT {ROW_COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
_ROWS_AT = f"SELECT {ROW_COLUMNS} FROM articles WHERE path IN (SELECT value FROM json_each(?))"  # noqa: S608
# For a thread that fills the index, which touches pages all over it: 32 MB of them are kept, and
# go from the log into the file less often. A fifth of the writing is saved.
_MUCH_MEMORY = ("PRAGMA cache_size = -32000", "PRAGMA wal_autocheckpoint = 8000")
_USUAL_MEMORY = (
    "PRAGMA cache_size = -2000",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA wal_checkpoint",  # or the next decision would do it, and wait
)
# A file that was written just before it was read may be written again within the same tick of
# the file system's clock, and look unchanged.
CLOCK_TICK_NS = 2_000_000_000
# The full text first: the table that it is made of may not go before it.
_TABLE_NAMES = sorted(re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", SCHEMA), key="words".__ne__)
_FEW = 2_000  # articles: sorting so many is as fast as reading their order
_PATIENCE = 10  # seconds that another newsdesk has to finish what it writes
_LONGEST_USE = 2.0  # seconds that a thread may need to let its connection go
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# What SQLite says to a broken file, and what its values do to us when they are not ours.
_DAMAGE = (sqlite3.DatabaseError, ValueError, TypeError, ArithmeticError, LookupError, OSError)
_NO_MEMBERS: Callable[[str], Iterable[int]] = lambda name: ()  # noqa: E731


# Path, size, mtime in ns, ctime in ns, inode, and the clock in ns when it was read: a bare tuple,
# for a refresh makes one per article of the collection.
IndexedFile: TypeAlias = tuple[str, int, int, int, int, int]


class IndexDamaged(NewsdeskError):
    """The index file is corrupt, foreign or of another version; it has to be rebuilt."""


def _damage_is_told(
    function: Callable[Concatenate[Store, P], T],
) -> Callable[Concatenate[Store, P], T]:
    """Turn SQLite's complaints about a broken file into `IndexDamaged`."""

    @functools.wraps(function)
    def told(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with store.in_use(), _damage_told():
            return function(store, *args, **kwargs)

    return told


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except UnicodeEncodeError as error:
        raise UsageError("This text holds half a character.", "Type it anew.") from error
    except _DAMAGE as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise NewsdeskError(
                "Another newsdesk is at work on the index.", "Try again in a moment."
            ) from error
        raise IndexDamaged(f"The index is damaged ({error}).", "It is rebuilt.") from error


if TYPE_CHECKING:
    _Ids = array[int]
else:
    _Ids = array  # which Python 3.11 does not let be written with its items


class FoundIds(_Ids):
    """Ids of articles in order, and the generation of the index that they belong to."""

    generation = 0

    @classmethod
    def of(cls, ids: Iterable[int], generation: int) -> FoundIds:
        """Return a copy of ids that belong to a generation."""
        found = cls("I", ids)
        found.generation = generation
        return found

    def first(self, number: int | None) -> FoundIds:
        """Return the first of them, or all."""
        return self if number is None else FoundIds.of(self[:number], self.generation)


class IndexReplaced(NewsdeskError):
    """The index was made anew since ids were read from it; they may mean other articles."""

    def __init__(self) -> None:
        super().__init__("The index was rebuilt meanwhile.", "Try again.")


@dataclass(frozen=True, slots=True, eq=False)
class _Connected:
    """A thread's connection, and the lock that the thread holds while it uses it."""

    connection: sqlite3.Connection
    lock: threading.RLock
    closed: threading.Event = field(default_factory=threading.Event)

    def close(self) -> bool:
        """Close it, unless another thread uses it: SQLite's module would not survive that."""
        if not self.lock.acquire(blocking=False):
            return False
        with suppress(sqlite3.Error):
            self.connection.close()
        self.closed.set()
        self.lock.release()
        return True


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one that took its place; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Store:
    """One collection's index. Every thread reads through a connection of its own.

    Pass the path of the SQLite file; a file that cannot be used is replaced, one that cannot
    be written (a read-only or full disk) is stood in for by a temporary one, and `notice`
    says so in a sentence. One that is not ours (`is_ours`) is never replaced: `IndexDamaged` is
    raised instead.
    """

    def __init__(self, path: Path, *, is_ours: bool = True) -> None:
        self.path = path
        self._is_ours = is_ours
        self.notice = ""
        self._threads = threading.local()
        self._writing = threading.Lock()
        self._opening = threading.RLock()  # nobody opens a file that is just being replaced
        self._connections: list[_Connected] = []
        self._temporary: PrivateFolder | None = None
        self._generation = 0
        self._is_closed = False
        self._kept = Kept()
        self._open()

    def _open(self, *, anew: bool = False) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if anew:
                self._remove_files()
            self._prepare()
        except (OSError, sqlite3.OperationalError) as error:
            self._disconnect()
            if self._temporary is not None or not self._is_ours:
                raise NewsdeskError(f"There is no room for an index: {error}.") from error
            from newsdesk.private_folder import PrivateFolder

            self._temporary = PrivateFolder()
            self.notice = (
                f"The index cannot be kept in {self.path.parent} ({error}); "
                "it is made anew at every start."
            )
            self.path = self._temporary.path / "index.db"
            self._prepare()

    def _prepare(self) -> None:
        try:
            if self._is_ours and self._has_no_tables():
                self._create()
            if self._usable():
                return
            self.notice = "The index was made by another version of newsdesk; it is rebuilt."
        except (sqlite3.DatabaseError, UnicodeError) as error:  # a complaint may quote any bytes
            # A file that cannot be opened, read or written is no better when made anew.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
                raise
            self.notice = "The index was damaged; it is rebuilt."
        if not self._is_ours:
            self._disconnect()
            raise IndexDamaged(self.notice)
        self._remove_files()
        self._create()

    def _has_no_tables(self) -> bool:
        (tables,) = self._connection().execute("SELECT count(*) FROM sqlite_master").fetchone()
        return bool(tables == 0)

    def _usable(self) -> bool:
        connection = self._connection()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID or version != SCHEMA_VERSION:
            return False
        connection.execute("SELECT id, path FROM articles LIMIT 1").fetchone()
        connection.execute("BEGIN IMMEDIATE")  # raises if it cannot be written
        connection.execute("ROLLBACK")
        return True

    def _create(self) -> None:
        connection = self._connection()
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = WAL")
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
                f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        except sqlite3.OperationalError:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if self._has_no_tables():  # else another newsdesk, started at the same moment, made it
                raise

    def _remove_files(self) -> None:
        # Whoever closes the last connection to a file that is gone takes the log of the next one
        # along, because it has the same name: hence nobody may be late.
        for connected in self._disconnect():
            connected.closed.wait(_LONGEST_USE)
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(f"{self.path}{suffix}")

    def reset(self) -> None:
        """Begin with an empty file, because this one is damaged.

        Unless another newsdesk has put a new one in its place already.
        """
        with self._writing, self._opening:
            local = self._threads
            before = getattr(local, "file", None)
            now = _identity(self.path)
            self._open(anew=before is None or now is None or before == now)

    def clear(self) -> None:
        """Begin with an empty index, in the same file: others may have it open.

        Their next look finds another generation.
        """
        try:
            with self.in_use(), _damage_told(), self._writing:
                connection = self._connection()
                drops = "; ".join(f"DROP TABLE IF EXISTS {name}" for name in _TABLE_NAMES)
                try:
                    connection.executescript(f"BEGIN IMMEDIATE; {drops}; {SCHEMA} COMMIT;")
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
                with suppress(sqlite3.Error):  # the file stays larger than it need be
                    connection.execute("VACUUM")
        except IndexDamaged:
            self.reset()

    def close(self) -> None:
        """Close the connections of all threads; one that is in use is closed after its use."""
        self._is_closed = True
        self._disconnect()
        if self._temporary is not None:
            self._temporary.close()

    def _disconnect(self) -> list[_Connected]:
        """Close what is not in use; return what its threads close when they are done with it."""
        with self._opening:
            self._generation += 1
            in_use = [one for one in self._connections if not one.close()]
            self._connections.clear()
            return in_use

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep this thread's connection from being closed by another thread."""
        local = self._threads
        if not hasattr(local, "lock"):
            local.lock = threading.RLock()
            local.depth = 0
        local.depth += 1
        try:
            with local.lock:
                if local.depth == 1:
                    self._leave_replaced_file()
                yield
        finally:
            local.depth -= 1
            if local.depth == 0:
                self._close_outdated()

    def _leave_replaced_file(self) -> None:
        """Connect anew if somebody else removed or replaced the file of the index."""
        local = self._threads
        if hasattr(local, "file") and local.file != _identity(self.path):
            local.connected.close()
            local.generation = None

    def _close_outdated(self) -> None:
        """Close this thread's connections to files that are no longer the index, or are closed."""
        local = self._threads
        for connected in getattr(local, "outdated", ()):
            connected.close()
        local.outdated = []
        is_outdated = getattr(local, "generation", self._generation) != self._generation
        if hasattr(local, "connected") and (is_outdated or self._is_closed):
            local.connected.close()
            local.generation = None

    def _connection(self) -> sqlite3.Connection:
        local = self._threads
        if getattr(local, "generation", None) != self._generation:
            if getattr(local, "depth", 0) == 1:  # nobody further up goes on using it
                self._close_outdated()
            with self._opening:
                self._connect()
        current: sqlite3.Connection = local.connected.connection
        return current

    def _connect(self) -> None:
        local = self._threads
        if not hasattr(local, "lock"):
            local.lock = threading.RLock()
            local.depth = 0
        # Used only by the thread that made it; closed by others while it is not in use.
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE
        )
        try:
            connection.execute("PRAGMA synchronous = OFF")  # a cache: a lost one is rebuilt
            connection.execute("PRAGMA temp_store = MEMORY")
            # A page cache of the usual 2 MB: larger ones, one in each thread, brought no speed.
            sql.register_functions(connection)
        except BaseException:  # of a damaged file
            connection.close()
            raise
        if hasattr(local, "connected"):  # a caller may be using it: closed after that use
            local.outdated = [*getattr(local, "outdated", ()), local.connected]
        local.connected = _Connected(connection, local.lock)
        local.file = _identity(self.path)
        local.generation = self._generation
        self._connections.append(local.connected)

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, *, of_articles: bool = True) -> Iterator[sqlite3.Connection]:
        """Write; `of_articles` says that their order may be another one afterwards."""
        with self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if of_articles:
                    connection.execute("UPDATE changes SET number = number + 1")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def bulk_writing(self) -> Iterator[None]:
        """Spend memory on this thread's connection for as long as many articles are written."""
        with _damage_told():
            connection = self._connection()
            for pragma in _MUCH_MEMORY:
                connection.execute(pragma)
        try:
            yield
        finally:
            for pragma in _USUAL_MEMORY:
                with suppress(sqlite3.Error):  # it was closed, or the index is damaged
                    connection.execute(pragma)

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Let several statements see one state of the index, whatever others write meanwhile."""
        connection = self._connection()
        if connection.in_transaction:  # within a snapshot
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection to read from; raises `IndexDamaged`."""
        with self.in_use(), _damage_told():
            yield self._connection()

    @contextmanager
    def writing(self, generation: int | None = None) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection within a transaction; raises `IndexDamaged`.

        For what the index keeps beside the articles. Raises `IndexReplaced` if it is not of the
        given generation any more.
        """
        with self.in_use(), _damage_told(), self._transaction(of_articles=False) as connection:
            (found,) = connection.execute("SELECT generation FROM changes").fetchone()
            if generation is not None and found != generation:
                raise IndexReplaced
            yield connection

    @_damage_is_told
    def apply(self, records: Iterable[Record], removed: Iterable[str] = ()) -> list[int]:
        """Write records and drop removed paths in one transaction; return the records' ids."""
        records = list({record.values[0]: record for record in records}.values())
        with self._transaction() as connection:
            for path in removed:
                self._drop(connection, path)
            known = dict(
                connection.execute(
                    _IDS_OF_PATHS, (json.dumps([record.values[0] for record in records]),)
                )
            )
            added = [record for record in records if record.values[0] not in known]
            for record in records:
                if (id_ := known.get(record.values[0])) is not None:
                    if not connection.execute(_UPDATE, (*record.values[1:], id_)).rowcount:
                        # The list of paths knows it, the table does not: a page went missing.
                        raise sqlite3.DatabaseError(f"the row of {record.values[0]} is missing")
                    connection.execute("DELETE FROM article_topics WHERE article_id = ?", (id_,))
                    connection.execute("DELETE FROM addresses WHERE article_id = ?", (id_,))
            known.update(self._insert(connection, added))
            self._attach(connection, [(known[record.values[0]], record) for record in records])
            connection.executemany(
                "INSERT INTO ungrouped (article_id) VALUES (?)",
                [(known[record.values[0]],) for record in records],
            )
        return [known[record.values[0]] for record in records]

    @_damage_is_told
    def complete(self) -> None:
        """Make the indexes that wait until there is something in them, unless they are there."""
        with self._writing:
            self._connection().executescript(LATE_SCHEMA)

    @_damage_is_told
    def unchanged_paths(self, records: Iterable[Record]) -> set[str]:
        """Return the paths of those records that say what the index holds, but for the clock."""
        clock = COLUMNS.index("read_at_ns")
        connection = self._connection()
        held = set()
        for record in records:
            values = connection.execute(_HELD, record.values[:1]).fetchone()
            if values is not None:
                read_at = record.values[clock]
                if (*values[:clock], read_at, *values[clock + 1 :]) == record.values:
                    held.add(values[0])
        return held

    def _drop(self, connection: sqlite3.Connection, path: str) -> None:
        found = connection.execute("SELECT id FROM articles WHERE path = ?", (path,)).fetchone()
        if found:
            connection.execute("DELETE FROM article_topics WHERE article_id = ?", found)
            connection.execute("DELETE FROM addresses WHERE article_id = ?", found)
            connection.execute("DELETE FROM articles WHERE id = ?", found)

    def _insert(self, connection: sqlite3.Connection, records: list[Record]) -> dict[object, int]:
        """Insert records that are new; return path -> id. Many at once, which is what is fast."""
        (last,) = connection.execute("SELECT last_id FROM changes").fetchone()
        ids = {record.values[0]: last + place for place, record in enumerate(records, 1)}
        connection.execute("UPDATE changes SET last_id = last_id + ?", (len(records),))
        connection.executemany(
            _INSERT, [(ids[record.values[0]], *record.values) for record in records]
        )
        connection.execute(
            "INSERT INTO words (rowid, title, excerpt, provider) "
            "SELECT id, title, excerpt, provider FROM folded_articles WHERE id > ?",
            (last,),
        )
        return ids

    def _attach(self, connection: sqlite3.Connection, records: list[tuple[int, Record]]) -> None:
        """Write topics and addresses of records that have none in the index (any more)."""
        names = {name for _, record in records for name in record.topics}
        connection.executemany(
            "INSERT OR IGNORE INTO topics (name, folded) VALUES (?, ?)",
            [(name, comparison_key(name)) for name in sorted(names)],
        )
        # One by one: SQLite's JSON ends a text at a NUL, and a topic may hold one.
        find = "SELECT id FROM topics WHERE name = ?"
        topic_ids = {name: connection.execute(find, (name,)).fetchone()[0] for name in names}
        connection.executemany(
            "INSERT OR IGNORE INTO article_topics VALUES (?, ?)",
            [(topic_ids[name], id_) for id_, record in records for name in record.topics],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?)",
            [(address, kind, id_) for id_, record in records for address, kind in record.addresses],
        )

    # -- reading ---------------------------------------------------------------------------

    @_damage_is_told
    def is_empty(self) -> bool:
        """Tell whether there is no article."""
        return self._connection().execute("SELECT 1 FROM articles LIMIT 1").fetchone() is None

    @_damage_is_told
    def is_larger_than(self, number: int) -> bool:
        """Return whether there are more than so many articles."""
        connection = self._connection()
        one_more = "SELECT 1 FROM articles LIMIT 1 OFFSET ?"
        return connection.execute(one_more, (number,)).fetchone() is not None

    def indexed_files(self) -> Iterator[IndexedFile]:
        """Yield what the index knows of each file, in the order of their paths."""
        last = ""
        while files := self._known_files_after(last):
            yield from files
            last = files[-1][0]

    @_damage_is_told
    def _known_files_after(self, path: str) -> list[IndexedFile]:
        cursor = self._connection().execute(
            "SELECT path, size, mtime_ns, ctime_ns, inode, read_at_ns FROM articles "
            "WHERE path > ? ORDER BY path LIMIT 1000",
            (path,),
        )
        return cursor.fetchall()

    @_damage_is_told
    def fingerprints_of(self, paths: Iterable[str]) -> dict[str, Fingerprint]:
        """Return path -> fingerprint for those paths that are articles here."""
        cursor = self._connection().execute(
            "SELECT path, size, mtime_ns, ctime_ns, inode FROM articles "
            "WHERE path IN (SELECT value FROM json_each(?))",
            (json.dumps(list(paths)),),
        )
        return {row[0]: Fingerprint._make(row[1:]) for row in cursor}

    @_damage_is_told
    def content_keys(self, paths: Iterable[str]) -> dict[str, tuple[bytes, bool, Fingerprint]]:
        """Return path -> `content_key`, whether the fingerprint is certain, and the fingerprint.

        It is uncertain where the file was read so soon after it was written that a later write
        may have left the same one.
        """
        cursor = self._connection().execute(
            "SELECT path, content_key, max(mtime_ns, ctime_ns) < read_at_ns - ?, "
            "size, mtime_ns, ctime_ns, inode FROM articles "
            "WHERE path IN (SELECT value FROM json_each(?))",
            (CLOCK_TICK_NS, json.dumps(list(paths))),
        )
        return {row[0]: (row[1], bool(row[2]), Fingerprint._make(row[3:])) for row in cursor}

    @_damage_is_told
    def contents(self, ids: Sequence[int]) -> dict[int, tuple[str, bytes]]:
        """Return id -> (path, `content_key`) for those ids that exist."""
        cursor = self._connection().execute(
            "SELECT id, path, content_key FROM articles "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {id_: (path, key) for id_, path, key in cursor}

    @_damage_is_told
    def statuses(self, paths: Iterable[str]) -> dict[str, Status]:
        """Return path -> status for those paths that are articles here."""
        cursor = self._connection().execute(
            "SELECT path, status FROM articles WHERE path IN (SELECT value FROM json_each(?))",
            (json.dumps(list(paths)),),
        )
        return {path: STATUS_OF_CODE[code] for path, code in cursor}

    @_damage_is_told
    def search(
        self,
        query: Query,
        *,
        typing: bool = False,
        now: datetime | None = None,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> FoundIds:
        """Return the ids that match, in order.

        With `typing` the last word matches as a prefix. `members` gives the ids of a named set
        that the index does not know, such as `is:later`.
        """
        with self._snapshot() as connection:
            search = self._search(connection, typing, now, members)
            return FoundIds.of(search.find(query), search.version[0])

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
        with self._snapshot() as connection:
            return self._search(connection, typing, now, members).count(query.condition)

    @_damage_is_told
    def save_order(self, order: tuple[SortKey, ...]) -> None:
        """Keep an order of all articles for the next start, unless it is there or they are few."""
        connection = self._connection()
        if not self.is_larger_than(_FEW) or self._search(connection).is_kept(order):
            return
        connection.execute("PRAGMA busy_timeout = 500")  # nobody waits longer for this
        try:
            with self._transaction(of_articles=False):
                self._search(connection).keep(order)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE}")

    def _search(
        self,
        connection: sqlite3.Connection,
        typing: bool = False,
        now: datetime | None = None,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> Search:
        version = connection.execute("SELECT generation, number FROM changes").fetchone()
        now = now or datetime.now(UTC)
        return Search(connection, self._kept, version, now, typing, members)

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
    def rows_at(self, paths: Iterable[str]) -> dict[str, Row]:
        """Return path -> row for those paths that are articles here."""
        cursor = self._connection().execute(_ROWS_AT, (json.dumps(list(paths)),))
        return {row.path: row for row in map(row_from, cursor)}

    @_damage_is_told
    def ids_of(self, paths: Iterable[str]) -> dict[str, int]:
        """Return path -> id for those paths that are articles here."""
        cursor = self._connection().execute(
            _IDS_OF_PATHS,
            (json.dumps(list(paths)),),
        )
        return dict(cursor)

    @_damage_is_told
    def paths_of(self, ids: Sequence[int]) -> list[str]:
        """Return the paths of those ids that are articles, in the order given."""
        cursor = self._connection().execute(
            "SELECT id, path FROM articles WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        path_of: dict[int, str] = dict(cursor)
        return [path_of[id_] for id_ in ids if id_ in path_of]

    @_damage_is_told
    def topic_counts(
        self,
        query: Query,
        *,
        typing: bool = False,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> list[tuple[str, int]]:
        """Return (topic, number of matching articles), every topic, most frequent first."""
        from newsdesk.index.stats import count_topics

        clause = self._where(query.condition, typing, None, members)
        with self._snapshot() as connection:
            return count_topics(connection, query.condition, clause)

    @_damage_is_told
    def statistics(
        self,
        query: Query,
        *,
        now: datetime | None = None,
        members: Callable[[str], Iterable[int]] = _NO_MEMBERS,
    ) -> Statistics:
        """Return what is counted of the articles that match."""
        from newsdesk.index.stats import count_all

        clause = self._where(query.condition, False, now, members)
        with self._snapshot() as connection:
            return count_all(connection, query.condition, clause)

    @_damage_is_told
    def version(self) -> tuple[int, int]:
        """Return what is another one as soon as anybody, here or elsewhere, has written."""
        generation, number = (
            self._connection().execute("SELECT generation, number FROM changes").fetchone()
        )
        return generation, number

    def generation(self) -> int:
        """Return the number that all ids of articles belong to.

        It is another one as soon as anybody, here or elsewhere, has made the index anew: an id
        may mean another article then.
        """
        return self.version()[0]

    @contextmanager
    def snapshot(self, generation: int | None = None) -> Iterator[None]:
        """Let all that this thread reads see one state of the index; nothing can be written.

        Raises `IndexReplaced` if it is not of the given generation any more.
        """
        with self.in_use(), ExitStack() as stack:
            with _damage_told():
                connection = stack.enter_context(self._snapshot())
                (found,) = connection.execute("SELECT generation FROM changes").fetchone()
            if generation is not None and found != generation:
                raise IndexReplaced
            yield

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
    def paths_of_urls(self, urls: Iterable[str]) -> dict[str, str]:
        """Return url -> path of an article here that has this page as its own address."""
        keys = {url: page_key(url) for url in urls}
        cursor = self._connection().execute(
            "SELECT address, min(path) FROM addresses JOIN articles ON id = article_id "
            "WHERE kind = ? AND address IN (SELECT value FROM json_each(?)) GROUP BY address",
            (OWN_URL, json.dumps([key for key in keys.values() if key])),
        )
        path_of: dict[int, str] = dict(cursor)
        return {url: path_of[key] for url, key in keys.items() if key in path_of}

    @_damage_is_told
    def ids_of_urls(self, urls: Iterable[str]) -> list[int]:
        """Return ids of articles that have one of these pages as an address of their own."""
        keys = [key for url in urls if (key := page_key(url))]
        cursor = self._connection().execute(
            "SELECT DISTINCT article_id FROM addresses "
            "WHERE kind = ? AND address IN (SELECT value FROM json_each(?))",
            (OWN_URL, json.dumps(keys)),
        )
        return [id_ for (id_,) in cursor]

    @_damage_is_told
    def count_live(self) -> int:
        """Return how many articles readers see although they say that they are held back."""
        (number,) = (
            self._connection()
            .execute("SELECT count(*) FROM articles WHERE flags & ?", (IS_LIVE,))
            .fetchone()
        )
        return int(number)

    @_damage_is_told
    def count_pages(self, ids: Sequence[int]) -> int:
        """Return how many different pages these articles and their related entries name."""
        (number,) = (
            self._connection()
            .execute(
                "SELECT count(DISTINCT address) FROM addresses "
                "WHERE article_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
            .fetchone()
        )
        return int(number)

    @_damage_is_told
    def ids_listing_urls(self, urls: Iterable[str], limit: int = 50) -> list[int]:
        """Return ids of articles whose related entries name one of these pages."""
        keys = [key for url in urls if (key := page_key(url))]
        cursor = self._connection().execute(
            "SELECT DISTINCT article_id FROM addresses "
            "WHERE kind = ? AND address IN (SELECT value FROM json_each(?)) "
            "ORDER BY article_id LIMIT ?",
            (LISTED_URL, json.dumps(keys), limit),
        )
        return [id_ for (id_,) in cursor]
