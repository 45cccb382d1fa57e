"""Compare folder and index in the background, and show what came of it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from textual.worker import Worker

from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.text import counted
from newsdesk.tui.messages import ArticlesChanged, RefreshAdvanced, RefreshEnded, WorkFailed
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.index.refresh import Progress, RefreshReport
    from newsdesk.tui.screens.main_base import MainScreenBase

# Seconds between looks at a list that is being filled: soon at first, then seldom, because each
# look costs more than the one before and keys wait for it.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.4, 3.2


class RefreshController:
    """One refresh at a time.

    With `is_filling` what comes in is shown as it comes: the index was empty, or the person
    asked. Otherwise rows stay in place and news are announced.
    """

    def __init__(self, screen: MainScreenBase, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._worker: Worker[None] | None = None
        self._stop = threading.Event()
        self._fill_at = 0.0
        self._pause = _FIRST_PAUSE
        self.is_filling = False

    @property
    def is_running(self) -> bool:
        """Whether files are being read."""
        return self._worker is not None

    def start(self, *, is_filling: bool) -> None:
        """Start, unless one is under way."""
        self.is_filling = self.is_filling or is_filling
        self._fill_at, self._pause = 0.0, _FIRST_PAUSE
        if self._worker is None:
            self._stop.clear()
            self._worker = self._screen.run_worker(
                self._run, thread=True, group="refresh", exit_on_error=False
            )

    def cancel(self) -> bool:
        """Stop a refresh that the person waits for; what was read is kept."""
        if self._worker is None:
            return False
        self._stop.set()  # a worker that is cancelled before it began would never report its end
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
        """Show how far it is; return whether the list should be filled now."""
        text = "looking through the folder"
        if progress.total:
            text = f"reading {progress.done:,} of {progress.total:,} files"
        self._screen.status.show_work("refresh", text)
        if not self.is_filling or time.monotonic() < self._fill_at:
            return False
        self._fill_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def ended(self, report: RefreshReport | None) -> str:
        """Note the end; return what to say about news on disk, or an empty string."""
        self._worker = None
        self.is_filling = False
        self._screen.status.show_work("refresh", "")
        if report is None:
            return ""
        if report.unreadable_folders:
            number = counted(len(report.unreadable_folders), "folder")
            return f"{number} cannot be read: {report.unreadable_folders[0]}"
        news = (
            (report.added, "new"),
            (report.changed, "changed"),
            (report.removed, "gone"),
        )
        words = [f"{number:,} {word}" for number, word in news if number]
        shows = self._screen.keys.fill("{reload} to show")
        return f"On disk: {', '.join(words)} · {shows}" if words else ""
