"""Turn a query tree into SQL for the index; what a person typed is only ever bound, never text."""

from __future__ import annotations

import functools
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from newsdesk.index import schema
from newsdesk.index.folding import contains_search_form, search_form
from newsdesk.index.query.ast import (
    DEFAULT_ORDER,
    FIELDS,
    STORY,
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
from newsdesk.index.query.values import age_seconds
from newsdesk.text import comparison_key

Members = Callable[[str], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Clause:
    """SQL and the values bound to its question marks."""

    sql: str
    parameters: tuple[object, ...] = ()


def no_members(name: str) -> Iterable[int]:
    """Return the ids of a set that nobody keeps: none."""
    return ()


def where(
    condition: Condition | None,
    *,
    now: datetime,
    last_word_is_prefix: bool = False,
    members: Members = no_members,
) -> Clause:
    """Return what stands after WHERE to select the rows of `articles` that match.

    `now` (aware) is what ages count from. With `last_word_is_prefix` a word that the text ends
    in matches the beginning of words. `members` returns the ids in a set, such as `is:marked`.
    The connection needs `register_functions`.
    """
    if condition is None:
        return Clause("1")
    compiler = _Compiler(int(now.timestamp()), last_word_is_prefix, members)
    part = compiler.part(condition, wanted=True)
    return Clause(f"({part.sql})", part.parameters)


def order_by(order: Sequence[SortKey]) -> str:
    """Return what stands after ORDER BY; ties go by path, missing values last both ways."""
    keys = [_ORDERS[key.field, key.descending] for key in order]
    if all(key.field != "path" for key in order):
        keys.append("path")
    return ", ".join(keys)


def select_ids(
    query: Query,
    *,
    now: datetime,
    last_word_is_prefix: bool = False,
    members: Members = no_members,
) -> Clause:
    """Return the statement that yields the ids of the matching articles, in order."""
    found = where(
        query.condition, now=now, last_word_is_prefix=last_word_is_prefix, members=members
    )
    return Clause(
        f"SELECT id FROM articles WHERE {found.sql} ORDER BY {_fastest_order(query)}",  # noqa: S608
        found.parameters,
    )


def sizes_of_equals(key: SortKey) -> Clause:
    """Return the statement that tells how many articles have each value of a key, in its order.

    As numbers with commas between them; those without a value are not counted.
    """
    column, is_missing = _MISSING[key.field]
    direction = "DESC" if key.descending else "ASC"
    sizes = (
        f"SELECT count(*) AS size FROM articles WHERE NOT {is_missing} "  # noqa: S608 - no values
        f"GROUP BY {column} ORDER BY {column} {direction}"
    )
    return Clause(f"SELECT group_concat(size) FROM ({sizes})", ())  # noqa: S608 - no values


def _fastest_order(query: Query) -> str:
    order = query.order or DEFAULT_ORDER
    wanted = _columns(query.condition) if query.condition is not None else set()
    if wanted <= schema.IN_ORDER_INDEX.get(order[0].field, frozenset()):
        return order_by(order)
    # Following the index would fetch every row from all over the file; reading the table through
    # and sorting is several times faster. The plus hides the index.
    return f"+{order_by(order)}"


@dataclass(frozen=True, slots=True)
class Parts:
    """A condition in parts that all must hold: ids that others know, and what rows must say.

    Each of `id_sets` is a statement that yields ids, `excluded` are those of which none may be
    in; `status` is the code of the one status wanted; `rest` is None if nothing is left.
    """

    id_sets: tuple[Clause, ...]
    excluded: tuple[Clause, ...]
    status: int | None
    rest: Condition | None


def in_parts(
    condition: Condition | None, *, last_word_is_prefix: bool = False, members: Members = no_members
) -> Parts:
    """Take out of a condition what tables other than `articles` answer by themselves."""
    parts = condition.parts if isinstance(condition, And) else (condition,) if condition else ()
    compiler = _Compiler(0, last_word_is_prefix, members)
    words = [part for part in parts if _is_about(part, _is_token)]
    no_words = [part for part in parts if isinstance(part, Not) and _is_token(part.part)]
    id_sets, excluded, rest = [], [], []
    status = None
    if words:
        match = compiler.match(words, [part.part for part in no_words])
        id_sets.append(Clause(_MATCHING[1:-1], (match,)))
    for part in parts:
        if words and (part in words or part in no_words):
            continue
        if _is_about(part, _is_topic):
            names = [one.value for one in _alternatives(part) if isinstance(one, Match)]
            id_sets.append(
                Clause(_WITH_TOPICS[1:-1], (json.dumps(list(map(comparison_key, names))),))
            )
        elif isinstance(part, Member):
            id_sets.append(_of_members(part, members))
        elif isinstance(part, Not) and isinstance(part.part, Member):
            excluded.append(_of_members(part.part, members))
        elif status is None and isinstance(part, Match) and FIELDS[part.field].column == "status":
            status = _STATUS[part.value]
        else:
            rest.append(part)
    return Parts(tuple(id_sets), tuple(excluded), status, conjunction(rest))


def _of_members(member: Member, members: Members) -> Clause:
    return Clause(_OF_MEMBERS, (json.dumps(list(members(member.name))),))


def _alternatives(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, Or) else (condition,)


def _is_about(condition: Condition, kind: Callable[[Condition], bool]) -> bool:
    """Tell whether a condition is of a kind, or a choice between conditions of that kind."""
    return all(map(kind, _alternatives(condition)))


def _is_topic(condition: Condition) -> bool:
    return isinstance(condition, Match) and FIELDS[condition.field].kind is Kind.TOPIC


def count(
    query: Query,
    *,
    now: datetime,
    last_word_is_prefix: bool = False,
    members: Members = no_members,
) -> Clause:
    """Return the statement that yields how many articles match."""
    found = where(
        query.condition, now=now, last_word_is_prefix=last_word_is_prefix, members=members
    )
    return Clause(
        f"SELECT count(*) FROM articles WHERE {found.sql}",  # noqa: S608
        found.parameters,
    )


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the schema and clauses call."""
    connection.create_function("search_folded", 1, search_form, deterministic=True)
    connection.create_function("folded_contains", 2, contains_search_form, deterministic=True)


def _needle(text: str) -> str:
    # An accent alone is folded to nothing, which everything contains.
    return search_form(text) or text


# ---- order -----------------------------------------------------------------------------------

# In SQLite a NULL is smaller than everything, so descending order has it last by itself and can
# follow the index on heat.
_ORDERS: dict[tuple[str, bool], str] = {("path", False): "path", ("path", True): "path DESC"}
_MISSING = {"path": ("path", "(path IS NULL)")}  # field -> (what is compared, where it is missing)
for _name, _column in (("heat", "heat"), ("quality", "quality"), ("date", "published_at")):
    _MISSING[_name] = (_column, f"({_column} IS NULL)")
    _ORDERS[_name, True] = f"{_column} DESC"
    _ORDERS[_name, False] = f"{_column} ASC NULLS LAST"
for _name, _column in (("title", "title"), ("provider", schema.SOURCE)):
    _MISSING[_name] = (f"{_column} COLLATE NOCASE", f"({_column} = '')")
    _ORDERS[_name, False] = f"{_column} = '', {_column} COLLATE NOCASE"
    _ORDERS[_name, True] = f"{_column} = '', {_column} COLLATE NOCASE DESC"


def _columns(condition: Condition) -> set[str]:
    """Return the columns of `articles` that must be read to decide a condition."""
    if isinstance(condition, And | Or):
        return {column for part in condition.parts for column in _columns(part)}
    if isinstance(condition, Not):
        return _columns(condition.part)
    if isinstance(condition, Member) or _is_token(condition):
        return set()
    if isinstance(condition, Word):
        return set(_WORD_COLUMNS)
    column = FIELDS[condition.field].column
    return {column} if column else set()


# ---- words -----------------------------------------------------------------------------------

# The tokenizer takes a run of these for one word, or knows none of them: look inside.
_WITHOUT_SPACES = (
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u1cf2\u1cf3"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\ua9e0-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc"
    "\U0001b000-\U0001b16f\U00020000-\U000323af]"
)
_WORD_COLUMNS = ("title", "excerpt", "provider")
_MATCHING = "(SELECT rowid AS id FROM words WHERE words MATCH ?)"
# Whoever keeps the set may know articles that are gone.
_OF_MEMBERS = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
_WITH_TOPICS = (
    "(SELECT article_id AS id FROM article_topics WHERE topic_id IN"
    " (SELECT id FROM topics WHERE folded IN (SELECT value FROM json_each(?))))"
)


def has_unspaced_script(text: str) -> bool:
    """Tell whether text holds letters of a script that puts no spaces between words."""
    return not text.isascii() and _without_spaces().search(text) is not None


@functools.cache
def _without_spaces() -> re.Pattern[str]:
    return re.compile(_WITHOUT_SPACES)  # which takes milliseconds: not at every start


def _is_token(condition: Condition) -> bool:
    """Tell whether the full-text table can answer; emoji are no token, a run of kanji is one."""
    return (
        isinstance(condition, Word)
        and not has_unspaced_script(condition.text)
        and any(char.isalnum() for char in condition.text)
    )


# ---- conditions ------------------------------------------------------------------------------

_STATUS = {status.value: code for status, code in schema.STATUS_CODES.items()}
_FLAGS = {
    "image": schema.HAS_IMAGE,
    "related": schema.HAS_RELATED,
    "secured": schema.HAS_SECURED,
    "body": schema.HAS_BODY,
    "url": schema.HAS_URL,
    "problems": schema.HAS_PROBLEMS,
}


class _Part(NamedTuple):
    """A piece of SQL, its values, how deep its parentheses go, and AND or OR if bare inside."""

    sql: str
    parameters: tuple[object, ...] = ()
    depth: int = 0
    operator: str = ""


class _Compiler:
    """Compiles one condition. `wanted` false means: the rows that do not match.

    Negations are pushed down to the leaves: NULL needs care in the leaves only, and the SQL
    stays flat enough for SQLite's parser, whose stack holds a hundred symbols.
    """

    def __init__(self, now: int, last_word_is_prefix: bool, members: Members) -> None:
        self._now = now
        self._last_word_is_prefix = last_word_is_prefix
        self._members = members

    def part(self, condition: Condition, wanted: bool) -> _Part:
        if isinstance(condition, Not):
            return self.part(condition.part, not wanted)
        if isinstance(condition, And):
            return self._all(condition, wanted)
        if isinstance(condition, Or):
            return self._any(condition, wanted)
        if isinstance(condition, Word):
            return self._word(condition, wanted)
        if isinstance(condition, Match):
            return _match(condition, wanted)
        if isinstance(condition, Member):
            ids = json.dumps(list(self._members(condition.name)))
            return _among("(SELECT value FROM json_each(?))", ids, wanted)
        if condition.field == STORY and isinstance(condition, Missing | Range):
            return _of_stories(condition, wanted)
        column = FIELDS[condition.field].column
        if isinstance(condition, Missing):
            return _Part(f"{column} IS {'' if wanted else 'NOT '}NULL")
        if isinstance(condition, Range):
            return _within(column, condition, wanted)
        return self._age(column, condition, wanted)

    def _all(self, condition: And, wanted: bool) -> _Part:
        """Join the parts by AND; all that is about words becomes one MATCH."""
        matched, excluded, rest = [], [], []
        for part in condition.parts:
            if _is_about(part, _is_token):
                matched.append(part)
            elif isinstance(part, Not) and _is_token(part.part):
                excluded.append(part.part)
            else:
                rest.append(self.part(part, wanted))
        if matched:
            rest.append(_among(_MATCHING, self.match(matched, excluded), wanted))
        elif excluded:
            words = " OR ".join(map(self._tokens, excluded))
            rest.append(_among(_MATCHING, words, not wanted))
        return _joined(rest, "AND" if wanted else "OR")

    def match(self, wanted: Sequence[Condition], excluded: Sequence[Condition]) -> str:
        """Return the full-text expression of words that must occur and words that must not."""
        expression = " AND ".join(map(self._tokens, wanted))
        if excluded:
            expression = f"({expression}) NOT ({' OR '.join(map(self._tokens, excluded))})"
        return expression

    def _any(self, condition: Or, wanted: bool) -> _Part:
        """Join the parts by OR; all words become one MATCH, all topics one list."""
        words, topics, rest = [], [], []
        for part in condition.parts:
            if _is_token(part):
                words.append(self._tokens(part))
            elif isinstance(part, Match) and FIELDS[part.field].kind is Kind.TOPIC:
                topics.append(part.value)
            else:
                rest.append(self.part(part, wanted))
        if words:
            rest.append(_among(_MATCHING, " OR ".join(words), wanted))
        if topics:
            rest.append(_about(topics, wanted))
        return _joined(rest, "OR" if wanted else "AND")

    def _word(self, word: Word, wanted: bool) -> _Part:
        if _is_token(word):
            return _among(_MATCHING, self._tokens(word), wanted)
        if word.text == word.text.casefold() == word.text.upper():
            # Nothing here has two cases: SQLite's own search will do, and is faster.
            tests = [_Part(f"instr({column}, ?)", (word.text,)) for column in _WORD_COLUMNS]
        else:
            needle = (_needle(word.text),)
            tests = [_Part(f"folded_contains({column}, ?)", needle) for column in _WORD_COLUMNS]
        found = _joined(tests, "OR")
        return found if wanted else _Part(f"NOT ({found.sql})", found.parameters, 1)

    def _tokens(self, condition: Condition) -> str:
        """Return the full-text expression of a word, or of several in an OR."""
        if isinstance(condition, Or):
            return f"({' OR '.join(map(self._tokens, condition.parts))})"
        if not isinstance(condition, Word):
            raise TypeError(f"{condition!r} is no word")
        # Between quotes FTS5 obeys nothing but the quote itself, which is doubled.
        quoted = '"' + search_form(condition.text).replace('"', '""') + '"'
        return quoted + "*" * (condition.unfinished and self._last_word_is_prefix)

    def _age(self, column: str, age: Age, wanted: bool) -> _Part:
        newest = self._now - age_seconds(age.newest) if age.newest else None
        oldest = self._now - age_seconds(age.oldest) if age.oldest else None
        equal = "=" if age.inclusive else ""
        return _between(column, (f">{equal}", oldest), (f"<{equal}", newest), wanted)


def _of_stories(sizes: Missing | Range, wanted: bool) -> _Part:
    """Compare how many sources a story has; an article in no story is one that is alone."""
    span = Range(STORY, 1, 1) if isinstance(sizes, Missing) else sizes
    holds_alone = span.holds(1)
    found = _within("size", span, wanted=not holds_alone)
    negation = "NOT IN" if holds_alone == wanted else "IN"
    ids = f"(SELECT article_id FROM stories WHERE {found.sql})"  # noqa: S608 - values are bound
    return _Part(f"id {negation} {ids}", found.parameters)


def _match(match: Match, wanted: bool) -> _Part:
    entry = FIELDS[match.field]
    if entry.kind is Kind.TOPIC:
        return _about([match.value], wanted)
    if entry.column == "status":
        return _Part(f"status {'=' if wanted else '<>'} ?", (_STATUS[match.value],))
    if entry.column == "flags":
        return _Part(f"flags & ? {'<>' if wanted else '='} 0", (_FLAGS[match.value],))
    if entry.kind is Kind.DOMAIN and "." in match.value and not match.value.endswith("."):
        # With a dot in front and a slash behind, the domain and its subdomains look alike.
        return _contains(f"'.' || {entry.column} || '/'", f".{match.value.lstrip('.')}/", wanted)
    return _contains(entry.column, match.value, wanted)


def _contains(text: str, needle: str, wanted: bool) -> _Part:
    negation = "" if wanted else "NOT "
    plain = _needle(needle)
    if not plain.isascii():
        return _Part(f"{negation}folded_contains({text}, ?)", (plain,))
    # Texts beyond ASCII are looked at one by one, which takes longer than SQLite's own search.
    pattern = re.sub(r"([\\%_])", r"\\\1", plain)
    is_like = f"{text} LIKE ? ESCAPE '\\'"
    is_beyond_ascii = f"length({text}) <> length(CAST({text} AS BLOB))"
    is_collapsed = f"{is_beyond_ascii} AND folded_contains({text}, ?)"
    return _Part(f"{negation}({is_like} OR {is_collapsed})", (f"%{pattern}%", plain), 1)


def _about(topics: list[str], wanted: bool) -> _Part:
    names = json.dumps([comparison_key(topic) for topic in topics])
    return _among(_WITH_TOPICS, names, wanted)


def _among(ids: str, value: str, wanted: bool) -> _Part:
    return _Part(f"id {'IN' if wanted else 'NOT IN'} {ids}", (value,))


def _within(column: str, span: Range, wanted: bool) -> _Part:
    equal = "" if span.excludes_ends else "="
    return _between(column, (f">{equal}", span.low), (f"<{equal}", span.high), wanted)


def _between(
    column: str, low: tuple[str, float | None], high: tuple[str, float | None], wanted: bool
) -> _Part:
    """Compare a column with one or two ends, each an operator and a number or None."""
    ends = [(operator, end) for operator, end in (low, high) if end is not None]
    inside = " AND ".join(f"{column} {operator} ?" for operator, _ in ends)
    sql = f"({inside})" if wanted else f"({column} IS NULL OR NOT ({inside}))"
    return _Part(sql, tuple(end for _, end in ends), 1)


def _joined(parts: list[_Part], operator: str) -> _Part:
    """Join parts, the deepest first: what is read already takes no room on the parser's stack.

    The others form a balanced tree, because SQLite limits the depth of an expression too.
    """
    first, *others = sorted(parts, key=lambda part: part.depth, reverse=True)
    return _pair(first, _balanced(others, operator), operator) if others else first


def _balanced(parts: list[_Part], operator: str) -> _Part:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return _pair(_balanced(parts[:middle], operator), _balanced(parts[middle:], operator), operator)


def _pair(left: _Part, right: _Part, operator: str) -> _Part:
    """Join two parts with as few parentheses as AND and OR need, and a balanced tree."""
    if left.operator == "OR" and operator == "AND":
        left = _in_parentheses(left)
    if right.operator == operator or (right.operator == "OR" and operator == "AND"):
        right = _in_parentheses(right)
    return _Part(
        f"{left.sql} {operator} {right.sql}",
        left.parameters + right.parameters,
        max(left.depth, right.depth),
        operator,
    )


def _in_parentheses(part: _Part) -> _Part:
    return _Part(f"({part.sql})", part.parameters, part.depth + 1)
