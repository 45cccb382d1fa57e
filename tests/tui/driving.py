"""Drive the desk without a terminal: press keys, wait for what comes of it, read the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import Input

from newsdesk.config import Config
from newsdesk.tui.app import NewsdeskApp
from newsdesk.tui.screens.main import MainScreen
from newsdesk.workspace.workspace import Workspace

TIMEOUT_SECONDS = 30  # seconds until a condition that does not come true fails a test


def config_for(folder: Path, *, newcomer: bool = False) -> Config:
    """Settings whose cache and state lie beside a collection.

    Unless for a newcomer, as of a person who decided something before, elsewhere.
    """
    home = folder.parent / "home"
    if not newcomer:
        mark_as_used(home / "state")
    return Config(folder, home / "cache", home / "state")


def mark_as_used(state_folder: Path) -> None:
    """Leave what the first decision leaves."""
    with suppress(FileExistsError):  # some tests put a file in the folder's place
        state_folder.mkdir(parents=True, exist_ok=True)
        (state_folder / "elsewhere.journal.db").touch()


class Session:
    """A desk that is open, and somebody at its keys."""

    def __init__(self, app: NewsdeskApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def dialog(self) -> str:
        """The name of what lies over the desk, once it is made; empty if nothing does."""
        screen = self.app.screen
        return "" if screen is self.screen or not screen.is_mounted else type(screen).__name__

    # -- keys ------------------------------------------------------------------------------

    def burst(self, *keys: str) -> None:
        """Send keys all at once, as a paste of keys or a slow line does; wait for nothing.

        A key is a name (`enter`); what begins with `"` is text, sent letter by letter.
        """
        for key in keys:
            if key.startswith('"'):
                for character in key[1:]:
                    self._send(_character_to_key(character), character)
            else:
                name = _character_to_key(key) if len(key) == 1 else key
                self._send(name, key if len(key) == 1 else None)

    def _send(self, key: str, character: str | None) -> None:
        event = events.Key(key, character)
        event.set_sender(self.app)
        self.app.post_message(event)

    async def press(self, *keys: str) -> None:
        """Press keys one after the other and wait until each has been dealt with."""
        for key in keys:
            self.burst(key)
            await self.drain()

    async def drain(self) -> None:
        """Wait until all keys that were sent and all messages they caused are dealt with."""
        keys = self.app._type_ahead
        await self.pilot.pause(0)
        await self.until(lambda: not keys._keys, "all keys are taken")
        end = time.monotonic() + 0.3  # a key whose dialog went away is never reported
        await self.until(lambda: keys._busy_since is None or time.monotonic() > end)
        await self.pilot.pause(0)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for a condition; fail with the picture of the screen if it never comes true."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {what or condition}\n\n{self.text}")
            await asyncio.sleep(0.003)

    async def settled(self) -> None:
        """Wait until nothing is under way and the detail shows the article under the cursor."""
        await self.until(lambda: self._is_settled, "the desk is quiet")
        await self.drain()
        await self.until(lambda: self._is_settled, "the desk is quiet")

    @property
    def _is_settled(self) -> bool:
        screen = self.screen
        if not self.app.screen.is_mounted or not screen.write_queue.is_idle:
            return False
        if screen.refresher.is_running or screen.is_reading or screen.is_searching:
            return False
        # The watch for changes on disk goes on for as long as the desk is open.
        workers = [worker for worker in self.app.workers if worker.group != "watch"]
        if any(not worker.is_finished for worker in workers):
            return False
        article, row = screen.detail.article, screen.articles.row
        return (article and article.path) == (row and row.path)

    # -- what can be seen ------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The lines of the whole screen, dialogs and all, as they are drawn."""
        screen = self.app.screen
        if self.dialog:  # a dialog is drawn over the desk
            return _flat(screen)
        return _flat(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def region(self, selector: str) -> list[str]:
        """The lines of one widget, as they are drawn."""
        widget = self.app.screen.query_one(selector)
        return ["".join(s.text for s in widget.render_line(y)) for y in range(widget.size.height)]

    @property
    def said(self) -> str:
        return self.screen.status.said

    @property
    def summary(self) -> str:
        """What the query bar says on its right."""
        return "".join(self.region("#query-summary")).strip()

    @property
    def query(self) -> str:
        return self.screen.query_one("#query-input", Input).value

    @property
    def paths(self) -> list[str]:
        """The paths of the articles that have a line in the list, in order."""
        screen = self.screen
        return [row.path for row in screen.workspace.rows(screen.articles.ids)]

    @property
    def found(self) -> list[str]:
        """The paths of all articles in the list, folded ones too, in order."""
        screen = self.screen
        return [row.path for row in screen.workspace.rows(screen.articles.lines.found)]

    @property
    def path(self) -> str:
        """The path of the article under the cursor."""
        row = self.screen.articles.row
        return row.path if row else ""

    @property
    def cursor(self) -> int:
        return self.screen.articles.cursor

    @property
    def focus(self) -> str:
        """The id of the widget that has the keys."""
        focused = self.app.screen.focused
        return (focused.id or "") if focused is not None else ""


def _flat(screen: object) -> list[str]:
    strips = screen._compositor.render_strips()  # type: ignore[attr-defined]
    return ["".join(segment.text for segment in strip) for strip in strips]


@asynccontextmanager
async def workspace_on(
    folder: Path,
    size: tuple[int, int] = (120, 40),
    theme: str = "newsdesk-dark",
    settle: bool = True,
    newcomer: bool = False,
) -> AsyncIterator[Session]:
    """Open the desk on a folder; it is settled when the block begins."""
    workspace = Workspace(config_for(folder, newcomer=newcomer))
    app = NewsdeskApp(workspace, theme)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            session = Session(app, pilot)
            if settle:
                await session.settled()
            yield session
    finally:
        workspace.close()
