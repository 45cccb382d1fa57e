"""Put pairs of articles that tell the same story together into stories, without chaining."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Sequence

from newsdesk.index.story_tables import Pair

_LARGEST_STORY = 200  # articles; whatever would grow beyond that is no story
_ENOUGH = 1 / 3  # of the pairs between two groups must be the same story before they become one


class Judgement(enum.Enum):
    """What is known about two articles that were not found to tell the same story."""

    UNKNOWN = "unknown"
    DIFFERENT = "different"


Judge = Callable[[int, int], Judgement]


def grouped(
    pairs: Iterable[Pair],
    judge: Judge,
    *,
    together: Iterable[tuple[int, int]] = (),
    apart: Collection[tuple[int, int]] = frozenset(),
) -> list[list[int]]:
    """Return groups of two and more ids, each sorted.

    `together` and `apart` (each with the smaller id first) are the editor's decisions and win
    over everything else; what is in both is apart. The surest pairs are joined first. Two groups
    become one only if no two of their articles are known to be different, and enough of the
    pairs between them are the same story: A like B and B like C does not make A like C.
    """
    sure = {(pair.one, pair.other) for pair in pairs}
    group_of: dict[int, list[int]] = {}

    def group(id_: int) -> list[int]:
        return group_of.setdefault(id_, [id_])

    def join(one: list[int], other: list[int]) -> None:
        one += other
        for id_ in other:
            group_of[id_] = one

    def are_apart(one: list[int], other: list[int]) -> bool:
        return bool(apart) and any(_pair(a, b) in apart for a in one for b in other)

    decided = sorted(together)
    for a, b in decided:
        if group(a) is not group(b) and not are_apart(group(a), group(b)):
            join(group(a), group(b))
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other)):
        one, other = group(pair.one), group(pair.other)
        if (
            one is not other
            and not are_apart(one, other)
            and _fit(one, other, sure | set(decided), judge)
        ):
            join(one, other)
    distinct = {id(members): members for members in group_of.values()}
    return sorted(sorted(members) for members in distinct.values() if len(members) > 1)


def _fit(one: list[int], other: list[int], sure: set[tuple[int, int]], judge: Judge) -> bool:
    if len(one) + len(other) > _LARGEST_STORY:
        return False
    same = 0
    for a in one:
        for b in other:
            pair = _pair(a, b)
            if pair in sure:
                same += 1
            elif judge(*pair) is Judgement.DIFFERENT:
                return False
    return same >= len(one) * len(other) * _ENOUGH


def components(pairs: Sequence[Pair], also: Iterable[tuple[int, int]] = ()) -> list[list[Pair]]:
    """Return the pairs by what hangs together; `also` ties ids together without being a pair."""
    root: dict[int, int] = {}

    def find(id_: int) -> int:
        while (above := root.setdefault(id_, id_)) != id_:
            root[id_] = root[above]
            id_ = root[id_]
        return id_

    for one, other in (*((pair.one, pair.other) for pair in pairs), *also):
        root[find(one)] = find(other)
    found: dict[int, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(find(pair.one), []).append(pair)
    for one, _ in also:
        found.setdefault(find(one), [])
    return list(found.values())


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
