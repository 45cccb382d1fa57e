"""`newsdesk completions`: completion of commands, options, queries and paths in a shell."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from newsdesk.cli.arguments import Parser, add_common
from newsdesk.cli.output import Output
from newsdesk.errors import UsageError
from newsdesk.text import shown

SHELLS = ("bash", "zsh", "fish")
_SCRIPTS = Path(__file__).parent.parent / "shells"
_MAX_LINE_BYTES = 1024 * 1024


def parser_of(name: str) -> Parser:
    """Return the parser of `completions`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print the script with which a shell completes commands, options, paths of articles,\n"
        "views and queries, with the topics and providers of the collection.",
        (
            ("newsdesk completions bash", "for ~/.bashrc: source <(newsdesk completions bash)"),
            ("newsdesk completions zsh", "the same for ~/.zshrc, after compinit"),
            ("newsdesk completions fish | source", "a line for ~/.config/fish/config.fish"),
        ),
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell to print the script for")
    parser.add_argument(
        "--answer",
        action="store_true",
        help="print completions for the words on standard input (the scripts call this); each "
        "word ends with NUL, the last is being typed; for bash: the line up to the cursor",
    )
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print the script or the completions; return 0."""
    if not arguments.answer:
        script = _SCRIPTS / f"newsdesk.{arguments.shell}"
        output.data(script.read_text(encoding="utf-8"))
        return 0
    from newsdesk.cli import completer

    given = _standard_input()
    if arguments.shell == "bash":
        found = completer.complete_bash(given)
    else:
        words = given.removesuffix("\0").split("\0")
        is_fish = arguments.shell == "fish"
        found = completer.complete_fish(words) if is_fish else completer.complete_words(words)
    for fitting in found:
        description = "" if fitting.is_for_shell else f"\t{shown(fitting.description)}"
        output.line(f"{shown(fitting.value)}{description}")
    return 0


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "--answer reads words from standard input.", "The completion scripts pass them."
        )
    return sys.stdin.buffer.read(_MAX_LINE_BYTES).decode("utf-8", "replace")
