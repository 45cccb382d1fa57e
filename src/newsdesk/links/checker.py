"""Check many URLs: limit the requests per host, retry temporary failures, honour pauses."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from newsdesk.links.cache import VerdictCache
from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.connectivity import Connectivity
from newsdesk.links.http.redirects import follow_redirects
from newsdesk.links.http.url import Target, parse, url_key
from newsdesk.links.policy import Policy, Proxies
from newsdesk.links.progress import CheckEnvironment, Progress, StopSignal
from newsdesk.links.rate_limiter import RateLimiter
from newsdesk.links.result_collector import ResultCollector
from newsdesk.links.verdict import (
    BUSY_STATUSES,
    Attempt,
    NextRequest,
    Outcome,
    ReachedVerdict,
    Verdict,
    is_busy,
    next_request,
    reach_verdict,
    retry_after_seconds,
)

if TYPE_CHECKING:
    from newsdesk.links.http.transport import HttpResponse

_TICK_SECONDS = 0.1  # between checks of the stop signal
_TICKS_PER_PROGRESS = 3
_TICKS_PER_SAVE = 20
_TICKS_PER_LOOKUP = 10
_LOOKUP_FAILURES = (Failure.DNS, Failure.NO_SUCH_NAME)


@dataclass(slots=True)
class Job:
    """The state of one URL during a check; times are those of the clock."""

    url: str
    target: Target
    attempts: list[Attempt] = field(default_factory=list)
    network_seconds: float = 0.0
    started_at: float = 0.0
    not_before: float = 0.0
    has_slot: bool = False


async def check(
    urls: Iterable[str],
    policy: Policy | None = None,
    cache: VerdictCache | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: StopSignal | None = None,
    environment: CheckEnvironment | None = None,
) -> AsyncIterator[Outcome]:
    """Yield one outcome per distinct URL (`url_key`) as soon as it is reached.

    URLs that the policy excludes are left out. Ends within a second once `cancelled` is set;
    the outcomes reached until then are in the cache. Raises internal errors only.
    """
    run = _Run(policy or Policy(), cache, on_progress, cancelled, environment or CheckEnvironment())
    try:
        run.start(urls)
        while (outcome := await run.collector.outcomes.get()) is not None:
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        await run.stop()


def run_checks(  # noqa: PLR0917 - callers pass keywords
    urls: Iterable[str],
    policy: Policy | None = None,
    cache: VerdictCache | None = None,
    on_result: Callable[[Outcome], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: StopSignal | None = None,
    environment: CheckEnvironment | None = None,
) -> list[Outcome]:
    """Check URLs on a new event loop in the calling thread; return all outcomes.

    `on_result` and `on_progress` are called in this thread, the latter about three times a
    second. Once `cancelled` is set, the outcomes reached so far are returned within a second.
    """
    outcomes: list[Outcome] = []

    async def collect() -> None:
        async for outcome in check(
            urls,
            policy,
            cache,
            on_progress=on_progress,
            cancelled=cancelled,
            environment=environment,
        ):
            outcomes.append(outcome)
            if on_result is not None:
                on_result(outcome)

    asyncio.run(collect())
    return outcomes


class _Run:
    """One check from start to stop, on one event loop."""

    def __init__(
        self,
        policy: Policy,
        cache: VerdictCache | None,
        on_progress: Callable[[Progress], None] | None,
        cancelled: StopSignal | None,
        environment: CheckEnvironment,
    ) -> None:
        from newsdesk.links.http.transport import Transport

        self._policy = policy
        self._cancelled = cancelled
        self._clock = environment.clock
        self._transport = Transport(
            policy, resolver=environment.resolver, ssl_context=environment.ssl_context
        )
        self._rate_limiter: RateLimiter[Job] = RateLimiter(
            self._begin,
            concurrency=policy.concurrency,
            per_host=policy.per_host,
            delay=policy.delay,
            clock=self._clock,
        )
        self._connectivity = Connectivity(
            lambda: self._transport.can_look_up(policy.probe_host), self._clock
        )
        self.collector = ResultCollector(
            policy, cache, self._clock, self._rate_limiter, on_progress
        )
        self.collector.is_offline = lambda: self._connectivity.is_offline
        self._transport.connector.is_offline = self.collector.is_offline
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._last_good: dict[
            str, float
        ] = {}  # host -> time of the last response without a pause request
        self._busy_urls: dict[
            str, set[str]
        ] = {}  # host -> URLs answered with a pause request since then
        self._skipped_hosts: set[str] = set()  # hosts
        self._catch_all_folders: dict[str, bool] = {}

    def start(self, urls: Iterable[str]) -> None:
        """Use cached outcomes, queue the other URLs."""
        keys = [
            key for key in dict.fromkeys(url_key(url) for url in urls) if self._policy.includes(key)
        ]
        for key in self.collector.start(keys):
            self._enqueue(key)
        self._ticker = asyncio.create_task(self._tick())
        self._rate_limiter.start()
        self.collector.end_if_done()

    async def stop(self) -> None:
        """Cancel running requests, save the outcomes."""
        self._rate_limiter.close()
        running = [*self._tasks, *filter(None, (self._ticker,))]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._connectivity.stop()
        await self._transport.aclose()
        self.collector.save()
        self.collector.report_progress()

    def _enqueue(self, url: str) -> None:
        try:
            target = parse(url)
        except RequestFailed as failed:
            attempt = Attempt("HEAD", url, failure=failed.failure, detail=failed.detail)
            self.collector.add(self._outcome(url, [attempt]))
            return
        self._rate_limiter.submit(target.host, Job(url, target))

    def _begin(self, job: Job) -> None:
        """Start a job; the rate limiter has reserved a slot for it."""
        job.has_slot = True
        job.started_at = job.started_at or self._clock.now()
        self._spawn(self._work(job))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # An internal error would otherwise leave the consumer waiting forever.
        if not task.cancelled() and (error := task.exception()) is not None:
            self.collector.outcomes.put_nowait(error)

    async def _work(self, job: Job) -> None:
        try:
            outcome = await self._step(job)
        except Exception as error:  # one unexpected URL must not end the whole check
            detail = f"{type(error).__name__}: {error}"
            attempt = Attempt("GET", job.url, failure=Failure.UNEXPECTED, detail=detail)
            outcome = self._outcome(job.url, [attempt], job.network_seconds)
        finally:
            if job.has_slot:
                job.has_slot = False
                self._rate_limiter.release(job.target.host)
        if outcome is not None:
            self._finish(job, outcome)
        else:  # after the release, because the limiter may start it at once
            self._rate_limiter.submit(job.target.host, job, job.not_before)

    async def _step(self, job: Job) -> Outcome | None:
        """Make one attempt; return the outcome, or None if the job must be retried."""
        request = next_request(job.attempts, self._policy.retries)
        assert request is not None
        seconds_before = job.network_seconds
        attempt = await follow_redirects(
            job.url,
            request.method,
            lambda method, target, cookie: self._send(job, method, target, cookie),
            self._policy,
            self._clock.utc,
        )
        job.attempts.append(replace(attempt, seconds=job.network_seconds - seconds_before))
        if self._is_offline_suspected(attempt) and not await self._connectivity.is_online():
            job.attempts.append(replace(attempt, failure=Failure.OFFLINE, detail=""))
        following = next_request(job.attempts, self._policy.retries)
        if following is not None and job.network_seconds < self._policy.timeout:
            wait = self._wait_before(following, attempt)
            if wait is not None:
                job.not_before = self._clock.now() + wait if wait else 0.0
                return None
        self._skip_busy_host(job)
        return await self._with_extra_checks(job)

    async def _send(self, job: Job, method: str, target: Target, cookie: str = "") -> HttpResponse:
        """Send one request when the rate limiter allows it, within the time of the URL."""
        if not job.has_slot:
            await self._rate_limiter.acquire(target.host)
        job.has_slot = False  # released below
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        try:
            async with asyncio.timeout(self._policy.timeout - job.network_seconds):
                if target.host in self._skipped_hosts:
                    raise RequestFailed(Failure.HOST_BUSY)
                response = await self._transport.send(method, target, cookie)
            # Before the slot is released, or the next request would ignore the pause.
            self._apply_pause(job, target.host, response)
            return response
        except TimeoutError:
            detail = f"{self._policy.timeout:g} seconds"
            raise RequestFailed(Failure.TIMEOUT, detail) from None
        finally:
            job.network_seconds += loop.time() - started_at
            self._rate_limiter.release(target.host)

    def _wait_before(self, following: NextRequest, attempt: Attempt) -> float | None:
        """Return the seconds until a retry; None if `host_wait` is used up."""
        wait = following.wait * self._clock.jitter()
        if not is_busy(attempt) or (attempt.retry_after is None and attempt.status != 429):
            return wait
        host = parse(attempt.final_url).host
        left = self._rate_limiter.pause_ends(host) - self._clock.now()
        if left <= 0 and self._rate_limiter.paused_seconds(host) >= self._policy.host_wait:
            return None
        return wait if attempt.retry_after is None else max(0.0, left)

    def _apply_pause(self, job: Job, host: str, response: HttpResponse) -> None:
        """Pause the host if the response asks for it."""
        if response.status not in BUSY_STATUSES or self._policy.accepts(host, response.status):
            self._last_good[host] = self._clock.now()
            self._busy_urls.pop(host, None)
            return
        self._busy_urls.setdefault(host, set()).add(job.url)
        wait = retry_after_seconds(response.retry_after, self._clock.utc())
        if wait is not None or response.status == 429:
            self._rate_limiter.pause(host, 1.0 if wait is None else wait, self._policy.host_wait)

    def _skip_busy_host(self, job: Job) -> None:
        """Skip the host's other URLs if it answered all retries of a job with a pause request."""
        last = job.attempts[-1]
        if not is_busy(last):
            return
        host = parse(last.final_url).host
        if self._last_good.get(host, -math.inf) >= job.started_at:
            return
        if len(self._busy_urls.get(host, ())) < 2:
            return  # it may be this page only
        self._skipped_hosts.add(host)
        for other in self._rate_limiter.remove_queued(host):
            other.attempts.append(Attempt("GET", other.url, None, Failure.HOST_BUSY))
            self._finish(other, self._outcome(other.url, other.attempts, other.network_seconds))

    async def _with_extra_checks(self, job: Job) -> Outcome:
        """Return the outcome, after the extra requests that the policy enables."""
        outcome = self._outcome(job.url, job.attempts, job.network_seconds)
        if not (self._policy.soft_404 or self._policy.archive):
            return outcome
        from newsdesk.links import soft_404

        if self._policy.soft_404 and outcome.verdict in (Verdict.ALIVE, Verdict.MOVED):
            job.network_seconds = 0.0  # extra requests have their own time limit
            reason = await soft_404.suspicion(
                outcome, lambda m, t: self._send(job, m, t), self._catch_all_folders
            )
            if reason:
                outcome = replace(outcome, verdict=Verdict.SUSPECT, reason=reason)
        if self._policy.archive and outcome.verdict is Verdict.DEAD:
            job.network_seconds = 0.0
            copy = await soft_404.find_archived_copy(
                outcome.url, self._policy.archive_api, lambda m, t: self._send(job, m, t)
            )
            outcome = replace(outcome, archived_url=copy)
        return outcome

    def _outcome(self, url: str, attempts: list[Attempt], network_seconds: float = 0.0) -> Outcome:
        last = attempts[-1]
        reached: ReachedVerdict = reach_verdict(attempts)
        return Outcome(
            url=url,
            verdict=reached.verdict,
            status=last.status,
            reason=reached.reason,
            final_url=last.final_url if last.redirects else url,
            redirects=last.redirects,
            seconds=network_seconds,
            checked_at=self._clock.utc(),
        )

    def _finish(self, job: Job, outcome: Outcome) -> None:
        if not self._rate_limiter.has_queue(job.target.host):
            self._spawn(self._transport.close_origin(job.target.origin))
        self.collector.finish(outcome)

    def _is_offline_suspected(self, attempt: Attempt) -> bool:
        if attempt.failure is Failure.TIMEOUT and self._connectivity.is_offline:
            return not self._transport.connector.has_addresses(parse(attempt.final_url).host)
        return attempt.failure in _LOOKUP_FAILURES

    async def _check_online(self) -> None:
        await self._connectivity.is_online()

    async def _tick(self) -> None:
        ticks = 0
        while True:
            if ticks % _TICKS_PER_PROGRESS == 0:
                self.collector.report_progress()
            if ticks % _TICKS_PER_SAVE == 0:
                self.collector.save()
            if self._cancelled is not None and self._cancelled.is_set():
                self._rate_limiter.close()
                for task in self._tasks:
                    task.cancel()
                self.collector.end()
                return
            # Report that the machine is offline before the first lookup times out. With a proxy
            # no host name has to be looked up here.
            is_due = ticks % _TICKS_PER_LOOKUP == 0 and ticks and self._policy.proxies == Proxies()
            if is_due and self._transport.connector.is_waiting_for_lookups:
                self._spawn(self._check_online())
            ticks += 1
            await asyncio.sleep(_TICK_SECONDS)
