"""Editors' decisions about stories: which articles belong together, and which do not.

The journal holds one value per article, in the field `@story`: JSON with the paths that it is
`apart` from and those it is `with`. A decision about two articles is kept at one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsdesk.workspace.journal import Journal

STORY = "@story"  # the journal's field
SPLIT, JOIN = "split story", "join story"
STORY_VERBS = (SPLIT, JOIN, "import story")  # the verbs of their journal entries


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about one article: the paths it is apart from, and those it is with."""

    apart: frozenset[str] = frozenset()
    together: frozenset[str] = frozenset()

    @classmethod
    def of(cls, value: bytes) -> Decision:
        """Parse the journal's value; an invalid one counts as empty."""
        try:
            parsed = json.loads(value or b"{}")
        except ValueError:
            return cls()
        return cls.from_object(parsed) if isinstance(parsed, dict) else cls()

    @classmethod
    def from_object(cls, parsed: Mapping[str, object]) -> Decision:
        """Return the decision in the parsed JSON object that `value` holds."""
        return cls(_paths(parsed.get("apart")), _paths(parsed.get("with")))

    def merged_with(self, other: Decision) -> Decision:
        """Return both decisions; where they contradict each other, this one wins."""
        return Decision(
            self.apart | (other.apart - self.together),
            self.together | (other.together - self.apart),
        )

    @property
    def value(self) -> bytes:
        """The journal's value, empty if nothing is decided."""
        lists = {"apart": sorted(self.apart), "with": sorted(self.together)}
        filled = {name: paths for name, paths in lists.items() if paths}
        return json.dumps(filled).encode() if filled else b""


def _paths(value: object) -> frozenset[str]:
    paths = value if isinstance(value, list) else ()
    return frozenset(path for path in paths if isinstance(path, str))


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions, as ordered pairs of paths."""

    apart: frozenset[tuple[str, str]] = frozenset()
    together: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, decisions: Mapping[str, Decision]) -> Decisions:
        """Collect the decisions of all articles."""
        apart = {ordered(path, other) for path, one in decisions.items() for other in one.apart}
        together = {
            ordered(path, other) for path, one in decisions.items() for other in one.together
        }
        return cls(frozenset(apart), frozenset(together) - apart)

    @property
    def paths(self) -> frozenset[str]:
        """Every article in a decision."""
        return frozenset(path for pair in self.apart | self.together for path in pair)

    def differing(self, other: Decisions) -> frozenset[str]:
        """Return the paths whose decisions differ."""
        return frozenset(
            path
            for pair in (self.apart ^ other.apart) | (self.together ^ other.together)
            for path in pair
        )

    def as_text(self) -> str:
        """Return them as text for `from_text`."""
        return json.dumps([sorted(self.apart), sorted(self.together)])

    @classmethod
    def from_text(cls, text: str) -> Decisions:
        """Parse the text of `as_text`."""
        apart, together = json.loads(text) if text else ((), ())
        return cls(frozenset(map(tuple, apart)), frozenset(map(tuple, together)))


def decisions_in(journal: Journal | None) -> dict[str, Decision]:
    """Return path -> decision, for those articles that have one."""
    if journal is None:
        return {}
    states = journal.editorial_states(field=STORY)
    return {path: Decision.of(value) for path, _, value, _, _ in states}


def split_off(
    decisions: Mapping[str, Decision], path: str, others: Iterable[str]
) -> dict[str, Decision]:
    """Return the decisions that change when an article is removed from a story of others."""
    return _changed(decisions, path, frozenset(others) - {path}, apart=True)


def joined(
    decisions: Mapping[str, Decision], path: str, other: str, mates: Iterable[str]
) -> dict[str, Decision]:
    """Return the decisions that change when an article joins another; `mates` are its sources."""
    changed = _changed(decisions, path, frozenset({other}), apart=False)
    # An earlier removal from this story no longer counts.
    mates = frozenset(mates) - {path}
    before = {**decisions, **changed}
    for one, decision in before.items():
        others = mates if one == path else frozenset({path} if one in mates else ())
        if dropped := decision.apart & others:
            changed[one] = Decision(decision.apart - dropped, decision.together)
    return _differing(decisions, changed)


def _changed(
    decisions: Mapping[str, Decision], path: str, others: frozenset[str], *, apart: bool
) -> dict[str, Decision]:
    """Return the decisions that change when `path` is set apart from others, or with them."""
    own = decisions.get(path, Decision())
    if apart:
        after = {path: Decision(own.apart | others, own.together - others)}
    else:
        after = {path: Decision(own.apart - others, own.together | others)}
    for other in others:
        decision = decisions.get(other, Decision())
        # Kept at one article only, else undo would have to change both.
        after[other] = Decision(decision.apart - {path}, decision.together - {path})
    return _differing(decisions, after)


def _differing(
    before: Mapping[str, Decision], after: Mapping[str, Decision]
) -> dict[str, Decision]:
    return {path: one for path, one in after.items() if one != before.get(path, Decision())}


def ordered(one: str, other: str) -> tuple[str, str]:
    """Return two paths in order, so that a pair has one form."""
    return (one, other) if one < other else (other, one)
