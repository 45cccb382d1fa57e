"""Check the links of articles: which addresses, with which policy, remembered where."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from newsdesk.collection.article import Article
from newsdesk.links.address import address_key
from newsdesk.links.cache import VerdictCache
from newsdesk.links.checker import run_checks
from newsdesk.links.extract import Link, links_of
from newsdesk.links.policy import Policy
from newsdesk.links.run import Progress
from newsdesk.links.verdict import Outcome


@dataclass(frozen=True, slots=True)
class _Flag:
    """A question about stopping in the shape the checker asks it."""

    asked: Callable[[], bool]

    def is_set(self) -> bool:
        return self.asked()


class LinkDesk:
    """Checks links and remembers verdicts in the file at `path`, a cache."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @functools.cached_property
    def cache(self) -> VerdictCache:
        """The verdicts that were reached earlier."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return VerdictCache(self._path)

    def links_of(self, article: Article, policy: Policy, source: bytes = b"") -> list[Link]:
        """Return the links of an article that the policy checks; `source` finds their lines."""
        return [link for link in links_of(article, policy.fields, source) if policy.wants(link.url)]

    def check(
        self,
        urls: Iterable[str],
        policy: Policy,
        *,
        use_cache: bool = True,
        on_outcome: Callable[[Outcome], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        """Ask addresses, one outcome per page; blocks until all are known or it is cancelled.

        The callbacks run in the calling thread, as outcomes come.
        """
        return run_checks(
            urls,
            policy,
            self.cache if use_cache else None,
            on_outcome,
            on_progress,
            _Flag(is_cancelled),
        )

    def close(self) -> None:
        """Close the cache, if it was opened."""
        if "cache" in self.__dict__:
            self.cache.close()


def same_page(one: str, other: str) -> bool:
    """Tell whether two addresses are one check: they differ at most in their fragment."""
    return address_key(one) == address_key(other)
