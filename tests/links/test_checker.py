"""A whole check: limits per host, progress, cancelling, reuse of cached verdicts."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from newsdesk.links.cache import VerdictCache
from newsdesk.links.checker import check, run_checks
from newsdesk.links.policy import Policy
from newsdesk.links.progress import CheckEnvironment, Progress

from .conftest import Checking, FastClock, LocalServer, Names, Request, answer
from .mixed_server import KINDS, StatusCounts, mixed_addresses, serve_mixed

LOCAL = Policy(allow_private=True, delay=0.0, timeout=5.0)


async def unhurried(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.02)
    await answer(200)(request, writer)


async def hanging(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


class Everything(dict):  # type: ignore[type-arg]
    """Serves every path with one handler."""

    def __init__(self, handler: object) -> None:
        self.handler = handler

    def get(self, path: str, default: object = None) -> object:
        return self.handler


async def test_every_url_of_the_mixed_set_gets_the_right_verdict(names: Names) -> None:
    tally = StatusCounts()
    server = await serve_mixed(tally, latency=0.003, slowness=0.3)
    port = server.sockets[0].getsockname()[1]
    expected = mixed_addresses(lambda n: f"http://host{n % 20}.test:{port}", share=0.1)
    policy = Policy(allow_private=True, delay=0.1)
    environment = CheckEnvironment(FastClock(20), names)
    found = [outcome async for outcome in check(expected, policy, environment=environment)]
    server.close()
    wrong = Counter(
        (kind, outcome.verdict.value)
        for outcome in found
        for kind, verdict in [expected[outcome.url]]
        if outcome.verdict.value != verdict
    )
    assert len(found) == len(expected) == sum(count // 10 for count, _ in KINDS.values())
    assert not wrong
    assert max(tally.most_in_flight.values()) <= 4
    hops = Counter(expected[o.url][0] for o in found if o.redirects)
    assert hops == {"moved": 10, "elsewhere": 4}


def test_no_host_gets_more_than_its_limit_of_requests(
    server: LocalServer, checked: Checking
) -> None:
    server.pages = Everything(unhurried)  # type: ignore[assignment]
    urls = [server.url(f"/{n}", f"host{n % 3}.test") for n in range(90)]
    checked(*urls)
    assert set(server.most_in_flight.values()) == {4}


def test_no_more_requests_at_once_than_allowed(server: LocalServer, checked: Checking) -> None:
    server.pages = Everything(unhurried)  # type: ignore[assignment]
    most = 0

    async def counting(request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, server.in_flight.total())
        await unhurried(request, writer)

    server.pages = Everything(counting)  # type: ignore[assignment]
    checked(*(server.url(f"/{n}", f"host{n}.test") for n in range(60)), concurrency=7)
    assert most == 7


def test_redirects_to_another_host_obey_its_limit(server: LocalServer, checked: Checking) -> None:
    server.pages = Everything(unhurried)  # type: ignore[assignment]
    away = server.url("/page", "consent.test")

    async def send_away(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers["host"].startswith("consent"):
            await unhurried(request, writer)
        else:
            await answer(302, f"Location: {away}?{request.path}")(request, writer)

    server.pages = Everything(send_away)  # type: ignore[assignment]
    found = checked(*(server.url(f"/{n}", f"host{n}.test") for n in range(60)))
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    assert server.most_in_flight["consent.test"] == 4


def test_requests_to_one_host_are_delayed(server: LocalServer, checked: Checking) -> None:
    when: list[float] = []

    async def noting(request: Request, writer: asyncio.StreamWriter) -> None:
        when.append(time.monotonic())
        await answer(405 if request.method == "HEAD" else 200)(request, writer)

    server.pages = Everything(noting)  # type: ignore[assignment]
    checked(*(server.url(f"/{n}") for n in range(5)), delay=2.0)  # 20 ms by the fast clock
    assert len(when) == 10
    assert when[-1] - when[0] >= 9 * 0.02 * 0.8


def test_progress_reports_the_counts(server: LocalServer, names: Names) -> None:
    server.pages = Everything(unhurried)  # type: ignore[assignment]
    reports: list[Progress] = []
    results: list[str] = []
    urls = [*(server.url(f"/{n}") for n in range(120)), "nonsense"]
    outcomes = run_checks(
        urls,
        LOCAL,
        on_result=lambda outcome: results.append(outcome.url),
        on_progress=reports.append,
        environment=CheckEnvironment(FastClock(), names),
    )
    assert len(outcomes) == 121
    assert results == [outcome.url for outcome in outcomes]
    assert [progress.done for progress in reports] == sorted(progress.done for progress in reports)
    last = reports[-1]
    assert (last.done, last.total, last.cached_count, last.seconds_left) == (121, 121, 0, 0.0)
    assert {verdict.value: n for verdict, n in last.counts.items()} == {"alive": 120, "refused": 1}


def test_progress_names_hosts_that_asked_for_a_pause(server: LocalServer, names: Names) -> None:
    server.pages = Everything(answer(429, "Retry-After: 60"))  # type: ignore[assignment]
    reports: list[Progress] = []
    stop = threading.Event()

    def listen(progress: Progress) -> None:
        reports.append(progress)
        if progress.hosts_waiting:
            stop.set()

    url = server.url("/", "busy.test")
    run_checks([url], LOCAL, None, None, listen, stop, CheckEnvironment(resolver=names))
    assert any(progress.hosts_waiting == ("busy.test",) for progress in reports)


def test_cancelling_is_quick_and_saves_the_outcomes(
    server: LocalServer, names: Names, tmp_path: Path
) -> None:
    async def some_never(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path > "/5":
            await asyncio.sleep(30)
        await answer(200)(request, writer)

    server.pages = Everything(some_never)  # type: ignore[assignment]
    urls = [server.url(f"/{n}") for n in range(10)]
    stop = threading.Event()
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    with VerdictCache(tmp_path / "verdicts.db") as cache:
        began = time.monotonic()
        outcomes = run_checks(
            urls, LOCAL, cache, cancelled=stop, environment=CheckEnvironment(FastClock(), names)
        )
        assert time.monotonic() - began < 2.0
        assert len(outcomes) == 6
        assert set(cache.latest_outcomes(urls)) == {outcome.url for outcome in outcomes}
    timer.join()


def test_cancelling_does_not_wait_for_lookups(names: Names) -> None:
    class Stuck(Names):
        async def __call__(self, host: str) -> list[str]:
            await asyncio.sleep(30)
            return []

    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    outcomes = run_checks(
        ["http://a.test/"], LOCAL, cancelled=stop, environment=CheckEnvironment(resolver=Stuck())
    )
    assert outcomes == []
    assert time.monotonic() - began < 2.0


async def test_leaving_the_loop_early_ends_the_check(server: LocalServer, names: Names) -> None:
    server.pages = Everything(unhurried)  # type: ignore[assignment]
    urls = [server.url(f"/{n}") for n in range(200)]
    outcomes = check(urls, LOCAL, environment=CheckEnvironment(FastClock(), names))
    async for _ in outcomes:
        break
    await outcomes.aclose()  # type: ignore[attr-defined]
    request_count = len(server.requests)
    await asyncio.sleep(0.1)
    assert len(server.requests) <= request_count + 4


def test_the_system_resolver_is_used_and_a_second_address_tried(server: LocalServer) -> None:
    # `localhost` is ::1 first on many machines, and nobody listens there.
    url = server.url("/x", "localhost")
    (outcome,) = run_checks([url], LOCAL)
    assert outcome.verdict.value == "alive"


def test_a_check_can_be_interrupted(server: LocalServer, tmp_path: Path) -> None:
    server.pages["/slow"] = hanging
    path = tmp_path / "verdicts.db"
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from newsdesk.links.cache import VerdictCache\n"
        "from newsdesk.links.checker import run_checks\n"
        "from newsdesk.links.policy import Policy\n"
        "policy = Policy(allow_private=True, delay=0)\n"
        "cache = VerdictCache(Path(sys.argv[1]))\n"
        "report = lambda outcome: print(outcome.url, flush=True)\n"
        "try:\n"
        "    run_checks(sys.argv[2:], policy, cache, report)\n"
        "except KeyboardInterrupt:\n"
        "    print(len(cache.latest_outcomes(sys.argv[2:])))\n"
    )
    arguments = [sys.executable, "-c", program, str(path), server.url("/a"), server.url("/slow")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == server.url("/a")
        running.send_signal(signal.SIGINT)
        assert running.stdout.read().strip() == "1"


def test_nothing_to_check_ends_at_once() -> None:
    assert run_checks([]) == []


def test_a_second_check_requests_only_what_may_have_changed(
    server: LocalServer, checked: Checking, tmp_path: Path
) -> None:
    server.pages["/missing"] = answer(404)
    server.pages["/moved"] = answer(301, "Location: /new")
    server.pages["/wall"] = answer(403)
    urls = [server.url(path) for path in ("/", "/missing", "/moved", "/wall")]
    with VerdictCache(tmp_path / "verdicts.db") as cache:
        first = checked(*urls, cache=cache)
        server.requests.clear()
        second = checked(*urls, cache=cache)
    assert {request.path for request in server.requests} == {"/wall"}
    assert [second[url].verdict for url in urls] == [first[url].verdict for url in urls]
    assert [second[url].is_cached for url in urls] == [True, True, True, False]
    assert second[urls[2]].redirects == first[urls[2]].redirects


def test_an_internal_error_ends_the_check_instead_of_hanging(
    server: LocalServer, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(attempts: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("newsdesk.links.checker.reach_verdict", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run_checks([server.url()], LOCAL, environment=CheckEnvironment(FastClock(), names))


def test_httpx_is_not_loaded_before_a_check_starts() -> None:
    program = (
        "import sys, newsdesk.links.checker, newsdesk.links.cache, newsdesk.links.extract\n"
        "import newsdesk.links.fallback_url\n"
        "loaded = {'httpx', 'httpcore', 'h11', 'idna', 'textual'} & set(sys.modules)\n"
        "print(loaded or 'nothing')"
    )
    reports = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert reports.stdout.strip() == "nothing", reports
