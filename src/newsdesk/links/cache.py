"""Store verdicts in SQLite, and return those recent enough to be reused."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.links.extract import Link
from newsdesk.links.http.url import url_key
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome, Redirect, Verdict

_APPLICATION_ID = 0x6E64_6C76  # "ndlv"
_SCHEMA_VERSION = 1
_IN_MEMORY = ":memory:"
_CHUNK = 500  # old versions of SQLite allow 999 values in one statement
_COLUMNS = "url, verdict, status, reason, final_url, redirects, seconds, checked_at, archived_url"
_SCHEMA = f"""
CREATE TABLE verdicts (
    url TEXT PRIMARY KEY, verdict TEXT NOT NULL, status INTEGER, reason TEXT NOT NULL,
    final_url TEXT NOT NULL, redirects TEXT NOT NULL, seconds REAL NOT NULL,
    checked_at REAL NOT NULL, archived_url TEXT NOT NULL, fingerprint TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_SCHEMA_VERSION};
"""
# The links of each file when it was last read for a check; `stamp` changes with the file.
_USES_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (path TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uses (
    path TEXT NOT NULL, number INTEGER NOT NULL, url TEXT NOT NULL, field TEXT NOT NULL,
    line INTEGER, PRIMARY KEY (path, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uses_by_url ON uses (url);
"""


@dataclass(frozen=True, slots=True)
class LinkLocation:
    """The file, field (`related[].webUrl`) and 1-based line of a link."""

    path: str
    field: str
    line: int | None


@dataclass(frozen=True, slots=True)
class FileLinks:
    """The links of one file when it was read; `stamp` is equal for equal files."""

    path: str
    stamp: str
    links: Sequence[Link]


class VerdictCache:
    """The last verdict on each URL; the file may be deleted at any time.

    A file that is damaged or not a verdict cache of this version is renamed to
    `<name>.set-aside` and replaced by a new one. If no file can be written, the cache is in
    memory. `problems` holds messages about this. Thread-safe.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the cache at `path`, or one in memory for None; never raises."""
        self.problems: list[str] = []
        self._path = path
        self._lock = threading.RLock()
        self._is_in_memory = False
        self._connection = self._open()

    @property
    def is_persistent(self) -> bool:
        """Whether verdicts are stored in a file."""
        return not self._is_in_memory

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> VerdictCache:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def reusable_outcomes(
        self, urls: Iterable[str], policy: Policy, now: datetime
    ) -> dict[str, Outcome]:
        """Return the outcomes that are recent enough to be reused, with `is_cached` set."""
        fingerprint = policy.fingerprint
        reused = {}
        for outcome, stored_fingerprint in self._stored_outcomes(urls):
            age = (now - outcome.checked_at).total_seconds()
            max_age = policy.max_ages.get(outcome.verdict, 0.0)
            # A date in the future means that the clock was set back.
            if stored_fingerprint == fingerprint and -60 <= age < max_age:
                reused[outcome.url] = replace(outcome, is_cached=True)
        return reused

    def latest_outcomes(self, urls: Iterable[str]) -> dict[str, Outcome]:
        """Return the last outcome of each URL that has one, at any age."""
        return {
            outcome.url: replace(outcome, is_cached=True)
            for outcome, _ in self._stored_outcomes(urls)
        }

    def store(self, outcomes: Iterable[Outcome], policy: Policy) -> None:
        """Store outcomes, replacing older ones of the same URLs; never raises."""
        fingerprint = policy.fingerprint
        rows = [(*_row(outcome), fingerprint) for outcome in outcomes if not outcome.is_cached]
        if not rows:
            return
        with self._lock:
            for is_last_try in (False, True):
                try:
                    with self._connection:
                        self._connection.executemany(
                            f"INSERT OR REPLACE INTO verdicts ({_COLUMNS}, fingerprint) "  # noqa: S608
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            rows,
                        )
                    return
                except sqlite3.OperationalError as error:
                    self._add_problem(f"Cannot save link verdicts: {error}.")
                    return
                except sqlite3.DatabaseError as error:
                    if not is_last_try:
                        self._replace_file(str(error))

    # -- links by file ---------------------------------------------------------------------

    def store_links(self, files: Iterable[FileLinks]) -> None:
        """Store the links of files, replacing earlier ones of the same files."""
        files = list(files)
        paths = [(_storable(file.path),) for file in files]
        stamps = [(_storable(file.path), file.stamp) for file in files if file.stamp]
        uses = [
            (
                _storable(file.path),
                number,
                _storable(url_key(link.url)),
                link.field,
                link.line,
            )
            for file in files
            for number, link in enumerate(file.links)
        ]
        with self._lock:
            try:
                with self._connection as connection:
                    connection.executemany("DELETE FROM uses WHERE path = ?", paths)
                    connection.executemany("DELETE FROM readings WHERE path = ?", paths)
                    connection.executemany("INSERT INTO readings VALUES (?, ?)", stamps)
                    connection.executemany("INSERT INTO uses VALUES (?, ?, ?, ?, ?)", uses)
            except sqlite3.OperationalError as error:
                self._add_problem(f"Cannot save link locations: {error}.")
            except sqlite3.DatabaseError as error:
                self._replace_file(str(error))

    def stamps(self, paths: Iterable[str]) -> dict[str, str]:
        """Return path -> stamp of the files that were read for a check."""
        query = "SELECT path, stamp FROM readings WHERE path IN (SELECT value FROM json_each(?))"
        return {str(path): str(stamp) for path, stamp in self._rows_for(query, paths)}

    def verdicts_of(self, urls: Iterable[str]) -> dict[str, Verdict]:
        """Return the last verdict on each URL that has one."""
        query = "SELECT url, verdict FROM verdicts WHERE url IN (SELECT value FROM json_each(?))"
        return {str(url): Verdict(verdict) for url, verdict in self._rows_for(query, urls)}

    def verdicts_at(self, paths: Iterable[str]) -> list[tuple[str, str, Verdict]]:
        """Return (path, field, verdict) of the links of these files."""
        query = (
            "SELECT DISTINCT path, field, verdict FROM uses JOIN verdicts USING (url) "
            "WHERE path IN (SELECT value FROM json_each(?))"
        )
        return [
            (str(path), str(field), Verdict(verdict))
            for path, field, verdict in self._rows_for(query, paths)
        ]

    def urls_with(self, verdict: Verdict) -> list[str]:
        """Return the URLs whose last verdict is this one."""
        query = "SELECT url FROM verdicts WHERE verdict IN (SELECT value FROM json_each(?))"
        return [str(url) for (url,) in self._rows_for(query, [verdict.value])]

    def paths_with(self, verdict: Verdict) -> list[str]:
        """Return the files with a link whose last verdict is this one."""
        query = (
            "SELECT DISTINCT path FROM uses JOIN verdicts USING (url) "
            "WHERE verdict IN (SELECT value FROM json_each(?))"
        )
        return [str(path) for (path,) in self._rows_for(query, [verdict.value])]

    def count_verdicts(self) -> dict[Verdict, int]:
        """Return the number of linked URLs by verdict."""
        query = (
            "SELECT verdict, count(*) FROM verdicts "
            "WHERE url IN (SELECT url FROM uses) GROUP BY verdict"
        )
        with self._lock:
            rows = self._fetch_rows(query, ())
        return {Verdict(verdict): int(str(number)) for verdict, number in rows}

    def locations_with(self, verdicts: Iterable[Verdict]) -> list[tuple[LinkLocation, Outcome]]:
        """Return the links whose last verdict is one of these, ordered by file."""
        columns = ", ".join(f"verdicts.{name}" for name in _COLUMNS.split(", "))
        query = (
            f"SELECT path, field, line, {columns}, fingerprint "  # noqa: S608 - our own text
            "FROM uses JOIN verdicts USING (url) "
            "WHERE verdict IN (SELECT value FROM json_each(?)) ORDER BY path, number"
        )
        found = []
        for path, field, line, *row in self._rows_for(query, [each.value for each in verdicts]):
            location = LinkLocation(str(path), str(field), None if line is None else int(str(line)))
            found += [
                (location, replace(outcome, is_cached=True)) for outcome, _ in _outcomes([row])
            ]
        return found

    def _rows_for(self, query: str, values: Iterable[str]) -> list[tuple[object, ...]]:
        with self._lock:
            return self._fetch_rows(query, [json.dumps([_storable(value) for value in values])])

    def _stored_outcomes(self, urls: Iterable[str]) -> Iterator[tuple[Outcome, str]]:
        wanted = list(dict.fromkeys(urls))
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT {_COLUMNS}, fingerprint FROM verdicts WHERE url IN ({marks})"  # noqa: S608
            with self._lock:
                rows = self._fetch_rows(query, chunk)
            yield from _outcomes(rows)

    def _fetch_rows(self, query: str, values: Sequence[str]) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            self._add_problem(f"Cannot read link verdicts: {error}.")
        except (sqlite3.DatabaseError, UnicodeError) as error:
            self._replace_file(str(error))
        return []

    def _add_problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return self._connect(_IN_MEMORY)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._connect(str(self._path))
        except sqlite3.OperationalError as error:
            self._add_problem(f"Link verdicts are in memory only: {self._path}: {error}.")
        except sqlite3.DatabaseError as error:
            return self._set_aside(str(error))
        except OSError as error:
            self._add_problem(f"Link verdicts are in memory only: {error}.")
        return self._connect(_IN_MEMORY)

    def _connect(self, name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(name, timeout=5.0, check_same_thread=False)
        try:
            connection.text_factory = _decoded
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._is_in_memory = name == _IN_MEMORY
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        kind = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if tables == 0 and kind == 0 and version == 0:
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        elif (kind, version) != (_APPLICATION_ID, _SCHEMA_VERSION):
            raise sqlite3.DatabaseError("not a verdict cache of this version")
        elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        connection.execute(f"SELECT {_COLUMNS}, fingerprint FROM verdicts LIMIT 1")  # noqa: S608
        connection.executescript(_USES_SCHEMA)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    def _replace_file(self, why: str) -> None:
        self._connection.close()
        self._connection = self._set_aside(why)

    def _set_aside(self, why: str) -> sqlite3.Connection:
        """Rename the file, which may belong to another program, and create a new one."""
        if self._path is None:
            return self._connect(_IN_MEMORY)
        self._add_problem(f"The link verdict cache was replaced: {self._path}: {why}.")
        try:
            self._path.replace(self._path.with_name(self._path.name + ".set-aside"))
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self._path.with_name(self._path.name + suffix).unlink()
            return self._connect(str(self._path))
        except (OSError, sqlite3.Error) as error:
            self._add_problem(f"Link verdicts are in memory only: {error}.")
            return self._connect(_IN_MEMORY)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # SQLite cannot store lone surrogates


def _row(outcome: Outcome) -> tuple[object, ...]:
    return (
        _storable(outcome.url),
        outcome.verdict.value,
        outcome.status,
        _storable(outcome.reason),
        _storable(outcome.final_url),
        json.dumps([[hop.status, hop.url] for hop in outcome.redirects]),
        outcome.seconds,
        outcome.checked_at.timestamp(),
        _storable(outcome.archived_url),
    )


def _outcomes(rows: Iterable[Sequence[object]]) -> Iterator[tuple[Outcome, str]]:
    """Convert rows to outcomes; invalid rows are skipped."""
    for row in rows:
        with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
            yield _outcome(row)


def _outcome(row: Sequence[object]) -> tuple[Outcome, str]:
    url, verdict, status, reason, final_url, redirects, seconds, checked_at, archived, mark = row
    hops: Sequence[tuple[int, str]] = json.loads(str(redirects)) if redirects != "[]" else ()
    outcome = Outcome(
        url=str(url),
        verdict=Verdict(verdict),
        status=int(str(status)) if status is not None else None,
        reason=str(reason),
        final_url=str(final_url),
        redirects=tuple(Redirect(int(code), str(target)) for code, target in hops),
        seconds=float(str(seconds)),
        checked_at=datetime.fromtimestamp(float(str(checked_at)), UTC),
        archived_url=str(archived),
    )
    return outcome, str(mark)


def ages_for(days: float) -> Mapping[Verdict, float]:
    """Return `Policy.max_ages` for an age in days; only proven verdicts are reused."""
    return dict.fromkeys((Verdict.ALIVE, Verdict.MOVED, Verdict.DEAD), days * 86_400.0)
