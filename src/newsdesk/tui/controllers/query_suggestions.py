"""Load what the query bar suggests: values with their counts, and earlier queries."""

from __future__ import annotations

from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import QuerySuggestionsRead
from newsdesk.workspace.workspace import Workspace

_FIELDS = ("topic", "provider", "domain", "type", "category")


class QuerySuggestions:
    """Loads in the background when the bar is first used, and after files changed."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._is_wanted = False  # whether the bar was used
        self._is_fresh = False
        self._number = 0  # of the newest request; stale results are dropped
        self._asked = ""  # a query that is stored once it has results
        self._answer = ("", 0)  # the newest query with results, and their number

    def want(self) -> None:
        """Load the suggestions unless they are fresh; the result is a `QuerySuggestionsRead`."""
        self._is_wanted = True
        if not self._is_fresh:
            self._is_fresh = True
            self._number += 1
            self._screen.start_worker(self._read, "query-help")

    def files_changed(self) -> None:
        """Load again if the bar was used: the files changed."""
        self._is_fresh = False
        if self._is_wanted:
            self.want()

    def _read(self) -> None:
        number = self._number
        values = {field: self._workspace.values_of(field) for field in _FIELDS}
        history = self._workspace.history.read()
        self._screen.post_message(QuerySuggestionsRead(number, values, history))

    def take(self, message: QuerySuggestionsRead) -> None:
        """Show the suggestions in the bar, unless they are stale."""
        if message.number == self._number:
            self._screen.bar.set_suggestions(message.values, message.history)

    # -- history ---------------------------------------------------------------------------

    def asked(self, text: str) -> None:
        """Store the text of the bar in the history once it has results."""
        self._asked = text.strip()
        self.answered(*self._answer)

    def answered(self, text: str, found: int) -> None:
        """Note how many results a query has."""
        self._answer = (text, found)
        asked = self._asked
        if not asked or text.strip() != asked:
            return
        self._asked = ""
        if found:
            self._screen.bar.remember(asked)
            self._screen.start_worker(lambda: self._workspace.history.remember(asked), "history")
