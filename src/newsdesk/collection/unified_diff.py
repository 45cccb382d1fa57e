"""Write the change of one file as a unified diff that `git apply` and `patch -p1` take.

Only a line feed ends a line, as in git: a carriage return, a form feed or U+2028 belongs to it. A
name is written as git writes it (`quote_c_style` in git's `quote.c`): in quotes where it holds a
control character, a quote, a backslash or a byte beyond ASCII; followed by a tab where it holds
a blank, at which GNU patch would end it otherwise.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TypeAlias

from newsdesk.text import c_escaped

_Opcode: TypeAlias = tuple[str, int, int, int, int]
_CONTEXT = 1  # lines
_TO_QUOTE = re.compile(r'[^\x20-\x7e]|["\\]')
_NO_LINE_END = b"\n\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """Return the diff of a file, or an empty text where nothing changes.

    None stands for no file: the diff makes it, or removes it.
    Bytes that are no UTF-8 are surrogate escapes in it: written with `surrogateescape` it is
    byte for byte what the file holds.
    """
    if before == after:
        return ""
    names = (
        "/dev/null" if before is None else _name(f"a/{path}"),
        "/dev/null" if after is None else _name(f"b/{path}"),
    )
    lines = [f"--- {names[0]}\n", f"+++ {names[1]}\n"]
    old, new = _lines(before or b""), _lines(after or b"")
    for hunk in _hunks(_opcodes(old, new)):
        (_, old_first, _, new_first, _), (_, _, old_end, _, new_end) = hunk[0], hunk[-1]
        removed = _range(old_first, old_end - old_first)
        added = _range(new_first, new_end - new_first)
        lines.append(f"@@ -{removed} +{added} @@\n")
        lines += (line.decode("utf-8", "surrogateescape") for line in _hunk_lines(hunk, old, new))
    return "".join(lines)


def _opcodes(old: list[bytes], new: list[bytes]) -> Iterator[_Opcode]:
    """Yield what turns old lines into new ones, as `difflib.SequenceMatcher` describes it."""
    # Of a long file one line changes: only what is between equal beginnings and ends is compared.
    start = _equal(old, new)
    end = _equal(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    yield "equal", 0, start, 0, start
    middle = difflib.SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
    for kind, old_from, old_to, new_from, new_to in middle.get_opcodes():
        yield kind, start + old_from, start + old_to, start + new_from, start + new_to
    yield "equal", old_end, len(old), new_end, len(new)


def _hunks(opcodes: Iterable[_Opcode]) -> Iterator[list[_Opcode]]:
    """Group changes that are near each other, each group with its context."""
    hunk: list[_Opcode] = []
    for opcode in opcodes:
        kind, old_first, old_end, _, _ = opcode
        is_far = kind == "equal" and old_end - old_first > 2 * _CONTEXT
        if is_far and any(kind != "equal" for kind, *_ in hunk):
            yield [*hunk, _beginning(opcode)]
        hunk = [_end(opcode)] if is_far or not hunk else [*hunk, opcode]
    if any(kind != "equal" for kind, *_ in hunk):
        yield [*hunk[:-1], _beginning(hunk[-1])]


def _beginning(equal: _Opcode) -> _Opcode:
    """Return as much of equal lines as follows a change."""
    kind, old_first, old_end, new_first, _ = equal
    shown = min(old_end - old_first, _CONTEXT)
    return kind, old_first, old_first + shown, new_first, new_first + shown


def _end(equal: _Opcode) -> _Opcode:
    """Return as much of equal lines as stands before a change."""
    kind, old_first, old_end, _, new_end = equal
    shown = min(old_end - old_first, _CONTEXT)
    return kind, old_end - shown, old_end, new_end - shown, new_end


def _hunk_lines(hunk: list[_Opcode], old: list[bytes], new: list[bytes]) -> Iterator[bytes]:
    for kind, old_first, old_end, new_first, new_end in hunk:
        if kind == "equal":
            yield from (_marked(b" ", line) for line in old[old_first:old_end])
        else:
            yield from (_marked(b"-", line) for line in old[old_first:old_end])
            yield from (_marked(b"+", line) for line in new[new_first:new_end])


def _marked(mark: bytes, line: bytes) -> bytes:
    return mark + (line if line.endswith(b"\n") else line + _NO_LINE_END)


def _lines(content: bytes) -> list[bytes]:
    """Return the lines with their ends; the last may have none."""
    *whole, last = content.split(b"\n")
    return [*(line + b"\n" for line in whole), *([last] if last else [])]


def _equal(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """Return how many lines are equal from the beginning on."""
    pairs = zip(old, new, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _range(first: int, length: int) -> str:
    """Return lines from `first` (0-based) as a hunk names them."""
    if length == 1:
        return str(first + 1)
    return f"{first + 1 if length else first},{length}"


def _name(name: str) -> str:
    if _TO_QUOTE.search(name):
        return f'"{_TO_QUOTE.sub(lambda found: c_escaped(found[0]), name)}"'
    return f"{name}\t" if " " in name else name
