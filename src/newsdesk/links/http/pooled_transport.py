"""Connect httpx to newsdesk's own connections, which are checked and pooled."""

# ruff: noqa: ASYNC109 - httpcore names its arguments

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from newsdesk.links.http.connect import Connector, TcpConnection
from newsdesk.links.http.connection_pool import ConnectionPool
from newsdesk.links.http.url import Target
from newsdesk.links.policy import Policy

_MAX_IDLE_CONNECTIONS = 64
_IDLE_SECONDS = 15.0


class _Stream(httpcore.AsyncNetworkStream):
    """A `TcpConnection` with the interface of httpcore. Callers apply the time limits."""

    def __init__(self, tcp: TcpConnection) -> None:
        self.tcp = tcp

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self.tcp.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.tcp.write(buffer)

    async def aclose(self) -> None:
        self.tcp.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        await self.tcp.start_tls(ssl_context, (server_hostname or "").strip("[]"))
        return self

    def get_extra_info(self, info: str) -> Any:
        return not self.tcp.is_usable if info == "is_readable" else None


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, to checked IP addresses or to a proxy."""

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


class PooledTransport(httpx.AsyncBaseTransport):
    """The transport of httpx: connections to checked IP addresses, pooled by origin.

    httpcore's pools search all connections for every request, a stack per origin does not.
    Here they only create connections.
    """

    def __init__(
        self, policy: Policy, connector: Connector, context: Callable[[], ssl.SSLContext]
    ) -> None:
        self._policy = policy
        self._connector = connector
        self._context = context
        self._factories: dict[tuple[str, bool], httpcore.AsyncConnectionPool] = {}
        self.pool: ConnectionPool[httpcore.AsyncConnectionInterface] = ConnectionPool(
            _MAX_IDLE_CONNECTIONS
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; httpx calls this. Errors of httpcore are passed on unchanged.

        Extensions of the request: `target` is a `Target`, `fresh` demands a new connection,
        `reused` is set to whether a pooled connection was used.
        """
        target: Target = request.extensions["target"]
        connection = None
        if not request.extensions["fresh"]:
            connection = await self.pool.acquire(target.origin)
        request.extensions["reused"] = connection is not None
        proxy = self._policy.proxies.for_target(target)
        # A proxy expects brackets around an IPv6 address, a direct connection does not.
        host = f"[{target.host}]" if proxy and ":" in target.host else target.host
        url = httpcore.URL(scheme=target.scheme, host=host, port=target.port, target=target.path)
        if connection is None:
            factory = self._factory(proxy, secure=target.scheme == "https")
            connection = factory.create_connection(url.origin)
        try:
            response = await connection.handle_async_request(
                httpcore.Request(request.method, url, headers=request.headers.raw)
            )
        except BaseException:
            await connection.aclose()
            raise
        # httpx gets no headers: it would store cookies, decode bodies and build the next request
        # from any `Location`, even from an invalid one.
        body = _Body(
            self.pool, connection, response, target.origin, is_head=request.method == "HEAD"
        )
        return httpx.Response(
            response.status, stream=body, extensions={"headers": response.headers}
        )

    async def aclose(self) -> None:
        """Close all idle connections; httpx calls this."""
        await self.pool.aclose()
        for _ in range(3):  # asyncio's transports finish closing
            await asyncio.sleep(0)

    def _factory(self, proxy: str, *, secure: bool) -> httpcore.AsyncConnectionPool:
        """Return the pool that creates connections, through the proxy if it is set."""
        factory = self._factories.get((proxy, secure))
        if factory is None:
            factory = self._factories[proxy, secure] = self._new_factory(proxy, secure)
        return factory

    def _new_factory(self, proxy: str, secure: bool) -> httpcore.AsyncConnectionPool:
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
    """The body of a response; returns its connection to the pool when it is closed."""

    def __init__(
        self,
        pool: ConnectionPool[httpcore.AsyncConnectionInterface],
        connection: httpcore.AsyncConnectionInterface,
        response: httpcore.Response,
        origin: str,
        *,
        is_head: bool,
    ) -> None:
        self._pool = pool
        self._connection = connection
        self._response = response
        self._origin = origin
        self._is_head = is_head

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast(AsyncIterable[bytes], self._response.stream))

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        except BaseException:
            await self._connection.aclose()
            raise
        stream = self._response.extensions.get("network_stream")
        # A body after HEAD would be read as the beginning of the next response.
        has_body = self._is_head and not (isinstance(stream, _Stream) and stream.tcp.ends_with_head)
        if has_body:
            await self._connection.aclose()
        else:
            await self._pool.release(self._connection, self._origin)
