"""Connections that wait for another request."""

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


async def test_the_one_used_last_is_taken_first() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(9)
    a, b, other = Fake(), Fake(), Fake()
    for connection, origin in ((a, "x"), (b, "x"), (other, "y")):
        await kept.release(connection, origin)
    assert [await kept.acquire("x") for _ in range(3)] == [b, a, None]
    assert (len(kept), other.closed) == (1, False)


async def test_what_is_no_good_any_more_is_closed() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(9)
    good, expired, used_up = Fake(), Fake(), Fake()
    await kept.release(good, "x")
    await kept.release(expired, "x")
    used_up.available = False
    await kept.release(used_up, "x")
    expired.expired = True
    assert await kept.acquire("x") is good
    assert (good.closed, expired.closed, used_up.closed) == (False, True, True)


async def test_there_are_never_more_than_allowed() -> None:
    kept: ConnectionPool[Fake] = ConnectionPool(3)
    many = [Fake() for _ in range(10)]
    for number, connection in enumerate(many):
        await kept.release(connection, f"host{number % 4}")
        assert len(kept) <= 3
    assert [connection.closed for connection in many] == [True] * 7 + [False] * 3


async def test_an_origin_can_be_forgotten_and_so_can_all() -> None:
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
