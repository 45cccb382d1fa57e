"""Bring the index up to date in the background: on request, and when files change."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from textual.worker import Worker

from newsdesk.collection.watcher import NotWatched, watch
from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.index.store import IndexDamaged
from newsdesk.text import counted
from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import (
    ArticlesChanged,
    FilesChanged,
    FilesNotWatched,
    IndexReplacedElsewhere,
    RefreshAdvanced,
    RefreshEnded,
    WorkFailed,
)
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.index.refresh import Progress, RefreshReport

# Between updates of a list that is being filled: soon at first, then rarely, because each
# update costs more than the one before and delays keys.
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.4, 3.2
_CHECK_SECONDS = 0.4  # between two queries of the journal's version, which cost microseconds
_SETTLING_CHECKS = 12  # so many checks later the index has followed the journal
_COMPARE_SECONDS = 5.0  # between comparisons where the folder cannot be watched
_log = logging.getLogger(__name__)


class RefreshController:
    """Runs one refresh at a time.

    With `is_filling` new articles are shown at once: the index was empty, or the user
    pressed reload. Otherwise rows stay in place and new articles are announced.
    """

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._worker: Worker[None] | None = None
        self._stop = threading.Event()
        self._fill_at = 0.0
        self._pause = _FIRST_PAUSE_SECONDS
        self.is_filling = False

    @property
    def is_running(self) -> bool:
        """Whether files are being read."""
        return self._worker is not None

    def start(self, *, is_filling: bool) -> None:
        """Start a refresh, unless one is running."""
        self.is_filling = self.is_filling or is_filling
        self._fill_at, self._pause = 0.0, _FIRST_PAUSE_SECONDS
        if self._worker is None:
            self._stop.clear()
            self._worker = self._screen.start_worker(self._run, "refresh")

    def cancel(self) -> bool:
        """Stop the refresh, and keep what was read."""
        if self._worker is None:
            return False
        self._stop.set()  # a worker that is cancelled before its start reports no end
        return True

    def _run(self) -> None:
        post = self._screen.post_message
        report = None

        def advanced(progress: Progress) -> None:
            post(RefreshAdvanced(progress))

        try:
            for action in self._workspace.recover():
                post(ArticlesChanged(action, {}, self._screen.articles.generation))
            report = self._workspace.refresh(advanced, self._stop.is_set, apart=True)
            self._workspace.sweep(report.leftovers)
        except Cancelled:
            pass
        except NewsdeskError as error:
            post(WorkFailed(error))
        finally:
            post(RefreshEnded(report))

    def advanced(self, progress: Progress) -> bool:
        """Show the progress; return whether to update the list now."""
        text = "scanning the folder"
        if progress.total:
            text = f"reading {progress.done:,} of {progress.total:,} files"
        self._screen.status.show_work("refresh", text)
        if not self.is_filling or time.monotonic() < self._fill_at:
            return False
        self._fill_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _MAX_PAUSE_SECONDS)
        return True

    def ended(self, report: RefreshReport | None) -> str:
        """Note the end; return a message about changes on disk, or an empty string."""
        self._worker = None
        self.is_filling = False
        self._screen.status.show_work("refresh", "")
        if report is None:
            return ""
        if report.unreadable_folders:
            number = counted(len(report.unreadable_folders), "folder")
            return f"Cannot read {number}: {report.unreadable_folders[0]}"
        news = (
            (report.added, "new"),
            (report.changed, "changed"),
            (report.removed, "removed"),
        )
        words = [f"{number:,} {word}" for number, word in news if number]
        shows = self._screen.keys.fill("{reload} reload")
        return f"On disk: {', '.join(words)} · {shows}" if words else ""


class FolderWatcher:
    """Reads files again when they change; a large change needs a refresh."""

    def __init__(self, screen: MainView, workspace: Workspace, refresh: RefreshController) -> None:
        self._screen = screen
        self._workspace = workspace
        self._refresh = refresh
        self._stop = threading.Event()

    def start(self) -> None:
        """Watch until `stop` is called."""
        for run in (self._run, self._watch_decisions):
            self._screen.start_worker(run, "watch")

    def stop(self) -> None:
        """Stop watching, within half a second; does not wait."""
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

        Rarer where that takes long, so that it uses a tenth of the
        time at most.
        """
        pause = _COMPARE_SECONDS
        while not self._stop.wait(pause):
            if self._refresh.is_running:
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
                continue  # written by this program, or by another one (see `_watch_decisions`)
            after = dict.fromkeys(self._workspace.reread(changes.paths))
            added = len(set(after).difference(before.values()))
            self._screen.post_message(FilesChanged(len(changes.paths) - added, added))

    def _watch_decisions(self) -> None:
        """Show what another running newsdesk decides about this collection.

        It updates the same index, so that the files agree with the index: only the
        journal shows the change, before the index follows.
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
        except (NewsdeskError, IndexDamaged):  # reported by the action that needs it
            return None, None
