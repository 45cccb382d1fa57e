"""Find another working URL of an article whose `webUrl` is dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsdesk.collection.article import Urls
from newsdesk.links.http.url import url_key
from newsdesk.links.verdict import Verdict

_WORKING = frozenset({Verdict.ALIVE, Verdict.MOVED})


@dataclass(frozen=True, slots=True)
class FallbackUrl:
    """A working URL and the front-matter field that holds it."""

    field: str
    url: str


def find_fallback_url(urls: Urls, verdicts: Mapping[str, Verdict]) -> FallbackUrl | None:
    """Return the URL to use instead of a dead `webUrl`: original, AMP, then CDN AMP.

    The keys of `verdicts` are made by `url_key`. Returns None unless `webUrl` is known to be
    dead and another URL is known to work.
    """
    dead = url_key(urls.web)
    if verdicts.get(dead) is not Verdict.DEAD:
        return None
    for field, url in (
        ("originalUrl", urls.original),
        ("ampWebUrl", urls.amp),
        ("cdnAmpWebUrl", urls.cdn_amp),
    ):
        if url and url_key(url) != dead and verdicts.get(url_key(url)) in _WORKING:
            return FallbackUrl(field, url)
    return None
