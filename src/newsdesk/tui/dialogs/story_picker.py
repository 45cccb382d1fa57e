"""Choose an article that tells the same story."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.text import age
from newsdesk.tui.bindings import MOVES
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Segment, Static
from newsdesk.tui.widgets.glyphs import fit, fit_right, number, small_bar
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.tui.widgets.movement import MovementActions
from newsdesk.workspace.stories.related import RelatedItem

_MAX_ROWS = 14


class CandidateList(LineList):
    """Articles, each with why it is offered."""

    def __init__(self, candidates: Sequence[RelatedItem]) -> None:
        super().__init__(id="join-list")
        self._candidates = candidates

    def on_mount(self) -> None:
        """Begin on the first."""
        self.set_count(len(self._candidates), 0)

    @property
    def path(self) -> str:
        """The path of the article under the cursor."""
        return self._candidates[self.cursor].path or ""

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one article."""
        one, muted = self._candidates[index], self.part("muted")
        reason = min(30, width // 3)
        return [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment(small_bar(one.quality), self.part("strong")),
            Segment(number(one.quality, 3)),
            Segment(fit_right(age(one.published_at), 4), muted),
            Segment(" "),
            Segment(fit(shown(one.title) or "untitled", max(8, width - 12 - reason)), Style.null()),
            Segment("  "),
            Segment(fit(shown(one.reason), reason), muted),
        ]


class StoryPicker(MovementActions, ModalScreen[str]):
    """Returns the path of the article that was chosen, or an empty string."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        *MOVES,
        Binding("enter", "choose", "Join it"),
        Binding("escape,q", "leave", "Back"),
    ]
    AUTO_FOCUS = "#join-list"

    def __init__(self, candidates: Sequence[RelatedItem]) -> None:
        super().__init__()
        self._candidates = candidates

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="join", classes="dialog"):
            yield CandidateList(self._candidates)
            yield Static("Enter joins it   Esc back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Name the dialog."""
        self.query_one("#join").border_title = " Tells the same story "
        self.pane.styles.height = min(_MAX_ROWS, len(self._candidates))

    @property
    def pane(self) -> CandidateList:
        """The list."""
        return self.query_one(CandidateList)

    def action_choose(self) -> None:
        """Take the article under the cursor."""
        self.dismiss(self.pane.path)

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        """A double click takes it, as Enter does."""
        message.stop()
        self.action_choose()

    def action_leave(self) -> None:
        """Think better of it."""
        self.dismiss("")
