"""Count articles by day, score, topic and provider, all of one moment of the index."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from newsdesk.collection.article import Provider, Status
from newsdesk.index.query.ast import (
    FIELDS,
    Age,
    And,
    Condition,
    Match,
    Member,
    Missing,
    Not,
    Or,
    Range,
)
from newsdesk.index.query.sql import Clause
from newsdesk.index.schema import STATUS_CODES

_DAY = 86_400  # seconds
_FIRST_DAY = 719_163  # of 1970, as `date.toordinal` counts; added first: SQL rounds towards zero
_PUBLISHED = STATUS_CODES[Status.PUBLISHED]
_UNPUBLISHED = STATUS_CODES[Status.UNPUBLISHED]
# All topics are passed through, with a look at each article: driven by the articles instead, each
# would be looked up in the list of its topics and all of it sorted, three times as slow.
_IN_KEPT = (
    f"SELECT topic_id, count(*) AS number, sum(status = {_PUBLISHED}) AS published, "  # noqa: S608
    f"sum(status <> {_UNPUBLISHED}) AS public "
    "FROM article_topics CROSS JOIN temp.kept ON kept.id = article_id GROUP BY topic_id"
)
_IN_ALL = (
    "SELECT topic_id, count(*) AS number, {published} AS published, {public} AS public "
    "FROM article_topics GROUP BY topic_id"
)
_COUNTED = (  # of articles: all, published, public
    f"count(*), coalesce(sum(status = {_PUBLISHED}), 0), coalesce(sum(status <> {_UNPUBLISHED}), 0)"
)
_AMONG = "sum(article_id IN (SELECT id FROM articles WHERE status {condition}))"
_EVERY_TOPIC = (
    "SELECT name, coalesce(number, 0) AS number FROM topics "
    "LEFT JOIN ({counts}) AS counts ON topic_id = topics.id "
    "WHERE EXISTS (SELECT 1 FROM article_topics WHERE topic_id = topics.id) "
    "ORDER BY number DESC, name"
)


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """How many articles have which status."""

    published: int = 0
    unpublished: int = 0
    unset: int = 0

    def __add__(self, other: StatusCounts) -> StatusCounts:
        """Return both together."""
        return StatusCounts(
            self.published + other.published,
            self.unpublished + other.unpublished,
            self.unset + other.unset,
        )

    @property
    def articles(self) -> int:
        """All of them."""
        return self.published + self.unpublished + self.unset

    @property
    def public(self) -> int:
        """All that readers see: a generator builds what says nothing, too."""
        return self.published + self.unset


@dataclass(frozen=True, slots=True)
class Named:
    """How many articles belong to a topic or a provider; the name is empty for none.

    `public` are those that readers see: published, or nothing is said and the generator builds
    them.
    """

    name: str
    articles: int
    published: int
    public: int

    @property
    def acceptance(self) -> float:
        """The share that readers see, from 0 to 1."""
        return self.public / self.articles if self.articles else 0.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is counted of the articles that match.

    `days` goes by the day of publication (UTC) as `date.toordinal` numbers it, `scores` by
    (quality, heat); None where an article has none. `topics` and `providers` come most articles
    first; an article counts for each of its topics.
    """

    days: Mapping[int | None, StatusCounts]
    scores: Mapping[tuple[float | None, float | None], int]
    topics: tuple[Named, ...]
    providers: tuple[Named, ...]

    @property
    def total(self) -> StatusCounts:
        """All articles that match."""
        return sum(self.days.values(), StatusCounts())


def count_all(
    connection: sqlite3.Connection, condition: Condition | None, clause: Clause
) -> Statistics:
    """Count what `clause`, which is the SQL of `condition`, selects.

    The connection must see one and the same state of the index until the end.
    """
    if condition is None:
        everything = Clause("1")
        days = _days(connection, everything)
        total = sum(days.values(), StatusCounts())
        topics = _most_first([*_by_topic(connection, total), _without_topic(connection, total)])
        scores, providers = _scores(connection, everything), _providers(connection, everything)
        return Statistics(days, scores, topics, providers)
    with _kept(connection, clause):
        # Texts are searched once; what covering indexes can tell is cheap to ask again.
        asked = clause if _is_cheap(condition) else Clause("id IN (SELECT id FROM kept)")
        return Statistics(
            _days(connection, asked),
            _scores(connection, asked),
            _topics_of_kept(connection),
            _providers(connection, asked),
        )


def count_topics(
    connection: sqlite3.Connection, condition: Condition | None, clause: Clause
) -> list[tuple[str, int]]:
    """Return (topic, articles that match) of every topic in use, most articles first."""
    if condition is None:
        counts = "SELECT topic_id, count(*) AS number FROM article_topics GROUP BY topic_id"
        return list(connection.execute(_EVERY_TOPIC.format(counts=counts)))
    with _kept(connection, clause):
        return list(connection.execute(_EVERY_TOPIC.format(counts=_IN_KEPT)))


@contextmanager
def _kept(connection: sqlite3.Connection, clause: Clause) -> Iterator[None]:
    """Keep the ids and statuses that a clause selects in a table of this connection's own."""
    connection.execute("DROP TABLE IF EXISTS temp.kept")
    connection.execute("CREATE TEMP TABLE kept (id INTEGER PRIMARY KEY, status INTEGER NOT NULL)")
    connection.execute(
        f"INSERT INTO temp.kept SELECT id, status FROM articles WHERE {clause.sql}",  # noqa: S608
        clause.parameters,
    )
    try:
        yield
    finally:
        connection.execute("DROP TABLE temp.kept")


def _is_cheap(condition: Condition) -> bool:
    """Tell whether numbers, status and flags decide, which every covering index holds."""
    if isinstance(condition, And | Or):
        return all(map(_is_cheap, condition.parts))
    if isinstance(condition, Not):
        return _is_cheap(condition.part)
    if isinstance(condition, Match):
        return FIELDS[condition.field].column in ("status", "flags")
    return isinstance(condition, Range | Age | Missing | Member)


def _days(connection: sqlite3.Connection, selected: Clause) -> dict[int | None, StatusCounts]:
    cursor = connection.execute(
        f"SELECT (published_at + {_FIRST_DAY * _DAY}) / {_DAY} AS day, "  # noqa: S608 - a clause
        f"count(*), sum(status = {_PUBLISHED}), sum(status = {_UNPUBLISHED}) "
        "FROM articles INDEXED BY articles_by_date "
        f"WHERE {selected.sql} GROUP BY day ORDER BY day",
        selected.parameters,
    )
    return {
        day: StatusCounts(published, unpublished, articles - published - unpublished)
        for day, articles, published, unpublished in cursor
    }


def _scores(
    connection: sqlite3.Connection, selected: Clause
) -> dict[tuple[float | None, float | None], int]:
    cursor = connection.execute(
        "SELECT quality, heat, count(*) FROM articles INDEXED BY articles_by_quality "  # noqa: S608
        f"WHERE {selected.sql} GROUP BY quality, heat",
        selected.parameters,
    )
    return {(quality, heat): number for quality, heat, number in cursor}


def _by_topic(connection: sqlite3.Connection, total: StatusCounts) -> list[Named]:
    """Count the topics of all articles."""
    # A look at each article in the smaller of both sets, which is the costly part of it.
    published = _counted_among(f"= {_PUBLISHED}", f"<> {_PUBLISHED}", total.published, total)
    public = published
    if total.unset:
        public = _counted_among(f"<> {_UNPUBLISHED}", f"= {_UNPUBLISHED}", total.public, total)
    return _named(connection, _IN_ALL.format(published=published, public=public), "articles")


def _counted_among(condition: str, opposite: str, number: int, total: StatusCounts) -> str:
    """Return SQL that counts by a condition that `number` of all articles meet."""
    if number <= total.articles - number:
        return _AMONG.format(condition=condition)
    return "count(*) - " + _AMONG.format(condition=opposite)


def _without_topic(connection: sqlite3.Connection, total: StatusCounts) -> Named:
    """Count the articles that have no topic."""
    (about,) = connection.execute(
        "SELECT count(*) FROM (SELECT DISTINCT article_id FROM article_topics)"
    ).fetchone()
    if about == total.articles:
        return Named("", 0, 0, 0)
    return _nameless(connection, "articles")


def _topics_of_kept(connection: sqlite3.Connection) -> tuple[Named, ...]:
    named = _named(connection, _IN_KEPT, "temp.kept")
    return _most_first([*named, _nameless(connection, "temp.kept")])


def _named(connection: sqlite3.Connection, by_topic: str, table: str) -> list[Named]:
    cursor = connection.execute(
        f"SELECT folded, name, number, published, public FROM ({by_topic}) "  # noqa: S608 - ours
        "JOIN topics ON id = topic_id"
    )
    return _by_spelling(connection, cursor, table)


def _by_spelling(
    connection: sqlite3.Connection, rows: Iterable[tuple[str, str, int, int, int]], table: str
) -> list[Named]:
    """Return each topic once, however it is spelled, as a query finds it; `table` has the articles.

    `rows` are (folded name, name, articles, published, public) of each spelling. The name is that
    of most articles.
    """
    spellings: dict[str, list[Named]] = {}
    for folded_name, name, *numbers in rows:
        spellings.setdefault(folded_name, []).append(Named(name, *numbers))
    found = []
    for folded_name, group in spellings.items():
        if len(group) == 1:
            found += group
            continue
        # An article may have several of the spellings.
        counts = connection.execute(
            f"SELECT {_COUNTED} FROM {table} "  # noqa: S608 - ours
            "WHERE id IN (SELECT article_id FROM article_topics WHERE topic_id IN"
            " (SELECT id FROM topics WHERE folded = ?))",
            (folded_name,),
        ).fetchone()
        usual = min(group, key=lambda each: (-each.articles, each.name))
        found.append(Named(usual.name, *counts))
    return found


def _nameless(connection: sqlite3.Connection, table: str) -> Named:
    cursor = connection.execute(
        f"SELECT {_COUNTED} FROM {table} "  # noqa: S608 - ours
        "WHERE id NOT IN (SELECT article_id FROM article_topics)"
    )
    return Named("", *cursor.fetchone())


def _providers(connection: sqlite3.Connection, selected: Clause) -> tuple[Named, ...]:
    # The index comes once the first filling is done (LATE_SCHEMA).
    has_index = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles_by_source'")
    index = "INDEXED BY articles_by_source" if has_index.fetchone() else ""
    cursor = connection.execute(
        "SELECT domain, provider, count(*), sum(status = ?), sum(status <> ?) "  # noqa: S608 - a clause
        f"FROM articles {index} WHERE {selected.sql} "
        "GROUP BY domain, provider",
        (_PUBLISHED, _UNPUBLISHED, *selected.parameters),
    )
    articles, published, public = Counter[str](), Counter[str](), Counter[str]()
    for domain, name, number, accepted, seen in cursor:
        label = Provider(name, domain).label
        articles[label] += number
        published[label] += accepted
        public[label] += seen
    return _most_first(
        Named(name, articles[name], published[name], public[name]) for name in articles
    )


def _most_first(named: Iterable[Named]) -> tuple[Named, ...]:
    found = [each for each in named if each.articles]
    return tuple(sorted(found, key=lambda each: (-each.articles, each.name)))
