"""Bring an index up to date in a process of its own, so that the one with the keys stays free."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.errors import Cancelled, CollectionError, NewsdeskError
from newsdesk.index.store import IndexDamaged, Store
from newsdesk.processes import run_in_process

if TYPE_CHECKING:
    from newsdesk.index.refresh import Progress, RefreshReport
    from newsdesk.processes import JobConnection

_LESS_URGENT = 5  # how much nicer than the desk: keys go before files


@dataclass(frozen=True, slots=True)
class RefreshJob:
    """Which folder, read by which profile, and which file of an index that is there and fine."""

    root: Path
    index: Path
    profile: Profile = JEKYLL


@dataclass(frozen=True, slots=True)
class _Failed:
    """An error as it goes from one process to the other."""

    kind: str
    message: str
    remedy: str


_KINDS = {kind.__name__: kind for kind in (IndexDamaged, CollectionError, Cancelled)}


def refresh_in_process(
    job: RefreshJob,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> RefreshReport:
    """Do what `refresh` does, elsewhere; the index is written there and can be read here.

    Raises what `refresh` raises, and `ProcessEnded` if there is no process or it is killed: what
    it has written by then stays.
    """
    from newsdesk.index.refresh import Progress

    report = None
    for news in run_in_process(run, job, is_stopped=is_cancelled, confirm=lambda _: False):
        if isinstance(news, Progress):
            if on_progress is not None:
                on_progress(news)
        elif isinstance(news, _Failed):
            raise _KINDS.get(news.kind, NewsdeskError)(news.message, news.remedy)
        else:
            report = news
    if report is None:
        raise Cancelled("Refreshing was stopped; what was read is kept.")
    return report


def run(job: RefreshJob, line: JobConnection[Progress | RefreshReport | _Failed]) -> None:
    """Do an errand, in the process that was started for it; tell how it goes."""
    from newsdesk.index.refresh import refresh

    if hasattr(os, "nice"):
        os.nice(_LESS_URGENT)
    try:
        with closing(Store(job.index, is_ours=False)) as store:
            report = refresh(
                job.root,
                store,
                on_progress=line.send,
                is_cancelled=line.is_set,
                profile=job.profile,
            )
            line.send(report)
    except NewsdeskError as error:
        line.send(_Failed(type(error).__name__, error.message, error.remedy))
