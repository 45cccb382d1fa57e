"""`newsdesk decisions`: export decisions from the journal and import them into another."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial

from newsdesk.cli.arguments import Parser, add_common, add_json
from newsdesk.cli.formats import to_json
from newsdesk.cli.outcomes import exit_code, print_outcomes, print_outcomes_json, refusal_text
from newsdesk.cli.output import Output
from newsdesk.cli.paths import reasons_not_articles
from newsdesk.cli.session import opened, refresh_index
from newsdesk.text import counted
from newsdesk.workspace.import_export import exported, imported


def parser_of(name: str) -> Parser:
    """Return the parser of `decisions`."""
    parser = Parser(
        f"newsdesk {name}",
        "Export rejected, later, starred and noted articles as JSON Lines, or import\nthem.",
        (
            ("newsdesk decisions export > decisions.jsonl", "save all decisions"),
            (
                "newsdesk decisions import < decisions.jsonl",
                "on another computer; newsdesk undo reverts it",
            ),
        ),
    )
    parser.add_argument(
        "direction", choices=("export", "import"), help="to standard output or from standard input"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what an import would change; change nothing"
    )
    add_json(parser, "the result of an import for each path")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Export or import decisions; return 0, or 1 if some were refused."""
    with opened(arguments, output) as workspace:
        if arguments.direction == "export":
            for decision in exported(workspace.all_editorial_states()):
                output.raw_line(to_json(decision))
            return 0
        refresh_index(workspace, output)
        refused = partial(reasons_not_articles, workspace)
        action, number = imported(
            workspace.journal, workspace.apply, sys.stdin, refused, dry_run=arguments.dry_run
        )
        if arguments.json:
            print_outcomes_json(action, output)
        elif arguments.dry_run:
            print_outcomes(action, output)
        else:
            for outcome in action.refused:
                output.message(refusal_text(outcome))
            output.message(f"Imported {counted(number, 'decision')}.")
    return exit_code(action)
