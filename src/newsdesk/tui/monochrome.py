"""A screen without any colour: in the terminal's own two, whatever those are."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

_PLAIN = "ansi_default"  # the terminal's own colour of text or ground
# What is meant stands in signs, in bold, underlined, and shown the other way round. `NO_COLOR`
# takes this theme, whatever is set.
MONOCHROME = Theme(
    name="monochrome",
    ansi=True,
    primary=_PLAIN,
    secondary=_PLAIN,
    accent=_PLAIN,
    success=_PLAIN,
    warning=_PLAIN,
    error=_PLAIN,
    foreground=_PLAIN,
    background=_PLAIN,
    surface=_PLAIN,
    panel=_PLAIN,
    boost=_PLAIN,
    variables={
        **dict.fromkeys(BUILTIN_THEMES["ansi-dark"].variables, _PLAIN),
        **dict.fromkeys(("border", "scrollbar", "scrollbar-background"), _PLAIN),
        "scrollbar-corner-color": _PLAIN,
        "input-cursor-text-style": "reverse",
        "block-cursor-text-style": "bold reverse",
        "input-selection-background": _PLAIN,
    },
)


class ColourRemover(LineFilter):
    """Takes colours away and leaves the rest of a style; Textual's own filter leaves greys."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return segments of which none asks for a colour, not even for the usual one."""
        return [
            Segment(text, None if style is None else _without_colour(style), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _without_colour(style: Style) -> Style:
    return style.without_color
