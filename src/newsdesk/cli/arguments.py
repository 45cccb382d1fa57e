"""Parse the arguments of a command; print help with examples first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from newsdesk.cli.output import COLOR_CHOICES
from newsdesk.errors import UsageError

# An argument cannot contain NUL, so NUL can mark words that begin with a dash but are no options.
_MARK = "\0"
_SHORT_OPTIONS = frozenset({"-C", "-h"})


class HelpRequested(Exception):
    """`--help` or `--version` was given; the exception's text is to be printed."""


class Parser(argparse.ArgumentParser):
    """A parser that prints examples first and raises `UsageError` for invalid arguments."""

    def __init__(self, prog: str, description: str, examples: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.examples = tuple(examples)
        self.add_argument("-h", "--help", action="help", help="show this help and exit")

    def format_help(self) -> str:
        """Return the help: examples, usage, options."""
        width = max(len(command) for command, _ in self.examples)
        lines = [f"  {command:<{width}}  {meaning}" for command, meaning in self.examples]
        return "\n".join(("examples:", *lines, "", super().format_help()))

    def _print_message(self, message: str, file: object = None) -> None:
        # argparse would bypass `Output` and ignore errors of standard output.
        raise HelpRequested(message)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` instead of ending the process."""
        message = message.replace(_MARK, "")
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def add_common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Add the options of every command; they work before and after its name."""
    group = parser.add_argument_group("common options")
    default = None if top else argparse.SUPPRESS
    group.add_argument(
        "-C",
        dest="collection",
        metavar="DIR",
        default=default,
        help="the collection's folder (default: $NEWSDESK_COLLECTION, else the collection that the "
        "current folder is in, else the current folder)",
    )
    group.add_argument(
        "--color",
        choices=COLOR_CHOICES,
        default="auto" if top else argparse.SUPPRESS,
        help="colours: on a terminal unless NO_COLOR is set (auto), always or never",
    )
    group.add_argument(
        "--debug",
        action="store_true",
        default=False if top else argparse.SUPPRESS,
        help="print the traceback of an unexpected error",
    )


_SETTINGS = ("theme", "view", "sort")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the main screen that can be given as options."""
    group = parser.add_argument_group("main screen")
    group.add_argument("--theme", metavar="NAME", help="colour theme, for example newsprint")
    group.add_argument("--view", metavar="NAME", help="first view, for example Published")
    group.add_argument("--sort", metavar="SPEC", help="sort order, for example quality,date-asc")


def flags_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the settings that were given as options, by name."""
    given = {name: getattr(arguments, name, None) for name in _SETTINGS}
    return {name: value for name, value in given.items() if value is not None}


def add_query(parser: argparse.ArgumentParser) -> None:
    """Add the words of a query."""
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help="select articles, for example: is:unpublished topic:AI 'quality:>=50' (default: all)",
    )


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help=f"print {what} as JSON")


def add_nul(parser: argparse.ArgumentParser) -> None:
    """Add `-0`."""
    parser.add_argument(
        "-0",
        dest="is_nul",
        action="store_true",
        help="paths on standard input end with NUL, as list --paths0 and git -z print them",
    )


def takes_query(parser: argparse.ArgumentParser) -> bool:
    """Return whether the parser reads the words of a query."""
    return any(action.dest == "query" and not action.option_strings for action in parser._actions)


def parse_arguments(
    parser: Parser, arguments: Sequence[str], namespace: argparse.Namespace
) -> argparse.Namespace:
    """Parse arguments into the namespace; options and words may be mixed.

    After `--` every argument is a word. In a query, and in the value of an option that takes one,
    `-topic:AI` and `-police` exclude, so only `-C`, `-h` and arguments that begin with two dashes
    are options of a command with a query. Raises `UsageError`, and `HelpRequested` for `--help`.
    """
    parsed = parser.parse_intermixed_args(_marked(parser, arguments), namespace)
    for name, value in vars(parsed).items():
        setattr(parsed, name, unmarked(value))
    return parsed


def _marked(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> list[str]:
    """Return the arguments; those that begin with a dash but are no options get a mark."""
    options = parser._option_string_actions
    has_query = takes_query(parser)
    marked: list[str] = []
    before = None  # the preceding option
    for position, argument in enumerate(arguments):
        is_value = before is not None and before.nargs is None
        if argument == "--" and not is_value:
            return [*marked, *map(_as_word, arguments[position + 1 :])]
        is_word = has_query and argument[:2] != "--" and argument not in _SHORT_OPTIONS
        is_option = argument.partition("=")[0] in options
        before = options.get(argument)
        marked.append(
            _as_word(argument)
            if is_word or (is_value and argument != "--" and not is_option)
            else argument
        )
    return marked


def _as_word(argument: str) -> str:
    return _MARK + argument if argument.startswith("-") and argument != "-" else argument


def whole_number(text: str) -> int:
    """Return an integer >= 0; raise `ArgumentTypeError` for anything else."""
    text = text.removeprefix(_MARK)
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number")
    return int(text)


def positive_number(text: str) -> int:
    """Return an integer >= 1; raise `ArgumentTypeError` for anything else."""
    if (number := whole_number(text)) < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def unmarked(value: object) -> object:
    """Return the text or texts of an argument as they were typed, without the mark."""
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    return value.removeprefix(_MARK) if isinstance(value, str) else value
