"""Look up a host, check its IP addresses, and connect to one that was checked."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from typing import cast

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.ip_guard import why_private

Resolver = Callable[[str], Awaitable[list[str]]]
"""Takes a host name, returns IP addresses; raises `socket.gaierror` or `RequestFailed`."""

_MAX_UNREAD_BYTES = 128 * 1024  # buffered before reading from the socket pauses
_MAX_TRIED_ADDRESSES = 4  # of one host
_MAX_LOOKUPS = 16
MAX_LOOKUP_SECONDS_OFFLINE = 1.0
_NO_SUCH_NAME = (socket.EAI_NONAME,)
_NO_ADDRESS = tuple(
    getattr(socket, name) for name in ("EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)
_lookup_slots = threading.BoundedSemaphore(_MAX_LOOKUPS)


async def look_up(host: str) -> list[str]:
    """Return the IP addresses of a host from the system's resolver; raises `socket.gaierror`."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[list[str]] = loop.create_future()

    def set_result(addresses: list[str], error: Exception | None) -> None:
        if result.done():
            return
        if error is None:
            result.set_result(addresses)
        else:
            result.set_exception(error)

    def work() -> None:
        addresses: list[str] = []
        error: Exception | None = None
        try:
            with _lookup_slots:
                found = socket.getaddrinfo(host.encode("ascii"), None, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        except (OSError, UnicodeError) as raised:
            error = raised
        # The loop of a cancelled check is closed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(set_result, addresses, error)

    # A lookup cannot be cancelled, and only a daemon thread does not delay the exit.
    threading.Thread(target=work, name="newsdesk-lookup", daemon=True).start()
    return await result


class TcpConnection(asyncio.Protocol):
    """One connection that is written at once and read on demand, with a bounded buffer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._is_paused = False
        self._head = b""  # the last bytes of a response head that may be part of an empty line
        self._head_ended = False
        self.ends_with_head = False  # whether only a head was read since the last request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport; asyncio calls this."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Buffer received bytes; asyncio calls this."""
        self._unread += data
        if len(self._unread) >= _MAX_UNREAD_BYTES and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Record the end of the stream; asyncio calls this."""
        self._ended = True
        self._wake()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Record the end of the connection; asyncio calls this."""
        self._ended = True
        self._error = error
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def read(self, max_bytes: int) -> bytes:
        """Return up to `max_bytes`, none at the end; raises `RequestFailed` if it was reset."""
        while not self._unread:
            if self._error is not None:
                raise _as_failed(self._error)
            if self._ended:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if self._is_paused and self._transport is not None and not self._ended:
            self._is_paused = False
            self._transport.resume_reading()
        self._find_head_end(data)
        return data

    def _find_head_end(self, data: bytes) -> None:
        """Find the empty line that ends a head, and check whether anything follows it."""
        seen = self._head + data
        end = -1 if self._head_ended else seen.find(b"\r\n\r\n")
        self.ends_with_head = end >= 0 and end + 4 == len(seen)
        self._head_ended = self._head_ended or end >= 0
        self._head = seen[-3:]

    def write(self, data: bytes) -> None:
        """Send bytes; an error is raised by the next `read`."""
        self._head, self._head_ended, self.ends_with_head = b"", False, False
        if self._transport is not None and not self._ended:
            self._transport.write(data)

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt the connection; raises `RequestFailed` with the certificate's error."""
        if self._transport is None or self._ended:
            raise RequestFailed(Failure.RESET, "before the TLS handshake")
        if self._unread:  # it would be read as if it had been encrypted
            self.close()
            raise RequestFailed(Failure.TLS, "data was sent before it")
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(self._transport, self, context, server_hostname=host)
        except (OSError, ssl.SSLError, ValueError) as error:
            self.close()
            failed = _as_failed(error)
            if failed.failure is Failure.RESET:  # a server without TLS closes the connection
                failed = RequestFailed(Failure.RESET, "during the TLS handshake")
            raise failed from None
        if encrypted is None:
            raise RequestFailed(Failure.RESET, "during the TLS handshake")
        self._transport = encrypted

    def close(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_usable(self) -> bool:
        """Whether the connection is open and no unexpected bytes were received."""
        return not self._ended and not self._unread


class Connector:
    """Connects to hosts, but only to IP addresses that were checked."""

    def __init__(
        self, *, resolver: Resolver | None, allow_private: bool, connect_timeout: float
    ) -> None:
        self._resolver = resolver or look_up
        self._allow_private = allow_private
        self._timeout = connect_timeout
        self._allowed: dict[str, list[str]] = {}
        self._lookups = 0  # running
        self.is_offline: Callable[[], bool] = lambda: False

    async def allowed_addresses(self, host: str) -> list[str]:
        """Return the IP addresses of a host to which connections are allowed.

        The result is cached for the whole check, so that a name that resolves to a private
        address later (DNS rebinding) has no effect. Raises `RequestFailed` with
        PRIVATE, NO_SUCH_NAME, NO_ADDRESS or DNS.
        """
        if (allowed := self._allowed.get(host)) is not None:
            return allowed
        try:
            ipaddress.ip_address(host)
            addresses = [host]
        except ValueError:
            addresses = await self._look_up(host)
        if not addresses:
            raise RequestFailed(Failure.NO_ADDRESS)
        if not self._allow_private:
            reasons = {address: why_private(address) for address in addresses}
            public = [address for address, reason in reasons.items() if not reason]
            if not public:
                address, reason = next(iter(reasons.items()))
                text = address if address == host else f"{host} is {address}"
                raise RequestFailed(Failure.PRIVATE, f"{text} ({reason})")
            addresses = public
        self._allowed[host] = addresses
        return addresses

    def has_addresses(self, host: str) -> bool:
        """Return whether the IP addresses of a host are known."""
        return host in self._allowed

    @property
    def is_waiting_for_lookups(self) -> bool:
        """Whether lookups are running and none has succeeded yet."""
        return self._lookups > 0 and not self._allowed

    async def _look_up(self, host: str) -> list[str]:
        # Without a network a lookup can take half a minute and block all slots.
        is_offline = self.is_offline()
        if is_offline and self._lookups >= _MAX_LOOKUPS:
            raise RequestFailed(Failure.DNS)
        self._lookups += 1
        try:
            async with asyncio.timeout(MAX_LOOKUP_SECONDS_OFFLINE if is_offline else None):
                return await self._resolver(host)
        except TimeoutError:
            raise RequestFailed(Failure.DNS) from None
        except socket.gaierror as error:
            if error.errno in _NO_SUCH_NAME:
                raise RequestFailed(Failure.NO_SUCH_NAME) from None
            if error.errno in _NO_ADDRESS:
                raise RequestFailed(Failure.NO_ADDRESS) from None
            raise RequestFailed(Failure.DNS, str(error.strerror or "")) from None
        except (OSError, UnicodeError) as error:
            raise RequestFailed(Failure.DNS, str(error)) from None
        finally:
            self._lookups -= 1

    async def connect(self, host: str, port: int) -> TcpConnection:
        """Connect to a host at a public IP address; raises `RequestFailed`."""
        return await self._connect_to_any(
            (await self.allowed_addresses(host))[:_MAX_TRIED_ADDRESSES], port
        )

    async def connect_to_proxy(self, host: str, port: int) -> TcpConnection:
        """Connect to a proxy, which the user configured and which may be private."""
        try:
            addresses = [str(ipaddress.ip_address(host.strip("[]")))]
        except ValueError:
            addresses = await self._look_up(host)
        return await self._connect_to_any(addresses[:_MAX_TRIED_ADDRESSES], port)

    async def _connect_to_any(self, addresses: list[str], port: int) -> TcpConnection:
        failed = RequestFailed(Failure.NO_ADDRESS)
        for address in addresses:
            try:
                return await self._connect(address, port)
            except RequestFailed as raised:
                failed = raised
        raise failed

    async def _connect(self, address: str, port: int) -> TcpConnection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                _, connection = await loop.create_connection(TcpConnection, address, port)
        except TimeoutError:
            raise RequestFailed(Failure.TIMEOUT, "while connecting") from None
        except (OSError, ValueError, OverflowError) as error:
            raise _as_failed(error) from None
        return connection


_CERTIFICATE_FAILURES = {  # X509_V_ERR_* of OpenSSL's x509_vfy.h
    9: Failure.TLS_NOT_YET,
    10: Failure.TLS_EXPIRED,
    18: Failure.TLS_SELF_SIGNED,
    19: Failure.TLS_SELF_SIGNED,
    20: Failure.TLS_UNTRUSTED,
    21: Failure.TLS_UNTRUSTED,
    62: Failure.TLS_WRONG_HOST,
    64: Failure.TLS_WRONG_HOST,
}


def _as_failed(error: Exception) -> RequestFailed:
    """Convert an exception of the operating system or OpenSSL."""
    if isinstance(error, RequestFailed):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        failure = _CERTIFICATE_FAILURES.get(error.verify_code, Failure.TLS)
        return RequestFailed(
            failure, "" if failure is not Failure.TLS else str(error.verify_message)
        )
    if isinstance(error, ssl.SSLEOFError):
        return RequestFailed(Failure.RESET)
    if isinstance(error, ssl.SSLError):
        return RequestFailed(Failure.TLS, str(error.reason or "").replace("_", " ").lower())
    if isinstance(error, ConnectionRefusedError):
        return RequestFailed(Failure.CONNECTION_REFUSED)
    if isinstance(error, TimeoutError):
        return RequestFailed(Failure.TIMEOUT)
    if isinstance(error, (ConnectionError, EOFError)):
        return RequestFailed(Failure.RESET)
    if isinstance(error, OSError):
        return RequestFailed(Failure.NO_ROUTE, str(error.strerror or ""))
    return RequestFailed(Failure.UNEXPECTED, type(error).__name__)
