"""Make text safe for the screen, and no longer than a person would read there.

A field of a file may hold 256 KB. Measuring, wrapping and drawing that much takes seconds, in
which no key is taken. Everything in `newsdesk.tui` that shows foreign text uses these functions
instead of those of `newsdesk.text`; the file itself is for the editor.
"""

from __future__ import annotations

from collections.abc import Callable

from newsdesk import text as whole
from newsdesk.text import SafeText

MAX_LINE = 1_500  # characters of a value on one line
MAX_BLOCK = 6_000  # characters of a value of several lines
MAX_LINES = 120  # lines of such a value
MAX_PASTED = 4_000  # characters
MAX_ITEMS = 60  # entries of a list in one value
_READ_FACTOR = 4  # times as many characters are read: some are folded or taken out


def shown(text: object) -> SafeText:
    """Return one line as `newsdesk.text.shown` does, at most `MAX_LINE` characters of it."""
    return _cut(whole.shown, str(text), MAX_LINE)


def shown_block(text: object, limit: int = MAX_BLOCK, lines: int = MAX_LINES) -> SafeText:
    """Return several lines as `newsdesk.text.shown_block` does: at most `lines` lines of at most
    `limit` characters in all.
    """
    block = _cut(whole.shown_block, str(text), limit)
    if block.count("\n") < lines:
        return block
    return SafeText("\n".join((*block.split("\n", lines)[:lines], "…")))


def shown_middle(text: str) -> SafeText:
    """Return one line that is safe to show; of a long one the beginning and the end."""
    if len(text) <= MAX_LINE:
        return whole.shown(text)
    half = MAX_LINE // 2
    return SafeText(f"{whole.shown(text[:half])}…{whole.shown(text[-half:])}")


def pasted(text: str) -> SafeText:
    """Return text that is safe in an input, as far as somebody could mean it."""
    return whole.shown(text[:MAX_PASTED])


def _cut(made_safe: Callable[[str], SafeText], text: str, limit: int) -> SafeText:
    start = text[: limit * _READ_FACTOR]
    safe = made_safe(start)
    is_whole = len(safe) <= limit and len(start) == len(text)
    return safe if is_whole else SafeText(f"{safe[:limit]}…")
