"""Work on batches in several processes comes in order, whatever happens to the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from newsdesk.index.process_pool import map_in_processes

PATIENCE = 30  # seconds


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes must find this module, and know that they are not this one."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.setenv("TESTED_BY", str(os.getpid()))


def is_apart() -> bool:
    return os.environ["TESTED_BY"] != str(os.getpid())


def wait_until_gone(pids: set[int]) -> None:
    end = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < end, "processes are left"
        time.sleep(0.02)


def squares(numbers: list[int]) -> list[int]:
    time.sleep(0.002 * (numbers[0] % 3))  # some take longer
    return [number * number for number in numbers]


def pid_of(_: list[int]) -> int:
    return os.getpid()


def die_at_three(numbers: list[int]) -> list[int]:
    if 3 in numbers and is_apart():
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers


def die_while_writing(numbers: list[int]) -> bytes:
    """Die with the answer half written."""
    if numbers[0] % 2 and is_apart():
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return bytes(1_000_000_000)
    return bytes(numbers)


def fail_at_three(numbers: list[int]) -> list[int]:
    if 3 in numbers:
        raise ValueError("three")
    return numbers


def wait_long(numbers: list[int]) -> int:
    if numbers[0]:
        time.sleep(60)
    return os.getpid()


def batches(number: int = 20) -> list[list[int]]:
    return [[2 * i, 2 * i + 1] for i in range(number)]


def test_results_come_in_the_order_of_the_batches_from_several_processes() -> None:
    assert list(map_in_processes(squares, batches(), 3)) == [
        [number * number for number in batch] for batch in batches()
    ]
    pids = set(map_in_processes(pid_of, batches(), 3))
    assert os.getpid() not in pids
    assert 1 < len(pids) <= 3


def test_there_is_no_process_without_a_batch() -> None:
    assert list(map_in_processes(pid_of, [], 3)) == []
    assert len(set(map_in_processes(pid_of, [[1]], 3))) == 1


def test_what_a_killed_process_was_at_is_done_here() -> None:
    assert list(map_in_processes(die_at_three, batches(), 2)) == batches()


def test_a_process_killed_while_it_answers_is_waited_for_no_longer() -> None:
    assert list(map_in_processes(die_while_writing, [[1], [2], [3]], 2)) == [b"\1", b"\2", b"\3"]


def test_what_the_work_raises_is_raised_here() -> None:
    found = map_in_processes(fail_at_three, batches(), 2)
    assert next(found) == [0, 1]
    with pytest.raises(ValueError, match="three"):
        next(found)


def test_where_no_process_can_be_started_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert set(map_in_processes(pid_of, batches(), 2)) == {os.getpid()}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_who_stops_reading_ends_the_processes_at_once() -> None:
    found = map_in_processes(wait_long, batches(), 2)
    pid = next(found)
    found.close()  # type: ignore[attr-defined]
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_outlives_the_one_it_works_for() -> None:
    code = (
        "from newsdesk.index.process_pool import map_in_processes;"
        "from index import test_process_pool;"
        "found = map_in_processes(test_process_pool.pid_of, test_process_pool.batches(), 2);"
        "print(*{next(found) for _ in range(10)}, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = {int(pid) for pid in parent.stdout.readline().split()}
    assert pids
    parent.kill()
    with suppress(BrokenPipeError):
        parent.communicate()
    wait_until_gone(pids)
