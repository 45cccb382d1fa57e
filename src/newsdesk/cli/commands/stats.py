"""`newsdesk stats`: print the numbers of the dashboard as text or JSON."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from newsdesk.cli.arguments import Parser, add_common, add_json, add_query
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output, terminal_width
from newsdesk.cli.session import matching_ids, opened, read_query, report_no_match
from newsdesk.cli.table import STATUS_GLYPHS, STATUS_STYLES, fit
from newsdesk.collection.article import Status
from newsdesk.index.stats import Named, Statistics, StatusCounts
from newsdesk.text import counted, shown
from newsdesk.workspace.charts.data import density, queue, timeline
from newsdesk.workspace.charts.draw import (
    SHADES,
    Ink,
    axis,
    horizontal_bar,
    nice_top,
    percent,
    shade,
    shade_limits,
    vertical_bar,
)

_BAR_CELLS = 24  # cells
_CHART_LINES = 6  # lines
_MARGIN_CELLS = 8  # cells of numbers on the left of a chart
_MAX_COLUMNS = 120  # columns
_MAX_LINES = 15  # topics, providers and months in the text; JSON has all
_NAME_CELLS = 26  # cells
_NONE = "(none)"
_STYLE_OF_INK = {Ink.PUBLISHED: "green", Ink.WAITING: "yellow"}


def parser_of(name: str) -> Parser:
    """Return the parser of `stats`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print counts of the articles that match a query: by date and status, unpublished\n"
        "by age, the distribution of quality and heat, and topics and providers with the\n"
        "share that is published. The dashboard (key i) shows the same.",
        (
            ("newsdesk stats", "the whole collection"),
            ("newsdesk stats is:published date:2020-11", "articles published in a month"),
            ("newsdesk stats --json", "all counts, for another program"),
        ),
    )
    add_query(parser)
    add_json(parser, "the counts")
    add_common(parser)
    return parser


@dataclass(frozen=True, slots=True)
class Spread:
    """Minimum, median, mean and maximum of a field that `count` articles have."""

    count: int
    min: float
    median: float
    max: float
    mean: float


def spread(numbers: Iterable[tuple[float | None, int]]) -> Spread | None:
    """Return the spread of (number, how often it occurs) pairs; None without numbers."""
    often = Counter[float]()
    for number, times in numbers:
        if number is not None:
            often[number] += times
    count = often.total()
    if not count:
        return None
    middle = (_nth(often, (count - 1) // 2) + _nth(often, count // 2)) / 2
    median = int(middle) if middle == int(middle) else middle
    mean = sum(number * times for number, times in often.items()) / count
    return Spread(count, min(often), median, max(often), mean)


def _nth(often: Counter[float], place: int) -> float:
    """Return the number at an index of all numbers in ascending order."""
    for number in sorted(often):
        place -= often[number]
        if place < 0:
            return number
    raise IndexError(place)


def run(arguments: Namespace, output: Output) -> int:
    """Print the counts; return 0."""
    query = read_query(" ".join(arguments.query))
    with opened(arguments, output) as workspace:
        ids = matching_ids(workspace, query, output)
        numbers = workspace.numbers(query)
        report_no_match(ids, query, workspace, output)
    today = datetime.now(UTC).date()
    if arguments.json:
        output.raw_line(to_json(_as_json(numbers, today), indent=2))
    elif ids:
        _Page(numbers, today, output).print()
    return 0


# ---- JSON ------------------------------------------------------------------------------------


def _as_json(numbers: Statistics, today: date) -> dict[str, object]:
    total = numbers.total
    scores = numbers.scores.items()
    return {
        "articles": total.articles,
        "status": _status_json(total),
        "topics": [_named_json(each) for each in numbers.topics],
        "providers": [_named_json(each) for each in numbers.providers],
        "months": [
            {"name": name or None, "articles": tally.articles, **_status_json(tally)}
            for name, tally in _months(numbers)
        ],
        "quality": _spread_json(spread((quality, number) for (quality, _), number in scores)),
        "heat": _spread_json(spread((heat, number) for (_, heat), number in scores)),
        "days": [
            {"date": date.fromordinal(day).isoformat() if day else None, **_status_json(tally)}
            for day, tally in numbers.days.items()
        ],
        "scores": [
            {"quality": quality, "heat": heat, "articles": number}
            for (quality, heat), number in scores
        ],
        "queue": [
            {"age": each.label, "query": each.query, "articles": each.articles}
            for each in queue(numbers.days, today)
        ],
    }


def _status_json(tally: StatusCounts) -> dict[str, int]:
    return {status.value: _of_status(tally, status) for status in Status}


def _named_json(named: Named) -> dict[str, object]:
    return {
        "name": named.name or None,
        "articles": named.articles,
        "published": named.published,
        "public": named.public,
    }


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


def _of_status(tally: StatusCounts, status: Status) -> int:
    return {
        Status.PUBLISHED: tally.published,
        Status.UNPUBLISHED: tally.unpublished,
        Status.UNSET: tally.unset,
    }[status]


def _months(numbers: Statistics) -> list[tuple[str, StatusCounts]]:
    """Return (month, counts), newest first; the month is empty for articles without date."""
    months: dict[str, StatusCounts] = {}
    for day, tally in numbers.days.items():
        name = date.fromordinal(day).isoformat()[:7] if day else ""
        months[name] = months.get(name, StatusCounts()) + tally
    return sorted(months.items(), reverse=True)


# ---- text ------------------------------------------------------------------------------------


class _Page:
    """Print the numbers of at least one article."""

    def __init__(self, numbers: Statistics, today: date, output: Output) -> None:
        self._numbers = numbers
        self._today = today
        self._output = output
        self._width = min(terminal_width(), _MAX_COLUMNS)

    def print(self) -> None:
        """Print everything."""
        total = self._numbers.total
        self._output.line(self._output.paint(counted(total.articles, "article"), "bold"))
        self._print_spreads(total)
        self._print_statuses(total)
        self._print_timeline()
        self._print_queue()
        self._print_density()
        self._print_named("topic", self._numbers.topics)
        self._print_named("provider", self._numbers.providers)
        months = [
            Named(name, tally.articles, tally.published, tally.public)
            for name, tally in _months(self._numbers)
        ]
        self._print_named("month", months)

    def _print_title(self, title: str) -> None:
        self._output.line()
        self._output.line(self._output.paint(title, "dim"))

    def _print_spreads(self, total: StatusCounts) -> None:
        rows = [("min", "median", "mean", "max", "missing")]
        for place in range(2):
            found = spread((pair[place], times) for pair, times in self._numbers.scores.items())
            if found is None:
                rows.append(("–", "–", "–", "–", f"{total.articles:,}"))
                continue
            figures = (str(found.min), f"{found.median:.12g}", f"{found.mean:.1f}", str(found.max))
            rows.append((*figures, f"{total.articles - found.count:,}"))
        widths = [
            max(least, *(len(row[column]) + 2 for row in rows))
            for column, least in enumerate((6, 8, 8, 6, 9))
        ]
        lines = ["".join(f"{text:>{w}}" for text, w in zip(r, widths, strict=True)) for r in rows]
        self._print_title(f"{'':10}{lines[0]}")
        for name, line in zip(("quality", "heat"), lines[1:], strict=True):
            self._output.line(f"  {name:<8}{line}")

    def _print_statuses(self, total: StatusCounts) -> None:
        self._print_title("status")
        most = max(_of_status(total, status) for status in Status)
        for status in Status:
            glyph = self._output.paint(STATUS_GLYPHS[status], STATUS_STYLES[status])
            name = f"{glyph} {fit(status.value, _NAME_CELLS - 2)}"
            number = _of_status(total, status)
            public = 0 if status is Status.UNPUBLISHED else number
            self._print_bar(name, Named("", number, public, public), most)

    def _print_timeline(self) -> None:
        line = timeline(self._numbers.days, self._width - _MARGIN_CELLS)
        if not line.spans:
            return
        room = self._width - _MARGIN_CELLS
        step = max(1, min(6, room // len(line.spans)))
        top = nice_top(line.most)
        bars = [
            vertical_bar(span.tally.public, span.tally.unpublished, top, _CHART_LINES)
            for span in line.spans
        ]
        left_out = f"  {shown(line.left_out)}" if line.left_out else ""
        self._print_title(f"per {shown(line.unit.value)}  (█ published  ⣿ not){left_out}")
        for height in reversed(range(_CHART_LINES)):
            label = {_CHART_LINES - 1: f"{top:,}", 0: "0"}.get(height, "")
            cells = "".join(
                self._inked(bar[height][0], bar[height][1] * max(1, step - 1)) + " " * (step > 1)
                for bar in bars
            )
            self._output.line(f"{label:>{_MARGIN_CELLS - 1}} {cells}".rstrip())
        drawn = axis(line.axis_labels(step), room).rstrip()
        self._output.line(" " * _MARGIN_CELLS + self._output.paint(drawn, "dim"))

    def _inked(self, ink: Ink, text: str) -> str:
        return text if ink is Ink.NOTHING else self._output.paint(text, _STYLE_OF_INK[ink])

    def _print_queue(self) -> None:
        ages = queue(self._numbers.days, self._today)
        most = max(each.articles for each in ages)
        if not most:
            return
        self._print_title("unpublished since")
        for each in ages:
            self._print_bar(
                fit(shown(each.label), _NAME_CELLS), Named("", each.articles, 0, 0), most
            )

    def _print_density(self) -> None:
        plot = density(self._numbers.scores, 24, 13)
        limits = "  ".join(f"{mark} {number:,}+" for mark, number in shade_limits(plot.most))
        self._print_title(f"heat (up) by quality (across)  ({limits})")
        for each, row in zip(reversed(plot.rows), reversed(plot.counts), strict=True):
            cells = "".join(SHADES[shade(number, plot.most)] * 3 for number in row)
            self._output.line(f"{shown(each.label):>{_MARGIN_CELLS - 1}} {cells}".rstrip())
        labels = [(place * 3, each.label, False) for place, each in enumerate(plot.columns)]
        drawn = axis(labels, 3 * len(plot.columns) + _MARGIN_CELLS).rstrip()
        self._output.line(" " * _MARGIN_CELLS + self._output.paint(drawn, "dim"))

    def _print_named(self, title: str, named: Sequence[Named]) -> None:
        self._print_title(f"{title:<{_NAME_CELLS + 11}}published")
        most = max(each.articles for each in named)
        for each in named[:_MAX_LINES]:
            name = fit(shown(each.name) or _NONE, _NAME_CELLS)
            self._print_bar(name, each, most, percent(each.acceptance, each.articles))
        if len(named) > _MAX_LINES:
            rest = sum(each.articles for each in named[_MAX_LINES:])
            others = f"{len(named) - _MAX_LINES:,} more"
            self._output.line(self._output.paint(f"  {others:<{_NAME_CELLS}} {rest:>7,}", "dim"))

    def _print_bar(self, name: str, named: Named, most: int, share: str = "") -> None:
        solid, dots = horizontal_bar(named.public, named.articles - named.public, most, _BAR_CELLS)
        if not named.articles:
            solid = dots = ""
        bar = self._inked(Ink.PUBLISHED, solid) + self._inked(Ink.WAITING, dots)
        share = f"  {share:>4}" if share else ""
        self._output.line(f"  {name} {named.articles:>7,}{share}  {bar}".rstrip())
