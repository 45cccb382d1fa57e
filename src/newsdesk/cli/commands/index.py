"""`newsdesk index`: update the index and report counts and seconds."""

from __future__ import annotations

from argparse import Namespace

from newsdesk.cli.arguments import Parser, add_common, add_json
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output
from newsdesk.cli.session import opened, refresh_index
from newsdesk.index.query.parser import parse
from newsdesk.text import counted, shown


def parser_of(name: str) -> Parser:
    """Return the parser of `index`."""
    parser = Parser(
        f"newsdesk {name}",
        "Update the index from the files. The index is a cache: deleting it loses nothing.",
        (
            ("newsdesk index", "read changed files"),
            ("newsdesk index --rebuild", "read every file again"),
        ),
    )
    parser.add_argument("--rebuild", action="store_true", help="delete the index first")
    add_json(parser, "the counts")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Update the index, print counts of files and seconds; return 0."""
    with opened(arguments, output) as workspace:
        if arguments.rebuild:
            workspace.rebuild()
        report = refresh_index(workspace, output)
        output.is_incomplete = bool(report.unreadable_folders)
        articles = workspace.count(parse(""))
        if arguments.json:
            report_json = {
                "articles": articles,
                "added": report.added,
                "changed": report.changed,
                "removed": report.removed,
                "unchanged": report.unchanged,
                "left_alone": report.left_alone,
                "links": report.links,
                "unreadable_folders": report.unreadable_folders,
                "seconds": round(report.seconds, 3),
                "index": str(workspace.store.path),
            }
            output.raw_line(to_json(report_json, indent=2))
            return 0
        output.line(f"{counted(articles, 'article')} in {shown(workspace.config.collection)}")
        for number, what in (
            (report.added, "added"),
            (report.changed, "changed"),
            (report.removed, "removed"),
            (report.unchanged, "unchanged"),
            (report.left_alone, "other files ignored"),
            (report.links, "symbolic links ignored"),
        ):
            output.line(f"{number:>9,} {what}")
        output.line(f"{report.seconds:>9.2f} seconds")
    return 0
