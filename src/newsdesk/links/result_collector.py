"""Collect, count and save the results of one link check, and report its progress."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from newsdesk.links.cache import VerdictCache
from newsdesk.links.http.url import url_key
from newsdesk.links.policy import Policy
from newsdesk.links.progress import Progress
from newsdesk.links.rate_limiter import Clock
from newsdesk.links.verdict import Outcome, Verdict

_MAX_UNSAVED = 500
_MIN_SHARED_TARGETS = 3  # URLs that redirect to one page, from which on it is suspect


class HostQueues(Protocol):
    """The part of `RateLimiter` that progress reports read."""

    def paused_hosts(self) -> Iterable[str]: ...  # noqa: D102

    def longest_queue_seconds(self) -> float: ...  # noqa: D102


class ResultCollector:
    """The outcomes of one check. The queue `outcomes` ends with None or an internal error."""

    def __init__(
        self,
        policy: Policy,
        cache: VerdictCache | None,
        clock: Clock,
        queues: HostQueues,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.outcomes: asyncio.Queue[Outcome | BaseException | None] = asyncio.Queue()
        self._policy = policy
        self._cache = cache
        self._clock = clock
        self._queues = queues
        self._on_progress = on_progress
        self.is_offline: Callable[[], bool] = lambda: False
        self._unsaved: list[Outcome] = []
        self._deferred: list[Outcome] = []
        self._counts: Counter[Verdict] = Counter()
        self._done_count = self._total = self._cached_count = 0
        self._started_at = clock.now()

    def start(self, urls: list[str]) -> list[str]:
        """Add the outcomes of these URLs that the cache holds; return the URLs to request."""
        self._total = len(urls)
        reused = {}
        if self._cache is not None:
            reused = self._cache.reusable_outcomes(urls, self._policy, self._clock.utc())
        self._cached_count = len(reused)
        for url in urls:
            if (outcome := reused.get(url)) is not None:
                self.add(outcome)
        return [url for url in urls if url not in reused]

    def add(self, outcome: Outcome) -> None:
        """Count an outcome and put it into the queue."""
        self._done_count += 1
        self._counts[outcome.verdict] += 1
        if not outcome.is_cached:
            self._unsaved.append(outcome)
            if len(self._unsaved) >= _MAX_UNSAVED:
                self.save()
        self.outcomes.put_nowait(outcome)

    def finish(self, outcome: Outcome) -> None:
        """Add an outcome, now or at the end of the check; end the check if it was the last."""
        if self._policy.soft_404 and outcome.redirects and outcome.verdict is not Verdict.SUSPECT:
            # How many URLs redirect to its page is known at the end only.
            self._deferred.append(outcome)
        else:
            self.add(outcome)
        self.end_if_done()

    def end_if_done(self) -> None:
        """End the check if every URL has an outcome."""
        if self._done_count + len(self._deferred) == self._total:
            self.end()

    def end(self) -> None:
        """Add the deferred outcomes and end the queue."""
        self._add_deferred()
        self.outcomes.put_nowait(None)

    def save(self) -> None:
        """Write the unsaved outcomes to the cache."""
        if self._cache is not None and self._unsaved:
            self._cache.store(self._unsaved, self._policy)
        self._unsaved.clear()

    def report_progress(self) -> None:
        """Call `on_progress`, if there is one."""
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                done=self._done_count,
                total=self._total,
                counts=dict(self._counts),
                cached_count=self._cached_count,
                hosts_waiting=tuple(sorted(self._queues.paused_hosts())),
                seconds_left=self._seconds_left(),
                is_offline=self.is_offline(),
            )
        )

    def _add_deferred(self) -> None:
        targets = Counter(
            url_key(o.final_url) for o in self._deferred if o.verdict is not Verdict.DEAD
        )
        for outcome in self._deferred:
            count = targets[url_key(outcome.final_url)]
            is_working = outcome.verdict in (Verdict.ALIVE, Verdict.MOVED)
            if count >= _MIN_SHARED_TARGETS and is_working:
                reason = f"{count} different URLs redirect to this page"
                self.add(replace(outcome, verdict=Verdict.SUSPECT, reason=reason))
            else:
                self.add(outcome)
        self._deferred.clear()

    def _seconds_left(self) -> float | None:
        left = self._total - self._done_count
        requested = self._done_count - self._cached_count
        if left == 0:
            return 0.0
        if requested == 0:
            return None
        seconds_each = (self._clock.now() - self._started_at) / requested
        return max(left * seconds_each, self._queues.longest_queue_seconds())
