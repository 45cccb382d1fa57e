"""Which articles tell the same story, which source is the best, and what of it already ran."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsdesk.collection.article import Article, Status
from newsdesk.errors import UsageError
from newsdesk.index import story_tables
from newsdesk.index.schema import STATUS_CODES, Row
from newsdesk.index.story_tables import StoryTables
from newsdesk.links.verdict import Verdict
from newsdesk.workspace.journal import Change
from newsdesk.workspace.stories import ranking
from newsdesk.workspace.stories.overrides import (
    JOIN,
    SPLIT,
    STORY,
    Decision,
    Decisions,
    joined,
    taken_out,
)
from newsdesk.workspace.stories.related import RelatedItem, related_items_of
from newsdesk.workspace.triage import Action

if TYPE_CHECKING:
    from newsdesk.workspace.stories.builder import Grouping, GroupingProgress, GroupingReport
    from newsdesk.workspace.workspace import Workspace

_log = logging.getLogger(__name__)
# Jekyll publishes what says nothing about it, so it is out as well.
_OUT = tuple(STATUS_CODES[status] for status in (Status.PUBLISHED, Status.UNSET))
_RECENTLY = timedelta(days=30)
_TELLING = 6  # words of a title by which its like is found
# What readers do not get to, as far as earlier checks can tell.
_UNREACHABLE = frozenset({Verdict.DEAD, Verdict.SUSPECT, Verdict.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of an article's story went out: which file, and when its source published it.

    `decided_at` is set where it is out no longer, but was published by an editor in the last
    thirty days. Moments are aware UTC datetimes or None.
    """

    path: str
    published_at: datetime | None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One source of a story.

    `merits` say in words what speaks for it and against it, `belongs` why it is of this story;
    that is empty for the only one there is.
    """

    row: Row
    merits: tuple[str, ...]
    belongs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell the same story, the recommended source first. `id` lasts till regrouped.

    `coverage` says what of it is published already, or is None.
    """

    id: int
    members: tuple[Member, ...]
    coverage: Coverage | None = None

    @property
    def best(self) -> Row:
        """The recommended source."""
        return self.members[0].row

    @property
    def size(self) -> int:
        """How many sources there are."""
        return len(self.members)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the sources, the recommended one first."""
        return tuple(member.row.path for member in self.members)


class StoryService:
    """The stories of one open collection. Safe to use from several threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tables = StoryTables(workspace.store)
        self._making = threading.Lock()
        self._places = workspace.collapsed_stories

    # -- making them -----------------------------------------------------------------------

    @functools.cached_property
    def _grouping(self) -> Grouping:
        from newsdesk.workspace.stories.builder import Grouping

        return Grouping(self._workspace.store, self._tables, self._unreachable)

    def needs_grouping(self) -> bool:
        """Tell whether articles or decisions changed since stories were made."""
        return self._grouping.is_needed(self.decisions())

    def group(
        self,
        on_progress: Callable[[GroupingProgress], None] = lambda progress: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> GroupingReport:
        """Bring stories up to date with the index: what is new costs a few queries.

        The first time, all articles are looked at, in several processes. Raises `Cancelled` when
        asked to stop; stories are then as they were.
        """
        with self._making:
            return self._grouping.run(self.decisions(), on_progress, is_cancelled)

    def group_in_process(
        self,
        on_progress: Callable[[GroupingProgress], None] = lambda progress: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> GroupingReport:
        """Do the same; if there is much to compare, in a process of its own.

        So that this one stays free for keys. Raises what `group` raises.
        """
        from newsdesk.processes import ProcessEnded
        from newsdesk.workspace.stories.worker import GroupingJob, group_in_process

        if not self._places.are_made or self._grouping.is_long:
            job = GroupingJob(self._workspace.config, self._workspace.store.path)
            try:
                return group_in_process(job, on_progress, is_cancelled)
            except ProcessEnded as error:
                _log.warning("Stories are made here: %s\n%s", error, error.fault)
        return self.group(on_progress, is_cancelled)

    def update_ranking(self) -> None:
        """Find the recommended sources anew, after links were checked."""
        with self._making:
            self._grouping.update_ranking()

    def _unreachable(self, ids: Iterable[int]) -> set[str]:
        if not self._workspace.config.verdicts_path.exists():
            return set()
        return self._workspace.link_findings.unreachable(
            self._workspace.rows(list(ids)), _UNREACHABLE
        )

    # -- decisions -------------------------------------------------------------------------

    def decided(self) -> dict[str, Decision]:
        """Return path -> what an editor decided about its story, where anything is."""
        journal = self._workspace.readable_journal()
        if journal is None:
            return {}
        editorial_states = journal.editorial_states(field=STORY)
        return {path: Decision.of(value) for path, _, value, _, _ in editorial_states}

    def decisions(self) -> Decisions:
        """Return all that was decided about stories."""
        return Decisions.of(self.decided())

    def split(self, path: str, others: Iterable[str]) -> Action:
        """Take an article out of the company of others; see `Workspace.split_story`."""
        company = tuple(others) or self.known(path).paths
        return self._decide(SPLIT, taken_out(self.decided(), path, company))

    def join(self, path: str, other: str) -> Action:
        """Let an article tell the same story as another; see `Workspace.join_story`."""
        self.known(path)
        return self._decide(JOIN, joined(self.decided(), path, other, self.known(other).paths))

    def _decide(self, verb: str, decided: dict[str, Decision]) -> Action:
        triage = self._workspace.triage
        changes = [
            Change(path, STORY, triage.journal.editorial(path, STORY), decision.value, "", "")
            for path, decision in decided.items()
        ]
        return triage.apply(verb, changes) if changes else Action(verb, ())

    # -- answers ---------------------------------------------------------------------------

    def story(self, path: str) -> Story | None:
        """Return the story of an article, also if it is alone in it; None if it is not here."""
        return self.of([path]).get(path)

    def known(self, path: str) -> Story:
        """Return the story of an article; raises `UsageError` if it is not here."""
        if story := self.story(path):
            return story
        raise UsageError(f"There is no article {path} in the index.", "Refresh, and look again.")

    def of(self, paths: Iterable[str]) -> dict[str, Story]:
        """Return path -> story for those paths that are articles here."""
        with self._workspace.store.snapshot():
            return self._of(paths)

    def _of(self, paths: Iterable[str]) -> dict[str, Story]:
        ids = self._workspace.ids_of(paths)
        found: dict[int, Story] = {}
        grouped = self._tables.members(ids.values())
        alone = set(ids.values()).difference(*grouped.values())
        for story, members in (*grouped.items(), *((id_, [id_]) for id_ in alone)):
            whole = self._story(story, members)
            found.update(dict.fromkeys(members, whole) if whole else {})
        return {path: found[id_] for path, id_ in ids.items() if id_ in found}

    def all(self, ids: Iterable[int] | None = None) -> Iterator[Story]:
        """Yield the stories of two and more sources, those with most sources first.

        With ids, those that have one of these articles, in the order of the ids.
        """
        known = self._places.known()
        if ids is None:
            ordered = sorted(known.sizes, key=lambda id_: (-known.sizes[id_], known.stories[id_]))
        else:
            ordered = [id_ for id_ in ids if id_ in known.stories]
        for story in dict.fromkeys(known.stories[id_] for id_ in ordered):
            with self._workspace.store.snapshot(known.generation):
                members = self._tables.members([story]).get(story, [])
                found = self._story(story, members)
            if found:
                yield found

    def _story(self, story: int, ids: Sequence[int]) -> Story | None:
        rows = self._workspace.rows(ids)
        sources = self._tables.sources(ids)
        known = [sources[row.id] for row in rows if row.id in sources]
        if not known:
            return None
        unreachable = self._unreachable(ids)
        belongs = self._why(rows)
        members = tuple(
            Member(
                row,
                tuple(ranking.merits(sources[row.id], known, unreachable)),
                belongs.get(row.id, ()),
            )
            for row in rows
            if row.id in sources
        )
        coverage = self.coverage([row for row in rows if row.status is Status.UNPUBLISHED][:1])
        return Story(story, members, next(iter(coverage.values()), None))

    def _why(self, rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
        """Return id -> why it belongs to the others: what ties it to the best, or to any."""
        if len(rows) < 2:
            return {}
        ids = {row.id: place for place, row in enumerate(rows)}
        why: dict[int, tuple[str, ...]] = {}
        order: dict[int, tuple[int, int]] = {}
        for pair in self._tables.pairs_around(ids):
            if pair.one in ids and pair.other in ids:
                for id_, mate in ((pair.one, pair.other), (pair.other, pair.one)):
                    closeness = (ids[mate], -pair.score)
                    if id_ not in order or closeness < order[id_]:
                        order[id_], why[id_] = closeness, pair.reasons
        together = self.decisions().together
        paths = {row.path: row.id for row in rows}
        for one, other in together:
            if one in paths and other in paths:
                for path in (one, other):
                    why[paths[path]] = ("joined by an editor",)
        return why

    def coverage(self, rows: Iterable[Row]) -> dict[str, Coverage]:
        """Return path -> what ran, for unpublished articles whose story is out or lately was."""
        waiting = {row.id: row.path for row in rows if row.status is Status.UNPUBLISHED}
        if not waiting:
            return {}
        out = self._tables.mates_with_status(waiting, _OUT)
        mates = {row.id: row for row in self._workspace.rows(list(set(out.values())))}
        found = {
            waiting[id_]: Coverage(mates[mate].path, mates[mate].published_at)
            for id_, mate in out.items()
            if mate in mates
        }
        found.update(self._covered_lately({i: p for i, p in waiting.items() if p not in found}))
        return found

    def _covered_lately(self, waiting: dict[int, str]) -> dict[str, Coverage]:
        lately = self._published_lately()
        if not lately or not waiting:
            return {}
        by_id = {id_: path for path, id_ in self._workspace.ids_of(lately).items()}
        found = {}
        for members in self._tables.members(waiting).values():
            published = [id_ for id_ in members if id_ in by_id]
            for id_ in members:
                others = [mate for mate in published if mate != id_]
                if id_ in waiting and others:
                    path = by_id[others[0]]
                    (row,) = self._workspace.rows([others[0]])
                    found[waiting[id_]] = Coverage(path, row.published_at, lately[path])
        return found

    def _published_lately(self) -> dict[str, datetime]:
        """Return path -> when an editor published it, within thirty days and not taken back."""
        journal = self._workspace.readable_journal()
        if journal is None:
            return {}
        return journal.published_since(datetime.now(UTC) - _RECENTLY)

    def covered_ids(self) -> set[int]:
        """Return the unpublished articles whose story is out or lately was: `is:ran`."""
        with self._workspace.store.snapshot():
            return self._covered_ids()

    def _covered_ids(self) -> set[int]:
        waiting = STATUS_CODES[Status.UNPUBLISHED]
        found = set(self._tables.with_mates_out(waiting, _OUT))
        lately = self._workspace.ids_of(self._published_lately())
        if lately:
            mates = [
                id_
                for members in self._tables.members(lately.values()).values()
                for id_ in members
                if any(mate != id_ and mate in set(lately.values()) for mate in members)
            ]
            found |= {r.id for r in self._workspace.rows(mates) if r.status is Status.UNPUBLISHED}
        return found

    def duplicate_ids(self) -> list[int]:
        """Return the articles whose story has a better source: `is:duplicate`."""
        return self._tables.duplicates()

    # -- the related pane ------------------------------------------------------------------

    def related_items(self, article: Article) -> list[RelatedItem]:
        """Return what belongs to an article, in order, each with its reason; see `RelatedItem`."""
        return related_items_of(self._workspace, article, self.story(article.path))

    def matching(self, words: Iterable[str], limit: int) -> list[Row]:
        """Return the articles that hold two of the rarest of some words, the latest first."""
        with self._workspace.store.snapshot():
            with self._workspace.store.reading() as connection:
                rare = story_tables.rarest(connection, sorted(words), _TELLING)
                ids = story_tables.newest_holding_two_of(connection, rare, limit)
            return self._workspace.rows(ids)
