"""Show a hint on the first start, and offer collections for a folder without articles."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import CollectionsRead, FirstRunDetected
from newsdesk.workspace.workspace import Workspace

_FIRST_WORDS = "{publish} publish · {reject} reject · {later} later · {help} help"


class Onboarding:
    """Checks once, when the first rows are shown or the collection proved to be empty.

    A first start shows one hint until the next message, and never again
    after the first decision.
    """

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._has_looked = False

    def answered(self, *, has_articles: bool, is_reading: bool) -> None:
        """Handle the first search result: whether the collection has articles."""
        if self._has_looked or (is_reading and not has_articles):
            return
        self._has_looked = True
        self._on_thread(self._look if has_articles else self._look_elsewhere)

    def remember_command(self, id_: str) -> None:
        """Store a command as the newest of those chosen in the palette."""
        self._on_thread(partial(self._workspace.recent.remember_command, id_))

    def show_first_hint(self) -> None:
        """Show the first keys, unless the status line has another message."""
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
