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
_UNDECIDED = 4  # links that could not be judged, which is less than what could not be read

# Command -> (module that runs it, what it does). Only the module that is asked for is imported.
COMMANDS = {
    "list": ("list", "articles that match"),
    "show": ("show", "one article, whole"),
    "publish": ("publish", "set published: true, or draft: false"),
    "unpublish": ("publish", "set published: false, or draft: true"),
    "undo": ("undo", "take back the last decision"),
    "redo": ("undo", "do again what was undone last"),
    "log": ("log", "the decisions, newest first"),
    "decisions": ("decisions", "rejected, later, stars and notes as JSON Lines"),
    "check": ("check", "check links"),
    "lint": ("lint", "problems in front matters"),
    "stats": ("stats", "counts, quality and heat"),
    "stories": ("stories", "articles that tell the same story"),
    "index": ("index", "bring the index up to date"),
    "config": ("config", "the settings in force, and where each comes from"),
    "review": ("review", "what changed since the last commit, and one commit of it"),
    "completions": ("completions", "what a shell needs to complete all of this"),
}
_EXAMPLES = (
    ("newsdesk", "open the desk here"),
    ("newsdesk ~/site", "open the desk on a folder; ./list if it is named like a command"),
    ("newsdesk list is:unpublished 'quality:>=50'", "what waits, hottest first"),
    ("newsdesk publish _news/2020-11-18-marigold.md", "one article goes out"),
    ("newsdesk list --help", "help about one command"),
)


class Command(Protocol):
    """What a module of a command offers."""

    def parser_of(self, name: str) -> Parser:
        """Return the parser of the command of that name."""

    def run(self, arguments: argparse.Namespace, output: Output) -> int:
        """Carry the command out; return the exit code. `arguments.command` is its name."""


def run(argv: Sequence[str], open_workspace: Callable[[Config], int]) -> int:
    """Run a command, or open the desk; return the exit code.

    Never raises, but for `SystemExit` out of `open_workspace`: a mistake becomes a sentence on
    standard error, one that nobody thought of also a traceback in the log.
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
        # Whoever read has seen enough, as `head` does: nothing is wrong.
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
    """Return the parser of what stands before the command; `words` is how many may follow."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {help_}" for name, (_, help_) in COMMANDS.items())
    parser = Parser(
        "newsdesk",
        f"A desk for editors of news collections.\n\ncommands:\n{commands}",
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
        help="the folder to open the desk on, or a command and its arguments",
    )
    add_settings(parser)
    add_common(parser, top=True)
    return parser


def all_parsers() -> Iterator[tuple[str, Parser]]:
    """Yield the name and the parser of every command, the program itself first."""
    yield "newsdesk", top_parser()
    for name in COMMANDS:
        yield name, parser_of(name)


def parser_of(name: str) -> Parser:
    """Return the parser of one command."""
    return _command(name).parser_of(name)


def _command(name: str) -> Command:
    return cast("Command", import_module(f"newsdesk.cli.commands.{COMMANDS[name][0]}"))


def _main_screen_config(words: Sequence[str], arguments: argparse.Namespace) -> Config:
    """Return the settings for the desk; raises `UsageError` or `CollectionError`."""
    # Options behind the folder are read as words: `newsdesk DIR --debug`.
    parser = top_parser(words="*")
    del arguments.words
    folders = parse_arguments(parser, words, arguments).words
    if len(folders) > 1:
        parser.error(f"{_unknown(folders[0])}, and the desk opens one folder only")
    if folders and arguments.collection is not None:
        raise UsageError(
            f"There are two folders: {arguments.collection} and {folders[0]}.", "Name one."
        )
    config = load_config(folders[0] if folders else arguments.collection, flags_of(arguments))
    if folders and not config.collection.exists():
        raise CollectionError(f"{_unknown(folders[0])}.", _nearest_command(folders[0]))
    return config


def _unknown(word: str) -> str:
    return f"There is no folder {word}, and no such command"


def _nearest_command(word: str) -> str:
    from newsdesk.suggest import nearest

    near = nearest(word, COMMANDS)
    return f"Did you mean newsdesk {near}?" if near else "See newsdesk --help."
