"""What httpx is used for, and which of its functions are switched off."""

from __future__ import annotations

import asyncio
import pkgutil
import subprocess
import sys

import httpx
import pytest

from newsdesk import links
from newsdesk.links.http.transport import Transport
from newsdesk.links.http.url import parse
from newsdesk.links.policy import Policy

from ..conftest import Checking, LocalServer, Names, Request, answer, by_method, in_turn, raw, reset

USES_HTTPX = {"newsdesk.links.http.transport", "newsdesk.links.http.pooled_transport"}


def test_no_other_module_loads_httpx() -> None:
    modules = [
        module.name
        for module in pkgutil.walk_packages(links.__path__, "newsdesk.links.")
        if module.name not in USES_HTTPX
    ]
    assert "newsdesk.links.http.connect" in modules
    # One process for all of them: each report names the first module that loads a library.
    program = (
        "import importlib, sys\n"
        "slow = {'httpx', 'httpcore', 'h11', 'anyio', 'certifi', 'idna'}\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    if slow & set(sys.modules): sys.exit(f'{name} loads {slow & set(sys.modules)}')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *modules], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_requests_are_made_by_httpx(
    server: LocalServer, checked: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    send = httpx.AsyncClient.send

    async def recording(
        self: httpx.AsyncClient, request: httpx.Request, **options: object
    ) -> httpx.Response:
        sent.append((request.method, str(request.url)))
        assert not self.trust_env
        assert not self.follow_redirects
        return await send(self, request, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.AsyncClient, "send", recording)
    server.pages["/x"] = by_method(HEAD=answer(405), GET=answer(200))
    checked(server.url("/x"))
    assert sent == [("HEAD", server.url("")), ("GET", server.url(""))]


def test_only_the_named_headers_are_sent(server: LocalServer, checked: Checking) -> None:
    for n in range(3):
        server.pages[f"/{n}"] = by_method(
            HEAD=answer(405, "Set-Cookie: a=b; Path=/"), GET=answer(302, "Set-Cookie: c=d")
        )
    checked(*(server.url(f"/{n}") for n in range(3)), per_host=1)
    assert len(server.requests) == 6
    for request in server.requests:
        assert list(request.headers) == [
            "host",
            "user-agent",
            "accept",
            "accept-language",
            "accept-encoding",
        ]


async def test_httpx_stores_nothing_of_a_response(server: LocalServer, names: Names) -> None:
    server.pages["/x"] = answer(302, "Location: http://[nowhere", "Set-Cookie: a=b; Path=/")
    transport = Transport(Policy(allow_private=True), resolver=names)
    assert (await transport.send("GET", parse(server.url("/x")))).location == "http://[nowhere"
    assert not transport._client.cookies
    await transport.aclose()


def test_the_path_is_requested_as_it_is_cited(server: LocalServer, checked: Checking) -> None:
    paths = ["/a//b", "/[x]|y", "/%7euser/%2f", "/a?b=[1]&c=(d)", "/a?b?c", "/a?"]
    found = checked(*(server.url(path) for path in paths))
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}
    assert sorted(request.path for request in server.requests) == sorted(paths)


def test_host_names_that_httpx_rejects_are_requested(
    server: LocalServer, checked: Checking, names: Names
) -> None:
    hosts = ["xn--zzzzzz.test", "xn--a.test", "a_b.test", "a-.test", "1.2.3x4", "1a2b3c4"]
    names.known.update((host, ["127.0.0.1"]) for host in hosts)
    found = checked(*(server.url("/", host) for host in hosts))
    assert {outcome.verdict.value for outcome in found.values()} == {"alive"}


def test_a_very_long_url_is_requested(checked: Checking, server: LocalServer) -> None:
    # Three bytes each once they are encoded: longer than the longest URL of httpx.
    url = server.url("/" + "€" * 7_900)
    assert "not a valid URL" not in checked(url)[url].reason


def test_proxy_variables_alone_change_nothing(
    server: LocalServer, checked: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert checked(server.url("/x"))[server.url("/x")].verdict.value == "alive"


def test_connections_are_reused(server: LocalServer, checked: Checking) -> None:
    server.pages["/missing"] = answer(404)
    server.pages["/moved"] = answer(301, "Location: /there")
    urls = [server.url(path) for path in ("/a", "/b", "/missing", "/moved", "/c")]
    checked(*urls, per_host=1)
    assert (len(server.requests), server.connections) == (7, 1)


def test_a_reused_connection_that_breaks_is_replaced(server: LocalServer, names: Names) -> None:
    async def begin_and_reset(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123")
        await writer.drain()
        await asyncio.sleep(0.05)
        await reset(request, writer)

    async def send_twice(path: str) -> int:
        transport = Transport(Policy(allow_private=True), resolver=names)
        try:
            await transport.send("GET", parse(server.url("/first")))
            return (await transport.send("GET", parse(server.url(path)))).status
        finally:
            await transport.aclose()

    for n, fault in enumerate((reset, begin_and_reset, raw(b""), raw(b"junk\r\n\r\n"))):
        server.pages[f"/{n}"] = in_turn(fault, answer(200))
        server.connections = 0
        assert asyncio.run(send_twice(f"/{n}")) == 200
        assert (server.count(f"/{n}"), server.connections) == (2, 2)
