"""Find another living address of the same article when the reader's own is dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsdesk.collection.article import Urls
from newsdesk.links.http.url import url_key
from newsdesk.links.verdict import Verdict

_LIVING = frozenset({Verdict.ALIVE, Verdict.MOVED})


@dataclass(frozen=True, slots=True)
class FallbackUrl:
    """A living address: the front-matter field it stands in, and itself."""

    field: str
    url: str


def find_fallback_url(urls: Urls, verdicts: Mapping[str, Verdict]) -> FallbackUrl | None:
    """Return what to offer instead of a dead `webUrl`: original, AMP, then CDN AMP.

    `verdicts` go by `url_key`. Returns None while the reader's address is not known to be
    dead, or when no other one is known to be alive.
    """
    dead = url_key(urls.web)
    if verdicts.get(dead) is not Verdict.DEAD:
        return None
    for field, url in (
        ("originalUrl", urls.original),
        ("ampWebUrl", urls.amp),
        ("cdnAmpWebUrl", urls.cdn_amp),
    ):
        if url and url_key(url) != dead and verdicts.get(url_key(url)) in _LIVING:
            return FallbackUrl(field, url)
    return None
