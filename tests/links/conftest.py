"""A local server whose responses a test defines, and a check environment without waiting."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest
import trustme

from newsdesk.links.checker import run_checks
from newsdesk.links.http import connect
from newsdesk.links.policy import Policy
from newsdesk.links.progress import CheckEnvironment
from newsdesk.links.rate_limiter import Clock
from newsdesk.links.verdict import Outcome

PUBLIC_IP = "93.184.215.14"  # a public address, which tests connect to the local server


@dataclass
class Request:
    """One request as the server got it; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, *headers: str, body: bytes = b"<p>A page of some words.</p>") -> Handler:
    """Return a handler for a correct response."""

    async def handle(request: Request, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(body)}", *headers]
        head = "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"
        writer.write(head if request.method == "HEAD" else head + body)

    return handle


def raw(data: bytes, *, close: bool = True) -> Handler:
    """Return a handler that sends these bytes for any request."""

    async def handle(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if close:
            writer.close()

    return handle


def by_method(**handlers: Handler) -> Handler:
    async def handle(request: Request, writer: asyncio.StreamWriter) -> None:
        await handlers[request.method](request, writer)

    return handle


def in_turn(*handlers: Handler) -> Handler:
    """Return a handler that uses these handlers in order; the last one is repeated."""
    left = list(handlers)

    async def handle(request: Request, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, writer)

    return handle


async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
    """Close the connection with a TCP reset."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()


class Serving:
    """A server on 127.0.0.1 in its own thread."""

    context: ssl.SSLContext | None
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection."""
        raise NotImplementedError

    def start(self) -> None:
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        async def begin() -> None:
            self.server = await asyncio.start_server(
                self.serve, "127.0.0.1", 0, ssl=self.context, backlog=512
            )
            self.port = self.server.sockets[0].getsockname()[1]
            started.set()

        def run() -> None:
            self.loop.set_exception_handler(lambda loop, context: None)
            self.loop.run_until_complete(begin())
            self.loop.run_forever()

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert started.wait(30)

    def stop(self) -> None:
        async def end() -> None:
            self.server.close()
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()


@dataclass
class LocalServer(Serving):
    """A server with a handler per path; other paths return 200."""

    context: ssl.SSLContext | None = None
    pages: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    bytes_sent: int = 0
    in_flight: Counter[str] = field(default_factory=Counter)
    most_in_flight: Counter[str] = field(default_factory=Counter)
    port: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.context else 'http'}://{host}:{self.port}{path}"

    def count(self, path: str, method: str | None = None) -> int:
        return sum(a.path == path and method in (None, a.method) for a in self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(head.decode("latin-1"), writer)
                if not writer.is_closing():
                    await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        request = Request(method, path, headers)
        self.requests.append(request)
        host = headers.get("host", "").partition(":")[0]
        self.in_flight[host] += 1
        self.most_in_flight[host] = max(self.most_in_flight[host], self.in_flight[host])
        try:
            handler = self.pages.get(path) or self.pages.get(path.partition("?")[0])
            await (handler or answer(200))(request, writer)
        finally:
            self.in_flight[host] -= 1


@pytest.fixture
def server() -> Iterator[LocalServer]:
    local = LocalServer()
    local.start()
    yield local
    local.stop()


@pytest.fixture
def other_server() -> Iterator[LocalServer]:
    local = LocalServer()
    local.start()
    yield local
    local.stop()


class FastClock(Clock):
    """A clock that runs a hundred times faster."""

    def __init__(self, factor: float = 100.0) -> None:
        self.factor = factor

    def now(self) -> float:
        return super().now() * self.factor

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return super().call_later(seconds / self.factor, callback)

    def jitter(self) -> float:
        return 1.0


class Names:
    """A resolver for tests: `*.test` is this machine, `example.com` exists, others do not."""

    def __init__(self) -> None:
        self.known: dict[str, list[str] | Exception] = {"example.com": [PUBLIC_IP]}
        self.in_turn: dict[str, list[list[str]]] = {}
        self.lookups: list[str] = []

    async def __call__(self, host: str) -> list[str]:
        self.lookups.append(host)
        if turns := self.in_turn.get(host):
            return turns.pop(0) if len(turns) > 1 else turns[0]
        found = self.known.get(host)
        if isinstance(found, Exception):
            raise found
        if found is not None:
            return found
        if host.endswith(".test") or host == "localhost":
            return ["127.0.0.1"]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record all IP addresses that are connected to; PUBLIC_IP is replaced by 127.0.0.1."""
    seen: list[str] = []
    original = connect.Connector._connect

    async def recording(self: connect.Connector, address: str, port: int) -> connect.TcpConnection:
        seen.append(address)
        assert address in (PUBLIC_IP, "127.0.0.1", "::1"), "tests stay on this machine"
        return await original(self, "127.0.0.1" if address == PUBLIC_IP else address, port)

    monkeypatch.setattr(connect.Connector, "_connect", recording)
    return seen


Checking = Callable[..., dict[str, Outcome]]


@pytest.fixture
def checked(names: Names) -> Checking:
    """Check URLs in the local environment; return URL -> outcome."""

    def run(*urls: str, ssl_context: ssl.SSLContext | None = None, **choices: object):
        options: dict[str, object] = {"allow_private": True, "delay": 0.0, "timeout": 5.0}
        cache = choices.pop("cache", None)
        factor = choices.pop("factor", 100.0)
        policy = Policy(**{**options, **choices})
        environment = CheckEnvironment(FastClock(factor), names, ssl_context)
        outcomes = run_checks(urls, policy, cache, environment=environment)
        assert len({outcome.url for outcome in outcomes}) == len(outcomes)
        return {outcome.url: outcome for outcome in outcomes}

    return run


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def serve_tls() -> Iterator[object]:
    started: list[LocalServer] = []

    def serve(certificate: trustme.LeafCert) -> LocalServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        local = LocalServer(context)
        local.start()
        started.append(local)
        return local

    yield serve
    for local in started:
        local.stop()
