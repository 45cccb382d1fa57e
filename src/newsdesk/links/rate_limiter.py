"""Limit requests: how many run at once in all and per host, and how soon they follow.

Everything is driven by callbacks and one timer, so that 20,000 queued URLs need no tasks.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

Job = TypeVar("Job")
_NEVER = math.inf


class Clock:
    """The time source, timer and random factor; tests use a faster one."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Return the current time as an aware UTC datetime."""
        return datetime.now(UTC)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Schedule a callback on the running event loop."""
        return asyncio.get_running_loop().call_later(seconds, callback)

    def jitter(self) -> float:
        """Return a factor from 1 to 1.3, so that retries do not all start at the same time."""
        return random.uniform(1.0, 1.3)  # noqa: S311 - not a secret


@dataclass(slots=True)
class _HostQueue(Generic[Job]):
    """The queue of one host. `waiters` are jobs that have started, which go first."""

    name: str
    in_flight: int = 0
    next_start: float = 0.0
    paused_until: float = 0.0
    paused_seconds: float = 0.0  # total
    scheduled_at: float = _NEVER
    was_retry: bool = False  # whether the last job started was a retry
    waiters: deque[asyncio.Future[None]] = field(default_factory=deque)
    new: deque[Job] = field(default_factory=deque)
    retries: list[tuple[float, int, Job]] = field(default_factory=list)

    def earliest(self) -> float:
        """Return when the next request may start if a slot is free."""
        if self.waiters or self.new:
            earliest = 0.0
        elif self.retries:
            earliest = self.retries[0][0]
        else:
            return _NEVER
        return max(earliest, self.next_start, self.paused_until)

    @property
    def queued(self) -> int:
        return len(self.waiters) + len(self.new) + len(self.retries)


class RateLimiter(Generic[Job]):
    """Grants request slots. `start(job)` is called with a slot of the job's host reserved."""

    def __init__(
        self,
        start: Callable[[Job], None],
        *,
        concurrency: int,
        per_host: int,
        delay: float,
        clock: Clock,
    ) -> None:
        self._start = start
        self._concurrency = concurrency
        self._per_host = per_host
        self._delay = delay
        self._clock = clock
        self._hosts: dict[str, _HostQueue[Job]] = {}
        self._due: list[tuple[float, int, _HostQueue[Job]]] = []
        self._in_flight = 0
        self._sequence = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False

    def submit(self, host: str, job: Job, not_before: float = 0.0) -> None:
        """Queue a job for a host, to start at clock time `not_before` or later."""
        queue = self._queue_of(host)
        if not_before > 0:
            self._sequence += 1
            heapq.heappush(queue.retries, (not_before, self._sequence, job))
        else:
            queue.new.append(job)
        self._schedule(queue)
        if self._is_open:
            self._start_due()

    def start(self) -> None:
        """Start the jobs that may start now; called once, after the first jobs are queued."""
        self._is_open = True
        self._start_due()

    async def acquire(self, host: str) -> None:
        """Wait for a slot of a host, ahead of jobs that have not started."""
        slot = asyncio.get_running_loop().create_future()
        queue = self._queue_of(host)
        queue.waiters.append(slot)
        self._schedule(queue)
        self._start_due()
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self.release(host)
            raise

    def release(self, host: str) -> None:
        """Release a slot."""
        queue = self._hosts[host]
        queue.in_flight -= 1
        self._in_flight -= 1
        self._schedule(queue)
        self._start_due()

    def pause(self, host: str, seconds: float, limit: float) -> None:
        """Start nothing on a host for `seconds`; its pauses add up to `limit` seconds at most."""
        queue = self._queue_of(host)
        now = self._clock.now()
        begin = max(queue.paused_until, now)
        added = min(now + seconds - begin, limit - queue.paused_seconds)
        if added > 0:
            queue.paused_until = begin + added
            queue.paused_seconds += added

    def paused_seconds(self, host: str) -> float:
        """Return the total length of a host's pauses."""
        return self._queue_of(host).paused_seconds

    def pause_ends(self, host: str) -> float:
        """Return the clock time at which a host's last pause ends."""
        return self._queue_of(host).paused_until

    def remove_queued(self, host: str) -> list[Job]:
        """Remove and return the jobs of a host that have not started."""
        queue = self._queue_of(host)
        jobs = [
            *queue.new,
            *(job for _, _, job in sorted(queue.retries, key=lambda item: item[:2])),
        ]
        queue.new.clear()
        queue.retries.clear()
        return jobs

    def close(self) -> None:
        """Start nothing any more."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()

    def paused_hosts(self) -> Iterator[str]:
        """Yield the paused hosts that still have queued jobs."""
        now = self._clock.now()
        for queue in self._hosts.values():
            if queue.paused_until > now and queue.queued:
                yield queue.name

    def longest_queue_seconds(self) -> float:
        """Return the seconds that pauses and delays alone take for the slowest host."""
        now = self._clock.now()
        return max(
            (
                max(0.0, queue.paused_until - now) + queue.queued * self._delay
                for queue in self._hosts.values()
                if queue.queued
            ),
            default=0.0,
        )

    def has_queue(self, host: str) -> bool:
        """Return whether anything is queued or running for a host."""
        queue = self._hosts.get(host)
        return queue is not None and (queue.in_flight > 0 or queue.queued > 0)

    def _queue_of(self, host: str) -> _HostQueue[Job]:
        queue = self._hosts.get(host)
        if queue is None:
            queue = self._hosts[host] = _HostQueue(host)
        return queue

    def _schedule(self, queue: _HostQueue[Job]) -> None:
        if queue.in_flight >= self._per_host:
            return  # `release` schedules it again
        moment = queue.earliest()
        if moment < queue.scheduled_at:
            queue.scheduled_at = moment
            self._sequence += 1
            heapq.heappush(self._due, (moment, self._sequence, queue))

    def _start_due(self) -> None:
        """Start the jobs that may start now, and set the timer for the next one."""
        if not self._is_open:
            return
        now = self._clock.now()
        while self._due and self._in_flight < self._concurrency and self._due[0][0] <= now:
            moment, _, queue = heapq.heappop(self._due)
            if moment != queue.scheduled_at:
                continue  # rescheduled for an earlier time
            queue.scheduled_at = _NEVER
            if queue.in_flight < self._per_host and queue.earliest() <= now:
                self._start_next(queue, now)
            self._schedule(queue)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and self._in_flight < self._concurrency:
            self._timer = self._clock.call_later(self._due[0][0] - now, self._start_due)

    def _start_next(self, queue: _HostQueue[Job], now: float) -> None:
        while queue.waiters and queue.waiters[0].done():
            queue.waiters.popleft()  # its task was cancelled
        job: Job | None = None
        slot: asyncio.Future[None] | None = None
        if queue.waiters:
            slot = queue.waiters.popleft()
        else:
            is_due = bool(queue.retries) and queue.retries[0][0] <= now
            if not queue.new and not is_due:
                return
            # New jobs and retries alternate, so that neither can block the other.
            queue.was_retry = is_due and (not queue.new or not queue.was_retry)
            job = heapq.heappop(queue.retries)[2] if queue.was_retry else queue.new.popleft()
        queue.in_flight += 1
        self._in_flight += 1
        queue.next_start = now + self._delay
        if slot is not None:
            slot.set_result(None)
        elif job is not None:
            self._start(job)
