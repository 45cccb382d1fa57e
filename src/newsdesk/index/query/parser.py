"""Turn what a person types into a query tree, with the place of every mistake.

    query   = either                       sort: may stand anywhere outside parentheses
    either  = all ("OR" all)*
    all     = term (["AND"] term)*         binds tighter than OR
    term    = ("-" | "NOT") term | "(" either ")" | word | '"' phrase '"' | field ":" values
    values  = value ("," value)*           a comma means either

Inside quotes `\\"` is a quote and `\\\\` a backslash. Words without a letter, digit or symbol of
their own (`...`, `--x` aside) say nothing and are ignored.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from newsdesk.errors import QueryError
from newsdesk.index.query.ast import (
    FIELDS,
    Condition,
    Field,
    Kind,
    Query,
    SortKey,
    Word,
    conjunction,
    disjunction,
    negation,
)
from newsdesk.index.query.values import READERS, Value, shortened, sort_keys
from newsdesk.suggest import nearest

MAX_LENGTH = 20_000  # characters; SQLite's own limits are beyond it
MAX_DEPTH = 50  # parentheses within parentheses

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_SPACES = re.compile(r"\s*")
_DELIMITER = re.compile(r"[\s()]")
_BARE_VALUE = re.compile(r"[^\s(),]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
# `http://…` is an address, not a field; `16:45` does not begin with a letter.
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):(?!//)")
_COMPARED = re.compile(r"([A-Za-z]+)(>=|<=|>|<|=)")
_NOT_FIELDS = frozenset({"mailto"})
_OPERATORS = frozenset({"OR", "AND", "NOT"})


def parse(text: str, *, sets: frozenset[str] = frozenset()) -> Query:
    """Turn text into a query.

    `sets` names what exists beyond the articles: `is:marked`, `has:note`, and `link` once links
    have been checked. Raises QueryError with the place of the mistake, and nothing else.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"A query has at most {MAX_LENGTH:,} characters.", MAX_LENGTH, len(text))
    if broken := _BROKEN.search(text):
        raise QueryError("This character is no text.", broken.start(), broken.end())
    return _Parser(text, _tokens(text, sets)).query()


def is_plain_word(text: str) -> bool:
    """Tell whether text, typed as it is, is read as that one word."""
    return not (
        _DELIMITER.search(text)
        or text.startswith(("-", '"'))
        or text in _OPERATORS
        or _FIELD.match(text)
        or _compared_field(text)
    )


def is_plain_value(text: str) -> bool:
    """Tell whether text, typed as it is, is read as one whole value of a field."""
    return bool(_BARE_VALUE.fullmatch(text)) and not text.startswith(('"', "//"))


class _Token(NamedTuple):
    kind: str  # one of ( ) - OR AND term sort
    start: int
    end: int
    condition: Condition | None = None
    order: tuple[SortKey, ...] = ()


def _tokens(text: str, sets: frozenset[str]) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while (position := _skip_spaces(text, position)) < len(text):
        char = text[position]
        if char in "()":
            tokens.append(_Token(char, position, position + 1))
        elif char == "-":
            following = text[position + 1 : position + 2]
            if not following or following.isspace() or following == ")":
                raise QueryError("- needs something to exclude.", position, position + 1)
            tokens.append(_Token(char, position, position + 1))
        else:
            tokens.append(_read_term(text, position, sets))
        position = tokens[-1].end
    return tokens


def _read_term(text: str, start: int, sets: frozenset[str]) -> _Token:
    if text[start] == '"':
        phrase = _read_quoted(text, start)
        condition = Word(phrase.text, is_phrase=True) if _says_something(phrase.text) else None
        return _Token("term", start, phrase.end, condition)
    if (named := _FIELD.match(text, start)) and named[1].lower() not in _NOT_FIELDS:
        return _read_field(text, named, sets)
    delimiter = _DELIMITER.search(text, start)
    end = delimiter.start() if delimiter else len(text)
    word = text[start:end]
    if word in _OPERATORS:
        return _Token("-" if word == "NOT" else word, start, end)
    _refuse_forgotten_colon(word, start)
    if not _says_something(word):
        return _Token("term", start, end)
    return _Token("term", start, end, Word(word, unfinished=end == len(text)))


def _read_quoted(text: str, start: int) -> Value:
    found = _QUOTED.match(text, start)
    if not found:
        raise QueryError("This quote is never closed.", start, len(text))
    return Value(_ESCAPE.sub(r"\1", found[1]), start, found.end())


def _read_field(text: str, named: re.Match[str], sets: frozenset[str]) -> _Token:
    start = named.start()
    entry = FIELDS.get(named[1].lower())
    if entry is None:
        near = nearest(named[1], FIELDS)
        raise QueryError(
            f"There is no field {shortened(named[1])}; in quotes it is text.",
            start,
            named.end(),
            f"{near}:" if near else "",
        )
    values = _read_values(text, named.end(), entry, start)
    end = values[-1].end
    if entry.kind is Kind.SORT:
        return _Token("sort", start, end, order=sort_keys(values))
    read = READERS[entry.kind]
    condition = disjunction([read(entry, value, sets) for value in values])
    return _Token("term", start, end, condition)


def _read_values(text: str, position: int, entry: Field, start: int) -> list[Value]:
    values: list[Value] = []
    while True:
        if text.startswith('"', position):
            value = _read_quoted(text, position)
        elif found := _BARE_VALUE.match(text, position):
            value = Value(found[0], position, found.end())
        else:
            value = Value("", position, position)
        if not value.text.strip():
            mistake = position - 1 if values else start  # the comma, or the field
            raise QueryError(f"{entry.name}: needs a value.", mistake, value.end, entry.example)
        values.append(value)
        if not text.startswith(",", value.end):
            return values
        position = value.end + 1


def _refuse_forgotten_colon(word: str, start: int) -> None:
    """`quality>=50` as text would find nothing, in silence."""
    if entry := _compared_field(word):
        near = f"{entry.name}:{word[len(entry.name) :]}"
        raise QueryError(
            f"{entry.name} needs a colon.", start, start + len(word), near if len(near) < 40 else ""
        )


def _compared_field(word: str) -> Field | None:
    """Return the field of numbers or dates that a word compares without a colon, if it does."""
    compared = _COMPARED.match(word)
    entry = FIELDS.get(compared[1].lower()) if compared else None
    return entry if entry and entry.kind in (Kind.NUMBER, Kind.DATE) else None


def _says_something(word: str) -> bool:
    """Letters, digits and symbols beyond ASCII (€, emoji) can be searched for; nothing else."""
    return any(
        char.isalnum() or (not char.isascii() and unicodedata.category(char)[0] in "SLN")
        for char in word
    )


def _skip_spaces(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


class _Parser:
    """Recursive descent over the tokens; a term that says nothing is None and drops out."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._index = 0
        self._open: list[_Token] = []
        self._order: tuple[SortKey, ...] = ()

    def query(self) -> Query:
        condition = self._either() if self._tokens else None
        return Query(self._text, condition, self._order)

    def _peek(self) -> str:
        return self._tokens[self._index].kind if self._index < len(self._tokens) else ""

    def _take(self) -> _Token:
        self._index += 1
        return self._tokens[self._index - 1]

    def _either(self) -> Condition | None:
        part, before = self._all()
        parts = [part]
        while self._peek() == "OR":
            operator = self._take()
            part, after = self._all()
            if not before or not after:
                raise _needs_both_sides(operator)
            parts.append(part)
        if self._peek() == ")" and not self._open:
            stray = self._take()
            raise QueryError("This parenthesis was never opened.", stray.start, stray.end)
        return disjunction(parts)

    def _all(self) -> tuple[Condition | None, int]:
        """Return the condition, and how many terms were read."""
        parts: list[Condition | None] = []
        while self._peek() not in ("", ")", "OR"):
            if self._peek() == "sort":
                self._sort()
                continue
            if self._peek() == "AND":
                operator = self._take()
                if not parts or self._peek() in ("", ")", "OR", "AND", "sort"):
                    raise _needs_both_sides(operator)
            parts.append(self._term())
        return conjunction(parts), len(parts)

    def _term(self) -> Condition | None:
        negations = []
        while self._peek() == "-":
            negations.append(self._take())
        if self._peek() not in ("(", "term"):
            self._refuse_negation(negations)
        token = self._take()
        condition = self._group(token) if token.kind == "(" else token.condition
        if not negations:
            return condition
        if isinstance(condition, Word) and condition.unfinished:
            # Half a word would exclude more than the person is about to say.
            condition = Word(condition.text, condition.is_phrase)
        return negation(condition) if len(negations) % 2 else condition

    def _refuse_negation(self, negations: list[_Token]) -> None:
        if self._peek() == "sort":
            token = self._take()
            raise QueryError("An order cannot be excluded.", negations[-1].start, token.end)
        last = negations[-1]
        name = self._text[last.start : last.end]
        raise QueryError(f"{name} needs something to exclude.", last.start, last.end)

    def _group(self, opened: _Token) -> Condition | None:
        self._open.append(opened)
        if len(self._open) > MAX_DEPTH:
            raise QueryError("Too many parentheses within each other.", opened.start, opened.end)
        if self._peek() == ")":
            closed = self._take()
            raise QueryError("There is nothing in these parentheses.", opened.start, closed.end)
        condition = self._either()
        if self._peek() != ")":
            raise QueryError("This parenthesis is never closed.", opened.start, opened.end)
        self._take()
        self._open.pop()
        return condition

    def _sort(self) -> None:
        token = self._take()
        if self._open:
            raise QueryError("sort: stands outside parentheses.", token.start, token.end)
        if self._order:
            raise QueryError("There is a sort: already.", token.start, token.end)
        self._order = token.order


def _needs_both_sides(operator: _Token) -> QueryError:
    message = f"{operator.kind} needs something on both sides; in quotes it is a word."
    return QueryError(message, operator.start, operator.end)
