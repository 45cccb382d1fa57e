"""What the main screen shows, and what it must show according to the index."""

from __future__ import annotations

from benchmarks.home import Home
from benchmarks.terminal import Terminal
from newsdesk.text import shown
from newsdesk.workspace.views import Filter
from newsdesk.workspace.workspace import Workspace

_TITLE = 24  # cells of a title that are compared; the list cuts longer ones
_FIRST_ROW = 4  # line of the screen


class Expected:
    """What the main screen must show, read from the index by another process."""

    def __init__(self, home: Home) -> None:
        self.workspace = Workspace(home.config)

    def top(self, chosen: Filter) -> tuple[str, int]:
        """Return the title of the first article and how many there are."""
        ids = self.workspace.search(chosen.query())
        rows = self.workspace.rows(ids[:1])
        return (cut(rows[0].title) if rows else ""), len(ids)

    def titles(self, chosen: Filter, most: int) -> list[str]:
        """Return the titles of the first articles."""
        return [
            cut(r.title) for r in self.workspace.rows(self.workspace.search(chosen.query())[:most])
        ]

    def paths(self, chosen: Filter, most: int) -> list[str]:
        """Return the paths of the first articles."""
        return [
            row.path for row in self.workspace.rows(self.workspace.search(chosen.query())[:most])
        ]


def cut(title: str) -> str:
    """Return the part of a title that is compared."""
    return shown(title)[:_TITLE].strip()


class MainScreen:
    """Reads the screen and presses keys."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    @property
    def summary(self) -> str:
        """The query bar."""
        return self.terminal.lines[1]

    @property
    def headers(self) -> str:
        """The line of column headers."""
        return self.terminal.lines[3]

    @property
    def status(self) -> str:
        """The status line."""
        return self.terminal.lines[-2]

    def _title_at(self, y: int) -> str:
        column = self.headers.find("Title")
        return self.terminal.lines[y][column : column + _TITLE].strip() if column > 0 else ""

    @property
    def top_title(self) -> str:
        """The title in the first row."""
        return self._title_at(_FIRST_ROW)

    @property
    def cursor_title(self) -> str:
        """The title in the row under the cursor; empty if no row has it."""
        lines = self.terminal.lines
        for y in range(_FIRST_ROW, len(lines) - 2):
            if lines[y][0] == "▌":
                return self._title_at(y)
        return ""

    @property
    def article_title(self) -> str:
        """The title in the article pane."""
        _, _, side = self.headers.partition("│")
        return side[1 : 1 + _TITLE].strip()

    def is_at_top(self, title: str, number: int, narrows: bool = False) -> bool:
        """Return whether first row and number in the query bar are those of a result."""
        is_counted = f" {number:,} of " in self.summary
        return is_counted and self.top_title == title and narrows == ("hidden" in self.summary)

    def shows_all(self, number: int) -> bool:
        """Return whether no query filters the view."""
        return f" {number:,} of {number:,} " in self.summary and "hidden" not in self.summary


def open_workspace(home: Home) -> Terminal:
    """Open newsdesk in a pty."""
    return Terminal(home.command, home.env)
