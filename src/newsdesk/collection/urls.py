"""Web addresses as articles hold them: which may be opened, which mean the same page."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# The ASCII part of WHATWG URL's percent-encode sets of path and query (1.3), and every blank.
# Letters outside ASCII stay readable here and are encoded when asked.
_BLANKS = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ENCODED_IN_PATH = re.compile(rf"[{_BLANKS}\"<>`{{}}^]")
_ENCODED_IN_QUERY = re.compile(rf"[{_BLANKS}\"<>]")
_HOST = re.compile(r"[^\s/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\]")
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src")
_LONGEST = 8_000
# Most addresses look like this, and parsing one takes ten times as long as seeing that it does.
_ORDINARY = re.compile(
    r"https?://(?:www\.)?+([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9/_.~+,%-]*)?)"
)


def percent_encoded(url: str) -> str:
    """Return a URL with what browsers encode percent-encoded: blanks, quotes, angle brackets."""
    path, question, query = url.partition("?")
    path = _ENCODED_IN_PATH.sub(_percent, path)
    return path + question + _ENCODED_IN_QUERY.sub(_percent, query)


def _percent(match: re.Match[str]) -> str:
    return quote(match[0])


def reader_url(text: str) -> str:
    """Return the address as a browser reads it if one may be sent there, else an empty string.

    Only http and https with a host; no user name or password, no control characters or line
    breaks, nothing that a program could take for an option. Blanks become `%20`, and slashes
    written as `\\` before the query become `/`, as the link check requests the address.
    """
    if len(text) <= _LONGEST and _ORDINARY.fullmatch(text):
        return text
    text = text.strip(" ")
    if not text or len(text) > _LONGEST or _FORBIDDEN.search(text):
        return ""
    address, mark, fragment = text.partition("#")
    path, question, query = address.partition("?")
    address = path.replace("\\", "/") + question + query
    text = percent_encoded(address) + mark + _ENCODED_IN_PATH.sub(_percent, fragment)
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not port_is_valid:
        return ""
    return text if parts.hostname and _HOST.match(parts.netloc) else ""


def canonical(url: str) -> str:
    """Return a key that is equal for addresses of the same page; empty if it is no address.

    Scheme, `www.`, default ports, a trailing slash, the fragment and tracking parameters do
    not tell pages apart; the case of the path and all other parameters do.
    """
    if len(url) <= _LONGEST and (ordinary := _ORDINARY.fullmatch(url)):
        return ordinary[1] + ordinary[2].rstrip("/")
    address = reader_url(url)
    if not address:
        return ""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    query = f"?{urlencode(kept)}" if kept else ""
    return f"{host}{port}{parts.path.rstrip('/')}{query}"


def host_of(url: str) -> str:
    """Return the host of an address in lower case, empty if it is no address."""
    return (urlsplit(address).hostname or "") if (address := reader_url(url)) else ""
