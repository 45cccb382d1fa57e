"""Give the terminal back for a newsdesk that is too busy to end: a small process beside it.

Python runs signal handlers between two of its own instructions. While a thread is in C code that
keeps the interpreter (a regular expression, for one), none runs. So this process, which newsdesk
starts as a script, learns of each signal through the pipe that Python's C handler writes to
(`signal.set_wakeup_fd`), kills a newsdesk that does not react, and resets the terminal.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import time

REACT_SECONDS = 0.9  # after which a newsdesk that did not react to a signal is killed
END_SECONDS = 2.0  # after which one that reacted, but did not end, is
REACTED = 0  # a byte that is the number of no signal
# SIGHUP, SIGQUIT and SIGTERM have these numbers on every POSIX system; `signal` is slow to load.
NAMES = {1: "SIGHUP", 3: "SIGQUIT", 15: "SIGTERM"}
_KILL = 9
# Mouse, focus, paste and resize reports, keyboard protocol, other screen, cursor, colours.
_RESET = (
    b"\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l"
    b"\x1b[?2048l\x1b[?1016l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)


def terminal_modes(fd: int) -> str:
    """Return the modes of a terminal as text for `restore_terminal`; raises `termios.error`."""
    *numbers, characters = termios.tcgetattr(fd)
    codes = (c if isinstance(c, int) else c[0] for c in characters)
    return f"{','.join(map(str, numbers))};{','.join(map(str, codes))}"


def restore_terminal(fd: int, modes: str, message: str) -> None:
    """Leave the terminal as it was before, and say why; does nothing where it is gone."""
    numbers, codes = ([int(number) for number in part.split(",")] for part in modes.split(";"))
    attributes: list[int | list[bytes | int]] = [*numbers, [*codes]]
    try:
        os.write(fd, _RESET)
        termios.tcsetattr(fd, termios.TCSANOW, attributes)
        os.write(fd, f"{message}\n".encode())
    except (OSError, termios.error):
        return


def watch(parent: int, modes: str, pipe: int = 0, terminal: int = 1) -> None:
    """Read from the pipe until newsdesk ends by itself or has to be killed."""
    number, kill_at = 0, 0.0
    while True:
        wait = max(0.0, kill_at - time.monotonic()) if number else None
        if not select.select([pipe], [], [], wait)[0]:
            break
        data = os.read(pipe, 64)
        if not data:
            return
        for byte in data:
            if byte in NAMES and not number:
                number, kill_at = byte, time.monotonic() + REACT_SECONDS
            elif byte == REACTED and number:
                kill_at = time.monotonic() + END_SECONDS
    try:
        os.kill(parent, _KILL)
    except ProcessLookupError:
        return
    select.select([pipe], [], [], 0.5)  # it writes nothing any more once the pipe is closed
    restore_terminal(terminal, modes, f"newsdesk: ended by {NAMES[number]}.")


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
