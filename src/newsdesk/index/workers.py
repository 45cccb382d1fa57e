"""Do work on batches in several processes, in order, a few batches ahead.

Imported only when there is enough to do: `multiprocessing` costs every start some milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, redirect_stderr
from itertools import islice
from multiprocessing import connection, resource_tracker
from typing import TypeVar

from newsdesk.processes import safe_path

Batch = TypeVar("Batch")
Result = TypeVar("Result")
_AHEAD = 3  # batches under way per process, so that memory does not grow with the work


def in_processes(
    work: Callable[[Batch], Result], batches: Sequence[Batch], processes: int
) -> Iterator[Result]:
    """Yield `work(batch)` for every batch, in their order.

    `work` and batches must be picklable. If a process is killed, this one does what is left.
    """
    # Spawned, not forked: the caller has threads.
    context = multiprocessing.get_context("spawn")
    _run_tracker()
    with ProcessPoolExecutor(processes, context, _end_with_parent) as pool:
        try:
            yield from _as_they_come(pool, work, batches, processes * _AHEAD)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _as_they_come(
    pool: ProcessPoolExecutor,
    work: Callable[[Batch], Result],
    batches: Sequence[Batch],
    ahead: int,
) -> Iterator[Result]:
    remaining = iter(batches)
    under_way: list[tuple[Future[Result], Batch]] = []
    while True:
        try:
            for batch in islice(remaining, ahead - len(under_way)):
                under_way.append((_submitted(pool, work, batch), batch))
            if not under_way:
                return
            result = under_way[0][0].result()
        except BrokenProcessPool:
            yield from (work(batch) for _, batch in under_way)
            yield from map(work, remaining)
            return
        under_way.pop(0)
        yield result


def _end_with_parent() -> None:
    """End this process when the one that it works for is gone: it would wait for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            connection.wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[[Batch], Result], batch: Batch
) -> Future[Result]:
    try:
        with _interrupts_are_ours():
            return pool.submit(work, batch)
    except (BrokenProcessPool, OSError, ValueError) as error:
        # No process can be had: told when the result is asked for, like all the others.
        broken: Future[Result] = Future()
        broken.set_exception(BrokenProcessPool(str(error)))
        return broken


@contextmanager
def _interrupts_are_ours() -> Iterator[None]:
    """Start processes that do not hear Ctrl+C, which the terminal sends to all of them.

    They inherit the mask. The resource tracker, which would lift it, is started before.
    """
    _run_tracker()
    with safe_path():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run_tracker() -> None:
    # It passes standard error on by its number, and the one that the desk puts in place has none.
    with safe_path(), redirect_stderr(sys.__stderr__):
        resource_tracker.ensure_running()
