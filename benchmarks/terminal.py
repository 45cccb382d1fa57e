"""Drive a terminal program in a real pty and time what a person would see.

While a program is being timed its output is only collected, with the time of each piece; it is
drawn on the virtual screen afterwards. Drawing in between would keep the program waiting.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyte

_FRAME_END = b"\x1b[?2026l"  # marks the end of a frame in programs with synchronized output
_FRAME_BEGIN = b"\x1b[?2026h"
_ASKS_FOR_SYNC = b"\x1b[?2026$p"
_ASKS_FOR_CURSOR = b"\x1b[6n"
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[umt]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\[>[0-9;]*[cq]"
)
_MEMORY_EVERY = 0.2  # seconds


class NotSeen(Exception):
    """What was waited for never came; the message ends with the screen."""


class Terminal:
    """One program in a pty of its own; times are seconds of `time.perf_counter`."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (140, 42),
        folder: Path | None = None,
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._carry = b""
        self._knows_frames = False
        self.peak_memory = 0
        self._sampled_at = 0.0
        self.ended = False
        environment = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.started_at = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                if folder is not None:
                    os.chdir(folder)
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program with SIGTERM, then with SIGKILL."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)
            end = time.monotonic() + 5.0
            while time.monotonic() < end:
                self._receive(0.02)
                with suppress(ChildProcessError):
                    if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
                        continue
                with suppress(OSError):
                    os.close(self._fd)
                return

    # -- keys and output -------------------------------------------------------------------

    def press(self, keys: str) -> float:
        """Send keys at once; return when."""
        self._sample_memory()
        sent_at = time.perf_counter()
        os.write(self._fd, keys.encode())
        return sent_at

    def _receive(self, timeout: float) -> bool:
        """Collect one piece of output; False if none came within so many seconds."""
        if self.ended:
            time.sleep(min(timeout, 0.05))
            return False
        ready, _, _ = select.select([self._fd], [], [], max(0.0, timeout))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return False
        self._pieces.append((time.perf_counter(), data))
        with suppress(OSError):
            if _ASKS_FOR_CURSOR in data:
                os.write(self._fd, b"\x1b[1;1R")
            if _ASKS_FOR_SYNC in data:  # as kitty, foot, WezTerm, iTerm2 and others answer
                os.write(self._fd, b"\x1b[?2026;2$y")
        return True

    def collect(self, seconds: float) -> None:
        """Collect output for some time, without drawing it."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._receive(left)

    def collect_until_quiet(self, quiet: float, limit: float) -> None:
        """Collect output until none has come for `quiet` seconds, or the limit is reached."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end and self._receive(quiet):
            pass

    def frames(self) -> Iterator[float]:
        """Draw what was collected, frame by frame; yield when each was complete.

        A program without synchronized output has one frame per piece of output.
        """
        while self._pieces:
            at, data = self._pieces.popleft()
            self._knows_frames = self._knows_frames or _FRAME_BEGIN in data
            self._carry += data
            if not self._knows_frames:
                self._draw(len(self._carry))
                yield at
                continue
            while (end := self._carry.find(_FRAME_END)) >= 0:
                self._draw(end + len(_FRAME_END))
                yield at

    def _draw(self, length: int) -> None:
        data, self._carry = self._carry[:length], self._carry[length:]
        with suppress(Exception):  # a sequence that pyte does not know is not the program's fault
            self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    def catch_up(self) -> float:
        """Draw all that was collected; return when the last frame was complete, or 0."""
        return max(self.frames(), default=0.0)

    def when(self, seen: Callable[[], object], keys: str = "", limit: float = 10.0) -> float:
        """Press keys; return the seconds until the end of the frame in which `seen` is true.

        Without keys they are counted from the start of the program. Raises `NotSeen`.
        """
        since = self.press(keys) if keys else self.started_at
        end = time.perf_counter() + limit
        while True:
            self.collect_until_quiet(0.004, 0.25)
            for at in self.frames():
                if seen():
                    return at - since
            if self.ended or time.perf_counter() > end:
                raise NotSeen(f"Nothing within {limit:g} s of {keys!r}:\n{self.text}")
            self._sample_memory()

    def settle(self, quiet: float = 0.25, limit: float = 10.0) -> None:
        """Wait until nothing more is printed, and draw it."""
        self.collect_until_quiet(quiet, limit)
        self.catch_up()
        self._sample_memory()

    @property
    def lines(self) -> list[str]:
        """The lines of the screen."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(line.rstrip() for line in self.lines)

    # -- memory ----------------------------------------------------------------------------

    def _sample_memory(self) -> None:
        now = time.monotonic()
        if now - self._sampled_at >= _MEMORY_EVERY:
            self._sampled_at = now
            self.peak_memory = max(self.peak_memory, memory_of_tree(self._pid))

    def cpu_seconds(self) -> float:
        """Return the CPU time that the program itself has used."""
        try:
            fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of_tree(pid: int) -> int:
    """Return the resident bytes of a process and all below it: its own at their peak.

    0 where there is no /proc.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    own = int(found[1]) * 1024 if found else 0
    return own + sum(memory_of_tree(int(child)) for child in children)
