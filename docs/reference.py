"""Generate the reference from the program's declarations: commands, keys, settings, man page."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterable, Iterator

from newsdesk import __version__
from newsdesk.cli.arguments import Parser
from newsdesk.cli.main import COMMANDS, all_parsers
from newsdesk.index.query.ast import FIELDS, Kind, choices
from newsdesk.workspace.editorial_state import QUERY_SETS
from newsdesk.workspace.keymap.commands import COMMANDS as KEY_COMMANDS
from newsdesk.workspace.keymap.commands import Group
from newsdesk.workspace.keymap.keymap import Keys, keys_table, names_of_commands
from newsdesk.workspace.settings.aliases import ALIASES
from newsdesk.workspace.settings.definitions import COLUMNS, SETTINGS, THEMES
from newsdesk.workspace.settings.link_check import CHECK_OPTIONS
from newsdesk.workspace.settings.trust import RULES, Trust

# Characters that are special to roff: escapes, typographic quotes, hyphens.
_ROFF = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", '"': r"\(dq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)
_COMMON_GROUP = "everywhere"  # the group of options that every command has
EXIT_CODES = (
    ("0", "success, no findings"),
    ("1", "findings: a refused write, a problem in a file, a dead link"),
    ("2", "a usage error, or an error in a query or a settings file"),
    ("3", "the collection cannot be read"),
    ("4", "no link is dead, but some are undecided"),
    ("130", "interrupted with Ctrl+C"),
    ("143", "ended by SIGTERM: 128 and the number of the signal"),
)
VARIABLES = (
    ("NEWSDESK_COLLECTION", "the folder to open if the command line names none"),
    *((v, setting.help) for setting in SETTINGS for v in setting.variables),
    ("NO_COLOR", "no colours, on the command line and on the main screen"),
    ("XDG_CONFIG_HOME", "the folder of newsdesk/config.toml (default: ~/.config)"),
    ("XDG_CACHE_HOME", "the folder of the index and the link verdicts (default: ~/.cache)"),
    ("XDG_STATE_HOME", "the folder of the journal and the log (default: ~/.local/state)"),
    ("http_proxy, https_proxy, all_proxy, no_proxy", "proxies for link checks"),
)
FILES = (
    (".newsdesk.toml", "settings and views of one collection, in its folder"),
    ("~/.config/newsdesk/config.toml", "your own settings and views"),
    ("~/.cache/newsdesk/", "the index and the verdicts; may be deleted at any time"),
    ("~/.local/state/newsdesk/", "the journal of all decisions, and the log"),
)


# -- Markdown ----------------------------------------------------------------------------------


def commands_page() -> str:
    """Return every command with its examples and options, as a Markdown page."""
    parsers = dict(all_parsers())
    parts = [
        "For people who use the command line or write scripts. After reading this page you know\n"
        "every command, option, variable and exit code. `newsdesk COMMAND --help` has the same\n"
        "text; `make docs` generates this page from it.",
        "\n".join(
            f"- [`newsdesk {name}`](#newsdesk-{name}): {summary}"
            for name, (_, summary) in COMMANDS.items()
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
    # The list of commands is at the top of the page already.
    yield _code_in((parser.description or "").partition("\n\ncommands:")[0])
    yield _table(("example", "does"), parser.examples)
    for title, actions in _groups(parser):
        if title == _COMMON_GROUP and not is_top:
            continue
        rows = [(_usage_of(action), action.help or "") for action in actions]
        yield _table((title if title != _COMMON_GROUP else "with every command", "does"), rows)


def _groups(parser: Parser) -> Iterator[tuple[str, list[argparse.Action]]]:
    """Yield the title and the arguments of each group, without `--help`."""
    for group in parser._action_groups:
        actions = [each for each in group._group_actions if each.dest != "help"]
        if actions:
            title = {"positional arguments": "argument"}.get(group.title or "", group.title or "")
            yield ("option" if title == "options" else title), actions


def _usage_of(action: argparse.Action) -> str:
    """Return an argument as it is typed: `-C DIR`, `--limit N`, `QUERY...`."""
    value = action.metavar or "|".join(map(str, action.choices or ()))
    if not action.option_strings:
        return f"{value}..." if action.nargs in ("*", "+", argparse.REMAINDER) else str(value)
    named = ", ".join(action.option_strings)
    return named if action.nargs == 0 else f"{named} {value}"


def _table(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {heads[0]} | {heads[1]} |", "| --- | --- |"]
    for term, text in rows:
        lines.append(f"| {_code(term)} | {_code_in(text).replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def _code(text: str) -> str:
    escaped = text.replace("|", r"\|")
    return f"`` {escaped} ``" if "`" in text else f"`{escaped}`"


def _code_in(text: str) -> str:
    """Return text with the characters escaped that Markdown or HTML would interpret."""
    return text.replace("<", "&lt;").replace("*", r"\*")


def queries_table() -> str:
    """Return the fields of the query language as a Markdown table."""
    lines = ["| field | example | matches |", "| --- | --- | --- |"]
    for field in FIELDS.values():
        text = field.help
        if field.kind in (Kind.CHOICE, Kind.SORT):
            values = ", ".join(f"`{value}`" for value in choices(field, QUERY_SETS))
            text = f"{text}: {values}"
        lines.append(f"| `{field.name}:` | `{field.example}` | {text} |")
    return "\n".join(lines) + "\n"


def settings_table() -> str:
    """Return the settings as a Markdown table, then the themes and columns there are."""
    options = dict(all_parsers())["newsdesk"]._option_string_actions
    lines = [
        "| setting | does | example | option | environment | file |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for setting in SETTINGS:
        cells = (
            f"`{setting.name}`",
            _code_in(setting.help),
            f"`{setting.example}`",
            f"`--{setting.name}`" if f"--{setting.name}" in options else "",
            ", ".join(f"`${name}`" for name in setting.variables),
            _file_of(setting.name),
        )
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    for title, names in (("Themes", THEMES), ("Columns", COLUMNS)):
        text = f"{title}: {', '.join(f'`{name}`' for name in names)}."
        lines += ["", *textwrap.wrap(text, 98, break_on_hyphens=False)]
    return "\n".join(lines) + "\n"


def aliases_table() -> str:
    """Return the words that were renamed as a Markdown table."""
    lines = ["| kind | old | new |", "| --- | --- | --- |"]
    lines += [f"| {alias.kind.value} | `{alias.old}` | `{alias.new}` |" for alias in ALIASES]
    return "\n".join(lines) + "\n"


def check_table() -> str:
    """Return the settings of `[check]` as a Markdown table."""
    lines = ["| setting | default | example | file |", "| --- | --- | --- | --- |"]
    for option in CHECK_OPTIONS:
        file = _file_of(f"check.{option.name}")
        lines.append(f"| `{option.name}` | {option.default_text} | `{option.example}` | {file} |")
    return "\n".join(lines) + "\n"


def _file_of(setting: str) -> str:
    """Return which settings files may contain a setting."""
    rule = RULES[setting]
    limit = f" ({rule.limit})" if rule.limit else ""
    return ("yours" if rule.trust is Trust.OWN else "both") + limit


def trust_table() -> str:
    """Return which settings a collection's own file may contain, as a Markdown table."""
    lines = ["| setting | file |", "| --- | --- |"]
    for rule in RULES.values():
        limit = f": {rule.limit}" if rule.limit else ""
        lines.append(f"| `{rule.name}` | {rule.trust.value}{limit} |")
    return "\n".join(lines) + "\n"


# -- the man page ------------------------------------------------------------------------------


def man_page() -> str:
    """Return newsdesk(1) as roff, in the macros of man(7)."""
    parsers = dict(all_parsers())
    top = parsers.pop("newsdesk")
    lines = [
        '.\\" Generated from the program by `make docs`.',
        f'.TH NEWSDESK 1 "" "newsdesk {__version__}" "User Commands"',
        ".nh",  # a command that is cut by a hyphen cannot be copied
        ".ad l",
        *_section("Name", [r"newsdesk \- triage the articles of a news collection"]),
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
            _usage_of(action)
            for _, actions in _groups(parser)
            for action in actions
            if not action.option_strings
        ]
        yield ".br"
        yield f".B newsdesk {_roff(name)}"
        yield f"[\\fIOPTIONS\\fR] \\fI{_roff(' '.join(words))}\\fR".replace(" \\fI\\fR", "")


def _description() -> Iterator[str]:
    yield "Without a command, newsdesk opens the main screen on a folder of articles (files with a"
    yield "front matter): a list, the article in full, and related articles. One key publishes an"
    yield "article, rejects it or keeps it for later; every decision can be undone."
    yield ".PP"
    yield "The commands do the same without a screen. Data goes to standard output, everything"
    yield "else to standard error; output into a pipe or a file is plain text."


def _options(parser: Parser) -> Iterator[str]:
    for title, actions in _groups(parser):
        if title == _COMMON_GROUP and parser.prog != "newsdesk":
            continue
        yield from _terms((_usage_of(action), action.help or "") for action in actions)


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in pairs:
        yield ".TP"
        yield f".B {_roff(term)}"
        yield _roff(" ".join(text.split()))


def _keys() -> Iterator[str]:
    default = Keys()
    for group in Group:
        yield f".SS {_roff(group.value)}"
        for command in KEY_COMMANDS:
            if command.group is group and command.keys:
                keys = ", ".join(default.all_shown(command.name))
                yield from _terms([(keys, f"{command.title}. {default.fill(command.help)}")])


def _roff(text: str) -> str:
    """Return text escaped so that roff prints it literally."""
    text = text.translate(_ROFF)
    # Not every formatter reads UTF-8; all of them read this form.
    text = "".join(char if char.isascii() else rf"\[u{ord(char):04X}]" for char in text)
    return rf"\&{text}" if text.startswith(".") else text


# What is generated: whole files, and parts of files between two comments.
GENERATED_FILES: dict[str, Callable[[], str]] = {
    "docs/commands.md": commands_page,
    "docs/newsdesk.1": man_page,
}
GENERATED_PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/configuration.md", "aliases"): aliases_table,
    ("docs/configuration.md", "check settings"): check_table,
    ("docs/configuration.md", "commands"): names_of_commands,
    ("docs/configuration.md", "settings"): settings_table,
    ("docs/keys.md", "keys"): keys_table,
    ("docs/queries.md", "fields"): queries_table,
    ("docs/safety.md", "settings"): trust_table,
}


def with_part(text: str, name: str, generated: str) -> str:
    """Return a document with one generated part replaced."""
    begin, end = f"<!-- {name}: generated by `make docs` -->", f"<!-- end of {name} -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{generated}{end}{after}"
