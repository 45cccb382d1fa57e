"""Open a desk for one command: fresh index, parsed query, matching rows page by page."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from newsdesk.cli.errors import QueryProblem
from newsdesk.cli.output import Output, interruptible, report_collection
from newsdesk.config import load_config
from newsdesk.errors import NewsdeskError, QueryError, UsageError
from newsdesk.index.query.ast import Query, asks_about_stories
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import all_of, describe
from newsdesk.index.refresh import Progress, RefreshReport
from newsdesk.index.schema import Row
from newsdesk.index.store import FoundIds
from newsdesk.text import counted
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.workspace.stories.builder import GroupingProgress

PAGE = 500  # rows in memory at a time
_PROGRESS_DELAY_SECONDS = 1.0  # seconds before a refresh shows how far it is


@contextmanager
def opened(arguments: Namespace, output: Output) -> Iterator[Workspace]:
    """Open the collection that the arguments name; raises `CollectionError`.

    Raises `UsageError` for a broken file of settings that decides what articles say.

    What the desk has to tell goes to standard error.
    """
    config = load_config(arguments.collection)
    report_collection(config, output)
    workspace = Workspace(config)
    try:
        if mistakes := workspace.blocking_problems:
            raise UsageError(mistakes[0].message, mistakes[0].remedy)
        workspace.finish_commit()
        print_notices(workspace, output)
        yield workspace
        print_notices(workspace, output)
    finally:
        workspace.close()


def print_notices(workspace: Workspace, output: Output) -> None:
    """Print what the desk has to tell, once."""
    for notice in workspace.notices:
        output.message(notice)
    workspace.notices.clear()


def refresh_index(workspace: Workspace, output: Output) -> RefreshReport:
    """Refresh the index, with progress if it takes long; raises `Cancelled` on Ctrl+C."""
    shows_from = time.monotonic() + _PROGRESS_DELAY_SECONDS

    def show(progress: Progress) -> None:
        if time.monotonic() >= shows_from:
            output.progress(f"reading {progress.done:,} of {progress.total:,} files")

    with interruptible() as interrupt:
        report = workspace.refresh(on_progress=show, is_cancelled=interrupt.is_requested)
    output.end_progress()
    print_notices(workspace, output)
    for folder in report.unreadable_folders:
        output.message(f"The folder {folder} cannot be read; its articles may be out of date.")
    return report


def group_stories(workspace: Workspace, output: Output) -> None:
    """Bring the stories up to date, with progress if it takes long; raises `Cancelled`."""
    shows_from = time.monotonic() + _PROGRESS_DELAY_SECONDS

    def show(progress: GroupingProgress) -> None:
        if time.monotonic() >= shows_from:
            output.progress(f"comparing {progress.done:,} of {progress.total:,} articles")

    with interruptible() as interrupt:
        workspace.stories.group(on_progress=show, is_cancelled=interrupt.is_requested)
    output.end_progress()


def read_query(text: str, sort: str | None = None) -> Query:
    """Parse a query, and the order of `--sort`, which wins over a `sort:` in the query.

    Raises `QueryProblem`.
    """
    query = _parsed(text)
    if sort is None:
        return query
    prefix = "sort:"
    try:
        order = parse(prefix + sort)
    except QueryError as error:
        start, end = (max(0, place - len(prefix)) for place in (error.start, error.end))
        told = QueryError(error.message, start, end, error.hint.removeprefix(prefix))
        raise QueryProblem(sort, told) from None
    if order.condition is not None or not order.order:
        example = "Write for example --sort heat,date-asc."
        raise UsageError(f"{sort or 'An empty text'} is no order.", example)
    return replace(query, order=order.order)


def _parsed(text: str) -> Query:
    try:
        return Workspace.parse(text)
    except QueryError as error:
        raise QueryProblem(text, error) from None


def narrow_to_view(workspace: Workspace, name: str, query: Query, output: Output) -> Query:
    """Return the query narrowed to a view; an order of its own wins over the view's.

    Raises `UsageError` if there is no such view, or it does not parse. What is wrong with other
    views is told.
    """
    view = workspace.view_named(name)
    for mistake in workspace.setting_problems:
        output.message(mistake)
    return all_of(workspace.parse(view.query), query)


def matching_ids(workspace: Workspace, query: Query, output: Output) -> FoundIds:
    """Return the ids that match, in order, out of an index that is up to date.

    Where a folder cannot be read, the output is marked as incomplete.
    """
    report = refresh_index(workspace, output)
    output.is_incomplete = bool(report.unreadable_folders)
    if asks_about_stories(query.condition):
        group_stories(workspace, output)
    ids = workspace.search(query)
    if workspace.needs_refresh:  # the index was damaged, and is empty now
        print_notices(workspace, output)
        refresh_index(workspace, output)
        ids = workspace.search(query)
    return ids


def pages(workspace: Workspace, ids: FoundIds) -> Iterator[list[Row]]:
    """Yield the rows of ids page by page; raises `NewsdeskError` if the index breaks meanwhile."""
    for start in range(0, len(ids), PAGE):
        yield workspace.rows(ids[start : start + PAGE], ids.generation)
        if workspace.needs_refresh:
            raise NewsdeskError(
                "The index was damaged while it was read; the answer is not whole.",
                "Ask again: it is rebuilt.",
            )


def report_no_match(ids: Sequence[int], query: Query, workspace: Workspace, output: Output) -> None:
    """Say how the query was understood when it found nothing, so that a slip is noticed."""
    if ids:
        return
    total = workspace.count(parse(""))
    where = counted(total, "article")
    if not total:
        output.message(f"There are no articles in {workspace.config.collection}.")
    elif query.condition is None:
        output.message(f"Nothing to show of {where}.")
    else:
        asked = describe(replace(query, order=()))
        output.message(f"None of {where} matches: {asked}.")
