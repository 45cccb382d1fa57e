"""`newsdesk undo` and `redo`: undo and redo decisions."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace

from newsdesk.cli.arguments import Parser, add_common, add_json, positive_number
from newsdesk.cli.outcomes import (
    exit_code,
    print_diff,
    print_outcomes,
    print_outcomes_json,
    summary,
)
from newsdesk.cli.output import Output
from newsdesk.cli.session import opened, print_notices
from newsdesk.errors import NewsdeskError, SessionRunning
from newsdesk.text import shown
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.workspace import Workspace

_EXAMPLES = {
    "undo": (
        ("newsdesk undo", "undo the last decision in all its files"),
        ("newsdesk undo -n 3", "undo the last three decisions"),
        ("newsdesk undo --dry-run", "print what would change"),
        ("newsdesk log", "print the decisions that can be undone"),
    ),
    "redo": (("newsdesk redo", "redo the decision that was undone last"),),
}
_DESCRIPTIONS = {
    "undo": "Undo the newest decision. Values that were changed since are kept and reported.\n"
    "A decision of a newsdesk that is still running needs a confirmation or --any.",
    "redo": "Redo the decision that was undone last, unless a newer decision was made.",
}


def parser_of(name: str) -> Parser:
    """Return the parser of `undo` or `redo`."""
    parser = Parser(f"newsdesk {name}", _DESCRIPTIONS[name], _EXAMPLES[name])
    if name == "undo":
        parser.add_argument(
            "-n",
            dest="number",
            metavar="N",
            type=positive_number,
            default=1,
            help="number of decisions (default: 1)",
        )
    parser.add_argument(
        "--any",
        dest="any_session",
        action="store_true",
        help="include decisions of a newsdesk that is still running",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff; change nothing")
    add_json(parser, "the result for each path")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Undo or redo; return 0, or 1 if a file was refused."""
    number = arguments.number if arguments.command == "undo" else 1
    actions: list[Action] = []
    with opened(arguments, output) as workspace:
        if workspace.config.journal_path.exists():
            if arguments.dry_run:
                diff, actions = workspace.preview_undo(
                    number, redo=arguments.command == "redo", any_session=arguments.any_session
                )
            else:
                workspace.recover()
                print_notices(workspace, output)
                actions = _apply(workspace, arguments, number, output)
        if arguments.json:
            outcomes = tuple(outcome for action in actions for outcome in action.outcomes)
            print_outcomes_json(Action(arguments.command, outcomes), output)
        elif arguments.dry_run and actions:
            refused = tuple(outcome for action in actions for outcome in action.refused)
            print_diff(diff, replace(actions[0], outcomes=refused), output)
        if len(actions) < number and not (actions and actions[-1].refused):
            output.message(f"Nothing {'more ' if actions else ''}to {arguments.command}.")
    return next((code for action in actions if (code := exit_code(action))), 0)


def _apply(workspace: Workspace, arguments: Namespace, number: int, output: Output) -> list[Action]:
    """Undo or redo up to `number` decisions; return the actions."""
    actions: list[Action] = []
    while len(actions) < number:
        action = _action(workspace, arguments)
        if action is None:
            break
        actions.append(action)
        if not arguments.json:
            print_outcomes(action, output)
            output.hint(summary(action))
        if not any(each.changed for each in actions[-2:]) and len(actions) > 1:
            break  # the rest is refused
    return actions


def _action(workspace: Workspace, arguments: Namespace) -> Action | None:
    act = workspace.undo if arguments.command == "undo" else workspace.redo
    try:
        return act(any_session=arguments.any_session)
    except SessionRunning as error:
        if not _confirms(f"{error.message} {arguments.command.capitalize()} it? [y/N] "):
            raise NewsdeskError(
                f"{error.message} Nothing was changed.",
                f"Use newsdesk {arguments.command} --any.",
            ) from None
        return act(confirmed=error.entry_id)


def _confirms(question: str) -> bool:
    """Return whether the user confirms at the terminal; False without one."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    # No line feed: the answer is typed after the question.
    print(shown(question), end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")
