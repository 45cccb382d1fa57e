"""Write the reference from the program's own declarations: commands, keys, queries, man page."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator

from newsdesk import __version__
from newsdesk.cli.arguments import Parser
from newsdesk.cli.main import COMMANDS, all_parsers
from newsdesk.index.query.ast import FIELDS, Kind, choices
from newsdesk.workspace.editorial_state import QUERY_SETS
from newsdesk.workspace.keymap.commands import COMMANDS as KEY_COMMANDS
from newsdesk.workspace.keymap.commands import Group
from newsdesk.workspace.keymap.keymap import Keys, keys_table, names_of_commands
from newsdesk.workspace.settings.definitions import SETTINGS
from newsdesk.workspace.settings.trust import RULES

# What roff reads as something else than it is: escapes, typographic quotes, hyphens.
_ROFF = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", '"': r"\(dq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)
_EVERYWHERE = "everywhere"  # the group of options that every command takes
EXIT_CODES = (
    ("0", "done, and nothing found wrong"),
    ("1", "findings: a refused write, a problem in a file, a dead link"),
    ("2", "a mistake in the call, in a query or in a file of settings"),
    ("3", "the collection cannot be read"),
    ("4", "no link is dead, but some could not be judged"),
    ("130", "interrupted with Ctrl+C"),
    ("143", "ended by the system: 128 and the number of the signal"),
)
VARIABLES = (
    ("NEWSDESK_COLLECTION", "the folder to open where none is named"),
    *((v, setting.help) for setting in SETTINGS for v in setting.variables),
    ("NO_COLOR", "no colours, neither on the command line nor in the desk"),
    ("XDG_CONFIG_HOME", "where newsdesk/config.toml is looked for (default: ~/.config)"),
    ("XDG_CACHE_HOME", "where the index and the verdicts on links lie (default: ~/.cache)"),
    ("XDG_STATE_HOME", "where the journal and the log lie (default: ~/.local/state)"),
    ("http_proxy, https_proxy, all_proxy, no_proxy", "the way that link checks take"),
)
FILES = (
    (".newsdesk.toml", "settings and views of one collection, in its folder"),
    ("~/.config/newsdesk/config.toml", "settings and views of your own"),
    ("~/.cache/newsdesk/", "the index and the verdicts; may be deleted at any time"),
    ("~/.local/state/newsdesk/", "the journal of all decisions, and the log"),
)


# -- Markdown ----------------------------------------------------------------------------------


def commands_page() -> str:
    """Return every command with its examples and options, as Markdown."""
    parsers = dict(all_parsers())
    parts = [
        "Made from the program by `make docs`: what `newsdesk COMMAND --help` says, on one page.",
        "\n".join(
            f"- [`newsdesk {name}`](#newsdesk-{name}): {told}"
            for name, (_, told) in COMMANDS.items()
        ),
    ]
    for name, parser in parsers.items():
        parts += _command_part(name, parser)
    parts += ["## Exit codes", _table(("code", "means"), EXIT_CODES)]
    parts += ["## Environment", _table(("variable", "does"), VARIABLES)]
    return "\n\n".join(("# Commands", *parts)) + "\n"


def _command_part(name: str, parser: Parser) -> Iterator[str]:
    is_top = name == "newsdesk"
    yield f"## {parser.prog}"
    # The list of commands stands at the top of the page already.
    yield _code_in((parser.description or "").partition("\n\ncommands:")[0])
    yield _table(("example", "does"), parser.examples)
    for title, actions in _groups(parser):
        if title == _EVERYWHERE and not is_top:
            continue
        rows = [(_written(action), action.help or "") for action in actions]
        yield _table((title if title != _EVERYWHERE else "with every command", "does"), rows)


def _groups(parser: Parser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """Yield the title of each group of arguments and what is in it, but for `--help`."""
    for group in parser._action_groups:
        actions = [each for each in group._group_actions if each.dest != "help"]
        if actions:
            title = {"positional arguments": "word"}.get(group.title or "", group.title or "")
            yield ("option" if title == "options" else title), actions


def _written(action: argparse.Action) -> str:
    """Return an option or a word as it is typed: `-C DIR`, `--limit N`, `QUERY...`."""
    value = action.metavar or "|".join(map(str, action.choices or ()))
    if not action.option_strings:
        return f"{value}..." if action.nargs in ("*", "+", argparse.REMAINDER) else str(value)
    named = ", ".join(action.option_strings)
    return named if action.nargs == 0 else f"{named} {value}"


def _table(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {heads[0]} | {heads[1]} |", "| --- | --- |"]
    for term, told in rows:
        lines.append(f"| {_code(term)} | {_code_in(told).replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def _code(text: str) -> str:
    escaped = text.replace("|", r"\|")
    return f"`` {escaped} ``" if "`" in text else f"`{escaped}`"


def _code_in(text: str) -> str:
    """Return text in which nothing is taken for Markdown or HTML."""
    return text.replace("<", "&lt;").replace("*", r"\*")


def queries_table() -> str:
    """Return every field of the query language with an example, as a Markdown table."""
    lines = ["| field | for example | asks |", "| --- | --- | --- |"]
    for field in FIELDS.values():
        told = field.help
        if field.kind in (Kind.CHOICE, Kind.SORT):
            values = ", ".join(f"`{value}`" for value in choices(field, QUERY_SETS))
            told = f"{told}: {values}"
        lines.append(f"| `{field.name}:` | `{field.example}` | {told} |")
    return "\n".join(lines) + "\n"


# -- the man page ------------------------------------------------------------------------------


def man_page() -> str:
    """Return newsdesk(1) as roff, in the macros of man(7)."""
    parsers = dict(all_parsers())
    top = parsers.pop("newsdesk")
    lines = [
        '.\\" Made from the program by `make docs`.',
        f'.TH NEWSDESK 1 "" "newsdesk {__version__}" "User Commands"',
        ".nh",  # nobody copies a command that is cut by a hyphen
        ".ad l",
        *_section("Name", [r"newsdesk \- a desk for editors of news collections"]),
        *_section("Synopsis", _synopsis(parsers)),
        *_section("Description", _description()),
        *_section("Options", _options(top)),
        ".SH COMMANDS",
    ]
    for parser in parsers.values():
        lines += [f".SS {_roff(parser.prog)}", _roff(" ".join((parser.description or "").split()))]
        lines += _options(parser)
        lines += [".PP", "Examples:"]
        lines += _terms(parser.examples)
    lines += _section("Queries", _terms((f.example, f.help) for f in FIELDS.values()))
    lines += _section("Keys", _keys())
    lines += _section("Exit status", _terms(EXIT_CODES))
    lines += _section("Environment", _terms(VARIABLES))
    lines += _section("Files", _terms(FILES))
    lines += _section("See also", [".BR git (1),", ".BR jq (1)"])
    return "\n".join(lines) + "\n"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f".SH {title.upper()}"
    yield from lines


def _synopsis(parsers: dict[str, Parser]) -> Iterator[str]:
    yield ".B newsdesk"
    yield "[\\fIDIR\\fR]"
    for name, parser in parsers.items():
        words = [
            _written(action)
            for _, actions in _groups(parser)
            for action in actions
            if not action.option_strings
        ]
        yield ".br"
        yield f".B newsdesk {_roff(name)}"
        yield f"[\\fIOPTIONS\\fR] \\fI{_roff(' '.join(words))}\\fR".replace(" \\fI\\fR", "")


def _description() -> Iterator[str]:
    yield "Without a command newsdesk opens the desk on a folder of articles, files that begin"
    yield "with a front matter: a list, the article in full, and what is related to it. One key"
    yield "publishes, rejects or puts off; every decision can be undone."
    yield ".PP"
    yield "The commands do the same without a screen. Data goes to standard output, everything"
    yield "else to standard error; what is printed into a pipe or a file is plain text."


def _options(parser: Parser) -> Iterator[str]:
    for title, actions in _groups(parser):
        if title == _EVERYWHERE and parser.prog != "newsdesk":
            continue
        yield from _terms((_written(action), action.help or "") for action in actions)


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, told in pairs:
        yield ".TP"
        yield f".B {_roff(term)}"
        yield _roff(" ".join(told.split()))


def _keys() -> Iterator[str]:
    usual = Keys()
    for group in Group:
        yield f".SS {_roff(group.value)}"
        for command in KEY_COMMANDS:
            if command.group is group and command.keys:
                keys = ", ".join(usual.all_shown(command.name))
                yield from _terms([(keys, f"{command.title}. {usual.fill(command.help)}")])


def _roff(text: str) -> str:
    """Return text that roff prints as it stands."""
    text = text.translate(_ROFF)
    # Not every formatter reads UTF-8; all of them know this.
    text = "".join(char if char.isascii() else rf"\[u{ord(char):04X}]" for char in text)
    return rf"\&{text}" if text.startswith(".") else text


# What is made: whole files, and parts of files between two comments.
MADE_FILES: dict[str, Callable[[], str]] = {
    "docs/commands.md": commands_page,
    "docs/newsdesk.1": man_page,
}


def trust_table() -> str:
    """Return which settings count from a collection's own file."""
    lines = ["| setting | whose file |", "| --- | --- |"]
    for rule in RULES.values():
        limit = f": {rule.limit}" if rule.limit else ""
        lines.append(f"| `{rule.name}` | {rule.trust.value}{limit} |")
    return "\n".join(lines) + "\n"


MADE_PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("README.md", "keys"): keys_table,
    ("docs/configuration.md", "commands"): names_of_commands,
    ("docs/keys.md", "keys"): keys_table,
    ("docs/queries.md", "fields"): queries_table,
    ("docs/safety.md", "settings"): trust_table,
}


def with_part(text: str, what: str, made: str) -> str:
    """Return a document with the part that is made by the program replaced."""
    begin, end = f"<!-- {what}: made by `make docs` -->", f"<!-- end of {what} -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{made}{end}{after}"
