"""Check the links of articles: which addresses, with which policy, remembered where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.collection.article import Article
from newsdesk.links.address import address_key
from newsdesk.links.cache import VerdictCache
from newsdesk.links.extract import Link, links_of
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome

if TYPE_CHECKING:
    from newsdesk.links.run import Progress

_PATIENCE = 3.0  # seconds that closing waits for a check to keep what it knows


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
        self._cache: VerdictCache | None = None
        self._opening = threading.Lock()
        self._checking = threading.Lock()
        self._is_closing = False

    @property
    def has_verdicts(self) -> bool:
        """Whether anything was ever checked here."""
        return self._cache is not None or self._path.exists()

    @property
    def is_open(self) -> bool:
        """Whether the verdicts can be asked for without opening their file first."""
        return self._cache is not None

    @property
    def cache(self) -> VerdictCache:
        """The verdicts that were reached earlier; opened when first needed."""
        with self._opening:
            if self._cache is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._cache = VerdictCache(self._path)
            return self._cache

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
        from newsdesk.links.checker import run_checks

        with self._checking:
            return run_checks(
                urls,
                policy,
                self.cache if use_cache else None,
                on_outcome,
                on_progress,
                _Flag(lambda: self._is_closing or is_cancelled()),
            )

    def close(self) -> None:
        """Stop a check that is under way, let it keep what it knows, and close the cache."""
        self._is_closing = True
        has_ended = self._checking.acquire(timeout=_PATIENCE)
        if self._cache is not None and has_ended:
            self._cache.close()
        if has_ended:
            self._checking.release()


def same_page(one: str, other: str) -> bool:
    """Tell whether two addresses are one check: they differ at most in their fragment."""
    return address_key(one) == address_key(other)
