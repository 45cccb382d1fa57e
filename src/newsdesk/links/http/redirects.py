"""Request a URL and follow its redirects, recording each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.cookies import ChainCookies
from newsdesk.links.http.url import Target, fragment_of, joined, parse
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Attempt, Redirect, retry_after_seconds

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HopResponse(Protocol):
    """The part of `transport.HttpResponse` that following redirects reads."""

    @property
    def status(self) -> int: ...  # noqa: D102

    @property
    def location(self) -> str: ...  # noqa: D102

    @property
    def retry_after(self) -> str: ...  # noqa: D102

    @property
    def set_cookies(self) -> Sequence[str]: ...  # noqa: D102


SendRequest = Callable[[str, Target, str], Awaitable[HopResponse]]
"""Takes method, target and `Cookie` header, returns a response; raises `RequestFailed`."""


async def follow_redirects(
    url: str, method: str, send: SendRequest, policy: Policy, utc: Callable[[], datetime]
) -> Attempt:
    """Request a URL and the URLs it redirects to; return failures as part of the attempt.

    The `seconds` of the attempt are 0: only the caller can separate network time from waiting.
    """
    hops: list[Redirect] = []
    final_url = url
    cookies = ChainCookies()
    fragment = ""  # of a redirect, it replaces the one of the URL (RFC 9110, 10.2.2)
    try:
        target = parse(url)
        cookie = ""
        seen = {(target.url, cookie)}
        while True:
            response = await send(method, target, cookie)
            is_accepted = policy.accepts(target.host, response.status)
            if response.status not in _REDIRECTS or is_accepted or not response.location:
                break
            if response.set_cookies:
                cookies.store(target, response.set_cookies)
            target = joined(target, response.location)
            cookie = cookies.header_for(target)
            fragment = fragment_of(response.location) or fragment
            final_url = target.url + fragment
            hops.append(Redirect(response.status, final_url))
            if (target.url, cookie) in seen:
                raise RequestFailed(Failure.REDIRECT_LOOP)
            if len(hops) > policy.max_redirects:
                raise RequestFailed(Failure.TOO_MANY_REDIRECTS, f"more than {policy.max_redirects}")
            seen.add((target.url, cookie))
    except RequestFailed as failed:
        return Attempt(method, final_url, failed.status, failed.failure, failed.detail, tuple(hops))
    retry_after = retry_after_seconds(response.retry_after, utc()) if response.retry_after else None
    return Attempt(
        method,
        final_url,
        response.status,
        redirects=tuple(hops),
        retry_after=retry_after,
        is_accepted=is_accepted,
    )
