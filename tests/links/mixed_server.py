"""A local server with all common kinds of responses, for tests and benchmarks.

`python mixed_server.py [SECONDS [HOSTS]]` serves it with that latency in a process of its own and
prints the port; with more than one host at 127.1.0.1 and on, which Linux has.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable

# kind -> (how many in the full set of 2,000, the verdict that is right)
KINDS = {
    "ok": (1640, "alive"),
    "gone": (120, "dead"),
    "moved": (100, "moved"),
    "elsewhere": (40, "alive"),
    "headless": (40, "alive"),
    "wall": (20, "walled"),
    "busy": (20, "alive"),
    "slow": (20, "alive"),
}


def mixed_addresses(base: Callable[[int], str], share: float = 1.0) -> dict[str, tuple[str, str]]:
    """Return address -> (kind, right verdict); `base(n)` gives the origin of the nth address.

    The kinds are spread evenly, so that each host has some of all.
    """
    placed = [
        ((number + 0.5) / max(1, round(count * share)), kind, number, verdict)
        for kind, (count, verdict) in KINDS.items()
        for number in range(max(1, round(count * share)))
    ]
    return {
        f"{base(at)}/{kind}/{number}": (kind, verdict)
        for at, (_, kind, number, verdict) in enumerate(sorted(placed))
    }


class StatusCounts:
    """What the server saw: requests by host, most in flight at once by host."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.most_in_flight: Counter[str] = Counter()
        self.asked_before: set[str] = set()

    def begin(self, host: str) -> None:
        self.requests[host] += 1
        self.in_flight[host] += 1
        self.most_in_flight[host] = max(self.most_in_flight[host], self.in_flight[host])

    def end(self, host: str) -> None:
        self.in_flight[host] -= 1


class MixedSite(asyncio.Protocol):
    """Serves the kinds: `/gone/7` is a 404, `/moved/7` redirects permanently to `/ok/7`."""

    def __init__(self, tally: StatusCounts, latency: float, slowness: float) -> None:
        self.tally = tally
        self.latency = latency
        self.slowness = slowness
        self.transport: asyncio.Transport | None = None
        self.unread = b""
        self.busy_host: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.busy_host is not None:
            self.tally.end(self.busy_host)
            self.busy_host = None

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, _, self.unread = self.unread.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ", 2)
            host = next(line[6:] for line in lines if line.lower().startswith("host: "))
            self.tally.begin(host)
            self.busy_host = host
            kind = path.split("/")[1]
            delay = self.slowness if kind == "slow" else self.latency
            answer = self.answer(method, path, host, kind)
            if delay:
                asyncio.get_running_loop().call_later(delay, self.send, answer)
            else:
                self.send(answer)

    def send(self, answer: bytes) -> None:
        if self.busy_host is not None and self.transport is not None:
            self.tally.end(self.busy_host)
            self.busy_host = None
            self.transport.write(answer)

    def answer(self, method: str, path: str, host: str, kind: str) -> bytes:
        number = path.rpartition("/")[2]
        if kind == "gone":
            return response("404 Not Found", method)
        if kind == "moved":
            return response("301 Moved Permanently", method, f"Location: /ok/moved-{number}")
        if kind == "elsewhere":
            return response("302 Found", method, f"Location: http://{host}/ok/elsewhere-{number}")
        if kind == "headless" and method == "HEAD":
            return response("405 Method Not Allowed", method)
        if kind == "wall":
            return response("403 Forbidden", method, "cf-mitigated: challenge")
        if kind == "busy" and path not in self.tally.asked_before:
            self.tally.asked_before.add(path)
            return response("429 Too Many Requests", method, "Retry-After: 1")
        return response("200 OK", method)


def response(status: str, method: str, *headers: str) -> bytes:
    body = b"<title>A page</title><p>Some words that make up a page.</p>" * 8
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}"]
    lines.append("LinkChecker: welcome")  # that checker asks ten a second without it
    head = "\r\n".join([*lines, *headers]).encode() + b"\r\n\r\n"
    return head if method == "HEAD" else head + body


async def serve_mixed(
    tally: StatusCounts,
    *,
    latency: float = 0.03,
    slowness: float = 2.0,
    host: str | list[str] = "127.0.0.1",
    port: int = 0,
) -> asyncio.Server:
    """Start serving on this machine; latency of all and of slow answers in seconds."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: MixedSite(tally, latency, slowness), host, port, backlog=1024
    )


async def _main() -> None:
    tally = StatusCounts()
    latency = float(sys.argv[1]) if len(sys.argv) > 1 else 0.03
    server = await serve_mixed(tally, latency=latency)
    port = server.sockets[0].getsockname()[1]
    if len(sys.argv) > 2 and int(sys.argv[2]) > 1:
        hosts = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(int(sys.argv[2]))]
        await serve_mixed(tally, latency=latency, host=hosts, port=port)
    print(port, flush=True)
    # One line in, one line out: how many were in flight at most on any host, and how many asked.
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while await reader.readline():
        print(max(tally.most_in_flight.values(), default=0), tally.requests.total(), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
