"""Find a field in a YAML front matter, and places for another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import yaml

from newsdesk.collection.frontmatter.span import Span
from newsdesk.collection.frontmatter.yaml_reader import events, tag_of

_BOOLEAN_PAIRS = (("true", "false"), ("yes", "no"), ("on", "off"))
_OPPOSITE = {
    form(word): (form(other), meaning)
    for pair in _BOOLEAN_PAIRS
    for word, other, meaning in ((pair[0], pair[1], True), (pair[1], pair[0], False))
    for form in (str.lower, str.capitalize, str.upper)
}


def has_field(text: str, name: str) -> bool:
    """Tell whether a front matter has a field, however it is written."""
    return any(key.value == name for key, _ in _top_level(text))


def find_field(text: str, name: str) -> Span | None:
    """Return where a field stands; None for one that is missing."""
    for key, value in _top_level(text):
        if key.value == name:
            return _span(key, value)
    return None


def _span(key: Any, value: Any) -> Span:
    line, start, end = key.start_mark.index, value.start_mark.index, value.end_mark.index
    written = getattr(value, "value", None)
    is_tagged = value.tag is not None if hasattr(value, "tag") else True
    is_plain = isinstance(value, yaml.ScalarEvent) and value.implicit[0] and not is_tagged
    if is_plain and tag_of(value.value) == "tag:yaml.org,2002:bool":
        opposite, boolean = _OPPOSITE[value.value]
        return Span(line, start, end, written, boolean, opposite)
    return Span(line, start, end, written, is_tagged=is_tagged)


def _top_level(text: str) -> Iterator[tuple[Any, Any]]:
    """Yield (key event, first event of the value) of every top-level field."""
    depth = 0
    key: Any = None
    for event in events(text):
        if depth == 1 and not isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            if key is None:
                key = event
            else:
                yield key, event
                key = None
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def insertion_points(text: str) -> Iterator[int]:
    """Yield character offsets of line starts where a field may go, best first."""
    line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    for key, value in _top_level(text):
        if key.value == "heat" and isinstance(value, yaml.ScalarEvent):
            end: int = cast("Any", value).end_mark.index
            yield next((at for at in line_starts if at >= end), len(text))
    # A line begins after LF, or after a CR that no LF belongs to.
    if blank := re.search(r"(?:^|(?<=\n)|(?<=\r)(?!\n))[ \t]*(?:\r\n|\n|\r)", text):
        yield blank.start()
    yield len(text)


def new_line(text: str, name: str, value: str) -> str:
    """Return a line that sets a field."""
    return f"{name}: {value}"


def only_differs_in(name: str, before: str, after: str) -> bool:
    """Prove that both texts say the same but for one top-level field."""
    return _said(before, name) == _said(after, name)


def _said(text: str, except_for: str) -> list[tuple[object, ...]]:
    """Return every field as the events that make it, but for one field."""
    said: list[tuple[object, ...]] = []
    depth = 0
    is_key = True
    skipping = False
    for event in events(text):
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth == 0:
            skipping = False
            if not isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent)):
                # No document and no mapping say the same as those without a field.
                depth += isinstance(event, yaml.MappingStartEvent)
                continue
        elif depth == 1:
            if is_key:
                skipping = getattr(event, "value", None) == except_for
            is_key = not is_key if not isinstance(event, yaml.CollectionStartEvent) else is_key
        if not skipping:
            said.append(
                (
                    type(event),
                    getattr(event, "tag", None),
                    getattr(event, "value", None),
                    getattr(event, "implicit", None),
                )
            )
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
    return said
