"""Remember the commit that is being made, and finish it when its process was killed.

The record is a file in the state folder, there only during a commit. Its process holds a lock
(flock(2)) on it, and so does the git that it started.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from newsdesk.private_folder import is_process_running
from newsdesk.workspace.review.git import Blob, Repository
from newsdesk.workspace.review.git_command import GitRefused
from newsdesk.workspace.review.git_index import (
    Planned,
    describe_lock,
    entries_after,
    lock_path,
    lock_text,
    set_entries,
)

RUNNING_SECONDS = 10.0  # that a start waits for a commit whose newsdesk was killed
_NEW_INDEX = "index.newsdesk"


def new_index_path(repository: Repository) -> Path:
    """Return the file that becomes the index, in its folder so that a rename is enough."""
    return repository.git_folder / _NEW_INDEX


class CommitRecord:
    """The record of the commit that this process makes; for a `with`.

    `handle` is a file descriptor that keeps the record in use. Raises `GitRefused` if another
    newsdesk makes a commit of the same collection, or the record cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.handle = _opened(path)
        except OSError as error:
            raise GitRefused(f"The state folder cannot be written: {error.strerror}.") from error

    def begin(self, repository: Repository) -> None:
        """Write down who makes a commit where; raises `GitRefused`."""
        self._append(
            {
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "began": time.time() - 1,  # a file system may keep whole seconds only
                "folder": str(repository.folder),
                "head": repository.head(),
                "lock": lock_text(),
            }
        )

    def note_plan(self, plan: Sequence[Planned]) -> None:
        """Write down what the index has to hold afterwards; raises `GitRefused`."""
        told = [[path, _told(found), _told(becomes)] for path, found, becomes in plan]
        self._append({"plan": told})

    def note_locking(self) -> None:
        """Write down that the index is going to be locked; raises `GitRefused`."""
        self._append({"locking": True})

    def note_git(self, pid: int) -> None:
        """Write down the process that makes the commit."""
        with suppress(GitRefused):  # it runs already
            self._append({"git": pid, "locking": True})

    def _append(self, what: dict[str, object]) -> None:
        try:
            os.write(self.handle, (json.dumps(what) + "\n").encode())
            os.fsync(self.handle)
        except OSError as error:
            raise GitRefused(f"The state folder cannot be written: {error.strerror}.") from error

    def __enter__(self) -> CommitRecord:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_finished = True
        if error is not None and (interrupted := _read(self.handle)) is not None:
            # Whatever ended it, a commit that was made must not appear staged in reverse.
            try:
                is_finished, _ = _finish(interrupted)
            except GitRefused:
                is_finished = False
        if is_finished:
            self._path.unlink(missing_ok=True)
        os.close(self.handle)


@dataclass(frozen=True, slots=True)
class _Interrupted:
    """What the record of a commit says."""

    host: str
    pid: int
    folder: str
    head: str
    lock: str
    began: float = 0.0
    plan: tuple[Planned, ...] = ()
    locking: bool = False
    git: int = 0


def _opened(path: Path) -> int:
    """Return a descriptor of a new record that nobody else holds; raises `GitRefused`."""
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if not _is_free(handle):
            os.close(handle)
            raise GitRefused("Another newsdesk is committing here.", "Commit again afterwards.")
        # Its holder may have removed the file between our opening and our locking it.
        is_this = path.exists() and path.stat().st_ino == os.fstat(handle).st_ino
        if is_this and not os.fstat(handle).st_size:
            return handle
        os.close(handle)
        if is_this and (said := finish_commit(path)) and path.exists():
            raise GitRefused(said)


def finish_commit(path: Path) -> str:
    """Finish the commit of a newsdesk that was killed; return a sentence about it, or nothing.

    The index follows the commit if git made it, and a lock that was left goes away. Waits up to
    ten seconds for a git that is still running. Does nothing while another newsdesk commits.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        if (said := _why_not_finish(handle)) is not None:
            return said
        interrupted = _read(handle)
        is_finished, said = (True, "") if interrupted is None else _finish(interrupted)
        if is_finished:
            path.unlink(missing_ok=True)
        return said
    except GitRefused as refusal:
        return f"A commit was interrupted and cannot be finished: {refusal}"
    finally:
        os.close(handle)


def _why_not_finish(handle: int) -> str | None:
    """Wait until nobody works on a commit; return a sentence or nothing if somebody does."""
    deadline = time.monotonic() + RUNNING_SECONDS
    while not _is_free(handle):
        interrupted = _read(handle)
        if interrupted is not None and is_process_running(interrupted.pid):
            return ""
        if interrupted is not None and interrupted.git and not is_process_running(interrupted.git):
            break  # what a hook left in the background holds the file for as long as it runs
        if time.monotonic() > deadline:
            return "A commit of newsdesk is still running."
        time.sleep(0.05)
    interrupted = _read(handle)
    if interrupted is not None and interrupted.host != socket.gethostname():
        return f"newsdesk on {interrupted.host} has not finished a commit here."
    return None


def _finish(interrupted: _Interrupted) -> tuple[bool, str]:
    """Return whether nothing is left to do, and a sentence for the person, or nothing."""
    repository = Repository(Path(interrupted.folder))
    if not _remove_locks(repository, interrupted):
        lock = lock_path(repository)
        return False, f"{describe_lock(lock)} locks the repository. If it has ended, remove {lock}."
    new_index_path(repository).unlink(missing_ok=True)
    head = repository.head()
    if head == interrupted.head:
        return True, ""
    repository.git.read("merge-base", "--is-ancestor", interrupted.head, head)
    index = repository.entries()
    changes = repository.changes(interrupted.head, head)
    entries = entries_after(index, interrupted.plan, changes)
    if not entries:
        return True, ""
    flags = {path: index[path].flag for path in entries if path in index}
    set_entries(repository, entries, flags=flags)
    with suppress(GitRefused):  # files that differ from the index make it say no
        repository.git.read("update-index", "-q", "--refresh")
    return True, "A commit was interrupted; git's index follows it now."


def _remove_locks(repository: Repository, interrupted: _Interrupted) -> bool:
    """Remove the locks that the commit left behind; return whether the index is free."""
    lock = lock_path(repository)
    try:
        with open(lock, "rb") as file:
            is_ours = file.read(len(interrupted.lock) + 1) == interrupted.lock.encode()
    except FileNotFoundError:
        is_ours = True
    # A lock of git does not say who made it. Nobody else could lock what was locked already,
    # so it is the one of our git, unless somebody removed that and another git runs now.
    was_killed = interrupted.locking and not _git_runs_in(repository.top)
    if not is_ours and not was_killed:
        return False
    lock.unlink(missing_ok=True)
    if was_killed and interrupted.git:
        (lock.parent / f"next-index-{interrupted.git}.lock").unlink(missing_ok=True)
        for other in _other_locks(repository):
            with suppress(FileNotFoundError):
                if other.stat().st_mtime >= interrupted.began:
                    other.unlink()
    return True


def _other_locks(repository: Repository) -> list[Path]:
    """Return the locks that `git commit` and its maintenance take besides that of the index."""
    names = ["HEAD", "packed-refs", "objects/maintenance"]
    with suppress(GitRefused):  # on no branch
        names.append(os.fsdecode(repository.git.read("symbolic-ref", "-q", "HEAD")).rstrip("\n"))
    options = [word for name in names for word in ("--git-path", f"{name}.lock")]
    places = os.fsdecode(repository.git.read("rev-parse", *options)).splitlines()
    return [repository.top / place for place in places]


def _git_runs_in(folder: Path) -> bool:
    """Tell whether a git may be at work in a folder; only Linux shows where processes are."""
    if not sys.platform.startswith("linux"):
        return True
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "comm").read_text().startswith("git"):
                place = (process / "cwd").readlink()
                if place == folder or folder in place.parents:
                    return True
    return False


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(handle: int) -> _Interrupted | None:
    """Return what the record says, None if it is not whole."""
    told: dict[str, Any] = {}
    for line in os.pread(handle, os.fstat(handle).st_size, 0).splitlines():
        with suppress(ValueError):  # the last line, cut off
            told |= json.loads(line)
    try:
        plan = [(path, _blob(found), _blob(now)) for path, found, now in told.pop("plan", [])]
        return _Interrupted(**told, plan=tuple(plan))
    except TypeError:
        return None


def _told(blob: Blob | None) -> list[str] | None:
    return None if blob is None else [blob.mode, blob.id]


def _blob(told: list[str] | None) -> Blob | None:
    return None if told is None else Blob(*told)
