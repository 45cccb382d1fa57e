"""`newsdesk log`: print who decided what and when."""

from __future__ import annotations

from argparse import Namespace

from newsdesk.cli.arguments import Parser, add_common, add_json, whole_number
from newsdesk.cli.formats import moment, to_json
from newsdesk.cli.output import Output
from newsdesk.cli.session import opened
from newsdesk.text import counted, shown
from newsdesk.workspace.journal import Entry


def parser_of(name: str) -> Parser:
    """Return the parser of `log`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print the journal: the decisions on this collection, newest first.",
        (
            ("newsdesk log", "the last 50"),
            ("newsdesk log --limit 5 --json", "the last 5, with every file"),
        ),
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=whole_number,
        default=50,
        help="print at most N decisions (default: 50)",
    )
    add_json(parser, "the decisions")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print the decisions; return 0."""
    with opened(arguments, output) as workspace:
        # Opening the journal would create it.
        has_any = workspace.config.journal_path.exists()
        entries = workspace.log(arguments.limit) if has_any else []
        if arguments.json:
            output.raw_line(to_json([_entry_json(entry) for entry in entries], indent=2))
            return 0
        for entry in entries:
            output.line(_line(entry, output))
        if not entries and (arguments.limit or not has_any):
            output.message("The journal is empty: no decisions yet.")
    return 0


def _entry_json(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "who": entry.who,
        "verb": entry.verb,
        "state": entry.state,
        "files": [
            {"path": change.path, "state": change.state, "reason": change.reason or None}
            for change in entry.changes
        ],
    }


def _line(entry: Entry, output: Output) -> str:
    if output.wants_table:
        when = entry.at.astimezone().strftime("%Y-%m-%d %H:%M")
        style = "green" if entry.state == "done" else "dim"
        state = output.paint(f"{entry.state:<7}", style)
        line = f"{when}  {shown(entry.who):<10}  {entry.verb:<9}  {state}  {_files(entry)}"
        return line.rstrip()
    cells = (moment(entry.at) or "", shown(entry.who), entry.verb, entry.state, _files(entry))
    return "\t".join(cells)


def _files(entry: Entry) -> str:
    """Return the path of a single file or the number of files, and how many were refused."""
    if len(entry.changes) == 1:
        text: str = shown(entry.changes[0].path)
    else:
        text = counted(len(entry.changes), "file")
    refused = sum(change.state in ("refused", "overtaken") for change in entry.changes)
    return f"{text}, {refused} refused" if refused else text
