"""Pictures of articles: fetched in a process of their own, small copies kept in a folder."""

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
from newsdesk.processes import ProcessEnded, in_a_process
from newsdesk.workspace.images.worker import Fetched, ImageFailure, ImageJob, run_image_job

_log = logging.getLogger(__name__)
MAX_CACHE_BYTES = 64 * 1024 * 1024
_MAX_SECONDS = 20.0  # seconds for a picture, from the start of its process to its end


def is_installed() -> bool:
    """Tell whether the extra that decodes pictures is there, without loading it."""
    return importlib.util.find_spec("PIL") is not None


def are_images_enabled(choice: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether pictures are shown: `on`, `off`, or `auto`, which means not over SSH."""
    is_remote = bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    return choice == "on" or (choice == "auto" and not is_remote)


class ImageService:
    """Gets pictures by their address; keeps our copies in `folder`, a cache."""

    def __init__(self, folder: Path, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._reasons: dict[str, ImageFailure] = {}
        self._is_closing = False

    def reason(self, url: str) -> str:
        """Why an address gave no picture in this sitting; empty if it was not asked or did."""
        known = self._reasons.get(url)
        return known.reason if known else ""

    def get(
        self,
        url: str,
        policy: Policy,
        *,
        is_cancelled: Callable[[], bool] = lambda: False,
        again: bool = False,
    ) -> bytes | ImageFailure | None:
        """Return our copy of a picture as a JPEG, or why there is none; None if cancelled.

        Blocks for up to 20 seconds: for workers. What failed for good is not asked twice in a
        sitting, unless `again`.
        """
        try:
            file = self._file(parse(url).url)
        except RequestFailed as failed:
            return self._failed(url, ImageFailure(failed.failure.value))
        if (kept := self._kept(file)) is not None:
            return kept
        known = self._reasons.get(url)
        if known is not None and not again:
            return known
        found = self._fetch(url, policy, is_cancelled)
        if isinstance(found, Fetched):
            self._reasons.pop(url, None)
            self._keep(file, found.content)
            return found.content
        return found and self._failed(url, found)

    def forget(self, url: str) -> None:
        """Drop a copy that turned out damaged."""
        with suppress(RequestFailed, OSError):
            self._file(parse(url).url).unlink()

    def close(self) -> None:
        """Stop what is under way."""
        self._is_closing = True

    def _failed(self, url: str, told: ImageFailure) -> ImageFailure:
        if not told.is_temporary:
            self._reasons[url] = told
        return told

    def _fetch(
        self, url: str, policy: Policy, is_cancelled: Callable[[], bool]
    ) -> Fetched | ImageFailure | None:
        give_up_at = time.monotonic() + _MAX_SECONDS
        job = ImageJob(url, replace(policy, max_ages={}))  # what cannot be pickled
        found: Fetched | ImageFailure | None = None
        try:
            for news in in_a_process(
                run_image_job,
                job,
                is_stopped=lambda: (
                    self._is_closing or is_cancelled() or time.monotonic() > give_up_at
                ),
                agrees=lambda _: False,
            ):
                found = news
        except ProcessEnded as ended:
            _log.error("The process that fetches pictures %s\n%s", ended, ended.fault)
            return ImageFailure(f"its process {ended}")
        if found is None and time.monotonic() > give_up_at:
            return ImageFailure("it takes too long", is_temporary=True)
        return found

    # -- the folder ------------------------------------------------------------------------

    def _file(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:40]}.jpg"

    def _kept(self, file: Path) -> bytes | None:
        try:
            content = file.read_bytes()
            _mark_looked_at(file)
        except OSError:
            return None
        return content or None

    def _keep(self, file: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with open(handle, "wb") as target:
                target.write(content)
            _mark_looked_at(Path(name))
            Path(name).replace(file)
            self._make_room()
        except OSError as error:  # a picture that is not kept is fetched again
            _log.warning("A picture could not be kept: %s", error.strerror)

    def _make_room(self) -> None:
        """Delete the pictures that were not looked at for longest, until the rest fits."""
        entries = []
        for file in self._folder.iterdir():
            with suppress(OSError):  # another desk made room too
                facts = file.stat()
                entries.append((facts.st_mtime_ns, facts.st_size, file))
        size = sum(each[1] for each in entries)
        for _, bytes_, file in sorted(entries):
            if size <= self._max_bytes:
                return
            file.unlink(missing_ok=True)
            size -= bytes_


def _mark_looked_at(file: Path) -> None:
    """Note now as the time of a file: the one that was not looked at for longest goes first.

    The file system's own clock ticks too slowly to tell what happens within milliseconds.
    """
    now = time.time_ns()
    os.utime(file, ns=(now, now))
