"""Run link checks and keep their verdicts in a cache."""

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
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome
from newsdesk.processes import ProcessEnded, run_in_process

if TYPE_CHECKING:
    from newsdesk.links.progress import Progress
    from newsdesk.workspace.links.worker import CheckEvent

_log = logging.getLogger(__name__)
_MAX_UNSAVED = 2_000  # outcomes that a worker process may have sent and not yet saved
_CLOSE_SECONDS = 3.0  # wait for a running check to save its outcomes


@dataclass(frozen=True, slots=True)
class _Flag:
    """A function as a `StopSignal`."""

    is_stopped: Callable[[], bool]

    def is_set(self) -> bool:
        return self.is_stopped()


class LinkService:
    """Checks links of the articles below `root`; the verdict cache is at `path`."""

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
        """Whether links of this collection were ever checked."""
        return self._cache is not None or self._path.exists()

    @property
    def is_open(self) -> bool:
        """Whether the cache is open, so that reading it costs no file access first."""
        return self._cache is not None

    @property
    def cache(self) -> VerdictCache:
        """The verdict cache; opened on first use."""
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
        """Check URLs and return one outcome each; blocks until the end or until cancelled.

        The callbacks run in the calling thread.
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
        """Read files and check their links in a worker process; yield its progress events.

        If there are more than `max_unconfirmed` distinct URLs, the check goes on only if
        `agrees(count)` returns True. Raises `NewsdeskError` if the process ends too soon; the
        outcomes received until then are saved.
        """
        from newsdesk.workspace.links.worker import CheckAdvanced, LinkCheckJob, NotStored, run_job

        cache = self.cache
        # A mapping proxy cannot be pickled.
        policy = replace(policy, max_ages=dict(policy.max_ages))
        job = LinkCheckJob(
            self._root, self._path, tuple(paths), policy, max_unconfirmed, self._profile
        )
        latest: deque[Outcome] = deque(maxlen=_MAX_UNSAVED)
        with self._checking:
            try:
                for event in run_in_process(
                    run_job,
                    job,
                    is_stopped=lambda: self._is_closing or is_cancelled(),
                    confirm=agrees,
                ):
                    if isinstance(event, NotStored):
                        cache.store_links(event.readings)
                        cache.store(event.outcomes, policy)
                        continue
                    if isinstance(event, CheckAdvanced):
                        latest += event.outcomes
                    yield event
            except ProcessEnded as ended:
                cache.store(latest, policy)
                _log.error("The link check process %s\n%s", ended, ended.traceback_text)
                raise NewsdeskError(
                    f"Link check failed: its process {ended}.",
                    "The results so far are saved.",
                ) from None

    def close(self) -> None:
        """Stop a running check, wait for it to save its outcomes, and close the cache."""
        self._is_closing = True
        has_ended = self._checking.acquire(timeout=_CLOSE_SECONDS)
        if self._cache is not None and has_ended:
            self._cache.close()
        if has_ended:
            self._checking.release()
