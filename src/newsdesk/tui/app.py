"""The Textual application: themes, the palette, the desk as its one screen, a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.screen import Screen

from newsdesk.errors import UsageError
from newsdesk.text import safe_line, shown, shown_block
from newsdesk.tui.ending import ENDING_SIGNALS, Ending, guarded_terminal
from newsdesk.tui.key_queue import KeyHandled, KeyQueue
from newsdesk.tui.monochrome import MONOCHROME, ColourRemover
from newsdesk.tui.safe_text import pasted
from newsdesk.tui.safe_widgets import Text
from newsdesk.tui.screens.main import MainScreen
from newsdesk.tui.textual_compat import (
    CompatApp,
    bindings_of_node,
    driver_class,
    replace_invalid_bytes,
)
from newsdesk.tui.themes import NEWSDESK_DARK, OWN_THEMES
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.tui.palette import CommandProvider

_log = logging.getLogger(__name__)


def _commands() -> type[CommandProvider]:
    from newsdesk.tui.palette import CommandProvider

    return CommandProvider


class NewsdeskApp(CompatApp):
    """Shows one open desk. Returns the folder of another collection if the person goes there."""

    TITLE = "newsdesk"
    CSS_PATH = "newsdesk.tcss"
    COMMANDS: ClassVar = {_commands}
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, workspace: Workspace, theme: str = "") -> None:
        super().__init__(driver_class=driver_class())
        self.workspace = workspace
        settings = workspace.settings
        if self.COMMAND_PALETTE_BINDING not in settings.keys.of("palette"):
            # Textual's own way to the palette comes before everything; the key may be another's.
            bindings_of_node(self).key_to_bindings.pop(self.COMMAND_PALETTE_BINDING, None)
        self._is_ended = False
        self.ending: Ending | None = None  # what ends it when a signal asks for that
        for own in OWN_THEMES:
            self.register_theme(own)
        theme = MONOCHROME.name if self.no_color else theme or settings.theme
        self.theme = theme if theme in self.available_themes else NEWSDESK_DARK.name
        self._type_ahead = KeyQueue(
            super().on_event, self._can_take_keys, self._follow_key, self.set_timer
        )

    def copy_to_clipboard(self, text: str) -> None:
        """Copy one line of safe text: what is pasted into a shell must not run there."""
        super().copy_to_clipboard(safe_line(text))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Take every colour away where none is wanted; Textual would leave greys."""
        if self.theme == MONOCHROME.name:
            return (ColourRemover(),)
        return super().get_line_filters()

    async def on_event(self, event: events.Event) -> None:
        """Let keys wait for one another; everything else goes its way."""
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = pasted(event.text)  # an input would hand its bytes on to the terminal
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._type_ahead.press(event)
        else:
            await super().on_event(event)

    def _can_take_keys(self) -> bool:
        if isinstance(self.screen, MainScreen) and self.screen.is_opening_dialog:
            return False
        return self.screen.is_mounted and (
            self.screen.focused is not None or not self._expects_focus
        )

    @property
    def _expects_focus(self) -> bool:
        return bool(getattr(self.screen, "EXPECTS_FOCUS", False))

    def _follow_key(self) -> DOMNode:
        target = self.screen.focused or self.screen
        target.post_message(KeyHandled())
        return target

    async def on_key_handled(self) -> None:
        """Take the next key."""
        await self._type_ahead.handled()

    def get_default_screen(self) -> Screen[None]:
        """Open the desk."""
        return MainScreen(self.workspace, self.size.width)

    def on_mount(self) -> None:
        """End in an orderly way when the system asks for it."""
        # Back from Ctrl+Z Textual sets the terminal's modes, but draws nothing by itself.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        if self.is_headless:
            return
        if self.ending is not None:
            loop = asyncio.get_running_loop()
            self.ending.listen(lambda number: loop.call_soon_threadsafe(self._end_by, number))

    def _end_by(self, number: signal.Signals) -> None:
        # Decisions that are queued are carried out after the terminal is given back: their
        # thread is waited for when the program ends. Of one about many files the rest is left.
        self._is_ended = True
        main_screen = self.screen_stack[0]
        if isinstance(main_screen, MainScreen):
            main_screen.write_queue.stop()
        self.exit(return_code=128 + number, message=Text(f"newsdesk: ended by {number.name}."))

    def action_help_quit(self) -> None:
        """Ctrl+C says how to leave, in our words."""
        screen = self.screen
        if isinstance(screen, MainScreen):
            screen.post_status(screen.keys.fill("Press {quit} to quit."))

    async def action_quit(self) -> None:
        """Leave as `q` does."""
        main_screen = self.screen_stack[0]
        if isinstance(main_screen, MainScreen):
            main_screen.action_quit()

    def report_exception(self, error: BaseException | None, details: str) -> None:
        """Restore the terminal, print one line, keep the traceback in the log."""
        if error is None:
            _log.error("Textual reported an error:\n%s", details)
            told = "newsdesk: something went wrong with the terminal."
        elif self._is_ended:  # a screen that was never finished, for one
            _log.warning("Unhandled exception while newsdesk was ended", exc_info=error)
            return
        else:
            _log.error("Unhandled exception", exc_info=error)
            told = f"newsdesk: something went wrong ({type(error).__name__})."
        self.exit(return_code=1, message=Text(f"{told} {_log_hint()}"))


def _log_hint() -> str:
    handlers = logging.getLogger("newsdesk").handlers
    paths = [h.baseFilename for h in handlers if isinstance(h, logging.FileHandler)]
    return f"The log has more: {shown(paths[0])}" if paths else ""


class SafeFormatter(logging.Formatter):
    """Writes records, tracebacks too, so that whoever reads the log in a terminal is safe."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text that is safe to show."""
        return shown_block(super().format(record))


def _keep_log(path: Path) -> None:
    """Write warnings and errors to the log; without one if the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    except OSError:
        return
    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("newsdesk")
    logger.handlers = [handler]
    logger.propagate = False


def run_main_screen(workspace: Workspace) -> tuple[int, Path | None]:
    """Run the main screen; return the exit code, and the collection to open next, if any.

    Raises `UsageError` if standard input, output or error output is no terminal.
    """
    _ = workspace.settings  # raises for a flag that cannot be used
    has_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    if not has_terminal or os.environ.get("TERM", "") in ("", "dumb"):
        raise UsageError(
            "The main screen needs a terminal on input, output and error output.",
            "Use `newsdesk list` in scripts.",
        )
    _keep_log(workspace.config.log_path)
    replace_invalid_bytes()
    app = NewsdeskApp(workspace)
    # From the first change of the terminal on nothing may end us until `on_mount` can tidy up.
    with guarded_terminal(sys.stderr.fileno()) as ending:  # Textual draws there
        app.ending = ending
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
        try:
            app.run()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return app.return_code or 0, app.return_value
