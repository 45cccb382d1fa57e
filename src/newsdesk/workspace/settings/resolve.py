"""What is in force: every setting, its value, and where it comes from.

A flag wins over the environment, that over the collection's file, that over the person's own
file, that over the default. What cannot be used is a mistake with its place, and the next best
value counts.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from newsdesk.collection.profile import DRAFT, STATUS
from newsdesk.config import Config, ConfigProblem, RawSetting
from newsdesk.errors import UsageError
from newsdesk.index.query.ast import DEFAULT_ORDER, SortKey
from newsdesk.suggest import nearest
from newsdesk.workspace.keymap.commands import COMMAND_OF, COMMANDS
from newsdesk.workspace.keymap.key_names import shown_key
from newsdesk.workspace.keymap.keymap import (
    KeyProblem,
    Keys,
    default_keys,
    read_entry,
    without_clashes,
)
from newsdesk.workspace.settings.aliases import Kind, current_word
from newsdesk.workspace.settings.definitions import (
    DEFAULT_COLUMNS,
    IMAGES,
    SETTING_OF,
    STORIES,
    TABLES,
    THEMES,
    Unusable,
    order_of,
    order_text_of,
    read_columns,
    read_images,
    read_program,
    read_sort,
    read_stories,
    read_theme,
    read_view,
)
from newsdesk.workspace.settings.profile_choice import profile_of
from newsdesk.workspace.settings.trust import refusal
from newsdesk.workspace.views import UNPUBLISHED, View

T = TypeVar("T", str, tuple[str, ...])


class Source(enum.Enum):
    """Where a value can come from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    COLLECTION = "collection"
    OWN = "own"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """One value in force. `place` says where it stands, for a person: `$BROWSER`, a file's line.

    `value` is text, or a tuple of texts.
    """

    name: str
    value: str | tuple[str, ...]
    source: Source = Source.DEFAULT
    place: str = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force. `values` are all of it in the order of the documentation.

    `browser` and `editor` are command lines, empty where nobody chose one.
    """

    theme: str = THEMES[0]
    view: View = UNPUBLISHED
    order: tuple[SortKey, ...] = DEFAULT_ORDER
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    collapses_stories: bool = True
    browser: str = ""
    editor: str = ""
    images: str = IMAGES[0]
    keys: Keys = field(default_factory=Keys)
    chooses_view: bool = False
    values: tuple[Effective, ...] = ()
    mistakes: tuple[ConfigProblem, ...] = ()


def settings_of(
    config: Config, environment: Mapping[str, str] = os.environ, *, reads_again: bool = False
) -> Settings:
    """Return what is in force for a collection; `reads_again` at its files too.

    Raises `UsageError` for a flag that cannot be used; everything else that cannot is in
    `mistakes`.
    """
    judge = _Judge(config, environment, reads_again)
    theme = judge.value_of("theme", THEMES[0], read_theme)
    view = judge.value_of("view", UNPUBLISHED.name, partial(read_view, config))
    order = judge.value_of("sort", order_text_of(DEFAULT_ORDER), read_sort)
    columns = judge.value_of("columns", DEFAULT_COLUMNS, read_columns)
    stories = judge.value_of("stories", STORIES[0], read_stories)
    browser = judge.value_of("browser", "", read_program)
    editor = judge.value_of("editor", "", read_program)
    judge.profile()
    images = judge.value_of("images", IMAGES[0], read_images)
    keys = judge.keys()
    judge.unknown()
    return Settings(
        theme,
        _view_called(config, view),
        order_of(order),
        columns,
        stories == STORIES[0],
        browser,
        editor,
        images,
        keys,
        any(value.name == "view" and value.source is not Source.DEFAULT for value in judge.values),
        tuple(judge.values),
        tuple(judge.mistakes),
    )


def _view_called(config: Config, name: str) -> View:
    if name == UNPUBLISHED.name:
        return UNPUBLISHED
    from newsdesk.workspace.settings.saved_views import view_named

    return view_named(config, name)


class _Judge:
    """Reads setting after setting, collecting values and mistakes."""

    def __init__(
        self, config: Config, environment: Mapping[str, str], reads_again: bool = False
    ) -> None:
        self._config = config
        self._looks_anew = reads_again
        self._environment = environment
        self.values: list[Effective] = []
        self.mistakes: list[ConfigProblem] = []

    def value_of(self, name: str, default: T, read: Callable[[object], T]) -> T:
        """Return the strongest usable value of a setting; note it, and the mistakes before it."""
        setting = SETTING_OF[name]
        for flag, text in self._config.flags:
            if flag == name:
                return self._flag(name, text, read)
        for variable in setting.variables:
            if text := self._environment.get(variable, ""):
                found = self._read(text, f"${variable}", read)
                if found is not None:
                    return self._found(name, found, Source.ENVIRONMENT, f"${variable}")
        # The collection's come last in the files, and are stronger.
        for written in reversed(self._config.raw_settings):
            if written.name != (name,):
                continue
            if self._is_refused(written):
                continue
            found = self._read(written.value, written.place, read)
            if found is not None and not self._is_refused(written, found):
                source = Source.OWN if written.is_own else Source.COLLECTION
                return self._found(name, found, source, written.place)
        return self._found(name, default, Source.DEFAULT, "default")

    def _flag(self, name: str, text: str, read: Callable[[object], T]) -> T:
        try:
            return self._found(name, read(text), Source.FLAG, f"--{name}")
        except Unusable as unusable:
            raise UsageError(f"--{name}: {unusable}", unusable.remedy) from None

    def _read(self, value: object, place: str, read: Callable[[object], T]) -> T | None:
        try:
            return read(value)
        except Unusable as unusable:
            self.mistakes.append(ConfigProblem(f"{place}: {unusable}", unusable.remedy))
            return None

    def _found(self, name: str, value: T, source: Source, place: str) -> T:
        self.values.append(Effective(name, value, source, place))
        return value

    def _is_refused(self, written: RawSetting, value: object = None) -> bool:
        """Return whether a collection's file may not set this; note why."""
        mistake = refusal(written, value)
        if mistake is not None:
            self.mistakes.append(mistake)
        return mistake is not None

    def profile(self) -> None:
        """Note how the files are read, and what is wrong with the settings about it."""
        chosen = profile_of(self._config, self._environment, anew=self._looks_anew)
        self.mistakes += chosen.mistakes
        source = Source.DEFAULT
        if chosen.written is not None:
            source = Source.OWN if chosen.written.is_own else Source.COLLECTION
        elif chosen.place.startswith("$"):
            source = Source.ENVIRONMENT
        profile, named = chosen.profile, dict(chosen.named)
        self._found("profile", profile.name, source, chosen.place)
        status = DRAFT if profile.is_inverted else STATUS
        for ours, names in ((status, (profile.status_field,)), *profile.names):
            written = named.get(ours)
            source = Source.DEFAULT
            if written is not None:
                source = Source.OWN if written.is_own else Source.COLLECTION
            place = written.place if written is not None else "default"
            self._found(f"fields.{ours}", names, source, place)

    def keys(self) -> Keys:
        """Return the keys of all commands; note each, and what is wrong with `[keys]`."""
        wanted: dict[str, tuple[str, ...]] = {}
        place_of: dict[str, str] = {}
        for written in self._config.raw_settings:
            if written.name[0] != "keys":
                continue
            if self._is_refused(written):
                continue
            if len(written.name) == 1:
                remedy = 'Write [keys], then lines: publish = "F5".'
                self.mistakes.append(ConfigProblem(f"{written.place}: keys is no table.", remedy))
            else:
                self._take_key(written, wanted, place_of)
        keys, rejected_keys = without_clashes(wanted)
        for name, (key, owner) in rejected_keys.items():
            self._tell_clash(place_of[name], name, key, owner)
        for command in COMMANDS:
            is_changed = command.name in keys.changed
            source = Source.OWN if is_changed else Source.DEFAULT
            place = place_of[command.name] if is_changed else "default"
            value = keys.all_shown(command.name)
            self.values.append(Effective(f"keys.{command.id}", value, source, place))
        return keys

    def _take_key(
        self, written: RawSetting, wanted: dict[str, tuple[str, ...]], place_of: dict[str, str]
    ) -> None:
        id_ = current_word(Kind.COMMAND, written.name[1])
        is_old = id_ != written.name[1]
        if is_old and any(each.name == ("keys", id_) for each in self._config.raw_settings):
            return  # the entry with the new word wins
        try:
            name, keys = read_entry(id_, written.value)
        except KeyProblem as mistake:
            remedy = mistake.remedy
            if written.name[1] in SETTING_OF:
                remedy = "It is a setting: write it above the first [table]."
            self.mistakes.append(ConfigProblem(f"{written.place}: {mistake}", remedy))
            return
        if keys != default_keys(COMMAND_OF[name]):
            wanted[name] = keys
            place_of[name] = written.place

    def _tell_clash(self, place: str, name: str, key: str, owner: str) -> None:
        mine, theirs = COMMAND_OF[name], COMMAND_OF[owner]
        usual = " ".join(mine.shown_keys) or "the palette"
        message = (
            f"{place}: {shown_key(key)} is {theirs.title} already; {mine.title} stays {usual}."
        )
        remedy = f'Choose another key, or give {theirs.id} another: {theirs.id} = "F5".'
        self.mistakes.append(ConfigProblem(message, remedy))

    def unknown(self) -> None:
        """Note every name that means nothing."""
        known = (*SETTING_OF, *TABLES)
        for written in self._config.raw_settings:
            name = written.name[0]
            if name in TABLES or written.name in {(setting,) for setting in SETTING_OF}:
                continue
            if name in SETTING_OF:
                message = f"{name} is no table."
                remedy = f"Write a line: {SETTING_OF[name].example}"
            else:
                near = nearest(name, known)
                message = f"There is no setting {name}."
                remedy = f"Did you mean {near}?" if near else f"There are {', '.join(known)}."
            mistake = ConfigProblem(f"{written.place}: {message}", remedy)
            if mistake not in self.mistakes:
                self.mistakes.append(mistake)
