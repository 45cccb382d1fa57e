"""Check the links of articles: which addresses, with which policy, remembered where."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.errors import NewsdeskError
from newsdesk.links.cache import VerdictCache
from newsdesk.links.http.url import url_key
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome
from newsdesk.processes import ProcessEnded, in_a_process

if TYPE_CHECKING:
    from newsdesk.links.progress import Progress
    from newsdesk.workspace.links.worker import CheckEvent

_log = logging.getLogger(__name__)
_MAX_UNSAVED = 2_000  # outcomes that a process may have told and not yet written
_CLOSE_SECONDS = 3.0  # seconds that closing waits for a check to keep what it knows


@dataclass(frozen=True, slots=True)
class _Flag:
    """A question about stopping in the shape the checker asks it."""

    asked: Callable[[], bool]

    def is_set(self) -> bool:
        return self.asked()


class LinkService:
    """Checks links of the articles below `root`, remembers verdicts in `path`, a cache."""

    def __init__(self, root: Path, path: Path, profile: Profile = JEKYLL) -> None:
        self._root = root
        self._profile = profile
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

    def check_articles(
        self,
        paths: Sequence[str],
        policy: Policy,
        *,
        max_unconfirmed: int | None = None,
        agrees: Callable[[int], bool] = lambda _: True,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[CheckEvent]:
        """Read files and ask their addresses in a process of its own; yield news as they come.

        Nothing of it keeps this process busy. Above `max_unconfirmed` distinct addresses
        `agrees(how many)` decides. Raises `NewsdeskError` if the process ended too soon; what
        was reached until then is kept.
        """
        from newsdesk.workspace.links.worker import CheckAdvanced, LinkCheckJob, NotStored, run_job

        cache = self.cache
        # What is read only cannot be pickled.
        policy = replace(policy, max_ages=dict(policy.max_ages))
        job = LinkCheckJob(
            self._root, self._path, tuple(paths), policy, max_unconfirmed, self._profile
        )
        latest: deque[Outcome] = deque(maxlen=_MAX_UNSAVED)
        with self._checking:
            try:
                for news in in_a_process(
                    run_job,
                    job,
                    is_stopped=lambda: self._is_closing or is_cancelled(),
                    agrees=agrees,
                ):
                    if isinstance(news, NotStored):
                        cache.store_links(news.readings)
                        cache.store(news.outcomes, policy)
                        continue
                    if isinstance(news, CheckAdvanced):
                        latest += news.outcomes
                    yield news
            except ProcessEnded as ended:
                cache.store(latest, policy)
                _log.error("The process that checks links %s\n%s", ended, ended.fault)
                raise NewsdeskError(
                    f"The check of links broke off: its process {ended}.",
                    "What is known is kept.",
                ) from None

    def close(self) -> None:
        """Stop a check that is under way, let it keep what it knows, and close the cache."""
        self._is_closing = True
        has_ended = self._checking.acquire(timeout=_CLOSE_SECONDS)
        if self._cache is not None and has_ended:
            self._cache.close()
        if has_ended:
            self._checking.release()


def same_page(one: str, other: str) -> bool:
    """Tell whether two addresses are one check: they differ at most in their fragment."""
    return url_key(one) == url_key(other)
