"""What a person needs who is new here, or came to a folder without articles."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import CollectionsRead, FirstRunDetected
from newsdesk.workspace.workspace import Workspace

_FIRST_WORDS = "{publish} publish · {reject} reject · {later} later · {help} help"


class Onboarding:
    """Looks once, when the first rows are shown or it is certain that there are none.

    A first start gets one line, which is gone with the first thing that is said, and for good
    with the first decision.
    """

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._has_looked = False

    def answered(self, *, has_articles: bool, is_reading: bool) -> None:
        """Take the answer to a search: whether the collection holds anything by now."""
        if self._has_looked or (is_reading and not has_articles):
            return
        self._has_looked = True
        self._on_thread(self._look if has_articles else self._look_elsewhere)

    def remember_command(self, id_: str) -> None:
        """Make a command the newest of those that were chosen in the palette."""
        self._on_thread(partial(self._workspace.recent.remember_command, id_))

    def show_first_hint(self) -> None:
        """Say what to begin with, unless something more urgent was said."""
        if not self._screen.status.said:
            self._screen.post_status(self._screen.keys.fill(_FIRST_WORDS))

    def _on_thread(self, work: Callable[[], None]) -> None:
        self._screen.start_worker(work, "recent")

    def _look(self) -> None:
        if self._workspace.recent.is_first_use:
            self._screen.post_message(FirstRunDetected())
        self._workspace.recent.remember_collection()

    def _look_elsewhere(self) -> None:
        if folders := self._workspace.recent.other_collections():
            self._screen.post_message(CollectionsRead(folders))
