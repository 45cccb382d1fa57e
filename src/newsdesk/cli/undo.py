"""`newsdesk undo` and `redo`: take decisions back, and do them again."""

from __future__ import annotations

from argparse import Namespace

from newsdesk.cli.arguments import Parser, add_common, counting_number
from newsdesk.cli.outcomes import exit_code, print_outcomes, summary
from newsdesk.cli.output import Output
from newsdesk.cli.session import opened, tell_notices
from newsdesk.desk.desk import Desk
from newsdesk.desk.triage import Action

_EXAMPLES = {
    "undo": (
        ("newsdesk undo", "take the last decision back, all its files"),
        ("newsdesk undo -n 3", "the last three decisions"),
        ("newsdesk log", "see what there is to take back"),
    ),
    "redo": (("newsdesk redo", "do again what was undone last"),),
}
_DESCRIPTIONS = {
    "undo": "Take back the newest decision. What somebody else wrote since is left alone.",
    "redo": "Do again what was undone last, unless something new was decided since.",
}


def parser_of(name: str) -> Parser:
    """Return the parser of `undo` or `redo`."""
    parser = Parser(f"newsdesk {name}", _DESCRIPTIONS[name], _EXAMPLES[name])
    if name == "undo":
        parser.add_argument(
            "-n",
            dest="number",
            metavar="N",
            type=counting_number,
            default=1,
            help="how many decisions (default: 1)",
        )
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Undo or redo; return 0, or 1 if a file was refused."""
    code = 0
    with opened(arguments, output) as desk:
        if not desk.config.journal_path.exists():
            output.message(f"There is nothing to {arguments.command}.")
            return 0
        desk.recover()
        tell_notices(desk, output)
        for number in range(arguments.number if arguments.command == "undo" else 1):
            action = _action(desk, arguments.command)
            if action is None:
                more = "more " if number else ""
                output.message(f"There is nothing {more}to {arguments.command}.")
                break
            print_outcomes(action, output)
            output.hint(summary(action))
            code = code or exit_code(action)
    return code


def _action(desk: Desk, command: str) -> Action | None:
    return desk.undo() if command == "undo" else desk.redo()
