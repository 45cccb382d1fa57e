"""Idle connections are pooled by origin."""

from __future__ import annotations

from newsdesk.links.http.connection_pool import ConnectionPool


class Fake:
    """A connection whose state a test decides."""

    def __init__(self) -> None:
        self.available = True
        self.expired = False
        self.closed = False

    def is_available(self) -> bool:
        return self.available

    def has_expired(self) -> bool:
        return self.expired

    async def aclose(self) -> None:
        self.closed = True


async def test_the_most_recently_used_connection_is_acquired_first() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(9)
    a, b, other = Fake(), Fake(), Fake()
    for connection, origin in ((a, "x"), (b, "x"), (other, "y")):
        await kept.release(connection, origin)
    assert [await kept.acquire("x") for _ in range(3)] == [b, a, None]
    assert (len(kept), other.closed) == (1, False)


async def test_a_connection_that_cannot_be_reused_is_closed() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(9)
    good, expired, used_up = Fake(), Fake(), Fake()
    await kept.release(good, "x")
    await kept.release(expired, "x")
    used_up.available = False
    await kept.release(used_up, "x")
    expired.expired = True
    assert await kept.acquire("x") is good
    assert (good.closed, expired.closed, used_up.closed) == (False, True, True)


async def test_the_pool_never_exceeds_its_size() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(3)
    many = [Fake() for _ in range(10)]
    for number, connection in enumerate(many):
        await kept.release(connection, f"host{number % 4}")
        assert len(kept) <= 3
    assert [connection.closed for connection in many] == [True] * 7 + [False] * 3


async def test_the_connections_of_one_origin_or_of_all_can_be_closed() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(9)
    many = [Fake() for _ in range(6)]
    for number, connection in enumerate(many):
        await kept.release(connection, f"host{number % 2}")
    await kept.close_origin("host0")
    await kept.close_origin("nowhere")
    assert [connection.closed for connection in many] == [True, False] * 3
    await kept.aclose()
    assert all(connection.closed for connection in many)
    assert (len(kept), await kept.acquire("host1")) == (0, None)
