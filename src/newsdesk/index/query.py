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

import enum
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from newsdesk.errors import QueryError

MAX_LENGTH = 20_000  # characters; SQLite's own limits are beyond it
MAX_DEPTH = 50  # parentheses within parentheses


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
_ASCENDING_BY_NATURE = frozenset({"title", "provider", "path"})
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
    """A number, or a moment in seconds since 1970, from `low` to `high`, both included."""

    field: str
    low: int | None
    high: int | None


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


def choices(entry: Field, sets: frozenset[str]) -> tuple[str, ...]:
    """Return the values that a field with choices accepts, given the sets that exist."""
    if entry.name == "link":
        return VERDICTS if "link" in sets else ()
    start = entry.name + ":"
    return (*entry.choices, *sorted(name[len(start) :] for name in sets if name.startswith(start)))


# ---- reading terms ---------------------------------------------------------------------------

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_SPACES = re.compile(r"\s*")
_DELIMITER = re.compile(r"[\s()]")
_BARE_VALUE = re.compile(r"[^\s(),]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
# `http://…` is an address, not a field; `16:45` does not begin with a letter.
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):(?!//)")
_COMPARED = re.compile(r"([A-Za-z]+)(>=|<=|>|<|=)")
_NUMBER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_AGE = re.compile(r"\d{1,5}[hdwmy]", re.ASCII)
_NOT_FIELDS = frozenset({"mailto"})
_OPERATORS = frozenset({"OR", "AND", "NOT"})
_HOUR, _DAY = 3600, 86400
_UNITS = {"h": _HOUR, "d": _DAY, "w": 7 * _DAY, "m": 30 * _DAY, "y": 365 * _DAY}
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST = (date.min.toordinal() - _EPOCH) * _DAY
_LAST = (date.max.toordinal() - _EPOCH + 1) * _DAY - 1


class _Token(NamedTuple):
    kind: str  # one of ( ) - OR AND term sort
    start: int
    end: int
    condition: Condition | None = None
    order: tuple[SortKey, ...] = ()


class _Value(NamedTuple):
    text: str
    start: int
    end: int


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


def _read_quoted(text: str, start: int) -> _Value:
    found = _QUOTED.match(text, start)
    if not found:
        raise QueryError("This quote is never closed.", start, len(text))
    return _Value(_ESCAPE.sub(r"\1", found[1]), start, found.end())


def _read_field(text: str, named: re.Match[str], sets: frozenset[str]) -> _Token:
    start = named.start()
    entry = FIELDS.get(named[1].lower())
    if entry is None:
        near = nearest(named[1], FIELDS)
        raise QueryError(
            f"There is no field {_short(named[1])}; in quotes it is text.",
            start,
            named.end(),
            f"{near}:" if near else "",
        )
    values = _read_values(text, named.end(), entry, start)
    end = values[-1].end
    if entry.kind is Kind.SORT:
        return _Token("sort", start, end, order=_sort_keys(values))
    read = _READERS[entry.kind]
    condition = _any_of([read(entry, value, sets) for value in values])
    return _Token("term", start, end, condition)


def _read_values(text: str, position: int, entry: Field, start: int) -> list[_Value]:
    values: list[_Value] = []
    while True:
        if text.startswith('"', position):
            value = _read_quoted(text, position)
        elif found := _BARE_VALUE.match(text, position):
            value = _Value(found[0], position, found.end())
        else:
            value = _Value("", position, position)
        if not value.text.strip():
            mistake = position - 1 if values else start  # the comma, or the field
            raise QueryError(f"{entry.name}: needs a value.", mistake, value.end, entry.example)
        values.append(value)
        if not text.startswith(",", value.end):
            return values
        position = value.end + 1


def _read_text(entry: Field, value: _Value, sets: frozenset[str]) -> Condition:
    return Match(entry.name, value.text)


def _read_topic(entry: Field, value: _Value, sets: frozenset[str]) -> Condition:
    return Match(entry.name, value.text.strip())


def _read_choice(entry: Field, value: _Value, sets: frozenset[str]) -> Condition:
    word = value.text.lower()
    valid = choices(entry, sets)
    if word in valid:
        return Match(entry.name, word) if word in entry.choices else Member(f"{entry.name}:{word}")
    if not valid:
        raise QueryError("No links have been checked yet.", value.start, value.end)
    raise QueryError(
        f"{entry.name}: knows no {_short(value.text)}; it knows {', '.join(valid)}.",
        value.start,
        value.end,
        nearest(word, valid),
    )


def _read_number(entry: Field, value: _Value, sets: frozenset[str]) -> Condition:
    if value.text.lower() == "none":
        return Missing(entry.name)
    text = value.text.replace("\N{MINUS SIGN}", "-")
    low, dots, high = text.partition("..")
    if dots:
        return _span(entry, value, (low, _whole(low)), (high, _whole(high)))
    operator, number = _split_operator(text)
    if (bound := _whole(number)) is None:
        raise _bad_value(entry, value, "is no whole number")
    return _compared(entry.name, operator, bound, bound)


def _whole(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _read_date(entry: Field, value: _Value, sets: frozenset[str]) -> Condition:
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
    return _seconds(first), _seconds(last) + _DAY - 1


def _seconds(day: date) -> int:
    return (day.toordinal() - _EPOCH) * _DAY


def age_seconds(age: str) -> int:
    """Return how many seconds an age such as `7d` is; a month has 30 days, a year 365."""
    return int(age[:-1]) * _UNITS[age[-1]]


def _age_compared(entry: Field, value: _Value, operator: str, age: str) -> Condition:
    if operator in ("", "="):
        near = f"{entry.name}:<{age}"
        raise QueryError(
            f"An age needs < (younger) or > (older): {_short(age)}.", value.start, value.end, near
        )
    inclusive = operator.endswith("=")
    if operator.startswith("<"):
        return Age(entry.name, "", age, inclusive)
    return Age(entry.name, age, "", inclusive)


def _age_span(entry: Field, value: _Value, newest: str, oldest: str) -> Condition:
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
    entry: Field, value: _Value, first: tuple[str, int | None], last: tuple[str, int | None]
) -> Range:
    """Return the range between two ends, each as typed and as understood; one may be open."""
    (low_text, low), (high_text, high) = first, last
    if (low_text and low is None) or (high_text and high is None) or low is high is None:
        raise _bad_value(entry, value, "is no range")
    if low is not None and high is not None and low > high:
        near = f"{entry.name}:{high_text}..{low_text}"
        raise QueryError("This range ends before it begins.", value.start, value.end, near)
    return Range(entry.name, low, high)


def _bad_value(entry: Field, value: _Value, complaint: str) -> QueryError:
    hint = nearest(value.text, ("none",)) or entry.example
    if dashed := re.fullmatch(r"(\d{1,15})-(\d{1,15})", value.text, re.ASCII):
        hint = f"{entry.name}:{dashed[1]}..{dashed[2]}" if entry.kind is Kind.NUMBER else hint
    return QueryError(f"{_short(value.text)} {complaint}.", value.start, value.end, hint)


def _sort_keys(values: list[_Value]) -> tuple[SortKey, ...]:
    keys: list[SortKey] = []
    for value in values:
        name, dash, direction = value.text.lower().partition("-")
        if name not in SORT_FIELDS or (dash and direction not in ("asc", "desc")):
            near = nearest(name, SORT_FIELDS)
            raise QueryError(
                f"There is no order {_short(value.text)}; there are {', '.join(SORT_FIELDS)},"
                " each with -asc or -desc.",
                value.start,
                value.end,
                near and f"sort:{near}",
            )
        if any(key.field == name for key in keys):
            raise QueryError(f"This sorts by {name} twice.", value.start, value.end)
        descending = direction == "desc" if dash else name not in _ASCENDING_BY_NATURE
        keys.append(SortKey(name, descending))
    return tuple(keys)


_READERS: dict[Kind, Callable[[Field, _Value, frozenset[str]], Condition]] = {
    Kind.TOPIC: _read_topic,
    Kind.TEXT: _read_text,
    Kind.DOMAIN: _read_text,
    Kind.NUMBER: _read_number,
    Kind.DATE: _read_date,
    Kind.CHOICE: _read_choice,
}


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


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return the valid word that looks most like `word`, or an empty text."""
    import difflib  # only a mistake pays for it

    near = difflib.get_close_matches(word[:60].lower(), list(valid), n=1, cutoff=0.6)
    return near[0] if near else ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# ---- putting terms together ------------------------------------------------------------------


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
        return _any_of(parts)

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
        return _all_of(parts), len(parts)

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
        return _negated(condition) if len(negations) % 2 else condition

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


def _all_of(parts: Sequence[Condition | None]) -> Condition | None:
    flat: list[Condition] = []
    for part in parts:
        if part is not None:
            flat.extend(part.parts if isinstance(part, And) else (part,))
    return And(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def _any_of(parts: Sequence[Condition | None]) -> Condition | None:
    flat: list[Condition] = []
    for part in parts:
        if part is not None:
            flat.extend(part.parts if isinstance(part, Or) else (part,))
    return Or(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def _negated(part: Condition | None) -> Condition | None:
    if part is None:
        return None
    return part.part if isinstance(part, Not) else Not(part)


# ---- working with queries --------------------------------------------------------------------


def all_of(*queries: Query) -> Query:
    """Return the query that asks for all of the queries; the last order given wins."""
    order: tuple[SortKey, ...] = ()
    for query in queries:
        order = query.order or order
    combined = Query("", _all_of([query.condition for query in queries]), order)
    return Query(unparse(combined), combined.condition, order)


def words_of(query: Query) -> list[str]:
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
    found = _BARE_VALUE.fullmatch(value)
    return value if found and not value.startswith('"') else quoted(value)


def _text(condition: Condition) -> str:
    if isinstance(condition, And):
        return " ".join(_grouped(part, Or) for part in condition.parts)
    if isinstance(condition, Or):
        return _comma_text(condition) or " OR ".join(map(_text, condition.parts))
    if isinstance(condition, Not):
        return "-" + _grouped(condition.part, And, Or)
    if isinstance(condition, Word):
        return condition.text if _is_bare(condition) else quoted(condition.text)
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


def _is_bare(word: Word) -> bool:
    text = word.text
    return not (
        word.is_phrase
        or _DELIMITER.search(text)
        or text.startswith(("-", '"'))
        or text in _OPERATORS
        or _FIELD.match(text)
        or _compared_field(text)
    )


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
    if not high:
        return f">={low}"
    if not low:
        return f"<={high}"
    return low if low == high else f"{low}..{high}"


def _bounds(span: Range) -> tuple[str, str]:
    """Return both ends as they are typed, empty where open."""
    show = _day if FIELDS[span.field].kind is Kind.DATE else str
    return (
        "" if span.low is None else show(span.low),
        "" if span.high is None else show(span.high),
    )


def _day(seconds: int) -> str:
    return date.fromordinal(seconds // _DAY + _EPOCH).isoformat()


def _sort_text(key: SortKey) -> str:
    if key.descending == (key.field not in _ASCENDING_BY_NATURE):
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
        return f"{name} {f'from {low} ' if low else ''}{f'to {high}' if high else ''}".rstrip()
    return f"{name} {value}"
