"""`newsdesk stats`: counts by topic, provider, status and month; quality and heat."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from newsdesk.cli.arguments import Parser, add_common, add_json, add_query
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output
from newsdesk.cli.session import matching, opened, pages, read_query, say_if_empty
from newsdesk.cli.table import STATUS_GLYPHS, STATUS_STYLES, fit
from newsdesk.collection.article import Status
from newsdesk.index.schema import Row
from newsdesk.text import counted, shown

_BAR = 24  # cells
_EIGHTHS = " ▏▎▍▌▋▊▉"
_MOST_LINES = 15  # of topics and providers in the text; JSON has all
_NAME = 26  # cells
_NONE = "(none)"


def parser_of(name: str) -> Parser:
    """Return the parser of `stats`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print how many of the articles that match fall to each topic, provider, status and\n"
        "month, and how quality and heat are spread.",
        (
            ("newsdesk stats", "the whole collection"),
            ("newsdesk stats is:published date:2020-11", "what went out in a month"),
            ("newsdesk stats --json", "all counts, for another program"),
        ),
    )
    add_query(parser)
    add_json(parser, "the counts")
    add_common(parser)
    return parser


@dataclass(slots=True)
class Tally:
    """What is counted; a name that is missing is counted under an empty text."""

    articles: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    providers: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    qualities: list[int] = field(default_factory=list)
    heats: list[int] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Count one article."""
        self.articles += 1
        self.statuses[row.status] += 1
        self.topics.update(row.topics or ("",))
        self.providers[row.provider.label] += 1
        self.months["" if row.published_at is None else row.published_at.isoformat()[:7]] += 1
        if row.quality is not None:
            self.qualities.append(row.quality)
        if row.heat is not None:
            self.heats.append(row.heat)


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread; `count` articles have one."""

    count: int
    min: int
    median: float
    max: int
    mean: float


def spread(numbers: Iterable[int]) -> Spread | None:
    """Return the spread of numbers, or None if there are none."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(len(ordered), ordered[0], median, ordered[-1], sum(ordered) / len(ordered))


def run(arguments: Namespace, output: Output) -> int:
    """Print the counts; return 0."""
    query = read_query(" ".join(arguments.query))
    tally = Tally()
    with opened(arguments, output) as desk:
        ids = matching(desk, query, output)
        for page in pages(desk, ids):
            for row in page:
                tally.add(row)
        say_if_empty(ids, query, desk, output)
    if arguments.json:
        output.line(to_json(_tally_json(tally), indent=2))
    elif tally.articles:
        _print(tally, output)
    return 0


def _tally_json(tally: Tally) -> dict[str, object]:
    return {
        "articles": tally.articles,
        "status": {status.value: tally.statuses[status] for status in Status},
        "topics": _counts_json(_most_first(tally.topics)),
        "providers": _counts_json(_most_first(tally.providers)),
        "months": _counts_json(_newest_first(tally.months)),
        "quality": _spread_json(spread(tally.qualities)),
        "heat": _spread_json(spread(tally.heats)),
    }


def _counts_json(counts: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"name": name or None, "articles": number} for name, number in counts]


def _spread_json(found: Spread | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "count": found.count,
        "min": found.min,
        "median": found.median,
        "max": found.max,
        "mean": round(found.mean, 2),
    }


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _newest_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), reverse=True)


def _print(tally: Tally, output: Output) -> None:
    output.line(output.paint(counted(tally.articles, "article"), "bold"))
    _print_numbers(tally, output)
    _print_statuses(tally, output)
    _print_counts("topic", _most_first(tally.topics), output)
    _print_counts("provider", _most_first(tally.providers), output)
    _print_counts("month", _newest_first(tally.months), output)


def _print_numbers(tally: Tally, output: Output) -> None:
    _print_title(f"{'':10}{'min':>6}{'median':>8}{'mean':>8}{'max':>6}{'missing':>9}", output)
    for name, numbers in (("quality", tally.qualities), ("heat", tally.heats)):
        found = spread(numbers)
        missing = tally.articles - len(numbers)
        if found is None:
            output.line(f"  {name:<8}{'–':>6}{'–':>8}{'–':>8}{'–':>6}{missing:>9,}")
        else:
            figures = f"{found.min:>6}{found.median:>8g}{found.mean:>8.1f}{found.max:>6}"
            output.line(f"  {name:<8}{figures}{missing:>9,}")


def _print_statuses(tally: Tally, output: Output) -> None:
    _print_title("status", output)
    most = max(tally.statuses.values())
    for status in Status:
        glyph = output.paint(STATUS_GLYPHS[status], STATUS_STYLES[status])
        _print_bar(f"{glyph} {fit(status.value, _NAME - 2)}", tally.statuses[status], most, output)


def _print_counts(title: str, counts: list[tuple[str, int]], output: Output) -> None:
    _print_title(title, output)
    most = max(number for _, number in counts)
    for name, number in counts[:_MOST_LINES]:
        _print_bar(fit(shown(name) or _NONE, _NAME), number, most, output)
    if len(counts) > _MOST_LINES:
        rest = sum(number for _, number in counts[_MOST_LINES:])
        others = f"{len(counts) - _MOST_LINES:,} more"
        output.line(output.paint(f"  {others:<{_NAME}} {rest:>7,}", "dim"))


def _print_title(title: str, output: Output) -> None:
    output.line()
    output.line(output.paint(title, "dim"))


def _print_bar(name: str, number: int, most: int, output: Output) -> None:
    bar = output.paint(small_bar(number, most), "cyan")
    output.line(f"  {name} {number:>7,}  {bar}".rstrip())


def small_bar(number: int, most: int) -> str:
    """Return a bar of at most `_BAR` cells; what is not nothing has at least an eighth."""
    eighths = max(number and 1, number * _BAR * 8 // (most or 1))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
