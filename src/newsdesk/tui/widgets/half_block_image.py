"""Reserve an area for an image among lines of text, and draw it with two pixels a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from newsdesk.collection.article import Image

_DEFAULT_SHAPE = 16 / 9  # width by height of an image of unknown size
_SHAPE_LIMITS = (0.5, 4.0)  # width by height; longer images get margins
MIN_ROWS, MIN_COLUMNS = 4, 8  # a smaller image cannot be recognised
_UPPER_HALF = "▀"


@dataclass(frozen=True, slots=True)
class Place:
    """A size in cells."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The image at a URL: its lines for an area, or the reason why there are none.

    Without a place it is known not to be there, so that none is kept free for it. `reason` may
    quote foreign text.
    """

    url: str
    place: Place | None = None
    lines: tuple[Strip, ...] = ()
    reason: str = ""


def place_for(image: Image, columns: int, rows: int) -> Place | None:
    """Return the cells that an image fills within an area; None if it would be too small."""
    shape = image.width / image.height if image.width and image.height else _DEFAULT_SHAPE
    shape = max(_SHAPE_LIMITS[0], min(shape, _SHAPE_LIMITS[1]))
    fitting = min(rows, int(columns / (2 * shape)))
    place = Place(min(columns, round(fitting * 2 * shape)), fitting)
    is_enough = place.rows >= MIN_ROWS and place.columns >= MIN_COLUMNS
    return place if is_enough else None


def half_blocks(width: int, height: int, pixels: bytes) -> Iterator[Strip]:
    """Yield a line for each two rows of pixels: the upper as the glyph, the lower behind it."""
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
    # Three times as fast as `Color.from_rgb`; there are thousands of cells.
    return Color(f"#{pixel.hex()}", ColorType.TRUECOLOR, triplet=ColorTriplet(*pixel))
