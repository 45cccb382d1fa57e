"""`newsdesk lint`: print problems in front matter."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from newsdesk.cli.arguments import Parser, add_common, add_json, add_query
from newsdesk.cli.formats import problem_json, to_json
from newsdesk.cli.output import Output
from newsdesk.cli.session import matching_ids, opened, pages, read_query
from newsdesk.collection.article import Problem
from newsdesk.index.query.ast import Query, SortKey
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import all_of
from newsdesk.text import counted, shown


def parser_of(name: str) -> Parser:
    """Return the parser of `lint`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print problems in the front matter of the articles that match a query,\n"
        "as path:line: message (code), each code once per file.\n"
        "Exit code 1: there are problems.",
        (
            ("newsdesk lint", "the whole collection"),
            ("newsdesk lint is:unpublished 'date:<7d'", "recent unpublished articles"),
            ("newsdesk lint --json", "for another program"),
        ),
    )
    add_query(parser)
    add_json(parser, "the problems")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print problems; return 1 if there are any, else 0."""
    query = read_query(" ".join(arguments.query))
    with opened(arguments, output) as workspace:
        ids = matching_ids(workspace, _with_problems(query), output)
        found = (
            (row.path, problem)
            for page in pages(workspace, ids)
            for row in page
            for problem in row.problems
        )
        number = _print_json(found, output) if arguments.json else _print(found, output)
        checked = counted(workspace.count(query), "article")
    output.hint(f"{counted(number, 'problem')} in {checked}")
    return 1 if number else 0


def _with_problems(query: Query) -> Query:
    order = query.order or (SortKey("path", descending=False),)
    return replace(all_of(query, parse("has:problems")), order=order)


def _print(found: Iterator[tuple[str, Problem]], output: Output) -> int:
    number = 0
    for path, problems in groupby(found, key=itemgetter(0)):
        kinds: dict[str, list[Problem]] = {}
        for _, problem in problems:
            kinds.setdefault(problem.code, []).append(problem)
        for code, same in kinds.items():
            number += 1
            problem = same[0]
            place = f"{shown(path)}:{problem.line}" if problem.line else shown(path)
            is_error = problem.blocks_writing or code == "live"
            text = shown(problem.message) + (f" {len(same) - 1:,} more." if same[1:] else "")
            kind = output.paint(f"({code})", "dim")
            output.line(f"{output.paint(place, 'red' if is_error else 'yellow')}: {text} {kind}")
    return number


def _print_json(found: Iterator[tuple[str, Problem]], output: Output) -> int:
    problems = [{"path": path, **problem_json(problem)} for path, problem in found]
    output.raw_line(to_json(problems, indent=2))
    return len(problems)
