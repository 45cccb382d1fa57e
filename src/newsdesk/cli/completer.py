"""Complete the last word of a command line for bash, zsh and fish."""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from newsdesk.cli import main
from newsdesk.collection.files import SKIPPED_FOLDERS, has_suffix
from newsdesk.config import Config, load_config
from newsdesk.errors import Cancelled, NewsdeskError
from newsdesk.text import shown

if TYPE_CHECKING:
    from newsdesk.workspace.workspace import Workspace

DIRECTORIES, FILES = ":directories", ":files"
_ESCAPED = re.compile(r"([^\w@%+=:,./~-])")
_ESCAPED_IN_QUOTES = re.compile(r'(["\\$`])')
_BREAKS = ":=<>"  # bash starts a new word after each (COMP_WORDBREAKS)
_ENDS_WORD = "|&;"
_MAX_READING_SECONDS = 1.5  # of a collection without an index: Tab must answer at once


@dataclass(frozen=True, slots=True)
class Completion:
    """A word to insert and its description. Both may come from files.

    A `value` of `DIRECTORIES` or `FILES` without description makes the shell complete paths.
    """

    value: str
    description: str = ""

    @property
    def is_for_shell(self) -> bool:
        """Whether the shell completes paths itself."""
        return self.value in (DIRECTORIES, FILES) and not self.description


def complete_words(words: Sequence[str]) -> list[Completion]:
    """Return completions for the last of the words after `newsdesk`; never raises."""
    try:
        found = list(_fitting(list(words[:-1]), words[-1]))
    except (NewsdeskError, OSError):
        return []  # a message would disturb the command line that is being typed
    # A value that is not shown as it is would be read back as another value.
    return [each for each in found if shown(each.value) == each.value]


def complete_bash(line: str) -> list[Completion]:
    """Return completions for a line up to the cursor as bash inserts them.

    Values are quoted and begin after the last character of `_BREAKS`.
    """
    words, quote = split_line(line)
    typed = words[-1] if words else ""
    first = next((n for n, word in enumerate(words) if Path(word).name == "newsdesk"), 0)
    found = complete_words(words[first + 1 :] or [""])
    cut = 0 if quote else max(typed.rfind(char) for char in _BREAKS) + 1
    return [
        each
        if each.is_for_shell
        else Completion(_quoted_for_bash(quote, each.value[cut:]), each.description)
        for each in found
    ]


def complete_fish(words: Sequence[str]) -> list[Completion]:
    """Return completions for the last word, which fish passes with its open quote."""
    typed, _ = split_line(words[-1])
    return complete_words([*words[:-1], typed[-1]])


def _quoted_for_bash(quote: str, value: str) -> str:
    """Return a value quoted for bash, in an open quote or outside of quotes."""
    if not quote:
        return _ESCAPED.sub(r"\\\1", value)
    if quote == "'":
        escaped = value.replace("'", "'\\''")
    else:
        escaped = _ESCAPED_IN_QUOTES.sub(r"\\\1", value)
    # Readline closes the quote, but not if the last character is that quote.
    return escaped + quote if escaped.endswith(quote) else escaped


def split_line(line: str) -> tuple[list[str], str]:
    """Return the words of a line as a shell splits it, and the open quote or ''.

    The last word is the one being typed: empty after a space.
    """
    words, quote = [""], ""
    characters = iter(line)
    for char in characters:
        if char == "\\" and quote != "'":
            words[-1] += next(characters, "")
        elif quote:
            quote, added = ("", "") if char == quote else (quote, char)
            words[-1] += added
        elif char in "'\"":
            quote = char
        elif char.isspace():
            words += [""] if words[-1] else []
        elif char in _ENDS_WORD:
            words = [""]
        else:
            words[-1] += char
    return words, quote


def _fitting(before: list[str], typed: str) -> Iterator[Completion]:
    parser: argparse.ArgumentParser = main.top_parser()
    place = _Position(parser, before, stops_at_word=True)
    if place.words and place.words[0] in main.COMMANDS:
        start = before.index(place.words[0])
        top, (name, *rest) = place, before[start:]
        place = _Position(main.parser_of(name), rest)
        place.folder = place.folder or top.folder
    elif place.words:
        return
    yield from place.fitting(typed)


class _Position:
    """The position on a command line after options and words that are complete."""

    def __init__(
        self, parser: argparse.ArgumentParser, before: list[str], *, stops_at_word: bool = False
    ) -> None:
        self._parser = parser
        self.words: list[str] = []
        self.folder: str | None = None
        self._pending: argparse.Action | None = None  # the option whose value is next
        for word in before:
            if self._pending is not None:
                self._take(self._pending, word)
                self._pending = None
            elif (option := self._option(word.partition("=")[0])) is not None:
                if "=" in word:
                    self._take(option, word.partition("=")[2])
                elif option.nargs != 0:
                    self._pending = option
            else:
                self.words.append(word)
                if stops_at_word:
                    return

    def _option(self, word: str) -> argparse.Action | None:
        return self._parser._option_string_actions.get(word)

    def _take(self, option: argparse.Action, value: str) -> None:
        if option.dest == "collection":
            self.folder = value

    def fitting(self, typed: str) -> Iterator[Completion]:
        """Yield completions of the typed text at this position."""
        name, equals, value = typed.partition("=")
        if self._pending is not None:
            yield from self._values(self._pending, typed)
        elif equals and (option := self._option(name)) is not None and name.startswith("--"):
            for each in self._values(option, value):
                yield (
                    each
                    if each.is_for_shell
                    else Completion(f"{name}={each.value}", each.description)
                )
        else:
            if typed.startswith("-"):
                yield from self._options(typed)
            if (word := self._next_word()) is not None:
                yield from self._values(word, typed)

    def _options(self, typed: str) -> Iterator[Completion]:
        for name, option in self._parser._option_string_actions.items():
            if name.startswith(typed) and (len(name) > 2 or typed in (name, "-")):
                yield Completion(name, option.help or "")

    def _next_word(self) -> argparse.Action | None:
        """Return the next positional argument; the last one may repeat."""
        expected = [action for action in self._parser._actions if not action.option_strings]
        number = len(self.words)
        if number < len(expected):
            return expected[number]
        takes_more = expected and expected[-1].nargs in ("*", "+", argparse.REMAINDER)
        return expected[-1] if takes_more else None

    def _values(self, action: argparse.Action, typed: str) -> Iterator[Completion]:
        if action.dest == "words":
            yield from _beginning(
                ((n, description) for n, (_, description) in main.COMMANDS.items()), typed
            )
        if action.choices is not None:
            yield from _beginning(((str(choice), "") for choice in action.choices), typed)
        elif action.metavar == "DIR":
            yield Completion(DIRECTORIES)
        elif action.metavar == "FILE":
            yield Completion(FILES)
        elif action.metavar == "QUERY":
            yield from self._query(typed, within=action.option_strings == [])
        elif action.metavar == "PATH":
            config = self._config()
            yield from _paths(Path.cwd() if config.enclosing else config.collection, typed)
        elif action.dest in _VALUES:
            yield from _beginning(_VALUES[action.dest](self._config()), typed)

    def _config(self) -> Config:
        return load_config(self.folder)

    def _query(self, typed: str, *, within: bool) -> Iterator[Completion]:
        """Complete the last word of a query; with `within`, earlier words belong to it."""
        from newsdesk.index.query.completion import complete
        from newsdesk.workspace.editorial_state import QUERY_SETS

        text = " ".join([*self.words, typed] if within else [typed])
        start = len(text) - len(typed)
        with _values_of(self._config()) as values:
            for each in complete(text, len(text), values, sets=QUERY_SETS):
                if each.start >= start:
                    description = each.label if each.count is None else f"{each.count:,} articles"
                    value = typed[: each.start - start] + each.text
                    yield Completion(value, description if each.label != each.text else "")


def _beginning(pairs: Iterable[tuple[str, str]], typed: str) -> Iterator[Completion]:
    return (
        Completion(value, description) for value, description in pairs if value.startswith(typed)
    )


def _paths(root: Path, typed: str) -> Iterator[Completion]:
    """Yield folders and articles of the collection that begin with the typed path."""
    folder, slash, name = typed.rpartition("/")
    if os.path.isabs(typed) or ".." in folder.split("/"):
        return
    with os.scandir(root / folder) as entries:
        found = [entry for entry in entries if entry.name.startswith(name)]
    for entry in sorted(found, key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield Completion(f"{folder}{slash}{entry.name}/", "folder")
        elif has_suffix(entry.name):
            yield Completion(f"{folder}{slash}{entry.name}", "article")


def _values_of(config: Config) -> closing[_FieldValues]:
    return closing(_FieldValues(config))


class _FieldValues:
    """Read the values of a field from the existing index, without a refresh.

    Without an index the files are read for `_MAX_READING_SECONDS` into a temporary one, because
    Tab may be pressed in any folder and must not leave files behind.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._workspace: Workspace | None = None
        self._closing = ExitStack()

    def __call__(self, field: str) -> list[tuple[str, int]]:
        self._workspace = self._workspace or self._opened()
        return self._workspace.values_of(field)

    def _opened(self) -> Workspace:
        from newsdesk.workspace.workspace import Workspace

        index = self._config.index_path
        if any(index.parent.glob(f"{index.stem}*")):  # each profile has its own suffix
            return self._closing.enter_context(closing(Workspace(self._config)))
        folder = self._closing.enter_context(TemporaryDirectory(prefix="newsdesk-"))
        config = replace(self._config, cache_folder=Path(folder))
        workspace = self._closing.enter_context(closing(Workspace(config)))
        ends_at = time.monotonic() + _MAX_READING_SECONDS
        with suppress(Cancelled):
            workspace.refresh(is_cancelled=lambda: time.monotonic() > ends_at)
        return workspace

    def close(self) -> None:
        self._closing.close()


def _views(config: Config) -> Iterator[tuple[str, str]]:
    from newsdesk.workspace.settings.saved_views import usable_views
    from newsdesk.workspace.views import SAVED, VIEWS

    for view in (*VIEWS, *SAVED, *usable_views(config)[0]):
        yield view.name, view.query


def _themes(config: Config) -> Iterator[tuple[str, str]]:
    from newsdesk.workspace.settings.definitions import THEMES

    return ((name, "") for name in THEMES)


def _orders(config: Config) -> Iterator[tuple[str, str]]:
    from newsdesk.index.query.ast import SORT_FIELDS

    for name in SORT_FIELDS:
        yield name, ""
        yield from ((f"{name}-{way}", "") for way in ("asc", "desc"))


def _link_fields(config: Config) -> Iterator[tuple[str, str]]:
    from newsdesk.links.extract import ALL_FIELDS

    return ((name, "") for name in ("default", "images", "all", *sorted(ALL_FIELDS)))


_VALUES: dict[str, Callable[[Config], Iterator[tuple[str, str]]]] = {
    "view": _views,
    "theme": _themes,
    "sort": _orders,
    "fields": _link_fields,
}
