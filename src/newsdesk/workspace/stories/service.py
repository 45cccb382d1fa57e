"""Group articles into stories, and look up sources, coverage and related articles."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsdesk.collection.article import Article, Status
from newsdesk.errors import UsageError
from newsdesk.index import story_tables
from newsdesk.index.schema import STATUS_CODES, Row
from newsdesk.index.story_tables import StoryTables
from newsdesk.workspace.journal import Change
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.reader import Reader
from newsdesk.workspace.stories import ranking
from newsdesk.workspace.stories.collapsing import CollapsedStories
from newsdesk.workspace.stories.overrides import (
    JOIN,
    SPLIT,
    STORY,
    Decision,
    Decisions,
    decisions_in,
    joined,
    split_off,
)
from newsdesk.workspace.stories.reachability import Reachability
from newsdesk.workspace.stories.related import RelatedItem, related_items_of
from newsdesk.workspace.stories.story import Coverage, Member, Story
from newsdesk.workspace.triage import Triage

if TYPE_CHECKING:
    from newsdesk.workspace.links.findings import LinkFindings
    from newsdesk.workspace.stories.builder import Grouping, GroupingProgress, GroupingReport

_log = logging.getLogger(__name__)
# An article without a status is published as well, as Jekyll does it.
_PUBLISHED = tuple(STATUS_CODES[status] for status in (Status.PUBLISHED, Status.UNSET))
_RECENTLY = timedelta(days=30)
_MAX_WORDS = 6  # words of a title by which similar articles are searched


class StoryService:
    """The stories of one collection. Safe to use from several threads.

    `findings` opens the link verdicts, if any were stored.
    """

    def __init__(
        self,
        reader: Reader,
        positions: CollapsedStories,
        findings: Callable[[], LinkFindings],
    ) -> None:
        self._reader = reader
        self._tables = StoryTables(reader.store)
        self._positions = positions
        self._reachability = Reachability(reader, findings)
        self._grouping_lock = threading.Lock()

    # -- grouping --------------------------------------------------------------------------

    @functools.cached_property
    def _grouping(self) -> Grouping:
        from newsdesk.workspace.stories.builder import Grouping

        return Grouping(self._reader.store, self._tables, self._reachability.unreachable)

    def needs_grouping(self) -> bool:
        """Return whether articles or decisions changed since stories were grouped."""
        return self._grouping.is_needed(self.decisions())

    def group(
        self,
        on_progress: Callable[[GroupingProgress], None] = lambda progress: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> GroupingReport:
        """Bring stories up to date with the index; new articles cost a few queries each.

        The first time, all articles are compared, in several processes. Raises `Cancelled`;
        stories are then unchanged.
        """
        with self._grouping_lock:
            return self._grouping.run(self.decisions(), on_progress, is_cancelled)

    def group_in_process(
        self,
        on_progress: Callable[[GroupingProgress], None] = lambda progress: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> GroupingReport:
        """Do what `group` does; in a worker process if there is much to compare."""
        from newsdesk.processes import ProcessEnded
        from newsdesk.workspace.stories.worker import GroupingJob, group_in_process

        if not self._positions.are_made or self._grouping.is_long:
            job = GroupingJob(self._reader.config, self._reader.store.path)
            try:
                return group_in_process(job, on_progress, is_cancelled)
            except ProcessEnded as error:
                _log.warning(
                    "Grouping in this process instead: %s\n%s", error, error.traceback_text
                )
        return self.group(on_progress, is_cancelled)

    def update_ranking(self) -> None:
        """Choose the best sources again, after links were checked."""
        with self._grouping_lock:
            self._grouping.update_ranking()

    # -- decisions -------------------------------------------------------------------------

    def decisions(self) -> Decisions:
        """Return all decisions of editors about stories."""
        return Decisions.of(decisions_in(self._reader.readable_journal()))

    def split(self, path: str, others: Iterable[str]) -> Action:
        """Remove an article from a story of others, by default of all its sources."""
        mates = tuple(others) or self.known(path).paths
        decisions = decisions_in(self._reader.readable_journal())
        return self._decide(SPLIT, split_off(decisions, path, mates))

    def join(self, path: str, other: str) -> Action:
        """Add an article to the story of another."""
        self.known(path)
        decisions = decisions_in(self._reader.readable_journal())
        return self._decide(JOIN, joined(decisions, path, other, self.known(other).paths))

    def _decide(self, verb: str, decisions: dict[str, Decision]) -> Action:
        journal = self._reader.journal
        changes = [
            Change(path, STORY, journal.editorial(path, STORY), decision.value, "", "")
            for path, decision in decisions.items()
        ]
        if not changes:
            return Action(verb, ())
        root = self._reader.config.collection
        return Triage(root, journal, self._reader.profile).apply(verb, changes)

    # -- sources ---------------------------------------------------------------------------

    def story(self, path: str) -> Story | None:
        """Return the story of an article, even with one source; None if it is not an article."""
        return self.of([path]).get(path)

    def known(self, path: str) -> Story:
        """Return the story of an article; raises `UsageError` if it is not in the index."""
        if story := self.story(path):
            return story
        raise UsageError(f"There is no article {path} in the index.", "Reload and try again.")

    def of(self, paths: Iterable[str]) -> dict[str, Story]:
        """Return path -> story for those paths that are articles."""
        with self._reader.store.snapshot():
            return self._of(paths)

    def _of(self, paths: Iterable[str]) -> dict[str, Story]:
        ids = self._reader.ids_of(paths)
        found: dict[int, Story] = {}
        grouped = self._tables.sources_by_story(ids.values())
        alone = set(ids.values()).difference(*grouped.values())
        for story, members in (*grouped.items(), *((id_, [id_]) for id_ in alone)):
            whole = self._story(story, members)
            found.update(dict.fromkeys(members, whole) if whole else {})
        return {path: found[id_] for path, id_ in ids.items() if id_ in found}

    def all(self, ids: Iterable[int] | None = None) -> Iterator[Story]:
        """Yield the stories of two or more sources, those with most sources first.

        With ids, only the stories of these articles, in the order of the ids.
        """
        known = self._positions.known()
        if ids is None:
            ordered = sorted(known.sizes, key=lambda id_: (-known.sizes[id_], known.stories[id_]))
        else:
            ordered = [id_ for id_ in ids if id_ in known.stories]
        for story in dict.fromkeys(known.stories[id_] for id_ in ordered):
            with self._reader.store.snapshot(known.generation):
                members = self._tables.sources_by_story([story]).get(story, [])
                found = self._story(story, members)
            if found:
                yield found

    def _story(self, story: int, ids: Sequence[int]) -> Story | None:
        rows = self._reader.rows(ids)
        sources = self._tables.sources(ids)
        known = [sources[row.id] for row in rows if row.id in sources]
        if not known:
            return None
        unreachable = self._reachability.unreachable(ids)
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
        """Return id -> the reasons for its match with the best source, or else with another."""
        if len(rows) < 2:
            return {}
        ids = {row.id: place for place, row in enumerate(rows)}
        why: dict[int, tuple[str, ...]] = {}
        order: dict[int, tuple[int, int]] = {}
        for pair in self._tables.connected_pairs(ids):
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
        """Return path -> coverage, for unpublished articles of a published story."""
        waiting = {row.id: row.path for row in rows if row.status is Status.UNPUBLISHED}
        if not waiting:
            return {}
        out = self._tables.sources_with_status(waiting, _PUBLISHED)
        mates = {row.id: row for row in self._reader.rows(list(set(out.values())))}
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
        by_id = {id_: path for path, id_ in self._reader.ids_of(lately).items()}
        found = {}
        for members in self._tables.sources_by_story(waiting).values():
            published = [id_ for id_ in members if id_ in by_id]
            for id_ in members:
                others = [mate for mate in published if mate != id_]
                if id_ in waiting and others:
                    path = by_id[others[0]]
                    (row,) = self._reader.rows([others[0]])
                    found[waiting[id_]] = Coverage(path, row.published_at, lately[path])
        return found

    def _published_lately(self) -> dict[str, datetime]:
        """Return path -> when an editor published it, within thirty days and not undone."""
        journal = self._reader.readable_journal()
        if journal is None:
            return {}
        return journal.published_since(datetime.now(UTC) - _RECENTLY)

    def covered_ids(self) -> set[int]:
        """Return the unpublished articles whose story is or was lately published: `is:covered`."""
        with self._reader.store.snapshot():
            return self._covered_ids()

    def _covered_ids(self) -> set[int]:
        waiting = STATUS_CODES[Status.UNPUBLISHED]
        found = set(self._tables.with_public_sources(waiting, _PUBLISHED))
        lately = self._reader.ids_of(self._published_lately())
        if lately:
            mates = [
                id_
                for members in self._tables.sources_by_story(lately.values()).values()
                for id_ in members
                if any(mate != id_ and mate in set(lately.values()) for mate in members)
            ]
            found |= {r.id for r in self._reader.rows(mates) if r.status is Status.UNPUBLISHED}
        return found

    def duplicate_ids(self) -> list[int]:
        """Return the articles whose story has a better source: `is:duplicate`."""
        return self._tables.duplicates()

    # -- related articles ------------------------------------------------------------------

    def related_items(self, article: Article) -> list[RelatedItem]:
        """Return the related articles of an article, in order, each with its reason."""
        return related_items_of(self._reader, self.matching, article, self.story(article.path))

    def matching(self, words: Iterable[str], limit: int) -> list[Row]:
        """Return the articles that contain two of the rarest of some words, the latest first."""
        with self._reader.store.snapshot():
            with self._reader.store.reading() as connection:
                rare = story_tables.rarest_words(connection, sorted(words), _MAX_WORDS)
                ids = story_tables.newest_with_two_words(connection, rare, limit)
            return self._reader.rows(ids)
