"""Parse the command line and run one command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Protocol, cast

from newsdesk import __version__
from newsdesk.cli.arguments import (
    HelpRequested,
    Parser,
    add_common,
    add_settings,
    flags_of,
    parse_arguments,
)
from newsdesk.cli.output import Output, report_collection
from newsdesk.config import Config, load_config
from newsdesk.errors import CollectionError, NewsdeskError, UsageError

_INTERRUPTED = 130
_UNDECIDED = 4  # weaker than 1: an unreadable folder wins over undecided links

# Command -> (module, help). Only the module of the command that runs is imported.
COMMANDS = {
    "list": ("list", "print the articles that match a query"),
    "show": ("show", "print one article with all its fields"),
    "publish": ("publish", "set published: true, or draft: false"),
    "unpublish": ("publish", "set published: false, or draft: true"),
    "undo": ("undo", "undo the last decision"),
    "redo": ("undo", "redo the decision that was undone last"),
    "log": ("log", "print the decisions, newest first"),
    "decisions": ("decisions", "export or import rejected, later, stars and notes"),
    "check": ("check", "check links"),
    "lint": ("lint", "print problems in front matter"),
    "stats": ("stats", "print counts, quality and heat"),
    "stories": ("stories", "print articles on the same story"),
    "index": ("index", "update the index"),
    "config": ("config", "print the settings and where each comes from"),
    "review": ("review", "print what changed since the last commit; commit it"),
    "completions": ("completions", "print the completion script for a shell"),
}
_EXAMPLES = (
    ("newsdesk", "open the main screen on the collection here"),
    ("newsdesk ~/site", "open it on a folder; write ./list if it is named like a command"),
    ("newsdesk list is:unpublished 'quality:>=50'", "unpublished articles, hottest first"),
    ("newsdesk publish _news/2020-11-18-marigold.md", "publish one article"),
    ("newsdesk list --help", "show the help of a command"),
)


_EXIT_CODES = """exit codes:
  0    done, nothing wrong
  1    findings: dead links, problems, a refused write, an unreadable folder
  2    usage: an argument, a query or a setting is invalid
  3    the collection cannot be read
  4    check: undecided links only
  130  interrupted"""


class Command(Protocol):
    """The interface of a command's module."""

    def parser_of(self, name: str) -> Parser:
        """Return the parser of the command of that name."""

    def run(self, arguments: argparse.Namespace, output: Output) -> int:
        """Run the command; return the exit code. `arguments.command` is its name."""


def run(argv: Sequence[str], open_workspace: Callable[[Config], int]) -> int:
    """Run a command or open the main screen; return the exit code.

    Errors are printed on standard error, unexpected ones also logged with a traceback. Raises
    nothing but `SystemExit` from `open_workspace`.
    """
    arguments = argparse.Namespace(collection=None, color="auto", debug=False)
    output = Output()
    try:
        code = _dispatched(argv, arguments, output, open_workspace)
        if output.is_incomplete and code in (0, _UNDECIDED):
            code = 1
        output.flush()
        return code
    except BrokenPipeError:
        # The reader closed the pipe, as `head` does: this is no error.
        output.discard()
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    except NewsdeskError as error:
        from newsdesk.cli import errors as cli_errors

        cli_errors.print_error(error, output)
        return _flushed(output, error.exit_code)
    except Exception as error:
        from newsdesk.cli import errors as cli_errors

        log_path = load_config(arguments.collection).log_path
        cli_errors.print_unexpected_error(error, output, log_path, arguments.debug)
        return _flushed(output, 1)


def _flushed(output: Output, code: int) -> int:
    try:
        output.flush()
    except (OSError, ValueError, NewsdeskError):
        output.discard()
    return code


def _dispatched(
    argv: Sequence[str],
    arguments: argparse.Namespace,
    output: Output,
    open_workspace: Callable[[Config], int],
) -> int:
    try:
        end = argv.index("--") if "--" in argv else len(argv)
        words = top_parser().parse_args(argv[:end], arguments).words
        is_command = bool(words) and words[0] in COMMANDS
        words += argv[end:]
        if is_command:
            name, *rest = words
            command = _command(name)
            parse_arguments(command.parser_of(name), rest, arguments)
            arguments.command = name
            output.use_color(arguments.color)
            return command.run(arguments, output)
    except HelpRequested as wanted:
        output.data(str(wanted))
        return 0
    config = _main_screen_config(words, arguments)
    report_collection(config, output)
    return open_workspace(config)


def top_parser(words: str = argparse.REMAINDER) -> Parser:
    """Return the parser for the arguments before the command; `words` is the nargs of the rest."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {help_}" for name, (_, help_) in COMMANDS.items())
    parser = Parser(
        "newsdesk",
        f"Triage a collection of news articles.\n\ncommands:\n{commands}\n\n{_EXIT_CODES}",
        _EXAMPLES,
    )
    parser.usage = "newsdesk [DIR]\n       newsdesk COMMAND [OPTIONS] [...]"
    parser.add_argument(
        "--version",
        action="version",
        version=f"newsdesk {__version__}",
        help="show the version and exit",
    )
    parser.add_argument(
        "words",
        nargs=words,
        metavar="DIR",
        help="the folder to open, or a command and its arguments",
    )
    add_settings(parser)
    add_common(parser, top=True)
    return parser


def all_parsers() -> Iterator[tuple[str, Parser]]:
    """Yield name and parser of the program itself, then of every command."""
    yield "newsdesk", top_parser()
    for name in COMMANDS:
        yield name, parser_of(name)


def parser_of(name: str) -> Parser:
    """Return the parser of one command."""
    return _command(name).parser_of(name)


def _command(name: str) -> Command:
    return cast("Command", import_module(f"newsdesk.cli.commands.{COMMANDS[name][0]}"))


def _main_screen_config(words: Sequence[str], arguments: argparse.Namespace) -> Config:
    """Return the settings for the main screen; raises `UsageError` or `CollectionError`."""
    # Options after the folder were read as words: `newsdesk DIR --debug`.
    parser = top_parser(words="*")
    del arguments.words
    folders = parse_arguments(parser, words, arguments).words
    if len(folders) > 1:
        parser.error(f"{_unknown(folders[0])}; newsdesk opens one folder only")
    if folders and arguments.collection is not None:
        raise UsageError(
            f"Two folders were given: {arguments.collection} and {folders[0]}.", "Give one."
        )
    config = load_config(folders[0] if folders else arguments.collection, flags_of(arguments))
    if folders and not config.collection.exists():
        raise CollectionError(f"{_unknown(folders[0])}.", _nearest_command(folders[0]))
    return config


def _unknown(word: str) -> str:
    return f"No such folder or command: {word}"


def _nearest_command(word: str) -> str:
    from newsdesk.suggest import nearest

    near = nearest(word, COMMANDS)
    return f"Did you mean newsdesk {near}?" if near else "See newsdesk --help."
