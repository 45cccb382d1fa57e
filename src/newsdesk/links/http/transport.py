"""Send HTTP requests. Only this module and `pooled_transport` import httpx and httpcore."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import certifi
import httpcore
import httpx

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.connect import Connector, Resolver
from newsdesk.links.http.pooled_transport import PooledTransport
from newsdesk.links.http.url import Target
from newsdesk.links.policy import Policy

_MAX_ERROR_BODY_BYTES = 64 * 1024  # read so that the connection can be reused
_ERROR_BODY_SECONDS = 2.0
# Parts of httpcore's messages, which has one exception for both.
_NO_RESPONSE = "without sending a response"
_INCOMPLETE_BODY = "without sending complete message body"
_NO_BODY = httpx.ByteStream(b"")


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response: status, the headers used here, the beginning of the body."""

    status: int
    location: str = ""
    retry_after: str = ""
    set_cookies: tuple[str, ...] = ()
    body: bytes = b""


def default_tls_context() -> ssl.SSLContext:
    """Return a context that trusts the authorities of the system and of certifi; takes 20 ms."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Transport:
    """Sends single requests over pooled connections; belongs to one event loop."""

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
        self._pooled = PooledTransport(policy, self.connector, self._context)
        self._client = httpx.AsyncClient(
            transport=self._pooled,
            timeout=None,  # noqa: S113 - callers apply `policy.timeout`
            follow_redirects=False,
            trust_env=False,
        )

    async def can_look_up(self, host: str) -> bool:
        """Return whether a host name can be looked up, to detect that the machine is offline."""
        try:
            await self.connector.allowed_addresses(host)
        except RequestFailed as failed:
            return failed.failure is Failure.PRIVATE
        return True

    async def send(self, method: str, target: Target, cookie: str = "") -> HttpResponse:
        """Send one request without following redirects; raises only `RequestFailed`.

        `cookie` is the value of a `Cookie` header, empty for none. Reads at most
        `policy.max_body` bytes of a page, and less of an error page.
        """
        try:
            if self._policy.proxies.for_target(target):
                await self._check_proxied_host(target.host)
            request = self._request(method, target, cookie)
            try:
                return await self._exchange(request)
            except RequestFailed as failed:
                # The server closed the idle connection, or its last response had extra bytes.
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
        """Close the idle connections to an origin that is not requested again."""
        await self._pooled.pool.close_origin(origin)

    async def _check_proxied_host(self, host: str) -> None:
        # The proxy looks up the name again and may get other addresses: this checks ours.
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
        defaults = [
            ("Host", host if target.port == default else f"{host}:{target.port}"),
            ("User-Agent", self._policy.user_agent),
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
            ("Accept-Language", self._policy.accept_language),
            ("Accept-Encoding", "identity"),
        ]
        bound_names = {name.lower() for name, _ in bound}
        headers = [
            pair for pair in defaults if pair[1] and pair[0].lower() not in bound_names
        ] + bound
        # With a `stream`, httpx adds no headers. It is given the origin only, because it would
        # normalize the path and so request another URL than the one that is cited.
        return httpx.Request(
            method,
            _url(target.origin),
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers],
            stream=_NO_BODY,
            extensions={"target": target, "fresh": fresh},
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
                await _read_start(response, 0)
            elif 200 <= status < 300:
                body = await _read_start(response, self._policy.max_body)
            else:
                # The status decides, even if the body is slow or incomplete.
                try:
                    async with asyncio.timeout(_ERROR_BODY_SECONDS):
                        await _read_start(response, _MAX_ERROR_BODY_BYTES)
                except (TimeoutError, RequestFailed, httpcore.ProtocolError, httpcore.NetworkError):
                    pass
        except httpcore.RemoteProtocolError as error:
            failure = Failure.TRUNCATED if _INCOMPLETE_BODY in str(error) else Failure.PROTOCOL
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
                headers[key] = _header_text(value)
            elif key == "set-cookie":
                set_cookies.append(value.decode("latin-1"))
        return HttpResponse(
            status, headers["location"], headers["retry-after"], tuple(set_cookies), body
        )


@lru_cache(maxsize=256)
def _url(origin: str) -> httpx.URL:
    return httpx.URL(origin)


async def _read_start(response: httpx.Response, limit: int) -> bytes:
    """Return at most the first `limit` bytes of a body."""
    parts = []
    size = 0
    raw = cast(AsyncGenerator[bytes, None], response.aiter_raw())
    async with aclosing(raw):
        async for part in raw:
            parts.append(part[: limit - size])
            size += len(part)
            if size >= limit:
                break
    return b"".join(parts)


def _header_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        # Browsers percent-encode such bytes of a `Location`.
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


def _as_failed(error: Exception) -> RequestFailed:
    """Convert an exception of httpx, or of anything below it."""
    if isinstance(error, BaseExceptionGroup):
        return _as_failed(next(e for e in error.exceptions if isinstance(e, Exception)))
    if isinstance(error, httpcore.ProxyError):
        return RequestFailed(Failure.PROXY, str(error))
    if isinstance(error, httpcore.RemoteProtocolError):
        if _NO_RESPONSE in str(error):
            return RequestFailed(Failure.RESET, "before any response")
        return RequestFailed(Failure.PROTOCOL, str(error))
    if isinstance(error, (httpx.InvalidURL, httpcore.LocalProtocolError, UnicodeError)):
        return RequestFailed(Failure.NOT_A_URL, str(error))
    if isinstance(error, (httpcore.TimeoutException, TimeoutError)):
        return RequestFailed(Failure.TIMEOUT)
    if isinstance(error, (httpcore.NetworkError, ConnectionError)):
        return RequestFailed(Failure.RESET)
    return RequestFailed(Failure.UNEXPECTED, f"{type(error).__name__}: {error}")
