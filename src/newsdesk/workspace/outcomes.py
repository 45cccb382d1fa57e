"""The result of an action: its verb, and the outcome of every file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from newsdesk.errors import ContentChanged, NewsdeskError

PUBLISH_BEST = "publish best"  # the verb of publishing the best source of a story


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one file: `changed`, `unchanged` (it was so already) or `refused`.

    `is_outdated` is set where it was refused because it changed after the person saw it.
    """

    path: str
    result: Literal["changed", "unchanged", "refused"]
    reason: str = ""
    is_outdated: bool = False

    @classmethod
    def refused(cls, path: str, error: NewsdeskError) -> Outcome:
        """Return the outcome of a file that is unchanged because of an error."""
        return cls(path, "refused", str(error), isinstance(error, ContentChanged))


@dataclass(frozen=True, slots=True)
class Action:
    """The verb and the outcome of every file, in the order of the request.

    `interrupted` is set where a crash interrupted it and it was finished later. `fields` are the
    fields of the journal's changes, empty where nothing was written.
    """

    verb: str
    outcomes: tuple[Outcome, ...]
    interrupted: bool = False
    fields: frozenset[str] = frozenset()

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of the files that changed."""
        return tuple(o.path for o in self.outcomes if o.result == "changed")

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """The outcomes of refused files, with the reasons."""
        return tuple(o for o in self.outcomes if o.result == "refused")
