"""Quote a path as one line of text and unquote it, as git does with core.quotePath=false.

A path with a control character, a double quote or a backslash is put in double quotes, and these
characters become C escapes (git-config(1), core.quotePath; git's `quote.c`).
"""

from __future__ import annotations

import os
import re

from newsdesk.text import C_ESCAPES, c_escaped, shown

_CODE_OF = {name: code for code, name in C_ESCAPES.items()}
_TO_QUOTE = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPE = rb'\\(?:[abtnvfr"\\]|[0-3][0-7]{2})'
_ESCAPES = re.compile(_ESCAPE)
_QUOTED = re.compile(rb'"(?:[^"\\]|' + _ESCAPE + rb')*"')


def quoted_path(path: str) -> str:
    """Return a path as a line of text, quoted if necessary."""
    if not _TO_QUOTE.search(path):
        return path
    return f'"{_TO_QUOTE.sub(lambda found: c_escaped(found[0]), path)}"'


def shown_path(path: str) -> str:
    """Return a path as a line that is safe to show and can be unquoted.

    Control characters, invisible characters and repeated spaces are escaped byte by byte too.
    """
    line = quoted_path(path)
    if shown(line) == line:
        return line
    parts = []
    for before, char in zip(("", *path), path, strict=False):
        is_plain = shown(f"x{char}x") == f"x{char}x" and not _TO_QUOTE.match(char)
        parts.append(char if is_plain and f"{before}{char}" != "  " else c_escaped(char))
    return f'"{"".join(parts)}"'


def unquoted_path(line: str) -> str:
    """Return the path of a line that may be quoted."""
    if not line.startswith('"') or not _QUOTED.fullmatch(whole := os.fsencode(line)):
        return line
    return os.fsdecode(_ESCAPES.sub(_unescaped, whole[1:-1]))


def _unescaped(found: re.Match[bytes]) -> bytes:
    escape = found[0][1:].decode("ascii")
    return bytes([_CODE_OF[escape] if escape in _CODE_OF else int(escape, 8)])
