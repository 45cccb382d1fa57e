"""Bring stories up to date in a process of its own, so that the one with the keys stays free."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.index.store import Store
from newsdesk.processes import in_a_process
from newsdesk.workspace.stories.builder import GroupingProgress, GroupingReport
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.config import Config
    from newsdesk.processes import Line

_LESS_URGENT = 10  # how much nicer than the desk: keys go before stories


@dataclass(frozen=True, slots=True)
class GroupingJob:
    """Which collection, and which file of an index that is there and fine."""

    config: Config
    index: Path


def group_in_process(
    job: GroupingJob,
    on_progress: Callable[[GroupingProgress], None],
    is_cancelled: Callable[[], bool],
) -> GroupingReport:
    """Do what `StoryService.group` does, elsewhere; the index is written there and read here.

    Raises `Cancelled`, `NewsdeskError`, and `ProcessEnded` if there is no process or it is killed:
    stories are then as they were.
    """
    report = None
    for news in in_a_process(run, job, is_stopped=is_cancelled, agrees=lambda _: False):
        if isinstance(news, GroupingProgress):
            on_progress(news)
        elif isinstance(news, GroupingReport):
            report = news
        elif news is not None:
            raise NewsdeskError(*news)
    if report is None:
        raise Cancelled("Making stories was stopped; they are as they were.")
    return report


def run(job: GroupingJob, line: Line[GroupingProgress | GroupingReport | tuple[str, str]]) -> None:
    """Do it, in the process that was started for it; an error is told as message and remedy."""
    if hasattr(os, "nice"):
        os.nice(_LESS_URGENT)
    try:
        store = Store(job.index, is_ours=False)
        with closing(Workspace(job.config, store)) as workspace:
            line.tell(workspace.stories.group(line.tell, line.is_set))
    except Cancelled:
        pass
    except NewsdeskError as error:
        line.tell((error.message, error.remedy))
