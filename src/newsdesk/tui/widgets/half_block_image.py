"""Where a picture stands among lines of text, and how it is drawn there: two pixels a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from newsdesk.collection.article import Image

_USUAL_SHAPE = 16 / 9  # of a picture whose size nobody wrote down
_OUTER_SHAPES = (0.5, 4.0)  # width by height; what is longer gets margins
_FEWEST_ROWS, _FEWEST_COLUMNS = 4, 8  # in less nobody can make anything out
_UPPER_HALF = "▀"


@dataclass(frozen=True, slots=True)
class Place:
    """So many cells."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of the picture at an address: its lines in a place, or why there are none.

    Without a place it is known not to be there, so that none is kept free for it. `reason` may
    quote foreign text.
    """

    url: str
    place: Place | None = None
    lines: tuple[Strip, ...] = ()
    reason: str = ""


def place_for(image: Image, columns: int, rows: int) -> Place | None:
    """Return the cells that a picture fills within these; None where it would be too small."""
    shape = image.width / image.height if image.width and image.height else _USUAL_SHAPE
    shape = max(_OUTER_SHAPES[0], min(shape, _OUTER_SHAPES[1]))
    fitting = min(rows, int(columns / (2 * shape)))
    place = Place(min(columns, round(fitting * 2 * shape)), fitting)
    is_enough = place.rows >= _FEWEST_ROWS and place.columns >= _FEWEST_COLUMNS
    return place if is_enough else None


def half_blocks(width: int, height: int, pixels: bytes) -> Iterator[Strip]:
    """Yield a line for every two rows of pixels: the upper is the sign, the lower its ground."""
    for y in range(0, height - 1, 2):
        upper = pixels[y * width * 3 : (y + 1) * width * 3]
        lower = pixels[(y + 1) * width * 3 : (y + 2) * width * 3]
        cells = [(upper[x : x + 3], lower[x : x + 3]) for x in range(0, width * 3, 3)]
        yield Strip(list(_segments(cells)), width)


def _segments(cells: list[tuple[bytes, bytes]]) -> Iterator[Segment]:
    start = 0
    for end in range(1, len(cells) + 1):
        if end == len(cells) or cells[end] != cells[start]:
            upper, lower = cells[start]
            style = Style.from_color(_colour(upper), _colour(lower))
            yield Segment(_UPPER_HALF * (end - start), style)
            start = end


def _colour(pixel: bytes) -> Color:
    # Three times as fast as `Color.from_rgb`, which counts with thousands of cells.
    return Color(f"#{pixel.hex()}", ColorType.TRUECOLOR, triplet=ColorTriplet(*pixel))
