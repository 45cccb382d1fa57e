"""Read the values of a query's fields: numbers, dates, ages, choices, orders."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from newsdesk.collection.article import as_number
from newsdesk.errors import QueryError
from newsdesk.index.query.ast import (
    ASCENDING_BY_NATURE,
    SORT_FIELDS,
    Age,
    Condition,
    Field,
    Kind,
    Match,
    Member,
    Missing,
    Range,
    SortKey,
    choices,
)
from newsdesk.suggest import nearest
from newsdesk.text import number_text

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_LIKE_NUMBER = re.compile(r"(?<![\d.])[+-]?\d{1,15}(?:\.\d{1,15})?(?!\d)", re.ASCII)
_LIKE_DATE = re.compile(r"(\d{4})(?:\D(\d{1,2})(?:\D(\d{1,2}))?)?(?!\d)", re.ASCII)
_LIKE_AGE = re.compile(r"(\d{1,5}) ?(hours?|days?|weeks?|months?|years?)", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_AGE = re.compile(r"\d{1,5}[hdwmy]", re.ASCII)
_HOUR, DAY = 3600, 86400
_UNITS = {"h": _HOUR, "d": DAY, "w": 7 * DAY, "m": 30 * DAY, "y": 365 * DAY}
EPOCH = date(1970, 1, 1).toordinal()
_FIRST = (date.min.toordinal() - EPOCH) * DAY
_LAST = (date.max.toordinal() - EPOCH + 1) * DAY - 1


class Value(NamedTuple):
    """A value as typed, without its quotes, and its place in the query."""

    text: str
    start: int
    end: int


def _read_text(entry: Field, value: Value, sets: frozenset[str]) -> Condition:
    return Match(entry.name, value.text)


def _read_topic(entry: Field, value: Value, sets: frozenset[str]) -> Condition:
    return Match(entry.name, value.text.strip())


def _read_choice(entry: Field, value: Value, sets: frozenset[str]) -> Condition:
    word = value.text.lower()
    valid = choices(entry, sets)
    if word in valid:
        return Match(entry.name, word) if word in entry.choices else Member(f"{entry.name}:{word}")
    if not valid:
        raise QueryError("No links have been checked yet.", value.start, value.end)
    raise QueryError(
        f"{entry.name}: knows no {shortened(value.text)}; it knows {', '.join(valid)}.",
        value.start,
        value.end,
        nearest(word, valid),
    )


def _read_number(entry: Field, value: Value, sets: frozenset[str]) -> Condition:
    if value.text.lower() == "none":
        return Missing(entry.name)
    text = value.text.replace("\N{MINUS SIGN}", "-")
    low, dots, high = text.partition("..")
    if dots:
        return _span(entry, value, (low, _number(low)), (high, _number(high)))
    operator, number = _split_operator(text)
    if (bound := _number(number)) is None:
        is_long = re.fullmatch(r"[+-]?\d+(\.\d+)?", number, re.ASCII)
        raise _bad_value(entry, value, "has too many digits" if is_long else "is no number")
    low_end = bound if operator in (">", ">=", "", "=") else None
    high_end = bound if operator in ("<", "<=", "", "=") else None
    return Range(entry.name, low_end, high_end, excludes_ends=operator in (">", "<"))


def _number(text: str) -> float | None:
    return as_number(float(text)) if _NUMBER.fullmatch(text) else None


def _read_date(entry: Field, value: Value, sets: frozenset[str]) -> Condition:
    text = value.text.lower()
    if text == "none":
        return Missing(entry.name)
    low, dots, high = text.partition("..")
    if dots:
        if _AGE.fullmatch(low or high):
            return _age_span(entry, value, low, high)
        first, last = _days(low), _days(high)
        return _span(entry, value, (low, first and first[0]), (high, last and last[1]))
    operator, moment = _split_operator(text)
    if _AGE.fullmatch(moment):
        return _age_compared(entry, value, operator, moment)
    if (days := _days(moment)) is None:
        raise _bad_value(entry, value, "is no date and no age")
    compared = _compared(entry.name, operator, *days)
    bounds = [bound for bound in (compared.low, compared.high) if bound is not None]
    if not all(_FIRST <= bound <= _LAST for bound in bounds):
        raise _bad_value(entry, value, "lies beyond the calendar")
    return compared


def _days(text: str) -> tuple[int, int] | None:
    """Return the first and the last second of a year, month or day, or None if there is none."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    if found[3]:
        last = first
    elif found[2]:
        days = 31 if month == 12 else (first.replace(month=month + 1) - first).days
        last = first.replace(day=days)
    else:
        last = first.replace(month=12, day=31)
    return _seconds(first), _seconds(last) + DAY - 1


def _seconds(day: date) -> int:
    return (day.toordinal() - EPOCH) * DAY


def age_seconds(age: str) -> int:
    """Return how many seconds an age such as `7d` is; a month has 30 days, a year 365."""
    return int(age[:-1]) * _UNITS[age[-1]]


def _age_compared(entry: Field, value: Value, operator: str, age: str) -> Condition:
    if operator in ("", "="):
        near = f"{entry.name}:<{age}"
        raise QueryError(
            f"An age needs < (younger) or > (older): {shortened(age)}.",
            value.start,
            value.end,
            near,
        )
    inclusive = operator.endswith("=")
    if operator.startswith("<"):
        return Age(entry.name, "", age, inclusive)
    return Age(entry.name, age, "", inclusive)


def _age_span(entry: Field, value: Value, newest: str, oldest: str) -> Condition:
    for part in (newest, oldest):
        if part and not _AGE.fullmatch(part):
            raise _bad_value(entry, value, "is no span of ages")
    if newest and oldest and age_seconds(newest) > age_seconds(oldest):
        newest, oldest = oldest, newest
    return Age(entry.name, newest, oldest, inclusive=True)


def _split_operator(text: str) -> tuple[str, str]:
    for operator in (">=", "<=", ">", "<", "="):
        if text.startswith(operator):
            return operator, text.removeprefix(operator)
    return "", text


def _compared(name: str, operator: str, low: int, high: int) -> Range:
    if operator == ">=":
        return Range(name, low, None)
    if operator == ">":
        return Range(name, high + 1, None)
    if operator == "<=":
        return Range(name, None, high)
    if operator == "<":
        return Range(name, None, low - 1)
    return Range(name, low, high)


def _span(
    entry: Field, value: Value, first: tuple[str, float | None], last: tuple[str, float | None]
) -> Range:
    """Return the range between two ends, each as typed and as understood; one may be open."""
    (low_text, low), (high_text, high) = first, last
    if (low_text and low is None) or (high_text and high is None) or low is high is None:
        raise _bad_value(entry, value, "is no range")
    if low is not None and high is not None and low > high:
        near = f"{entry.name}:{high_text}..{low_text}"
        raise QueryError("This range ends before it begins.", value.start, value.end, near)
    return Range(entry.name, low, high)


def _bad_value(entry: Field, value: Value, complaint: str) -> QueryError:
    hint = nearest(value.text, ("none",))
    if not hint:
        meant = (_number_meant if entry.kind is Kind.NUMBER else _date_meant)(value.text)
        hint = f"{entry.name}:{meant}" if meant not in ("", value.text) else ""
    example = "" if hint else f" Write for example {entry.example}."
    message = f"{shortened(value.text)} {complaint}.{example}"
    return QueryError(message, value.start, value.end, hint)


def _number_meant(text: str) -> str:
    """Return the number, comparison or range that a text most likely means; empty if none."""
    if dashed := re.fullmatch(r"(\d{1,15})-(\d{1,15})", text, re.ASCII):
        return f"{dashed[1]}..{dashed[2]}"
    operator, number = _split_operator(text)
    if not number:
        return f"{operator}50"
    with suppress(ValueError):  # `1e3`, `1_000`, `.5`
        if number.isascii() and abs(float(number)) < 10**15:
            return operator + number_text(as_number(float(number)))
    if not (found := _LIKE_NUMBER.search(number)):
        return ""
    is_least = number[found.end() :] == "+" and not operator
    return f"{'>=' if is_least else operator}{found[0]}"


def _date_meant(text: str) -> str:
    """Return the date or age that a text most likely means; empty if none."""
    operator, text = _split_operator(text)
    if found := _LIKE_AGE.fullmatch(text):
        return f"{operator or '<'}{found[1]}{found[2][0]}"
    if not (found := _LIKE_DATE.search(text)):
        return ""
    parts = [found[1], *(part.zfill(2) for part in found.groups()[1:] if part)]
    while parts and not _days("-".join(parts)):
        parts.pop()
    return operator + "-".join(parts) if parts else ""


def sort_keys(values: list[Value]) -> tuple[SortKey, ...]:
    """Return the order that the values of `sort:` ask for; raises QueryError."""
    keys: list[SortKey] = []
    for value in values:
        name, dash, direction = value.text.lower().partition("-")
        if name not in SORT_FIELDS or (dash and direction not in ("asc", "desc")):
            near = nearest(name, SORT_FIELDS)
            raise QueryError(
                f"There is no order {shortened(value.text)}; there are {', '.join(SORT_FIELDS)},"
                " each with -asc or -desc.",
                value.start,
                value.end,
                near and f"sort:{near}",
            )
        if any(key.field == name for key in keys):
            raise QueryError(f"This sorts by {name} twice.", value.start, value.end)
        descending = direction == "desc" if dash else name not in ASCENDING_BY_NATURE
        keys.append(SortKey(name, descending))
    return tuple(keys)


# Each turns one value into a condition; `sets` names what exists beyond the articles.
READERS: dict[Kind, Callable[[Field, Value, frozenset[str]], Condition]] = {
    Kind.TOPIC: _read_topic,
    Kind.TEXT: _read_text,
    Kind.DOMAIN: _read_text,
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_date,
    Kind.CHOICE: _read_choice,
}


def shortened(text: str) -> str:
    """Return text short enough for a sentence."""
    return text if len(text) <= 40 else text[:39] + "…"
