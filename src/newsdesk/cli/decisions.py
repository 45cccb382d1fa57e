"""`newsdesk decisions`: what stands beside the files, out of the journal and into another."""

from __future__ import annotations

import sys
from argparse import Namespace

from newsdesk.cli.arguments import Parser, add_common
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output
from newsdesk.cli.session import opened
from newsdesk.desk.exchange import exported, imported
from newsdesk.text import counted


def parser_of(name: str) -> Parser:
    """Return the parser of `decisions`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print rejected, later, starred and noted articles as JSON Lines, or read them in.",
        (
            ("newsdesk decisions export > decisions.jsonl", "take them along"),
            ("newsdesk decisions import < decisions.jsonl", "on another machine; undo undoes it"),
        ),
    )
    parser.add_argument(
        "direction", choices=("export", "import"), help="to standard output, or from standard input"
    )
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print or read decisions; return 0, or 1 if some were refused."""
    with opened(arguments, output) as desk:
        if arguments.direction == "export":
            for decision in exported(desk):
                output.line(to_json(decision))
            return 0
        actions = imported(desk, sys.stdin)
    number = sum(len(action.changed) for action in actions)
    refused = [outcome for action in actions for outcome in action.refused]
    for outcome in refused:
        output.message(f"{outcome.path}: {outcome.reason}")
    output.message(f"{counted(number, 'decision')} taken in.")
    return 1 if refused else 0
