"""Group stories in a worker process, so that the main process stays responsive."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.index.store import Store
from newsdesk.index.story_tables import StoryTables
from newsdesk.processes import run_in_process
from newsdesk.workspace.links.findings import LinkFindings
from newsdesk.workspace.links.service import LinkService
from newsdesk.workspace.reader import Reader
from newsdesk.workspace.stories.builder import Grouping, GroupingProgress, GroupingReport
from newsdesk.workspace.stories.overrides import Decisions, decisions_in
from newsdesk.workspace.stories.reachability import Reachability

if TYPE_CHECKING:
    from newsdesk.config import Config
    from newsdesk.processes import JobConnection

_NICENESS = 10  # lower priority than the main process, which handles the keys


@dataclass(frozen=True, slots=True)
class GroupingJob:
    """The collection, and the file of its index, which exists and is undamaged."""

    config: Config
    index: Path


def group_in_process(
    job: GroupingJob,
    on_progress: Callable[[GroupingProgress], None],
    is_cancelled: Callable[[], bool],
) -> GroupingReport:
    """Do what `StoryService.group` does in a worker process, which writes to the index.

    Raises `Cancelled`, `NewsdeskError`, and `ProcessEnded` if the process cannot start or is
    killed: stories are then unchanged.
    """
    report = None
    for event in run_in_process(run, job, is_stopped=is_cancelled, confirm=lambda _: False):
        if isinstance(event, GroupingProgress):
            on_progress(event)
        elif isinstance(event, GroupingReport):
            report = event
        elif event is not None:
            raise NewsdeskError(*event)
    if report is None:
        raise Cancelled("Grouping was stopped; stories are unchanged.")
    return report


def run(
    job: GroupingJob, line: JobConnection[GroupingProgress | GroupingReport | tuple[str, str]]
) -> None:
    """Run the job in the worker process; an error is sent as (message, remedy)."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    try:
        store = Store(job.index, is_ours=False)
        with closing(Reader(job.config, store)) as reader:
            line.send(_group(reader, line.send, line.is_set))
    except Cancelled:
        pass
    except NewsdeskError as error:
        line.send((error.message, error.remedy))


def _group(
    reader: Reader,
    on_progress: Callable[[GroupingProgress], None],
    is_cancelled: Callable[[], bool],
) -> GroupingReport:
    config, store = reader.config, reader.store
    links = LinkService(config.collection, config.verdicts_path, reader.profile)
    with closing(links):
        findings = LinkFindings(config.collection, store, links, reader.profile)
        unreachable = Reachability(reader, lambda: findings).unreachable
        grouping = Grouping(store, StoryTables(store), unreachable)
        decisions = Decisions.of(decisions_in(reader.readable_journal()))
        return grouping.run(decisions, on_progress, is_cancelled)
