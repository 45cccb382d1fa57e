"""Read articles and ask their addresses, told news by news; made for a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.links.cache import FileLinks, VerdictCache
from newsdesk.links.extract import DEFAULT_FIELDS
from newsdesk.links.http.url import url_key
from newsdesk.links.policy import Policy
from newsdesk.links.progress import Progress
from newsdesk.links.verdict import Outcome
from newsdesk.workspace.links.reader import links_to_check, read_links

if TYPE_CHECKING:
    from newsdesk.processes import Line

_EVENT_SECONDS = 0.25  # seconds between news
_MAX_BATCH = 250  # outcomes or addresses, so that whoever takes them is not kept for long
_MAX_UNSTORED_FILES = 200  # files whose links are noted together
_NICE_INCREMENT = 5  # so much less urgent than what a person waits for


@dataclass(frozen=True, slots=True)
class LinkCheckJob:
    """What is to be checked: the links of files below `root`, verdicts kept in `verdicts`.

    If there are more than `max_unconfirmed` distinct addresses, there is a question first.
    """

    root: Path
    verdicts: Path
    paths: tuple[str, ...]
    policy: Policy
    max_unconfirmed: int | None = None
    profile: Profile = JEKYLL


@dataclass(frozen=True, slots=True)
class FilesRead:
    """So many files were read, of so many."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class UrlsFound:
    """Some of the addresses that will be asked, by `url_key`; `is_last` ends them."""

    keys: tuple[str, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class CheckAdvanced:
    """New outcomes, and how far the check is, where that is known."""

    outcomes: tuple[Outcome, ...]
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class NotStored:
    """What could not be written to the cache: somebody else may keep it in memory."""

    readings: tuple[FileLinks, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


CheckEvent = FilesRead | UrlsFound | CheckAdvanced | NotStored


def run_job(job: LinkCheckJob, line: Line[CheckEvent]) -> None:
    """Do it all: read, ask whether to go on, ask the addresses. Ends early once stopped."""
    os.nice(_NICE_INCREMENT)
    with VerdictCache(job.verdicts) as cache:
        keys = _found(job, cache, line)
        is_many = job.max_unconfirmed is not None and len(keys) > job.max_unconfirmed
        if line.is_set() or (is_many and not line.agrees(len(keys))):
            return
        for start in range(0, max(1, len(keys)), _MAX_BATCH):
            part = tuple(keys[start : start + _MAX_BATCH])
            line.tell(UrlsFound(part, is_last=start + _MAX_BATCH >= len(keys)))
        if keys:
            _ask(keys, job.policy, cache, line)


def _found(job: LinkCheckJob, cache: VerdictCache, line: Line[CheckEvent]) -> list[str]:
    """Read the files; return their distinct addresses in order."""
    policy = job.policy
    # What stands where is kept of all, also of what is not asked this time.
    whole = replace(policy, include=(), exclude=(), fields=policy.fields | DEFAULT_FIELDS)
    keys: dict[str, None] = {}
    readings: list[FileLinks] = []
    told_at = time.monotonic()
    for number, path in enumerate(job.paths, 1):
        if line.is_set():
            break
        try:
            article, reading = read_links(job.root, path, whole, job.profile)
        except OSError:
            continue  # gone meanwhile, or not to be read: the list tells
        readings.append(reading)
        links = links_to_check(article, policy) if policy.is_narrowed else reading.links
        keys.update((url_key(link.url), None) for link in links)
        if len(readings) >= _MAX_UNSTORED_FILES:
            _note(readings, cache, line)
        if time.monotonic() - told_at >= _EVENT_SECONDS:
            told_at = time.monotonic()
            line.tell(FilesRead(number, len(job.paths)))
    _note(readings, cache, line)
    return list(keys)


def _note(readings: list[FileLinks], cache: VerdictCache, line: Line[CheckEvent]) -> None:
    cache.store_links(readings)
    if not cache.is_persistent:
        line.tell(NotStored(readings=tuple(readings)))
    readings.clear()


def _ask(keys: Sequence[str], policy: Policy, cache: VerdictCache, line: Line[CheckEvent]) -> None:
    from newsdesk.links.checker import run_checks

    batches = _Batches(line, cache.is_persistent)
    run_checks(keys, policy, cache, batches.add, batches.flush, line)
    batches.flush()


@dataclass(slots=True)
class _Batches:
    """Collects outcomes and hands them on a few times a second, however many come."""

    receiver: Line[CheckEvent]
    are_kept: bool
    outcomes: list[Outcome] = field(default_factory=list)
    told_at: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Take an outcome."""
        self.outcomes.append(outcome)
        if len(self.outcomes) >= _MAX_BATCH or time.monotonic() - self.told_at >= _EVENT_SECONDS:
            self.flush()

    def flush(self, progress: Progress | None = None) -> None:
        """Hand on what there is."""
        self.told_at = time.monotonic()
        outcomes = tuple(self.outcomes)
        self.outcomes.clear()
        self.receiver.tell(CheckAdvanced(outcomes, progress))
        if outcomes and not self.are_kept:
            self.receiver.tell(NotStored(outcomes=outcomes))
