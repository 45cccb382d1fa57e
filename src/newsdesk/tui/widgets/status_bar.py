"""The status line and the line of keys at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widget import Widget

from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content
from newsdesk.tui.widgets.tooltips import set_tooltip
from newsdesk.workspace.keymap.commands import COMMAND_OF
from newsdesk.workspace.keymap.keymap import Keys


class StatusBar(Widget):
    """The last message on the left, the progress of background work on the right."""

    def __init__(self) -> None:
        super().__init__(id="status-line")
        self._said = ""
        self._state = ""
        self._work: dict[str, str] = {}

    @property
    def said(self) -> str:
        """The message."""
        return self._said

    def post_status(self, sentence: str, state: str = "") -> None:
        """Show what happened; `state` is empty, `good` or `bad`."""
        self._said, self._state = shown(sentence), state
        self.refresh()

    def show_work(self, name: str, progress: str) -> None:
        """Show the progress of some work; an empty text removes it."""
        if self._work.get(name, "") != progress:
            self._work[name] = progress
            if not progress:
                del self._work[name]
            self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width - 2
        work = "   ".join(self._work.values())
        room = max(0, width - cell_len(work) - 2)
        said = Content(self._said).truncate(room, ellipsis=True)
        style = {"good": "$text-success", "bad": "bold $text-error"}.get(self._state, "$foreground")
        gap = " " * max(0, width - said.cell_length - cell_len(work))
        return Content.assemble(said.stylize(style), gap, (work, "$text-accent"))


class KeyBar(Widget):
    """The most important keys of the focused pane; each can be clicked."""

    class Pressed(Message):
        """A key in the bar was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, keys: Keys) -> None:
        super().__init__(id="key-bar")
        self._keys = keys
        self._names: tuple[str, ...] = ()
        self._places: list[tuple[int, int, str]] = []

    def show(self, names: Sequence[str]) -> None:
        """Show these commands, the most important ones first."""
        if self._names != tuple(names):
            self._names = tuple(names)
            self.refresh()

    def render(self) -> Content:
        """Draw the keys that fit, always with that of `help`."""
        self._places = []
        parts: list[tuple[str, str] | str] = []
        used, room = 0, self.size.width - 1
        names = [name for name in self._names if name != "help" and self._keys.of(name)]
        help_width = cell_len("".join(self._pair("help"))) + 3
        for name in [*names, "help"]:
            key, label = self._pair(name)
            width = cell_len(key) + 1 + cell_len(label) + 2
            if used + width > room - (help_width if name != "help" else 0):
                continue
            self._places.append((used, used + width, name))
            parts += [(f" {key}", "bold $text-accent"), (f" {label} ", "$foreground 80%")]
            used += width
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Run the command that was clicked."""
        if name := self._name_at(event.x):
            self.post_message(self.Pressed(name))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the key under the mouse."""
        name = self._name_at(event.x)
        set_tooltip(self, self._keys.fill(COMMAND_OF[name].help) if name else "")

    def _name_at(self, x: int) -> str:
        return next((name for start, end, name in self._places if start <= x < end), "")

    def _pair(self, name: str) -> tuple[str, str]:
        command = COMMAND_OF[name]
        return self._keys.key(name), command.label or command.title.lower()
