"""Find a file's front matter, read it, and replace one field's bytes and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from newsdesk.collection.article import Problem
from newsdesk.collection.frontmatter import toml_fields, yaml_fields
from newsdesk.collection.frontmatter.span import Span
from newsdesk.collection.frontmatter.toml_reader import read_toml
from newsdesk.collection.frontmatter.yaml_reader import read_mapping
from newsdesk.collection.urls import reader_url
from newsdesk.errors import FieldChanged, WriteRefused

MAX_BODY = 1024 * 1024  # bytes that are shown
_BOM = b"\xef\xbb\xbf"
# Jekyll's document.rb: `---`, a line end, the block, then `---` or `...` on a line of its own.
# Hugo's and Astro's have `+++` around TOML as well.
_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?(---|\+\+\+)[ \t]*" + _LINE_END)
# What Hugo and Astro read as well: blank lines and spaces before, more dashes or a comment
# behind. A field has to follow, because `------` begins many a file without a front matter.
_ODD_OPENING = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*(---|\+\+\+)(?:-*|[ \t]+#[^\r\n]*)[ \t]*"
    + _LINE_END
    + rb"(?=(?:[ \t]*(?:#[^\r\n]*)?"
    + _LINE_END
    + rb")*[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*[:=])"
)
_MULTILINE = re.compile(r"[\r\n]|\A[|>]")
_EMPTY_FIELD = re.compile(
    r"""(["']?[\w.-]+["']?[ \t]*:)([ \t]*(?:[ \t]\#[^\r\n]*)?(?:\r\n|\r|\n))"""
)
_MAX_BLANK_BYTES = 4096  # before the first line
_CLOSING = {
    b"---": re.compile(rb"(?:^|(?<=[\n\r]))(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)"),
    b"+++": re.compile(rb"(?:^|(?<=[\n\r]))\+\+\+[ \t]*(?=\r|\n|\Z)"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """Where the front matter stands: `source[start:end]` lies between the two `---` lines.

    `is_toml` tells that they are `+++` lines.
    """

    start: int
    end: int
    body_start: int
    is_toml: bool = False

    @property
    def fields(self) -> _Fields:
        """What finds fields in the text between."""
        return cast("_Fields", toml_fields if self.is_toml else yaml_fields)


class _Fields(Protocol):
    """What both languages offer; see `yaml_fields`."""

    def has_field(self, text: str, name: str) -> bool: ...

    def find_field(self, text: str, name: str) -> Span | None: ...

    def insertion_points(self, text: str) -> Iterator[int]: ...

    def new_line(self, text: str, name: str, value: str) -> str: ...

    def only_differs_in(self, name: str, before: str, after: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says about itself. See `bounded_yaml.ParsedFields` for `lines` and `written`."""

    fields: Mapping[str, object]
    lines: Mapping[str, int]
    written: Mapping[str, str]
    body: str
    problems: tuple[Problem, ...]
    block: Block | None = None


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
    opening = _opening_of(source)
    if opening is None:
        return None
    closing = _CLOSING[opening[1]].search(source, opening.end())
    if closing is None:
        return None
    after = closing.end()
    body_start = after + (2 if source[after : after + 2] == b"\r\n" else after < len(source))
    return Block(opening.end(), closing.start(), body_start, opening[1] == b"+++")


def _opening_of(source: bytes) -> re.Match[bytes] | None:
    """Return the line that opens a front matter, with what stands before it."""
    usual = _OPENING.match(source)
    if usual is not None or source[:1] not in (b"-", b"+", b" ", b"\t", b"\r", b"\n", b"\xef"):
        return usual
    head = source[: _MAX_BLANK_BYTES + 4]
    if len(head) - len(head.lstrip(b"\xef\xbb\xbf \t\r\n")) > _MAX_BLANK_BYTES:
        return None
    return _ODD_OPENING.match(source)


def begins_front_matter(head: bytes, *, has_toml: bool = False) -> bool:
    """Tell from a file's first bytes whether it claims to have a front matter.

    One of TOML counts only where the profile of the collection knows such.
    """
    opening = _opening_of(head)
    return opening is not None and (has_toml or opening[1] == b"---")


def read_front_matter(source: bytes) -> FrontMatter:
    """Read fields and body of a file; whatever is wrong becomes a problem, never an exception."""
    block = find_block(source)
    if block is None:
        return _without_end(source)
    text, problems = _decoded(source, block)
    first_line = _first_line(source, block.start)
    reading = read_toml(text, first_line) if block.is_toml else read_mapping(text, first_line)
    body = source[block.body_start : block.body_start + MAX_BODY].decode("utf-8", "replace")
    return FrontMatter(
        reading.fields, reading.lines, reading.written, body, (*problems, *reading.problems), block
    )


def _first_line(source: bytes, start: int) -> int:
    """Return the line, from 1, on which the fields begin."""
    before = source[:start]
    crlf = before.count(b"\r\n")
    return 1 + before.count(b"\n") + before.count(b"\r") - crlf


def _without_end(source: bytes) -> FrontMatter:
    opening = _opening_of(source)
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
    if opening[1] == b"+++":
        what = "The front matter is never closed by a `+++` line."
        return FrontMatter({}, {}, {}, "", (Problem("no-end", what, 1, True),))
    # Show what can be read up to the first blank line; it is never written.
    text = source[opening.end() :].decode("utf-8", "replace")
    first_line = _first_line(source, opening.end())
    reading = read_mapping(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0], first_line)
    problem = Problem("no-end", "The front matter is never closed by a `---` line.", 1, True)
    return FrontMatter(reading.fields, reading.lines, reading.written, "", (problem,))


def _decoded(source: bytes, block: Block) -> tuple[str, tuple[Problem, ...]]:
    raw = source[block.start : block.end]
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        line = _first_line(source, block.start) + raw.count(b"\n", 0, error.start)
        problem = Problem("encoding", "This line is not UTF-8; save the file as UTF-8.", line, True)
        return raw.decode("utf-8", "replace"), (problem,)


def splice_boolean(
    source: bytes, name: str, value: bool, *, rewrites: bool = False
) -> Splice | None:
    """Set a top-level field to true or false, touching no other byte.

    The spelling follows what stands there (`False` becomes `True`, `no` becomes `yes`). A
    missing field becomes one new line after `heat`, else before the first blank line, in the
    file's own line ending. Returns None when the field has that value already.

    With `rewrites` a value on one line that is no boolean, or `yes` and the like, becomes `true`
    or `false`: the caller knows how it is read.

    Raises `WriteRefused` for a file that cannot be changed without guessing: no front matter,
    duplicate keys, aliases, braces, a value that is no boolean, undecodable bytes.
    """
    block, text = _writable_text(source)
    span = block.fields.find_field(text, name)
    if span is None and not block.fields.has_field(text, name):
        line = block.fields.new_line(text, name, "true" if value else "false")
        return _inserted(source, block, text, name, line.encode() + _line_ending(source, block))
    if rewrites and span is not None:
        return _rewritten(source, name, span, "true" if value else "false")
    if span is None or span.boolean is None:
        raise WriteRefused(
            f"{name} is neither true nor false.",
            "Write true or false, without quotes, in an editor.",
        )
    if span.boolean == value:
        return None
    old = text[span.start : span.end].encode()
    return _replaced(source, _offset(block, text, span.start), old, span.opposite.encode(), name)


def _rewritten(source: bytes, name: str, span: Span, new: str) -> Splice | None:
    """Write a value over another one on the same line, whatever that is."""
    block, text = _writable_text(source)
    written = text[span.start : span.end]
    if written == new:
        return None
    if span.is_tagged or span.value is None or _MULTILINE.search(written):
        raise WriteRefused(f"{name} is not written as one word.", "Change it in an editor.")
    if written:
        return _replaced(
            source, _offset(block, text, span.start), written.encode(), new.encode(), name
        )
    # Nothing stands there: the whole line is replaced, for an empty `old` means a missing field.
    line = _EMPTY_FIELD.match(text, span.line)
    if line is None:
        raise WriteRefused(f"{name} is not written on one line.", "Change it in an editor.")
    old = line[0].encode()
    whole = f"{line[1]} {new}{line[2]}".encode()
    return _replaced(source, _offset(block, text, span.line), old, whole, name)


def splice_text(source: bytes, name: str, old_value: str, new_value: str) -> Splice | None:
    """Replace a top-level field's web address by another one, touching no other byte.

    The value keeps its quotes, or its lack of them. Returns None when both values are the same.
    Raises `FieldChanged` when the field does not hold `old_value` by now, `WriteRefused` for a
    new value that is no plain web address, for a field that is not written on one line without
    escapes, and as `splice_boolean` does.
    """
    if reader_url(new_value) != new_value or not new_value or "'" in new_value:
        raise WriteRefused(f"{new_value!r} is no web address that can be written down.")
    block, text = _writable_text(source)
    span = block.fields.find_field(text, name)
    if span is None:
        raise FieldChanged(f"{name} is no longer there.")
    if span.value != old_value:
        found = "not a text" if span.value is None else repr(span.value)
        raise FieldChanged(f"{name} is {found} by now.")
    written = text[span.start : span.end]
    quote = written[:1] if written[:1] in ("'", '"') else ""
    if span.is_tagged or written != f"{quote}{old_value}{quote}":
        raise WriteRefused(
            f"{name} is not written as plain text on one line.", "Change it in an editor."
        )
    if old_value == new_value:
        return None
    new = f"{quote}{new_value}{quote}".encode()
    splice = _replaced(source, _offset(block, text, span.start), written.encode(), new, name)
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
    span = block.fields.find_field(text, name)
    is_there = span is not None or block.fields.has_field(text, name)
    if not new:  # The field was taken out by the undo; putting the line in again is a redo.
        if is_there:
            raise FieldChanged(f"{name} is there again: {span and span.value!r}.")
        line = old.rstrip(b"\r\n") + _line_ending(source, block)
        return _inserted(source, block, text, name, line)
    if span is None:
        reads = "reads differently by now" if is_there else "is no longer there"
        raise FieldChanged(f"{name} {reads}.")
    if not old:  # The field was not there before: take the whole line out again.
        start = _offset(block, text, span.line)
        if source[start : start + len(new)] != new:
            raise FieldChanged(f"The line of {name} reads differently by now.")
        return _replaced(source, start, new, b"", name)
    if new[-1:] in (b"\r", b"\n"):  # a line instead of a field without a value, see `_rewritten`
        start = _offset(block, text, span.line)
        if source[start : start + len(new)] != new:
            raise FieldChanged(f"The line of {name} reads differently by now.")
        return _replaced(source, start, new, old, name)
    start, end = _offset(block, text, span.start), _offset(block, text, span.end)
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


def _offset(block: Block, text: str, index: int) -> int:
    """Return where a character of the front matter stands in the file, in bytes."""
    return block.start + len(text[:index].encode("utf-8"))


def _replaced(source: bytes, start: int, old: bytes, new: bytes, name: str) -> Splice:
    splice = Splice(source[:start] + new + source[start + len(old) :], start, old, new)
    if source[start : start + len(old)] != old or not _only_differs_in(name, source, splice.result):
        raise WriteRefused(f"{name} cannot be changed without touching another field.")
    return splice


def _inserted(source: bytes, block: Block, text: str, name: str, line: bytes) -> Splice:
    for index in block.fields.insertion_points(text):
        start = _offset(block, text, index)
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


def _only_differs_in(name: str, before: bytes, after: bytes) -> bool:
    """Prove that both files say the same but for one top-level field."""
    was, block = find_block(before), find_block(after)
    if was is None or block is None or was.is_toml is not block.is_toml:
        return False
    if any(problem.blocks_writing for problem in read_front_matter(after).problems):
        return False
    return before[was.body_start :] == after[block.body_start :] and block.fields.only_differs_in(
        name,
        before[was.start : was.end].decode("utf-8"),
        after[block.start : block.end].decode("utf-8"),
    )
