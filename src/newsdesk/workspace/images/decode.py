"""Decode a stranger's picture within limits, and make a small one of our own from it."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 40_000_000  # of width times height, as the header tells them
SIZE = (1280, 960)  # pixels that ours has at most
# What news sites send. Others (PostScript, TIFF, …) have decoders that nobody here needs.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_QUALITY = 85
_PAPER = (255, 255, 255)  # what shows through a picture with holes
_BEGINNING = 512  # bytes that tell what something is instead


class UnusableImage(Exception):
    """These bytes are no picture that can be shown; the message says why, in our own words."""


def make_thumbnail(data: bytes) -> bytes:
    """Return a JPEG of at most `SIZE` with the content of a picture, and nothing else of it.

    Its size is looked at before a pixel is decoded. Raises `UnusableImage`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata, which is thrown away
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                return _encoded(_decoded(image))
    except UnidentifiedImageError:
        raise UnusableImage(_what_it_is(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise UnusableImage("it has too many pixels") from None
    except UnusableImage:
        raise
    # Decoders raise whatever comes to them: OSError, ValueError, SyntaxError, struct.error …
    except Exception:
        raise UnusableImage("it is broken or breaks off") from None


def _decoded(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnusableImage(f"it has too many pixels: {width}×{height}")
    image.draft("RGB", SIZE)  # a large JPEG is decoded at half or a quarter of its size
    image.load()
    small = image.copy()
    if small.mode in ("P", "LA", "PA") or "transparency" in small.info:
        small = small.convert("RGBA")
    small.thumbnail(SIZE)
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        paper = Image.new("RGB", small.size, _PAPER)
        paper.paste(small, mask=small.getchannel("A"))
        return paper
    return small.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    plain = Image.frombytes("RGB", image.size, image.tobytes())  # pixels, no metadata
    target = io.BytesIO()
    plain.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _what_it_is(data: bytes) -> str:
    beginning = data[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in beginning:
        return "it is an SVG drawing, which is not shown"
    if beginning.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "it is a web page, no picture"
    return "it is no picture of a known kind"


def scaled_pixels(copy: bytes, columns: int, rows: int) -> tuple[int, int, bytes]:
    """Return (width, height, red-green-blue bytes) of one of our copies, scaled to fit cells.

    A cell is one pixel wide and two tall, which makes the pixels square in most fonts. Raises
    `UnusableImage` for a damaged copy.
    """
    try:
        with Image.open(io.BytesIO(copy), formats=("JPEG",)) as image:
            factor = min(columns / image.width, rows * 2 / image.height)
            width = max(1, min(columns, round(image.width * factor)))
            height = max(2, min(rows * 2, round(image.height * factor / 2) * 2))
            image.draft("RGB", (width, height))
            small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    except Exception:
        raise UnusableImage("its copy is damaged") from None
    return width, height, small.tobytes()
