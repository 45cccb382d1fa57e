"""Answer queries from a list in memory, in the plainest way: what the index must agree with."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsdesk.index.query.ast import (
    DEFAULT_ORDER,
    Age,
    And,
    Condition,
    Match,
    Member,
    Missing,
    Not,
    Or,
    Query,
    Range,
    SortKey,
    Word,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a query can ask about an article; times in seconds since 1970, numbers or None."""

    id: int
    path: str
    title: str = ""
    excerpt: str = ""
    status: str = "unset"
    date: int | None = None
    quality: float | None = None
    heat: float | None = None
    category: str = ""
    type: str = ""
    provider: str = ""
    domain: str = ""
    topics: tuple[str, ...] = ()
    carries: frozenset[str] = frozenset()
    story: int = 1


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Filters and sorts. `now` in seconds since 1970; `members` are the ids in each set."""

    now: int
    last_word_is_prefix: bool = False
    members: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def ids(self, query: Query, entries: Sequence[Entry]) -> list[int]:
        found = [
            entry
            for entry in entries
            if query.condition is None or self.fits(query.condition, entry)
        ]
        found.sort(key=lambda entry: entry.path)
        for key in reversed(query.order or DEFAULT_ORDER):
            found = _sorted(found, key)
        return [entry.id for entry in found]

    def fits(self, condition: Condition, entry: Entry) -> bool:
        match condition:
            case And(parts):
                return all(self.fits(part, entry) for part in parts)
            case Or(parts):
                return any(self.fits(part, entry) for part in parts)
            case Not(part):
                return not self.fits(part, entry)
            case Word():
                texts = (entry.title, entry.excerpt, entry.provider)
                prefix = condition.unfinished and self.last_word_is_prefix
                return any(_says(text, condition.text, prefix) for text in texts)
            case Match(name, value):
                return _matches(entry, name, value)
            case Member(name):
                return entry.id in self.members[name]
            case Missing("story"):
                return entry.story == 1
            case Missing(name):
                return getattr(entry, name) is None
            case Range(name, low, high, excludes_ends):
                value = getattr(entry, name)
                return (
                    value is not None
                    and not (excludes_ends and value in (low, high))
                    and (low is None or low <= value)
                    and (high is None or value <= high)
                )
            case Age(name):
                moment = getattr(entry, name)
                return moment is not None and _is_aged(self.now - moment, condition)
        raise AssertionError(condition)


def _is_aged(seconds: int, age: Age) -> bool:
    lengths = {"h": 3600, "d": 86400, "w": 604800, "m": 2592000, "y": 31536000}
    newest = int(age.newest[:-1]) * lengths[age.newest[-1]] if age.newest else None
    oldest = int(age.oldest[:-1]) * lengths[age.oldest[-1]] if age.oldest else None
    if age.inclusive and seconds in (newest, oldest):
        return True
    return (newest is None or seconds > newest) and (oldest is None or seconds < oldest)


def _matches(entry: Entry, field: str, value: str) -> bool:
    if field == "topic":
        return _without_accents(value) in [_without_accents(topic) for topic in entry.topics]
    if field == "is":
        return entry.status == value
    if field == "has":
        return value in entry.carries
    if field == "domain" and "." in value and not value.endswith("."):
        host = value.lstrip(".")
        labels = _searched(entry.domain).split(".")
        wanted = _searched(host).split(".")
        return labels[-len(wanted) :] == wanted
    return _contains(getattr(entry, field), value)


def _contains(text: str, value: str) -> bool:
    return _searched(value) in _searched(text)


def _says(text: str, word: str, prefix: bool) -> bool:
    wanted = _tokens(word)
    if not wanted or any(_runs_on(char) for char in word):
        return _searched(word) in _searched(text)
    have = _tokens(text)
    for start in range(len(have) - len(wanted) + 1):
        *heads, last = have[start : start + len(wanted)]
        if heads == wanted[:-1] and (
            last == wanted[-1] or (prefix and last.startswith(wanted[-1]))
        ):
            return True
    return False


def _runs_on(char: str) -> bool:
    """Scripts that put no space between words, by the names of their letters."""
    name = unicodedata.name(char, "")
    return name.startswith(("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "IDEOGRAPHIC"))


def _tokens(text: str) -> list[str]:
    """Runs of letters and digits, without case and accents."""
    return "".join(char if char.isalnum() else " " for char in _searched(text)).split()


def _sorted(entries: list[Entry], key: SortKey) -> list[Entry]:
    def value(entry: Entry) -> float | str | None:
        if key.field == "provider":
            return _ascii_lower(entry.domain or entry.provider) or None
        if key.field == "title":
            return _ascii_lower(entry.title) or None
        return getattr(entry, key.field)

    there = [entry for entry in entries if value(entry) is not None]
    missing = [entry for entry in entries if value(entry) is None]
    # Python keeps the order of ties in reverse, too.
    return sorted(there, key=value, reverse=key.descending) + missing  # type: ignore[arg-type]


def _ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _searched(text: str) -> str:
    """Fold case everywhere, and accents in the scripts whose letters remain the same without."""
    found = ""
    for char in unicodedata.normalize("NFC", text).casefold():
        name = unicodedata.name(char, "")
        if name.startswith(("LATIN", "GREEK", "CYRILLIC", "COMBINING")):
            found += _without_accents(char.replace("ł", "l").replace("æ", "ae").replace("ı", "i"))
        else:
            found += char
    return found


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))
