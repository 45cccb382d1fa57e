"""Where one field stands in the text of a front matter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A top-level field in its text; offsets are in characters.

    `line` is where the name begins, `text[start:end]` what is written for its value. `value` is
    the text that it means, None for what is no text or number. `boolean` is its value if it is
    true or false without quotes, and `opposite` how the other one is written here.
    """

    line: int
    start: int
    end: int
    value: str | None
    boolean: bool | None = None
    opposite: str = ""
    is_tagged: bool = False
