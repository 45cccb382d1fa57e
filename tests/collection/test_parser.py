"""Any value YAML can give becomes an article, and any article a row."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.collection.article import Article, Problem, Status
from newsdesk.collection.files import Fingerprint
from newsdesk.collection.parser import article_from, read_article, secured_from
from newsdesk.collection.profile import KNOWN_FIELDS
from newsdesk.index.schema import record_of
from newsdesk.index.store import Store

_ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([1, 63, 64, 1_400, 20_000, 100_000]).map(lambda bits: -1 << bits)
    | st.sampled_from([53, 63, 64, 1_400, 20_000, 100_000]).map(lambda bits: 1 << bits)
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=20)
    | st.sampled_from(
        ["\ud800", "a\udcffb\0", "2020-11-18T16:45:00Z", "https://example.org/\ud800"]
    )
    | st.datetimes(timezones=st.none() | _ZONES)
    | st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "title excerpt url webUrl originalUrl width height quality name domain images type "
                "publishedDateTime provider isCached".split()
            )
            | st.text(st.characters(exclude_categories=[]), max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = st.dictionaries(
    st.sampled_from([*sorted((*KNOWN_FIELDS, "published")), "name", "price"]), VALUES, max_size=8
)
NOWHERE = Fingerprint(1, 2, 3, 4)


def stored(article: Article) -> None:
    with closing(Store(Path(":memory:"))) as store:
        ids = store.apply([record_of(article, NOWHERE, 5)])
        (row,) = store.rows(ids).values()
    assert row.path == article.path
    assert row.status is article.status
    assert (row.quality, row.heat) == (article.quality, article.heat)
    assert len(row.problems) == len(article.problems)
    for moment, kept in (
        (article.published_at, row.published_at),
        (article.updated_at, row.updated_at),
    ):
        assert (moment is None) == (kept is None)
        assert moment is None or kept is None or abs(moment - kept) < timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(":memory:", **options))


@settings(max_examples=250)
@given(fields=FIELDS)
def test_any_fields_become_an_article_and_a_row(fields: dict[str, object]) -> None:
    article = article_from("_news/a.md", fields)
    stored(article)
    for number in (article.quality, article.heat):
        assert number is None or abs(number) <= 2**53
    for moment in (article.published_at, article.updated_at):
        assert moment is None or moment.tzinfo is UTC
    for text in (article.title, article.excerpt, article.provider.label, *article.topics):
        text.encode("utf-8")
    if fields.get("published") not in (True, False) or isinstance(
        fields["published"], (int, float)
    ) != isinstance(fields["published"], bool):
        assert article.status is Status.UNSET


@settings(max_examples=100)
@given(value=VALUES, name=st.sampled_from(sorted((*KNOWN_FIELDS, "published"))))
def test_any_value_in_any_field_becomes_a_row(value: object, name: str) -> None:
    stored(article_from("_news/a.md", {"title": "x", name: value}))


@given(source=st.binary(max_size=80).map(lambda raw: b"---\ntitle: x\n" + raw + b"\n---\n"))
def test_any_bytes_become_a_row(source: bytes) -> None:
    stored(read_article("_news/a.md", source))


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), (7.6, 7.6), (50.0, 50), (-0.0, 0), (1e300, None),
     (True, None), ("7", None), (-1, -1), (math.nan, None), (math.inf, None),
     (2**53, 2**53), (2**53 + 1, None), (10**400, None), ([7], None), (None, None)],
)  # fmt: skip
def test_numbers_fit_or_are_missing(value: object, number: float | None) -> None:
    read = article_from("a.md", {"quality": value}).quality
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2020-11-18T16:45:00Z", datetime(2020, 11, 18, 16, 45, tzinfo=UTC)),
        ("2020-11-18T17:45:00+01:00", datetime(2020, 11, 18, 16, 45, tzinfo=UTC)),
        (datetime(2020, 11, 18, 16, 45), datetime(2020, 11, 18, 16, 45, tzinfo=UTC)),
        (date(2020, 11, 18), datetime(2020, 11, 18, tzinfo=UTC)),
        (date(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), None),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=5))), None),
        ("yesterday", None),
        (60300, None),
        ("", None),
    ],
)
def test_moments_are_utc_or_missing(value: object, moment: datetime | None) -> None:
    assert article_from("a.md", {"publishedDateTime": value}).published_at == moment


def test_a_field_that_yaml_misreads_is_shown_as_it_was_written() -> None:
    article = read_article("a.md", b"---\ntitle: NO\nexcerpt: 16:45:00\n---\n")
    assert (article.title, article.excerpt) == ("NO", "16:45:00")
    assert [p.line for p in article.problems] == [2, 3]


def test_half_a_character_is_replaced_wherever_it_stands() -> None:
    half = "a\ud800"
    article = article_from(
        "a.md",
        {"title": half, "excerpt": half, "provider": half, "topics": [half], "images": [half]},
    )
    for text in (
        article.title,
        article.excerpt,
        article.provider.label,
        article.topics[0],
        article.images[0].url,
    ):
        assert text == "a�"
    stored(Article("a.md", title=half, topics=(half,), problems=(Problem(half, half),)))


def test_secured_is_described_and_never_shown() -> None:
    assert secured_from("aGVsbG8=;AAAAAAAAAAAAAAAAAAAAAA==").well_formed
    for text in (
        "",
        ";",
        "aGVsbG8=",
        "aGVsbG8=;AAAA",
        "é;\ud800",
        "aGVsbG8=;AAAAAAAAAAAAAAAAAAAAAA==x",
    ):
        assert not secured_from(text).well_formed


def test_missing_is_not_false() -> None:
    assert article_from("a.md", {}).status is Status.UNSET
    assert article_from("a.md", {"published": False}).status is Status.UNPUBLISHED
    assert article_from("a.md", {"published": True}).status is Status.PUBLISHED
    for odd in ("false", 0, 1, None, [], "no thanks"):
        article = article_from("a.md", {"published": odd})
        assert article.status is Status.UNSET
        assert not article.writable
