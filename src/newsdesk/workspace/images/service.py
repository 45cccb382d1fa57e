"""Get the images of articles: downloaded in a worker process, cached as small copies."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from newsdesk.links.failure import RequestFailed
from newsdesk.links.http.url import parse
from newsdesk.links.policy import Policy
from newsdesk.processes import ProcessEnded, run_in_process
from newsdesk.workspace.images.worker import Fetched, ImageFailure, ImageJob, run_image_job

_log = logging.getLogger(__name__)
MAX_CACHE_BYTES = 64 * 1024 * 1024
_MAX_SECONDS = 20.0  # for one image, including its process


def is_installed() -> bool:
    """Return whether Pillow is installed, without importing it."""
    return importlib.util.find_spec("PIL") is not None


def are_images_enabled(choice: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether images are shown: `on`, `off`, or `auto`, which means not over SSH."""
    is_remote = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    return choice == "on" or (choice == "auto" and not is_remote)


class ImageService:
    """Gets images by URL; caches small copies in `folder`."""

    def __init__(self, folder: Path, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._failures: dict[str, ImageFailure] = {}
        self._is_closing = False

    def reason(self, url: str) -> str:
        """Return why a URL gave no image in this session, or empty."""
        failure = self._failures.get(url)
        return failure.reason if failure else ""

    def get(
        self,
        url: str,
        policy: Policy,
        *,
        is_cancelled: Callable[[], bool] = lambda: False,
        again: bool = False,
    ) -> bytes | ImageFailure | None:
        """Return a small copy of an image as a JPEG, or why there is none; None if cancelled.

        Blocks for up to 20 seconds: call it in a thread. A permanent failure is not retried in
        a session unless `again` is set.
        """
        try:
            file = self._file(parse(url).url)
        except RequestFailed as failed:
            return self._remember(url, ImageFailure(failed.failure.value))
        if (content := self._cached(file)) is not None:
            return content
        earlier = self._failures.get(url)
        if earlier is not None and not again:
            return earlier
        found = self._fetch(url, policy, is_cancelled)
        if isinstance(found, Fetched):
            self._failures.pop(url, None)
            self._save(file, found.content)
            return found.content
        return found and self._remember(url, found)

    def forget(self, url: str) -> None:
        """Delete a cached copy that is damaged."""
        with suppress(RequestFailed, OSError):
            self._file(parse(url).url).unlink()

    def close(self) -> None:
        """Stop running downloads."""
        self._is_closing = True

    def _remember(self, url: str, failure: ImageFailure) -> ImageFailure:
        if not failure.is_temporary:
            self._failures[url] = failure
        return failure

    def _fetch(
        self, url: str, policy: Policy, is_cancelled: Callable[[], bool]
    ) -> Fetched | ImageFailure | None:
        deadline = time.monotonic() + _MAX_SECONDS
        job = ImageJob(url, replace(policy, max_ages={}))  # a mapping proxy cannot be pickled
        found: Fetched | ImageFailure | None = None
        try:
            for event in run_in_process(
                run_image_job,
                job,
                is_stopped=lambda: (
                    self._is_closing or is_cancelled() or time.monotonic() > deadline
                ),
                confirm=lambda _: False,
            ):
                found = event
        except ProcessEnded as ended:
            _log.error("The image process %s\n%s", ended, ended.traceback_text)
            return ImageFailure(f"its process {ended}")
        if found is None and time.monotonic() > deadline:
            return ImageFailure("timeout", is_temporary=True)
        return found

    # -- the cache folder ------------------------------------------------------------------

    def _file(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:40]}.jpg"

    def _cached(self, file: Path) -> bytes | None:
        try:
            content = file.read_bytes()
            _mark_used(file)
        except OSError:
            return None
        return content or None

    def _save(self, file: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with open(handle, "wb") as target:
                target.write(content)
            _mark_used(Path(name))
            Path(name).replace(file)
            self._shrink_cache()
        except OSError as error:  # an image that is not cached is downloaded again
            _log.warning("Cannot cache an image: %s", error.strerror)

    def _shrink_cache(self) -> None:
        """Delete the least recently shown images until the others fit."""
        entries = []
        for file in self._folder.iterdir():
            with suppress(OSError):  # another newsdesk process deleted it
                status = file.stat()
                entries.append((status.st_mtime_ns, status.st_size, file))
        size = sum(each[1] for each in entries)
        for _, bytes_, file in sorted(entries):
            if size <= self._max_bytes:
                return
            file.unlink(missing_ok=True)
            size -= bytes_


def _mark_used(file: Path) -> None:
    """Set the time of a file to now: the least recently used file is deleted first.

    The file system's own clock is too coarse to order events within milliseconds.
    """
    now = time.time_ns()
    os.utime(file, ns=(now, now))
