"""Temporary folders that are removed later if the process that made them was killed.

A folder is in use for as long as somebody holds the lock (flock(2)) on a file in it; the system
releases the lock of a process that ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_PREFIX = "newsdesk-"
# The number of the process, which earlier versions left out, and what tempfile adds.
_NAME = re.compile(rf"{_PREFIX}(?:(\d+)-)?[a-z0-9_]{{8}}")
_LOCK = "in-use"
# What earlier versions left, without a lock. An index is read on after it was removed.
_UNLOCKED_FILES = re.compile(r"\d+|(commit|real)-index|index\.db.*")
_UNLOCKED_SECONDS = 24 * 60 * 60


class PrivateFolder:
    """A new folder in the system's temporary one that only this person can read.

    `path` is the folder. `lock` is a file descriptor: a process that inherits it keeps the
    folder in use too. Removed by `close`, or at the end of a `with`.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        # Locked before it has its name: a sweep takes a file that nobody holds for a leftover.
        draft = self.path / f"{_LOCK}.new"
        self.lock = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        draft.rename(self.path / _LOCK)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def sweep_private_folders() -> list[Path]:
    """Remove the folders that killed processes left behind; return those that were removed.

    Only folders of this person that `PrivateFolder`, or an earlier version, made.
    """
    swept = []
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            with suppress(OSError):
                if (name := _NAME.fullmatch(entry.name)) and _is_leftover(entry, int(name[1] or 0)):
                    shutil.rmtree(entry.path, ignore_errors=True)
                    swept.append(Path(entry.path))
    return swept


def is_process_running(pid: int) -> bool:
    """Tell whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _is_leftover(entry: os.DirEntry[str], pid: int) -> bool:
    about = entry.stat(follow_symlinks=False)
    is_private = stat.S_ISDIR(about.st_mode) and not about.st_mode & 0o077
    if not is_private or about.st_uid != os.getuid():
        return False
    try:
        handle = os.open(f"{entry.path}/{_LOCK}", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        if pid:  # it was killed, or will have the lock in a moment
            return not is_process_running(pid)
        is_old = time.time() - about.st_mtime > _UNLOCKED_SECONDS
        names = (file.name for file in Path(entry.path).iterdir())
        return is_old and all(map(_UNLOCKED_FILES.fullmatch, names))
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody holds it, or the file system has no locks
        return False
    finally:
        os.close(handle)
    return True
