"""What the query bar knows beyond what is typed: values with their counts, queries of before."""

from __future__ import annotations

from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import QuerySuggestionsRead
from newsdesk.workspace.workspace import Workspace

_FIELDS = ("topic", "provider", "domain", "type", "category")


class QuerySuggestions:
    """Reads in the background when the bar is first used, and again after the files changed."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._is_wanted = False  # whether the bar was used at all
        self._is_fresh = False
        self._number = 0  # of the newest reading; older answers are dropped
        self._asked = ""  # a query that is remembered as soon as it turns out to give rows
        self._answer = ("", 0)  # the newest text that was answered, and how many rows it gave

    def want(self) -> None:
        """Read what is not known yet; the answer is a `QuerySuggestionsRead`."""
        self._is_wanted = True
        if not self._is_fresh:
            self._is_fresh = True
            self._number += 1
            self._screen.start_worker(self._read, "query-help")

    def files_changed(self) -> None:
        """Read again what the files may have changed, if anybody uses it."""
        self._is_fresh = False
        if self._is_wanted:
            self.want()

    def _read(self) -> None:
        number = self._number
        values = {field: self._workspace.values_of(field) for field in _FIELDS}
        history = self._workspace.history.read()
        self._screen.post_message(QuerySuggestionsRead(number, values, history))

    def take(self, message: QuerySuggestionsRead) -> None:
        """Hand it to the bar."""
        if message.number == self._number:
            self._screen.bar.set_suggestions(message.values, message.history)

    # -- history ---------------------------------------------------------------------------

    def asked(self, text: str) -> None:
        """The bar was left with a text: remember it once it has given rows."""
        self._asked = text.strip()
        self.answered(*self._answer)

    def answered(self, text: str, found: int) -> None:
        """A text gave so many rows."""
        self._answer = (text, found)
        asked = self._asked
        if not asked or text.strip() != asked:
            return
        self._asked = ""
        if found:
            self._screen.bar.remember(asked)
            self._screen.start_worker(lambda: self._workspace.history.remember(asked), "history")
