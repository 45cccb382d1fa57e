"""Merge segments, so that fewer bytes are sent to the terminal."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def fused(strip: Strip) -> Strip:
    """Return a strip with the same look in fewer segments.

    Each segment is sent to the terminal with all of its colours, which is most of what a frame
    is made of. A blank shows only its background, so that it can be drawn with its neighbour.
    """
    segments: list[Segment] = []
    for segment in strip:
        style = segment.style
        if segments:
            text, before = segments[-1].text, segments[-1].style
            if style == before or _only_background(segment, before):
                segments[-1] = Segment(text + segment.text, before)
                continue
            if _only_background(segments[-1], style):
                segments[-1] = Segment(text + segment.text, style)
                continue
        segments.append(segment)
    return Strip(segments, strip.cell_length)


def _only_background(segment: Segment, other: Style | None) -> bool:
    """Return whether a segment is blank and has the background of another style."""
    style = segment.style
    return (
        segment.text.isspace()
        and style is not None
        and other is not None
        and style.bgcolor == other.bgcolor
        and not any(
            one.reverse or one.underline or one.underline2 or one.strike or one.overline
            for one in (style, other)
        )
        and style.meta == other.meta
        and style.link == other.link
    )
