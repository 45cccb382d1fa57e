"""What a check is given from outside, and what it tells while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from newsdesk.links.rate_limiter import Clock
from newsdesk.links.verdict import Verdict

if TYPE_CHECKING:
    import ssl

    from newsdesk.links.http.connect import Resolver


class StopSignal(Protocol):
    """Something like `threading.Event`: says whether to stop."""

    def is_set(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is.

    `hosts_waiting` asked for a pause; `seconds_left` is a guess or None; `is_offline` says that
    no host name can be looked up.
    """

    done: int
    total: int
    counts: Mapping[Verdict, int]
    cached: int
    hosts_waiting: tuple[str, ...]
    seconds_left: float | None
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class CheckEnvironment:
    """What a check takes from the machine it runs on; tests bring their own.

    `resolver` looks host names up, `ssl_context` says whom to trust; None means the system's.
    """

    clock: Clock = field(default_factory=Clock)
    resolver: Resolver | None = None
    ssl_context: ssl.SSLContext | None = None
