"""Derive the verdict on a URL from the attempts to request it; choose the next one."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlsplit

from newsdesk.links.failure import Failure

_PERMANENT_REDIRECTS = frozenset({301, 308})
_BLOCKED_STATUSES = frozenset({401, 403, 999})
BUSY_STATUSES = frozenset({429, 503})
_GONE_STATUSES = frozenset({404, 410})
_HOME_PATHS = frozenset({"", "/", "/index.html", "/index.htm", "/index.php", "/home", "/home/"})
_MIN_SHARED_WORDS = 0.9  # of the distinct words of two pages


class Verdict(enum.Enum):
    """The result of checking one URL; each one calls for a different action by an editor."""

    ALIVE = "alive"
    MOVED = "moved"
    WALLED = "walled"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    SUSPECT = "suspect"
    DEAD = "dead"
    REFUSED = "refused"


class Tone(enum.Enum):
    """How prominently a verdict is shown; each front end maps it to a colour."""

    GOOD = "good"
    MUTED = "muted"
    WARNING = "warning"
    BAD = "bad"


class CheckResult(enum.Enum):
    """How a verdict counts in a JUnit report; the value is the exit code of `check`."""

    PASSED = 0
    FAILED = 1
    SKIPPED = 4


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """How a verdict is shown and counted.

    `glyph` is one cell wide. `urgency` orders verdicts on the screen, 1 first; 0 means that
    nothing needs to be done.
    """

    glyph: str
    tone: Tone
    meaning: str
    result: CheckResult
    urgency: int


# In the order of reports.
VERDICTS: Mapping[Verdict, VerdictRecord] = MappingProxyType(
    {
        Verdict.DEAD: VerdictRecord(
            "✗", Tone.BAD, "the page no longer exists", CheckResult.FAILED, 1
        ),
        Verdict.SUSPECT: VerdictRecord(
            "~", Tone.WARNING, "responds, but probably with another page", CheckResult.FAILED, 3
        ),
        Verdict.MOVED: VerdictRecord("→", Tone.WARNING, "has a new URL", CheckResult.PASSED, 2),
        Verdict.UNREACHABLE: VerdictRecord(
            "?", Tone.WARNING, "no usable response, probably temporary", CheckResult.SKIPPED, 4
        ),
        Verdict.THROTTLED: VerdictRecord(
            "…", Tone.MUTED, "the host asked to slow down", CheckResult.SKIPPED, 6
        ),
        Verdict.WALLED: VerdictRecord(
            "▣",
            Tone.MUTED,
            "blocks automatic checks; open it in a browser",
            CheckResult.SKIPPED,
            5,
        ),
        Verdict.REFUSED: VerdictRecord(
            "⊘", Tone.MUTED, "not requested: invalid or private URL", CheckResult.SKIPPED, 7
        ),
        Verdict.ALIVE: VerdictRecord("✓", Tone.GOOD, "the page exists", CheckResult.PASSED, 0),
    }
)
BY_URGENCY = tuple(
    sorted(
        (verdict for verdict, record in VERDICTS.items() if record.urgency),
        key=lambda verdict: VERDICTS[verdict].urgency,
    )
)


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect: the status of the response and the absolute URL it points to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request for a URL, including all redirects, up to a response or a failure.

    `status` is that of the last response, `final_url` the last URL requested, `seconds` the
    time spent on the network, `retry_after` the delay the host asked for, in seconds, or None.
    With a `failure`, `status` is set only if a response had begun. `is_accepted` means that the
    policy counts this status as a page on this host.
    """

    method: str
    final_url: str
    status: int | None = None
    failure: Failure | None = None
    detail: str = ""
    redirects: tuple[Redirect, ...] = ()
    seconds: float = 0.0
    retry_after: float | None = None
    is_accepted: bool = False

    @property
    def has_page(self) -> bool:
        """Whether the response is a page: 2xx, or a status that the policy accepts here."""
        if self.failure is not None or self.status is None:
            return False
        return self.is_accepted or 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class NextRequest:
    """The method of the next attempt, and the seconds to wait before it (without jitter)."""

    method: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class ReachedVerdict:
    """A verdict and its reason as shown to the user; `reason` may quote foreign text."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of checking one URL.

    `url` has no fragment, `final_url` only one that a redirect set. `seconds` is time on the
    network, `checked_at` an aware UTC datetime. `is_cached` means that an earlier check reached
    the verdict. `archived_url` is a copy in a web archive, or empty.
    """

    url: str
    verdict: Verdict
    status: int | None
    reason: str
    final_url: str
    redirects: tuple[Redirect, ...]
    seconds: float
    checked_at: datetime
    is_cached: bool = False
    archived_url: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the outcome in the JSON format of `check`, without `used_by`."""
        moment = self.checked_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        fields: dict[str, object] = {
            "url": self.url,
            "verdict": self.verdict.value,
            "status": self.status,
            "reason": self.reason,
            "final_url": self.final_url,
            "redirects": [{"status": hop.status, "url": hop.url} for hop in self.redirects],
            "seconds": round(self.seconds, 3),
            "checked_at": f"{moment.isoformat()}Z",
            "cached": self.is_cached,
        }
        if self.archived_url:
            fields["archived_url"] = self.archived_url
        return fields


def next_request(attempts: Sequence[Attempt], retries: int = 3) -> NextRequest | None:
    """Return the request to make after these attempts, or None if a verdict can be reached.

    HEAD comes first; GET confirms any status that is neither 2xx nor a redirect. A temporary
    failure (timeout, closed connection, 408, 429, 5xx) is retried after 1, 2, 4 ... seconds, or
    after the delay the host asked for. A host name that does not exist is looked up twice.
    """
    if not attempts:
        return NextRequest("HEAD")
    last = attempts[-1]
    if last.has_page:
        return None
    if last.failure is Failure.NO_SUCH_NAME:
        is_first = _count_missing_names(attempts) < 2
        return NextRequest(last.method, 1.0) if is_first else None
    is_head = last.method == "HEAD"
    if _is_temporary(last):
        count = sum(_is_temporary(attempt) for attempt in attempts)
        if count > retries:
            return None
        wait = 2.0 ** (count - 1) if last.retry_after is None else last.retry_after
        # Some servers close the connection on HEAD. A slow server is not sent a larger request.
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
        return status in BUSY_STATUSES  # GET confirms any other status at once
    return status in (408, 429) or 500 <= status < 600


def is_busy(attempt: Attempt) -> bool:
    """Return whether the host asked the client to slow down."""
    return attempt.failure is None and attempt.status in BUSY_STATUSES and not attempt.is_accepted


def reach_verdict(attempts: Sequence[Attempt]) -> ReachedVerdict:
    """Return the verdict that one or more attempts lead to, with its reason."""
    last = attempts[-1]
    if last.failure is not None:
        return _verdict_of_failure(attempts, last, last.failure)
    if last.has_page:
        return _verdict_of_page(last)
    status = last.status or 0
    name = _status_name(status)
    if status in _GONE_STATUSES and last.method == "GET":
        return ReachedVerdict(Verdict.DEAD, f"{name}, checked twice")
    if status in _BLOCKED_STATUSES:
        return ReachedVerdict(Verdict.WALLED, f"{name}: the site blocks automatic checks")
    if status in BUSY_STATUSES:
        times = sum(is_busy(attempt) for attempt in attempts)
        count = "once" if times == 1 else f"{times} times"
        return ReachedVerdict(Verdict.THROTTLED, f"{name}: the host asked to slow down {count}")
    if 300 <= status < 400:
        return ReachedVerdict(Verdict.UNREACHABLE, f"{name} without a redirect target")
    if 500 <= status < 600:
        return ReachedVerdict(Verdict.UNREACHABLE, f"{name}: server error")
    return ReachedVerdict(Verdict.UNREACHABLE, f"{name}: unexpected status")


def _verdict_of_failure(
    attempts: Sequence[Attempt], last: Attempt, failure: Failure
) -> ReachedVerdict:
    reason = f"{failure.value}: {last.detail}" if last.detail else failure.value
    if last.redirects and not failure.is_refusal:
        reason = f"after a redirect: {reason}"
    if last.status is not None and failure in (Failure.TRUNCATED, Failure.TIMEOUT, Failure.RESET):
        reason = f"status {last.status}, but {reason}"
    if failure.is_refusal:
        return ReachedVerdict(Verdict.REFUSED, reason)
    if failure is Failure.HOST_BUSY:
        return ReachedVerdict(Verdict.THROTTLED, reason)
    if failure is Failure.NO_SUCH_NAME and _count_missing_names(attempts) >= 2:
        return ReachedVerdict(Verdict.DEAD, f"{reason}, checked twice")
    return ReachedVerdict(Verdict.UNREACHABLE, reason)


def _count_missing_names(attempts: Sequence[Attempt]) -> int:
    return sum(attempt.failure is Failure.NO_SUCH_NAME for attempt in attempts)


def _verdict_of_page(last: Attempt) -> ReachedVerdict:
    name = _status_name(last.status or 0)
    if not last.redirects:
        return ReachedVerdict(Verdict.ALIVE, name)
    if any(hop.status not in _PERMANENT_REDIRECTS for hop in last.redirects):
        return ReachedVerdict(Verdict.ALIVE, f"{name}, after a temporary redirect")
    where = ", to the home page" if _is_home(last.final_url) else ""
    return ReachedVerdict(Verdict.MOVED, f"moved permanently{where}")


def _status_name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def ends_on_home_page(url: str, final_url: str) -> bool:
    """Return whether a URL below the home page was redirected to a home page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_below_home = parts.path not in _HOME_PATHS or bool(parts.query)
    return is_below_home and _is_home(final_url)


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.lower() in _HOME_PATHS and not parts.query


def are_similar_pages(page: bytes, other: bytes) -> bool:
    """Return whether two pages share nine of ten distinct words."""
    words, others = set(page.lower().split()), set(other.lower().split())
    if not words or not others:
        return words == others
    return len(words & others) >= _MIN_SHARED_WORDS * len(words | others)


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Return the seconds of a `Retry-After` header (RFC 9110, 10.2.3), None if it is invalid."""
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
