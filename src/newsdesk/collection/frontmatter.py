"""Find a file's front matter, read it, and replace one field's bytes and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from newsdesk.collection.addresses import web_address
from newsdesk.collection.article import Problem
from newsdesk.collection.bounded_yaml import events, read_mapping, tag_of
from newsdesk.errors import FieldChanged, WriteRefused

MAX_BODY = 1024 * 1024  # bytes that are shown
_BOM = b"\xef\xbb\xbf"
# Jekyll's document.rb: `---`, a line end, the block, then `---` or `...` on a line of its own.
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*(?:\r\n|\n|\r(?!\n))")
_CLOSING = re.compile(rb"(?:^|(?<=[\n\r]))(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)")
_BOOLEAN_PAIRS = (("true", "false"), ("yes", "no"), ("on", "off"))
_OPPOSITE = {
    form(word): (form(other), meaning)
    for pair in _BOOLEAN_PAIRS
    for word, other, meaning in ((pair[0], pair[1], True), (pair[1], pair[0], False))
    for form in (str.lower, str.capitalize, str.upper)
}


@dataclass(frozen=True, slots=True)
class Block:
    """Where the front matter stands: `source[start:end]` lies between the two `---` lines."""

    start: int
    end: int
    body_start: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says about itself. See `bounded_yaml.Reading` for `lines` and `written`."""

    fields: Mapping[str, object]
    lines: Mapping[str, int]
    written: Mapping[str, str]
    body: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Splice:
    """One field's bytes replaced: `source[start:end]` was `old` and became `new`.

    For a field that was missing `old` is empty and `new` is the whole inserted line.
    """

    result: bytes
    start: int
    old: bytes
    new: bytes


def find_block(source: bytes) -> Block | None:
    """Return where the front matter of a file stands, or None if it has none or no end."""
    opening = _OPENING.match(source)
    if opening is None:
        return None
    closing = _CLOSING.search(source, opening.end())
    if closing is None:
        return None
    after = closing.end()
    body_start = after + (2 if source[after : after + 2] == b"\r\n" else after < len(source))
    return Block(opening.end(), closing.start(), body_start)


def begins_front_matter(head: bytes) -> bool:
    """Tell from a file's first bytes whether it claims to have a front matter."""
    return _OPENING.match(head) is not None


def read_front_matter(source: bytes) -> FrontMatter:
    """Read fields and body of a file; whatever is wrong becomes a problem, never an exception."""
    block = find_block(source)
    if block is None:
        return _without_end(source)
    text, problems = _decoded(source, block)
    reading = read_mapping(text, first_line=2)
    body = source[block.body_start : block.body_start + MAX_BODY].decode("utf-8", "replace")
    return FrontMatter(
        reading.fields, reading.lines, reading.written, body, (*problems, *reading.problems)
    )


def _without_end(source: bytes) -> FrontMatter:
    opening = _OPENING.match(source)
    if opening is None:
        what = (
            "It looks like UTF-16; save it as UTF-8."
            if source[:2]
            in (
                b"\xff\xfe",
                b"\xfe\xff",
            )
            else "There is no front matter: the first line is not `---`."
        )
        return FrontMatter({}, {}, {}, "", (Problem("no-front-matter", what, 1, True),))
    # Show what can be read up to the first blank line; it is never written.
    text = source[opening.end() :].decode("utf-8", "replace")
    reading = read_mapping(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0], first_line=2)
    problem = Problem("no-end", "The front matter is never closed by a `---` line.", 1, True)
    return FrontMatter(reading.fields, reading.lines, reading.written, "", (problem,))


def _decoded(source: bytes, block: Block) -> tuple[str, tuple[Problem, ...]]:
    raw = source[block.start : block.end]
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        line = 2 + raw.count(b"\n", 0, error.start)
        problem = Problem("encoding", "This line is not UTF-8; save the file as UTF-8.", line, True)
        return raw.decode("utf-8", "replace"), (problem,)


def splice_boolean(source: bytes, name: str, value: bool) -> Splice | None:
    """Set a top-level field to true or false, touching no other byte.

    The spelling follows what stands there (`False` becomes `True`, `no` becomes `yes`). A
    missing field becomes one new line after `heat`, else before the first blank line, in the
    file's own line ending. Returns None when the field has that value already.

    Raises `WriteRefused` for a file that cannot be changed without guessing: no front matter,
    duplicate keys, aliases, braces, a value that is no boolean, undecodable bytes.
    """
    block, text = _writable_text(source)
    for key, scalar in _top_level(text):
        if key.value == name:
            current = _boolean_at(scalar, name)
            if current == value:
                return None
            opposite = _OPPOSITE[scalar.value][0]
            return _replaced(
                source,
                block.start + _bytes_before(text, scalar.start_mark.index),
                scalar.value.encode(),
                opposite.encode(),
                name,
            )
    return _inserted(source, block, text, name, b"true" if value else b"false")


def splice_text(source: bytes, name: str, old_value: str, new_value: str) -> Splice | None:
    """Replace a top-level field's web address by another one, touching no other byte.

    The value keeps its quotes, or its lack of them. Returns None when both values are the same.
    Raises `FieldChanged` when the field does not hold `old_value` by now, `WriteRefused` for a
    new value that is no plain web address, for a field that is not written on one line without
    escapes, and as `splice_boolean` does.
    """
    if web_address(new_value) != new_value or not new_value or "'" in new_value:
        raise WriteRefused(f"{new_value!r} is no web address that can be written down.")
    block, text = _writable_text(source)
    scalar = next((value for key, value in _top_level(text) if key.value == name), None)
    if scalar is None:
        raise FieldChanged(f"{name} is no longer there.")
    found = getattr(scalar, "value", None)
    if found != old_value:
        raise FieldChanged(f"{name} is {'not a text' if found is None else repr(found)} by now.")
    written = text[scalar.start_mark.index : scalar.end_mark.index]
    quote = written[:1] if written[:1] in ("'", '"') else ""
    if scalar.tag is not None or written != f"{quote}{old_value}{quote}":
        raise WriteRefused(
            f"{name} is not written as plain text on one line.", "Change it in an editor."
        )
    if old_value == new_value:
        return None
    start = block.start + _bytes_before(text, scalar.start_mark.index)
    new = f"{quote}{new_value}{quote}".encode()
    splice = _replaced(source, start, written.encode(), new, name)
    if read_front_matter(splice.result).fields.get(name) != new_value:
        raise WriteRefused(f"{name} would not be read as {new_value} afterwards.")
    return splice


def splice_back(source: bytes, name: str, old: bytes, new: bytes) -> Splice:
    """Undo a splice: put `old` where `new` stands now, wherever the field has moved to.

    `old` and `new` are those of the `Splice` that is undone, or the other way round to redo it.
    Raises `FieldChanged` when the field holds something else than `new` by now, `WriteRefused`
    as `splice_boolean` does.
    """
    block, text = _writable_text(source)
    found = next(((k, v) for k, v in _top_level(text) if k.value == name), None)
    if not new:  # The field was taken out by the undo; putting the line in again is a redo.
        if found is not None:
            raise FieldChanged(f"{name} is there again: {found[1].value!r}.")
        return _inserted(source, block, text, name, old.split(b":", 1)[1].strip())
    if found is None:
        raise FieldChanged(f"{name} is no longer there.")
    key, scalar = found
    if not old:  # The field was not there before: take the whole line out again.
        start = block.start + _bytes_before(text, key.start_mark.index)
        if source[start : start + len(new)] != new:
            raise FieldChanged(f"The line of {name} reads differently by now.")
        return _replaced(source, start, new, b"", name)
    start = block.start + _bytes_before(text, scalar.start_mark.index)
    end = block.start + _bytes_before(text, scalar.end_mark.index)
    if source[start:end] != new:
        raise FieldChanged(f"{name} is {source[start:end].decode('utf-8', 'replace')} by now.")
    return _replaced(source, start, new, old, name)


def _writable_text(source: bytes) -> tuple[Block, str]:
    front = read_front_matter(source)
    for problem in front.problems:
        if problem.blocks_writing or problem.code == "flow":
            raise WriteRefused(str(problem), "Mend it in an editor first.")
    block = find_block(source)
    assert block is not None  # else there would have been a problem
    text = source[block.start : block.end].decode("utf-8")
    if text.startswith("\ufeff"):  # libyaml passes over it without counting it
        raise WriteRefused("line 2: An invisible character (U+FEFF) stands before the fields.")
    return block, text


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


def _boolean_at(scalar: Any, name: str) -> bool:
    plain = isinstance(scalar, yaml.ScalarEvent) and scalar.implicit[0] and scalar.tag is None
    if not plain or tag_of(scalar.value) != "tag:yaml.org,2002:bool":
        raise WriteRefused(
            f"{name} is neither true nor false.",
            "Write true or false, without quotes, in an editor.",
        )
    return _OPPOSITE[scalar.value][1]


def _bytes_before(text: str, index: int) -> int:
    return len(text[:index].encode("utf-8"))


def _replaced(source: bytes, start: int, old: bytes, new: bytes, name: str) -> Splice:
    splice = Splice(source[:start] + new + source[start + len(old) :], start, old, new)
    if source[start : start + len(old)] != old or not _only_differs_in(name, source, splice.result):
        raise WriteRefused(f"{name} cannot be changed without touching another field.")
    return splice


def _inserted(source: bytes, block: Block, text: str, name: str, value: bytes) -> Splice:
    for offset in _insertion_points(text):
        start = block.start + _bytes_before(text, offset)
        line = name.encode() + b": " + value + _line_ending(source, block)
        splice = Splice(source[:start] + line + source[start:], start, b"", line)
        if _only_differs_in(name, source, splice.result):
            return splice
    raise WriteRefused(f"There is no place where {name} could be added safely.")


def _line_ending(source: bytes, block: Block) -> bytes:
    """Return the ending that most lines of the front matter have."""
    head = source[: block.body_start]
    crlf = head.count(b"\r\n")
    lf = head.count(b"\n") - crlf
    cr = head.count(b"\r") - crlf
    return max((lf, b"\n"), (crlf, b"\r\n"), (cr, b"\r"), key=lambda pair: pair[0])[1]


def _insertion_points(text: str) -> Iterator[int]:
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


def _only_differs_in(name: str, before: bytes, after: bytes) -> bool:
    """Prove that both texts say the same but for one top-level field."""
    block = find_block(after)
    if block is None or any(p.blocks_writing for p in read_front_matter(after).problems):
        return False
    return _said(before, name) == _said(after, name)


def _said(source: bytes, except_for: str) -> tuple[bytes, list[tuple[object, ...]]]:
    """Return the body, and every field as the events that make it, but for one field."""
    block = find_block(source)
    assert block is not None
    said: list[tuple[object, ...]] = []
    depth = 0
    is_key = True
    skipping = False
    for event in events(source[block.start : block.end].decode("utf-8")):
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if depth == 0:
            skipping = False
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
    return source[block.body_start :], said
