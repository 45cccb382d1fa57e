"""The facts about one story: its sources, and what of it is published already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsdesk.index.schema import Row


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which source of a story is published already.

    `published_at` is the date in its front matter. `decided_at` is set where it is unpublished
    now, but an editor published it in the last thirty days. Both are aware UTC datetimes or None.
    """

    path: str
    published_at: datetime | None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One source of a story.

    `merits` are the reasons in words for and against it; `belongs` are the reasons why it is in
    this story, empty for the only source.
    """

    row: Row
    merits: tuple[str, ...]
    belongs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Articles on the same event, the best source first.

    `id` is valid until stories are grouped again. `coverage` is None where no source of it is
    published.
    """

    id: int
    members: tuple[Member, ...]
    coverage: Coverage | None = None

    @property
    def best(self) -> Row:
        """The best source."""
        return self.members[0].row

    @property
    def size(self) -> int:
        """The number of sources."""
        return len(self.members)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the sources, the best one first."""
        return tuple(member.row.path for member in self.members)
