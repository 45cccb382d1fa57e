"""Every patch and every use of a private name of Textual, with the condition to remove it.

| here | upstream (github.com/Textualize/textual) | remove when |
| --- | --- | --- |
| `replace_invalid_bytes` | issue 6456: an invalid byte ends the input thread | the drivers decode with `errors="replace"` |
| `TerminalDriver` | issues 5140 and 1582: signals that end and continue a program | the driver ignores SIGCONT unless it stopped itself, and reports when the terminal is restored |
| `CompatApp._handle_exception`, `panic` | no issue found: a traceback is printed over the screen | `App` has a public method for an exception that nothing handled |
| `CompatApp.refresh_css` | no issue found; pull request 3575 is on the cost of parsing | setting a theme before the first screen parses no style sheet |
| `bindings_of_node` | no issue found: `App.set_keymap` cannot take a key from a binding | a screen's bindings can be replaced by a public method |

What uses public methods only is not here: `KeyQueue` (issues 1199 and 4704: a key reaches a widget
that was not focused when it was typed) and `ColourRemover` (issue 839: with NO_COLOR Textual
leaves greys). `newsdesk.cell_widths` patches Rich, for the command line as well.
"""  # noqa: E501 - a row of a table is one line

from __future__ import annotations

import codecs
import logging
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.driver import Driver

_log = logging.getLogger(__name__)


def replace_invalid_bytes() -> None:
    """Make the driver read a byte that is not UTF-8 as `�`, such as one of a pasted text."""
    from textual.drivers import linux_driver

    def decoder_of(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
        return partial(codecs.getincrementaldecoder(encoding), errors="replace")

    linux_driver.getincrementaldecoder = decoder_of  # type: ignore[attr-defined, assignment]


def driver_class() -> type[Driver] | None:
    """Return the driver for this system; None for Textual's own."""
    return None if sys.platform == "win32" else TerminalDriver


def bindings_of_node(node: DOMNode) -> BindingsMap:
    """Return the bindings of one app, screen or widget, which may be changed."""
    return node._bindings


class CompatApp(App[Path]):
    """An app that reports unhandled exceptions to one method, and parses its styles once."""

    def report_exception(self, error: BaseException | None, details: str) -> None:
        """Handle what nothing else handled: `error`, or what a thread of Textual printed."""
        raise NotImplementedError

    def refresh_css(self, animate: bool = True) -> None:
        """Use the theme's colours; without a screen the first parse will use them."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def _handle_exception(self, error: Exception) -> None:
        if self.is_headless:  # tests need the exception itself
            super()._handle_exception(error)
        else:
            self.report_exception(error, "")

    def panic(self, *renderables: RenderableType) -> None:
        """Report what a thread of Textual would print over the screen."""
        if self.is_headless:
            super().panic(*renderables)
            return
        with self.console.capture() as captured:
            self.console.print(*renderables)
        self.report_exception(None, captured.get())


if sys.platform != "win32":
    from textual.drivers.linux_driver import LinuxDriver

    class TerminalDriver(LinuxDriver):
        """Continues only where it was stopped, and notes when the terminal is restored.

        A terminal whose window is closed sends SIGCONT to its programs after SIGHUP. Textual's
        driver would start to read keys again, from a closed terminal, at full speed and without
        end, in a program that had ended but for that.
        """

        def start_application_mode(self) -> None:
            """Change the terminal's modes; from now on they have to be restored."""
            self._note(is_restored=False)
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def stop_application_mode(self) -> None:
            """Restore the terminal's modes."""
            super().stop_application_mode()
            self._note(is_restored=True)

        def _note(self, *, is_restored: bool) -> None:
            ending = getattr(self._app, "ending", None)
            if ending is not None:
                ending.is_restored = is_restored

        def _sigcont_application(self, *arguments: Any) -> None:
            if self._must_signal_resume:  # set when Ctrl+Z stopped the program
                super()._sigcont_application(*arguments)
