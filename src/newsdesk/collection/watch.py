"""Tell what changed on disk, in batches, soon after it did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsdesk.collection.files import SKIPPED_FOLDERS, SUFFIXES

_DEBOUNCE_MS = 150  # changes that come within this time of one another are one batch
_STEP_MS = 40
_TOO_MANY = 500  # files; a larger batch is a checkout, and one refresh does better


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that were written, renamed or removed since the batch before.

    With `too_many` the paths are left out: compare the whole folder instead.
    """

    paths: tuple[str, ...]
    too_many: bool = False


def watch(root: Path, stop: threading.Event) -> Iterator[Changes]:
    """Yield batches of changed paths, relative to `root`, until `stop` is set.

    Only files that may hold an article. Ends early, without an exception, where the system
    cannot watch (too many folders, a network disk): a refresh finds everything anyway.
    """
    from watchfiles import Change
    from watchfiles import watch as watch_files
    from watchfiles.main import FileChange

    def is_ours(_: Change, path: str) -> bool:
        return path.endswith(SUFFIXES)

    batches: Iterator[set[FileChange]] = watch_files(
        root,
        watch_filter=is_ours,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=500,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    try:
        for batch in batches:
            paths = {found for _, path in batch if (found := _article_path(root, path))}
            if len(paths) > _TOO_MANY:
                yield Changes((), too_many=True)
            elif paths:
                yield Changes(tuple(sorted(paths)))
    except (OSError, RuntimeError):
        return


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
