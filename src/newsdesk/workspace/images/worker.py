"""Fetch one picture and make a small copy of it; made for a process of its own."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdesk.links.http.image_fetch import ImageNotFetched, fetch_image
from newsdesk.links.policy import Policy

if TYPE_CHECKING:
    from newsdesk.processes import Line

_NICE_INCREMENT = 5  # so much less urgent than what a person waits for
_MAX_MEMORY_BYTES = 2 * 1024**3  # bytes of address space: what slips through ends this process only


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
class ImageFailure:
    """Why there is no picture, for a person; it may quote foreign text.

    `is_temporary` says that it may well be gone a moment later.
    """

    reason: str
    is_temporary: bool = False


ImageEvent = Fetched | ImageFailure


def run_image_job(job: ImageJob, line: Line[ImageEvent]) -> None:
    """Tell the picture, or why there is none; tell nothing once stopped."""
    os.nice(_NICE_INCREMENT)
    _limit_memory()
    from newsdesk.workspace.images.decode import UnusableImage, make_thumbnail

    try:
        data = fetch_image(job.url, job.policy, line)
        if data is not None:
            line.tell(Fetched(make_thumbnail(data)))
    except ImageNotFetched as missing:
        line.tell(ImageFailure(str(missing), missing.is_temporary))
    except UnusableImage as unfit:
        line.tell(ImageFailure(str(unfit)))


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # not everywhere can it be set
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, most))
