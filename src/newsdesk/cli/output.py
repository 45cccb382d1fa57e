"""Write data, messages and progress to standard output and standard error."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from newsdesk.errors import NewsdeskError
from newsdesk.text import safe, shown

if TYPE_CHECKING:
    from newsdesk.config import Config

COLOR_CHOICES = ("auto", "always", "never")
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_PAINT = re.compile(rf"(\x1b\[(?:(?:{'|'.join(_STYLES.values())}|;)+|0)m)")
_CLEAR_LINE = "\r\x1b[K"
_PROGRESS_INTERVAL_SECONDS = 0.1  # seconds


class Output:
    """Standard output for data, standard error for everything else.

    `is_terminal`: standard output is a terminal. `has_color`: data may be coloured.
    `is_incomplete`: part of the collection could not be read; set by the code that reads it.
    `data` and `raw_line` expect text that is safe to show; the other methods escape their text.
    """

    def __init__(self) -> None:
        self.is_incomplete = False
        self._is_closed = sys.stdout is None
        self._stdout = _usable(sys.stdout)
        self._stderr = _usable(sys.stderr)
        self.is_terminal = self._stdout.isatty()
        self.is_error_terminal = self._stderr.isatty()
        self.use_color("auto")
        self._has_progress = False
        self._progress_at = 0.0
        _prepare(self._stdout, self.is_terminal)
        _prepare(self._stderr, True)

    def use_color(self, color: str) -> None:
        """Set whether output is coloured: `auto`, `always` or `never`."""
        self.has_color = _may_color(color, self.is_terminal)
        # Colour in a pipe means: print what a terminal would show.
        self.wants_table = self.is_terminal or color == "always"

    def data(self, text: str) -> None:
        """Write text to standard output as it is.

        Raises `BrokenPipeError` if the reader closed the pipe, `NewsdeskError` for other errors.
        """
        self.end_progress()
        if self._is_closed and text:
            raise NewsdeskError("Standard output is closed.", "Redirect it to a file or a program.")
        with _named_errors():
            self._stdout.write(text)

    def line(self, text: str = "") -> None:
        """Write a line of escaped text to standard output; the styles of `paint` are kept."""
        self.raw_line(_safe_painted(text))

    def raw_line(self, text: str) -> None:
        """Write a line to standard output as it is."""
        self.data(text + "\n")

    def flush(self) -> None:
        """Flush standard output; raise what `data` raises."""
        with _named_errors():
            self._stdout.flush()

    def message(self, text: object) -> None:
        """Write one sentence to standard error."""
        self.raw_message(f"newsdesk: {shown(text)}")

    def raw_message(self, text: str) -> None:
        """Write escaped lines to standard error without a prefix."""
        self.end_progress()
        with suppress(OSError, ValueError):
            self._stderr.write(_safe_painted(text) + "\n")
            self._stderr.flush()

    def hint(self, text: str) -> None:
        """Write a hint to standard error, only if both streams are terminals."""
        if self.is_error_terminal and self.is_terminal:
            with suppress(OSError, ValueError):
                self._stdout.flush()
            self.raw_message(self.paint(shown(text), "dim"))

    def progress(self, text: str) -> None:
        """Show progress in one line that the next call replaces."""
        now = time.monotonic()
        if (
            not self.is_error_terminal
            or _is_dumb()
            or now - self._progress_at < _PROGRESS_INTERVAL_SECONDS
        ):
            return
        self._progress_at = now
        self._has_progress = True
        columns = terminal_width()
        with suppress(OSError, ValueError):
            self._stderr.write(f"{_CLEAR_LINE}{shown(text)[: columns - 1]}")
            self._stderr.flush()

    def end_progress(self) -> None:
        """Clear the progress line."""
        if self._has_progress:
            self._has_progress = False
            with suppress(OSError, ValueError):
                self._stderr.write(_CLEAR_LINE)
                self._stderr.flush()

    def paint(self, text: str, *styles: str) -> str:
        """Return text with styles if colour is on, else as it is."""
        if not self.has_color or not text or not styles:
            return text
        codes = ";".join(_STYLES[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def discard(self) -> None:
        """Redirect standard output to the null device: its reader has closed the pipe."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stdout.fileno())
            os.close(null)


def report_collection(config: Config, output: Output) -> None:
    """Print the collection's folder if it was found above the current folder."""
    if config.enclosing is not None:
        output.message(f"Collection: {config.collection} ({config.enclosing.reason})")


def _safe_painted(text: str) -> str:
    """Return escaped text; the styles of `Output.paint` are kept."""
    return "".join(part if _PAINT.fullmatch(part) else safe(part) for part in _PAINT.split(text))


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NewsdeskError(
            f"Cannot write the output: {error.strerror or error}.", "Redirect it elsewhere."
        ) from error


class Interrupt:
    """Whether Ctrl+C was pressed.

    While `raises` is set, Ctrl+C raises `KeyboardInterrupt` at once: for work that cannot check
    `requested`, such as a regular expression.
    """

    def __init__(self) -> None:
        self.requested = False
        self.raises = False

    def is_requested(self) -> bool:
        """Return whether to stop."""
        return self.requested


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Set `requested` on the first Ctrl+C; raise `KeyboardInterrupt` on the second."""
    import signal

    interrupt = Interrupt()

    def handle(number: int, frame: object) -> None:
        is_second, interrupt.requested = interrupt.requested, True
        if is_second or interrupt.raises:
            raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, handle)
    except ValueError:  # signal handlers can be set in the main thread only
        yield interrupt
        return
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def terminal_width() -> int:
    """Return the columns of the terminal, `$COLUMNS` first."""
    import shutil

    return max(shutil.get_terminal_size().columns, 20)


def _usable(stream: TextIO | None) -> TextIO:
    # A stream that the parent process closed (`>&-`) is None.
    return stream if stream is not None else open(os.devnull, "w", encoding="utf-8")


def _prepare(stream: TextIO, is_for_person: bool) -> None:
    if not isinstance(stream, TextIOWrapper):
        return
    if is_for_person:
        stream.reconfigure(errors="replace")
    else:
        # File names may be no valid UTF-8: their bytes are written unchanged.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


def _may_color(color: str, is_terminal: bool) -> bool:
    if color != "auto":
        return color == "always"
    return is_terminal and not os.environ.get("NO_COLOR") and not _is_dumb()


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"
