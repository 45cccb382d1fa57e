"""The Textual application: themes, the palette, and the desk as its one screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from newsdesk.desk.desk import Desk
from newsdesk.tui.desk_screen import DeskScreen
from newsdesk.tui.palette import DeskCommands
from newsdesk.tui.themes import NEWSPRINT, NIGHT_DESK


def _system_commands() -> type:
    from textual.system_commands import SystemCommandsProvider

    return SystemCommandsProvider


class NewsdeskApp(App[None]):
    """Shows one open desk."""

    TITLE = "newsdesk"
    CSS_PATH = "newsdesk.tcss"
    COMMANDS: ClassVar = {_system_commands, DeskCommands}
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, desk: Desk, theme: str = NIGHT_DESK.name) -> None:
        super().__init__()
        self.desk = desk
        self.register_theme(NIGHT_DESK)
        self.register_theme(NEWSPRINT)
        self.theme = theme

    def get_default_screen(self) -> Screen[None]:
        """Open the desk."""
        return DeskScreen(self.desk)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer the theme; everything else is a command of the desk."""
        yield SystemCommand("Theme", "Change the colours.", self.action_change_theme)


def run_desk(desk: Desk) -> int:
    """Run the desk until it is left; return the exit code."""
    app = NewsdeskApp(desk)
    app.run()
    return app.return_code or 0
