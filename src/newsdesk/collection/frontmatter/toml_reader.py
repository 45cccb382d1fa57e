"""Read a TOML front matter within limits: its size, and how deep its values are nested."""

from __future__ import annotations

import re

from newsdesk.collection.article import Problem
from newsdesk.collection.frontmatter.yaml_reader import MAX_DEPTH, ParsedFields

MAX_TEXT = 32 * 1024  # characters; tomllib is slow on hostile ones
# A name of so many parts that reading it takes seconds: tomllib looks each of them up anew.
_LONG_NAME = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"""
    rf"{{{MAX_DEPTH}}}"
)
_PLACE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
ASSIGNMENT = re.compile(
    r"""^[ \t]*("[^"\\\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)([ \t]*=[ \t]*)""", re.MULTILINE
)
_TABLE = re.compile(r"^[ \t]*\[{1,2}[ \t]*([A-Za-z0-9_-]+)", re.MULTILINE)


class TomlError(ValueError):
    """A text is no TOML that can be read; `line` is 1-based in the text, or None."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.line = line


def read_toml(text: str, first_line: int = 1) -> ParsedFields:
    """Read the fields that `text` is; never raises.

    `first_line` is the line of the file on which `text` begins (1-based).
    """
    reading = ParsedFields()
    try:
        reading.fields = parsed(text)
    except TomlError as error:
        line = None if error.line is None else error.line + first_line - 1
        reading.problems.append(Problem(error.code, str(error), line, True))
        return reading
    for pattern in (ASSIGNMENT, _TABLE):
        for found in pattern.finditer(text):
            name = found[1].strip("\"'")
            if name in reading.fields and name not in reading.lines:
                reading.lines[name] = first_line + text.count("\n", 0, found.start(1))
    return reading


def parsed(text: str) -> dict[str, object]:
    """Return the fields of a text; raises `TomlError`."""
    import tomllib  # only collections with such files pay for it

    if len(text) > MAX_TEXT:
        size = f"{MAX_TEXT // 1024} KB"
        raise TomlError("too-large", f"The front matter is larger than {size}; it is not read.")
    if _LONG_NAME.search(text):
        raise TomlError("too-deep", f"Values are nested over {MAX_DEPTH} deep.")
    try:
        fields = tomllib.loads(text)
    except ValueError as error:  # a number may be too long even for Python
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        what = _PLACE.sub("", str(error))
        raise TomlError("toml", f"This is no valid TOML: {what}.", line) from None
    except RecursionError:
        raise TomlError("too-deep", f"Values are nested over {MAX_DEPTH} deep.") from None
    if _depth(fields) > MAX_DEPTH:
        raise TomlError("too-deep", f"Values are nested over {MAX_DEPTH} deep.")
    return fields


def _depth(fields: dict[str, object]) -> int:
    """Return how deep values are nested, but no more than one too many."""
    level: list[dict[str, object] | list[object]] = [fields]
    depth = 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
    return depth
