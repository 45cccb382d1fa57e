"""What a query means: a tree of conditions, and an order.

The fields that may be asked for are declared here, once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


class Kind(enum.Enum):
    """What the values of a field are."""

    TOPIC = "topic"
    TEXT = "text"
    DOMAIN = "domain"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    SORT = "sort"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the query language.

    `column` of the index holds it, empty where that is a table of its own; `choices` are the
    values that always exist.
    """

    name: str
    kind: Kind
    example: str
    help: str
    column: str = ""
    choices: tuple[str, ...] = ()


SORT_FIELDS = ("heat", "quality", "date", "title", "provider", "path")
ASCENDING_BY_NATURE = frozenset({"title", "provider", "path"})
STORY = "story"
# What is known about an article from the others of its story.
ALREADY_PUBLISHED, DUPLICATE = STORY_SETS = ("is:ran", "is:duplicate")
VERDICTS = ("alive", "moved", "walled", "throttled", "unreachable", "suspect", "dead", "refused")

# A new field is one entry here: parsing, SQL, help, completion and errors follow it.
FIELDS: Mapping[str, Field] = {
    entry.name: entry
    for entry in (
        Field("topic", Kind.TOPIC, "topic:AI,Robotics", "has the topic; a comma means either"),
        Field(
            "is",
            Kind.CHOICE,
            "is:unpublished",
            "status, or a set of your own",
            "status",
            choices=("unpublished", "published", "unset"),
        ),
        Field("quality", Kind.NUMBER, "quality:>=50", "how good the source is", "quality"),
        Field("heat", Kind.NUMBER, "heat:40..60", "how hot the story is", "heat"),
        Field("date", Kind.DATE, "date:<7d", "publication date (UTC) or age", "published_at"),
        Field("provider", Kind.TEXT, "provider:reuters", "provider's name contains", "provider"),
        Field("domain", Kind.DOMAIN, "domain:bbc.co.uk", "domain and its subdomains", "domain"),
        Field("title", Kind.TEXT, 'title:"face recognition"', "title contains", "title"),
        Field("type", Kind.TEXT, "type:video", "type contains", "type"),
        Field("category", Kind.TEXT, "category:news", "category contains", "category"),
        Field("path", Kind.TEXT, "path:_archive/", "path contains", "path"),
        Field(
            "has",
            Kind.CHOICE,
            "has:image",
            "what an article carries",
            "flags",
            choices=("image", "related", "secured", "body", "url", "problems"),
        ),
        Field(STORY, Kind.NUMBER, "story:>=3", "how many sources tell the same story"),
        Field("link", Kind.CHOICE, "link:dead", "last verdict on any of its links"),
        Field(
            "sort",
            Kind.SORT,
            "sort:heat,date-asc",
            "order; highest and newest first unless -asc",
            choices=SORT_FIELDS,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase in title, excerpt or provider.

    `unfinished` tells that the text ends in this very word, so that more may follow; it is no
    part of what the query means and is not compared.
    """

    text: str
    is_phrase: bool = False
    unfinished: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Match:
    """`value` fits the field as its kind says: equals, contains, is one of the choices."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """A number, or a moment in seconds since 1970, from `low` to `high`.

    `excludes_ends` tells that `low` and `high` themselves are outside.
    """

    field: str
    low: float | None
    high: float | None
    excludes_ends: bool = False

    def holds(self, number: float) -> bool:
        """Return whether a number is in the range."""
        if self.excludes_ends and number in (self.low, self.high):
            return False
        return (self.low is None or self.low <= number) and (
            self.high is None or number <= self.high
        )


@dataclass(frozen=True, slots=True)
class Age:
    """From `newest` to `oldest` old, as typed (`7d`); empty where open.

    `inclusive` tells whether exactly that old counts too.
    """

    field: str
    newest: str
    oldest: str
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """The article has no such number or date."""

    field: str


@dataclass(frozen=True, slots=True)
class Member:
    """The article belongs to a set that somebody else keeps, such as `is:marked`."""

    name: str


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts; two or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts; two or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but the part."""

    part: Condition


Condition: TypeAlias = Word | Match | Range | Age | Missing | Member | And | Or | Not


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field of an order. Missing values come last in both directions."""

    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A text and what it means; `condition` is None for everything, `order` empty if not given."""

    text: str = ""
    condition: Condition | None = None
    order: tuple[SortKey, ...] = ()


DEFAULT_ORDER = (SortKey("heat", True), SortKey("quality", True), SortKey("date", True))


def choices(entry: Field, sets: frozenset[str]) -> tuple[str, ...]:
    """Return the values that a field with choices accepts, given the sets that exist."""
    if entry.name == "link":
        return VERDICTS if "link" in sets else ()
    start = entry.name + ":"
    return (*entry.choices, *sorted(name[len(start) :] for name in sets if name.startswith(start)))


def needs_stories(condition: Condition | None) -> bool:
    """Tell whether it takes to know which articles tell the same story to answer this."""
    if isinstance(condition, And | Or):
        return any(map(needs_stories, condition.parts))
    if isinstance(condition, Not):
        return needs_stories(condition.part)
    if isinstance(condition, Member):
        return condition.name in STORY_SETS
    return isinstance(condition, Range | Missing) and condition.field == STORY


def highlighted_words(query: Query) -> list[str]:
    """Return the words and phrases that a match shows, each once: those not excluded."""
    found: dict[str, None] = {}

    def visit(condition: Condition | None) -> None:
        if isinstance(condition, Word):
            found[condition.text] = None
        elif isinstance(condition, And | Or):
            for part in condition.parts:
                visit(part)

    visit(query.condition)
    return list(found)


def conjunction(parts: Sequence[Condition | None]) -> Condition | None:
    """Return the condition that asks for all of the parts; those that say nothing drop out."""
    flat: list[Condition] = []
    for part in parts:
        if part is not None:
            flat.extend(part.parts if isinstance(part, And) else (part,))
    return And(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def disjunction(parts: Sequence[Condition | None]) -> Condition | None:
    """Return the condition that asks for any of the parts; those that say nothing drop out."""
    flat: list[Condition] = []
    for part in parts:
        if part is not None:
            flat.extend(part.parts if isinstance(part, Or) else (part,))
    return Or(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def negation(part: Condition | None) -> Condition | None:
    """Return the opposite of a condition; of none, none."""
    if part is None:
        return None
    return part.part if isinstance(part, Not) else Not(part)
