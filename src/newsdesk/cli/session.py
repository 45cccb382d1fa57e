"""Open a workspace for one command: refresh the index, parse the query, read the rows."""

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
from newsdesk.index.query.ast import Query, needs_stories
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
    """Open the workspace of the given collection; print its notices on standard error.

    Raises `CollectionError`, and `UsageError` for an invalid settings file that affects how
    articles are read.
    """
    config = load_config(arguments.collection)
    report_collection(config, output)
    workspace = Workspace(config)
    try:
        if problems := workspace.blocking_problems:
            raise UsageError(problems[0].message, problems[0].remedy)
        workspace.finish_commit()
        print_notices(workspace, output)
        yield workspace
        print_notices(workspace, output)
    finally:
        workspace.close()


def print_notices(workspace: Workspace, output: Output) -> None:
    """Print the notices of the workspace and clear them."""
    for notice in workspace.notices:
        output.message(notice)
    workspace.notices.clear()


def refresh_index(workspace: Workspace, output: Output) -> RefreshReport:
    """Update the index; show progress after a second. Raises `Cancelled` on Ctrl+C."""
    shows_from = time.monotonic() + _PROGRESS_DELAY_SECONDS

    def show(progress: Progress) -> None:
        if time.monotonic() >= shows_from:
            output.progress(f"reading {progress.done:,} of {progress.total:,} files")

    with interruptible() as interrupt:
        report = workspace.refresh(on_progress=show, is_cancelled=interrupt.is_requested)
    output.end_progress()
    print_notices(workspace, output)
    for folder in report.unreadable_folders:
        output.message(f"Cannot read the folder {folder}; its articles may be out of date.")
    return report


def group_stories(workspace: Workspace, output: Output) -> None:
    """Update the stories; show progress after a second. Raises `Cancelled` on Ctrl+C."""
    shows_from = time.monotonic() + _PROGRESS_DELAY_SECONDS

    def show(progress: GroupingProgress) -> None:
        if time.monotonic() >= shows_from:
            output.progress(f"comparing {progress.done:,} of {progress.total:,} articles")

    with interruptible() as interrupt:
        workspace.stories.group(on_progress=show, is_cancelled=interrupt.is_requested)
    output.end_progress()


def read_query(text: str, sort: str | None = None) -> Query:
    """Parse a query and `--sort`, which overrides a `sort:` in the query.

    Raises `QueryProblem`, and `UsageError` if `sort` has no order.
    """
    query = _parsed(text)
    if sort is None:
        return query
    prefix = "sort:"
    try:
        order = parse(prefix + sort)
    except QueryError as error:
        start, end = (max(0, place - len(prefix)) for place in (error.start, error.end))
        moved = QueryError(error.message, start, end, error.hint.removeprefix(prefix))
        raise QueryProblem(sort, moved) from None
    if order.condition is not None or not order.order:
        example = "Example: --sort heat,date-asc."
        raise UsageError(f"{sort or 'An empty text'} is not a sort order.", example)
    return replace(query, order=order.order)


def _parsed(text: str) -> Query:
    try:
        return Workspace.parse(text)
    except QueryError as error:
        raise QueryProblem(text, error) from None


def narrow_to_view(workspace: Workspace, name: str, query: Query, output: Output) -> Query:
    """Return the query combined with a view; the query's own order overrides the view's.

    Raises `UsageError` if the view does not exist or is invalid. Problems of other views are
    printed.
    """
    view = workspace.view_named(name)
    for problem in workspace.setting_problems:
        output.message(problem)
    return all_of(workspace.parse(view.query), query)


def matching_ids(workspace: Workspace, query: Query, output: Output) -> FoundIds:
    """Update the index; return the matching ids in order.

    Marks the output as incomplete if a folder cannot be read.
    """
    report = refresh_index(workspace, output)
    output.is_incomplete = bool(report.unreadable_folders)
    if needs_stories(query.condition):
        group_stories(workspace, output)
    ids = workspace.search(query)
    if workspace.needs_refresh:  # the index was damaged and has been emptied
        print_notices(workspace, output)
        refresh_index(workspace, output)
        ids = workspace.search(query)
    return ids


def pages(workspace: Workspace, ids: FoundIds) -> Iterator[list[Row]]:
    """Yield the rows of ids page by page; raise `NewsdeskError` if the index is damaged."""
    for start in range(0, len(ids), PAGE):
        yield workspace.rows(ids[start : start + PAGE], ids.generation)
        if workspace.needs_refresh:
            raise NewsdeskError(
                "The index was damaged while it was read; the output is incomplete.",
                "Run the command again: the index is rebuilt.",
            )


def report_no_match(ids: Sequence[int], query: Query, workspace: Workspace, output: Output) -> None:
    """Print how the query was understood if nothing matches, so that a typo is noticed."""
    if ids:
        return
    total = workspace.count(parse(""))
    where = counted(total, "article")
    if not total:
        output.message(f"No articles in {workspace.config.collection}.")
    elif query.condition is None:
        output.message(f"No result: 0 of {where}.")
    else:
        description = describe(replace(query, order=()))
        output.message(f"None of {where} matches: {description}.")
