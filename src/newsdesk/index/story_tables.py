"""Keep in the index which articles tell the same story, and find those that may."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.index.folding import search_form
from newsdesk.index.schema import HAS_IMAGE, OWN_URL, urls_from
from newsdesk.index.store import Store

_COMMON = 500  # titles; words that stand in more are equally common
_MIN_STANDING = 3  # articles of a source; an excerpt that so many have tells of none of them
_MOST_SHARING = 12  # articles; an address that more of them have is a section's or a site's


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What tells whether an article is about the same story as another.

    `published_at` in seconds since 1970, or None; `urls` are the article's own addresses, `own`
    and `related` the `page_key`s of its own and of its related entries' addresses;
    `has_boilerplate_excerpt` says that many articles of its source have the same excerpt.
    """

    id: int
    title: str
    excerpt: str
    published_at: int | None = None
    provider: str = ""
    domain: str = ""
    urls: tuple[str, ...] = ()
    own: frozenset[int] = frozenset()
    related: frozenset[int] = frozenset()
    has_boilerplate_excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, `one` < `other`, that tell the same story; `score` 0-100, reasons in words."""

    one: int
    other: int
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source is judged by: see `workspace/story_ranking.py`."""

    id: int
    path: str
    status: int
    published_at: int | None
    quality: float | None
    has_image: bool
    url: str
    title: str = ""


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an index in another process, to read from."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def boilerplate_excerpts(
    connection: sqlite3.Connection, excerpts: Iterable[str], low: int, high: int
) -> set[tuple[str, str]]:
    """Return (domain, excerpt) of those excerpts that many articles of a source have.

    `low` and `high` are seconds: only articles published from then to then are counted.
    """
    cursor = connection.execute(
        "SELECT domain, excerpt FROM articles WHERE published_at BETWEEN ? AND ? "
        "AND excerpt IN (SELECT value FROM json_each(?)) "
        "GROUP BY domain, excerpt HAVING count(*) >= ?",
        (low, high, json.dumps(list(excerpts)), _MIN_STANDING),
    )
    return set(cursor)


# -- what may belong together ------------------------------------------------------------------


def facts_of(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, StoryFacts]:
    """Return id -> facts for those ids that exist."""
    wanted = json.dumps(list(ids))
    pages: dict[int, tuple[set[int], set[int]]] = {}
    for address, kind, id_ in connection.execute(
        "SELECT address, kind, article_id FROM addresses "
        "WHERE article_id IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        pages.setdefault(id_, (set(), set()))[kind != OWN_URL].add(address)
    cursor = connection.execute(
        "SELECT id, title, excerpt, published_at, provider, domain, urls FROM articles "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (wanted,),
    )
    found = {}
    for id_, title, excerpt, published_at, provider, domain, urls in cursor:
        own, related = pages.get(id_, ((), ()))
        found[id_] = StoryFacts(
            id_,
            title,
            excerpt,
            published_at,
            provider,
            domain,
            tuple(url for _, url in urls_from(urls).named()),
            frozenset(own),
            frozenset(related),
        )
    return found


def pairs_sharing_urls(
    connection: sqlite3.Connection, ids: Sequence[int] | None = None
) -> list[tuple[int, int]]:
    """Return pairs (smaller id first) that share a page, or of which one lists the other's.

    Of all articles, or of those given with any other.
    """
    condition = ""
    parameters: tuple[str, ...] = ()
    if ids is not None:
        condition = (
            "WHERE address IN (SELECT address FROM addresses "
            "WHERE article_id IN (SELECT value FROM json_each(?)))"
        )
        parameters = (json.dumps(list(ids)),)
    pairs = set()
    wanted = None if ids is None else set(ids)
    cursor = connection.execute(
        f"SELECT address, kind, article_id FROM addresses {condition} "  # noqa: S608
        "ORDER BY address, kind",
        parameters,
    )
    for owners, listing in _by_address(cursor):
        if len(owners) > _MOST_SHARING:
            continue
        for place, one in enumerate(owners):
            for other in (*owners[place + 1 :], *listing[:_MOST_SHARING]):
                if one != other and (wanted is None or one in wanted or other in wanted):
                    pairs.add((min(one, other), max(one, other)))
    return sorted(pairs)


def _by_address(
    cursor: Iterable[tuple[int, int, int]],
) -> Iterable[tuple[list[int], list[int]]]:
    """Yield the articles that own a page and those that list it, for pages of two and more."""
    owners: list[int] = []
    listing: list[int] = []
    current: int | None = None
    for address, kind, id_ in cursor:
        if address != current:
            if owners and len(owners) + len(listing) > 1:
                yield owners, listing
            owners, listing, current = [], [], address
        (owners if kind == OWN_URL else listing).append(id_)
    if owners and len(owners) + len(listing) > 1:
        yield owners, listing


def titles_between(
    connection: sqlite3.Connection, low: int, high: int, limit: int = -1
) -> list[tuple[int, int, str]]:
    """Return (seconds, id, title) of what was published from low to high, by time.

    With a limit, those in the middle of the span.
    """
    return connection.execute(
        "SELECT published_at, id, title FROM articles "
        "WHERE id IN (SELECT id FROM articles WHERE published_at BETWEEN ? AND ? "
        "ORDER BY abs(published_at - ?) LIMIT ?) ORDER BY published_at, id",
        (low, high, (low + high) // 2, limit),
    ).fetchall()


def publication_times(connection: sqlite3.Connection) -> array[int]:
    """Return when every dated article was published, in order."""
    cursor = connection.execute(
        "SELECT published_at FROM articles WHERE published_at IS NOT NULL ORDER BY published_at"
    )
    return array("q", (moment for (moment,) in cursor))


def rarest_words(connection: sqlite3.Connection, words: Iterable[str], number: int) -> list[str]:
    """Return the words that stand in the fewest titles, of those that stand in any."""
    counts = []
    for word in words:
        # Counting all titles with a common word would take longer than what it is asked for.
        (count,) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)",
            (f'title: "{search_form(word)}"', _COMMON),
        ).fetchone()
        if count:
            counts.append((count, word))
    return [word for _, word in sorted(counts)[:number]]


def with_two_words(
    connection: sqlite3.Connection, words: Sequence[str], low: int, high: int, limit: int = 2_000
) -> list[tuple[int, str]]:
    """Return (id, title) of articles from low to high with two of the words in the title."""
    match = _two_of(words)
    if not match:
        return []
    cursor = connection.execute(
        "SELECT articles.id, articles.title "
        "FROM words CROSS JOIN articles ON articles.id = words.rowid "
        "WHERE words MATCH ? AND published_at BETWEEN ? AND ? LIMIT ?",
        (match, low, high, limit),
    )
    return cursor.fetchall()


def newest_with_two_words(
    connection: sqlite3.Connection, words: Sequence[str], limit: int
) -> list[int]:
    """Return ids of articles with two of the words in their titles, those that came last first.

    Ranking all of them would take far longer where words are common.
    """
    match = _two_of(words)
    if not match:
        return []
    cursor = connection.execute(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?", (match, limit)
    )
    return [id_ for (id_,) in cursor]


def _two_of(words: Sequence[str]) -> str:
    """Return the full-text expression for any two of the words in the title."""
    quoted = [f'"{search_form(word)}"' for word in words]
    pairs = [f"({a} AND {b})" for i, a in enumerate(quoted) for b in quoted[i + 1 :]]
    return f"title: ({' OR '.join(pairs)})" if pairs else ""


# -- what is known -----------------------------------------------------------------------------


class StoryTables:
    """The stories in one index. Raises `IndexDamaged` as the store does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def state(self, name: str) -> str:
        """Return what was noted under a name, empty if nothing was."""
        with self._store.reading() as connection:
            found = connection.execute(
                "SELECT value FROM story_state WHERE name = ?", (name,)
            ).fetchone()
        return str(found[0]) if found else ""

    def ungrouped(self) -> tuple[list[int], int]:
        """Return the ids that wait to be looked at, and the number of the last of them."""
        with self._store.reading() as connection:
            found = connection.execute(
                "SELECT article_id, max(number) FROM ungrouped GROUP BY article_id"
            ).fetchall()
        return [id_ for id_, _ in found], max((number for _, number in found), default=0)

    def save_pairs(
        self,
        looked_at: Iterable[int] | None,
        pairs: Iterable[Pair],
        up_to: int,
        state: Mapping[str, str],
        generation: int | None = None,
    ) -> None:
        """Put pairs in the place of those that name what was looked at; None: of all there are.

        What waited up to the number `up_to` waits no longer. Raises `IndexReplaced` if the ids
        are not of the index's generation any more.
        """
        with self._store.writing(generation) as connection:
            if looked_at is None:
                connection.execute("DELETE FROM story_evidence")
            else:
                for id_ in looked_at:
                    connection.execute("DELETE FROM story_evidence WHERE one = ?", (id_,))
                    connection.execute("DELETE FROM story_evidence WHERE other = ?", (id_,))
            connection.executemany(
                "INSERT OR REPLACE INTO story_evidence VALUES (?, ?, ?, ?)",
                (
                    (pair.one, pair.other, pair.score, json.dumps(pair.reasons, ensure_ascii=False))
                    for pair in pairs
                ),
            )
            connection.execute("DELETE FROM ungrouped WHERE number <= ?", (up_to,))
            connection.executemany(
                "INSERT OR REPLACE INTO story_state VALUES (?, ?)", state.items()
            )

    def connected_pairs(self, ids: Iterable[int]) -> list[Pair]:
        """Return the pairs that hang together with these articles, over any number of steps."""
        known: dict[tuple[int, int], Pair] = {}
        seen: set[int] = set()
        ahead = set(ids)
        with self._store.reading() as connection:
            while ahead:
                wanted = json.dumps(list(ahead))
                seen |= ahead
                ahead = set()
                for column in ("one", "other"):
                    cursor = connection.execute(
                        "SELECT one, other, score, reasons FROM story_evidence "  # noqa: S608
                        f"WHERE {column} IN (SELECT value FROM json_each(?))",
                        (wanted,),
                    )
                    for one, other, score, reasons in cursor:
                        known[one, other] = Pair(one, other, score, tuple(json.loads(reasons)))
                        ahead |= {one, other} - seen
        return list(known.values())

    def story_members(self, ids: Iterable[int]) -> set[int]:
        """Return the articles of the stories that these articles are in."""
        with self._store.reading() as connection:
            cursor = connection.execute(
                "SELECT article_id FROM stories WHERE story IN (SELECT story FROM stories "
                "WHERE article_id IN (SELECT value FROM json_each(?)))",
                (json.dumps(list(ids)),),
            )
            return {id_ for (id_,) in cursor}

    def save_stories(
        self,
        groups: Iterable[Sequence[int]],
        instead_of: Iterable[int] | None,
        generation: int | None = None,
    ) -> None:
        """Keep stories, each the ids of its articles, the recommended one first.

        They take the place of what these articles were in, or of all stories. Raises
        `IndexReplaced` if the ids are not of the index's generation any more.
        """
        with self._store.writing(generation) as connection:
            if instead_of is None:
                connection.execute("DELETE FROM stories")
            else:
                connection.execute(
                    "DELETE FROM stories WHERE article_id IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(instead_of)),),
                )
            connection.executemany(
                "INSERT OR REPLACE INTO stories VALUES (?, ?, ?, ?)",
                (
                    (id_, min(group), len(group), rank)
                    for group in groups
                    for rank, id_ in enumerate(group)
                ),
            )
            connection.execute(
                "INSERT INTO story_state VALUES ('stamp', '1') "
                "ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )

    def sources_by_story(self, ids: Iterable[int]) -> dict[int, list[int]]:
        """Return story -> its articles, the recommended one first, of the stories of these."""
        found: dict[int, list[int]] = {}
        with self._store.reading() as connection:
            for story, id_ in connection.execute(
                "SELECT story, article_id FROM stories WHERE story IN (SELECT story FROM stories "
                "WHERE article_id IN (SELECT value FROM json_each(?))) ORDER BY story, rank",
                (json.dumps(list(ids)),),
            ):
                found.setdefault(story, []).append(id_)
        return found

    def entries(self) -> list[tuple[int, int, int, int]]:
        """Return (article, story, size, rank) of every article that is not alone."""
        with self._store.reading() as connection:
            return connection.execute(
                "SELECT article_id, story, size, rank FROM stories ORDER BY story, rank"
            ).fetchall()

    def duplicates(self) -> list[int]:
        """Return the articles of a story whose recommended source is another one."""
        with self._store.reading() as connection:
            cursor = connection.execute("SELECT article_id FROM stories WHERE rank > 0")
            return [id_ for (id_,) in cursor]

    def with_public_sources(self, status: int, out: Sequence[int]) -> list[int]:
        """Return the articles of a status whose story has another one of the statuses `out`."""
        with self._store.reading() as connection:
            cursor = connection.execute(
                "SELECT mine.article_id FROM stories AS mine "
                "JOIN articles AS me ON me.id = mine.article_id AND me.status = ? "
                "WHERE mine.story IN (SELECT story FROM stories JOIN articles ON id = article_id "
                "WHERE status IN (SELECT value FROM json_each(?)))",
                (status, json.dumps(list(out))),
            )
            return [id_ for (id_,) in cursor]

    def sources_with_status(self, ids: Iterable[int], codes: Sequence[int]) -> dict[int, int]:
        """Return id -> a mate in its story that has one of these statuses, the latest one."""
        with self._store.reading() as connection:
            cursor = connection.execute(
                "SELECT mine.article_id, other.id FROM stories AS mine "
                "JOIN stories AS theirs ON theirs.story = mine.story "
                "JOIN articles AS other ON other.id = theirs.article_id "
                "AND other.id <> mine.article_id "
                "AND other.status IN (SELECT value FROM json_each(?)) "
                "WHERE mine.article_id IN (SELECT value FROM json_each(?)) "
                "ORDER BY other.published_at",
                (json.dumps(list(codes)), json.dumps(list(ids))),
            )
            return dict(cursor)

    def sources(self, ids: Iterable[int]) -> dict[int, SourceFacts]:
        """Return id -> what a source is judged by."""
        with self._store.reading() as connection:
            cursor = connection.execute(
                "SELECT id, path, status, published_at, quality, flags & ?, urls, title "
                "FROM articles "
                "WHERE id IN (SELECT value FROM json_each(?))",
                (HAS_IMAGE, json.dumps(list(ids))),
            )
            return {
                id_: SourceFacts(
                    id_,
                    path,
                    status,
                    published_at,
                    quality,
                    bool(image),
                    urls_from(urls).best,
                    title,
                )
                for id_, path, status, published_at, quality, image, urls, title in cursor
            }
