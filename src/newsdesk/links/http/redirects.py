"""Follow one address along its redirects by hand, recording every hop."""

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
    """What a walk needs to know of an answer; `transport.HttpResponse` is one."""

    @property
    def status(self) -> int: ...  # noqa: D102

    @property
    def location(self) -> str: ...  # noqa: D102

    @property
    def retry_after(self) -> str: ...  # noqa: D102

    @property
    def set_cookies(self) -> Sequence[str]: ...  # noqa: D102


SendRequest = Callable[[str, Target, str], Awaitable[HopResponse]]
"""Method, target and `Cookie` header in, one hop's answer out; raises `RequestFailed`."""


async def follow_redirects(
    url: str, method: str, ask: SendRequest, policy: Policy, utc: Callable[[], datetime]
) -> Attempt:
    """Ask for an address and for wherever it redirects to; never raises `RequestFailed`.

    The attempt's `seconds` are left at 0: whoever asks knows what was waiting and what network.
    """
    hops: list[Redirect] = []
    final_url = url
    cookies = ChainCookies()
    fragment = ""  # of a redirect, which wins over the one of the address (RFC 9110, 10.2.2)
    try:
        target = parse(url)
        cookie = ""
        seen = {(target.url, cookie)}
        while True:
            answer = await ask(method, target, cookie)
            accepted = policy.accepts(target.host, answer.status)
            if answer.status not in _REDIRECTS or accepted or not answer.location:
                break
            if answer.set_cookies:
                cookies.store(target, answer.set_cookies)
            target = joined(target, answer.location)
            cookie = cookies.header_for(target)
            fragment = fragment_of(answer.location) or fragment
            final_url = target.url + fragment
            hops.append(Redirect(answer.status, final_url))
            if (target.url, cookie) in seen:
                raise RequestFailed(Failure.REDIRECT_LOOP)
            if len(hops) > policy.max_redirects:
                raise RequestFailed(Failure.TOO_MANY_REDIRECTS, f"more than {policy.max_redirects}")
            seen.add((target.url, cookie))
    except RequestFailed as failed:
        return Attempt(method, final_url, failed.status, failed.failure, failed.detail, tuple(hops))
    asked_pause = retry_after_seconds(answer.retry_after, utc()) if answer.retry_after else None
    return Attempt(
        method,
        final_url,
        answer.status,
        redirects=tuple(hops),
        retry_after=asked_pause,
        accepted=accepted,
    )
