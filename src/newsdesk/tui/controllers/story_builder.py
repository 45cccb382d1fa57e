"""Group articles into stories in the background, and show the progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import Worker, get_current_worker

from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import StoriesGrouped, StoryBuilderAdvanced, WorkFailed
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.workspace.stories.builder import GroupingProgress

_MIN_FOR_PROGRESS = 200  # articles; fewer are compared before a user could read it


class StoryBuilder:
    """Updates the stories, one run at a time."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._worker: Worker[None] | None = None
        self._is_wanted_again = False
        self._ranks = False
        self.was_stopped = False

    @property
    def is_running(self) -> bool:
        """Whether articles are being compared."""
        return self._worker is not None

    def start(self, *, ranks: bool = False) -> None:
        """Group new articles, now or after the running pass.

        With `ranks` the best sources are computed again as well: links were checked.
        """
        self._ranks |= ranks
        self.was_stopped = False
        if self._worker is not None:
            self._is_wanted_again = True
            return
        self._worker = self._screen.start_worker(self._run, "stories")

    def cancel(self) -> bool:
        """Stop and leave the stories unchanged; False if nothing is running."""
        if self._worker is None or self.was_stopped:
            return False
        self.was_stopped = True
        self._is_wanted_again = False
        self._worker.cancel()
        return True

    def _run(self) -> None:
        post = self._screen.post_message
        worker = get_current_worker()
        stories = self._workspace.stories
        ranks, self._ranks = self._ranks, False
        has_changed = False

        def advanced(progress: GroupingProgress) -> None:
            post(StoryBuilderAdvanced(progress))

        try:
            if stories.needs_grouping():
                stories.group_in_process(advanced, lambda: worker.is_cancelled)
                has_changed = True
            if ranks and not worker.is_cancelled:
                stories.update_ranking()
                has_changed = True
        except Cancelled:
            pass
        except NewsdeskError as error:
            post(WorkFailed(error))
        finally:
            post(StoriesGrouped(has_changed))

    def advanced(self, progress: GroupingProgress) -> None:
        """Show the progress."""
        if progress.total > _MIN_FOR_PROGRESS and not self.was_stopped:
            text = f"stories {progress.done:,} of {progress.total:,}"
            self._screen.status.show_work("stories", text)

    def ended(self) -> None:
        """Note the end; start again if that was requested meanwhile."""
        self._worker = None
        self._screen.status.show_work("stories", "")
        if self._is_wanted_again:
            self._is_wanted_again = False
            self.start()
