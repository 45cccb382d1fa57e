"""Store cookies during one chain of redirects and return each to the host that set it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from newsdesk.links.http.url import Target

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from http.cookiejar import CookieJar


class ChainCookies:
    """The cookies of one redirect chain; some sites set one and redirect to the same URL."""

    def __init__(self) -> None:
        self._jars: dict[str, CookieJar] = {}

    def store(self, target: Target, values: Iterable[str]) -> None:
        """Store the `Set-Cookie` values of a response that RFC 6265 allows the host to set."""
        # Loaded here: few redirects set a cookie.
        from email.message import Message
        from http.cookiejar import CookieJar
        from urllib.request import Request

        message = Message()
        for value in values:
            message["Set-Cookie"] = value
        jar = self._jars.setdefault(target.host, CookieJar())
        jar.extract_cookies(cast("HTTPResponse", _Headers(message)), Request(target.url))  # noqa: S310 - http or https

    def header_for(self, target: Target) -> str:
        """Return the `Cookie` header of a request, or empty."""
        jar = self._jars.get(target.host)
        if jar is None:
            return ""
        from urllib.request import Request

        request = Request(target.url)  # noqa: S310
        jar.add_cookie_header(request)
        return request.get_header("Cookie") or ""


class _Headers:
    """The part of a response that `CookieJar` reads."""

    def __init__(self, message: object) -> None:
        self._message = message

    def info(self) -> object:
        return self._message
