"""Where articles stand in stories: light, because the first rows of the desk ask for it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat

from newsdesk.index.store import Store
from newsdesk.index.story_tables import StoryTables


@dataclass(frozen=True, slots=True)
class Places:
    """Where articles stand in stories: three arrays in the order of the ids asked for.

    `stories` holds the story's id (the article's own where it is alone), `sizes` how many
    articles it has, `ranks` 0 for the recommended source.
    """

    stories: array[int]
    sizes: array[int]
    ranks: array[int]


@dataclass(frozen=True, slots=True)
class CollapsedList:
    """A list of which every story takes one line.

    `ids` are the lines: of each story the best that is in the list. `members` maps such an id to
    all of its story that are in the list, in the list's order, where there are two and more.
    """

    ids: array[int]
    members: dict[int, tuple[int, ...]]


@dataclass(slots=True)
class Known:
    """What is gone by, as of one stamp: article -> story, its size, rank in it.

    The ids are those of a `generation` of the index.
    """

    stamp: str = ""
    generation: int = 0
    stories: dict[int, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)


class CollapsedStories:
    """The places of all articles of an index. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables = StoryTables(store)
        self._known = Known()

    @property
    def are_made(self) -> bool:
        """Whether stories were ever made here; else every article is alone."""
        return bool(self._tables.state("stamp"))

    def known(self) -> Known:
        """Return all places, read anew if stories were made since."""
        with self._store.snapshot():
            return self._known_now()

    def _known_now(self) -> Known:
        known, stamp = self._known, self._tables.state("stamp")
        generation = self._store.generation()
        if (known.stamp, known.generation) != (stamp, generation):
            known = Known(stamp, generation)
            for id_, story, size, rank in self._tables.entries():
                known.stories[id_] = story
                known.sizes[id_] = size
                known.ranks[id_] = rank
            self._known = known
        return known

    def places(self, ids: Sequence[int]) -> Places:
        """Return where articles stand in stories; made for lists of a hundred thousand."""
        known = self.known()
        return Places(
            array("q", map(known.stories.get, ids, ids)),
            array("i", map(known.sizes.get, ids, repeat(1))),
            array("i", map(known.ranks.get, ids, repeat(0))),
        )

    def collapsed(self, ids: Sequence[int], *, at_first: bool = True) -> CollapsedList:
        """Return the list with one line for each story.

        It stands where the first article of the story stood (so that a story is as hot as its
        hottest article), or where the best one did.
        """
        known = self.known()
        members: dict[int, list[int]] = {}
        for id_ in [id_ for id_ in ids if id_ in known.stories]:
            members.setdefault(known.stories[id_], []).append(id_)
        line_of: dict[int, int] = {}  # the first of a story in the list -> what stands there
        left_out: set[int] = set()
        several: dict[int, tuple[int, ...]] = {}
        for first, *others in members.values():
            if others:
                best = min((first, *others), key=known.ranks.__getitem__)
                if at_first:
                    line_of[first] = best
                left_out |= {*others} if at_first else {first, *others} - {best}
                several[best] = (first, *others)
        lines = [line_of.get(id_, id_) for id_ in ids if id_ not in left_out]
        return CollapsedList(array("q", lines), several)

    def sizes(self) -> dict[int, int]:
        """Return id -> how many sources its story has, for articles that are not alone."""
        return self.known().sizes
