"""Keep verdicts with their date in SQLite, and hand back those still young enough."""

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
_CHUNK = 500  # SQLite of old allowed 999 values in one question
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
# Where addresses stand, as of the last reading of each file for a check. `stamp` tells readings
# of one file apart.
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
    """Where an address stands: the file, the field (`related[].webUrl`), the 1-based line."""

    path: str
    field: str
    line: int | None


@dataclass(frozen=True, slots=True)
class FileLinks:
    """The links that stood in one file when it was read; `stamp` is equal for equal files."""

    path: str
    stamp: str
    links: Sequence[Link]


class VerdictCache:
    """The last verdict on every address; a cache that may be deleted at any time.

    A file that is damaged, of another version or not ours is set aside as `<name>.set-aside`
    and begun anew; what cannot be written at all is kept in memory. `problems` says in plain
    words what happened, for whoever wants to show it. Safe to use from several threads.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the cache at `path`, or one in memory for None; never raises."""
        self.problems: list[str] = []
        self._path = path
        self._lock = threading.RLock()
        self._is_in_memory = False
        self._connection = self._opened()

    @property
    def is_persistent(self) -> bool:
        """Whether verdicts outlive this object."""
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
        """Return the outcomes that may stand for a check now, each with `is_cached` set."""
        fingerprint = policy.fingerprint
        young = {}
        for outcome, its_fingerprint in self._stored_outcomes(urls):
            age = (now - outcome.checked_at).total_seconds()
            longest = policy.max_ages.get(outcome.verdict, 0.0)
            # A date in the future is a clock put back: it proves nothing.
            if its_fingerprint == fingerprint and -60 <= age < longest:
                young[outcome.url] = replace(outcome, is_cached=True)
        return young

    def latest_outcomes(self, urls: Iterable[str]) -> dict[str, Outcome]:
        """Return the last outcome of each address that has one, however old."""
        return {
            outcome.url: replace(outcome, is_cached=True)
            for outcome, _ in self._stored_outcomes(urls)
        }

    def everything(self) -> dict[str, Outcome]:
        """Return the last outcome of every address ever checked."""
        with self._lock:
            rows = self._fetch_rows(f"SELECT {_COLUMNS}, fingerprint FROM verdicts", ())  # noqa: S608
        return {o.url: replace(o, is_cached=True) for o, _ in _outcomes(rows)}

    def store(self, outcomes: Iterable[Outcome], policy: Policy) -> None:
        """Keep outcomes, replacing older ones of the same addresses; never raises."""
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
                    self._report(f"Verdicts could not be kept: {error}.")
                    return
                except sqlite3.DatabaseError as error:
                    if not is_last_try:
                        self._replace_file(str(error))

    # -- where addresses stand -------------------------------------------------------------

    def store_links(self, readings: Iterable[FileLinks]) -> None:
        """Keep where addresses stand, replacing earlier readings of the same files."""
        readings = list(readings)
        paths = [(_plain(reading.path),) for reading in readings]
        stamps = [(_plain(reading.path), reading.stamp) for reading in readings if reading.stamp]
        uses = [
            (_plain(reading.path), number, _plain(url_key(link.url)), link.field, link.line)
            for reading in readings
            for number, link in enumerate(reading.links)
        ]
        with self._lock:
            try:
                with self._connection as connection:
                    connection.executemany("DELETE FROM uses WHERE path = ?", paths)
                    connection.executemany("DELETE FROM readings WHERE path = ?", paths)
                    connection.executemany("INSERT INTO readings VALUES (?, ?)", stamps)
                    connection.executemany("INSERT INTO uses VALUES (?, ?, ?, ?, ?)", uses)
            except sqlite3.OperationalError as error:
                self._report(f"Where links stand could not be kept: {error}.")
            except sqlite3.DatabaseError as error:
                self._replace_file(str(error))

    def stamps(self, paths: Iterable[str]) -> dict[str, str]:
        """Return path -> stamp for those files that were read for a check."""
        question = "SELECT path, stamp FROM readings WHERE path IN (SELECT value FROM json_each(?))"
        return {str(path): str(stamp) for path, stamp in self._rows_for(question, paths)}

    def verdicts_of(self, urls: Iterable[str]) -> dict[str, Verdict]:
        """Return the last verdict on each address that has one."""
        question = "SELECT url, verdict FROM verdicts WHERE url IN (SELECT value FROM json_each(?))"
        return {str(url): Verdict(verdict) for url, verdict in self._rows_for(question, urls)}

    def verdicts_at(self, paths: Iterable[str]) -> list[tuple[str, str, Verdict]]:
        """Return (path, field, verdict) of the links that stood in these files."""
        question = (
            "SELECT DISTINCT path, field, verdict FROM uses JOIN verdicts USING (url) "
            "WHERE path IN (SELECT value FROM json_each(?))"
        )
        return [
            (str(path), str(field), Verdict(verdict))
            for path, field, verdict in self._rows_for(question, paths)
        ]

    def urls_with(self, verdict: Verdict) -> list[str]:
        """Return the addresses whose last verdict is this one."""
        question = "SELECT url FROM verdicts WHERE verdict IN (SELECT value FROM json_each(?))"
        return [str(url) for (url,) in self._rows_for(question, [verdict.value])]

    def paths_with(self, verdict: Verdict) -> list[str]:
        """Return the files in which an address stood whose last verdict is this one."""
        question = (
            "SELECT DISTINCT path FROM uses JOIN verdicts USING (url) "
            "WHERE verdict IN (SELECT value FROM json_each(?))"
        )
        return [str(path) for (path,) in self._rows_for(question, [verdict.value])]

    def count_verdicts(self) -> dict[Verdict, int]:
        """Return how many of the addresses that stand anywhere have which verdict."""
        question = (
            "SELECT verdict, count(*) FROM verdicts "
            "WHERE url IN (SELECT url FROM uses) GROUP BY verdict"
        )
        with self._lock:
            rows = self._fetch_rows(question, ())
        return {Verdict(verdict): int(str(number)) for verdict, number in rows}

    def locations_with(self, verdicts: Iterable[Verdict]) -> list[tuple[LinkLocation, Outcome]]:
        """Return where the addresses with one of these last verdicts stand, by file."""
        columns = ", ".join(f"verdicts.{name}" for name in _COLUMNS.split(", "))
        question = (
            f"SELECT path, field, line, {columns}, fingerprint "  # noqa: S608 - our own text
            "FROM uses JOIN verdicts USING (url) "
            "WHERE verdict IN (SELECT value FROM json_each(?)) ORDER BY path, number"
        )
        found = []
        for path, field, line, *row in self._rows_for(question, [each.value for each in verdicts]):
            use = LinkLocation(str(path), str(field), None if line is None else int(str(line)))
            found += [(use, replace(outcome, is_cached=True)) for outcome, _ in _outcomes([row])]
        return found

    def _rows_for(self, question: str, values: Iterable[str]) -> list[tuple[object, ...]]:
        with self._lock:
            return self._fetch_rows(question, [json.dumps([_plain(value) for value in values])])

    def _stored_outcomes(self, urls: Iterable[str]) -> Iterator[tuple[Outcome, str]]:
        wanted = list(dict.fromkeys(urls))
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            question = f"SELECT {_COLUMNS}, fingerprint FROM verdicts WHERE url IN ({marks})"  # noqa: S608
            with self._lock:
                rows = self._fetch_rows(question, chunk)
            yield from _outcomes(rows)

    def _fetch_rows(self, question: str, values: Sequence[str]) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(question, values).fetchall()
        except sqlite3.OperationalError as error:
            self._report(f"Earlier verdicts could not be read: {error}.")
        except (sqlite3.DatabaseError, UnicodeError) as error:
            self._replace_file(str(error))
        return []

    def _report(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def _opened(self) -> sqlite3.Connection:
        if self._path is None:
            return self._connected(_IN_MEMORY)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._connected(str(self._path))
        except sqlite3.OperationalError as error:
            self._report(f"Verdicts are kept in memory only: {self._path}: {error}.")
        except sqlite3.DatabaseError as error:
            return self._set_aside(str(error))
        except OSError as error:
            self._report(f"Verdicts are kept in memory only: {error}.")
        return self._connected(_IN_MEMORY)

    def _connected(self, name: str) -> sqlite3.Connection:
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
            raise sqlite3.DatabaseError("it holds something else")
        elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("it is damaged")
        connection.execute(f"SELECT {_COLUMNS}, fingerprint FROM verdicts LIMIT 1")  # noqa: S608
        connection.executescript(_USES_SCHEMA)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    def _replace_file(self, why: str) -> None:
        self._connection.close()
        self._connection = self._set_aside(why)

    def _set_aside(self, why: str) -> sqlite3.Connection:
        """Move the file out of the way (it may be somebody else's) and begin a new one."""
        if self._path is None:
            return self._connected(_IN_MEMORY)
        self._report(f"The cache of verdicts was begun anew: {self._path}: {why}.")
        try:
            self._path.replace(self._path.with_name(self._path.name + ".set-aside"))
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self._path.with_name(self._path.name + suffix).unlink()
            return self._connected(str(self._path))
        except (OSError, sqlite3.Error) as error:
            self._report(f"Verdicts are kept in memory only: {error}.")
            return self._connected(_IN_MEMORY)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # SQLite takes no lone surrogates


def _row(outcome: Outcome) -> tuple[object, ...]:
    return (
        _plain(outcome.url),
        outcome.verdict.value,
        outcome.status,
        _plain(outcome.reason),
        _plain(outcome.final_url),
        json.dumps([[hop.status, hop.url] for hop in outcome.redirects]),
        outcome.seconds,
        outcome.checked_at.timestamp(),
        _plain(outcome.archived_url),
    )


def _outcomes(rows: Iterable[Sequence[object]]) -> Iterator[tuple[Outcome, str]]:
    """Turn rows into outcomes; a row that makes no sense is left out."""
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
    """Return `Policy.max_ages` for one age in days; only proven verdicts are ever reused."""
    return dict.fromkeys((Verdict.ALIVE, Verdict.MOVED, Verdict.DEAD), days * 86_400.0)
