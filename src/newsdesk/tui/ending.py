"""End within a second of SIGTERM, SIGHUP or SIGQUIT, whatever newsdesk is doing.

An idle event loop ends in an orderly way. If it is busy, a thread gives the terminal back after
`ORDERLY_END_SECONDS`; if no thread can run either, the process of `terminal_guard` does.
"""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from newsdesk.tui import external, terminal_guard

ORDERLY_END_SECONDS = 0.7  # for an orderly end
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Ending:
    """Watches over the end of one run of the main screen; made by `guarded_terminal`."""

    def __init__(self, terminal: int, modes: str, pipe: int) -> None:
        self.is_restored = True  # the terminal is not changed now
        self._terminal = terminal
        self._modes = modes
        self._pipe = pipe
        self._end: Callable[[signal.Signals], object] | None = None

    def listen(self, end: Callable[[signal.Signals], object]) -> None:
        """Call `end` from now on when a signal asks for the end; it may be called at any time."""
        self._end = end
        for number in ENDING_SIGNALS:
            signal.signal(number, self._on_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Between any two instructions of the main thread: nothing here may wait for a lock.
        end, self._end = self._end, None
        if end is None:
            return
        with suppress(OSError):
            os.write(self._pipe, bytes([terminal_guard.REACTED]))
        _thread.start_new_thread(self._force_end, (signal.Signals(number),))
        external.end_editor()
        end(signal.Signals(number))

    def _force_end(self, number: signal.Signals) -> None:
        time.sleep(ORDERLY_END_SECONDS)
        if not self.is_restored:
            message = f"newsdesk: ended by {number.name}."
            terminal_guard.restore_terminal(self._terminal, self._modes, message)
        # What is written at this moment is finished or rolled back at the next start.
        os._exit(128 + number)


@contextmanager
def guarded_terminal(terminal: int) -> Iterator[Ending]:
    """Start what gives a terminal back; signals mean afterwards what they meant before."""
    modes = terminal_guard.terminal_modes(terminal)
    theirs, ours = os.pipe()
    os.set_blocking(ours, False)
    # Isolated and without site packages: ready in a few milliseconds, and nothing of the
    # collection's folder is imported. In a session of its own it outlives a closed terminal.
    command = [sys.executable, "-I", "-S", terminal_guard.__file__, str(os.getpid()), modes]
    guard: subprocess.Popen[bytes] | None = None
    with suppress(OSError):  # without it only an end in an orderly way is sure
        guard = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    os.close(theirs)
    handlers = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    wakeup = signal.set_wakeup_fd(ours, warn_on_full_buffer=False)
    try:
        yield Ending(terminal, modes, ours)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(ours)  # which ends the process
        if guard is not None:
            guard.wait()
