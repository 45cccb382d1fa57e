"""Offer what can follow at the cursor of a query: fields, their values, how many articles each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from newsdesk.errors import QueryError
from newsdesk.index.query.ast import FIELDS, Field, Kind, choices
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import quoted_if_needed

MAX_COMPLETIONS = 50

Values = Callable[[str], Sequence[tuple[str, int]]]

# One piece of a query, finished or not: a parenthesis, a dash, or a term up to the next space.
# An open quote reaches to the end of the text.
_QUOTE = r'"(?:[^"\\]|\\.)*"?'
_ITEM = rf"(?:{_QUOTE}|[^\s(),]*)"
_PIECE = re.compile(
    rf"[()-]|(?P<name>[A-Za-z]+):(?!//)(?P<values>{_ITEM}(?:,{_ITEM})*)|{_QUOTE}|[^\s()]+",
    re.DOTALL,
)
_ITEMS = re.compile(_ITEM, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Completion:
    """Replace the characters from `start` to `end` by `text`.

    `label` is for the person: a value as it is, or what a field means. It may be foreign text.
    `count` is the number of articles, or None where it says nothing.
    """

    start: int
    end: int
    text: str
    label: str
    count: int | None = None


def complete(
    text: str, cursor: int, values: Values, *, sets: frozenset[str] = frozenset()
) -> list[Completion]:
    """Return what fits at the cursor, best first, at most `MAX_COMPLETIONS`.

    `values` returns the (value, number of articles) that occur in a field, most wanted first;
    it is asked for text fields and topics only. `sets` are those that `parse` takes.
    """
    piece = _piece_before(text, cursor)
    if piece is None:
        return _fields("", cursor, cursor)
    if piece["name"] is None:
        if piece[0].startswith('"'):
            return []
        return _fields(text[piece.start() : cursor], piece.start(), piece.end())
    if cursor < piece.start("values"):
        return _fields(text[piece.start() : cursor], piece.start(), piece.start("values"))
    entry = FIELDS.get(piece["name"].lower())
    if entry is None:
        return []
    start, end = _item_at(text, cursor, piece)
    return _values(entry, text[start:cursor], (start, end), values, sets)


def correction(
    text: str, mistake: QueryError, *, sets: frozenset[str] = frozenset()
) -> Completion | None:
    """Return what puts the hint of a mistake in its place; None if that would mend nothing."""
    hint, start, end = mistake.hint, mistake.start, min(mistake.end, len(text))
    if not hint or text.startswith(",", start):
        return None
    name, _, value = hint.partition(":")
    piece = _piece_before(text, start + 1)
    if piece and piece["name"] and start >= piece.start("values") and name in FIELDS and value:
        hint = value  # the field stands there already
    mended = text[:start] + hint + text[end:]
    try:
        parse(mended, sets=sets)
    except QueryError as error:
        if mended == text or error.message == mistake.message:
            return None
    return Completion(start, end, hint, hint)


def _piece_before(text: str, cursor: int) -> re.Match[str] | None:
    """Return the term that the cursor stands in or behind, if any."""
    for piece in _PIECE.finditer(text):
        if piece.start() >= cursor:
            return None
        if cursor <= piece.end() and piece[0] not in ("(", ")", "-"):
            return piece
    return None


def _item_at(text: str, cursor: int, piece: re.Match[str]) -> tuple[int, int]:
    start = piece.start("values")
    while True:
        item = _ITEMS.match(text, start, piece.end("values"))
        end = item.end() if item else start
        if cursor <= end or end >= piece.end("values"):
            return start, end
        start = end + 1  # behind the comma


def _fields(typed: str, start: int, end: int) -> list[Completion]:
    return [
        Completion(start, end, f"{entry.name}:", entry.help)
        for entry in FIELDS.values()
        if entry.name.startswith(typed.lower())
    ]


def _values(
    entry: Field, typed: str, place: tuple[int, int], values: Values, sets: frozenset[str]
) -> list[Completion]:
    wanted = typed.strip('"').casefold()
    if entry.kind in (Kind.TOPIC, Kind.TEXT, Kind.DOMAIN):
        found = [(value, number) for value, number in values(entry.name) if value.strip()]
        fitting = _beginning_first(found, wanted)
        return [
            Completion(*place, quoted_if_needed(value), value, number)
            for value, number in fitting[:MAX_COMPLETIONS]
        ]
    return [
        Completion(*place, word, word)
        for word in _known_words(entry, wanted, sets)
        if word.startswith(wanted)
    ]


def _known_words(entry: Field, typed: str, sets: frozenset[str]) -> Iterable[str]:
    if entry.kind is Kind.CHOICE:
        return choices(entry, sets)
    if entry.kind is Kind.SORT:
        if "-" in typed:
            return [f"{name}-{way}" for name in entry.choices for way in ("asc", "desc")]
        return entry.choices
    return ("none",)


def _beginning_first(values: Sequence[tuple[str, int]], typed: str) -> list[tuple[str, int]]:
    """Return the values that hold what is typed, those that begin with it first."""
    begin = [pair for pair in values if pair[0].casefold().startswith(typed)]
    inside = [
        pair
        for pair in values
        if typed in pair[0].casefold() and not pair[0].casefold().startswith(typed)
    ]
    return begin + inside
