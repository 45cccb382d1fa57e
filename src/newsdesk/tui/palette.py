"""The command palette: recent commands, saved views, every command, topics, collections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.fuzzy import Matcher
from textual.markup import escape
from textual.screen import Screen
from textual.style import Style

from newsdesk.errors import NewsdeskError
from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Text
from newsdesk.tui.widgets.glyphs import path_in_words
from newsdesk.workspace.keymap.commands import COMMANDS, Command, Group
from newsdesk.workspace.views import View

if TYPE_CHECKING:
    from pathlib import Path

    from newsdesk.tui.screens.main import MainScreen

_log = logging.getLogger(__name__)
# Nobody moves by typing: moving is what help is for.
_GROUPS = (Group.DECIDE, Group.FIND, Group.READ, Group.PROGRAM)
_MAX_RECENT = 5  # commands that stand above all others while nothing is typed
_MAX_TOPICS = 12  # topics that are offered for what is typed
_RECENT_WEIGHT = 1.3  # how much better a command fits that was used before
_HELP_WEIGHT = 0.6  # how much worse one fits whose help fits, but not its name
_TOPIC_WEIGHT = 0.9  # a command of the same name comes first


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the palette and what it does. Its words are safe to show."""

    text: str
    help: str
    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class PaletteData:
    """What was read for the palette: views and topics with how many articles each holds."""

    views: Sequence[tuple[View, int]] = ()
    topics: Sequence[tuple[str, int]] = ()
    collections: Sequence[Path] = ()
    has_new_settings: bool = False


class CommandProvider(Provider):
    """Offers what the desk can do, with the key that does it directly.

    One provider, not one for each kind of thing: Textual asks providers in no order.
    """

    def __init__(self, screen: Screen[Any], match_style: Style | None = None) -> None:
        super().__init__(screen, match_style)
        self._reading: dict[Callable[[MainScreen], Any], asyncio.Task[Any]] = {}

    @property
    def _main_screen(self) -> MainScreen | None:
        from newsdesk.tui.screens.main import MainScreen

        return self.screen if isinstance(self.screen, MainScreen) else None

    async def discover(self) -> Hits:
        """Offer what was used last, the views, everything else, other collections."""
        screen = self._main_screen
        if screen is None:
            yield self._hit(self._theme())
            return
        recent = (await self._read(_recent_commands, screen))[:_MAX_RECENT]
        commands = {command.id: self._command(screen, command) for command in _offered()}
        for id_ in recent:
            if id_ in commands:
                yield self._hit(commands.pop(id_))
        known = await self._read(_read_palette_data, screen)
        for offer in self._views(screen, known):
            yield self._hit(offer)
        for offer in (*commands.values(), self._theme(), *self._collections(screen, known)):
            yield self._hit(offer)

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        screen = self._main_screen
        if screen is None:
            for hit in _matches(matcher, [self._theme()]):
                yield hit
            return
        recent = await self._read(_recent_commands, screen)
        for command in _offered():
            used = _RECENT_WEIGHT if command.id in recent else 1
            for hit in _matches(matcher, [self._command(screen, command)], used):
                yield hit
        for hit in _matches(matcher, [self._theme()]):
            yield hit
        known = await self._read(_read_palette_data, screen)
        others = [*self._views(screen, known), *self._collections(screen, known)]
        topics = _matches(matcher, self._topics(screen, known), _TOPIC_WEIGHT)
        for hit in (*_matches(matcher, others), *sorted(topics, reverse=True)[:_MAX_TOPICS]):
            yield hit

    async def _read(self, read: Callable[[MainScreen], Any], screen: MainScreen) -> Any:
        """Return what `read` does, which is called once, on a thread of its own.

        Not in Textual's `startup`: to type on cancels the search that waits for it, and with
        the search what it waits for; such a provider offers nothing any more.
        """
        if read not in self._reading:
            self._reading[read] = asyncio.create_task(self._read_now(read, screen))
        return await asyncio.shield(self._reading[read])

    @staticmethod
    async def _read_now(read: Callable[[MainScreen], Any], screen: MainScreen) -> Any:
        found = await asyncio.to_thread(read, screen)
        if isinstance(found, PaletteData) and found.has_new_settings:
            screen.show_setting_problems()
        return found

    # -- offers ----------------------------------------------------------------------------

    @staticmethod
    def _hit(offer: Offer) -> DiscoveryHit:
        return DiscoveryHit(Text(offer.text), offer.run, offer.text, escape(offer.help))

    def _theme(self) -> Offer:
        return Offer("Theme", "Change the colours.", self.app.action_change_theme)

    @staticmethod
    def _command(screen: MainScreen, command: Command) -> Offer:
        keys = ", ".join(screen.keys.all_shown(command.name))
        text = f"{command.title}  ({keys})" if keys else command.title
        return Offer(text, screen.keys.fill(command.help), partial(_run, screen, command))

    @staticmethod
    def _views(screen: MainScreen, known: PaletteData) -> Iterator[Offer]:
        for view, number in known.views:
            text = f"View: {shown(view.name)}  ({number:,})"
            yield Offer(text, "A view of your own.", partial(screen.open_view, view))

    @staticmethod
    def _topics(screen: MainScreen, known: PaletteData) -> Iterator[Offer]:
        for topic, number in known.topics:
            told = f"{counted(number, 'article')} of what is shown."
            yield Offer(f"Topic: {shown(topic)}", told, partial(screen.show_topic, topic))

    @staticmethod
    def _collections(screen: MainScreen, known: PaletteData) -> Iterator[Offer]:
        for folder in known.collections:
            text = f"Collection: {path_in_words(folder)}"
            told = "Leaves this desk for that of another collection."
            yield Offer(text, told, partial(screen.leave_for, folder))


def _offered() -> Iterator[Command]:
    for group in _GROUPS:
        for command in COMMANDS:
            if command.group is group and command.name != "palette":
                yield command


async def _run(screen: MainScreen, command: Command) -> None:
    screen.onboarding.remember_command(command.id)
    await screen.run_action(command.name)


def _recent_commands(screen: MainScreen) -> list[str]:
    """Return the ids of the commands that were chosen here before, the newest first."""
    return screen.workspace.recent.commands()


def _read_palette_data(screen: MainScreen) -> PaletteData:
    """Read what the palette offers beside commands; what cannot be read is left out."""
    workspace = screen.workspace
    try:
        has_new_settings = workspace.reread_settings()  # edited since the desk opened
        views = workspace.saved_views
        counts = workspace.view_counts(*views) if views else {}
        return PaletteData(
            [(view, counts[view]) for view in views],
            workspace.topic_counts(screen.asked.without_topics().query()),
            workspace.recent.other_collections(),
            has_new_settings,
        )
    except NewsdeskError:
        _log.exception("The palette offers commands alone")
        return PaletteData()


def _matches(
    matcher: Matcher, offers: Sequence[Offer] | Iterator[Offer], weight: float = 1
) -> Iterator[Hit]:
    """Yield what fits, the letters that were typed lit up; `weight` is put on how well it does."""
    for offer in offers:
        score = matcher.match(offer.text)
        by_help = matcher.match(offer.help) * _HELP_WEIGHT
        if max(score, by_help) <= 0:
            continue
        # Not the matcher's own way to light them up, which reads names as markup.
        _, places = matcher.fuzzy_search.match(matcher.query, offer.text)
        lit = Text(offer.text)
        for place in places if score > 0 else ():
            lit.stylize("bold underline", place, place + 1)
        yield Hit(max(score, by_help) * weight, lit, offer.run, offer.text, escape(offer.help))
