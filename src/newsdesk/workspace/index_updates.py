"""Bring the index of an open collection up to date with its files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from newsdesk.collection import files
from newsdesk.index.store import IndexDamaged
from newsdesk.workspace.open_collection import OpenCollection

# The first rows need none of these, so they are imported where they are used.
if TYPE_CHECKING:
    from newsdesk.index.refresh import Progress, RefreshReport

    OnProgress = Callable[[Progress], None]

_log = logging.getLogger(__name__)
_MAX_IN_THREAD = 5_000  # articles; comparing more files in a thread would delay key presses


def refresh(
    collection: OpenCollection,
    on_progress: OnProgress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    apart: bool = False,
) -> RefreshReport:
    """Bring the index up to date with all files; raises `Cancelled`.

    With `apart` a long refresh runs in a worker process, so that this one stays responsive.
    """
    refreshed = _refresh_in_process if apart else _refresh
    try:
        report = refreshed(collection, on_progress, is_cancelled)
    except IndexDamaged as damage:
        collection.reset_index(damage)
        report = refreshed(collection, on_progress, is_cancelled)
    collection.needs_refresh = False
    return report


def _refresh(
    collection: OpenCollection,
    on_progress: OnProgress | None,
    is_cancelled: Callable[[], bool],
    most: int | None = None,
) -> RefreshReport:
    from newsdesk.index.refresh import refresh

    return refresh(
        collection.config.collection,
        collection.store,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
        max_files=most,
        profile=collection.profile,
    )


def _refresh_in_process(
    collection: OpenCollection,
    on_progress: OnProgress | None,
    is_cancelled: Callable[[], bool],
) -> RefreshReport:
    """Refresh in a worker process if there is much to compare or read, and one can start."""
    from newsdesk.index.refresh import MIN_FILES_FOR_PROCESSES, TooManyFiles
    from newsdesk.index.refresh_worker import RefreshJob, refresh_in_process
    from newsdesk.processes import ProcessEnded

    try:
        if not collection.store.is_larger_than(_MAX_IN_THREAD):
            return _refresh(collection, on_progress, is_cancelled, MIN_FILES_FOR_PROCESSES)
    except TooManyFiles:
        pass
    try:
        job = RefreshJob(collection.config.collection, collection.store.path, collection.profile)
        return refresh_in_process(job, on_progress=on_progress, is_cancelled=is_cancelled)
    except ProcessEnded as error:
        _log.warning("Refreshing in this process instead: %s\n%s", error, error.traceback_text)
        return _refresh(collection, on_progress, is_cancelled)


def reread(collection: OpenCollection, paths: Iterable[str]) -> list[int]:
    """Bring the index up to date with a few files; return the ids of those that are articles."""
    from newsdesk.collection.generators.exclusions import articles_among
    from newsdesk.index.refresh import read_batch

    root = collection.config.collection
    try:
        wanted, others = articles_among(paths, root, collection.profile)
        records, missing = read_batch(root, wanted, collection.profile)
        return collection.store.apply(records, [*missing, *others])
    except IndexDamaged:
        collection.needs_refresh = True
        return []


def are_as_indexed(collection: OpenCollection, paths: Iterable[str]) -> bool:
    """Return whether all of these files are unchanged since the index read them."""
    wanted = list(paths)
    try:
        indexed = collection.store.fingerprints_of(wanted)
    except IndexDamaged:
        collection.needs_refresh = True
        return False
    root = collection.config.collection
    return all(indexed.get(path) == files.fingerprint(root, path) for path in wanted)
