"""Change entries of git's index, and hold or explain the lock on it."""

from __future__ import annotations

import os
import pwd
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from newsdesk.workspace.review.git import Blob, IndexEntry, Repository
from newsdesk.workspace.review.git_command import GitRefused, gist

LOCK_WAIT_SECONDS = 1.0  # that another git may take over the index
_MARK = "newsdesk "  # what our own lock begins with; git's is empty or an index

# Path, its blob in the index before a commit, its blob there afterwards; None: no entry.
Planned = tuple[str, Blob | None, Blob | None]


def entries_after(
    index: Mapping[str, IndexEntry],
    plan: Iterable[Planned],
    changes: Iterable[tuple[str, Blob | None, Blob | None]],
) -> dict[str, Blob | None]:
    """Return path -> blob of the entries that have to change so that the index follows a commit.

    `changes` are (path, old, new) between the commit before and this one. As `git commit --only`
    does: what was equal to the old commit becomes equal to the new one, and what is staged in
    another version stays, but for planned paths. What a hook added to the commit follows too.
    """
    planned = {path: (found, becomes) for path, found, becomes in plan}
    wanted: dict[str, Blob | None] = {}
    for path, old, new in changes:
        entry = index.get(path)
        now = entry and entry.blob
        found, becomes = planned.get(path, (old, new))
        if now == old or (now == becomes and found == old):
            wanted[path] = new
        elif now == found:
            wanted[path] = becomes
        if path in wanted and wanted[path] == now:
            del wanted[path]
    return wanted


def set_entries(
    repository: Repository,
    entries: Mapping[str, Blob | None],
    *,
    index: Path | None = None,
    flags: Mapping[str, str] | None = None,
) -> None:
    """Change entries of the index, or of another index file; raises `GitRefused`.

    None removes an entry. `flags` are path -> assume-unchanged or skip-worktree, to be set again:
    git clears them.
    """
    variables: dict[str, Any] = {} if index is None else {"GIT_INDEX_FILE": str(index)}
    none = Blob("0", "0" * len(repository.head()))
    lines = (
        f"{(blob or none).mode} {(blob or none).id}\t".encode() + os.fsencode(path) + b"\0"
        for path, blob in entries.items()
    )
    git = repository.git
    git.read("update-index", "-z", "--index-info", given=b"".join(lines), **variables)
    for flag in ("assume-unchanged", "skip-worktree"):
        names = [path for path, each in (flags or {}).items() if each == flag and path in entries]
        if names:
            given = b"".join(os.fsencode(name) + b"\0" for name in names)
            git.read("update-index", f"--{flag}", "-z", "--stdin", given=given, **variables)


# -- the lock ----------------------------------------------------------------------------------


def lock_path(repository: Repository) -> Path:
    """Return the file that locks the index while it exists."""
    return repository.git_folder / "index.lock"


def lock_text() -> str:
    """Return what this process writes into its lock, for whoever finds it."""
    return f"{_MARK}{socket.gethostname()} {os.getpid()}\n"


def wait_for_lock(repository: Repository) -> None:
    """Wait until nobody locks the index; raises `GitRefused`, saying who, after a second."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while os.path.lexists(lock_path(repository)):
        if time.monotonic() > deadline:
            raise _complaint(repository)
        time.sleep(0.02)


@contextmanager
def index_locked(repository: Repository) -> Iterator[None]:
    """Lock the index as git does; raises `GitRefused` if another holds the lock."""
    lock = lock_path(repository)
    while True:
        wait_for_lock(repository)
        try:
            handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            break
        except FileExistsError:
            continue
        except OSError as error:
            raise GitRefused(
                f"The repository cannot be written: {error.strerror}.",
                f"Check the permissions of {repository.git_folder}.",
            ) from error
    try:
        with open(handle, "w") as file:
            file.write(lock_text())
        yield
    finally:
        lock.unlink(missing_ok=True)


def _complaint(repository: Repository) -> GitRefused:
    """Return whose lock it is, since when, and what to do; with git's own words."""
    words = ""
    try:
        repository.git.read("update-index", "--force-write-index")  # only wants the lock
    except GitRefused as refusal:
        words = refusal.words
    lock = lock_path(repository)
    return GitRefused(
        f"{describe_lock(lock)} locks the repository: {gist(words) or 'index.lock'}",
        f"Wait until it has ended. If none runs, remove {lock}.",
        words,
    )


def describe_lock(lock: Path) -> str:
    """Return who made a lock, as the beginning of a sentence."""
    try:
        about = lock.lstat()
        with open(lock, "rb") as file:
            text = file.read(300).decode("utf-8", "replace")
    except OSError:
        return "Another git"
    since = f"{datetime.fromtimestamp(about.st_mtime).astimezone():%Y-%m-%d %H:%M}"
    if text.startswith(_MARK):
        _, host, pid = [*text.split(), "", ""][:3]
        return f"newsdesk on {host} (process {pid}, since {since})"
    owner = str(about.st_uid)
    with suppress(KeyError):
        owner = pwd.getpwuid(about.st_uid).pw_name
    return f"Another git (of {owner}, since {since})"
