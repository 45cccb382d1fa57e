"""Reach a verdict about an address from what was tried, and say what to try next."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from newsdesk.links.failure import Failure

_PERMANENT = frozenset({301, 308})
_BLOCKED_STATUSES = frozenset({401, 403, 999})
BUSY_STATUSES = frozenset({429, 503})
_GONE_STATUSES = frozenset({404, 410})
_HOME_PATHS = frozenset({"", "/", "/index.html", "/index.htm", "/index.php", "/home", "/home/"})


class Verdict(enum.Enum):
    """What an editor can do about an address; each differs from the others in that."""

    ALIVE = "alive"
    MOVED = "moved"
    WALLED = "walled"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    SUSPECT = "suspect"
    DEAD = "dead"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status that was answered, and the address it led to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One walk from the address along its redirects to an answer or a failure.

    `status` is that of the last answer; `final_url` where the walk ended; `seconds` the time
    spent on the network; `retry_after` what the host asked for, in seconds, or None. With
    `failure` set there is no answer to judge, though `status` may tell what had begun.
    """

    method: str
    final_url: str
    status: int | None = None
    failure: Failure | None = None
    detail: str = ""
    redirects: tuple[Redirect, ...] = ()
    seconds: float = 0.0
    retry_after: float | None = None
    accepted: bool = False

    @property
    def has_page(self) -> bool:
        """Whether there is a page: 2xx, or a status that this host may answer."""
        if self.failure is not None or self.status is None:
            return False
        return self.accepted or 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class NextRequest:
    """What to try next: the method, after so many seconds (before jitter)."""

    method: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class ReachedVerdict:
    """A verdict with its reason in plain words; `reason` may quote foreign text."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known about one address.

    `url` has no fragment, `final_url` only one that a redirect gave; `seconds` is time on the
    network; `checked_at` an aware UTC moment; `cached` says that the verdict was reached
    earlier; `archived_url` is a copy in a web archive, or empty.
    """

    url: str
    verdict: Verdict
    status: int | None
    reason: str
    final_url: str
    redirects: tuple[Redirect, ...]
    seconds: float
    checked_at: datetime
    cached: bool = False
    archived_url: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the outcome as the JSON of `check` has it, but for `used_by`."""
        moment = self.checked_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        told: dict[str, object] = {
            "url": self.url,
            "verdict": self.verdict.value,
            "status": self.status,
            "reason": self.reason,
            "final_url": self.final_url,
            "redirects": [{"status": hop.status, "url": hop.url} for hop in self.redirects],
            "seconds": round(self.seconds, 3),
            "checked_at": f"{moment.isoformat()}Z",
            "cached": self.cached,
        }
        if self.archived_url:
            told["archived_url"] = self.archived_url
        return told


def next_request(attempts: Sequence[Attempt], retries: int = 3) -> NextRequest | None:
    """Return what to try after these attempts, or None when the verdict can be reached.

    HEAD comes first; GET confirms whatever is neither 2xx nor a redirect; what may pass
    (timeout, cut-off, 408, 429, 5xx) is tried again after 1, 2, 4 ... seconds, or after what
    the host asked for. A name that does not exist is asked for twice.
    """
    if not attempts:
        return NextRequest("HEAD")
    last = attempts[-1]
    if last.has_page:
        return None
    if last.failure is Failure.NO_SUCH_NAME:
        asked = sum(attempt.failure is Failure.NO_SUCH_NAME for attempt in attempts)
        return NextRequest(last.method, 1.0) if asked < 2 else None
    is_head = last.method == "HEAD"
    if _is_temporary(last):
        tried = sum(_is_temporary(attempt) for attempt in attempts)
        if tried > retries:
            return None
        wait = 2.0 ** (tried - 1) if last.retry_after is None else last.retry_after
        # Some servers hang up on HEAD; but a slow one is not asked for more than before.
        stays_head = is_head and last.failure in (Failure.TIMEOUT, Failure.DNS)
        return NextRequest("HEAD" if stays_head else "GET", wait)
    if is_head and (last.failure is None or last.failure is Failure.PROTOCOL):
        return NextRequest("GET")
    return None


def _is_temporary(attempt: Attempt) -> bool:
    if attempt.failure is not None:
        return attempt.failure.is_temporary
    status = attempt.status or 0
    if attempt.method == "HEAD":
        return status in BUSY_STATUSES  # any other is confirmed by GET at once
    return status in (408, 429) or 500 <= status < 600


def is_busy(attempt: Attempt) -> bool:
    """Tell whether the host asked for a pause."""
    return attempt.failure is None and attempt.status in BUSY_STATUSES and not attempt.accepted


def reach_verdict(attempts: Sequence[Attempt]) -> ReachedVerdict:
    """Return the verdict that one or more attempts add up to, with its reason."""
    last = attempts[-1]
    if last.failure is not None:
        return _finding_from_failure(attempts, last, last.failure)
    status = last.status or 0
    if last.has_page:
        return _finding_from_page(last)
    if status in _GONE_STATUSES and last.method == "GET":
        return ReachedVerdict(Verdict.DEAD, f"{_named_status(status)}, asked twice")
    if status in _BLOCKED_STATUSES:
        return ReachedVerdict(
            Verdict.WALLED, f"{_named_status(status)}: the site does not let programs in"
        )
    if status in BUSY_STATUSES:
        times = sum(is_busy(attempt) for attempt in attempts)
        asked = "once" if times == 1 else f"{times} times"
        return ReachedVerdict(
            Verdict.THROTTLED, f"{_named_status(status)}: the host asked for a pause {asked}"
        )
    if 300 <= status < 400:
        return ReachedVerdict(
            Verdict.UNREACHABLE, f"{_named_status(status)}, but it does not say where to go"
        )
    if 500 <= status < 600:
        return ReachedVerdict(
            Verdict.UNREACHABLE, f"{_named_status(status)}: trouble on the server's side"
        )
    return ReachedVerdict(Verdict.UNREACHABLE, f"{_named_status(status)}: neither a page nor gone")


def _finding_from_failure(
    attempts: Sequence[Attempt], last: Attempt, failure: Failure
) -> ReachedVerdict:
    reason = f"{failure.value}: {last.detail}" if last.detail else failure.value
    if last.redirects and not failure.is_refusal:
        reason = f"after a redirect, {reason}"
    if last.status is not None and failure in (Failure.TRUNCATED, Failure.TIMEOUT, Failure.RESET):
        reason = f"it answers {last.status}, but {reason}"
    if failure.is_refusal:
        return ReachedVerdict(Verdict.REFUSED, reason)
    if failure is Failure.HOST_BUSY:
        return ReachedVerdict(Verdict.THROTTLED, reason)
    if failure is Failure.NO_SUCH_NAME:
        asked = sum(attempt.failure is Failure.NO_SUCH_NAME for attempt in attempts)
        if asked >= 2:
            return ReachedVerdict(Verdict.DEAD, f"{reason}, asked twice")
    return ReachedVerdict(Verdict.UNREACHABLE, reason)


def _finding_from_page(last: Attempt) -> ReachedVerdict:
    status = last.status or 0
    if not last.redirects:
        return ReachedVerdict(Verdict.ALIVE, _named_status(status))
    if any(hop.status not in _PERMANENT for hop in last.redirects):
        return ReachedVerdict(Verdict.ALIVE, f"{_named_status(status)}, after a temporary redirect")
    where = ", to the home page" if _is_home(last.final_url) else ""
    return ReachedVerdict(Verdict.MOVED, f"moved for good{where}")


def _named_status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def ends_on_home_page(url: str, final_url: str) -> bool:
    """Tell whether an address below the home page ended up on a home page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    asked_for_more = parts.path not in _HOME_PATHS or bool(parts.query)
    return asked_for_more and _is_home(final_url)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.lower() in _HOME_PATHS and not parts.query


def are_similar_pages(page: bytes, other: bytes) -> bool:
    """Tell whether two pages say the same: nine of ten different words are in both."""
    words, others = set(page.lower().split()), set(other.lower().split())
    if not words or not others:
        return words == others
    return len(words & others) >= 0.9 * len(words | others)


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Read a `Retry-After` header, seconds or a date (RFC 9110, 10.2.3); None if neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), timedelta.max.total_seconds())
    from email.utils import parsedate_to_datetime  # few servers send one

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
