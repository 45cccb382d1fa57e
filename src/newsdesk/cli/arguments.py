"""Parse the arguments of a command: help with examples first, queries that begin with a dash."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from newsdesk.cli.output import COLOR_CHOICES
from newsdesk.errors import UsageError

# No argument of a process can hold this character, so it can mark those that begin with a dash
# and are no options.
_MARK = "\0"
_SHORT_OPTIONS = frozenset({"-C", "-h"})


class HelpRequested(Exception):
    """`--help` or `--version` was given; the text is what to print."""


class Parser(argparse.ArgumentParser):
    """A parser whose help begins with examples and whose mistakes are `UsageError`."""

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
        # argparse would write past `Output`, and pass over in silence what cannot be written.
        raise HelpRequested(message)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` instead of ending the process."""
        message = message.replace(_MARK, "")
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def add_common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """Add what every command understands; before or after the command means the same."""
    group = parser.add_argument_group("everywhere")
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
        help="show the traceback of an unexpected mistake",
    )


_SETTINGS = ("theme", "view", "sort")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the desk that can be given as flags."""
    group = parser.add_argument_group("the desk")
    group.add_argument("--theme", metavar="NAME", help="colours, for example newsprint")
    group.add_argument("--view", metavar="NAME", help="the view to open on, for example Published")
    group.add_argument("--sort", metavar="SPEC", help="the order, for example quality,date-asc")


def flags_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the settings of the desk that were given as flags, by name."""
    given = {name: getattr(arguments, name, None) for name in _SETTINGS}
    return {name: value for name, value in given.items() if value is not None}


def add_query(parser: argparse.ArgumentParser) -> None:
    """Add the words of a query."""
    parser.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help="which articles, for example: is:unpublished topic:AI 'quality:>=50' (default: all)",
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
        help="paths on standard input end with NUL, as list --paths0 and git -z write them",
    )


def takes_query(parser: argparse.ArgumentParser) -> bool:
    """Tell whether the parser reads the words of a query."""
    return any(action.dest == "query" and not action.option_strings for action in parser._actions)


def parse_arguments(
    parser: Parser, arguments: Sequence[str], namespace: argparse.Namespace
) -> argparse.Namespace:
    """Parse arguments into the namespace; options and words may stand in any order.

    Behind `--` everything is a word. In a query `-topic:AI` and `-police` exclude, so only `-C`,
    `-h` and what begins with two dashes are options there; so they do as the value of an option.
    Raises `UsageError`; `--help` raises `HelpRequested`.
    """
    parsed = parser.parse_intermixed_args(_marked(parser, arguments), namespace)
    for name, value in vars(parsed).items():
        setattr(parsed, name, _unmarked(value))
    return parsed


def _marked(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a mark before those that begin with a dash and are no options."""
    options = parser._option_string_actions
    has_query = takes_query(parser)
    marked: list[str] = []
    before = None  # the option that the argument follows
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


def _unmarked(value: object) -> object:
    if isinstance(value, str):
        return value.removeprefix(_MARK)
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    return value


def whole_number(text: str) -> int:
    """Read a number that is 0 or more; raises what argparse expects."""
    text = text.removeprefix(_MARK)
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text} is no whole number")
    return int(text)


def positive_number(text: str) -> int:
    """Read a number that is 1 or more; raises what argparse expects."""
    if (number := whole_number(text)) < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def unmarked(value: object) -> object:
    """Return texts of options as they were typed."""
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    return value.removeprefix(_MARK) if isinstance(value, str) else value
