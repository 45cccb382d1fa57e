"""Define the progress report of a link check and the environment it runs in."""

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
    """An object like `threading.Event` that is set when the check must stop."""

    def is_set(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a check.

    `hosts_waiting` asked for a pause. `seconds_left` is an estimate or None. `is_offline` means
    that no host name can be looked up.
    """

    done: int
    total: int
    counts: Mapping[Verdict, int]
    cached_count: int
    hosts_waiting: tuple[str, ...]
    seconds_left: float | None
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class CheckEnvironment:
    """The parts of the machine that a check depends on; tests replace them.

    `resolver` looks up host names, `ssl_context` holds the trusted authorities; None means
    the system's.
    """

    clock: Clock = field(default_factory=Clock)
    resolver: Resolver | None = None
    ssl_context: ssl.SSLContext | None = None
