"""Select the articles that a command changes, and word the question before it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from newsdesk.collection.article import Status
from newsdesk.text import counted
from newsdesk.tui.widgets.lists.collapsing_list import Mark
from newsdesk.workspace.editorial_state import EditorialState

# An article without a status is public as well.
_PUBLIC = (Status.PUBLISHED, Status.UNSET)
_REPLACED = ("rejected", "for later")  # another decision, which publishing replaces
_NOTHING = EditorialState()


@dataclass(frozen=True, slots=True)
class Bulk:
    """The articles that a command acts on; `kind` is what they are, empty if they differ.

    `left_out` are (what they are, how many) of the others, `public` how many of those that are
    kept readers see.
    """

    kept: tuple[Mark, ...]
    kind: str = ""
    left_out: tuple[tuple[str, int], ...] = ()
    public: int = 0

    @property
    def leaves_out_decided(self) -> bool:
        """Whether articles with another decision are left out."""
        return any(kind in _REPLACED for kind, _ in self.left_out)

    def question(self, verb: str, words: str, which: str) -> str:
        """Return the question; `words` is the command's text, `which` is `marked` or `shown`."""
        what = counted(len(self.kept), f"{which} article")
        if self.left_out and self.kind:
            what = f"{len(self.kept):,} {self.kind}"
        question = f"{words} {what}?"
        if self.left_out:
            others = ", ".join(f"{number:,} {kind}" for kind, number in self.left_out)
            question += f" {others} left out"
        elif self.public and verb in ("reject", "later"):
            question += f" {self.public:,} still published"
        return question


def bulk_of(
    verb: str,
    marks: Sequence[Mark],
    statuses: Mapping[str, Status],
    editorial_states: Mapping[str, EditorialState],
    today: date,
) -> Bulk:
    """Return the articles that a command changes.

    Publishing leaves out what is published already, and what was rejected or put off, unless
    there is nothing else. An article without a status is no longer there, and is kept: the
    command says so.
    """
    kinds = [
        _kind(verb, statuses.get(mark.path), editorial_states.get(mark.path, _NOTHING), today)
        for mark in marks
    ]
    numbers = Counter(kinds)
    for chosen in _CHOSEN.get(verb, ()):
        present = [kind for kind in chosen if kind in numbers]
        if present:
            kept = tuple(mark for mark, kind in zip(marks, kinds, strict=True) if kind in present)
            others = [kind for kind in _ORDER if kind in numbers and kind not in present]
            left_out = tuple((kind, numbers[kind]) for kind in others)
            return Bulk(kept, present[0] if len(present) == 1 else "", left_out)
    public = sum(statuses.get(mark.path) in _PUBLIC for mark in marks)
    return Bulk(tuple(marks), public=public)


# The kinds that each command changes: the first group of which there are articles.
_CHOSEN = {
    "publish": (("unpublished",), _REPLACED),
    "unpublish": (("published",),),
}
_ORDER = ("rejected", "for later", "published", "unpublished")


def _kind(verb: str, status: Status | None, editorial: EditorialState, today: date) -> str:
    if verb == "unpublish":
        return "unpublished" if status is Status.UNPUBLISHED else "published"
    if status is Status.PUBLISHED:
        return "published"
    if editorial.rejected:
        return "rejected"
    return "for later" if editorial.later and editorial.waits(today) else "unpublished"
