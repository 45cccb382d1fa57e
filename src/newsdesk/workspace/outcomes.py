"""What became of the files of a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsdesk.errors import ContentChanged, NewsdeskError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: `changed`, `unchanged` (it was so already) or `refused`.

    `is_outdated` says that it was refused because it is not what the person saw any more.
    """

    path: str
    result: Literal["changed", "unchanged", "refused"]
    reason: str = ""
    is_outdated: bool = False

    @classmethod
    def refused(cls, path: str, error: NewsdeskError) -> Outcome:
        """Return the outcome of a file that was left as it is because of an error."""
        return cls(path, "refused", str(error), isinstance(error, ContentChanged))


@dataclass(frozen=True, slots=True)
class Action:
    """What was done: the verb, and what became of every file, in the order asked for.

    `fields` are those of the journal's changes; empty where nothing was written.
    """

    verb: str
    outcomes: tuple[Outcome, ...]
    interrupted: bool = False
    fields: frozenset[str] = frozenset()

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths that hold something else now."""
        return tuple(o.path for o in self.outcomes if o.result == "changed")

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """The files that were left as they are, with the reasons."""
        return tuple(o for o in self.outcomes if o.result == "refused")
