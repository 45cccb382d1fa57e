"""`newsdesk publish` and `unpublish`: set the status, keep every other byte."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from newsdesk.cli.arguments import Parser, add_common, add_json, add_nul
from newsdesk.cli.outcomes import (
    exit_code,
    print_diff,
    print_outcomes,
    print_outcomes_json,
    summary,
)
from newsdesk.cli.output import Output, interruptible
from newsdesk.cli.paths import reasons_not_articles, resolved_paths
from newsdesk.cli.session import (
    matching_ids,
    opened,
    pages,
    print_notices,
    read_query,
    refresh_index,
    report_no_match,
)
from newsdesk.errors import UsageError
from newsdesk.index.query.ast import Query
from newsdesk.workspace.triage import Action, Outcome, Seen
from newsdesk.workspace.workspace import Workspace


def parser_of(name: str) -> Parser:
    """Return the parser of `publish` or `unpublish`."""
    value = "true" if name == "publish" else "false"
    opposite = "unpublished" if name == "publish" else "published"
    parser = Parser(
        f"newsdesk {name}",
        f"Set published: {value} in articles. Only the bytes of that value change;\n"
        "newsdesk undo reverts the whole command.",
        (
            (f"newsdesk {name} _news/2020-11-18-marigold.md", "one article"),
            (
                f"newsdesk {name} -q 'is:{opposite} quality:>=60' --dry-run",
                "print what would change",
            ),
            (f"newsdesk {name} -q 'is:{opposite} topic:AI'", "all articles that match"),
            (f"newsdesk list is:{opposite} --paths | newsdesk {name} -", "paths from a pipe"),
        ),
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="articles, relative to the current folder, or to the collection with -C; - reads "
        "paths from standard input, relative to the collection",
    )
    add_nul(parser)
    parser.add_argument(
        "-q", "--query", dest="matching", metavar="QUERY", help="all articles that match QUERY"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff; change nothing")
    add_json(parser, "the result for each path")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Set the status; return 0, 1 if a file was refused, or 130 if interrupted."""
    query = _checked_query(arguments)
    value = arguments.command == "publish"
    with opened(arguments, output) as workspace:
        if not arguments.dry_run:
            workspace.recover()
            print_notices(workspace, output)
        seen: dict[str, bytes] = {}
        if query is None:
            paths = _given(arguments, workspace, output)
        else:
            seen = _matched(query, workspace, output)
            paths = list(seen)
        refusals = reasons_not_articles(workspace, paths)
        writable = [path for path in paths if path not in refusals]
        if arguments.dry_run:
            diff, action = workspace.diff(writable, value)
        else:
            diff, action = "", _apply(workspace, writable, value, seen, output)
        action = _in_order(action, paths, refusals)
        if arguments.json:
            print_outcomes_json(action, output)
        elif arguments.dry_run:
            print_diff(diff, action, output)
        else:
            print_outcomes(action, output)
            if action.changed:
                output.hint(f"{summary(action)} · newsdesk undo reverts it")
    return exit_code(action)


def _checked_query(arguments: Namespace) -> Query | None:
    if arguments.matching is None:
        if not arguments.paths:
            raise UsageError("No articles given.", "Give paths, or a query with -q.")
        return None
    if arguments.paths:
        raise UsageError("Both paths and a query were given.", "Give one of them.")
    query = read_query(arguments.matching)
    if query.condition is None:
        # `-q "$QUERY"` with an empty variable must not change every article.
        raise UsageError("An empty query matches every article.", "Example: -q is:unpublished.")
    return query


def _given(arguments: Namespace, workspace: Workspace, output: Output) -> list[str]:
    """Return the given paths in order, without duplicates."""
    paths = resolved_paths(workspace.config, arguments.paths, is_nul=arguments.is_nul)
    if not paths:
        output.message("No paths on standard input.")
    report = refresh_index(workspace, output)
    if not arguments.dry_run:
        workspace.sweep(report.leftovers)
    return list(dict.fromkeys(paths))


def _matched(query: Query, workspace: Workspace, output: Output) -> dict[str, bytes]:
    """Return path -> `content_key` of the matching articles in order."""
    ids = matching_ids(workspace, query, output)
    report_no_match(ids, query, workspace, output)
    return {row.path: row.content_key for page in pages(workspace, ids) for row in page}


def _apply(
    workspace: Workspace, paths: list[str], value: bool, seen: Seen, output: Output
) -> Action:
    def show(done: int, total: int) -> None:
        output.progress(f"{done:,} of {total:,} files")

    if not paths:
        return Action("publish" if value else "unpublish", ())
    with interruptible() as interrupt:
        action = workspace.set_published(
            paths, value, seen=seen, on_progress=show, is_cancelled=interrupt.is_requested
        )
    output.end_progress()
    return action


def _in_order(action: Action, paths: list[str], refusals: dict[str, str]) -> Action:
    """Return the action with the earlier refusals inserted in the order of the paths."""
    outcome_of = {outcome.path: outcome for outcome in action.outcomes}
    outcomes = (outcome_of.get(path) or Outcome(path, "refused", refusals[path]) for path in paths)
    return replace(action, outcomes=tuple(outcomes))
