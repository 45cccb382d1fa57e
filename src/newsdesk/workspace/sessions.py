"""Sessions: one run of newsdesk on one collection, and which of them still run.

A session has a file beside the journal from its first decision to its end, and holds a lock on
it. The lock is the system's and ends with the process, so neither a reused process id nor a
kill can make an ended session look alive; it also counts between containers that share the
folder. Between machines that share it over a network the lock may not be visible: a file of
another machine is then reported as one that may still run.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SUFFIX = ".session"
_MAX_BYTES = 4096
# A file of another machine whose lock cannot be seen counts for so long, then as ended.
_UNSEEN_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session of another newsdesk; `is_certain` is False where its lock may be invisible.

    `who` and `host` are names as that system has them.
    """

    id: str
    who: str
    host: str
    process: int
    is_certain: bool = True

    @property
    def words(self) -> str:
        """Who runs it, for a person: `ana's newsdesk (process 4711)`."""
        if self.is_certain:
            return f"{self.who}'s newsdesk (process {self.process})"
        return f"{self.who}'s newsdesk on {self.host}"


def host_name() -> str:
    """Return the name of this machine."""
    return socket.gethostname()


class Session:
    """The run that this process is, for one journal; `id` is new at every start."""

    def __init__(self, journal: Path, who: str) -> None:
        self.id = secrets.token_hex(8)
        self.host = host_name()
        self._who = who
        self._journal = journal
        self._handle: int | None = None

    def register(self) -> None:
        """Show others that this session runs; without effect where it is registered.

        Where the folder cannot be written nothing is shown, and others take it for ended.
        """
        file = self._file
        if self._handle is not None and file.exists():
            return
        self._release()
        temporary = file.with_suffix(".tmp")
        try:
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError:
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(handle, self._facts())
            temporary.rename(file)  # nobody sees it without its lock
        except OSError:
            os.close(handle)
            with suppress(OSError):
                temporary.unlink()
        else:
            self._handle = handle

    def _facts(self) -> bytes:
        facts = {
            "who": self._who,
            "host": self.host,
            "boot": _boot_id(),
            "process": os.getpid(),
        }
        return json.dumps(facts).encode()

    @property
    def _file(self) -> Path:
        return self._journal.with_suffix(f".{self.id}{_SUFFIX}")

    def end(self) -> None:
        """Show others that this session has ended."""
        if self._handle is not None:
            with suppress(OSError):
                self._file.unlink()
        self._release()

    def _release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def others(self) -> dict[str, RunningSession]:
        """Return id -> session for all others that run or may run; remove files of ended ones."""
        found: dict[str, RunningSession] = {}
        for file in sorted(self._journal.parent.glob(f"{self._journal.stem}.*{_SUFFIX}")):
            id_ = file.name.removeprefix(f"{self._journal.stem}.").removesuffix(_SUFFIX)
            if id_ != self.id and (other := _running(file, id_)):
                found[id_] = other
        return found


def _running(file: Path, id_: str) -> RunningSession | None:
    """Return a session if it runs or may run; else remove its file and return None."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        facts = _read(handle)
        is_locked = _is_locked(handle)
        if not is_locked and not _may_be_unseen(facts, os.fstat(handle).st_mtime):
            with suppress(OSError):
                file.unlink()
            return None
    finally:
        os.close(handle)
    process = facts.get("process")
    return RunningSession(
        id_,
        str(facts.get("who") or "somebody"),
        str(facts.get("host") or "another machine"),
        process if isinstance(process, int) else 0,
        is_locked,
    )


def _read(handle: int) -> dict[str, object]:
    try:
        facts = json.loads(os.pread(handle, _MAX_BYTES, 0))
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _is_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _may_be_unseen(facts: dict[str, object], modified: float) -> bool:
    """Return whether a file without a lock may belong to a run on another machine."""
    is_elsewhere = facts.get("boot") != _boot_id() and facts.get("host") != host_name()
    return bool(facts) and is_elsewhere and time.time() - modified < _UNSEEN_SECONDS


def _boot_id() -> str:
    """Return what is the same for all containers of this machine until it starts again."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
