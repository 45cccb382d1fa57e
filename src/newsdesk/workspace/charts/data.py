"""What the numbers of a collection come to: spans of time, cells of scores, ages of the queue.

Everything that is counted here carries the query that finds it.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from newsdesk.index.query.ast import Or
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import all_of, quoted_if_needed, unparse
from newsdesk.index.stats import StatusCounts
from newsdesk.workspace.editorial_state import QUERY_SETS

_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
_STRAYS = 200  # one article in so many may lie outside the plot at either end
_FEW = 8  # articles; among fewer none is a stray
_FAR = 10  # times as long as all others together have to be for the one stray of a small collection
_MOST_NAMED = 3  # days outside the plot that are named
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Unit(enum.Enum):
    """How much time one bar stands for; the value is the word for it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"


_MONTHS_IN = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12, Unit.DECADE: 120, Unit.CENTURY: 1200}


@dataclass(frozen=True, slots=True)
class Span:
    """A day, a week, a month …: its days (both included) and what was published in it."""

    first: date
    last: date
    unit: Unit
    tally: StatusCounts

    @property
    def query(self) -> str:
        """The query that finds its articles."""
        low, high = self.first.isoformat(), self.last.isoformat()
        if self.unit is Unit.DAY:
            return f"date:{low}"
        if self.unit is Unit.WEEK:
            return f"date:{low}..{high}"
        if self.unit in (Unit.MONTH, Unit.YEAR):
            return f"date:{low[: 7 if self.unit is Unit.MONTH else 4]}"
        parts = 7 if self.unit is Unit.QUARTER else 4
        return f"date:{low[:parts]}..{high[:parts]}"

    @property
    def title(self) -> str:
        """Its name in full."""
        return self.query.removeprefix("date:").replace("..", " to ")

    @property
    def axis(self) -> tuple[str, bool]:
        """What may stand below its bar, and whether that matters more than its neighbours'."""
        month = _MONTHS[self.first.month - 1]
        if self.unit is Unit.DAY:
            is_first = self.first.day == 1
            if is_first:
                return (month, True)
            return (str(self.first.day), False) if self.first.weekday() == 0 else ("", False)
        if self.unit is Unit.WEEK:
            if self.first.day > 7:
                return "", False
            return (str(self.first.year), True) if self.first.month == 1 else (month, False)
        if self.unit is Unit.MONTH or self.unit is Unit.QUARTER:
            is_first = self.first.month == 1
            return (str(self.first.year) if is_first else month, is_first)
        return str(self.first.year), False


@dataclass(frozen=True, slots=True)
class Timeline:
    """Spans without a gap between them, and the articles that lie outside of them."""

    unit: Unit
    spans: tuple[Span, ...]
    earlier: int
    later: int
    undated: int
    strays: tuple[date, ...] = ()  # the days of those, as far as there are few

    @property
    def most(self) -> int:
        """The articles of the fullest span."""
        return max((span.tally.articles for span in self.spans), default=0)

    @property
    def left_out(self) -> str:
        """What the spans do not show, in words: `2 earlier, 1 without a date`."""
        parts = ((self.earlier, "earlier"), (self.later, "later"), (self.undated, "without a date"))
        text = ", ".join(f"{number:,} {where}" for number, where in parts if number)
        days = ", ".join(day.isoformat() for day in self.strays)
        return f"{text} ({days})" if days else text

    def axis_labels(self, step: int) -> list[tuple[int, str, bool]]:
        """Return (column, text, whether it matters more) below bars of `step` cells each."""
        labels = [(place * step, *span.axis) for place, span in enumerate(self.spans)]
        if labels and not any(matters for _, _, matters in labels):
            first = self.spans[0].first
            text = f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
            text = text if self.unit in (Unit.DAY, Unit.WEEK) else str(first.year)
            labels[0] = (0, text, True)
        return labels


def timeline(days: Mapping[int | None, StatusCounts], room: int) -> Timeline:
    """Divide days (as `date.toordinal` numbers them) into at most `room` spans of one length.

    A few stray dates at either end (a typing mistake, a year 9999) are left out and counted,
    where all the others would be squeezed together for them.
    """
    room = max(1, room)
    dated = sorted(
        (day, tally) for day, tally in days.items() if day is not None and tally.articles
    )
    undated = days[None].articles if None in days else 0
    if not dated:
        return Timeline(Unit.DAY, (), 0, 0, undated)
    low, high = dated[0][0], dated[-1][0]
    core_low, core_high = _core(dated)
    unit = _unit(core_low, core_high, room)
    if unit is not _unit(low, high, room):
        low, high = core_low, core_high
    inside: dict[int, StatusCounts] = {}
    earlier = later = 0
    for day, tally in dated:
        if day < low:
            earlier += tally.articles
        elif day > high:
            later += tally.articles
        else:
            first = _start(day, unit)
            inside[first] = inside.get(first, StatusCounts()) + tally
    spans = []
    first = _start(low, unit)
    while first <= high:
        following = _next(first, unit)
        span = (date.fromordinal(first), date.fromordinal(min(following - 1, _LAST)))
        spans.append(Span(*span, unit, inside.get(first, StatusCounts())))
        first = following
    strays = [date.fromordinal(day) for day, _ in dated if not low <= day <= high]
    named = tuple(strays) if len(strays) <= _MOST_NAMED else ()
    return Timeline(unit, tuple(spans), earlier, later, undated, named)


def _core(dated: Sequence[tuple[int, StatusCounts]]) -> tuple[int, int]:
    """Return the first and the last day when stray ones at either end are left out."""
    number_of_all = sum(tally.articles for _, tally in dated)

    def ends(strays: int) -> tuple[int, int]:
        return end(dated, strays), end(dated[::-1], strays)

    def end(days: Sequence[tuple[int, StatusCounts]], strays: int) -> int:
        passed = accumulate(tally.articles for _, tally in days)
        return next(day for (day, _), number in zip(days, passed, strict=True) if number > strays)

    strays = number_of_all // _STRAYS
    if strays or number_of_all < _FEW:
        return ends(strays)
    low, high = ends(1)
    is_far = dated[-1][0] - dated[0][0] > _FAR * (high - low + 30)
    return (low, high) if is_far else ends(0)


def _unit(low: int, high: int, room: int) -> Unit:
    for unit in Unit:
        count, first = 0, _start(low, unit)
        if (high - low) // (_MONTHS_IN.get(unit, 0) * 31 or (7 if unit is Unit.WEEK else 1)) > room:
            continue
        while first <= high and count <= room:
            first, count = _next(first, unit), count + 1
        if count <= room:
            return unit
    return Unit.CENTURY


def _start(day: int, unit: Unit) -> int:
    """Return the first day of the span that a day belongs to."""
    if unit is Unit.DAY:
        return day
    if unit is Unit.WEEK:
        return max(_FIRST, day - (day - 1) % 7)  # day 1 was a Monday
    moment = date.fromordinal(day)
    months = (moment.year * 12 + moment.month - 1) // _MONTHS_IN[unit] * _MONTHS_IN[unit]
    return _day_of(months)


def _next(first: int, unit: Unit) -> int:
    """Return the first day of the span after the one that begins with a day."""
    if unit is Unit.DAY:
        return first + 1
    if unit is Unit.WEEK:
        return first + 7
    moment = date.fromordinal(first)
    months = (moment.year * 12 + moment.month - 1) // _MONTHS_IN[unit] * _MONTHS_IN[unit]
    return _day_of(months + _MONTHS_IN[unit])


def _day_of(months: int) -> int:
    """Return the first day of a month, counted from the year 0, as far as there is a calendar."""
    year, month = divmod(months, 12)
    if year < 1:
        return _FIRST
    return date(year, month + 1, 1).toordinal() if year <= date.max.year else _LAST + 1


# ---- scores ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores from `low` to `high`, both included, None where open; `label` names it on an axis.

    Without both it stands for articles that have no such score. `has_decimals` tells that there
    are scores between whole numbers: each belongs to the whole number below it.
    """

    label: str
    low: int | None
    high: int | None
    has_decimals: bool = False

    def term(self, field: str) -> str:
        """Return the query that finds it in a field."""
        if self.low is None and self.high is None:
            return f"{field}:none"
        if self.low is None:
            return f"{field}:<{(self.high or 0) + 1}"
        if self.high is None:
            return f"{field}:>={self.low}" if self.has_decimals else f"{field}:>{self.low - 1}"
        if self.has_decimals:
            return f"{field}:>={self.low} {field}:<{self.high + 1}"
        return f"{field}:{self.low}..{self.high}"

    def title(self, field: str) -> str:
        """Return its name in words: `quality 40–49`, `no heat`."""
        if self.low is None and self.high is None:
            return f"no {field}"
        if self.low is None:
            return f"{field} below {(self.high or 0) + 1}"
        if self.high is None:
            return f"{field} above {self.low - 1}"
        return f"{field} {self.low}–{self.high}"


@dataclass(frozen=True, slots=True)
class Density:
    """How many articles have which quality (columns, from low) and heat (rows, from low)."""

    columns: tuple[Bin, ...]
    rows: tuple[Bin, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def most(self) -> int:
        """The largest count."""
        return max((number for row in self.counts for number in row), default=0)

    def query(self, column: int, row: int) -> str:
        """Return the query that finds the articles of a cell."""
        return f"{self.columns[column].term('quality')} {self.rows[row].term('heat')}"

    def title(self, column: int, row: int) -> str:
        """Return the name of a cell."""
        return f"{self.columns[column].title('quality')}, {self.rows[row].title('heat')}"


def density(
    scores: Mapping[tuple[float | None, float | None], int], columns: int, rows: int
) -> Density:
    """Sort scores by (quality, heat) into at most so many columns and rows, where that can be."""
    qualities: dict[float | None, int] = {}
    heats: dict[float | None, int] = {}
    for (quality, heat), number in scores.items():
        qualities[quality] = qualities.get(quality, 0) + number
        heats[heat] = heats.get(heat, 0) + number
    across, up = _bins(qualities, columns), _bins(heats, rows)
    column_of = {quality: _place(_floor(quality), across) for quality in qualities}
    row_of = {heat: _place(_floor(heat), up) for heat in heats}
    counts = [[0] * len(across) for _ in up]
    for (quality, heat), number in scores.items():
        counts[row_of[heat]][column_of[quality]] += number
    return Density(across, up, tuple(map(tuple, counts)))


def _floor(score: float | None) -> int | None:
    return None if score is None else math.floor(score)


def _bins(counts: Mapping[float | None, int], room: int) -> tuple[Bin, ...]:
    """Return bins for all scores: none, below 0, the scale, above it; the first and last if used.

    The scale goes from 0 to 100, or as far as 99 of 100 scores go.
    """
    known: Counter[int] = Counter()
    for score, number in counts.items():
        if score is not None:
            known[math.floor(score)] += number
    has_decimals = any(score != _floor(score) for score in counts)
    top = 100
    if sum(number for score, number in known.items() if score > top) * 20 > sum(known.values()):
        top = max(top, _round_up(_nearly_largest(known)))
    has_none, has_below = None in counts, any(score < 0 for score in known)
    has_above = any(score > top for score in known)
    room -= has_none + has_below + has_above
    step = next((part for part in (20, 10, 5, 4, 2) if part <= room), 1)
    step = -(-top // step)
    bins = [Bin("none", None, None)] if has_none else []
    bins += [Bin("<0", None, -1)] if has_below else []
    lows = list(range(0, top, step))
    # The last one holds the top of the scale too: nobody looks for a bin of 100 alone.
    bins += [Bin(str(low), low, top if low == lows[-1] else low + step - 1) for low in lows]
    bins += [Bin(f">{top}", top + 1, None)] if has_above else []
    return tuple(replace(each, has_decimals=has_decimals) for each in bins)


def _nearly_largest(known: Counter[int]) -> int:
    """Return the 99th percentile: a typing mistake is no reason to flatten all other scores."""
    place = (known.total() - 1) * 99 // 100
    passed = accumulate(known[score] for score in sorted(known))
    return next(s for s, number in zip(sorted(known), passed, strict=True) if number > place)


def _round_up(number: int) -> int:
    """Return the next number that begins with 1, 2 or 5 and has zeros behind."""
    power: int = 10 ** (len(str(number)) - 1)
    return next(part * power for part in (1, 2, 5, 10) if part * power >= number)


def _place(score: int | None, bins: Sequence[Bin]) -> int:
    for place, each in enumerate(bins):
        if score is None or (each.low is None and each.high is None):
            if score is None and each.low is None and each.high is None:
                return place
        elif (each.low is None or each.low <= score) and (each.high is None or score <= each.high):
            return place
    raise ValueError(score)


# ---- the queue -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many unpublished articles are so old."""

    label: str
    query: str
    articles: int


_AGES = (  # in days, both included
    ("today", 0, 0),
    ("yesterday", 1, 1),
    ("2–6 days", 2, 6),
    ("1–4 weeks", 7, 30),
    ("1–3 months", 31, 90),
    ("3–12 months", 91, 365),
    ("over a year", 366, _LAST),
)


def queue(days: Mapping[int | None, StatusCounts], today: date) -> list[Waiting]:
    """Sort unpublished articles by their age in days (UTC): all ages, and strays if there are."""
    now = today.toordinal()
    found = []
    ahead = sum(tally.unpublished for day, tally in days.items() if day is not None and day > now)
    if ahead:
        found.append(Waiting("ahead of now", f"date:>{today.isoformat()}", ahead))
    for label, newest, oldest in _AGES:
        number = sum(
            tally.unpublished
            for day, tally in days.items()
            if day is not None and newest <= now - day <= oldest
        )
        last = (today - timedelta(newest)).isoformat()
        first = (today - timedelta(oldest)).isoformat() if oldest < _LAST else ""
        term = f"date:<={last}" if not first else f"date:{first}..{last}"
        found.append(Waiting(label, f"date:{last}" if first == last else term, number))
    if None in days and days[None].unpublished:
        found.append(Waiting("no date", "date:none", days[None].unpublished))
    return [Waiting(each.label, f"is:unpublished {each.query}", each.articles) for each in found]


def topic_query(name: str) -> str:
    """Return the query for a topic; empty for articles without one, which none finds."""
    return f"topic:{quoted_if_needed(name)}" if name.strip() else ""


def provider_query(label: str) -> str:
    """Return the query for a provider by its domain, or by its name where that stands for it."""
    if not label.strip():
        return ""
    field = "domain" if "." in label.strip(".") and not any(map(str.isspace, label)) else "provider"
    return f"{field}:{quoted_if_needed(label)}"


def narrowed(text: str, term: str) -> str:
    """Return a query that finds what both find; `text` is one that parses."""
    query = parse(text, sets=QUERY_SETS)
    if not isinstance(query.condition, Or):
        return f"{text} {term}".strip()
    both = all_of(query, parse(term, sets=QUERY_SETS))
    return unparse(replace(both, order=query.order))
