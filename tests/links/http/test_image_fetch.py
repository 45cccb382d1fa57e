"""Untrusted images: downloaded from public addresses, decoded within limits, cached as copies."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import pytest

from newsdesk.links.http.image_fetch import MAX_IMAGE_BYTES
from newsdesk.links.policy import Policy
from newsdesk.workspace.images import service as images_service
from newsdesk.workspace.images.service import ImageService, are_images_enabled
from newsdesk.workspace.images.worker import ImageFailure

from ..conftest import LocalServer, answer, raw

Image = pytest.importorskip("PIL.Image")

LOCAL = Policy(allow_private=True)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'


def image(format: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, "red").save(target, format)
    return target.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is huge, and unpacks to a lot."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 20_000_000, 9)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.fixture
def workspace(tmp_path: Path) -> ImageService:
    return ImageService(tmp_path / "pictures")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_copy_without_metadata_is_cached(
    format: str, server: LocalServer, workspace: ImageService, tmp_path: Path
) -> None:
    server.pages["/p"] = answer(200, body=image(format, (3000, 1000)) + b"<script>tail")
    content = workspace.get(server.url("/p"), LOCAL)
    assert isinstance(content, bytes)
    copy = Image.open(io.BytesIO(content))
    assert (copy.format, copy.size) == ("JPEG", (1280, 427))
    red, green, blue = copy.getpixel((640, 200))
    assert red > 240
    assert green < 20
    assert blue < 20
    [file] = (tmp_path / "pictures").iterdir()
    assert file.read_bytes() == content
    assert file.stem.isalnum()
    assert file.suffix == ".jpg"
    assert b"script" not in content
    assert workspace.get(server.url("/p"), LOCAL) == content
    assert server.count("/p") == 1, "the second time it comes from the folder"


def test_transparent_pixels_become_white(server: LocalServer, workspace: ImageService) -> None:
    target = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(target, "PNG")
    server.pages["/p"] = answer(200, body=target.getvalue())
    content = workspace.get(server.url("/p"), LOCAL)
    assert isinstance(content, bytes)
    assert Image.open(io.BytesIO(content)).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bomb(30_000, 30_000), "too many pixels"),
        (bomb(7_000, 7_000), "too many pixels"),
        (bomb(2_000, 2_000)[:5_000], "the image is damaged"),
        (image("JPEG", (400, 300))[:-900], "the image is damaged"),
        (SVG, "SVG images are not supported"),
        (b"<!DOCTYPE html><title>Buy</title>", "not an image but a web page"),
        (image("TIFF"), "not an image of a supported format"),
        (b"\0" * 50, "not an image of a supported format"),
        (b"", "the response is empty"),
        (b"\xff\xd8" + b"x" * MAX_IMAGE_BYTES, "larger than 5 MB"),
    ],
    ids=[
        *("bomb", "smaller bomb", "broken bomb", "truncated JPEG", "SVG", "HTML", "TIFF"),
        *("zeros", "nothing", "too many bytes"),
    ],
)
def test_a_body_that_is_no_image_is_explained_and_not_cached(
    body: bytes, reason: str, server: LocalServer, workspace: ImageService, tmp_path: Path
) -> None:
    server.pages["/p"] = answer(200, "Content-Type: image/png", body=body)
    result = workspace.get(server.url("/p"), LOCAL)
    assert isinstance(result, ImageFailure)
    assert result.reason.startswith(reason)
    assert workspace.reason(server.url("/p")) == result.reason
    assert not (tmp_path / "pictures").exists()
    workspace.get(server.url("/p"), LOCAL)
    assert server.count("/p") == 1, "a permanent failure is not retried"


def test_an_incomplete_response_is_no_image(server: LocalServer, workspace: ImageService) -> None:
    body = image("JPEG", (400, 300))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    server.pages["/p"] = raw(head + body[:700])
    result = workspace.get(server.url("/p"), LOCAL)
    assert isinstance(result, ImageFailure)
    assert result.reason == "the response is incomplete"
    assert not workspace.reason(server.url("/p")), "another attempt may succeed"


def test_an_error_status_of_the_server_is_named(
    server: LocalServer, workspace: ImageService
) -> None:
    server.pages["/p"] = answer(404, body=image())
    assert workspace.get(server.url("/p"), LOCAL) == ImageFailure("HTTP status 404")


def test_a_private_address_is_never_requested(server: LocalServer, workspace: ImageService) -> None:
    result = workspace.get(server.url("/p"), Policy())
    assert isinstance(result, ImageFailure)
    assert result.reason.startswith("the IP address belongs to a private network")
    assert not server.connections


def test_a_redirect_to_a_private_address_is_not_followed(
    server: LocalServer,
    other_server: LocalServer,
    names: object,
    dialled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from newsdesk.links.http import connect
    from newsdesk.links.http.image_fetch import ImageNotFetched, fetch_image

    monkeypatch.setattr(connect, "look_up", names)
    target = other_server.url("/metadata")
    server.pages["/p"] = answer(302, f"Location: {target}", body=image())
    with pytest.raises(ImageNotFetched, match="private network"):
        fetch_image(f"http://example.com:{server.port}/p", Policy(), threading.Event())
    assert server.count("/p") == 1
    assert not other_server.connections


def test_headers_bound_to_an_origin_are_not_sent_for_images(
    server: LocalServer, workspace: ImageService
) -> None:
    from newsdesk.links.policy import BoundHeader

    server.pages["/p"] = answer(200, body=image())
    header = BoundHeader(server.url(""), "Authorization", "Bearer secret")
    workspace.get(server.url("/p"), Policy(allow_private=True, headers=(header,)))
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd", "http://[x"])
def test_an_invalid_url_gives_no_image(url: str, workspace: ImageService) -> None:
    assert workspace.get(url, LOCAL) == ImageFailure("not a valid URL")


def test_a_cancelled_download_ends_soon_without_an_image(
    server: LocalServer, workspace: ImageService
) -> None:
    async def never(request: object, writer: object) -> None:
        asked_for.set()
        import asyncio

        await asyncio.sleep(30)

    asked_for = threading.Event()
    server.pages["/p"] = never
    assert workspace.get(server.url("/p"), LOCAL, is_cancelled=asked_for.is_set) is None
    assert not workspace.reason(server.url("/p"))


def test_a_slow_server_is_given_up(
    server: LocalServer, workspace: ImageService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(request: object, writer: object) -> None:
        import asyncio

        await asyncio.sleep(30)

    monkeypatch.setattr(images_service, "_MAX_SECONDS", 0.3)
    server.pages["/p"] = never
    result = workspace.get(server.url("/p"), LOCAL)
    assert result == ImageFailure("timeout", is_temporary=True)


def test_the_cache_keeps_its_size_by_deleting_the_least_recently_used(
    server: LocalServer, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    size = 0
    for number in range(4):
        server.pages[f"/{number}"] = answer(200, body=image(size=(200, 100 + number)))
    workspace = ImageService(folder)
    workspace.get(server.url("/0"), LOCAL)
    size = sum(file.stat().st_size for file in folder.iterdir())
    workspace = ImageService(folder, max_bytes=size * 2 + size // 2)
    workspace.get(server.url("/1"), LOCAL)
    workspace.get(server.url("/0"), LOCAL)
    workspace.get(server.url("/2"), LOCAL)
    assert sum(file.stat().st_size for file in folder.iterdir()) <= size * 2 + size // 2
    workspace.get(server.url("/0"), LOCAL)
    workspace.get(server.url("/1"), LOCAL)
    assert [server.count(f"/{number}") for number in range(3)] == [1, 2, 1]


@pytest.mark.parametrize(
    ("choice", "environment", "expected"),
    [
        ("off", {}, False),
        ("auto", {}, True),
        ("auto", {"SSH_TTY": "/dev/pts/1"}, False),
        ("auto", {"SSH_CONNECTION": "1 2 3 4"}, False),
        ("on", {"SSH_TTY": "/dev/pts/1"}, True),
    ],
)
def test_auto_shows_images_unless_over_ssh(
    choice: str, environment: dict[str, str], expected: bool
) -> None:
    assert are_images_enabled(choice, environment) is expected
