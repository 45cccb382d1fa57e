"""Find a field in a TOML front matter, and places for another one.

What is wanted is looked for with simple patterns, which text inside of quotes may fool, and
taken only if the whole then reads as it did but for the one field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsdesk.collection.frontmatter.span import Span
from newsdesk.collection.frontmatter.toml_reader import ASSIGNMENT, TomlError, parsed

_MOST_TRIED = 16  # places; a plain front matter has one
_VALUE = re.compile(
    r"""(true|false|"[^"\\\n\r]*"|'[^'\n\r]*'|[-+]?[0-9][0-9_.]*)"""
    r"""(?=[ \t]*(?:\#[^\n]*)?(?:\r?\n|\Z))"""
)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_BLANK = re.compile(r"^[ \t]*(?:\r?\n)", re.MULTILINE)


def has_field(text: str, name: str) -> bool:
    """Tell whether a front matter has a field, however it is written."""
    return name in parsed(text)


def find_field(text: str, name: str) -> Span | None:
    """Return where a field stands; None for one that is missing.

    Also None for one that is no boolean, number, or text on one line without escapes.
    """
    rest = _said(parsed(text), name)
    tried = 0
    for found in ASSIGNMENT.finditer(text):
        if found[1].strip("\"'") != name or tried >= _MOST_TRIED:
            continue
        tried += 1
        value = _VALUE.match(text, found.end())
        if value is not None and _is_value(text, name, value.span(), rest):
            return _span(found.start(1), value)
    return None


def _span(line: int, value: re.Match[str]) -> Span:
    written = value[1]
    if written in ("true", "false"):
        is_true = written == "true"
        return Span(line, *value.span(), written, is_true, "false" if is_true else "true")
    text = written[1:-1] if written[0] in "\"'" else written
    return Span(line, *value.span(), text)


def _is_value(text: str, name: str, span: tuple[int, int], rest: str) -> bool:
    """Tell whether these characters are the value of the field: another one changes it alone."""
    try:
        fields = parsed(f"{text[: span[0]]}0{text[span[1] :]}")
    except TomlError:
        return False
    return repr(fields.get(name)) == "0" and _said(fields, name) == rest


def insertion_points(text: str) -> Iterator[int]:
    """Yield character offsets of line starts where a field may go, best first."""
    table = _TABLE.search(text)
    end = table.start() if table else len(text)
    blank = _BLANK.search(text, 0, end)
    if blank:
        yield blank.start()
    yield end
    for found, _ in zip(_TABLE.finditer(text), range(_MOST_TRIED), strict=False):
        yield found.start()  # what looked like a table was a line of a list
    yield 0


def new_line(text: str, name: str, value: str) -> str:
    """Return a line that sets a field, with space around `=` if the first one has some."""
    first = ASSIGNMENT.search(text)
    return f"{name}={value}" if first is not None and first[2] == "=" else f"{name} = {value}"


def only_differs_in(name: str, before: str, after: str) -> bool:
    """Prove that both texts say the same but for one field."""
    try:
        return _said(parsed(before), name) == _said(parsed(after), name)
    except TomlError:
        return False


def _said(fields: dict[str, object], name: str) -> str:
    """Return all fields but one in a form in which even nan equals itself."""
    return repr([(key, value) for key, value in fields.items() if key != name])
