"""Fetch the bytes of one picture, through the guard that every address passes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.redirects import follow_redirects
from newsdesk.links.policy import Policy
from newsdesk.links.progress import StopSignal

if TYPE_CHECKING:
    from newsdesk.links.http.transport import HttpResponse
    from newsdesk.links.http.url import Target

MAX_IMAGE_BYTES = 5 * 1024 * 1024
IMAGE_TIMEOUT_SECONDS = 12.0  # on the network, all redirects together
_TICK_SECONDS = 0.05  # seconds between looks at whether to stop


class ImageNotFetched(Exception):
    """There are no bytes; the message says why, for a person, and may quote foreign text.

    `is_temporary` says that it may well be gone a moment later.
    """

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary


def fetch_image(url: str, policy: Policy, stop: StopSignal) -> bytes | None:
    """Return what an address holds, at most `MAX_IMAGE_BYTES`; None once `stop` is set.

    Of the policy only its proxies, its languages and whether private addresses may be asked
    count: headers that are meant for pages go to no picture. Raises `ImageNotFetched`.
    """
    own = Policy(
        allow_private=policy.allow_private,
        proxies=policy.proxies,
        contact=policy.contact,
        languages=policy.languages,
    )
    return asyncio.run(_fetched(url, replace(own, max_body=MAX_IMAGE_BYTES + 1), stop))


async def _fetched(url: str, policy: Policy, stop: StopSignal) -> bytes | None:
    task = asyncio.create_task(_asked(url, policy))
    try:
        async with asyncio.timeout(IMAGE_TIMEOUT_SECONDS):
            while not task.done():
                await asyncio.wait({task}, timeout=_TICK_SECONDS)
                if stop.is_set() and not task.done():
                    return None
        return task.result()
    except TimeoutError:
        raise ImageNotFetched(Failure.TIMEOUT.value, is_temporary=True) from None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _asked(url: str, policy: Policy) -> bytes:
    from newsdesk.links.http.transport import Transport  # httpx: who fetches nothing pays nothing

    transport = Transport(policy)
    bodies: list[bytes] = []

    async def ask(method: str, target: Target, cookie: str) -> HttpResponse:
        answer = await transport.ask(method, target, cookie)
        bodies.append(answer.body)
        return answer

    try:
        attempt = await follow_redirects(url, "GET", ask, policy, lambda: datetime.now(UTC))
    finally:
        await transport.aclose()
    if attempt.failure is not None:
        failed = RequestFailed(attempt.failure, attempt.detail)
        raise ImageNotFetched(str(failed), is_temporary=attempt.failure.is_temporary)
    status = attempt.status or 0
    if not 200 <= status < 300:
        raise ImageNotFetched(
            f"the server answers {status}", is_temporary=status == 429 or status >= 500
        )
    if not bodies[-1]:
        raise ImageNotFetched("the server sends nothing")
    if len(bodies[-1]) > MAX_IMAGE_BYTES:
        raise ImageNotFetched(f"it is larger than {MAX_IMAGE_BYTES // 1024 // 1024} MB")
    return bodies[-1]
