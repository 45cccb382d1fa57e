"""The command palette: every command of the desk, every view."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from newsdesk.tui.commands import COMMANDS, Command, Group

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
        keys = ", ".join(command.shown_keys)
        return f"{command.title}  ({keys})" if keys else command.title

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed."""
        for command in self._offered():
            run = partial(self.screen.run_action, command.name)
            yield DiscoveryHit(self._text(command), run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for command in self._offered():
            text = self._text(command)
            score = max(matcher.match(text), matcher.match(command.help) * 0.6)
            if score > 0:
                run = partial(self.screen.run_action, command.name)
                yield Hit(score, matcher.highlight(text), run, help=command.help)
