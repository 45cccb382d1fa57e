"""The command palette: every command of the desk, every view, also the saved ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from newsdesk.desk.commands import COMMANDS, Command, Group
from newsdesk.desk.views import View
from newsdesk.text import shown

if TYPE_CHECKING:
    from newsdesk.tui.desk_screen import DeskScreen


# Nobody moves by typing: moving is what help is for.
_GROUPS = (Group.DECIDE, Group.FIND, Group.READ, Group.DESK)


class DeskCommands(Provider):
    """Offers what the desk can do, with the key that does it directly."""

    @property
    def _desk_screen(self) -> DeskScreen | None:
        from newsdesk.tui.desk_screen import DeskScreen

        return self.screen if isinstance(self.screen, DeskScreen) else None

    def _offered(self) -> Iterator[Command]:
        if self._desk_screen is not None:
            for group in _GROUPS:
                for command in COMMANDS:
                    if command.group is group and command.name != "palette":
                        yield command

    def _text(self, command: Command) -> str:
        screen = self._desk_screen
        keys = ", ".join(screen.keys.all_shown(command.name)) if screen else ""
        return f"{command.title}  ({keys})" if keys else command.title

    def _help(self, command: Command) -> str:
        screen = self._desk_screen
        return screen.keys.fill(command.help) if screen else command.help

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed."""
        for command in self._offered():
            run = partial(self.screen.run_action, command.name)
            yield DiscoveryHit(self._text(command), run, help=self._help(command))

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for command in self._offered():
            text = self._text(command)
            score = max(matcher.match(text), matcher.match(self._help(command)) * 0.6)
            if score > 0:
                run = partial(self.screen.run_action, command.name)
                yield Hit(score, matcher.highlight(text), run, help=self._help(command))


class SavedViewCommands(Provider):
    """Offers the person's own views with how many articles each holds."""

    _HELP = "A view of your own."

    async def startup(self) -> None:
        """Count the views, while the other commands are on the screen already."""
        from newsdesk.tui.desk_screen import DeskScreen

        self._offered: list[tuple[str, View]] = []
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return
        # They may have been edited since the desk opened.
        if await asyncio.to_thread(screen.desk.reread_settings):
            screen.tell_setting_mistakes()
        views = screen.desk.saved_views
        counts = await asyncio.to_thread(screen.desk.view_counts, *views) if views else {}
        self._offered = [(f"View: {shown(view.name)}  ({counts[view]:,})", view) for view in views]

    def _open(self, view: View) -> None:
        from newsdesk.tui.desk_screen import DeskScreen

        if isinstance(self.screen, DeskScreen):
            self.screen.open_view(view)

    async def discover(self) -> Hits:
        """Offer all of them."""
        for text, view in self._offered:
            yield DiscoveryHit(Text(text), partial(self._open, view), text, self._HELP)

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for text, view in self._offered:
            if (score := matcher.match(text)) > 0:
                # Not the matcher's own way, which reads names as markup.
                _, places = matcher.fuzzy_search.match(query, text)
                lit = Text(text)
                for place in places:
                    lit.stylize("bold underline", place, place + 1)
                yield Hit(score, lit, partial(self._open, view), text, self._HELP)
