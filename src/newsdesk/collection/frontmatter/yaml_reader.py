"""Read one YAML mapping within limits, straight from the parser's events.

The usual loaders recurse (25 KB of `[` kills the process inside libyaml) and expand merge keys
(a bomb of 644 bytes takes seconds). Events are a flat stream, so depth and number are checked
as they come, aliases are never followed, and everything before a mistake is kept. Scalars mean
what PyYAML's safe loader says they mean, which is YAML 1.1, as Jekyll reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

import yaml

from newsdesk.collection.article import Problem

MAX_DEPTH = 64
MAX_NODES = 50_000
MAX_TEXT = 256 * 1024  # characters
MAX_PROBLEMS = 100
_MAX_NUMBER = 4300  # characters; as Python's own limit, which knows no base 60

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HAS_LIBYAML: bool = Loader is not yaml.SafeLoader

_STANDARD_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "bool", "float", "null", "timestamp")
)
_STR = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLOCKING = frozenset({"yaml", "too-deep", "too-large", "alias", "duplicate-key", "tag"})


@dataclass(slots=True)
class ParsedFields:
    """What was read before the end, or before the first mistake.

    `lines` gives the 1-based line of each top-level field; `written` the source text of
    top-level fields that YAML takes for something else than text.
    """

    fields: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Stop(Exception):
    """Reading cannot go on; what was read so far stays."""


_constructor = yaml.constructor.SafeConstructor()
# Called one by one: `construct_object` remembers every node it has ever seen.
_CONSTRUCTORS = yaml.constructor.SafeConstructor.yaml_constructors
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = (
    yaml.resolver.Resolver.yaml_implicit_resolvers
)


def events(text: str) -> Iterator[Any]:
    """Yield the parser's events; raises `yaml.YAMLError` at the first mistake."""
    loader = Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            # libyaml refuses "\\ud800" by itself, the parser in Python lets it pass.
            value = getattr(event, "value", None)
            if value and not value.isascii() and _SURROGATE.search(value):
                raise yaml.MarkedYAMLError(
                    problem="an escape stands for half a character", problem_mark=event.start_mark
                )
            yield event
    except (ValueError, ArithmeticError) as error:  # "\\UFFFFFFFF" in the parser in Python
        raise yaml.YAMLError(f"an escape stands for no character ({error})") from error
    finally:
        loader.dispose()


def tag_of(value: str) -> str:
    """Return the YAML 1.1 tag of a plain scalar."""
    for tag, pattern in _RESOLVERS.get(value[:1], ()):
        if pattern.match(value):
            return tag
    return _STR


@lru_cache(maxsize=4096)
def _meaning(tag: str, value: str) -> object:
    """Return what a scalar means; raises ValueError and its kin for impossible dates."""
    return _CONSTRUCTORS[tag](_constructor, yaml.ScalarNode(tag, value))


@dataclass(slots=True)
class _Open:
    """A container that is being filled; `name` waits for its value while `has_name` is set."""

    values: dict[str, object] | list[object]
    name: str | None = None  # None drops the value: a merge key, or a name that cannot be one
    has_name: bool = False


class _Reader:
    """Builds plain values from events, one container at a time, without recursion."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.reading = ParsedFields()
        self._nodes = 0
        self._documents = 0
        self._stack: list[_Open] = []

    def read(self, text: str) -> None:
        """Read everything; raises `_Stop` or `yaml.YAMLError` where it cannot go on."""
        stack = self._stack
        for event in events(text):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if stack and not stack[-1].has_name and isinstance(stack[-1].values, dict):
                    self._count(event)
                    self._name(event, stack[-1])
                else:
                    self._place(event, self._scalar(event))
            elif kind is yaml.MappingStartEvent:
                self._open(event, {})
            elif kind is yaml.SequenceStartEvent:
                self._open(event, [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                stack.pop()
            elif kind is yaml.AliasEvent:
                self._problem("alias", "Aliases (*name) are not followed.", event)
                self._place(event, None)
            elif kind is yaml.DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    self._stop("yaml", "A second document begins inside the front matter.", event)

    def _problem(self, code: str, message: str, event: Any) -> None:
        line = event.start_mark.line + self.first_line
        if len(self.reading.problems) >= MAX_PROBLEMS:
            message = f"There are more than {MAX_PROBLEMS} mistakes; the rest is not read."
            self.reading.problems.append(Problem("too-large", message, line, True))
            raise _Stop
        self.reading.problems.append(Problem(code, message, line, code in _BLOCKING))

    def _stop(self, code: str, message: str, event: Any) -> NoReturn:
        self._problem(code, message, event)
        raise _Stop

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop("too-large", f"There are more than {MAX_NODES:,} values.", event)
        if event.anchor is not None and type(event) is not yaml.AliasEvent:
            self._problem("alias", "Anchors (&name) are not supported.", event)

    def _open(self, event: Any, values: dict[str, object] | list[object]) -> None:
        self._place(event, values)
        if len(self._stack) >= MAX_DEPTH:
            self._stop("too-deep", f"Values are nested over {MAX_DEPTH} deep.", event)
        if not self._stack and event.flow_style:
            self._problem("flow", "The fields stand in braces; they can be read only.", event)
        self._stack.append(_Open(values))

    def _place(self, event: Any, value: object) -> None:
        """Put a value where it belongs: into the list or under the name that is open."""
        self._count(event)
        if not self._stack:
            if not isinstance(value, dict):
                self._stop("yaml", "The front matter is no list of fields.", event)
            self.reading.fields = value
            return
        top = self._stack[-1]
        if isinstance(top.values, list):
            top.values.append(value)
        elif not top.has_name:
            self._stop("yaml", "A field's name is a list, a mapping or an alias.", event)
        else:
            top.has_name = False
            if top.name is not None:
                top.values[top.name] = value
                if len(self._stack) == 1 and not isinstance(value, (str, dict, list)):
                    self.reading.written[top.name] = getattr(event, "value", "")

    def _name(self, event: Any, top: _Open) -> None:
        """Take a scalar as the name of the value that follows."""
        top.has_name, top.name = True, None
        if _is_merge(event):
            self._problem("alias", "Merge keys (<<) are not followed.", event)
            return
        # YAML may read a name as something else (`on:` is true); the text is meant.
        name = top.name = event.value
        if name in top.values:
            self._problem("duplicate-key", f"{name} stands here a second time.", event)
        elif len(self._stack) == 1:
            self.reading.lines[name] = event.start_mark.line + self.first_line

    def _scalar(self, event: Any) -> object:
        value: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            tag = tag_of(value) if event.implicit[0] else _STR
        elif tag not in _STANDARD_TAGS:
            self._problem("tag", f"The tag {tag} is not read; its value is taken as text.", event)
            return value
        if tag == _STR:
            return value
        try:
            if len(value) > _MAX_NUMBER:
                raise ValueError
            return _meaning(tag, value)
        except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
            kind = tag.rsplit(":", 1)[-1]
            self._problem("value", f"This looks like a {kind} but is none; quote it.", event)
            return value


def _is_merge(event: Any) -> bool:
    """Tell whether a scalar event is the merge key `<<`."""
    return bool(event.tag == _MERGE or (event.value == "<<" and event.implicit[0]))


def read_mapping(text: str, first_line: int = 1) -> ParsedFields:
    """Read the mapping that `text` is; never raises.

    `first_line` is the line of the file on which `text` begins (1-based).
    """
    problems = []
    if len(text) > MAX_TEXT:
        problem = Problem(
            "too-large",
            f"The front matter is larger than {MAX_TEXT // 1024} KB; its beginning is read.",
            blocks_writing=True,
        )
        problems.append(problem)
        text = text[:MAX_TEXT].rpartition("\n")[0]
    if found := _UNPRINTABLE.search(text):
        line = first_line + text.count("\n", 0, found.start())
        code = f"U+{ord(found[0]):04X}"
        problems.append(
            Problem("control-character", f"A control character ({code}) stands here.", line, True)
        )
        text = _UNPRINTABLE.sub("�", text)
    reader = _Reader(first_line)
    try:
        reader.read(text)
    except _Stop:
        pass
    except yaml.YAMLError as error:
        reader.reading.problems.append(_problem_from(error, first_line))
    except (ValueError, RecursionError, UnicodeError) as error:  # pragma: no cover - a safety net
        reader.reading.problems.append(Problem("yaml", f"It cannot be read: {error}", None, True))
    reader.reading.problems[:0] = problems
    return reader.reading


def _problem_from(error: yaml.YAMLError, first_line: int) -> Problem:
    """Turn a parser's complaint into a sentence with a line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + first_line if mark is not None else None
    said = " ".join(str(part) for part in (getattr(error, "problem", None),) if part)
    context = str(getattr(error, "context", None) or "")
    if "quoted scalar" in context and ("end of stream" in said or "document indicator" in said):
        opened = getattr(error, "context_mark", None)
        line = opened.line + first_line if opened is not None else line
        return Problem("yaml", "The quote that opens here is never closed.", line, True)
    if "escape" in said:
        return Problem("yaml", "A backslash in double quotes needs to be doubled.", line, True)
    if "mapping values are not allowed" in said:
        return Problem("yaml", "A colon stands in an unquoted value; put it in quotes.", line, True)
    if "cannot start any token" in said and "\\t" in said:
        return Problem("yaml", "A tab indents this line; YAML wants spaces.", line, True)
    return Problem("yaml", f"This is no valid YAML: {said or error}.", line, True)
