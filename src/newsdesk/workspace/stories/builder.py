"""Bring the stories of an index up to date: what is new costs a few queries, not a pass."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from newsdesk.errors import Cancelled
from newsdesk.index import story_tables
from newsdesk.index.store import IndexReplaced, Store
from newsdesk.index.story_tables import Pair, StoryFacts, StoryTables
from newsdesk.workspace.stories import ranking
from newsdesk.workspace.stories.candidates import Slice, pairs_in_slice, pairs_near, slices
from newsdesk.workspace.stories.clustering import Judgement, components, grouped
from newsdesk.workspace.stories.matching import RULES, evidence
from newsdesk.workspace.stories.overrides import Decisions

_FEW = 1_500  # articles that are looked at one by one; for more, a pass over all is faster
_WORTH_PROCESSES = 6_000  # articles
_MOMENT = 40  # articles that are looked at one by one in a tenth of a second or so
_BATCH = 2_000  # articles read at once


@dataclass(frozen=True, slots=True)
class GroupingProgress:
    """How far the making of stories is: articles looked at, and articles to look at."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class GroupingReport:
    """What was done: `looked_at` articles in `seconds`; `changed` are ids whose story may differ.

    `whole` says that all stories were made anew.
    """

    looked_at: int
    seconds: float
    changed: frozenset[int] = frozenset()
    whole: bool = False


OnProgress = Callable[[GroupingProgress], None]


class Grouping:
    """Makes the stories of one index. `unreachable(ids)` returns paths whose link is dead."""

    def __init__(
        self, store: Store, tables: StoryTables, unreachable: Callable[[Iterable[int]], set[str]]
    ) -> None:
        self._store = store
        self._tables = tables
        self._generation = 0  # of the index, when its ids were read
        self._unreachable = unreachable

    def is_needed(self, decisions: Decisions) -> bool:
        """Tell whether anything changed since stories were made."""
        return (
            not self._are_ours()
            or bool(self._tables.ungrouped()[0])
            or decisions.as_text() != self._tables.state("decisions")
        )

    @property
    def is_long(self) -> bool:
        """Whether so much waits that it would keep this process busy for longer than a moment."""
        return not self._are_ours() or len(self._tables.ungrouped()[0]) > _MOMENT

    def _are_ours(self) -> bool:
        return self._tables.state("rules") == str(RULES)

    def run(
        self,
        decisions: Decisions,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        processes: int | None = None,
    ) -> GroupingReport:
        """Bring the stories up to date; raises `Cancelled`, and then all is as it was."""
        self._generation = self._store.generation()
        try:
            return self._run(decisions, on_progress, is_cancelled, processes)
        except IndexReplaced:  # by another newsdesk: its articles have other ids
            return self.run(decisions, on_progress, is_cancelled, processes)

    def _run(
        self,
        decisions: Decisions,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        processes: int | None,
    ) -> GroupingReport:
        started = time.perf_counter()
        waiting, up_to = self._tables.ungrouped()
        if not self._are_ours() or len(waiting) > _FEW:
            looked_at = self._make_all(decisions, up_to, on_progress, is_cancelled, processes)
            return GroupingReport(looked_at, time.perf_counter() - started, whole=True)
        before = Decisions.from_text(self._tables.state("decisions"))
        decided = self._ids(decisions.differing(before)).values()
        changed = self._look_at(
            sorted({*waiting, *decided}), decisions, up_to, on_progress, is_cancelled
        )
        seconds = time.perf_counter() - started
        return GroupingReport(len(waiting), seconds, frozenset(changed))

    def update_ranking(self) -> None:
        """Find the recommended source of every story anew, after links were checked."""
        groups: dict[int, list[int]] = {}
        self._generation = self._store.generation()
        for id_, story, _, _ in self._tables.entries():
            groups.setdefault(story, []).append(id_)
        with suppress(IndexReplaced):  # then they are made anew, and ranked with that
            self._tables.save_stories(self._ranked(groups.values()), None, self._generation)

    # -- a few ---------------------------------------------------------------------------------

    def _look_at(
        self,
        ids: list[int],
        decisions: Decisions,
        up_to: int,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
    ) -> set[int]:
        pairs: list[Pair] = []
        for done, id_ in enumerate(ids):
            if is_cancelled():
                raise Cancelled("Making stories was stopped.")
            with self._store.reading() as connection:
                pairs += pairs_near(connection, id_)
            on_progress(GroupingProgress(done + 1, len(ids)))
        mates = self._tables.story_members(ids)
        self._tables.save_pairs(ids, pairs, up_to, _state(decisions), self._generation)
        around = self._tables.connected_pairs({*ids, *mates})
        touched = {*ids, *mates, *(id_ for pair in around for id_ in (pair.one, pair.other))}
        groups = self._grouped(around, decisions, touched)
        touched.update(id_ for group in groups for id_ in group)
        self._tables.save_stories(self._ranked(groups), touched, self._generation)
        return touched

    # -- all -----------------------------------------------------------------------------------

    def _make_all(
        self,
        decisions: Decisions,
        up_to: int,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        processes: int | None,
    ) -> int:
        with self._store.reading() as connection:
            moments = story_tables.publication_times(connection)
            sharing = story_tables.pairs_sharing_urls(connection)
        work = slices(moments, sharing)
        total, done = len(moments), 0
        pairs: dict[tuple[int, int], Pair] = {}
        for slice_, found in zip(work, self._worked(work, total, processes), strict=True):
            pairs.update(((pair.one, pair.other), pair) for pair in found)
            done += slice_.count
            on_progress(GroupingProgress(min(done, total), total))
            if is_cancelled():
                raise Cancelled("Making stories was stopped; they are as they were.")
        groups = self._grouped(list(pairs.values()), decisions, None)
        ranked = self._ranked(groups)
        self._tables.save_pairs(None, pairs.values(), up_to, _state(decisions), self._generation)
        self._tables.save_stories(ranked, None, self._generation)
        return total

    def _worked(
        self, work: Sequence[Slice], total: int, processes: int | None
    ) -> Iterable[list[Pair]]:
        one = partial(pairs_in_slice, self._store.path)
        workers = min(processes or os.cpu_count() or 1, len(work))
        if workers <= 1 or total < _WORTH_PROCESSES:
            return map(one, work)
        from newsdesk.index.process_pool import map_in_processes

        return map_in_processes(one, work, workers)

    # -- both ----------------------------------------------------------------------------------

    def _grouped(
        self, pairs: Sequence[Pair], decisions: Decisions, among: set[int] | None
    ) -> list[list[int]]:
        """Return groups; decisions count that touch one of `among`, or all."""
        id_of = self._ids(decisions.paths)
        apart = _pairs_of(decisions.apart, id_of)
        together = [
            pair
            for pair in _pairs_of(decisions.together, id_of)
            if among is None or not among.isdisjoint(pair)
        ]
        tied: dict[int, list[tuple[int, int]]] = {}
        for pair in together:
            for id_ in pair:
                tied.setdefault(id_, []).append(pair)
        groups = []
        for part in components(pairs, together):
            ids = {id_ for pair in part for id_ in (pair.one, pair.other)}
            ties = {pair for id_ in ids for pair in tied.get(id_, ())} if part else set(together)
            groups += grouped(part, _Judge(self._store, ids), together=ties, apart=apart)
        return groups

    def _ranked(self, groups: Iterable[Sequence[int]]) -> list[list[int]]:
        groups = list(groups)
        ids = [id_ for group in groups for id_ in group]
        unreachable = self._unreachable(ids)
        ranked = []
        for start in range(0, len(groups), _BATCH):
            some = groups[start : start + _BATCH]
            sources = self._tables.sources(id_ for group in some for id_ in group)
            for group in some:
                there = [sources[id_] for id_ in group if id_ in sources]
                if len(there) > 1:
                    ranked.append([s.id for s in ranking.ranked(there, unreachable)])
        return ranked

    def _ids(self, paths: Iterable[str]) -> dict[str, int]:
        wanted = list(paths)
        return self._store.ids_of(wanted) if wanted else {}


class _Judge:
    """Judges pairs of some articles; reads them when first asked."""

    def __init__(self, store: Store, ids: set[int]) -> None:
        self._store = store
        self._ids = ids
        self._facts: dict[int, StoryFacts] | None = None

    def __call__(self, one: int, other: int) -> Judgement:
        if self._facts is None:
            with self._store.reading() as connection:
                self._facts = story_tables.facts_of(connection, self._ids)
        a, b = self._facts.get(one), self._facts.get(other)
        if a is None or b is None:
            return Judgement.UNKNOWN
        return Judgement.DIFFERENT if evidence(a, b).vetoed else Judgement.UNKNOWN


def _state(decisions: Decisions) -> dict[str, str]:
    return {"rules": str(RULES), "decisions": decisions.as_text()}


def _pairs_of(
    pairs: Iterable[tuple[str, str]], id_of: dict[str, int]
) -> frozenset[tuple[int, int]]:
    """Return pairs of paths as pairs of ids, smaller first, where both are articles here."""
    return frozenset(
        (min(a, b), max(a, b))
        for one, other in pairs
        if (a := id_of.get(one)) is not None and (b := id_of.get(other)) is not None
    )
