"""Check many addresses: one queue, polite to every host, patient with those in trouble."""

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

_TICK_SECONDS = 0.1  # seconds between looks at whether to stop
_TICKS_PER_PROGRESS = 3
_TICKS_PER_SAVE = 20
_TICKS_PER_LOOKUP = 10
_LOOKUP_FAILURES = (Failure.DNS, Failure.NO_SUCH_NAME)


@dataclass(slots=True)
class Job:
    """One address under way."""

    url: str
    target: Target
    attempts: list[Attempt] = field(default_factory=list)
    network_seconds: float = 0.0  # seconds on the network
    began_at: float = 0.0  # by the clock
    not_before: float = 0.0  # by the clock
    has_turn: bool = False


async def check(
    urls: Iterable[str],
    policy: Policy | None = None,
    cache: VerdictCache | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: StopSignal | None = None,
    environment: CheckEnvironment | None = None,
) -> AsyncIterator[Outcome]:
    """Yield one outcome per distinct address (`url_key`), as they come.

    Addresses the policy does not want are left out. Ends early, within a second, once
    `cancelled` is set; what was reached until then is in the cache. Raises nothing of its own.
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


def run_checks(  # noqa: PLR0917 - the front ends name them
    urls: Iterable[str],
    policy: Policy | None = None,
    cache: VerdictCache | None = None,
    on_result: Callable[[Outcome], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: StopSignal | None = None,
    environment: CheckEnvironment | None = None,
) -> list[Outcome]:
    """Check addresses on an event loop of its own in the calling thread; return all outcomes.

    `on_result` and `on_progress` are called in this thread too, some three times a second for
    the latter. Once `cancelled` is set, returns what is known within a second.
    """
    known: list[Outcome] = []

    async def collect() -> None:
        async for outcome in check(
            urls,
            policy,
            cache,
            on_progress=on_progress,
            cancelled=cancelled,
            environment=environment,
        ):
            known.append(outcome)
            if on_result is not None:
                on_result(outcome)

    asyncio.run(collect())
    return known


class _Run:
    """One check from start to stop; lives on one event loop."""

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
        self._last_good: dict[str, float] = {}  # when a host last did not ask for a pause
        self._busy_urls: dict[str, set[str]] = {}  # by host, since it was last good
        self._given_up: set[str] = set()  # hosts
        self._catch_all_folders: dict[str, bool] = {}

    def start(self, urls: Iterable[str]) -> None:
        """Answer from the cache what it knows, queue the rest."""
        keys = [
            key for key in dict.fromkeys(url_key(url) for url in urls) if self._policy.includes(key)
        ]
        for key in self.collector.start(keys):
            self._enqueue(key)
        self._ticker = asyncio.create_task(self._tick())
        self._rate_limiter.start()
        self.collector.end_if_done()

    async def stop(self) -> None:
        """Cancel what is under way, keep what is known."""
        self._rate_limiter.close()
        under_way = [*self._tasks, *filter(None, (self._ticker,))]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
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
        """Work on a job that the gate has just let through."""
        job.has_turn = True
        job.began_at = job.began_at or self._clock.now()
        self._spawn(self._work(job))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # A mistake of this program: better told than waited for without end.
        if not task.cancelled() and (error := task.exception()) is not None:
            self.collector.outcomes.put_nowait(error)

    async def _work(self, job: Job) -> None:
        try:
            outcome = await self._step(job)
        except Exception as error:  # one odd address must not end the check of all others
            told = f"{type(error).__name__}: {error}"
            attempt = Attempt("GET", job.url, failure=Failure.UNEXPECTED, detail=told)
            outcome = self._outcome(job.url, [attempt], job.network_seconds)
        finally:
            if job.has_turn:
                job.has_turn = False
                self._rate_limiter.release(job.target.host)
        if outcome is not None:
            self._finish(job, outcome)
        else:  # only now: the gate may let it through at once, with a turn of its own
            self._rate_limiter.submit(job.target.host, job, job.not_before)

    async def _step(self, job: Job) -> Outcome | None:
        """Walk once; return the outcome, or None if the job is to be tried again."""
        ask = next_request(job.attempts, self._policy.retries)
        assert ask is not None
        network_seconds = job.network_seconds
        attempt = await follow_redirects(
            job.url,
            ask.method,
            lambda method, target, cookie: self._ask(job, method, target, cookie),
            self._policy,
            self._clock.utc,
        )
        job.attempts.append(replace(attempt, seconds=job.network_seconds - network_seconds))
        if self._may_be_offline(attempt) and not await self._connectivity.is_online():
            job.attempts.append(replace(attempt, failure=Failure.OFFLINE, detail=""))
        following = next_request(job.attempts, self._policy.retries)
        if following is not None and job.network_seconds < self._policy.timeout:
            wait = self._wait_before(following, attempt)
            if wait is not None:
                job.not_before = self._clock.now() + wait if wait else 0.0
                return None
        self._give_up_host(job)
        return await self._with_extra_checks(job)

    async def _ask(self, job: Job, method: str, target: Target, cookie: str = "") -> HttpResponse:
        """Ask for one hop, in turn and within the address's time."""
        if not job.has_turn:
            await self._rate_limiter.acquire(target.host)
        job.has_turn = False  # from here on the turn is given back below
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        try:
            async with asyncio.timeout(self._policy.timeout - job.network_seconds):
                if target.host in self._given_up:
                    raise RequestFailed(Failure.HOST_BUSY)
                answer = await self._transport.send(method, target, cookie)
            # Before the turn is given back, or the next in line would slip through.
            self._apply_pause(job, target.host, answer)
            return answer
        except TimeoutError:
            told = f"{self._policy.timeout:g} seconds"
            raise RequestFailed(Failure.TIMEOUT, told) from None
        finally:
            job.network_seconds += loop.time() - started_at
            self._rate_limiter.release(target.host)

    def _wait_before(self, following: NextRequest, attempt: Attempt) -> float | None:
        """Return the seconds until a retry; None if the host has used up its time to wait."""
        wait = following.wait * self._clock.jitter()
        if not is_busy(attempt) or (attempt.retry_after is None and attempt.status != 429):
            return wait
        host = parse(attempt.final_url).host
        left = self._rate_limiter.pause_ends(host) - self._clock.now()
        if left <= 0 and self._rate_limiter.paused_seconds(host) >= self._policy.host_wait:
            return None
        return wait if attempt.retry_after is None else max(0.0, left)

    def _apply_pause(self, job: Job, host: str, answer: HttpResponse) -> None:
        """Pause a host that asks for it."""
        if answer.status not in BUSY_STATUSES or self._policy.accepts(host, answer.status):
            self._last_good[host] = self._clock.now()
            self._busy_urls.pop(host, None)
            return
        self._busy_urls.setdefault(host, set()).add(job.url)
        wait = retry_after_seconds(answer.retry_after, self._clock.utc())
        if wait is not None or answer.status == 429:
            self._rate_limiter.pause(host, 1.0 if wait is None else wait, self._policy.host_wait)

    def _give_up_host(self, job: Job) -> None:
        """Give up a host that answered nothing else while a job was tried again and again."""
        last = job.attempts[-1]
        if not is_busy(last):
            return
        host = parse(last.final_url).host
        if self._last_good.get(host, -math.inf) >= job.began_at:
            return
        if len(self._busy_urls.get(host, ())) < 2:
            return  # it may be this page alone
        self._given_up.add(host)
        for other in self._rate_limiter.remove_queued(host):
            other.attempts.append(Attempt("GET", other.url, None, Failure.HOST_BUSY))
            self._finish(other, self._outcome(other.url, other.attempts, other.network_seconds))

    async def _with_extra_checks(self, job: Job) -> Outcome:
        """Return the outcome, after the extra questions that the policy asks for."""
        outcome = self._outcome(job.url, job.attempts, job.network_seconds)
        if not (self._policy.soft_404 or self._policy.archive):
            return outcome
        from newsdesk.links import soft_404

        if self._policy.soft_404 and outcome.verdict in (Verdict.ALIVE, Verdict.MOVED):
            job.network_seconds = 0.0  # a question of its own, with its own time
            why = await soft_404.suspicion(
                outcome, lambda m, t: self._ask(job, m, t), self._catch_all_folders
            )
            if why:
                outcome = replace(outcome, verdict=Verdict.SUSPECT, reason=why)
        if self._policy.archive and outcome.verdict is Verdict.DEAD:
            job.network_seconds = 0.0
            copy = await soft_404.find_archived_copy(
                outcome.url, self._policy.archive_api, lambda m, t: self._ask(job, m, t)
            )
            outcome = replace(outcome, archived_url=copy)
        return outcome

    def _outcome(self, url: str, attempts: list[Attempt], network_seconds: float = 0.0) -> Outcome:
        last = attempts[-1]
        finding: ReachedVerdict = reach_verdict(attempts)
        return Outcome(
            url=url,
            verdict=finding.verdict,
            status=last.status,
            reason=finding.reason,
            final_url=last.final_url if last.redirects else url,
            redirects=last.redirects,
            seconds=network_seconds,
            checked_at=self._clock.utc(),
        )

    def _finish(self, job: Job, outcome: Outcome) -> None:
        if not self._rate_limiter.has_queue(job.target.host):
            self._spawn(self._transport.close_origin(job.target.origin))
        self.collector.finish(outcome)

    def _may_be_offline(self, attempt: Attempt) -> bool:
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
            # Lookups that get no answer take longer than anybody should wait to hear why. With a
            # proxy no name needs to be looked up here.
            is_due = ticks % _TICKS_PER_LOOKUP == 0 and ticks and self._policy.proxies == Proxies()
            if is_due and self._transport.connector.is_waiting_for_lookups:
                self._spawn(self._check_online())
            ticks += 1
            await asyncio.sleep(_TICK_SECONDS)
