"""What is drawn of numbers: nothing is lost, nothing is hidden, every query finds its own."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.query.ast import And, Match, Missing, Or, Range
from newsdesk.index.query.parser import parse
from newsdesk.index.stats import StatusCounts
from newsdesk.workspace.charts import draw
from newsdesk.workspace.charts.data import (
    Unit,
    density,
    narrowed,
    provider_query,
    queue,
    timeline,
    topic_query,
)
from newsdesk.workspace.charts.draw import Ink, axis, horizontal_bar, nice_top, shade, vertical_bar
from newsdesk.workspace.editorial_state import QUERY_SETS

_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
COUNTS = st.integers(0, 10_000)
TALLIES = st.builds(StatusCounts, COUNTS, COUNTS, COUNTS)
DAYS = st.dictionaries(
    st.one_of(st.none(), st.integers(1, date.max.toordinal()), st.integers(737_000, 738_000)),
    TALLIES,
    max_size=40,
)
DECIMALS = st.floats(-5, 130).map(lambda value: round(value, 3))
SCORES = st.dictionaries(
    st.tuples(
        *[st.one_of(st.none(), st.integers(-5, 130), st.integers(-999, 10**9), DECIMALS)] * 2
    ),
    st.integers(1, 5000),
    max_size=40,
)


@given(DAYS, st.integers(1, 200))
def test_a_timeline_has_room_for_its_spans_and_accounts_for_every_article(
    days: dict[int | None, StatusCounts], room: int
) -> None:
    line = timeline(days, room)
    inside = sum(span.tally.articles for span in line.spans)
    assert inside + line.earlier + line.later + line.undated == sum(
        tally.articles for tally in days.values()
    )
    assert len(line.spans) <= room or line.unit is Unit.CENTURY
    for before, after in zip(line.spans, line.spans[1:], strict=False):
        assert after.first == before.last + timedelta(1)


@given(DAYS, st.integers(1, 200))
def test_the_query_of_a_span_finds_exactly_its_days(
    days: dict[int | None, StatusCounts], room: int
) -> None:
    for span in timeline(days, room).spans[:30]:
        found = parse(span.query).condition
        assert isinstance(found, Range)
        assert found.low == (span.first.toordinal() - _EPOCH) * _DAY
        assert found.high == (span.last.toordinal() - _EPOCH + 1) * _DAY - 1


def test_a_stray_date_does_not_squeeze_all_others() -> None:
    days: dict[int | None, StatusCounts] = {
        date(2020, 11, day).toordinal(): StatusCounts(20) for day in range(1, 31)
    }
    days[date(9999, 12, 31).toordinal()] = StatusCounts(1)
    days[None] = StatusCounts(0, 2)
    line = timeline(days, 60)
    assert (line.unit, len(line.spans)) == (Unit.DAY, 30)
    assert line.left_out == "1 later, 2 without a date (9999-12-31)"


def test_one_mistake_in_a_small_collection_does_not_flatten_its_plots() -> None:
    days: dict[int | None, StatusCounts] = {
        date(2020, 11, day).toordinal(): StatusCounts(4) for day in range(1, 16)
    }
    days[date(202, 11, 18).toordinal()] = StatusCounts(0, 1)
    line = timeline(days, 60)
    assert (line.unit, len(line.spans)) == (Unit.DAY, 15)
    assert line.left_out == "1 earlier (0202-11-18)"
    # Nothing is left out where it is no mistake.
    del days[date(202, 11, 18).toordinal()]
    days[date(2020, 9, 1).toordinal()] = StatusCounts(1)
    assert timeline(days, 60).earlier == 0

    scores = {(50.0, float(heat)): 1 for heat in range(0, 240, 4)} | {(50.0, 202611.0): 1}
    plot = density(scores, 24, 13)
    assert plot.rows[-1].label == ">500"
    assert sum(any(row) for row in plot.counts) >= 5


def test_spans_grow_with_the_time_there_is_to_show() -> None:
    def unit(days: int, room: int = 60) -> Unit:
        first = date(2019, 1, 1).toordinal()
        return timeline({first: StatusCounts(1), first + days: StatusCounts(1)}, room).unit

    assert [unit(days) for days in (30, 300, 900, 4000, 20_000, 200_000, 2_000_000)] == [
        Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR, Unit.DECADE, Unit.CENTURY,
    ]  # fmt: skip


def fits(value: float | None, condition: object) -> bool:
    if isinstance(condition, Missing):
        return value is None
    assert isinstance(condition, Range)
    return (
        value is not None
        and not (condition.excludes_ends and value in (condition.low, condition.high))
        and (condition.low is None or value >= condition.low)
        and (condition.high is None or value <= condition.high)
    )


@given(SCORES, st.integers(1, 40), st.integers(1, 40))
def test_every_score_falls_into_the_one_cell_whose_query_finds_it(
    scores: dict[tuple[float | None, float | None], int], columns: int, rows: int
) -> None:
    plot = density(scores, columns, rows)
    found = [[0] * len(plot.columns) for _ in plot.rows]
    for row in range(len(plot.rows)):
        for column in range(len(plot.columns)):
            asked = parse(plot.query(column, row)).condition
            assert isinstance(asked, And)
            for (quality, heat), number in scores.items():
                value_of = {"quality": quality, "heat": heat}
                if all(fits(value_of[part.field], part) for part in asked.parts):  # type: ignore[union-attr]
                    found[row][column] += number
    assert tuple(map(tuple, found)) == plot.counts
    assert sum(map(sum, found)) == sum(scores.values())


@given(DAYS, st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_the_queue_holds_every_unpublished_article_once(
    days: dict[int | None, StatusCounts], today: date
) -> None:
    ages = queue(days, today)
    assert sum(each.articles for each in ages) == sum(each.unpublished for each in days.values())
    for each in ages:
        parse(each.query)


# -- queries -----------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_topic_is_found_by_its_query(name: str) -> None:
    query = topic_query(name)
    assert (query == "") == (not name.strip())
    if query:
        assert parse(query).condition == Match("topic", name.strip())


def test_a_provider_is_found_by_its_domain_or_else_its_name() -> None:
    assert provider_query("a.example") == "domain:a.example"
    assert provider_query("Paper No. 3") == 'provider:"Paper No. 3"'
    assert provider_query("") == ""


def test_a_query_is_narrowed_as_a_whole() -> None:
    assert narrowed("", "heat:<0") == "heat:<0"
    assert narrowed("moon sort:date", "heat:<0") == "moon sort:date heat:<0"
    both = parse(narrowed("moon OR topic:AI sort:date", "is:unpublished"), sets=QUERY_SETS)
    assert isinstance(both.condition, And)
    assert isinstance(both.condition.parts[0], Or)
    assert both.order


# -- drawing -----------------------------------------------------------------------------------

PARTS = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))


@given(PARTS, st.integers(0, 10**6), st.integers(2, 40))
def test_a_vertical_bar_shows_every_part_that_is_there(
    parts: tuple[int, int], more: int, height: int
) -> None:
    published, waiting = parts
    cells = vertical_bar(published, waiting, published + waiting + more, height)
    assert len(cells) == height
    inks = [ink for ink, _ in cells]
    assert (Ink.PUBLISHED in inks) == bool(published)
    assert (Ink.WAITING in inks) == bool(waiting)
    assert inks == sorted(inks, key=[Ink.PUBLISHED, Ink.WAITING, Ink.NOTHING].index)


@given(PARTS, st.integers(0, 10**6), st.integers(2, 40))
def test_a_horizontal_bar_keeps_to_its_width_and_shows_every_part(
    parts: tuple[int, int], more: int, width: int
) -> None:
    published, waiting = parts
    solid, dots = horizontal_bar(published, waiting, published + waiting + more, width)
    assert bool(solid) == bool(published)
    assert bool(dots) == bool(waiting)
    assert len(solid) + len(dots) <= width


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(2, 20))
def test_a_larger_bar_is_never_drawn_smaller(one: int, other: int, height: int) -> None:
    small, large = sorted((one, other))
    top = max(large, 1)

    def eighths(number: int) -> int:
        return sum(
            draw.VERTICAL_FILLS.index(cell) for _, cell in vertical_bar(number, 0, top, height)
        )

    assert eighths(small) <= eighths(large) <= 8 * height
    assert eighths(top) == 8 * height


@given(st.integers(1, 10**9))
def test_the_top_of_an_axis_is_round_and_not_far_above(most: int) -> None:
    top = nice_top(most)
    assert most <= top <= max(2 * most, 1)
    assert len(str(top).rstrip("0")) <= 1


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_nothing_is_blank_and_only_much_is_dark(number: int, most: int) -> None:
    assert (shade(number, most) == 0) == (number == 0)
    assert shade(max(number, most), most) == 4
    for mark, least in draw.shade_limits(most):
        assert draw.SHADES[shade(least, most)] == mark
        assert least == 1 or draw.SHADES[shade(least - 1, most)] != mark


@given(
    st.lists(st.tuples(st.integers(0, 60), st.text("abc", max_size=6), st.booleans())),
    st.integers(0, 70),
)
def test_labels_of_an_axis_never_touch(labels: list[tuple[int, str, bool]], width: int) -> None:
    line = axis(labels, width)
    assert len(line) == width
    drawn = {(place, text) for place, text, _ in labels}
    place = 0
    for word in line.split():
        place = line.index(word, place)
        assert (place, word) in drawn
        place += len(word)
