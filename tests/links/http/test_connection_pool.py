"""Connections that wait for another request."""

from __future__ import annotations

from newsdesk.links.http.connection_pool import Kept


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
    kept: Kept[Fake] = Kept(9)
    a, b, other = Fake(), Fake(), Fake()
    for connection, origin in ((a, "x"), (b, "x"), (other, "y")):
        await kept.keep(connection, origin)
    assert [await kept.take("x") for _ in range(3)] == [b, a, None]
    assert (len(kept), other.closed) == (1, False)


async def test_what_is_no_good_any_more_is_closed() -> None:
    kept: Kept[Fake] = Kept(9)
    good, expired, used_up = Fake(), Fake(), Fake()
    await kept.keep(good, "x")
    await kept.keep(expired, "x")
    used_up.available = False
    await kept.keep(used_up, "x")
    expired.expired = True
    assert await kept.take("x") is good
    assert (good.closed, expired.closed, used_up.closed) == (False, True, True)


async def test_there_are_never_more_than_allowed() -> None:
    kept: Kept[Fake] = Kept(3)
    many = [Fake() for _ in range(10)]
    for number, connection in enumerate(many):
        await kept.keep(connection, f"host{number % 4}")
        assert len(kept) <= 3
    assert [connection.closed for connection in many] == [True] * 7 + [False] * 3


async def test_an_origin_can_be_forgotten_and_so_can_all() -> None:
    kept: Kept[Fake] = Kept(9)
    many = [Fake() for _ in range(6)]
    for number, connection in enumerate(many):
        await kept.keep(connection, f"host{number % 2}")
    await kept.forget("host0")
    await kept.forget("nowhere")
    assert [connection.closed for connection in many] == [True, False] * 3
    await kept.aclose()
    assert all(connection.closed for connection in many)
    assert (len(kept), await kept.take("host1")) == (0, None)
