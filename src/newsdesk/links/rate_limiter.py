"""Let requests through politely: so many in all, so many per host, never too fast.

Everything is driven by callbacks: nothing sleeps, so 20,000 queued addresses cost a list each
host and one timer in all.
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
    """The time, timers and chance that politeness depends on; tests bring a faster one."""

    def now(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Return the moment as an aware UTC datetime."""
        return datetime.now(UTC)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back on the running event loop after so many seconds."""
        return asyncio.get_running_loop().call_later(seconds, callback)

    def jitter(self) -> float:
        """Return a factor of 1 or a little more, so that retries do not march in step."""
        return random.uniform(1.0, 1.3)  # noqa: S311 - not a secret


@dataclass(slots=True)
class _Host(Generic[Job]):
    """One host's line. `turns` are walks under way, which go before addresses not begun."""

    name: str
    in_flight: int = 0
    next_start: float = 0.0
    paused_until: float = 0.0
    paused_seconds: float = 0.0  # in all
    armed_at: float = _NEVER
    repeats: bool = False  # whether the last job let through was a repeated one
    turns: deque[asyncio.Future[None]] = field(default_factory=deque)
    fresh: deque[Job] = field(default_factory=deque)
    later: list[tuple[float, int, Job]] = field(default_factory=list)

    def earliest(self) -> float:
        """Return when the next of the line may start, if a place is free."""
        if self.turns or self.fresh:
            wanted = 0.0
        elif self.later:
            wanted = self.later[0][0]
        else:
            return _NEVER
        return max(wanted, self.next_start, self.paused_until)

    @property
    def queued(self) -> int:
        return len(self.turns) + len(self.fresh) + len(self.later)


class RateLimiter(Generic[Job]):
    """Hands out turns. `start(job)` is called with a turn on the job's host already taken."""

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
        self._hosts: dict[str, _Host[Job]] = {}
        self._due: list[tuple[float, int, _Host[Job]]] = []
        self._in_flight = 0
        self._sequence = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False

    def submit(self, host: str, job: Job, not_before: float = 0.0) -> None:
        """Queue a job for a host; `not_before` is a moment of the clock."""
        line = self._line(host)
        if not_before > 0:
            self._sequence += 1
            heapq.heappush(line.later, (not_before, self._sequence, job))
        else:
            line.fresh.append(job)
        self._arm(line)
        if self._is_open:
            self._pump()

    def start(self) -> None:
        """Let through whatever may go now; called once after the first jobs were offered."""
        self._is_open = True
        self._pump()

    async def acquire(self, host: str) -> None:
        """Wait for a turn on a host, ahead of jobs that have not begun."""
        turn = asyncio.get_running_loop().create_future()
        line = self._line(host)
        line.turns.append(turn)
        self._arm(line)
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(host)
            raise

    def release(self, host: str) -> None:
        """Give a turn back."""
        line = self._hosts[host]
        line.in_flight -= 1
        self._in_flight -= 1
        self._arm(line)
        self._pump()

    def pause(self, host: str, seconds: float, limit: float) -> None:
        """Start nothing on a host for so long, all its pauses together no longer than `limit`."""
        line = self._line(host)
        now = self._clock.now()
        begin = max(line.paused_until, now)
        added = min(now + seconds - begin, limit - line.paused_seconds)
        if added > 0:
            line.paused_until = begin + added
            line.paused_seconds += added

    def paused_seconds(self, host: str) -> float:
        """Return how long a host was or is paused, in all."""
        return self._line(host).paused_seconds

    def pause_ends(self, host: str) -> float:
        """Return the moment of the clock at which the last pause of a host ends."""
        return self._line(host).paused_until

    def remove_queued(self, host: str) -> list[Job]:
        """Take back the jobs of a host that have not begun."""
        line = self._line(host)
        jobs = [*line.fresh, *(job for _, _, job in sorted(line.later, key=lambda item: item[:2]))]
        line.fresh.clear()
        line.later.clear()
        return jobs

    def close(self) -> None:
        """Let nothing through any more."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()

    def paused_hosts(self) -> Iterator[str]:
        """Yield the hosts that asked for a pause and still have a line."""
        now = self._clock.now()
        for line in self._hosts.values():
            if line.paused_until > now and line.queued:
                yield line.name

    def longest_queue_seconds(self) -> float:
        """Return how long politeness alone keeps the slowest host busy."""
        now = self._clock.now()
        return max(
            (
                max(0.0, line.paused_until - now) + line.queued * self._delay
                for line in self._hosts.values()
                if line.queued
            ),
            default=0.0,
        )

    def has_queue(self, host: str) -> bool:
        """Tell whether anything waits for a host or is in flight there."""
        line = self._hosts.get(host)
        return line is not None and (line.in_flight > 0 or line.queued > 0)

    def _line(self, host: str) -> _Host[Job]:
        line = self._hosts.get(host)
        if line is None:
            line = self._hosts[host] = _Host(host)
        return line

    def _arm(self, line: _Host[Job]) -> None:
        if line.in_flight >= self._per_host:
            return  # leaving will arm it again
        moment = line.earliest()
        if moment < line.armed_at:
            line.armed_at = moment
            self._sequence += 1
            heapq.heappush(self._due, (moment, self._sequence, line))

    def _pump(self) -> None:
        """Start what may start now; set the timer for the next."""
        if not self._is_open:
            return
        now = self._clock.now()
        while self._due and self._in_flight < self._concurrency and self._due[0][0] <= now:
            moment, _, line = heapq.heappop(self._due)
            if moment != line.armed_at:
                continue  # armed anew for an earlier moment meanwhile
            line.armed_at = _NEVER
            if line.in_flight < self._per_host and line.earliest() <= now:
                self._let_through(line, now)
            self._arm(line)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due and self._in_flight < self._concurrency:
            self._timer = self._clock.call_later(self._due[0][0] - now, self._pump)

    def _let_through(self, line: _Host[Job], now: float) -> None:
        while line.turns and line.turns[0].done():
            line.turns.popleft()  # its walk was cancelled
        job: Job | None = None
        turn: asyncio.Future[None] | None = None
        if line.turns:
            turn = line.turns.popleft()
        else:
            is_due = bool(line.later) and line.later[0][0] <= now
            if not line.fresh and not is_due:
                return
            # By turns: a page in lasting trouble must not keep the others of its host waiting,
            # nor they it.
            line.repeats = is_due and (not line.fresh or not line.repeats)
            job = heapq.heappop(line.later)[2] if line.repeats else line.fresh.popleft()
        line.in_flight += 1
        self._in_flight += 1
        line.next_start = now + self._delay
        if turn is not None:
            turn.set_result(None)
        elif job is not None:
            self._start(job)
