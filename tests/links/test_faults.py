"""Faults of servers and networks: each has its own reason, and none means dead."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
import time
import zlib
from datetime import UTC, datetime

import pytest
import trustme

from newsdesk.links.checker import run_checks
from newsdesk.links.policy import Policy
from newsdesk.links.progress import CheckEnvironment, Progress

from .conftest import (
    Checking,
    FastClock,
    LocalServer,
    Names,
    Request,
    answer,
    by_method,
    in_turn,
    raw,
    reset,
)

NO_HEAD = answer(405)


def test_a_good_certificate_is_alive(authority, trusting, serve_tls, checked) -> None:  # type: ignore[no-untyped-def]
    server = serve_tls(authority.issue_cert("good.test", "127.0.0.1"))
    named, numbered = server.url("/a", "good.test"), server.url("/b")
    found = checked(named, numbered, f"{named}2", ssl_context=trusting)
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "certificate has expired"),
        ("early", "not valid yet"),
        ("wrong host", "for another host"),
        ("unknown", "unknown authority"),
    ],
)
def test_certificate_errors_are_named(  # type: ignore[no-untyped-def]
    authority, trusting, serve_tls, checked, kind: str, words: str
) -> None:
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
    certificates = {
        "expired": lambda: authority.issue_cert("bad.test", not_before=past, not_after=past),
        "early": lambda: authority.issue_cert("bad.test", not_before=future, not_after=future),
        "wrong host": lambda: authority.issue_cert("good.test"),
        "unknown": lambda: trustme.CA().issue_cert("bad.test"),
    }
    server = serve_tls(certificates[kind]())
    url = server.url("/", "bad.test")
    outcome = checked(url, ssl_context=trusting)[url]
    assert outcome.verdict.value == "unreachable"
    assert words in outcome.reason


def test_a_self_signed_certificate_is_named(serve_tls, checked, tmp_path) -> None:  # type: ignore[no-untyped-def]
    own = trustme.CA()
    server = serve_tls(own.issue_cert("self.test"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    own.private_key_pem.write_to_path(key)
    own.cert_pem.write_to_path(certificate)
    context.load_cert_chain(certificate, key)
    local = LocalServer(context)
    local.start()
    try:
        url = local.url("/", "self.test")
        outcome = checked(url, ssl_context=ssl.create_default_context())[url]
    finally:
        local.stop()
    assert "self-signed" in outcome.reason
    assert server.requests == []


def test_plain_http_on_a_tls_port_is_a_tls_failure(server: LocalServer, checked: Checking) -> None:
    url = server.url().replace("http:", "https:")
    assert checked(url, timeout=1.0)[url].verdict.value == "unreachable"


def test_a_refused_connection_is_named(checked: Checking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    outcome = checked(url)[url]
    assert outcome.verdict.value == "unreachable"
    assert "refused" in outcome.reason


def test_names_that_do_not_exist_are_dead_after_two_lookups(
    checked: Checking, names: Names
) -> None:
    outcome = checked("http://no.such.name/")["http://no.such.name/"]
    assert outcome.verdict.value == "dead"
    assert names.lookups.count("no.such.name") == 2


def test_nothing_is_dead_while_the_machine_is_offline(checked: Checking, names: Names) -> None:
    names.known["example.com"] = socket.gaierror(socket.EAI_NONAME, "none")
    outcome = checked("http://no.such.name/")["http://no.such.name/"]
    assert outcome.verdict.value == "unreachable"
    assert "offline" in outcome.reason


def test_without_a_network_no_name_is_looked_up_twice(names: Names) -> None:
    reports: list[Progress] = []
    for name in ("example.com", *(f"host{n}.test" for n in range(40))):
        names.known[name] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
    outcomes = run_checks(
        [f"http://host{n}.test/" for n in range(40)],
        on_progress=reports.append,
        environment=CheckEnvironment(FastClock(), names),
    )
    assert {outcome.verdict.value for outcome in outcomes} == {"unreachable"}
    assert all(outcome.reason.startswith("DNS failed for every host") for outcome in outcomes)
    assert len(names.lookups) == 41
    assert reports[-1].is_offline


def test_lookups_without_a_response_are_reported_and_given_up() -> None:
    reports: list[Progress] = []

    async def silent(host: str) -> list[str]:
        await asyncio.sleep(300)
        return []

    outcomes = run_checks(
        [f"http://host{n}.test/" for n in range(60)],
        Policy(timeout=5, connect_timeout=1),
        on_progress=reports.append,
        environment=CheckEnvironment(FastClock(), silent),
    )
    assert {outcome.verdict.value for outcome in outcomes} == {"unreachable"}
    assert sum("offline" in outcome.reason for outcome in outcomes) >= 28
    first = next(progress for progress in reports if progress.is_offline)
    assert first.done == 0, "reported before the first lookup timed out"


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
        socket.gaierror(getattr(socket, "EAI_NODATA", -5), "No address"),
        OSError("no network"),
        UnicodeError("label too long"),
        [],
    ],
)
def test_other_lookup_errors_do_not_mean_dead(
    checked: Checking, names: Names, error: Exception | list[str]
) -> None:
    names.known["odd.test"] = error
    outcome = checked("http://odd.test/")["http://odd.test/"]
    assert outcome.verdict.value == "unreachable"
    assert "host name" in outcome.reason or "DNS" in outcome.reason


def test_a_name_found_the_second_time_is_alive(
    server: LocalServer, checked: Checking, names: Names
) -> None:
    requested: list[str] = []

    async def flaky(host: str) -> list[str]:
        requested.append(host)
        if len(requested) == 1:
            raise socket.gaierror(socket.EAI_NONAME, "none")
        return ["127.0.0.1"]

    names.__class__.__call__, original = (lambda self, host: flaky(host)), names.__class__.__call__  # type: ignore[method-assign,assignment]
    try:
        url = server.url("/", "flaky.test")
        assert checked(url)[url].verdict.value == "alive"
    finally:
        names.__class__.__call__ = original  # type: ignore[method-assign]


FAULTS = {
    "nothing": (raw(b""), "closed early"),
    "reset": (reset, "closed early"),
    "junk": (raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "not valid HTTP"),
    "half a head": (raw(b"HTTP/1.1 200 OK\r\nContent-"), "closed early"),
    "huge header": (
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n"),
        "not valid HTTP",
    ),
    "many headers": (
        raw(b"HTTP/1.1 200 OK\r\n" + b"X-Many: yes\r\n" * 30_000 + b"\r\n"),
        "not valid HTTP",
    ),
    "bad length": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n"), "not valid HTTP"),
    "truncated": (
        by_method(HEAD=NO_HEAD, GET=raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123")),
        "incomplete",
    ),
    "truncated chunk": (
        by_method(
            HEAD=NO_HEAD,
            GET=raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n123"),
        ),
        "incomplete",
    ),
    "bad chunk": (
        by_method(
            HEAD=NO_HEAD,
            GET=raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n123\r\n"),
        ),
        "not valid HTTP",
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_are_unreachable_and_named(
    server: LocalServer, checked: Checking, kind: str
) -> None:
    server.pages["/x"], words = FAULTS[kind]
    outcome = checked(server.url("/x"))[server.url("/x")]
    assert outcome.verdict.value == "unreachable", outcome
    assert words in outcome.reason, outcome


def test_a_closed_connection_is_retried_with_get(server: LocalServer, checked: Checking) -> None:
    server.pages["/x"] = in_turn(reset, reset, answer(200))
    assert checked(server.url("/x"))[server.url("/x")].verdict.value == "alive"
    assert [request.method for request in server.requests] == ["HEAD", "GET", "GET"]


def test_a_connection_that_closed_meanwhile_costs_no_retry(
    server: LocalServer, checked: Checking
) -> None:
    async def say_nothing_of_closing(request: Request, writer: asyncio.StreamWriter) -> None:
        await answer(200)(request, writer)
        await writer.drain()
        writer.close()

    for n in range(20):
        server.pages[f"/{n}"] = say_nothing_of_closing
    found = checked(*(server.url(f"/{n}") for n in range(20)), per_host=1)
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}


async def silence(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip_head(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.02)


async def drip_body(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.02)


async def drip_not_found(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.02)


async def hundreds(request: Request, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("handler", "request_count"),
    [(silence, 1), (drip_head, 1), (hundreds, 1), (by_method(HEAD=NO_HEAD, GET=drip_body), 2)],
)
def test_a_slow_response_ends_at_the_timeout(
    server: LocalServer,
    checked: Checking,
    handler,
    request_count: int,  # type: ignore[no-untyped-def]
) -> None:
    server.pages["/x"] = handler
    began = time.monotonic()
    outcome = checked(server.url("/x"), timeout=0.5)[server.url("/x")]
    assert outcome.verdict.value == "unreachable"
    assert "no response in time" in outcome.reason
    assert time.monotonic() - began < 10
    assert len(server.requests) == request_count  # no GET after a timeout


def test_the_status_of_a_slow_error_page_counts(server: LocalServer, checked: Checking) -> None:
    server.pages["/x"] = by_method(HEAD=answer(404), GET=drip_not_found)
    assert checked(server.url("/x"))[server.url("/x")].verdict.value == "dead"


async def endless(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()


def test_bombs_and_endless_bodies_cost_little(server: LocalServer, checked: Checking) -> None:
    packer = zlib.compressobj(9, wbits=31)  # gzip, in pieces that leave our own memory small
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    for n in range(10):
        server.pages[f"/endless{n}"] = by_method(HEAD=NO_HEAD, GET=endless)
        server.pages[f"/bomb{n}"] = by_method(
            HEAD=NO_HEAD, GET=answer(200, "Content-Encoding: gzip", body=bomb)
        )
    urls = [server.url(f"/{kind}{n}") for kind in ("endless", "bomb") for n in range(10)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = checked(*urls)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    assert (after - before) / 1024 < 20
