"""Ask for one address over HTTP: the only module that knows httpx and its engine, httpcore."""

# ruff: noqa: ASYNC109 - httpcore names its arguments

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import certifi
import httpcore
import httpx

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.connect import Connector, Resolver, TcpConnection
from newsdesk.links.http.connection_pool import ConnectionPool
from newsdesk.links.http.url import Target
from newsdesk.links.policy import Policy

_MAX_IDLE_CONNECTIONS = 64  # connections kept open in the hope of another request
_IDLE_SECONDS = 15.0
_MAX_ERROR_BODY_BYTES = 64 * 1024  # bytes of an error page worth reading to keep its connection
_ERROR_BODY_SECONDS = 2.0
_CUT_OFF = "without sending a response"
_BREAKS_OFF = "without sending complete message body"
_NO_BODY = httpx.ByteStream(b"")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server said: status, the headers that matter, the beginning of its body."""

    status: int
    location: str = ""
    retry_after: str = ""
    set_cookies: tuple[str, ...] = ()
    body: bytes = b""


def default_tls_context() -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and certifi's; takes some 20 ms."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class _Stream(httpcore.AsyncNetworkStream):
    """A wire as httpcore wants it. Time limits are the asker's, so none are kept here."""

    def __init__(self, wire: TcpConnection) -> None:
        self.wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self.wire.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.wire.write(buffer)

    async def aclose(self) -> None:
        self.wire.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        await self.wire.start_tls(ssl_context, (server_hostname or "").strip("[]"))
        return self

    def get_extra_info(self, info: str) -> Any:
        return not self.wire.is_usable if info == "is_readable" else None


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, through the guard unless they lead to a proxy."""

    def __init__(self, connector: Connector, *, to_proxy: bool = False) -> None:
        self._connect = connector.connect_to_proxy if to_proxy else connector.connect

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._connect(host, port))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _PooledTransport(httpx.AsyncBaseTransport):
    """What httpx sends its requests through: connections behind the guard, kept by origin.

    httpcore's pool looks at every connection for every request; a stack per origin does not, so
    of its pools only their way of making connections is used.
    """

    def __init__(
        self, policy: Policy, connector: Connector, context: Callable[[], ssl.SSLContext]
    ) -> None:
        self._policy = policy
        self._connector = connector
        self._context = context
        self._makers: dict[tuple[str, bool], httpcore.AsyncConnectionPool] = {}
        self.pool: ConnectionPool[httpcore.AsyncConnectionInterface] = ConnectionPool(
            _MAX_IDLE_CONNECTIONS
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; httpx calls this. What httpcore complains about passes unchanged.

        The request's extensions say what is asked (`asked`: a `Target`), whether a new connection
        is wanted (`fresh`) and, afterwards, whether a used one was taken (`reused`).
        """
        target: Target = request.extensions["asked"]
        connection = None
        if not request.extensions["fresh"]:
            connection = await self.pool.acquire(target.origin)
        request.extensions["reused"] = connection is not None
        proxy = self._policy.proxies.for_target(target)
        # Brackets go where a proxy reads the host; a connection of our own wants none.
        host = f"[{target.host}]" if proxy and ":" in target.host else target.host
        url = httpcore.URL(scheme=target.scheme, host=host, port=target.port, target=target.path)
        if connection is None:
            maker = self._maker(proxy, secure=target.scheme == "https")
            connection = maker.create_connection(url.origin)
        try:
            answer = await connection.handle_async_request(
                httpcore.Request(request.method, url, headers=request.headers.raw)
            )
        except BaseException:
            await connection.aclose()
            raise
        # httpx gets to see no headers: it would keep cookies, undo encodings and build the next
        # request from any `Location`, even from one that is no address.
        body = _Body(self.pool, connection, answer, target.origin, is_head=request.method == "HEAD")
        return httpx.Response(answer.status, stream=body, extensions={"headers": answer.headers})

    async def aclose(self) -> None:
        """Close all idle connections; httpx calls this."""
        await self.pool.aclose()
        for _ in range(3):  # lets asyncio's transports finish closing
            await asyncio.sleep(0)

    def _maker(self, proxy: str, *, secure: bool) -> httpcore.AsyncConnectionPool:
        """Return what makes connections, through a proxy if there is one."""
        maker = self._makers.get((proxy, secure))
        if maker is None:
            maker = self._makers[proxy, secure] = self._new_maker(proxy, secure)
        return maker

    def _new_maker(self, proxy: str, secure: bool) -> httpcore.AsyncConnectionPool:
        context = self._context() if secure else None
        if not proxy:
            return httpcore.AsyncConnectionPool(
                ssl_context=context,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=_GuardedNetwork(self._connector),
            )
        parts = urlsplit(proxy)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = parts.port or (443 if parts.scheme == "https" else 80)
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        return httpcore.AsyncHTTPProxy(
            proxy_url=f"{parts.scheme}://{host}:{port}",
            proxy_auth=auth,
            ssl_context=context,
            proxy_ssl_context=self._context() if parts.scheme == "https" else None,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_GuardedNetwork(self._connector, to_proxy=True),
        )


class _Body(httpx.AsyncByteStream):
    """An answer's body on its way through httpx; gives its connection back when closed."""

    def __init__(
        self,
        pool: ConnectionPool[httpcore.AsyncConnectionInterface],
        connection: httpcore.AsyncConnectionInterface,
        answer: httpcore.Response,
        origin: str,
        *,
        is_head: bool,
    ) -> None:
        self._pool = pool
        self._connection = connection
        self._answer = answer
        self._origin = origin
        self._is_head = is_head

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast(AsyncIterable[bytes], self._answer.stream))

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        except BaseException:
            await self._connection.aclose()
            raise
        stream = self._answer.extensions.get("network_stream")
        # A body after HEAD would be taken for the next answer's beginning.
        has_tail = self._is_head and not (
            isinstance(stream, _Stream) and stream.wire.ends_with_head
        )
        if has_tail:
            await self._connection.aclose()
        else:
            await self._pool.release(self._connection, self._origin)


class Transport:
    """Asks servers, one hop at a time. Keeps connections; belongs to one event loop."""

    def __init__(
        self,
        policy: Policy,
        *,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self.connector = Connector(
            resolver=resolver,
            allow_private=policy.allow_private,
            connect_timeout=policy.connect_timeout,
        )
        self._ssl_context = ssl_context
        self._pooled = _PooledTransport(policy, self.connector, self._context)
        self._client = httpx.AsyncClient(
            transport=self._pooled,
            timeout=None,  # noqa: S113 - `policy.timeout` is kept by who asks
            follow_redirects=False,
            trust_env=False,
        )

    async def can_look_up(self, host: str) -> bool:
        """Tell whether a name that surely exists can be looked up: are we online at all?"""
        try:
            await self.connector.allowed_addresses(host)
        except RequestFailed as failed:
            return failed.failure is Failure.PRIVATE
        return True

    async def ask(self, method: str, target: Target, cookie: str = "") -> HttpResponse:
        """Send one request without following redirects; raises only `RequestFailed`.

        `cookie` is the value of a `Cookie` header, empty for none. Reads at most
        `policy.max_body` bytes of a page, and hardly any of an error page.
        """
        try:
            if self._policy.proxies.for_target(target):
                await self._judge_proxied(target.host)
            request = self._request(method, target, cookie)
            try:
                return await self._exchange(request)
            except RequestFailed as failed:
                # The server closed it while we took it, or its last answer had a tail.
                is_stale = failed.failure is Failure.RESET or (
                    failed.failure is Failure.PROTOCOL and failed.status is None
                )
                if not (is_stale and request.extensions.get("reused")):
                    raise
            return await self._exchange(self._request(method, target, cookie, fresh=True))
        except RequestFailed:
            raise
        except Exception as error:
            raise _as_failed(error) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def close_origin(self, origin: str) -> None:
        """Close the idle connections to an origin nobody asks for any more."""
        await self._pooled.pool.close_origin(origin)

    async def _judge_proxied(self, host: str) -> None:
        # The proxy looks names up, so its answer cannot be judged; what we see of it can.
        try:
            await self.connector.allowed_addresses(host)
        except RequestFailed as failed:
            if failed.failure is Failure.PRIVATE:
                raise

    def _context(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            self._ssl_context = default_tls_context()
        return self._ssl_context

    def _request(
        self, method: str, target: Target, cookie: str, *, fresh: bool = False
    ) -> httpx.Request:
        host = f"[{target.host}]" if ":" in target.host else target.host
        default = 443 if target.scheme == "https" else 80
        bound = self._policy.headers_for(target.origin)
        if cookie:  # a second header of that name is not allowed
            cookies = [value for name, value in bound if name.lower() == "cookie"]
            bound = [pair for pair in bound if pair[0].lower() != "cookie"]
            bound.append(("Cookie", "; ".join([*cookies, cookie])))
        usual = [
            ("Host", host if target.port == default else f"{host}:{target.port}"),
            ("User-Agent", self._policy.user_agent),
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("Accept-Language", self._policy.accept_language),
            ("Accept-Encoding", "identity"),
        ]
        chosen = {name.lower() for name, _ in bound}
        headers = [pair for pair in usual if pair[1] and pair[0].lower() not in chosen] + bound
        # A request with a `stream` gets no headers but these. Of its address httpx reads the
        # origin only: it would tidy the path up, and ask for another than the one that is cited.
        return httpx.Request(
            method,
            _url(target.origin),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers],
            stream=_NO_BODY,
            extensions={"asked": target, "fresh": fresh},
        )

    async def _exchange(self, request: httpx.Request) -> HttpResponse:
        try:
            response = await self._client.send(request, stream=True)
        except RequestFailed:
            raise
        except Exception as error:
            raise _as_failed(error) from error
        status = response.status_code
        body = b""
        try:
            if request.method == "HEAD":
                await _beginning(response, 0)
            elif 200 <= status < 300:
                body = await _beginning(response, self._policy.max_body)
            else:
                # The status is the proof: a body that drips or breaks off takes nothing away.
                try:
                    async with asyncio.timeout(_ERROR_BODY_SECONDS):
                        await _beginning(response, _MAX_ERROR_BODY_BYTES)
                except (TimeoutError, RequestFailed, httpcore.ProtocolError, httpcore.NetworkError):
                    pass
        except httpcore.RemoteProtocolError as error:
            failure = Failure.TRUNCATED if _BREAKS_OFF in str(error) else Failure.PROTOCOL
            raise RequestFailed(failure, status=status) from None
        except RequestFailed as failed:
            raise RequestFailed(failed.failure, failed.detail, status) from None
        finally:
            await response.aclose()
        headers = dict.fromkeys(("location", "retry-after"), "")
        set_cookies = []
        for name, value in response.extensions["headers"]:
            key = name.lower().decode("latin-1")
            if key in headers and not headers[key]:
                headers[key] = _text(value)
            elif key == "set-cookie":
                set_cookies.append(value.decode("latin-1"))
        return HttpResponse(
            status, headers["location"], headers["retry-after"], tuple(set_cookies), body
        )


@lru_cache(maxsize=256)
def _url(origin: str) -> httpx.URL:
    return httpx.URL(origin)


async def _beginning(response: httpx.Response, most: int) -> bytes:
    """Read a body up to its end or so many bytes, whatever comes first."""
    parts = []
    size = 0
    raw = cast(AsyncGenerator[bytes, None], response.aiter_raw())
    async with aclosing(raw):
        async for part in raw:
            parts.append(part[: most - size])
            size += len(part)
            if size >= most:
                break
    return b"".join(parts)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        # In a `Location` browsers keep such bytes as they are, percent-encoded.
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


def _as_failed(error: Exception) -> RequestFailed:
    """Name what httpx, or anything below it, complains about."""
    if isinstance(error, BaseExceptionGroup):
        return _as_failed(next(e for e in error.exceptions if isinstance(e, Exception)))
    if isinstance(error, httpcore.ProxyError):
        return RequestFailed(Failure.PROXY, str(error))
    if isinstance(error, httpcore.RemoteProtocolError):
        if _CUT_OFF in str(error):
            return RequestFailed(Failure.RESET, "before any answer")
        return RequestFailed(Failure.PROTOCOL, str(error))
    if isinstance(error, (httpx.InvalidURL, httpcore.LocalProtocolError, UnicodeError)):
        return RequestFailed(Failure.NOT_A_URL, str(error))
    if isinstance(error, (httpcore.TimeoutException, TimeoutError)):
        return RequestFailed(Failure.TIMEOUT)
    if isinstance(error, (httpcore.NetworkError, ConnectionError)):
        return RequestFailed(Failure.RESET)
    return RequestFailed(Failure.UNEXPECTED, f"{type(error).__name__}: {error}")
