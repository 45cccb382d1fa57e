"""Read the values of link check options; each function raises `Unusable` for invalid ones."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Mapping
from typing import Any

from newsdesk.errors import UsageError
from newsdesk.links.cache import ages_for
from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS, IMAGE_FIELDS
from newsdesk.links.policy import LANGUAGE_TAG, Accepted, BoundHeader
from newsdesk.suggest import nearest
from newsdesk.workspace.settings.definitions import Unusable

_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)([hdw]?)", re.ASCII)
_HEADER = re.compile(r"(https?://[^\s/]+)/?\s+([^\s:]+):\s*(.*)", re.DOTALL)
_STATUS = re.compile(r"[1-9]\d\d", re.ASCII)
_FIELD_LISTS = {"default": DEFAULT_FIELDS, "images": IMAGE_FIELDS, "all": ALL_FIELDS}
_MAX_NUMBER = 1e6
MAX_GLOBS = 200  # of a collection, for each of include and exclude
# Syntax of regular expressions that hardly occurs in URLs; `https://intranet.*` is a glob.
_NO_GLOB = re.compile(r"^\^|\$$|\\|(?<!\w)\.\*|\.\+|\(\?|\||s\?:|\)[*+?{]|\]\+")


def read_texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; a single text is a list of one. Raises `Unusable`."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise Unusable("Not a list of texts.", 'Write for example ["one", "other"].')
    return tuple(texts)


def read_patterns(value: object) -> tuple[str, ...]:
    """Return regular expressions; raises `Unusable`."""
    patterns = read_texts(value)
    for pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise Unusable(
                f"Invalid pattern {pattern}: {error}.",
                "Write \\. for a literal dot.",
            ) from None
    return patterns


def read_globs(value: object) -> tuple[str, ...]:
    """Return globs as regular expressions for `Policy`; raises `Unusable`.

    A collection's regular expression could take exponential time (`(a+)+$`). A glob cannot:
    the result of `fnmatch.translate` never backtracks behind a `*`.
    """
    globs = read_texts(value)
    if len(globs) > MAX_GLOBS:
        raise Unusable(f"More than {MAX_GLOBS} patterns.", "Write fewer patterns.")
    for glob in globs:
        if _NO_GLOB.search(glob) or not glob.startswith(("http", "*", "?", "[")):
            raise Unusable(
                f"{_quoted(glob)} is not a glob for a whole URL, which a collection must use.",
                f'Write for example "{glob_for(glob)}".',
            )
    return tuple(rf"\A{fnmatch.translate(glob)}" for glob in globs)


def glob_for(pattern: str) -> str:
    """Return a glob that approximates a simple regular expression."""
    text = pattern.removeprefix("^").removesuffix("$").replace("s?:", "*:")
    text = re.sub(r"\\[dwsDWSbB]|\[[^\]]*\]|\([^()]*\)", "*", text)
    text = re.sub(r"\\(.)|[.*][*+?]*|[()+|{}^$]", lambda found: found[1] or "*", text)
    start = "" if pattern.startswith("^") else "*"
    end = "" if pattern.endswith("$") else "*"
    glob = re.sub(r"\*+", "*", f"{start}{text}{end}")[:60]
    return glob if glob.strip("*") else "*/login*"


def read_fields(value: object) -> frozenset[str]:
    """Return the fields for names and lists of names; raises `Unusable`."""
    texts = read_texts(value)
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    known = (*_FIELD_LISTS, *sorted(ALL_FIELDS))
    if not names:
        raise Unusable("No field is given.", f"Use one of {', '.join(known)}.")
    for name in names:
        if name not in known:
            near = nearest(name, known)
            remedy = f"Did you mean {near}?" if near else f"Use one of {', '.join(known)}."
            raise Unusable(f"{name} is not a field with URLs.", remedy)
    return frozenset().union(*(_FIELD_LISTS.get(name, frozenset({name})) for name in names))


def read_languages(value: object) -> tuple[str, ...]:
    """Return language tags in order of preference; raises `Unusable`."""
    texts = (tag for text in read_texts(value) for tag in text.split(","))
    tags = [tag.strip().replace("_", "-") for tag in texts]
    for tag in tags:
        if not LANGUAGE_TAG.fullmatch(tag):
            raise Unusable(
                f"{_quoted(tag)} is not a language tag.", 'Write for example ["de-AT", "en"].'
            )
    return tuple(tags)


def read_accepted(value: object) -> tuple[Accepted, ...]:
    """Return the statuses that count as a page, by host; raises `Unusable`."""
    rules = []
    for text in read_texts(value):
        host, _, statuses = text.rpartition("=")
        numbers = [number.strip() for number in statuses.split(",")]
        if not all(_STATUS.fullmatch(number) for number in numbers):
            raise Unusable(
                f"Invalid value {text}.", "Write statuses: 403 or *.example.com=403,429."
            )
        rules.append(Accepted(host.strip() or "*", frozenset(map(int, numbers))))
    return tuple(rules)


def read_headers(value: object) -> tuple[BoundHeader, ...]:
    """Return headers with their origins; raises `Unusable`, which never quotes a header."""
    headers = []
    for text in read_texts(value):
        found = _HEADER.fullmatch(text.strip())
        if found is None:
            raise Unusable("Invalid header.", "Write 'https://example.com Name: value', in quotes.")
        try:
            headers.append(BoundHeader(*found.groups()))
        except UsageError as error:
            raise Unusable(error.message, error.remedy) from None
    return tuple(headers)


def read_seconds(value: object) -> float:
    """Return seconds, 0 or more; raises `Unusable`."""
    number = _number(value)
    if number is None or not 0 <= number < _MAX_NUMBER:
        raise Unusable(f"{_quoted(value)} is not a number of seconds.", "Write for example 0.5.")
    return number


def read_positive_seconds(value: object) -> float:
    """Return seconds, more than 0; raises `Unusable`."""
    if (number := read_seconds(value)) == 0:
        raise Unusable("Must be more than 0 seconds.", "Write for example 20.")
    return number


def read_count(value: object) -> int:
    """Return a whole number of at least 1; raises `Unusable`."""
    number = _number(value)
    if number is None or number != int(number) or not 1 <= number < _MAX_NUMBER:
        raise Unusable(f"{_quoted(value)} is not a whole number from 1.", "Write for example 4.")
    return int(number)


def read_ages(value: object) -> Mapping[Any, float]:
    """Return how long verdicts are reused, from `12h`, `3d`, `2w` or days; raises `Unusable`."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    found = _AGE.fullmatch(str(value)) if is_number or isinstance(value, str) else None
    if found is None:
        raise Unusable(f"{_quoted(value)} is not an age.", "Write for example 12h, 3d or 0.")
    return ages_for(float(found[1]) * _HOURS[found[2] or "d"] / 24)


def read_boolean(value: object) -> bool:
    """Return a boolean; raises `Unusable`."""
    if isinstance(value, str):  # from an environment variable
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if not isinstance(value, bool):
        raise Unusable(f"{_quoted(value)} is neither true nor false.", "Write true or false.")
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _quoted(value: object) -> str:
    return str(value)[:60] or "Empty text"
