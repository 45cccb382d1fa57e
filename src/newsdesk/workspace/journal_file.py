"""The file of a journal: open it, lock the collection, and notice what happens to it."""

from __future__ import annotations

import errno
import fcntl
import getpass
import os
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from newsdesk.errors import NewsdeskError
from newsdesk.workspace import journal_schema
from newsdesk.workspace.journal_schema import SCHEMA_VERSION
from newsdesk.workspace.sessions import Session

_LOCK_SECONDS = 10.0  # another newsdesk may take so long over its write
_PROBE_BYTES = 64 * 1024  # more than SQLite needs beside a journal to read it
_FULL = (errno.ENOSPC, errno.EDQUOT)


class JournalFile:
    """An open journal. Raises `NewsdeskError` if the file is no journal or cannot be opened.

    It is never replaced: nothing else holds the decisions. `refusal` says why decisions are
    refused where the journal can be read but not written (a full disk), or is None.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refusal: NewsdeskError | None = None
        self.session = Session(path, who())
        self._lock = threading.RLock()
        self._openings = 0
        self._open_or_read()

    def _open_or_read(self) -> None:
        """Open the file; for reading alone where nothing can be written beside it."""
        try:
            try:
                self._open()
            except (OSError, sqlite3.OperationalError) as error:
                self.refusal = cannot_write(self.path, error)
                self._open_read_only()
            else:
                self.refusal = None
        except (OSError, sqlite3.OperationalError) as error:
            raise self.refusal or cannot_write(self.path, error) from error
        except sqlite3.DatabaseError as error:
            raise NewsdeskError(
                f"The journal of decisions is damaged: {self.path}: {error}.",
                "Move it aside to begin a new one; it is kept for you to recover.",
            ) from error

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._identity: tuple[int, int] | None = None
        if not _size_of(self.path):
            self._create()
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=10
        )
        try:
            connection.execute("PRAGMA synchronous = FULL")
            self._connection = connection
            self._prepare()
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                with self._locked():
                    connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        self._openings += 1
        self._identity = _identity_of(self.path)

    def _open_read_only(self) -> None:
        """Open the file as it is, without its write-ahead log, which would need space."""
        if not _size_of(self.path):
            raise sqlite3.OperationalError("unable to open database file")
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            journal_schema.is_current(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._openings += 1

    def _create(self) -> None:
        """Make the journal, unless an empty file is what is left of one.

        Raises `NewsdeskError` if it is; what lies there is kept under other names.
        """
        others = _other_state(self.path)
        with self._locked():
            size = _size_of(self.path)
            if size is None or (size == 0 and not others):
                journal_schema.create(self.path)
            elif size == 0:  # else another newsdesk was faster
                kept = self.path.with_name(f"{self.path.name}.damaged")
                # SQLite removes the log of an empty file, with what is not in the file yet.
                for suffix in ("", "-wal", "-shm"):
                    with suppress(FileNotFoundError):
                        shutil.copy2(f"{self.path}{suffix}", f"{kept}{suffix}")
                raise NewsdeskError(
                    f"The journal of decisions is damaged: {self.path} holds 0 bytes.",
                    f"A copy is kept as {kept.name}. Restore a backup, "
                    "or remove the file to begin a new journal.",
                )

    def _prepare(self) -> None:
        connection = self._connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise NewsdeskError(
                f"The journal {self.path} was written by a newer newsdesk.",
                "Update newsdesk; nothing is changed until then.",
            )
        if version == 0:
            with self._locked(), self._transaction():
                if connection.execute("PRAGMA user_version").fetchone() == (0,):
                    journal_schema.fill(connection)
        elif not journal_schema.is_current(connection):
            with self._locked(), self._transaction():
                if not journal_schema.is_current(connection):
                    journal_schema.migrate(connection)

    def close(self) -> None:
        """Close the file, and end the session; what is being written is finished first."""
        with self._lock:
            self.session.end()
            self._connection.close()

    # -- the lock --------------------------------------------------------------------------

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the right to write to the collection against every other newsdesk.

        The lock is the system's and dies with its holder; the file's existence means nothing.
        Raises `NewsdeskError` if another newsdesk does not finish within ten seconds, if the
        lock cannot be had at all, or if the journal is no longer the file that was opened.
        """
        with self._lock:
            if self.refusal is not None:  # there may be space by now
                self._reopen()
                if self.refusal is not None:
                    raise self.refusal
            try:
                handle = self._acquired()
            except OSError as error:
                self.refuse_if_replaced()
                raise cannot_write(self._lock_path, error) from error
            try:
                if is_in_place := not self._is_replaced():
                    yield
            finally:
                os.close(handle)
            if not is_in_place:
                self.refuse_if_replaced()

    @property
    def _lock_path(self) -> Path:
        return self.path.with_suffix(".lock")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = self._acquired()
        try:
            yield
        finally:
            os.close(handle)

    def _acquired(self) -> int:
        """Return the handle that holds the lock; raises OSError where there can be none."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(self._lock_path, flags, 0o600)
        try:
            self._wait_for(handle)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _wait_for(self, handle: int) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
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
            else:
                with suppress(OSError):  # a full disk; the lock holds without a name on it
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, f"process {os.getpid()}, {who()}\n".encode(), 0)
                return

    # -- a file that is replaced -----------------------------------------------------------

    def _is_replaced(self) -> bool:
        return self._identity is not None and _identity_of(self.path) != self._identity

    def refuse_if_replaced(self) -> None:
        """Raise `NewsdeskError` if the open file is no longer the one of that name.

        A restored backup or a cleanup put another one there, or none. What is there is opened,
        so that the same decision works when it is repeated.
        """
        if self._is_replaced():
            what = "replaced" if self.path.exists() else "removed"
            self._reopen()
            raise NewsdeskError(
                f"The journal was {what} while newsdesk was open: {self.path}.",
                "Repeat the decision to go on with the journal that is there now.",
            )

    def _reopen(self) -> None:
        """Open what has the journal's name now."""
        logs = [self.path.with_name(f"{self.path.name}{suffix}") for suffix in ("-wal", "-shm")]
        open_files = _open_files() if self._is_replaced() else set()
        ours = [log for log in logs if _identity_of(log) in open_files]
        self._connection.close()
        for log in ours:  # SQLite would take it for the log of the other file
            log.unlink(missing_ok=True)
        self._open_or_read()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Hold the connection; turn errors of SQLite into `NewsdeskError`."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise cannot_write(self.path, error) from error

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

    @contextmanager
    def _unsynced(self) -> Iterator[None]:
        """Open a transaction that a power cut may take back: recovery does it again."""
        with self._reported():
            self._connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._transaction():
                    yield
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")

    def version(self) -> tuple[int, int, int]:
        """Return what is another one as soon as anybody, here or elsewhere, has written."""
        with self._reported():
            # What this connection writes itself does not count as a new version of the data.
            return *self.others_version(), self._connection.total_changes

    def others_version(self) -> tuple[int, int]:
        """Return what is another one as soon as another newsdesk has written."""
        with self._reported():
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            return self._openings, version


def _size_of(path: Path) -> int | None:
    """Return the bytes of a file, None if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _open_files() -> set[tuple[int, int] | None]:
    """Return the identities of the files that this process has open."""
    found: set[tuple[int, int] | None] = set()
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - names are wanted
        with suppress(OSError, ValueError):
            status = os.fstat(int(name))
            found.add((status.st_dev, status.st_ino))
    return found


def _other_state(path: Path) -> bool:
    """Return whether anything else of this collection was kept beside its journal."""
    stem = path.name.removesuffix(".journal.db").removesuffix(".db")
    for other in path.parent.glob(f"{stem}.*"):
        with suppress(OSError):
            if other != path and (other.is_dir() or other.stat().st_size):
                return True
    return False


def cannot_write(path: Path, error: Exception) -> NewsdeskError:
    """Return why a journal cannot be used, in plain words where the disk is the reason."""
    probed = _probe(path.parent)
    if probed is not None and probed.errno in _FULL:
        return NewsdeskError(
            f"No decision can be saved: the disk of {path.parent} is full.",
            "Make space there. No file is changed until then.",
        )
    return NewsdeskError(
        f"The journal of decisions cannot be used: {path}: {error}.",
        "No further file is changed. Check the folder's permissions and space.",
    )


def _probe(folder: Path) -> OSError | None:
    """Return what stands in the way of a new file: SQLite says `disk I/O error` for it."""
    probe = folder / f".newsdesk-{secrets.token_hex(8)}"
    try:
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            written = 0
            while written < _PROBE_BYTES:
                written += os.write(handle, bytes(_PROBE_BYTES - written))
        finally:
            os.close(handle)
            probe.unlink()
    except OSError as error:
        return error
    return None


def who() -> str:
    """Return the name of the person at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
