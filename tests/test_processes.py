"""Work in a process of its own is told as it goes, can be stopped, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from newsdesk import processes
from newsdesk.processes import JobConnection, ProcessEnded, run_in_process

PATIENCE = 30  # seconds


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process must find this module."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def doing(
    work: Callable[..., None],
    request: object,
    is_stopped: Callable[[], bool] = lambda: False,
    agrees: Callable[[object], bool] = lambda _: True,
) -> Iterator[object]:
    return run_in_process(work, request, is_stopped=is_stopped, confirm=agrees)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with suppress(OSError):  # one that ended and was not asked about is gone too
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False


def wait_until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def double(numbers: list[int], line: JobConnection[int]) -> None:
    for number in numbers:
        line.send(2 * number)


def tell_pid_and_wait(_: None, line: JobConnection[int]) -> None:
    line.send(os.getpid())
    while not line.is_set():
        time.sleep(0.01)
    line.send(0)


def tell_pid_and_hang(_: None, line: JobConnection[int]) -> None:
    processes._PATIENCE = 0.2
    line.send(os.getpid())
    time.sleep(1_000)


def ask_and_tell(about: str, line: JobConnection[bool]) -> None:
    line.send(line.confirm(about))


def fall_over(_: None, line: JobConnection[str]) -> None:
    line.send("so far")
    raise ZeroDivisionError("of all things")


def tell_about_itself(_: str, line: JobConnection[object]) -> None:
    line.send((Path("/proc/self/cmdline").read_bytes(), os.getsid(0) == os.getpid()))


def test_what_it_tells_comes_in_order_and_then_it_is_gone() -> None:
    assert list(doing(double, [1, 2, 3])) == [2, 4, 6]
    assert list(doing(double, [])) == []


def test_it_can_be_stopped_and_tells_what_it_knows() -> None:
    told: list[object] = []
    for news in doing(tell_pid_and_wait, None, is_stopped=lambda: bool(told)):
        told.append(news)
    assert told[1:] == [0]
    assert is_gone(int(str(told[0])))


@pytest.mark.parametrize("yes", [True, False])
def test_a_question_is_answered(yes: bool) -> None:
    asked: list[object] = []
    told = list(doing(ask_and_tell, "really?", agrees=lambda about: asked.append(about) or yes))
    assert (asked, told) == (["really?"], [yes])


def test_one_that_is_killed_is_told_and_not_waited_for() -> None:
    news = doing(tell_pid_and_wait, None)
    pid = int(str(next(news)))
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ProcessEnded, match="was ended by SIGKILL"):
        next(news)
    assert is_gone(pid)


def test_one_that_falls_over_tells_where() -> None:
    news = doing(fall_over, None)
    assert next(news) == "so far"
    with pytest.raises(ProcessEnded, match="crashed") as caught:
        next(news)
    assert "ZeroDivisionError: of all things" in caught.value.traceback_text


def test_one_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(ProcessEnded, match="could not be started"):
        next(doing(double, [1]))


def test_one_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsdesk.processes._PATIENCE", 0.2)
    told: list[object] = []
    for news in doing(tell_pid_and_hang, None, is_stopped=lambda: bool(told)):
        told.append(news)
    assert is_gone(int(str(told[0])))


def test_who_stops_listening_leaves_no_process_behind() -> None:
    news = doing(tell_pid_and_wait, None)
    pid = int(str(next(news)))
    news.close()  # type: ignore[attr-defined]
    assert is_gone(pid)


@pytest.mark.parametrize("work", ["tell_pid_and_wait", "tell_pid_and_hang"])
def test_it_does_not_outlive_one_that_was_killed(work: str) -> None:
    code = (
        f"import test_processes as t; news = t.doing(t.{work}, None);"
        "print(next(news), flush=True); next(news)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: is_gone(pid), "the process is gone")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_request_is_on_the_command_line_and_no_signal_of_the_terminal_reaches_it() -> None:
    ((command, is_alone),) = doing(tell_about_itself, "Authorization: Bearer secret")
    assert b"secret" not in command
    assert b"serve_job" in command
    assert is_alone


def test_it_imports_nothing_from_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("multiprocessing", "signal", "newsdesk", "socket", "pickle"):
        (tmp_path / f"{name}.py").write_text("open('taken-in', 'w')")
    monkeypatch.chdir(tmp_path)
    assert list(doing(double, [21])) == [42]
    assert not (tmp_path / "taken-in").exists()
