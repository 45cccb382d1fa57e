"""A real pseudo-terminal: start a program in it, press keys, keep every byte that it wrote."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

TIMEOUT_SECONDS = 30  # seconds until something that does not come fails a test
# Makes the pty the controlling terminal of the program, as a terminal window does.
_LAUNCH = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
# What pyte does not know and would print: answers of other kinds of keyboards, of modes, strings.
_NOT_FOR_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*u|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_ON_AT_START = (7, 25)  # long lines are wrapped, the cursor is shown
_KEYBOARD = re.compile(rb"\x1b\[([<>])[0-9;]*u")
NEWSDESK = (sys.executable, "-m", "newsdesk")


class Terminal:
    """A program in a pseudo-terminal; `written` is every byte it wrote."""

    def __init__(
        self,
        command: Sequence[str],
        home: Path,
        *,
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str] | None = None,
        stdin: int | None = None,
    ) -> None:
        self.written = bytearray()
        self.draws = True  # keep `screen` up to date; costs more than everything else here
        self._held = b""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._fd, self._slave = pty.openpty()
        self.resize(*size, tell=False)
        self.modes_before = termios.tcgetattr(self._slave)
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_STATE_HOME": str(home / "state"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "BROWSER": "/nonexistent/browser",
            "EDITOR": "/nonexistent/editor",
            "TEXTUAL_ANIMATIONS": "none",
            **(environment or {}),
        }
        launch = [sys.executable, "-c", _LAUNCH] if stdin is None else []
        self.process = subprocess.Popen(
            [*launch, *command],
            stdin=self._slave if stdin is None else stdin,
            stdout=self._slave,
            stderr=self._slave,
            env=variables,
            start_new_session=True,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._fd)
        os.close(self._slave)

    # -- in --------------------------------------------------------------------------------

    def send(self, keys: str | bytes) -> None:
        """Press keys, all at once."""
        os.write(
            self._fd, keys.encode("utf-8", "surrogateescape") if isinstance(keys, str) else keys
        )

    def resize(self, columns: int, rows: int, *, tell: bool = True) -> None:
        """Make the window another size."""
        if tell:
            self.screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # -- out -------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.02) -> bool:
        """Take in what was written; False if nothing came."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            return False
        if b"\x1b[6n" in data:
            os.write(self._fd, b"\x1b[1;1R")
        self.written += data
        if not self.draws:
            return True
        data = self._held + data
        # A sequence may be cut in two by the reading: hold its beginning back.
        cut = data.rfind(b"\x1b")
        whole = (
            cut < 0 or len(data) - cut > 64 or re.match(rb"\x1b(\[[^@-~]*[@-~]|[^\[P])", data[cut:])
        )
        self._held, data = (b"", data) if whole else (data[cut:], data[:cut])
        with contextlib.suppress(Exception):  # pyte is no terminal for every sequence there is
            self._stream.feed(_NOT_FOR_PYTE.sub(b"", data))
        return bool(data)

    @property
    def lines(self) -> list[str]:
        # Not `screen.display`: half a frame may leave the second half of a wide character alone.
        rows = (self.screen.buffer[y] for y in range(self.screen.lines))
        columns = range(self.screen.columns)
        return ["".join(row[x].data for x in columns).rstrip() for row in rows]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(
        self, condition: str | Callable[[], object], seconds: float = TIMEOUT_SECONDS
    ) -> None:
        """Wait until a text stands on the screen, or until something is true."""
        end = time.monotonic() + seconds
        while not (condition in self.text if isinstance(condition, str) else condition()):
            if time.monotonic() > end or (self.has_ended and not self.pump(0)):
                tail = bytes(self.written[-600:])
                raise AssertionError(f"never came: {condition}\n{self.text}\n{tail!r}")
            self.pump()

    def settle(self, quiet: float = 0.12) -> None:
        """Wait until nothing was written for so many seconds."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.pump(quiet) and time.monotonic() < end:
            pass

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def wait(self, seconds: float = TIMEOUT_SECONDS) -> int:
        """Wait for the program's end; return its exit code."""
        end = time.monotonic() + seconds
        while not self.has_ended:
            if time.monotonic() > end:
                raise AssertionError(f"did not end\n{self.text}")
            self.pump(0.005)
        while self.pump(0.05):
            pass
        return self.process.returncode

    # -- the state the terminal is in ------------------------------------------------------

    @property
    def modes_on(self) -> set[int]:
        """The private modes that are not as a terminal starts; 25, the cursor, if it is hidden."""
        on: set[int] = set()
        for numbers, end in _MODE.findall(bytes(self.written)):
            for number in map(int, numbers.split(b";")):
                if (end == b"h") != (number in _ON_AT_START):
                    on.add(number)
                else:
                    on.discard(number)
        return on

    def assert_given_back(self) -> None:
        """Everything that was changed about the terminal is as it was."""
        assert self.modes_on == set()
        kinds = list(_KEYBOARD.findall(bytes(self.written)))
        assert kinds.count(b">") <= kinds.count(b"<")
        assert termios.tcgetattr(self._slave) == self.modes_before
