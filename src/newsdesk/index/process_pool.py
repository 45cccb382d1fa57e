"""Do work on batches in several processes, in order, a few batches ahead.

Imported only when there is enough to do: `multiprocessing` costs every start some milliseconds.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from newsdesk.processes import ProcessEnded, started_process

if TYPE_CHECKING:
    import subprocess

Batch = TypeVar("Batch")
Result = TypeVar("Result")
# Batches under way per process: some, so that memory does not grow with the work, and enough for
# processes to go on while what they read before is being written.
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class _Answer(Generic[Result]):
    """What a process said of a batch: its result, or why there is none."""

    result: Result | None
    error: Exception | None = None


def map_in_processes(
    work: Callable[[Batch], Result], batches: Sequence[Batch], processes: int
) -> Iterator[Result]:
    """Yield `work(batch)` for every batch, in their order.

    `work` is a function of a module, or made of one with `partial`; batches and results are
    picklable. What it raises is raised here. If a process is killed, this one does its batch.
    """
    pool = _Pool(work, batches, processes)
    try:
        for batch in batches:
            answer = pool.next_answer()
            if answer is None:
                yield work(batch)
            elif answer.error is not None:
                raise answer.error
            else:
                yield answer.result  # type: ignore[misc] # None is a result where Result has it
    finally:
        pool.stop()


class _Pool(Generic[Batch, Result]):
    """Threads that hand batches to one process each and wait for its answers."""

    def __init__(
        self, work: Callable[[Batch], Result], batches: Sequence[Batch], processes: int
    ) -> None:
        self._work = work
        self._batches = iter(enumerate(batches))
        self._lock = threading.Lock()
        self._ahead = threading.Semaphore(processes * _AHEAD)
        self._answers: queue.SimpleQueue[tuple[int, _Answer[Result] | None]] = queue.SimpleQueue()
        self._early: dict[int, _Answer[Result] | None] = {}
        self._next = 0
        self._is_stopped = False
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._threads = [
            threading.Thread(target=self._attend_to_one, name=f"worker {number}", daemon=True)
            for number in range(min(processes, len(batches)))
        ]
        for thread in self._threads:
            thread.start()

    def next_answer(self) -> _Answer[Result] | None:
        """Return the answer to the next batch; None if its process ended before it said one."""
        while self._next not in self._early:
            number, answer = self._answers.get()
            self._early[number] = answer
        self._next += 1
        self._ahead.release()
        return self._early.pop(self._next - 1)

    def stop(self) -> None:
        """End all processes, whatever they are at."""
        self._is_stopped = True
        for _ in self._threads:
            self._ahead.release()
        with self._lock:
            for process in self._processes:
                process.kill()  # its thread sees the end of the connection
        for thread in self._threads:
            thread.join()

    def _attend_to_one(self) -> None:
        number = None  # of the batch that is under way
        while not self._is_stopped:
            with suppress(ProcessEnded, EOFError, OSError), self._process() as line:
                line.send(self._work)
                while (taken := self._take()) is not None:
                    number, batch = taken
                    line.send(batch)
                    self._answers.put((number, line.recv()))
                    number = None
                return
            # The process could not be started, or is gone: what it was at is left to the caller.
            if number is None:
                if (taken := self._take()) is None:
                    return
                number = taken[0]
            self._answers.put((number, None))
            number = None

    @contextmanager
    def _process(self) -> Iterator[Connection]:
        """Start a process that `stop` can find."""
        with started_process(serve) as (line, process):
            with self._lock:
                self._processes.add(process)
                if self._is_stopped:
                    process.kill()
            try:
                yield line
            finally:
                with self._lock:
                    self._processes.discard(process)

    def _take(self) -> tuple[int, Batch] | None:
        self._ahead.acquire()
        with self._lock:
            return None if self._is_stopped else next(self._batches, None)


def serve() -> NoReturn:
    """Do what comes in on standard input until that is closed; for `map_in_processes`."""
    connection: Connection = Connection(0)
    with suppress(EOFError, OSError):  # nobody is there any more
        work = connection.recv()
        while True:
            batch = connection.recv()
            try:
                answer = _Answer(work(batch))
            except Exception as error:
                answer = _Answer(None, error)
            connection.send(answer)
    os._exit(0)
