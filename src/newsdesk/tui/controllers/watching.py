"""Keep the desk true to the disk while it is open."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from newsdesk.collection.watcher import NotWatched, watch
from newsdesk.errors import NewsdeskError
from newsdesk.index.store import IndexDamaged
from newsdesk.tui.messages import FilesChanged, FilesNotWatched, IndexReplacedElsewhere
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.tui.screens.main_base import MainScreenBase

_CHECK_SECONDS = 0.4  # between two looks at the journal, which cost microseconds
_SETTLING_CHECKS = 12  # the index follows the journal within so many of them

_log = logging.getLogger(__name__)
_COMPARE_SECONDS = 5.0  # between comparisons where the folder cannot be watched


class FolderWatcher:
    """Reads changed files again as they change; a large change is left to a refresh."""

    def __init__(self, screen: MainScreenBase, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._stop = threading.Event()

    def start(self) -> None:
        """Watch until `stop` is called."""
        for run in (self._run, self._watch_decisions):
            self._screen.run_worker(run, thread=True, group="watch", exit_on_error=False)

    def stop(self) -> None:
        """Stop watching; takes up to half a second to be noticed, nobody waits for it."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self._watch_files()
        except NotWatched as error:
            _log.warning("The folder is not watched", exc_info=error)
            self._screen.post_message(FilesNotWatched(_COMPARE_SECONDS))
            self._compare_now_and_then()

    def _compare_now_and_then(self) -> None:
        """Compare the folder with the index every few seconds.

        Where that takes long, less often, so that it keeps the machine busy for a tenth of the
        time at most.
        """
        pause = _COMPARE_SECONDS
        while not self._stop.wait(pause):
            if self._screen.refreshing.is_running:
                continue
            began = time.monotonic()
            try:
                report = self._workspace.refresh(is_cancelled=self._stop.is_set, apart=True)
            except NewsdeskError:  # the folder is away, or newsdesk ends
                continue
            finally:
                pause = max(_COMPARE_SECONDS, 9 * (time.monotonic() - began))
            if report.anything_changed and not self._stop.is_set():
                changed = report.changed + report.removed
                self._screen.post_message(FilesChanged(changed, report.added))

    def _watch_files(self) -> None:
        root = self._workspace.config.collection
        for changes in watch(root, self._stop):
            if self._stop.is_set():
                return
            if changes.too_many:
                self._screen.post_message(FilesChanged(0, 0, is_large=True))
                continue
            before = self._workspace.ids_of(changes.paths)
            if self._workspace.are_as_indexed(changes.paths):
                continue  # written here, or by a newsdesk whose decision `_watch_decisions` shows
            after = dict.fromkeys(self._workspace.reread(changes.paths))
            added = len(set(after).difference(before.values()))
            self._screen.post_message(FilesChanged(len(changes.paths) - added, added))

    def _watch_decisions(self) -> None:
        """Show what another newsdesk decides about this collection.

        It brings the same index up to date, so that neither its files nor the index say so: the
        journal does, before the index follows.
        """
        settling = 0
        before = self._versions()
        while not self._stop.wait(_CHECK_SECONDS):
            now = self._versions()
            if now[1] and before[1] and now[1][0] != before[1][0]:
                self._screen.post_message(IndexReplacedElsewhere())
            has_decided = now[0] != before[0]
            settling = _SETTLING_CHECKS if has_decided else max(0, settling - 1)
            if has_decided or (settling and now[1] != before[1]):
                self._screen.post_message(FilesChanged(0, 0))
            before = now

    def _versions(self) -> tuple[object, tuple[int, int] | None]:
        """Return the versions of others' decisions and of the index; None where it fails."""
        try:
            return self._workspace.decisions_version(), self._workspace.store.version()
        except (NewsdeskError, IndexDamaged):  # said where it is in the way
            return None, None
