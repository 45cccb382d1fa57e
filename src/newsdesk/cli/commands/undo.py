"""`newsdesk undo` and `redo`: take decisions back, and do them again."""

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
        ("newsdesk undo", "take the last decision back, all its files"),
        ("newsdesk undo -n 3", "the last three decisions"),
        ("newsdesk undo --dry-run", "show what would change"),
        ("newsdesk log", "see what there is to take back"),
    ),
    "redo": (("newsdesk redo", "do again what was undone last"),),
}
_DESCRIPTIONS = {
    "undo": "Take back the newest decision. What somebody else wrote since is left alone.\n"
    "A decision of a newsdesk that still runs is only taken back after a question.",
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
            type=positive_number,
            default=1,
            help="how many decisions (default: 1)",
        )
    parser.add_argument(
        "--any",
        dest="any_session",
        action="store_true",
        help="the newest of all decisions, also one of a newsdesk that still runs",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the diff, change nothing")
    add_json(parser, "what became of each path")
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
            output.message(f"There is nothing {'more ' if actions else ''}to {arguments.command}.")
    return next((code for action in actions if (code := exit_code(action))), 0)


def _apply(workspace: Workspace, arguments: Namespace, number: int, output: Output) -> list[Action]:
    """Undo or redo so many decisions; return what was done, fewer if there are no more."""
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
            break  # all that is left is refused
    return actions


def _action(workspace: Workspace, arguments: Namespace) -> Action | None:
    act = workspace.undo if arguments.command == "undo" else workspace.redo
    try:
        return act(any_session=arguments.any_session)
    except SessionRunning as error:
        if not _confirms(f"{error.message} {arguments.command.capitalize()} it? [y/N] "):
            raise NewsdeskError(
                f"{error.message} It was left as it is.",
                f"newsdesk {arguments.command} --any takes it.",
            ) from None
        return act(confirmed=error.entry_id)


def _confirms(question: str) -> bool:
    """Ask a person at a terminal; without one the answer is no."""
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    # No end of line: the answer is typed behind the question.
    print(shown(question), end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() in ("y", "yes")
