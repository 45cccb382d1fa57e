"""Download one image and make a small copy of it, in a worker process."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdesk.links.http.image_fetch import ImageNotFetched, fetch_image
from newsdesk.links.policy import Policy

if TYPE_CHECKING:
    from newsdesk.processes import JobConnection

_NICE_INCREMENT = 5  # a download must not slow down the terminal
_MAX_MEMORY_BYTES = 2 * 1024**3  # of address space: exceeding it ends this process only


@dataclass(frozen=True, slots=True)
class ImageJob:
    """The URL of an image, and the policy for its download."""

    url: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Fetched:
    """A small copy of the image, as a JPEG."""

    content: bytes


@dataclass(frozen=True, slots=True)
class ImageFailure:
    """Why there is no image; `reason` is shown to the user and may quote foreign text.

    `is_temporary` means that another attempt may succeed soon.
    """

    reason: str
    is_temporary: bool = False


ImageEvent = Fetched | ImageFailure


def run_image_job(job: ImageJob, line: JobConnection[ImageEvent]) -> None:
    """Send the copy of the image, or why there is none; send nothing once stopped."""
    os.nice(_NICE_INCREMENT)
    _limit_memory()
    from newsdesk.workspace.images.decode import UnusableImage, make_thumbnail

    try:
        data = fetch_image(job.url, job.policy, line)
        if data is not None:
            line.send(Fetched(make_thumbnail(data)))
    except ImageNotFetched as failed:
        line.send(ImageFailure(str(failed), failed.is_temporary))
    except UnusableImage as unusable:
        line.send(ImageFailure(str(unusable)))


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # some systems do not allow it
        _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, hard_limit))
