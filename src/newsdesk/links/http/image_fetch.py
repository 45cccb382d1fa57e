"""Fetch the bytes of one picture, through the guard that every address passes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsdesk.links.failure import Failed, Failure
from newsdesk.links.http.redirects import walk
from newsdesk.links.policy import Policy
from newsdesk.links.progress import Stoppable

if TYPE_CHECKING:
    from newsdesk.links.http.transport import Answer
    from newsdesk.links.http.url import Target

MOST_BYTES = 5 * 1024 * 1024
SECONDS = 12.0  # on the network, all redirects together
_TICK = 0.05  # seconds between looks at whether to stop


class NotFetched(Exception):
    """There are no bytes; the message says why, for a person, and may quote foreign text.

    `passes` says that it may well be gone a moment later.
    """

    def __init__(self, message: str, *, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


def fetch_picture(url: str, policy: Policy, stop: Stoppable) -> bytes | None:
    """Return what an address holds, at most `MOST_BYTES`; None once `stop` is set.

    Of the policy only its proxies, its languages and whether private addresses may be asked
    count: headers that are meant for pages go to no picture. Raises `NotFetched`.
    """
    own = Policy(
        allow_private=policy.allow_private,
        proxies=policy.proxies,
        contact=policy.contact,
        languages=policy.languages,
    )
    return asyncio.run(_fetched(url, replace(own, max_body=MOST_BYTES + 1), stop))


async def _fetched(url: str, policy: Policy, stop: Stoppable) -> bytes | None:
    task = asyncio.create_task(_asked(url, policy))
    try:
        async with asyncio.timeout(SECONDS):
            while not task.done():
                await asyncio.wait({task}, timeout=_TICK)
                if stop.is_set() and not task.done():
                    return None
        return task.result()
    except TimeoutError:
        raise NotFetched(Failure.TIMEOUT.value, passes=True) from None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _asked(url: str, policy: Policy) -> bytes:
    from newsdesk.links.http.transport import Transport  # httpx: who fetches nothing pays nothing

    transport = Transport(policy)
    bodies: list[bytes] = []

    async def ask(method: str, target: Target, cookie: str) -> Answer:
        answer = await transport.ask(method, target, cookie)
        bodies.append(answer.body)
        return answer

    try:
        attempt = await walk(url, "GET", ask, policy, lambda: datetime.now(UTC))
    finally:
        await transport.aclose()
    if attempt.failure is not None:
        failed = Failed(attempt.failure, attempt.detail)
        raise NotFetched(str(failed), passes=attempt.failure.passes)
    status = attempt.status or 0
    if not 200 <= status < 300:
        raise NotFetched(f"the server answers {status}", passes=status == 429 or status >= 500)
    if not bodies[-1]:
        raise NotFetched("the server sends nothing")
    if len(bodies[-1]) > MOST_BYTES:
        raise NotFetched(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
    return bodies[-1]
