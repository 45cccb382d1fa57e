"""Find the pairs of articles worth comparing, and compare them."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from newsdesk.desk.story_evidence import LONGEST_APART, evidence
from newsdesk.desk.story_words import key_words, runs_on
from newsdesk.index.story_tables import (
    Pair,
    facts_of,
    holding_two_of,
    open_for_reading,
    rarest,
    sharing_addresses,
    titles_between,
)

_IN_SLICE = 4_000  # articles
# Others are found by pairs of the rarest words of an article.
_RARE_IN_TITLE, _RARE_IN_EXCERPT = 6, 4
_COMMON = 60  # articles; of more that share two words, the nearest in time are compared
_MOST_NEAR = 3_000  # articles around one whose title has no spaces that are looked through


@dataclass(frozen=True, slots=True)
class Slice:
    """Articles published from `low` to `high` (seconds, both included), each to be compared
    with what follows it within `LONGEST_APART`; or a list of pairs of ids."""

    low: int
    high: int
    count: int
    pairs: tuple[tuple[int, int], ...] = ()


def slices(moments: array[int], sharing: Sequence[tuple[int, int]]) -> list[Slice]:
    """Cut the work on all articles into pieces for several processes.

    `moments` are when they were published, in order; `sharing` pairs of ids to be compared
    whenever they were published.
    """
    work = [
        Slice(0, -1, 0, tuple(sharing[start : start + _IN_SLICE]))
        for start in range(0, len(sharing), _IN_SLICE)
    ]
    start = 0
    while start < len(moments):
        # All of one second stay together.
        end = bisect_right(moments, moments[min(start + _IN_SLICE, len(moments)) - 1])
        work.append(Slice(moments[start], moments[end - 1], end - start))
        start = end
    return work


def pairs_in_slice(index: Path, slice_: Slice) -> list[Pair]:
    """Return the pairs of a slice that tell the same story."""
    with closing(open_for_reading(index)) as connection:
        if slice_.pairs:
            return _compared(connection, slice_.pairs)
        texts = titles_between(connection, slice_.low, slice_.high + LONGEST_APART)
        return _compared(connection, sorted(_alike(texts, slice_)))


def pairs_near(connection: sqlite3.Connection, id_: int) -> list[Pair]:
    """Return the pairs of one article with any other that tell the same story: a few queries."""
    article = facts_of(connection, [id_]).get(id_)
    if article is None:
        return []
    others = {other for pair in sharing_addresses(connection, [id_]) for other in pair}
    if article.published_at is not None:
        low, high = article.published_at - LONGEST_APART, article.published_at + LONGEST_APART
        for text, most in ((article.title, _RARE_IN_TITLE), (article.excerpt, _RARE_IN_EXCERPT)):
            words = rarest(connection, key_words(text), most)
            others.update(holding_two_of(connection, words, low, high))
        if runs_on(article.title):
            near = titles_between(connection, low, high, _MOST_NEAR)
            texts = [(moment, other, title, excerpt) for moment, other, title, excerpt in near]
            span = Slice(low, high, len(texts))
            others.update(other for pair in _alike(texts, span) if id_ in pair for other in pair)
    others.discard(id_)
    return _compared(connection, [(min(id_, other), max(id_, other)) for other in others])


def _alike(texts: Sequence[tuple[int, int, str, str]], slice_: Slice) -> set[tuple[int, int]]:
    """Return pairs that share two of the rarest words of their titles, or of their excerpts.

    At least the earlier one is of the slice.
    """
    pairs: set[tuple[int, int]] = set()
    titles, excerpts = [text[2] for text in texts], [text[3] for text in texts]
    for field, most in ((titles, _RARE_IN_TITLE), (excerpts, _RARE_IN_EXCERPT)):
        words = [key_words(text) for text in field]
        counts = Counter(word for found in words for word in found)
        holding: dict[tuple[str, str], list[int]] = {}
        for place, found in enumerate(words):
            moment, id_ = texts[place][:2]
            rare = sorted(sorted(found), key=counts.__getitem__)[:most]
            for two in combinations(sorted(rare), 2):
                earlier = holding.setdefault(two, [])
                for before in earlier[: -_COMMON - 1 : -1]:
                    then, other = texts[before][:2]
                    if moment - then > LONGEST_APART:
                        break
                    if then <= slice_.high:
                        pairs.add((min(id_, other), max(id_, other)))
                earlier.append(place)
    return pairs


def _compared(connection: sqlite3.Connection, candidates: Iterable[tuple[int, int]]) -> list[Pair]:
    """Return those candidates that tell the same story."""
    wanted = list(candidates)
    found = []
    for start in range(0, len(wanted), _IN_SLICE):
        some = wanted[start : start + _IN_SLICE]
        facts = facts_of(connection, {id_ for pair in some for id_ in pair})
        for one, other in some:
            if one in facts and other in facts:
                told = evidence(facts[one], facts[other])
                if told.same:
                    found.append(Pair(one, other, told.score, told.reasons))
    return found
