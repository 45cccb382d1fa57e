"""Decide whether two articles tell the same story, and say why. Pure: no file, no database."""

from __future__ import annotations

from dataclasses import dataclass

from newsdesk.index.story_tables import StoryFacts

RULES = 1  # another number makes all stories anew: raise it with every change of the rules
DAY = 86_400
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
    if one.own & other.own:
        return Evidence(True, False, 100, ("same address",))
    same = one.title.casefold() == other.title.casefold()
    return Evidence(same, False, 80 * same, ("same title",) * same)
