"""Requests through a proxy: plain, and encrypted through a tunnel."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.connect import TcpConnection
from newsdesk.links.policy import BoundHeader, Proxies

from ..conftest import Checking, LocalServer, Names, Serving, answer

Proxying = Callable[..., "TunnelProxy"]
ServingTls = Callable[[trustme.LeafCert], LocalServer]


class TunnelProxy(Serving):
    """Takes CONNECT on 127.0.0.1 and leads every tunnel to one port there."""

    def __init__(self, leads_to: int, reply: bytes, context: ssl.SSLContext | None) -> None:
        self.leads_to = leads_to
        self.reply = reply
        self.context = context
        self.heads: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            writer.write(self.reply)
            if not self.reply.startswith(b"HTTP/1.1 200"):
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.leads_to)
            writers.append(far_writer)
            await asyncio.gather(
                self._pass_on(reader, far_writer), self._pass_on(far_reader, writer)
            )
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for each in writers:
                with contextlib.suppress(OSError, RuntimeError):
                    each.close()

    @staticmethod
    async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()


@pytest.fixture
def proxy_to() -> Iterator[Proxying]:
    started: list[TunnelProxy] = []

    def begin(
        server: LocalServer,
        reply: bytes = b"HTTP/1.1 200 Established\r\n\r\n",
        context: ssl.SSLContext | None = None,
    ) -> TunnelProxy:
        proxy = TunnelProxy(server.port, reply, context)
        proxy.start()
        started.append(proxy)
        return proxy

    yield begin
    for proxy in started:
        proxy.stop()


def test_https_goes_through_a_tunnel_and_is_verified_at_its_end(
    authority: trustme.CA,
    trusting: ssl.SSLContext,
    serve_tls: ServingTls,
    proxy_to: Proxying,
    checked: Checking,
) -> None:
    server = serve_tls(authority.issue_cert("far.away"))
    server.pages["/missing"] = answer(404)
    proxy = proxy_to(server)
    urls = ["https://far.away/", "https://far.away/missing", "https://else.where/"]
    header = BoundHeader("https://far.away", "X-Secret", "hidden")
    found = checked(
        *urls,
        ssl_context=trusting,
        per_host=1,
        headers=(header,),
        proxies=Proxies(https=f"http://me:p%40ss@127.0.0.1:{proxy.port}"),
    )
    assert [found[url].verdict.value for url in urls] == ["alive", "dead", "unreachable"]
    assert "for another host" in found[urls[2]].reason
    heads = [head for head in proxy.heads if head.startswith("CONNECT far.away:443 ")]
    assert len(heads) == 1  # one tunnel for three requests
    assert base64.b64encode(b"me:p@ss").decode() in heads[0]
    assert "hidden" not in "".join(proxy.heads)
    requests = [(each.method, each.path, each.headers["host"]) for each in server.requests]
    assert sorted(requests) == [
        ("GET", "/missing", "far.away"),
        ("HEAD", "/", "far.away"),
        ("HEAD", "/missing", "far.away"),
    ]
    assert all("proxy-authorization" not in each.headers for each in server.requests)
    assert all(each.headers["x-secret"] == "hidden" for each in server.requests)


def test_the_proxy_itself_may_be_encrypted(
    authority: trustme.CA,
    trusting: ssl.SSLContext,
    serve_tls: ServingTls,
    proxy_to: Proxying,
    checked: Checking,
) -> None:
    server = serve_tls(authority.issue_cert("far.away"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("proxy.test").configure_cert(context)
    proxy = proxy_to(server, context=context)
    url = "https://far.away/"
    proxies = Proxies(https=f"https://proxy.test:{proxy.port}")
    found = checked(url, ssl_context=trusting, proxies=proxies)
    assert found[url].verdict.value == "alive", found
    assert [head.split()[1] for head in proxy.heads] == ["far.away:443"]


def test_a_tunnel_leads_to_an_ipv6_address_in_brackets(
    authority: trustme.CA,
    trusting: ssl.SSLContext,
    serve_tls: ServingTls,
    proxy_to: Proxying,
    checked: Checking,
) -> None:
    server = serve_tls(authority.issue_cert("2606:4700::1"))
    proxy = proxy_to(server)
    url = "https://[2606:4700::1]/"
    proxies = Proxies(https=f"http://127.0.0.1:{proxy.port}")
    found = checked(url, ssl_context=trusting, proxies=proxies, allow_private=False)
    assert found[url].verdict.value == "alive", found
    assert [head.split()[1] for head in proxy.heads] == ["[2606:4700::1]:443"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "the proxy failed: 502"),
        (b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", "the proxy failed: 407"),
        (b"", "closed early"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "not valid HTTP"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_named(
    server: LocalServer, proxy_to: Proxying, checked: Checking, reply: bytes, words: str
) -> None:
    proxy = proxy_to(server, reply)
    url = "https://far.away/"
    outcome = checked(url, proxies=Proxies(https=f"http://127.0.0.1:{proxy.port}"))[url]
    assert outcome.verdict.value == "unreachable"
    assert words in outcome.reason, outcome
    assert server.connections == 0


def test_bytes_before_the_handshake_are_no_response(
    server: LocalServer, proxy_to: Proxying, checked: Checking
) -> None:
    answered = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    proxy = proxy_to(server, answered * 3)  # to the tunnel, then to the server behind it
    url = "https://far.away/"
    outcome = checked(url, proxies=Proxies(https=f"http://127.0.0.1:{proxy.port}"), timeout=1.0)[
        url
    ]
    assert outcome.verdict.value == "unreachable"


def test_a_tunnel_is_no_way_around_the_guard(
    server: LocalServer, proxy_to: Proxying, checked: Checking, names: Names
) -> None:
    proxy = proxy_to(server)
    names.known["inside.test"] = ["10.0.0.1"]
    urls = ["https://127.1/", "https://inside.test/", "https://[::1]/"]
    proxies = Proxies(https=f"http://127.0.0.1:{proxy.port}")
    found = checked(*urls, proxies=proxies, allow_private=False)
    assert {outcome.verdict.value for outcome in found.values()} == {"refused"}
    assert (proxy.heads, server.connections) == ([], 0)


def test_a_proxy_may_look_up_names_that_are_unknown_here(
    server: LocalServer, checked: Checking, names: Names
) -> None:
    server.pages["http://known.to-the-proxy:80/x"] = answer(200)
    url = "http://known.to-the-proxy/x"
    assert checked(url, proxies=Proxies(http=server.url()))[url].verdict.value == "alive"
    assert names.lookups[0] == "known.to-the-proxy"


def test_requests_go_to_the_proxy(server: LocalServer, checked: Checking) -> None:
    proxied = "http://far.away.test/x"
    server.pages["http://far.away.test:80/x"] = answer(404)
    direct = server.url("/y")
    proxies = Proxies(http=server.url(), bypass=("127.0.0.1",))
    found = checked(proxied, direct, proxies=proxies)
    assert found[proxied].verdict.value == "dead"
    assert found[direct].verdict.value == "alive"
    assert {request.path for request in server.requests} == {"http://far.away.test:80/x", "/y"}


def test_a_proxy_is_no_way_around_the_guard(server: LocalServer, checked: Checking) -> None:
    urls = ["http://127.1/", "http://localhost/", "http://[::ffff:10.0.0.1]/"]
    found = checked(*urls, proxies=Proxies(http=server.url()), allow_private=False)
    assert {outcome.verdict.value for outcome in found.values()} == {"refused"}
    assert server.connections == 0


async def test_a_handshake_does_not_begin_on_bytes_that_came_before_it() -> None:
    class Pretended(asyncio.Transport):
        was_aborted = False

        def abort(self) -> None:
            self.was_aborted = True

    wire, transport = TcpConnection(), Pretended()
    wire.connection_made(transport)
    wire.data_received(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(RequestFailed) as caught:
        await wire.start_tls(ssl.create_default_context(), "far.away")
    assert caught.value.failure is Failure.TLS
    assert transport.was_aborted
