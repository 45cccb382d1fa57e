"""Fetch one picture and make a small copy of it; made for a process of its own."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdesk.links.http.image_fetch import NotFetched, fetch_picture
from newsdesk.links.policy import Policy

if TYPE_CHECKING:
    from newsdesk.processes import Line

_POLITENESS = 5  # so much less urgent than what a person waits for
_MOST_MEMORY = 2 * 1024**3  # bytes of address space: what slips through ends this process only


@dataclass(frozen=True, slots=True)
class ImageJob:
    """Which picture is wanted, and how the network may be asked."""

    url: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Fetched:
    """Our own copy of the picture, as a JPEG."""

    content: bytes


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why there is no picture, for a person; it may quote foreign text.

    `passes` says that it may well be gone a moment later.
    """

    reason: str
    passes: bool = False


News = Fetched | NotShown


def run_image_job(job: ImageJob, line: Line[News]) -> None:
    """Tell the picture, or why there is none; tell nothing once stopped."""
    os.nice(_POLITENESS)
    _limit_memory()
    from newsdesk.workspace.images.decode import NoPicture, our_copy

    try:
        data = fetch_picture(job.url, job.policy, line)
        if data is not None:
            line.tell(Fetched(our_copy(data)))
    except NotFetched as missing:
        line.tell(NotShown(str(missing), missing.passes))
    except NoPicture as unfit:
        line.tell(NotShown(str(unfit)))


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # not everywhere can it be set
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, most))
