"""Find the pairs of articles worth comparing, and compare them."""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import combinations
from operator import itemgetter
from pathlib import Path

from rapidfuzz import fuzz

from newsdesk.index.story_tables import (
    Pair,
    StoryFacts,
    boilerplate_excerpts,
    facts_of,
    open_for_reading,
    pairs_sharing_urls,
    rarest_words,
    titles_between,
    with_two_words,
)
from newsdesk.workspace.stories.matching import LONGEST_APART, evidence
from newsdesk.workspace.stories.tokens import key_words, runs_on

_IN_SLICE, _MOST_IN_SLICE = 4_000, 16_000  # articles
_RARE = 6  # words of a title, in pairs, by which others are found
_WORTH_COMPARING = 0.5  # of the words of two titles; what tells the same story has more
_ALIKE = 58  # percent; titles of one story are more alike than that, whatever their order
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
    # A slice reads on for `LONGEST_APART`: in a dense collection short ones would read all that
    # over and over again.
    span = moments[-1] - moments[0] if moments else 0
    dense = len(moments) * LONGEST_APART // max(1, span)
    most = max(_IN_SLICE, min(dense, _MOST_IN_SLICE))
    start = 0
    while start < len(moments):
        # All of one second stay together.
        end = bisect_right(moments, moments[min(start + most, len(moments)) - 1])
        work.append(Slice(moments[start], moments[end - 1], end - start))
        start = end
    return work


def pairs_in_slice(index: Path, slice_: Slice) -> list[Pair]:
    """Return the pairs of a slice that tell the same story."""
    with closing(open_for_reading(index)) as connection:
        if slice_.pairs:
            return _compared(connection, slice_.pairs)
        titles = titles_between(connection, slice_.low, slice_.high + LONGEST_APART)
        return _compared(connection, sorted(_alike(titles, slice_.high)))


def pairs_near(connection: sqlite3.Connection, id_: int) -> list[Pair]:
    """Return the pairs of one article with any other that tell the same story: a few queries."""
    article = facts_of(connection, [id_]).get(id_)
    if article is None:
        return []
    others = {other for pair in pairs_sharing_urls(connection, [id_]) for other in pair}
    if article.published_at is not None:
        low, high = article.published_at - LONGEST_APART, article.published_at + LONGEST_APART
        words = key_words(article.title)
        if runs_on(article.title):
            near = titles_between(connection, low, high, _MOST_NEAR)
            titles = [(other, title) for _, other, title in near]
        else:
            titles = with_two_words(connection, rarest_words(connection, words, _RARE), low, high)
        mine = _beginnings(words)
        others.update(
            other for other, title in titles if _share_enough(mine, _beginnings(key_words(title)))
        )
    others.discard(id_)
    return _compared(connection, [(min(id_, other), max(id_, other)) for other in others])


def _alike(titles: Sequence[tuple[int, int, str]], last: int) -> set[tuple[int, int]]:
    """Return pairs whose titles share two of their rarest_words words, and enough of all.

    `titles` are (seconds, id, title) by time; at least the earlier one is not after `last`.
    """
    pairs: set[tuple[int, int]] = set()
    words = [key_words(title) for _, _, title in titles]
    beginnings = [_beginnings(found) for found in words]
    counts = Counter(word for found in words for word in found)
    holding: dict[tuple[str, str], list[int]] = {}
    first = 0  # of those that are not too long ago
    end = bisect_right(titles, last, key=itemgetter(0))  # of those that may be the earlier one
    for place, found in enumerate(words):
        moment, id_, _ = titles[place]
        while titles[first][0] < moment - LONGEST_APART:
            first += 1
        near: set[int] = set()
        rare = sorted(sorted(found), key=counts.__getitem__)[:_RARE]
        for two in combinations(sorted(rare), 2):
            earlier = holding.setdefault(two, [])
            near.update(earlier[-_COMMON:])
            earlier.append(place)
        for before in near:
            if first <= before < end and _share_enough(beginnings[place], beginnings[before]):
                _, other, title = titles[before]
                if _are_worth_comparing(titles[place][2], title):
                    pairs.add((min(id_, other), max(id_, other)))
    return pairs


def _are_worth_comparing(one: str, other: str) -> bool:
    """Tell whether two titles are alike enough to be taken apart, which takes far longer."""
    mine, theirs = one.casefold(), other.casefold()
    return fuzz.token_sort_ratio(mine, theirs, score_cutoff=_ALIKE) > 0


def _beginnings(words: set[str]) -> set[str]:
    """Return how words begin: what two forms of one word have in common."""
    return {word[:4] for word in words}


def _share_enough(mine: set[str], theirs: set[str]) -> bool:
    """Tell whether two titles have so many words in common that comparing them is worth it."""
    return 2 * len(mine & theirs) >= _WORTH_COMPARING * (len(mine) + len(theirs))


def _compared(connection: sqlite3.Connection, candidates: Iterable[tuple[int, int]]) -> list[Pair]:
    """Return those candidates that tell the same story."""
    wanted = list(candidates)
    found: list[Pair] = []
    for start in range(0, len(wanted), _IN_SLICE):
        some = wanted[start : start + _IN_SLICE]
        facts = facts_of(connection, {id_ for pair in some for id_ in pair})
        same = [pair for one, other in some if (pair := _same(facts, one, other)) is not None]
        marked = _mark_standing(connection, facts, same)
        for pair in same:
            is_judged_again = pair.one in marked or pair.other in marked
            judged = _same(facts, pair.one, pair.other) if is_judged_again else pair
            if judged is not None:
                found.append(judged)
    return found


def _same(facts: Mapping[int, StoryFacts], one: int, other: int) -> Pair | None:
    """Return a pair of articles if they tell the same story."""
    if one not in facts or other not in facts:
        return None
    told = evidence(facts[one], facts[other])
    return Pair(one, other, told.score, told.reasons) if told.same else None


def _mark_standing(
    connection: sqlite3.Connection, facts: dict[int, StoryFacts], pairs: Sequence[Pair]
) -> set[int]:
    """Note of articles in pairs with equal excerpts which of these are standing; return their ids.

    The excerpts of all other articles are not counted: that would take a pass over all.
    """
    ids = {
        id_
        for pair in pairs
        for id_ in (pair.one, pair.other)
        if facts[pair.one].excerpt == facts[pair.other].excerpt != ""
    }
    moments = [moment for id_ in ids if (moment := facts[id_].published_at) is not None]
    if not moments:
        return set()
    low, high = min(moments) - LONGEST_APART, max(moments) + LONGEST_APART
    standing = boilerplate_excerpts(connection, {facts[id_].excerpt for id_ in ids}, low, high)
    marked = {id_ for id_ in ids if (facts[id_].domain, facts[id_].excerpt) in standing}
    for id_ in marked:
        facts[id_] = replace(facts[id_], has_boilerplate_excerpt=True)
    return marked
