"""What is fused looks the same, cell by cell, in fewer segments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from newsdesk.tui.widgets.lists.line_list import fused

COLORS = st.sampled_from([None, "red", "blue"])
STYLES = st.builds(
    Style,
    color=COLORS,
    bgcolor=COLORS,
    bold=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
    strike=st.booleans(),
)
SEGMENTS = st.builds(Segment, st.sampled_from([" ", "  ", "a", "語", " b ", "é"]), STYLES)


def cells(strip: Strip) -> list[tuple[str, object]]:
    """Return each character with what can be seen of its style."""
    seen: list[tuple[str, object]] = []
    for text, style, _ in strip:
        assert style is not None
        lines = (style.underline, style.strike)
        for char in text:
            if char == " " and not any((*lines, style.reverse)):
                seen.append((char, style.bgcolor))
            else:
                seen.append((char, style))
    return seen


@given(st.lists(SEGMENTS, max_size=12))
def test_every_cell_looks_as_before(segments: list[Segment]) -> None:
    strip = Strip(segments)
    short = fused(strip)
    assert cells(short) == cells(strip)
    assert short.cell_length == strip.cell_length
    assert len(list(short)) <= len(segments)


def test_blanks_are_drawn_with_what_they_stand_beside() -> None:
    red, blue = Style(color="red", bgcolor="black"), Style(color="blue", bgcolor="black")
    strip = Strip([Segment(" ", red), Segment("a", blue), Segment(" ", red), Segment("b", blue)])
    assert [text for text, _, _ in fused(strip)] == [" a b"]
