"""Pool idle connections: a stack per origin, with a limit on the total."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Connection(Protocol):
    """The part of httpcore's connections that the pool uses."""

    def is_available(self) -> bool: ...  # noqa: D102

    def has_expired(self) -> bool: ...  # noqa: D102

    async def aclose(self) -> None: ...  # noqa: D102


Pooled = TypeVar("Pooled", bound=Connection)


class ConnectionPool(Generic[Pooled]):
    """Idle connections by origin. `acquire` and `release` take constant time."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._all: OrderedDict[Pooled, str] = OrderedDict()  # longest idle first
        self._by_origin: dict[str, list[Pooled]] = {}

    def __len__(self) -> int:
        return len(self._all)

    async def acquire(self, origin: str) -> Pooled | None:
        """Remove and return the most recently used open connection, or None."""
        while stack := self._by_origin.get(origin):
            connection = stack[-1]
            self._remove(connection)
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def release(self, connection: Pooled, origin: str) -> None:
        """Add a connection, or close it if it cannot be reused; may close the longest idle one."""
        if not connection.is_available():
            await connection.aclose()
            return
        self._all[connection] = origin
        self._by_origin.setdefault(origin, []).append(connection)
        if len(self._all) > self._max_size:
            oldest = next(iter(self._all))
            self._remove(oldest)
            await oldest.aclose()

    async def close_origin(self, origin: str) -> None:
        """Close the idle connections to an origin."""
        while stack := self._by_origin.get(origin):
            connection = stack[-1]
            self._remove(connection)
            await connection.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._by_origin:
            await self.close_origin(next(iter(self._by_origin)))

    def _remove(self, connection: Pooled) -> None:
        origin = self._all.pop(connection)
        stack = self._by_origin[origin]
        stack.remove(connection)
        if not stack:
            del self._by_origin[origin]
