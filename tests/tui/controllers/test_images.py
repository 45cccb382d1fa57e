"""Images: off by default, shown in reserved space, never blocking a key."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from links.conftest import LocalServer, Request, answer
from newsdesk.collection.article import Image
from newsdesk.links.policy import Policy
from newsdesk.tui import external
from newsdesk.tui.controllers import image_loader
from newsdesk.tui.controllers import images as images_controller
from newsdesk.tui.controllers.images import NO_COLOURS, NOT_INSTALLED
from newsdesk.tui.widgets.half_block_image import Picture, Place, half_blocks, place_for
from newsdesk.workspace.images import service as desk_pictures
from newsdesk.workspace.workspace import Workspace

from ..conftest import Make
from ..driving import TIMEOUT_SECONDS, Session, workspace_on

pillow = pytest.importorskip("PIL.Image")


def red_above_blue(width: int = 160, height: int = 90) -> bytes:
    image = pillow.new("RGB", (width, height), "red")
    image.paste((0, 0, 255), (0, height // 2, width, height))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """A server of images: `/0` to `/9`; paths that start with `/missing` are 404."""
    monkeypatch.setattr(Workspace, "link_policy", Policy(allow_private=True, delay=0))
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(external, "HAS_COLOUR", True)
    server = LocalServer()
    for number in range(10):
        server.pages[f"/{number}"] = answer(200, body=red_above_blue())
    server.pages["/missing"] = answer(404)
    server.pages["/page"] = answer(200, body=b"<html>No [/b] picture</html>")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def pictured(make: Make, site: LocalServer) -> Path:
    def fields(path: str, heat: int) -> dict[str, object]:
        image = {"url": site.url(path), "width": 1600, "height": 900, "title": "A caption"}
        title = f"Story {path}"
        return {"title": title, "heat": heat, "published": False, "images": [image], "excerpt": "E"}

    paths = ["/0", "/1", "/missing", "/page", "/2"]
    return make([fields(path, 9 - number) for number, path in enumerate(paths)])


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_IMAGES", "on")


def detail(workspace: Session) -> str:
    return "\n".join(workspace.region("#detail"))


def rows_of_picture(workspace: Session) -> list[int]:
    return [y for y, line in enumerate(workspace.region("#detail")) if "▀▀▀▀" in line]


async def test_no_image_is_downloaded_until_images_are_switched_on(
    pictured: Path, site: LocalServer
) -> None:
    async with workspace_on(pictured) as workspace:
        await asyncio.sleep(0.5)
        await workspace.settled()
        assert not site.connections
        assert "1600×900 · A caption" in detail(workspace)
        assert "▀" not in detail(workspace)


async def test_the_image_appears_without_moving_the_text(
    pictured: Path, site: LocalServer, on: None
) -> None:
    may_go_on = threading.Event()

    async def late(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(may_go_on.wait, TIMEOUT_SECONDS)
        await answer(200, body=red_above_blue())(request, writer)

    site.pages["/0"] = late
    async with workspace_on(pictured, settle=False) as workspace:
        await workspace.until(
            lambda: "E  " in detail(workspace) and not workspace.screen.is_reading
        )
        before = workspace.region("#detail")
        assert "…" in "".join(before)
        may_go_on.set()
        await workspace.until(lambda: rows_of_picture(workspace), "the picture is there")
        after = workspace.region("#detail")
        rows = rows_of_picture(workspace)
        assert 4 <= len(rows) <= workspace.screen.detail.page // 3
        text = [(line, y) for y, line in enumerate(before) if line.strip() and y not in rows]
        assert [(line, y) for y, line in enumerate(after) if line.strip() and y not in rows] == text
        strip = workspace.screen.detail.render_line(rows[0])
        first = next(segment for segment in strip if "▀" in segment.text)
        assert first.style.color.triplet.red > 240
        assert first.style.color.triplet.blue < 15


async def test_a_moving_cursor_requests_no_image(
    pictured: Path, site: LocalServer, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_controller, "_LOAD_DELAY_SECONDS", 1.5)
    async with workspace_on(pictured, settle=False) as workspace:
        await workspace.until(
            lambda: workspace.screen.is_mounted and workspace.screen.articles.count == 5
        )
        await workspace.press("down", "down", "down", "down")
        await workspace.until(lambda: rows_of_picture(workspace))
        assert "Story /2" in detail(workspace)
        assert {request.path for request in site.requests} == {"/2"}


async def test_space_is_reserved_at_once_but_only_a_resting_cursor_requests(
    pictured: Path, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[str] = []
    monkeypatch.setattr(images_controller, "_LOAD_DELAY_SECONDS", 3600.0)
    monkeypatch.setattr(
        desk_pictures.ImageService, "get", lambda self, url, *_, **__: requested.append(url)
    )
    async with workspace_on(pictured) as workspace:
        for _ in range(3):
            assert "…" in "".join(workspace.region("#detail")[:16]), "the place is kept"
            await workspace.press("down")
            await workspace.settled()
        assert not requested
        monkeypatch.setattr(images_controller, "_LOAD_DELAY_SECONDS", 0.01)
        await workspace.press("down")
        await workspace.until(lambda: len(requested) == 1)
        assert requested[0].endswith("/2")


async def test_a_stale_image_is_dropped(pictured: Path, site: LocalServer, on: None) -> None:
    async def late(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(20)

    site.pages["/0"] = late
    async with workspace_on(pictured, settle=False) as workspace:
        await workspace.until(lambda: site.count("/0"), "the first is asked for")
        await workspace.press("down")
        await workspace.until(lambda: rows_of_picture(workspace), "the second is there")
        assert "Story /1" in detail(workspace)
        await workspace.press("up")
        await workspace.until(lambda: "Story /0" in detail(workspace))
        assert not rows_of_picture(workspace)


async def test_a_cancelled_image_is_requested_again_when_the_cursor_returns(
    pictured: Path, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[str] = []
    rejected_keys = threading.Event()

    def drawn(
        workspace: Workspace, url: str, place: Place, stop: threading.Event
    ) -> Picture | None:
        requested.append(url)
        if len(requested) > 1:
            return Picture(url, place, reason="it was asked for again")
        assert stop.wait(TIMEOUT_SECONDS)
        assert rejected_keys.wait(TIMEOUT_SECONDS)
        return None

    monkeypatch.setattr(image_loader, "load_image", drawn)
    async with workspace_on(pictured, settle=False) as workspace:
        pictures_ = workspace.screen.images
        await workspace.until(lambda: requested and workspace.screen.detail.article)
        await workspace.press("down", "up")
        await workspace.until(lambda: pictures_._wanted and pictures_._wanted[0] == requested[0])
        timer = pictures_._timer
        await workspace.until(lambda: timer._task is None or timer._task.done(), "it is wanted")
        rejected_keys.set()
        await workspace.until(lambda: "asked for again" in " ".join(detail(workspace).split()))


@pytest.mark.parametrize(
    ("row", "reason"),
    [(2, "no image: HTTP status 404"), (3, "no image: not an image but a web page")],
)
async def test_a_missing_image_shows_size_caption_and_reason(
    row: int, reason: str, pictured: Path, on: None
) -> None:
    async with workspace_on(pictured) as workspace:
        await workspace.press(*["down"] * row)
        await workspace.until(lambda: reason in " ".join(detail(workspace).split()))
        assert "1600×900 · A caption" in detail(workspace)
        place = [y for y, line in enumerate(workspace.region("#detail")) if "no image" in line]
        assert len(place) == 2, "in its place and below its caption"
        await workspace.press("up")
        await workspace.until(lambda: reason not in " ".join(detail(workspace).split()))
        await workspace.press("down")
        await workspace.until(lambda: reason in " ".join(detail(workspace).split()))
        assert len([line for line in workspace.region("#detail") if "no image" in line]) == 1


async def test_a_private_address_is_reported_and_never_requested(
    pictured: Path, site: LocalServer, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "link_policy", Policy())
    async with workspace_on(pictured) as workspace:
        await workspace.until(lambda: "no image: the IP address belongs" in detail(workspace))
        assert not site.connections


async def test_a_command_switches_images_on_and_off(pictured: Path, site: LocalServer) -> None:
    async with workspace_on(pictured) as workspace:
        await workspace.screen.run_action("toggle_images")
        assert "their servers are contacted" in workspace.said
        await workspace.until(lambda: rows_of_picture(workspace))
        await workspace.screen.run_action("toggle_images")
        assert not rows_of_picture(workspace)
        assert "…" not in "".join(workspace.region("#detail")[:12])
        await workspace.press("down")
        await asyncio.sleep(0.5)
        assert {request.path for request in site.requests} == {"/0"}


async def test_a_key_shows_the_image_large_and_escape_returns(
    pictured: Path, site: LocalServer
) -> None:
    async with workspace_on(pictured, size=(80, 24)) as workspace:
        await workspace.press("I")
        await workspace.until(lambda: sum("▀" * 40 in line for line in workspace.lines) >= 20)
        assert "A caption · 1600×900 · 127.0.0.1" in workspace.lines[-2]
        await workspace.pilot.resize_terminal(60, 20)
        await workspace.until(lambda: any("▀" * 58 in line for line in workspace.lines))
        await workspace.press("escape")
        assert workspace.dialog == ""
        assert site.count("/0") == 1


async def test_a_failure_is_shown_small_and_large(pictured: Path, site: LocalServer) -> None:
    async with workspace_on(pictured) as workspace:
        await workspace.press("down", "down", "I")
        await workspace.until(lambda: "No image: HTTP status 404." in workspace.text)
        await workspace.press("q")
        site.pages["/missing"] = answer(200, body=red_above_blue())
        await workspace.press("I")
        await workspace.until(lambda: "▀" * 40 in workspace.text, "it is requested again")


async def test_without_pillow_a_message_is_shown(
    pictured: Path, site: LocalServer, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_pictures, "is_installed", lambda: False)
    async with workspace_on(pictured) as workspace:
        await workspace.press("I")
        assert workspace.said == NOT_INSTALLED
        assert workspace.dialog == ""
        assert "1600×900 · A caption" in detail(workspace)
        assert not site.connections


async def test_few_colours_show_no_image(
    pictured: Path, on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "HAS_COLOUR", False)
    async with workspace_on(pictured) as workspace:
        await workspace.press("I")
        assert workspace.said == NO_COLOURS
        assert "▀" not in detail(workspace)


@pytest.mark.parametrize(
    ("image", "room", "place"),
    [
        (Image("u", 1600, 900), (60, 9), Place(32, 9)),
        (Image("u", 1600, 900), (20, 9), Place(18, 5)),
        (Image("u"), (60, 9), Place(32, 9)),
        (Image("u", 900, 1600), (60, 9), Place(10, 9)),
        (Image("u", 10_000, 10), (60, 9), Place(56, 7)),
        (Image("u", 10, 10_000), (60, 9), Place(9, 9)),
        (Image("u", 1600, 900), (60, 3), None),
        (Image("u", 1600, 900), (10, 9), None),
    ],
)
def test_the_reserved_space_has_the_shape_of_the_image(
    image: Image, room: tuple[int, int], place: Place | None
) -> None:
    assert place_for(image, *room) == place


def test_two_rows_of_pixels_are_one_line() -> None:
    red, blue = b"\xff\0\0", b"\0\0\xff"
    [line] = half_blocks(3, 2, red * 3 + red + blue * 2)
    assert [segment.text for segment in line] == ["▀", "▀▀"]
    assert line.cell_length == 3
    first, second = line
    assert (first.style.color.name, first.style.bgcolor.name) == ("#ff0000", "#ff0000")
    assert (second.style.color.name, second.style.bgcolor.name) == ("#ff0000", "#0000ff")


def test_pillow_and_httpx_are_not_imported_at_start(tmp_path: Path) -> None:
    code = "import sys, newsdesk.tui.app; print([n for n in sys.modules if n in set(sys.argv)])"
    names = ["PIL", "PIL.Image", "textual_image", "httpx", "newsdesk.workspace.images.service"]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *names, "newsdesk.tui.screens.image"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
