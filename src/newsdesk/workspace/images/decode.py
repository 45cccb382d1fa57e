"""Decode an untrusted image within limits, and encode a small copy of it."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 40_000_000  # width times height, from the header
MAX_SIZE = (1280, 960)  # pixels of a copy
# The formats of news sites. Decoders of others (PostScript, TIFF) are a needless risk.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_QUALITY = 85
_BACKGROUND = (255, 255, 255)  # of transparent images
_MAX_SNIFFED_BYTES = 512


class UnusableImage(Exception):
    """These bytes are not an image that can be shown; the message quotes no foreign text."""


def make_thumbnail(data: bytes) -> bytes:
    """Return a JPEG of at most `MAX_SIZE` with the pixels of an image, without metadata.

    The size is checked before any pixel is decoded. Raises `UnusableImage`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata, which is not copied
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                return _encoded(_decoded(image))
    except UnidentifiedImageError:
        raise UnusableImage(_describe(data)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise UnusableImage("too many pixels") from None
    except UnusableImage:
        raise
    # Decoders raise OSError, ValueError, SyntaxError, struct.error and others.
    except Exception:
        raise UnusableImage("the image is damaged") from None


def _decoded(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnusableImage(f"too many pixels: {width}×{height}")
    image.draft("RGB", MAX_SIZE)  # a large JPEG is decoded at half or a quarter of its size
    image.load()
    small = image.copy()
    if small.mode in ("P", "LA", "PA") or "transparency" in small.info:
        small = small.convert("RGBA")
    small.thumbnail(MAX_SIZE)
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        canvas = Image.new("RGB", small.size, _BACKGROUND)
        canvas.paste(small, mask=small.getchannel("A"))
        return canvas
    return small.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    plain = Image.frombytes("RGB", image.size, image.tobytes())  # pixels, no metadata
    target = io.BytesIO()
    plain.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _describe(data: bytes) -> str:
    start = data[:_MAX_SNIFFED_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "SVG images are not supported"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "not an image but a web page"
    return "not an image of a supported format"


def scaled_pixels(copy: bytes, columns: int, rows: int) -> tuple[int, int, bytes]:
    """Return (width, height, RGB bytes) of a cached copy, scaled to fit cells.

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
        raise UnusableImage("the cached copy is damaged") from None
    return width, height, small.tobytes()
