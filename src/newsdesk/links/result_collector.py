"""Keep the book of one check: tell outcomes, count and save them, say how far it is."""

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
_MIN_SHARED_TARGETS = 3  # different addresses that end on one page


class HostQueues(Protocol):
    """What is known of the hosts that are waited for; `gate.RateLimiter` is one."""

    def paused_hosts(self) -> Iterable[str]: ...  # noqa: D102

    def longest_queue_seconds(self) -> float: ...  # noqa: D102


class ResultCollector:
    """The outcomes of one check. `outcomes` ends with None, or with a mistake of this program."""

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
        self._done = self._total = self._cached = 0
        self._started_at = clock.now()

    def start(self, urls: list[str]) -> list[str]:
        """Tell what the cache knows of these addresses; return those that are to be asked."""
        self._total = len(urls)
        young = {}
        if self._cache is not None:
            young = self._cache.reusable_outcomes(urls, self._policy, self._clock.utc())
        self._cached = len(young)
        for url in urls:
            if (outcome := young.get(url)) is not None:
                self.add(outcome)
        return [url for url in urls if url not in young]

    def add(self, outcome: Outcome) -> None:
        """Hand an outcome on."""
        self._done += 1
        self._counts[outcome.verdict] += 1
        if not outcome.cached:
            self._unsaved.append(outcome)
            if len(self._unsaved) >= _MAX_UNSAVED:
                self.save()
        self.outcomes.put_nowait(outcome)

    def finish(self, outcome: Outcome) -> None:
        """Hand an outcome on, now or in the end; end the check if it was the last."""
        if self._policy.soft_404 and outcome.redirects and outcome.verdict is not Verdict.SUSPECT:
            self._deferred.append(outcome)  # how many land on its page is known in the end only
        else:
            self.add(outcome)
        self.end_if_done()

    def end_if_done(self) -> None:
        """End the check if nothing is left to be asked."""
        if self._done + len(self._deferred) == self._total:
            self.end()

    def end(self) -> None:
        """Tell what was held back, then that this was all."""
        self._add_deferred()
        self.outcomes.put_nowait(None)

    def save(self) -> None:
        """Write to the cache what is not there yet."""
        if self._cache is not None and self._unsaved:
            self._cache.store(self._unsaved, self._policy)
        self._unsaved.clear()

    def report_progress(self) -> None:
        """Say how far the check is, if anybody listens."""
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                done=self._done,
                total=self._total,
                counts=dict(self._counts),
                cached=self._cached,
                hosts_waiting=tuple(sorted(self._queues.paused_hosts())),
                seconds_left=self._seconds_left(),
                is_offline=self.is_offline(),
            )
        )

    def _add_deferred(self) -> None:
        landings = Counter(
            url_key(o.final_url) for o in self._deferred if o.verdict is not Verdict.DEAD
        )
        for outcome in self._deferred:
            count = landings[url_key(outcome.final_url)]
            is_there = outcome.verdict in (Verdict.ALIVE, Verdict.MOVED)
            if count >= _MIN_SHARED_TARGETS and is_there:
                why = f"{count} different addresses end on this one page"
                self.add(replace(outcome, verdict=Verdict.SUSPECT, reason=why))
            else:
                self.add(outcome)
        self._deferred.clear()

    def _seconds_left(self) -> float | None:
        left = self._total - self._done
        asked = self._done - self._cached
        if left == 0:
            return 0.0
        if asked == 0:
            return None
        rate = (self._clock.now() - self._started_at) / asked
        return max(left * rate, self._queues.longest_queue_seconds())
