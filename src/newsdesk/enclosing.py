"""Find the collection that a folder is in, as git finds the repository: by looking upward."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COLLECTION_FILE = ".newsdesk.toml"  # in the collection's folder, for everybody who edits it
# What the generators of sites look for in the folder that holds a site.
SITE_FILES = (
    *(f"_config.{ending}" for ending in ("yml", "yaml", "toml")),  # Jekyll
    *(f"hugo.{ending}" for ending in ("toml", "yaml", "yml", "json")),
    "config/_default/hugo.toml",
    "config/_default/config.toml",
    *(f"astro.config.{ending}" for ending in ("mjs", "ts", "js", "mts", "cjs")),
    ".eleventy.js",
    *(f"eleventy.config.{ending}" for ending in ("js", "mjs", "cjs")),
)
_WRITABLE_BY_ALL = stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class EnclosingCollection:
    """A folder above, and what tells that it is a collection, in words."""

    folder: Path
    reason: str


def find_enclosing_collection(
    start: Path, has_decisions: Callable[[Path], bool], was_opened: Callable[[Path], bool]
) -> EnclosingCollection | None:
    """Return the collection above a folder, or None where `start` is one itself or none is found.

    The nearest folder counts that has settings, a site's configuration or decisions; if there is
    none, the nearest that was opened before. As git does, it does not look beyond the file
    system; nor above the home folder, nor into folders that strangers may put files into.
    """
    folders = list(_upward(start))
    for folder in folders:
        reason = _mark(folder) or ("it has decisions" if has_decisions(folder) else "")
        if reason:
            return None if folder == start else EnclosingCollection(folder, reason)
    for folder in folders:
        if was_opened(folder):
            return None if folder == start else EnclosingCollection(folder, "it was opened before")
    return None


def _mark(folder: Path) -> str:
    found = (name for name in (COLLECTION_FILE, *SITE_FILES) if (folder / name).is_file())
    name = next(found, "")
    if not name and (folder / "config.toml").is_file() and (folder / "archetypes").is_dir():
        name = "config.toml"  # Hugo's older name, which others use as well
    return name and f"it has {name}"


def _upward(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it that may be looked at."""
    try:
        home = Path("~").expanduser().resolve()
        first = start.stat()
        yield start
        for folder in start.parents:
            status = folder.stat()
            is_beyond = status.st_dev != first.st_dev or folder.parent == folder
            if is_beyond or home in (folder, start):
                return
            if status.st_mode & _WRITABLE_BY_ALL or not _is_trusted(status, first):
                return
            yield folder
    except (OSError, RuntimeError):  # not to be looked at, or no home: as if nothing was there
        return


def _is_trusted(status: os.stat_result, first: os.stat_result) -> bool:
    """Return whether a folder belongs to this person, the system, or whoever owns the first."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid in (os.geteuid(), 0, first.st_uid)
