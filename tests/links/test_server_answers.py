"""Valid and invalid responses of servers, and the verdicts they lead to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from newsdesk.links.checker import run_checks
from newsdesk.links.policy import Accepted, BoundHeader, Policy
from newsdesk.links.progress import CheckEnvironment

from .conftest import (
    Checking,
    FastClock,
    LocalServer,
    Names,
    answer,
    by_method,
    in_turn,
    raw,
)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "alive"),
        (204, "alive"),
        (206, "alive"),
        (400, "unreachable"),
        (401, "walled"),
        (403, "walled"),
        (404, "dead"),
        (405, "unreachable"),
        (410, "dead"),
        (418, "unreachable"),
        (451, "unreachable"),
        (999, "walled"),
        (304, "unreachable"),
        (408, "unreachable"),
        (429, "throttled"),
        (500, "unreachable"),
        (502, "unreachable"),
        (503, "throttled"),
        (504, "unreachable"),
    ],
)
def test_statuses(server: LocalServer, checked: Checking, status: int, verdict: str) -> None:
    server.pages["/x"] = answer(status, body=b"" if status in (204, 304) else b"page")
    outcome = checked(server.url("/x"))[server.url("/x")]
    assert (outcome.verdict.value, outcome.status) == (verdict, status)
    assert str(status) in outcome.reason
    if verdict == "dead":
        assert server.count("/x", "GET") == 1
    retried = status in (408, 429, 500, 502, 503, 504)
    assert server.count("/x") <= (5 if retried else 2)
    assert (server.count("/x") >= 4) == retried


@pytest.mark.parametrize("head", [400, 403, 404, 405, 410, 429, 500, 501, 503, 999])
def test_a_wrong_response_to_head_does_no_harm(
    server: LocalServer, checked: Checking, head: int
) -> None:
    server.pages["/x"] = by_method(HEAD=answer(head), GET=answer(200))
    assert checked(server.url("/x"))[server.url("/x")].verdict.value == "alive"
    assert (server.count("/x", "HEAD"), server.count("/x", "GET")) == (1, 1)


def test_a_page_needs_one_head(server: LocalServer, checked: Checking) -> None:
    checked(server.url("/x"))
    assert [(a.method, a.path) for a in server.requests] == [("HEAD", "/x")]


def test_a_body_after_head_is_not_read_as_the_next_response(
    server: LocalServer, checked: Checking
) -> None:
    lie = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    lie += b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    server.pages["/lie"] = raw(lie, close=False)
    urls = [server.url("/lie"), *(server.url(f"/{n}") for n in range(5))]
    found = checked(*urls, per_host=1)
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    assert {request.method for request in server.requests} == {"HEAD"}  # nothing looked odd


def test_one_check_per_url_without_fragment(server: LocalServer, checked: Checking) -> None:
    url = server.url("/x")
    assert list(checked(url, f"{url}#a", f"{url}#b", f" {url} ")) == [url]
    assert len(server.requests) == 1


def test_the_request_headers(server: LocalServer, checked: Checking) -> None:
    checked(server.url("/x"))
    headers = server.requests[0].headers
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("newsdesk/")
    assert "(+" in headers["user-agent"]
    assert "link" not in headers["user-agent"].lower()
    assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("status", [301, 308])
def test_a_chain_of_permanent_redirects_is_moved(
    server: LocalServer, checked: Checking, status: int
) -> None:
    server.pages["/a"] = answer(status, "Location: /b#x")
    server.pages["/b"] = answer(301, "Location: c?d#e f")
    outcome = checked(server.url("/a"))[server.url("/a")]
    assert outcome.verdict.value == "moved"
    assert outcome.final_url == server.url("/c?d#e%20f")
    assert [(hop.status, hop.url) for hop in outcome.redirects] == [
        (status, server.url("/b#x")),
        (301, server.url("/c?d#e%20f")),
    ]
    assert [request.path for request in server.requests] == ["/a", "/b", "/c?d"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_one_temporary_redirect_leaves_the_url_alive(
    server: LocalServer, checked: Checking, status: int
) -> None:
    server.pages["/a"] = answer(301, "Location: /b")
    server.pages["/b"] = answer(status, f"Location: {server.url('/c')}")
    outcome = checked(server.url("/a"))[server.url("/a")]
    assert (outcome.verdict.value, outcome.final_url) == ("alive", server.url("/c"))
    assert len(outcome.redirects) == 2


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"\\ok", "/ok"),
        (b"http:/ok", "/ok"),
        (b"/o\tk/../ok", "/ok"),
        (b"/caf\xc3\xa9", "/caf%C3%A9"),
        (b"/caf\xe9", "/caf%E9"),
    ],
)
def test_an_unusual_location_is_followed_as_browsers_do(
    server: LocalServer, checked: Checking, location: bytes, path: str
) -> None:
    head = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    server.pages["/dir/x"] = raw(head, close=False)
    outcome = checked(server.url("/dir/x"))[server.url("/dir/x")]
    assert (outcome.verdict.value, outcome.final_url) == ("moved", server.url(path))


def test_a_redirect_to_nothing_is_dead(server: LocalServer, checked: Checking) -> None:
    server.pages["/a"] = answer(301, "Location: /b")
    server.pages["/b"] = answer(404)
    assert checked(server.url("/a"))[server.url("/a")].verdict.value == "dead"


def test_a_cookie_of_a_redirect_goes_back_to_its_host_in_this_chain_only(
    server: LocalServer, checked: Checking
) -> None:
    sent: list[tuple[str, str]] = []
    away = server.url("/page", "away.test")

    async def needs_cookie(request, writer):  # type: ignore[no-untyped-def]
        host, cookie = request.headers["host"].partition(":")[0], request.headers.get("cookie", "")
        sent.append((host, cookie))
        if request.path == "/page" and "seen=1" in cookie:
            await answer(200)(request, writer)
        elif host == "away.test":
            await answer(302, f"Location: {server.url('/page', 'home.test')}")(request, writer)
        elif request.path == "/start":
            setting = ("Set-Cookie: seen=1; Path=/; HttpOnly", "Set-Cookie: other=2; Path=/no")
            await answer(302, *setting, f"Location: {away}")(request, writer)
        else:
            await answer(302, "Set-Cookie: seen=1", "Location: /page")(request, writer)

    server.pages["/page"] = server.pages["/start"] = needs_cookie
    server.pages["/loop"] = answer(302, "Set-Cookie: a=b", "Location: /loop")
    direct, around = server.url("/page", "home.test"), server.url("/start", "home.test")
    loop = server.url("/loop")
    found = checked(direct, around, loop, per_host=1)
    assert [found[url].verdict.value for url in (direct, around)] == ["alive", "alive"]
    assert sorted(sent) == [
        *[("away.test", "")],
        *[("home.test", "")] * 2,
        *[("home.test", "seen=1")] * 2,
    ]
    assert "loop" in found[loop].reason


def test_chains_loops_and_invalid_locations(server: LocalServer, checked: Checking) -> None:
    for n in range(13):
        server.pages[f"/chain{n}"] = answer(302, f"Location: /chain{n + 1}")
    server.pages["/loop"] = answer(302, "Location: /pool")
    server.pages["/pool"] = answer(302, "Location: /loop")
    server.pages["/self"] = answer(301, "Location: ")
    server.pages["/none"] = answer(302)
    for n, location in enumerate(["http://", "http://[::1", "mailto:a@b.c", "http://u:p@/"]):
        server.pages[f"/bad{n}"] = answer(302, f"Location: {location}")
    expected = {
        "/chain3": ("alive", "temporary redirect"),
        "/chain2": ("unreachable", "too many redirects"),
        "/loop": ("unreachable", "redirect loop"),
        "/self": ("unreachable", "without a redirect target"),
        "/none": ("unreachable", "without a redirect target"),
        **{f"/bad{n}": ("unreachable", "invalid URL") for n in range(4)},
    }
    found = checked(*map(server.url, expected))
    for path, (verdict, words) in expected.items():
        outcome = found[server.url(path)]
        assert outcome.verdict.value == verdict, outcome
        assert words in outcome.reason


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_request_pauses_the_whole_host(
    server: LocalServer, checked: Checking, as_date: bool
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=31), usegmt=True)
    value = moment if as_date else "30"
    when: list[float] = []

    async def busy_first(request, writer):  # type: ignore[no-untyped-def]
        when.append(time.monotonic())
        first = len(when) == 1
        await answer(*((429, f"Retry-After: {value}") if first else (200,)))(request, writer)

    for n in range(4):
        server.pages[f"/{n}"] = busy_first
    found = checked(*(server.url(f"/{n}") for n in range(4)), per_host=1)
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    # 30 seconds of a clock that runs a hundred times faster; nobody came in between.
    assert when[1] - when[0] >= 0.25


def test_a_host_that_only_asks_for_pauses_is_skipped(
    server: LocalServer, checked: Checking
) -> None:
    for n in range(60):
        server.pages[f"/{n}"] = answer(429, "Retry-After: 5")
    found = checked(*(server.url(f"/{n}") for n in range(60)))
    assert {outcome.verdict.value for outcome in found.values()} == {"throttled"}
    assert len(server.requests) < 60


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_long_pause_ends_after_host_wait(
    server: LocalServer, names: Names, status: int, retry_after: str
) -> None:
    busy = [server.url(f"/{n}", "busy.test") for n in range(30)]
    around = [server.url(f"/around{n}", f"host{n}.test") for n in range(10)]
    good = [server.url(f"/good{n}", "good.test") for n in range(10)]
    for n in range(30):
        server.pages[f"/{n}"] = answer(status, f"Retry-After: {retry_after}")
    for n in range(10):
        server.pages[f"/around{n}"] = answer(302, f"Location: {busy[n]}")
    clock = FastClock()
    policy = Policy(allow_private=True, delay=0.1)
    began = clock.now()
    found = run_checks([*busy, *around, *good], policy, environment=CheckEnvironment(clock, names))
    waited = clock.now() - began
    verdict_of = {outcome.url: outcome.verdict.value for outcome in found}
    assert {verdict_of[url] for url in busy + around} == {"throttled"}
    assert {verdict_of[url] for url in good} == {"alive"}
    requests = [each for each in server.requests if each.headers["host"].startswith("busy")]
    assert len(requests) <= 2 * policy.per_host, "few are retried"
    assert waited >= 60


def test_a_pause_request_of_one_page_does_not_skip_its_host(
    server: LocalServer, checked: Checking
) -> None:
    server.pages["/0"] = answer(503, "Retry-After: 3600")
    urls = [server.url(f"/{n}") for n in range(10)]
    found = checked(*urls, per_host=1)
    assert found.pop(urls[0]).verdict.value == "throttled"
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    assert checked(urls[0], host_wait=0.0)[urls[0]].verdict.value == "throttled"


def test_one_failing_page_does_not_skip_its_host(server: LocalServer, checked: Checking) -> None:
    server.pages["/0"] = answer(503, "Retry-After: 1")
    urls = [server.url(f"/{n}") for n in range(30)]
    found = checked(*urls, per_host=1)
    assert found.pop(urls[0]).verdict.value == "throttled"
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}


def test_temporary_failures_are_retried(server: LocalServer, checked: Checking) -> None:
    server.pages["/x"] = in_turn(answer(502), answer(502), answer(500), answer(504), answer(200))
    assert checked(server.url("/x"))[server.url("/x")].verdict.value == "alive"


def test_statuses_can_be_accepted_per_host(server: LocalServer, checked: Checking) -> None:
    server.pages["/x"] = answer(403)
    here, there = server.url("/x", "here.test"), server.url("/x", "there.test")
    rule = Accepted("*here.test", frozenset({403}))
    found = checked(here, there.replace("there", "away"), accepted=(rule,))
    assert found[here].verdict.value == "alive"
    assert found[there.replace("there", "away")].verdict.value == "walled"


def test_a_bound_header_reaches_one_origin_only(
    server: LocalServer, other_server: LocalServer, checked: Checking
) -> None:
    server.pages["/a"] = answer(302, f"Location: {other_server.url('/b')}")
    server.pages["/c"] = answer(302, f"Location: {server.url('/d', 'elsewhere.test')}")
    other_server.pages["/b"] = answer(302, f"Location: {server.url('/home')}")
    header = BoundHeader(server.url(), "Authorization", "Bearer secret")
    checked(server.url("/a"), server.url("/c"), headers=(header,))
    authorizations = {
        a.path: a.headers.get("authorization") for a in [*server.requests, *other_server.requests]
    }
    secret = "Bearer secret"
    assert authorizations == {"/a": secret, "/b": None, "/home": secret, "/c": secret, "/d": None}


def test_a_page_that_needs_accept_language_is_alive(server: LocalServer, checked: Checking) -> None:
    async def by_language(request, writer):  # type: ignore[no-untyped-def]
        await answer(200 if request.headers.get("accept-language") else 404)(request, writer)

    server.pages["/x"] = by_language
    url = server.url("/x")
    assert checked(url)[url].verdict.value == "alive"
    checked(url, languages=("de-AT", "de", "en"))
    assert server.requests[-1].headers["accept-language"] == "de-AT,de;q=0.9,en;q=0.8"
    header = BoundHeader(server.url(), "Accept-Language", "fr")
    checked(url, headers=(header,))
    assert server.requests[-1].headers["accept-language"] == "fr"


def test_include_and_exclude(server: LocalServer, checked: Checking) -> None:
    urls = [server.url(path) for path in ("/a", "/ab", "/b")]
    assert list(checked(*urls, include=("/a",), exclude=("/ab",))) == urls[:1]


def test_invalid_urls_are_refused(checked: Checking) -> None:
    urls = ["nonsense", "ftp://a.test/", "http://", "http://u:p@a.test/", "javascript:alert(1)"]
    assert {o.verdict.value for o in checked(*urls, "").values()} == {"refused"}


def test_international_names_and_ports(
    server: LocalServer, checked: Checking, names: Names
) -> None:
    url = server.url("/ü", "bücher.test")
    assert checked(url)[url].verdict.value == "alive"
    assert names.lookups == ["xn--bcher-kva.test"]
    assert server.requests[0].path == "/%C3%BC"


def test_soft_404s_are_suspected_on_request_only(server: LocalServer, checked: Checking) -> None:
    same = answer(200, body=b"<h1>Welcome to our site where all is one page</h1>")
    paths = ["/to-home", *(f"/land{n}" for n in range(3)), "/any/real", "/story", "/one"]
    server.pages["/to-home"] = answer(302, "Location: /")
    for n in range(3):
        server.pages[f"/land{n}"] = answer(302, "Location: /sorry")
    server.pages["/one"] = answer(302, "Location: /another")
    server.pages["/story"] = answer(200, body=b"a story with words of its own")

    async def by_folder(request, writer):  # type: ignore[no-untyped-def]
        known = request.path in ("/story", "/another", "/sorry", "/")
        await (same if request.path.startswith("/any/") or known else answer(404))(request, writer)

    pages = {**server.pages}

    class Site(dict):  # type: ignore[type-arg]
        def get(self, path, default=None):  # type: ignore[no-untyped-def]
            return pages.get(path, by_folder)

    server.pages = Site()
    urls = [server.url(path) for path in paths]
    plain = checked(*urls)
    assert "suspect" not in {outcome.verdict.value for outcome in plain.values()}
    found = {o.url.removeprefix(server.url("")): o for o in checked(*urls, soft_404=True).values()}
    suspects = {path for path, outcome in found.items() if outcome.verdict.value == "suspect"}
    assert suspects == {"/to-home", "/land0", "/land1", "/land2", "/any/real"}


def test_the_archive_is_queried_for_dead_urls_only(server: LocalServer, checked: Checking) -> None:
    server.pages["/missing"] = answer(404)
    copy = b'{"archived_snapshots": {"closest": {"url": "http://web.archive.test/x"}}}'
    server.pages["/api"] = answer(200, body=copy)
    missing, alive = server.url("/missing"), server.url("/alive")
    found = checked(missing, alive, archive=True, archive_api=server.url("/api?url="))
    assert found[missing].archived_url == "http://web.archive.test/x"
    assert found[missing].as_json()["archived_url"] == "http://web.archive.test/x"
    assert found[alive].archived_url == ""
    assert sum(a.path.startswith("/api") for a in server.requests) == 1


def test_the_defaults_are_the_documented_ones() -> None:
    policy = Policy()
    assert (policy.concurrency, policy.per_host, policy.delay) == (32, 4, 0.1)
    assert (policy.timeout, policy.retries, policy.max_redirects) == (20, 3, 10)
    assert policy.host_wait == 60
    assert (policy.allow_private, policy.soft_404, policy.archive) == (False, False, False)
