"""Detect that the machine is offline, so that not every URL has to time out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from newsdesk.links.rate_limiter import Clock

MAX_LOOKUP_SECONDS = 3.0
_RECHECK_SECONDS = 10.0  # the network may return during a check


class Connectivity:
    """Whether there is a network, tested with one host name that is known to exist."""

    def __init__(self, can_look_up: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self.is_offline = False
        self._can_look_up = can_look_up
        self._clock = clock
        self._looked_up_at = 0.0  # by the clock
        self._lookup: asyncio.Task[bool] | None = None

    async def is_online(self) -> bool:
        """Look up the host name, once for all callers; a False result is renewed after a while."""
        is_old = self.is_offline and self._clock.now() - self._looked_up_at > _RECHECK_SECONDS
        if self._lookup is None or (is_old and self._lookup.done()):
            self._looked_up_at = self._clock.now()
            self._lookup = asyncio.create_task(self._look_up())
        return await asyncio.shield(self._lookup)

    async def _look_up(self) -> bool:
        try:
            async with asyncio.timeout(MAX_LOOKUP_SECONDS):
                self.is_offline = not await self._can_look_up()
        except TimeoutError:
            self.is_offline = True
        return not self.is_offline

    async def stop(self) -> None:
        """Cancel a lookup that is under way."""
        if self._lookup is not None:
            self._lookup.cancel()
            await asyncio.gather(self._lookup, return_exceptions=True)
