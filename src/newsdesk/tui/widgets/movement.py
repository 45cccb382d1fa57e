"""Movement commands, which are the same in all panes."""

from __future__ import annotations

from typing import Protocol


class Pane(Protocol):
    """A pane with a cursor or a scroll position: rows of a list, lines of a text."""

    @property
    def count(self) -> int:
        """The number of rows or lines."""

    def move(self, rows: int) -> None:
        """Move by rows."""

    def move_pages(self, pages: float) -> None:
        """Move by pages or parts of one."""

    def move_to(self, index: int, /) -> None:
        """Move to a row."""


class MovementActions:
    """Movement actions for a screen; `pane` is the focused pane."""

    @property
    def pane(self) -> Pane:
        """The focused pane."""
        raise NotImplementedError

    def action_down(self) -> None:
        """Next row."""
        self.pane.move(1)

    def action_up(self) -> None:
        """Previous row."""
        self.pane.move(-1)

    def action_top(self) -> None:
        """First row."""
        self.pane.move_to(0)

    def action_bottom(self) -> None:
        """Last row."""
        self.pane.move_to(self.pane.count - 1)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.pane.move_pages(0.5)

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.pane.move_pages(-0.5)

    def action_page_down(self) -> None:
        """A page down."""
        self.pane.move_pages(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.pane.move_pages(-1)
