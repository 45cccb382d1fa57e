"""A signal ends the program within a second, also while it is too busy to hear of it."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from .terminal import Terminal

_BUSY = """
import re, sys, threading
from newsdesk.tui.screens.main import MainScreen
def python(self):
    print(end="", flush=True)
    while True: pass
def thread(self):
    # In a thread the matching looks at no signal, and no other thread can run.
    threading.Thread(target=re.match, args=("(a+)+$", "a" * 60 + "b"), daemon=True).start()
MainScreen.action_zoom = {what}
from newsdesk.__main__ import main
sys.exit(main())
"""


def _is_busy(process: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU time is read from /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("what", ["python", "thread"])
def test_a_signal_ends_a_program_that_takes_no_key(
    seeds_to_read: Path, tmp_path: Path, what: str, number: signal.Signals
) -> None:
    script = tmp_path / "busy.py"
    script.write_text(_BUSY.format(what=what))
    command = [sys.executable, str(script), str(seeds_to_read)]
    with Terminal(command, tmp_path / "own") as terminal:
        terminal.until("▌ ○")
        terminal.settle()
        used = _is_busy(terminal.process.pid)
        terminal.send("z")
        # What a key usually costs is a tenth of that.
        terminal.until(lambda: _is_busy(terminal.process.pid) > used + 0.5)
        begin = time.monotonic()
        terminal.process.send_signal(number)
        code = terminal.wait()
        assert time.monotonic() - begin < 5  # 1 on a machine with nothing else to do
        # Killed from outside where no instruction of Python can run.
        assert code == (128 + number if what == "python" else -signal.SIGKILL)
        terminal.assert_given_back()
        assert f"newsdesk: ended by {number.name}." in bytes(terminal.written).decode()
