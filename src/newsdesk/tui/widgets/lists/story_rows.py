"""The rows of a list with collapsed and expanded stories."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from newsdesk.workspace.stories.collapsing import CollapsedList


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows of a list: `ids`, one for each row, of the articles that were `found`.

    `members` maps the article at the head of a story to all of the story that were found, itself
    first; `head_of` maps each of the others to that head. The stories whose heads are in
    `expanded` have their other articles in the rows below the head. `stories` is the number of
    rows while all are collapsed. `order` is the field that the list is sorted by; a collapsed story
    is sorted by its article in `leads`, head -> another of the story.
    """

    ids: array[int] = field(default_factory=lambda: array("q"))
    found: array[int] = field(default_factory=lambda: array("q"))
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    head_of: Mapping[int, int] = field(default_factory=dict)
    expanded: frozenset[int] = frozenset()
    stories: int = 0
    order: str = ""
    leads: Mapping[int, int] = field(default_factory=dict)

    def is_collapsed(self, id_: int) -> bool:
        """Return whether a row is a collapsed story."""
        return id_ in self.members and id_ not in self.expanded

    def lead_of(self, id_: int, order: str) -> int:
        """Return the article whose value of a field sorts a row."""
        if order != self.order or not self.is_collapsed(id_):
            return id_
        return self.leads.get(id_, id_)

    def line_of(self, id_: int) -> int:
        """Return the article whose row shows another one: itself, or the head of its story."""
        head = self.head_of.get(id_)
        return id_ if head is None or head in self.expanded else head

    def heads(self, ids: Collection[int]) -> frozenset[int]:
        """Return the heads of the stories of some articles."""
        heads = (self.head_of.get(id_, id_) for id_ in ids)
        return frozenset(head for head in heads if head in self.members)

    def with_expanded(self, ids: Collection[int]) -> Lines:
        """Return the rows with the stories of these articles expanded, and no others."""
        lines = self
        for head in self.heads(ids) ^ self.expanded:
            lines = lines.toggled(lines.ids.index(head))
        return lines

    def toggled(self, line: int) -> Lines:
        """Return the rows with the story of a row expanded or collapsed."""
        head = self.ids[line]
        others = array("q", self.members[head][1:])
        if head in self.expanded:
            ids = self.ids[: line + 1] + self.ids[line + 1 + len(others) :]
            return replace(self, ids=ids, expanded=self.expanded - {head})
        ids = self.ids[: line + 1] + others + self.ids[line + 1 :]
        return replace(self, ids=ids, expanded=self.expanded | {head})


def one_by_one(found: array[int]) -> Lines:
    """Return a list in which each article has a row."""
    return Lines(found, found, stories=len(found))


def collapsed_lines(
    found: array[int], collapsed: CollapsedList, expanded: Collection[int], order: str = ""
) -> Lines:
    """Return a list with one row for each story; those of `expanded` ids are expanded.

    `order` is the field that it is sorted by. Takes time for long lists: for workers.
    """
    members = {
        head: (head, *(id_ for id_ in mates if id_ != head))
        for head, mates in collapsed.members.items()
    }
    head_of = {id_: head for head, mates in members.items() for id_ in mates[1:]}
    leads = {head: mates[0] for head, mates in collapsed.members.items() if mates[0] != head}
    collapsed_ids = Lines(
        collapsed.ids, found, members, head_of, stories=len(collapsed.ids), order=order, leads=leads
    )
    heads = collapsed_ids.heads(expanded)
    if not heads:
        return collapsed_ids
    ids = array("q")
    for id_ in collapsed.ids:
        ids.append(id_)
        if id_ in heads:
            ids.extend(members[id_][1:])
    return replace(collapsed_ids, ids=ids, expanded=heads)
