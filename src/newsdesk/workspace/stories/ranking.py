"""Decide which source of a story is the one to publish, and say why.

The order, each rule only where those before it tell no difference:

1. An address that readers reach. Whatever else is good about it, a dead link is no source.
2. A correction: what it corrects is wrong.
3. Quality, the collection's own measure. A missing one is the lowest.
4. An image, because a page of headlines with gaps looks broken.
5. What is out already: among equals, exchanging one for another only makes work.
6. Who was first to publish; without a date last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from newsdesk.collection.article import Status
from newsdesk.index.schema import STATUS_CODES
from newsdesk.index.story_tables import SourceFacts
from newsdesk.text import number_text
from newsdesk.workspace.stories.tokens import is_correction

_OUT = STATUS_CODES[Status.PUBLISHED]
_LATEST = 2**62


def ranked(sources: Iterable[SourceFacts], unreachable: Collection[str]) -> list[SourceFacts]:
    """Return sources in order, the recommended one first; `unreachable` are paths."""
    return sorted(
        sources,
        key=lambda s: (
            not s.url or s.path in unreachable,
            not is_correction(s.title),
            -(s.quality if s.quality is not None else -(2**62)),
            not s.has_image,
            s.status != _OUT,
            s.published_at if s.published_at is not None else _LATEST,
            s.path,
        ),
    )


def merits(
    source: SourceFacts, of: Sequence[SourceFacts], unreachable: Collection[str]
) -> list[str]:
    """Return in words what speaks for a source, or against it, among all of its story."""
    found = []
    if not source.url:
        found.append("no URL")
    elif source.path in unreachable:
        found.append("its link is dead")
    others = [other for other in of if other.id != source.id]
    best = max((o.quality for o in others if o.quality is not None), default=None)
    if is_correction(source.title):
        found.append("a correction")
    if source.quality is None:
        found.append("no quality known")
    elif best is None or source.quality > best:
        found.append(f"highest quality ({number_text(source.quality)})")
    elif source.quality == best and source.quality >= max(o.quality or 0 for o in others):
        found.append(f"quality {number_text(source.quality)}, as good as any")
    else:
        found.append(f"quality {number_text(source.quality)}, another has {number_text(best)}")
    if not source.has_image:
        found.append("no image")
    elif any(not other.has_image for other in others):
        found.append("has an image")
    if source.status == _OUT:
        found.append("published already")
    dated = [other.published_at for other in others if other.published_at is not None]
    if source.published_at is not None and dated and source.published_at < min(dated):
        found.append("first to publish")
    return found
