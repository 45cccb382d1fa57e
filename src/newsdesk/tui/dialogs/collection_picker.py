"""Choose one of the collections that were opened before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.tui.bindings import MOVES, rebind
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Segment, Static
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.glyphs import fit, path_in_words
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.tui.widgets.movement import MovementActions
from newsdesk.workspace.keymap.keymap import Keys

_MAX_NAME_CELLS = 24  # cells of a folder's own name; its whole path stands beside it


class FolderList(LineList):
    """Folders by name, their paths beside them. A click chooses."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(id="collection-list")
        self.folders = list(folders)
        self.styles.height = len(self.folders)

    def on_mount(self) -> None:
        """Show them."""
        self.set_count(len(self.folders), 0)

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one folder."""
        names = [shown(folder.name) or "/" for folder in self.folders]
        name_width = min(_MAX_NAME_CELLS, max(map(len, names)))
        room = max(0, width - name_width - 4)
        return [
            Segment("▌ " if is_cursor else "  ", self.part("strong")),
            Segment(fit(names[index], name_width), self.part("plain") + Style(bold=True)),
            Segment("  "),
            Segment(fit(path_in_words(self.folders[index]), room), self.part("muted")),
        ]

    def on_click(self, event: events.Click) -> None:
        """Choose the folder that was clicked."""
        index = self.line_at(event)
        if index is not None:
            event.stop()
            self.move_to(index)
            self.post_message(self.Chosen(self))


class CollectionPicker(MovementActions, ModalScreen["Path | None"]):
    """Returns the chosen folder, or None if the person stays where they are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        Binding("enter", "choose", "Open"),
        Binding("escape,q", "leave", "Stay here"),
    ]
    AUTO_FOCUS = "#collection-list"

    def __init__(self, folders: Sequence[Path], here: Path, keys: Keys) -> None:
        super().__init__()
        self._folders = folders
        self._here = here
        rebind(bindings_of_node(self), keys)

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="collection-chooser", classes="dialog"):
            told = f"There are no articles in {path_in_words(self._here)}. You had opened:"
            yield Static(Content(told), id="collection-told")
            yield FolderList(self._folders)
            yield Static("Enter open   Esc stay here", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Name the dialog."""
        self.query_one("#collection-chooser").border_title = "Collections"

    @property
    def pane(self) -> FolderList:
        """The list of folders."""
        return self.query_one(FolderList)

    def action_choose(self) -> None:
        """Open the folder under the cursor."""
        self.dismiss(self.pane.folders[self.pane.cursor])

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Nothing follows the cursor here."""
        event.stop()

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """A folder was clicked."""
        event.stop()
        self.action_choose()
