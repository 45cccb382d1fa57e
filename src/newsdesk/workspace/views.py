"""What the desk shows: a view, narrowed by topics and a query, in an order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from newsdesk.index.query.ast import DEFAULT_ORDER, Query, SortKey
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import all_of, unparse
from newsdesk.workspace.editorial_state import QUERY_SETS


@dataclass(frozen=True, slots=True)
class View:
    """A named query; `key` is the key that opens it, empty for a saved view.

    The name of a saved view is foreign text.
    """

    key: str
    name: str
    query: str


VIEWS = (
    View("1", "Unpublished", "is:unpublished -is:rejected -is:later"),
    # What says nothing is public as well: each generator builds a page without the field.
    View("2", "Published", "-is:unpublished"),
    View("3", "All", ""),
    View("4", "Later", "is:later"),
    View("5", "Rejected", "is:rejected"),
)
UNPUBLISHED, PUBLISHED, ALL, LATER, REJECTED = VIEWS
# Views without a key and a tab: the palette opens them.
BROKEN = View("", "Broken", "link:dead")
SAVED = (BROKEN,)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown and in which order.

    `topics` are chosen in the picker (any of them, or with `every_topic` all of them at once),
    `text` is what stands in the query bar, `order` what was chosen in the sort menu; a `sort:` in
    the text wins over it. `usual` is the order of whoever chose none.
    """

    view: View = UNPUBLISHED
    topics: tuple[str, ...] = ()
    text: str = ""
    order: tuple[SortKey, ...] = DEFAULT_ORDER
    usual: tuple[SortKey, ...] = DEFAULT_ORDER
    every_topic: bool = False

    @classmethod
    def opening(cls, view: View, order: tuple[SortKey, ...]) -> Filter:
        """Return what a desk opens with; an order of the view's own wins."""
        return cls(order=order, usual=order).opened(view)

    def query(self) -> Query:
        """Return everything as one query; raises `QueryError` for the text."""
        typed = parse(self.text, sets=QUERY_SETS)
        view = parse(self.view.query, sets=QUERY_SETS)
        chosen = all_of(view, parse(_topics_term(self.topics, every=self.every_topic)), typed)
        return replace(chosen, text=self.text, order=typed.order or self.order)

    def as_text(self) -> str:
        """Return all of it as the text of one query, without the default order."""
        query = self.query()
        return unparse(query if query.order != DEFAULT_ORDER else replace(query, order=()))

    def opened(self, view: View) -> Filter:
        """Return the same for another view, in the view's own order if it has one."""
        own = parse(view.query, sets=QUERY_SETS).order
        left = parse(self.view.query, sets=QUERY_SETS).order
        # An order that came with a view goes with it.
        return replace(self, view=view, order=own or (self.usual if left else self.order))

    def is_plain(self, view: View) -> bool:
        """Tell whether this is just a view, in the order of whoever chose none."""
        return self == Filter(view, order=self.usual, usual=self.usual)

    @property
    def narrows(self) -> bool:
        """Whether anything of the view is left out."""
        return bool(self.topics or self.text.strip())

    def without_narrowing(self) -> Filter:
        """Return the whole view in the same order."""
        return replace(self, topics=(), every_topic=False, text="")

    def without_topics(self) -> Filter:
        """Return the same without the picker's choice: what its counts are about."""
        return replace(self, topics=(), every_topic=False)

    def sorted_by(self, field: str) -> Filter:
        """Sort by a field first; the same field again reverses it."""
        first = self.order[0]
        if first.field == field:
            key = replace(first, descending=not first.descending)
        else:
            key = SortKey(field, descending=field in ("heat", "quality", "date"))
        others = tuple(k for k in DEFAULT_ORDER if k.field != field)
        return replace(self, order=(key, *others))


def describe_order(order: tuple[SortKey, ...]) -> str:
    """Return an order in words, arrows for the direction: `heat ↓ quality ↓ date ↓`."""
    return " ".join(f"{key.field} {'↓' if key.descending else '↑'}" for key in order)


def _topics_term(topics: tuple[str, ...], *, every: bool) -> str:
    quoted = ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in topics]
    if every:
        return " ".join(f"topic:{name}" for name in quoted)
    return f"topic:{','.join(quoted)}" if quoted else ""
