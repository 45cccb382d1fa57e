"""Write a query down: as it is typed, and in words."""

from __future__ import annotations

import re
from datetime import date

from newsdesk.index.query.ast import (
    ASCENDING_BY_NATURE,
    FIELDS,
    Age,
    And,
    Condition,
    Kind,
    Match,
    Member,
    Missing,
    Not,
    Or,
    Query,
    Range,
    SortKey,
    Word,
    conjunction,
)
from newsdesk.index.query.parser import is_plain_value, is_plain_word
from newsdesk.index.query.values import DAY, EPOCH
from newsdesk.text import number_text


def all_of(*queries: Query) -> Query:
    """Return the query that asks for all of the queries; the last order given wins."""
    order: tuple[SortKey, ...] = ()
    for query in queries:
        order = query.order or order
    combined = Query("", conjunction([query.condition for query in queries]), order)
    return Query(unparse(combined), combined.condition, order)


def unparse(query: Query) -> str:
    """Return a text that parses to the same condition and order."""
    parts = [] if query.condition is None else [_text(query.condition)]
    if query.order:
        parts.append("sort:" + ",".join(map(_sort_text, query.order)))
    return " ".join(parts)


def quoted(text: str) -> str:
    """Return text in the quotes of the query language."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def quoted_if_needed(value: str) -> str:
    """Return a field's value as it is typed: in quotes where it would not be read whole."""
    return value if is_plain_value(value) else quoted(value)


def _text(condition: Condition) -> str:
    if isinstance(condition, And):
        return " ".join(_grouped(part, Or) for part in condition.parts)
    if isinstance(condition, Or):
        return _comma_text(condition) or " OR ".join(map(_text, condition.parts))
    if isinstance(condition, Not):
        return "-" + _grouped(condition.part, And, Or)
    if isinstance(condition, Word):
        is_bare = not condition.is_phrase and is_plain_word(condition.text)
        return condition.text if is_bare else quoted(condition.text)
    return ":".join(_field_and_value(condition))


def _grouped(part: Condition, *weaker: type) -> str:
    if isinstance(part, weaker) and not (isinstance(part, Or) and _comma_text(part)):
        return f"({_text(part)})"
    return _text(part)


def _comma_text(condition: Or) -> str:
    """Return `topic:AI,Robotics` if one field is all it is about, else an empty text."""
    if any(isinstance(part, And | Or | Not | Word) for part in condition.parts):
        return ""
    pairs = [_field_and_value(part) for part in condition.parts]
    if len({name for name, _ in pairs}) > 1:
        return ""
    return f"{pairs[0][0]}:{','.join(value for _, value in pairs)}"


def _field_and_value(condition: Condition) -> tuple[str, str]:
    if isinstance(condition, Match):
        return condition.field, quoted_if_needed(condition.value)
    if isinstance(condition, Member):
        name, _, value = condition.name.partition(":")
        return name, value
    if isinstance(condition, Missing):
        return condition.field, "none"
    if isinstance(condition, Age):
        return condition.field, _age_text(condition)
    if isinstance(condition, Range):
        return condition.field, _range_text(condition)
    raise TypeError(f"{condition!r} stands for no field")


def _age_text(age: Age) -> str:
    if age.newest and age.oldest:
        return f"{age.newest}..{age.oldest}"
    sign = "=" if age.inclusive else ""
    return f">{sign}{age.newest}" if age.newest else f"<{sign}{age.oldest}"


def _range_text(span: Range) -> str:
    low, high = _bounds(span)
    sign = "" if span.excludes_ends else "="
    if not high:
        return f">{sign}{low}"
    if not low:
        return f"<{sign}{high}"
    return low if low == high else f"{low}..{high}"


def _bounds(span: Range) -> tuple[str, str]:
    """Return both ends as they are typed, empty where open."""
    show = _day if FIELDS[span.field].kind is Kind.DATE else number_text
    return (
        "" if span.low is None else show(span.low),
        "" if span.high is None else show(span.high),
    )


def _day(seconds: float) -> str:
    return date.fromordinal(int(seconds) // DAY + EPOCH).isoformat()


def _sort_text(key: SortKey) -> str:
    if key.descending == (key.field not in ASCENDING_BY_NATURE):
        return key.field
    return key.field + ("-desc" if key.descending else "-asc")


def describe(query: Query) -> str:
    """Return what a query asks for in words: `unpublished, topic AI, by heat, date`."""
    words = "everything" if query.condition is None else _words(query.condition)
    if query.order:
        words += ", by " + ", ".join(_sort_text(key).replace("-", " ") for key in query.order)
    return words


def _words(condition: Condition) -> str:
    if isinstance(condition, And):
        return ", ".join(
            f"({_words(part)})" if isinstance(part, Or) else _words(part)
            for part in condition.parts
        )
    if isinstance(condition, Or):
        return " or ".join(
            f"({_words(part)})" if isinstance(part, And) else _words(part)
            for part in condition.parts
        )
    if isinstance(condition, Not):
        inner = _words(condition.part)
        return f"not ({inner})" if isinstance(condition.part, And | Or) else f"not {inner}"
    if isinstance(condition, Word):
        return f"“{condition.text}”"
    return _field_words(condition)


def _field_words(condition: Condition) -> str:
    name, value = _field_and_value(condition)
    if name == "is":
        return value
    if isinstance(condition, Match):
        return f"{name} {condition.value}"
    if isinstance(condition, Missing):
        return f"no {name}"
    if isinstance(condition, Age):
        ages = [
            f"{'at least' if condition.inclusive else 'more than'} {condition.newest} old",
            f"{'at most' if condition.inclusive else 'less than'} {condition.oldest} old",
        ]
        both = zip((condition.newest, condition.oldest), ages, strict=True)
        return " and ".join(words for age, words in both if age)
    if isinstance(condition, Range):
        low, high = _bounds(condition)
        if low == high:
            return f"{name} {low}"
        if condition.excludes_ends:
            return f"{name} {f'above {low}' if low else f'below {high}'}"
        return f"{name} {f'from {low} ' if low else ''}{f'to {high}' if high else ''}".rstrip()
    return f"{name} {value}"
