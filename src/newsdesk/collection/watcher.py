"""Tell what changed on disk, in batches, soon after it did."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.collection.files import SKIPPED_FOLDERS, has_suffix
from newsdesk.errors import NewsdeskError

if TYPE_CHECKING:
    from watchfiles.main import FileChange

# Linux watches folders, not trees. Told to watch a tree, watchfiles looks at every file in it, half
# a second for 100,000, and no other thread of ours can run meanwhile.
_ONE_BY_ONE = sys.platform == "linux"
_DEBOUNCE_MS = 150  # changes that come within this time of one another are one batch
_STEP_MS = 40
_TOO_MANY = 500  # files; a larger batch is a checkout, and one refresh does better


# What others write there, on another machine or outside of a container, is not reported to us.
_REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.", "virtiofs", "vboxsf", "ceph", "afs", "lustre")


class NotWatched(NewsdeskError):
    """The system does not report changes in this folder."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that were written, renamed or removed since the batch before.

    With `too_many` the paths are left out: compare the whole folder instead.
    """

    paths: tuple[str, ...]
    too_many: bool = False


def watch(root: Path, stop: threading.Event) -> Iterator[Changes]:
    """Yield batches of changed paths, relative to `root`, until `stop` is set.

    Only files that may hold an article. Raises `NotWatched` where the system cannot watch (too
    many folders, a network disk): a refresh finds everything anyway.
    """
    from watchfiles import Change

    if _file_system(root).startswith(_REMOTE):
        raise NotWatched("The system does not report what others write on this disk.")
    try:
        has_new_folder = True
        while has_new_folder and not stop.is_set():
            has_new_folder = False
            for batch in _batches(root, stop):
                paths = {found for _, path in batch if (found := _article_path(root, path))}
                has_new_folder = _ONE_BY_ONE and any(
                    change is Change.added and _is_new_folder(root, path) for change, path in batch
                )
                # What came into a new folder before it was watched is found by comparing.
                if has_new_folder or len(paths) > _TOO_MANY:
                    yield Changes((), too_many=True)
                elif paths:
                    yield Changes(tuple(sorted(paths)))
                if has_new_folder:
                    break
    except (OSError, RuntimeError) as error:
        if not stop.is_set():
            raise NotWatched(f"Changes on disk are not watched: {error}.") from error


def _file_system(root: Path) -> str:
    """Return the type of the file system that holds a folder; empty where it is not known."""
    try:
        device = root.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) > 2 and fields[2] == number and "-" in fields:  # see proc(5)
            return "".join(fields[fields.index("-") + 1 :][:1])
    return ""


def _batches(root: Path, stop: threading.Event) -> Iterator[set[FileChange]]:
    from watchfiles import Change
    from watchfiles import watch as watch_files

    def is_ours(change: Change, path: str) -> bool:
        return has_suffix(path) or (
            _ONE_BY_ONE and change is Change.added and _is_new_folder(root, path)
        )

    return watch_files(
        *(_folders(root) if _ONE_BY_ONE else [root]),
        watch_filter=is_ours,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=500,
        raise_interrupt=False,
        ignore_permission_denied=True,
        recursive=not _ONE_BY_ONE,
    )


def _folders(root: Path) -> list[str]:
    """Return all folders that may hold articles."""
    found = []
    for folder, below, _ in os.walk(root):
        found.append(folder)
        below[:] = [name for name in below if name[0] != "." and name not in SKIPPED_FOLDERS]
    return found


def _is_new_folder(root: Path, text: str) -> bool:
    path = Path(text)
    is_wanted = path != root and path.name[:1] != "." and path.name not in SKIPPED_FOLDERS
    return is_wanted and path.is_dir()


def _article_path(root: Path, path: str) -> str:
    """Return the path relative to the collection, empty if it is none of ours."""
    try:
        relative = Path(path).relative_to(root)
        relative.as_posix().encode()
    except (ValueError, UnicodeError):
        return ""
    folders = relative.parts[:-1]
    if any(part[0] == "." or part in SKIPPED_FOLDERS for part in folders):
        return ""
    return "" if relative.name[0] == "." else relative.as_posix()
