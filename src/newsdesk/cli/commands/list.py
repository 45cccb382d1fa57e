"""`newsdesk list`: print the articles that match a query, page by page."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence

from newsdesk.cli import formats
from newsdesk.cli.arguments import Parser, add_common, add_query, whole_number
from newsdesk.cli.output import Output, terminal_width
from newsdesk.cli.quoting import quoted_path, shown_path
from newsdesk.cli.session import (
    matching_ids,
    narrow_to_view,
    opened,
    pages,
    read_query,
    report_no_match,
)
from newsdesk.index.schema import Row
from newsdesk.text import age_in_words, counted, number_text, shown

_EXAMPLES = (
    ("newsdesk list is:unpublished", "unpublished articles, hottest first"),
    ("newsdesk list topic:AI 'quality:>=50' --json", "as JSON; quote > and ( for the shell"),
    ("newsdesk list 'topic:\"Computer Vision\"' -police", "a phrase, and a word to exclude"),
    ("newsdesk list --sort quality,date --limit 10", "the best ten"),
    ("newsdesk list --view 'Hot AI' 'date:<7d'", "a saved view, last 7 days"),
    ("newsdesk list is:unpublished --paths | newsdesk publish -", "publish all of them"),
)

Printer = Callable[[Iterable[list[Row]]], Iterator[str]]


def parser_of(name: str) -> Parser:
    """Return the parser of `list`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print the articles that match a query: a table on a terminal, else lines of status,\n"
        "heat, quality, date, title, domain and path, separated by tabs.",
        _EXAMPLES,
    )
    add_query(parser)
    parser.add_argument(
        "--view",
        metavar="NAME",
        help="only articles of a view: a built-in one, or one of [views] in .newsdesk.toml",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON array")
    form.add_argument("--jsonl", action="store_true", help="print one JSON object per line")
    form.add_argument("--csv", action="store_true", help="print CSV with a header")
    form.add_argument(
        "--paths",
        action="store_true",
        help="print paths only, one per line; special characters are quoted as in git",
    )
    form.add_argument(
        "--paths0", action="store_true", help="print paths only, each followed by NUL"
    )
    form.add_argument(
        "--sentences",
        action="store_true",
        help="print each article as a sentence, for screen readers",
    )
    parser.add_argument("--limit", metavar="N", type=whole_number, help="print at most N articles")
    parser.add_argument(
        "--sort",
        metavar="SPEC",
        help="sort order, for example quality,date-asc (default: heat,quality,date)",
    )
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print the matching articles; return 0."""
    query = read_query(" ".join(arguments.query), arguments.sort)
    with opened(arguments, output) as workspace:
        if arguments.view is not None:
            query = narrow_to_view(workspace, arguments.view, query, output)
        ids = matching_ids(workspace, query, output)
        found = len(ids)
        ids = ids.first(arguments.limit)
        for text in _printer(arguments, output)(pages(workspace, ids)):
            output.data(text)
        report_no_match(ids, query, workspace, output)
        if ids:
            output.hint(_summary(len(ids), found))
    return 0


def _summary(printed: int, found: int) -> str:
    from newsdesk.cli.table import LEGEND

    many = counted(found, "article")
    return f"{many if printed == found else f'{printed:,} of {many}'} · {LEGEND}"


def _printer(arguments: Namespace, output: Output) -> Printer:
    if arguments.json:
        return _json_array
    if arguments.jsonl:
        return _json_lines
    if arguments.csv:
        return _csv
    if arguments.paths:
        return _safe_paths if output.is_terminal else _paths
    if arguments.paths0:
        return _paths0
    if arguments.sentences:
        return _sentences
    if output.wants_table:
        return lambda found: _table(found, output)
    return _plain


def _json_array(found: Iterable[list[Row]]) -> Iterator[str]:
    before = "[\n"
    for page in found:
        for row in page:
            yield before + formats.to_json(formats.row_json(row))
            before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _json_lines(found: Iterable[list[Row]]) -> Iterator[str]:
    for page in found:
        yield "".join(formats.to_json(formats.row_json(row)) + "\n" for row in page)


def _csv(found: Iterable[list[Row]]) -> Iterator[str]:
    yield formats.csv_lines([formats.CSV_COLUMNS])
    for page in found:
        yield formats.csv_lines(formats.row_cells(row) for row in page)


def _paths(found: Iterable[list[Row]]) -> Iterator[str]:
    # Not escaped: another program opens these paths.
    for page in found:
        yield "".join(f"{quoted_path(row.path)}\n" for row in page)


def _paths0(found: Iterable[list[Row]]) -> Iterator[str]:
    for page in found:
        yield "".join(f"{row.path}\0" for row in page)


def _safe_paths(found: Iterable[list[Row]]) -> Iterator[str]:
    for page in found:
        yield "".join(f"{shown_path(row.path)}\n" for row in page)


def _plain(found: Iterable[list[Row]]) -> Iterator[str]:
    for page in found:
        yield "".join("\t".join(_plain_cells(row)) + "\n" for row in page)


def _plain_cells(row: Row) -> Sequence[str]:
    return (
        row.status.value,
        "" if row.heat is None else number_text(row.heat),
        "" if row.quality is None else number_text(row.quality),
        formats.moment(row.published_at) or "",
        shown(row.title),
        shown(row.provider.label),
        shown_path(row.path),
    )


def _sentences(found: Iterable[list[Row]]) -> Iterator[str]:
    """Yield the content of the table as sentences, without columns and glyphs."""
    for page in found:
        for row in page:
            title = shown(row.title).rstrip()
            facts = [
                row.status.value.capitalize(),
                "no heat" if row.heat is None else f"heat {number_text(row.heat)}",
                "no quality" if row.quality is None else f"quality {number_text(row.quality)}",
                *([age_in_words(row.published_at)] if row.published_at else []),
                *([f"from {shown(row.provider.label)}"] if row.provider.label.strip() else []),
                *([counted(len(row.problems), "problem")] if row.problems else []),
            ]
            end = "" if title.endswith((".", "!", "?")) else "."
            yield f"{title}{end} {', '.join(facts)}. File {shown(row.path)}\n"


def _table(found: Iterable[list[Row]], output: Output) -> Iterator[str]:
    from newsdesk.cli.table import ArticleTable

    table = ArticleTable(output, terminal_width())
    header = table.header() + "\n"
    for page in found:
        yield header + "".join(table.line(row) + "\n" for row in page)
        header = ""
