"""Decide whether two articles tell the same story, and say why. Pure: no file, no database.

A wrong pair is worse than a missed one: whatever could make two alike titles tell of two things
(a number, a day, a name, a word in the place of another) weighs more than how alike they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsdesk.collection.urls import canonical
from newsdesk.index.story_tables import StoryFacts
from newsdesk.text import counted
from newsdesk.workspace.stories.similarity import Comparison, compare, has_empty_excerpt
from newsdesk.workspace.stories.tokens import StoryText, told

RULES = 6  # another number makes all stories anew: raise it with every change of the rules
HOUR, DAY = 3_600, 86_400
LONGEST_APART = 30 * DAY  # seconds; what was published further apart is alike by its address only


@dataclass(frozen=True, slots=True)
class Evidence:
    """What two articles say together.

    `same`: they tell the same story, as surely as `score` (0-100) says. `vetoed`: they are known
    to be different, and no third article can bring them together. `reasons` in words.
    """

    same: bool
    vetoed: bool
    score: int
    reasons: tuple[str, ...]


def evidence(one: StoryFacts, other: StoryFacts) -> Evidence:
    """Compare two articles; the order does not matter."""
    a, b = _told(one), _told(other)
    apart = _apart(one, other)
    stood = (
        one.has_boilerplate_excerpt
        or other.has_boilerplate_excerpt
        or (a.excerpt == b.excerpt and has_empty_excerpt(a) and has_empty_excerpt(b))
    )
    if stood:  # it says nothing of this article
        a, b = a.without_excerpt(), b.without_excerpt()
    if a.is_correction != b.is_correction and (apart or 0) <= _SOON:
        a, b = a.without_numbers(), b.without_numbers()
    seen = compare(a, b)
    listed = bool(one.related & other.own or other.related & one.own)
    if one.own & other.own and _share_a_page(one, other):
        # An update has another title; the next piece of a series stands at the series' address.
        if seen.is_series or (seen.edition and apart != 0):
            return _vetoed("same URL, but another part of a series")
        return Evidence(True, False, 100, ("same URL",))
    if seen.conflict:
        return _vetoed(seen.conflict)
    if seen.turned and not (listed and seen.dice >= 0.8 and (apart or 0) < _SAME_DAY):
        return _vetoed(f"only one says “{seen.turned}”")
    if apart is None:
        return _NOTHING if not (seen.are_equal and listed) else _found(90, seen, listed, apart)
    if apart > LONGEST_APART:
        return _NOTHING
    is_repeated = stood and seen.alike >= 90 and apart >= _SAME_DAY
    if seen.is_next_of_series(apart) or (is_repeated and one.domain == other.domain):
        return _vetoed("same title, another text: a series")
    if not _is_same(seen, listed, apart):
        return _NOTHING
    return _found(seen.score(listed), seen, listed, apart)


_NOTHING = Evidence(False, False, 0, ())


def _told(facts: StoryFacts) -> StoryText:
    return told(facts.title, facts.excerpt, f"{facts.provider} {facts.domain}")


def _apart(one: StoryFacts, other: StoryFacts) -> int | None:
    """Return the seconds between two articles; None if one of them has no date."""
    if one.published_at is None or other.published_at is None:
        return None
    return abs(one.published_at - other.published_at)


def _vetoed(reason: str) -> Evidence:
    return Evidence(False, True, 0, (reason,))


def _found(score: int, seen: Comparison, listed: bool, apart: int | None) -> Evidence:
    reasons = ["listed as related"] if listed else []
    reasons.append("same title" if seen.are_equal else f"titles {seen.alike} % alike")
    if seen.excerpts is not None and seen.excerpts >= 0.6:
        reasons.append("same excerpt" if seen.excerpts == 1 else "excerpts alike")
    if apart is not None:
        reasons.append(_in_words(apart))
    return Evidence(True, False, score, tuple(reasons))


def _in_words(seconds: int) -> str:
    if seconds < HOUR:
        return "within the hour"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} h apart"
    return f"{counted(round(seconds / DAY), 'day')} apart"


def _is_same(seen: Comparison, listed: bool, apart: int) -> bool:
    """Decide by words and time; nothing speaks against it by now."""
    similar = seen.excerpts if seen.excerpts is not None else 0.0
    both_differ = seen.unexplained > (1 if seen.dice >= 0.8 and similar >= 0.5 else 0)
    if apart > _SOON:  # a rerun says the same in the same words
        return seen.alike >= 95 and similar >= 0.85
    if seen.alike >= 92 and not both_differ:
        return seen.length >= 4 or similar >= 0.6
    if listed:
        most = 2 if apart < _SAME_DAY else 0
        return seen.dice >= 0.45 and seen.cover >= 0.7 and seen.unexplained <= most
    if apart > _PARAPHRASED:
        return seen.dice >= 0.75 and similar >= 0.8 and not both_differ
    return (
        not both_differ
        and not (seen.half_replaced and similar < 0.5)
        and seen.length >= 4
        and seen.cover >= 0.8
        and (seen.dice >= 0.75 or (seen.dice >= 0.55 and similar >= 0.45))
    )


_SAME_DAY = 18 * HOUR
_SOON = 4 * DAY
_PARAPHRASED = 36 * HOUR


def _share_a_page(one: StoryFacts, other: StoryFacts) -> bool:
    """Tell whether any address that both have is that of an article, not of a section."""
    pages = {page for url in one.urls if (page := _page(url))}
    return any(_page(url) in pages for url in other.urls)


def _page(url: str) -> str:
    """Return what is the same for addresses of one article; empty for home and section pages."""
    address = canonical(url)
    host, _, rest = address.partition("/")
    path, _, query = rest.partition("?")
    last = path.rstrip("/").rpartition("/")[2]
    parts = len(re.split(r"[-_.]", last))
    dated = any(char.isdigit() for char in path)
    tells = query or parts > 2 or (dated and (parts > 1 or any(map(str.isdigit, last))))
    return address if host and tells else ""
