"""Read articles and check their links in a worker process, which sends progress events."""

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
    from newsdesk.processes import JobConnection

_EVENT_SECONDS = 0.25  # between events
_MAX_BATCH = 250  # outcomes or URLs per event, so that the receiver is not busy for long
_MAX_UNSTORED_FILES = 200  # files whose links are stored in one transaction
_NICE_INCREMENT = 5  # a background check must not slow down the terminal


@dataclass(frozen=True, slots=True)
class LinkCheckJob:
    """The request: check the links of files below `root`, with the verdict cache `verdicts`.

    If there are more than `max_unconfirmed` distinct URLs, the user is asked first.
    """

    root: Path
    verdicts: Path
    paths: tuple[str, ...]
    policy: Policy
    max_unconfirmed: int | None = None
    profile: Profile = JEKYLL


@dataclass(frozen=True, slots=True)
class FilesRead:
    """How many files were read so far."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class UrlsFound:
    """A part of the URLs to check, as `url_key`; `is_last` marks the last part."""

    keys: tuple[str, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class CheckAdvanced:
    """New outcomes, and the progress if it is known."""

    outcomes: tuple[Outcome, ...]
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class NotStored:
    """Data that could not be written to the cache; the receiver may keep it in memory."""

    readings: tuple[FileLinks, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


CheckEvent = FilesRead | UrlsFound | CheckAdvanced | NotStored


def run_job(job: LinkCheckJob, line: JobConnection[CheckEvent]) -> None:
    """Read the files, ask for confirmation if needed, check the URLs. Ends early once stopped."""
    os.nice(_NICE_INCREMENT)
    with VerdictCache(job.verdicts) as cache:
        keys = _read_files(job, cache, line)
        is_many = job.max_unconfirmed is not None and len(keys) > job.max_unconfirmed
        if line.is_set() or (is_many and not line.confirm(len(keys))):
            return
        for start in range(0, max(1, len(keys)), _MAX_BATCH):
            part = tuple(keys[start : start + _MAX_BATCH])
            line.send(UrlsFound(part, is_last=start + _MAX_BATCH >= len(keys)))
        if keys:
            _check(keys, job.policy, cache, line)


def _read_files(
    job: LinkCheckJob, cache: VerdictCache, line: JobConnection[CheckEvent]
) -> list[str]:
    """Read and store the links of the files; return the distinct URLs to check, in order."""
    policy = job.policy
    # All links are stored, also those that this check leaves out.
    whole = replace(policy, include=(), exclude=(), fields=policy.fields | DEFAULT_FIELDS)
    keys: dict[str, None] = {}
    readings: list[FileLinks] = []
    sent_at = time.monotonic()
    for number, path in enumerate(job.paths, 1):
        if line.is_set():
            break
        try:
            article, reading = read_links(job.root, path, whole, job.profile)
        except OSError:
            continue  # deleted or unreadable: the list shows that
        readings.append(reading)
        links = links_to_check(article, policy) if policy.is_narrowed else reading.links
        keys.update((url_key(link.url), None) for link in links)
        if len(readings) >= _MAX_UNSTORED_FILES:
            _store(readings, cache, line)
        if time.monotonic() - sent_at >= _EVENT_SECONDS:
            sent_at = time.monotonic()
            line.send(FilesRead(number, len(job.paths)))
    _store(readings, cache, line)
    return list(keys)


def _store(readings: list[FileLinks], cache: VerdictCache, line: JobConnection[CheckEvent]) -> None:
    cache.store_links(readings)
    if not cache.is_persistent:
        line.send(NotStored(readings=tuple(readings)))
    readings.clear()


def _check(
    keys: Sequence[str], policy: Policy, cache: VerdictCache, line: JobConnection[CheckEvent]
) -> None:
    from newsdesk.links.checker import run_checks

    batches = _Batches(line, cache.is_persistent)
    run_checks(keys, policy, cache, batches.add, batches.flush, line)
    batches.flush()


@dataclass(slots=True)
class _Batches:
    """Collects outcomes and sends them a few times a second."""

    receiver: JobConnection[CheckEvent]
    are_stored: bool
    outcomes: list[Outcome] = field(default_factory=list)
    sent_at: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Add an outcome."""
        self.outcomes.append(outcome)
        if len(self.outcomes) >= _MAX_BATCH or time.monotonic() - self.sent_at >= _EVENT_SECONDS:
            self.flush()

    def flush(self, progress: Progress | None = None) -> None:
        """Send the collected outcomes."""
        self.sent_at = time.monotonic()
        outcomes = tuple(self.outcomes)
        self.outcomes.clear()
        self.receiver.send(CheckAdvanced(outcomes, progress))
        if outcomes and not self.are_stored:
            self.receiver.send(NotStored(outcomes=outcomes))
