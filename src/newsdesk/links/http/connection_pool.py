"""Keep connections open in the hope of another request: a stack per origin, so many in all."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar


class Connection(Protocol):
    """What is kept; httpcore's connections are such."""

    def is_available(self) -> bool: ...  # noqa: D102

    def has_expired(self) -> bool: ...  # noqa: D102

    async def aclose(self) -> None: ...  # noqa: D102


Some = TypeVar("Some", bound=Connection)


class ConnectionPool(Generic[Some]):
    """Idle connections by origin. Taking and keeping cost the same however many there are."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: OrderedDict[Some, str] = OrderedDict()  # the longest idle first
        self._by_origin: dict[str, list[Some]] = {}

    def __len__(self) -> int:
        return len(self._all)

    async def acquire(self, origin: str) -> Some | None:
        """Return the connection used last that is still good, or None; it is kept no longer."""
        while stack := self._by_origin.get(origin):
            connection = stack[-1]
            self._drop(connection)
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def release(self, connection: Some, origin: str) -> None:
        """Keep a connection, or close it if it has no use left; may close the longest idle."""
        if not connection.is_available():
            await connection.aclose()
            return
        self._all[connection] = origin
        self._by_origin.setdefault(origin, []).append(connection)
        if len(self._all) > self._most:
            oldest = next(iter(self._all))
            self._drop(oldest)
            await oldest.aclose()

    async def close_origin(self, origin: str) -> None:
        """Close all connections to an origin."""
        while stack := self._by_origin.get(origin):
            connection = stack[-1]
            self._drop(connection)
            await connection.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._by_origin:
            await self.close_origin(next(iter(self._by_origin)))

    def _drop(self, connection: Some) -> None:
        origin = self._all.pop(connection)
        stack = self._by_origin[origin]
        stack.remove(connection)
        if not stack:
            del self._by_origin[origin]
