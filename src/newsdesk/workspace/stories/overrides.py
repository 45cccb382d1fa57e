"""What an editor decided about stories: which articles do not belong together, which do.

One value of the journal per article, in the field `@story`: JSON with the paths that it is
`apart` from and those it stands `with`. A decision about two articles stands at either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STORY = "@story"  # the journal's field
SPLIT, JOIN = "split story", "join story"
PUBLISH_BEST = "publish best"  # the verb of a source that was published instead of its story's
STORY_VERBS = (SPLIT, JOIN, "import story")  # what their entries in the journal are called


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one article: paths of others."""

    apart: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()

    @classmethod
    def of(cls, value: bytes) -> Decision:
        """Read the journal's value; what makes no sense says nothing."""
        try:
            told = json.loads(value or b"{}")
        except ValueError:
            return cls()
        return cls.told(told) if isinstance(told, dict) else cls()

    @classmethod
    def told(cls, told: Mapping[str, object]) -> Decision:
        """Read what `value` writes, as an object."""
        return cls(_paths(told.get("apart")), _paths(told.get("with")))

    def and_also(self, other: Decision) -> Decision:
        """Return both; what was decided otherwise here stays so."""
        return Decision(
            self.apart | (other.apart - self.together),
            self.together | (other.together - self.apart),
        )

    @property
    def value(self) -> bytes:
        """The journal's value, empty if nothing is decided."""
        told = {"apart": sorted(self.apart), "with": sorted(self.together)}
        kept = {name: paths for name, paths in told.items() if paths}
        return json.dumps(kept).encode() if kept else b""


def _paths(told: object) -> frozenset[str]:
    paths = told if isinstance(told, list) else ()
    return frozenset(path for path in paths if isinstance(path, str))


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that was decided, as pairs of paths in order."""

    apart: frozenset[tuple[str, str]] = frozenset()
    together: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, decisions: Mapping[str, Decision]) -> Decisions:
        """Gather what stands at each article."""
        apart = {ordered(path, other) for path, told in decisions.items() for other in told.apart}
        together = {
            ordered(path, other) for path, told in decisions.items() for other in told.together
        }
        return cls(frozenset(apart), frozenset(together) - apart)

    @property
    def paths(self) -> frozenset[str]:
        """Every article that anything was decided about."""
        return frozenset(path for pair in self.apart | self.together for path in pair)

    def differing(self, other: Decisions) -> frozenset[str]:
        """Return the paths about which something else was decided."""
        return frozenset(
            path
            for pair in (self.apart ^ other.apart) | (self.together ^ other.together)
            for path in pair
        )

    def as_text(self) -> str:
        """Return it as text for `from_text`."""
        return json.dumps([sorted(self.apart), sorted(self.together)])

    @classmethod
    def from_text(cls, text: str) -> Decisions:
        """Read what `as_text` wrote."""
        apart, together = json.loads(text) if text else ((), ())
        return cls(frozenset(map(tuple, apart)), frozenset(map(tuple, together)))


def taken_out(
    decisions: Mapping[str, Decision], path: str, others: Iterable[str]
) -> dict[str, Decision]:
    """Return what changes when an article is taken out of the company of others."""
    return _decided(decisions, path, frozenset(others) - {path}, apart=True)


def joined(
    decisions: Mapping[str, Decision], path: str, other: str, mates: Iterable[str]
) -> dict[str, Decision]:
    """Return what changes when an article joins another; `mates` are of the other's story."""
    changed = _decided(decisions, path, frozenset({other}), apart=False)
    # That it was once taken out of this story counts no longer.
    mates = frozenset(mates) - {path}
    before = {**decisions, **changed}
    for one, told in before.items():
        gone = told.apart & (mates if one == path else frozenset({path} if one in mates else ()))
        if gone:
            changed[one] = Decision(told.apart - gone, told.together)
    return {one: told for one, told in changed.items() if told != decisions.get(one, Decision())}


def _decided(
    decisions: Mapping[str, Decision], path: str, others: frozenset[str], *, apart: bool
) -> dict[str, Decision]:
    """Return what changes when `path` is decided to be apart from the others, or with them."""
    mine = decisions.get(path, Decision())
    if apart:
        after = {path: Decision(mine.apart | others, mine.together - others)}
    else:
        after = {path: Decision(mine.apart - others, mine.together | others)}
    for other in others:
        told = decisions.get(other, Decision())
        # It stands in one place only, else taking it back would need both.
        after[other] = Decision(told.apart - {path}, told.together - {path})
    return {one: told for one, told in after.items() if told != decisions.get(one, Decision())}


def ordered(one: str, other: str) -> tuple[str, str]:
    """Return two paths in order, so that a pair has one name."""
    return (one, other) if one < other else (other, one)
