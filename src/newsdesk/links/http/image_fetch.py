"""Download one image, with the same IP address checks as links."""

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
_TICK_SECONDS = 0.05  # between checks of the stop signal


class ImageNotFetched(Exception):
    """An image could not be downloaded; the message is shown and may quote foreign text.

    `is_temporary` means that another attempt may succeed soon.
    """

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary


def fetch_image(url: str, policy: Policy, stop: StopSignal) -> bytes | None:
    """Return the bytes at a URL, at most `MAX_IMAGE_BYTES`; None once `stop` is set.

    Of the policy only `proxies`, `languages`, `contact` and `allow_private` apply: headers
    bound to an origin are meant for pages. Raises `ImageNotFetched`.
    """
    own = Policy(
        allow_private=policy.allow_private,
        proxies=policy.proxies,
        contact=policy.contact,
        languages=policy.languages,
    )
    return asyncio.run(_fetch_unless_stopped(url, replace(own, max_body=MAX_IMAGE_BYTES + 1), stop))


async def _fetch_unless_stopped(url: str, policy: Policy, stop: StopSignal) -> bytes | None:
    task = asyncio.create_task(_fetch(url, policy))
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


async def _fetch(url: str, policy: Policy) -> bytes:
    from newsdesk.links.http.transport import Transport  # imports httpx, which is slow

    transport = Transport(policy)
    bodies: list[bytes] = []

    async def send(method: str, target: Target, cookie: str) -> HttpResponse:
        response = await transport.send(method, target, cookie)
        bodies.append(response.body)
        return response

    try:
        attempt = await follow_redirects(url, "GET", send, policy, lambda: datetime.now(UTC))
    finally:
        await transport.aclose()
    if attempt.failure is not None:
        failed = RequestFailed(attempt.failure, attempt.detail)
        raise ImageNotFetched(str(failed), is_temporary=attempt.failure.is_temporary)
    status = attempt.status or 0
    if not 200 <= status < 300:
        raise ImageNotFetched(f"HTTP status {status}", is_temporary=status == 429 or status >= 500)
    if not bodies[-1]:
        raise ImageNotFetched("the response is empty")
    if len(bodies[-1]) > MAX_IMAGE_BYTES:
        raise ImageNotFetched(f"larger than {MAX_IMAGE_BYTES // 1024 // 1024} MB")
    return bodies[-1]
