"""Views of the person's own: which there are, found by name, saved into the collection's file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from newsdesk.collection import atomic_write, files
from newsdesk.config import (
    MAX_BYTES,
    Config,
    ConfigProblem,
    SettingsError,
    is_views_header,
    parse_settings,
    view_lines,
)
from newsdesk.enclosing import COLLECTION_FILE
from newsdesk.errors import QueryError, UsageError, WriteRefused
from newsdesk.index.query.parser import parse
from newsdesk.suggest import nearest
from newsdesk.text import shown
from newsdesk.workspace.editorial_state import QUERY_SETS
from newsdesk.workspace.views import SAVED, VIEWS, View

MAX_NAME = 60  # characters
_MOST_TRIED = 8  # places in a file; a plain one has one
_ALWAYS = (*VIEWS, *SAVED)
_BUILT_IN = {view.name.casefold() for view in _ALWAYS}
_LINE_END = re.compile(r"(?<=\n)")
_VALUE = re.compile(r"""([^\n]*?=[ \t]*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*')([ \t]*(?:\#[^\n]*)?\s*)""")


def usable_views(config: Config) -> tuple[list[View], list[ConfigProblem]]:
    """Return the views whose queries parse, by name, and everything wrong with the others."""
    views: list[View] = []
    mistakes = list(config.problems)
    for saved in config.views:
        if saved.name.casefold() in _BUILT_IN or not saved.name.strip():
            message = f"{saved.place}: No view of your own can be called {saved.name or 'nothing'}."
            mistakes.append(ConfigProblem(message, "Give it another name.", saved.name))
            continue
        try:
            parse(saved.query, sets=QUERY_SETS)
        except QueryError as error:
            message = f"{saved.place}: The view {saved.name} does not parse: {error.message}"
            mistakes.append(ConfigProblem(message, error.remedy, saved.name))
        else:
            views.append(View("", saved.name, saved.query))
    return sorted(views, key=lambda view: view.name.casefold()), mistakes


def view_named(config: Config, name: str) -> View:
    """Return the view of that name, built-in or saved; case matters only between two.

    Raises `UsageError` with the nearest name, or with what is wrong with the view.
    """
    saved, mistakes = usable_views(config)
    views = [*_ALWAYS, *saved]
    for view in views:
        if view.name == name:
            return view
    for view in views:
        if view.name.casefold() == name.casefold():
            return view
    for mistake in mistakes:
        if mistake.view in ("", name):
            raise UsageError(mistake.message, mistake.remedy)
    names = {view.name.casefold(): view.name for view in views}
    near = nearest(name, names)
    remedy = f"Did you mean {names[near]}?" if near else f"There are {', '.join(names.values())}."
    raise UsageError(f"There is no view {name or 'without a name'}.", remedy)


def checked_name(name: str) -> str:
    """Return a name for a view as it is written down; raises `UsageError`."""
    name = " ".join(name.split())
    if not name:
        raise UsageError("A view needs a name.")
    if len(name) > MAX_NAME:
        raise UsageError(f"A name has at most {MAX_NAME} characters.")
    if shown(name) != name:
        raise UsageError("There is something invisible in this name.")
    if name.casefold() in _BUILT_IN:
        raise UsageError(f"{name} is a view already.", "Choose another name.")
    return name


def save_view(root: Path, name: str, query: str) -> None:
    """Write a view into the collection's file; every byte that is not the view's stays.

    Raises `UsageError` for the name, `WriteRefused` where the file cannot be edited safely.
    """
    name = checked_name(name)
    if not os.path.lexists(root / COLLECTION_FILE):
        _create(root)
    before = files.read_whole(root, COLLECTION_FILE)
    try:
        if len(before) > MAX_BYTES:
            raise SettingsError("It is too large for settings.", "")
        after = with_view(before.decode("utf-8"), name, query).encode("utf-8")
    except (SettingsError, UnicodeError) as error:
        line = getattr(error, "line", 0)
        place = f"{COLLECTION_FILE}, line {line}" if line else COLLECTION_FILE
        what = str(error) if isinstance(error, SettingsError) else "It is no UTF-8."
        raise WriteRefused(
            f"The view was not saved. {place}: {what}", "Mend the file, then save again."
        ) from None
    atomic_write.replace(root, COLLECTION_FILE, before, after)


def _create(root: Path) -> None:
    """Make an empty file, unless somebody else is faster."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with suppress(FileExistsError):
            os.close(os.open(root / COLLECTION_FILE, flags, 0o666))
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefused(f"{COLLECTION_FILE} cannot be written: {reason}.") from error


def with_view(text: str, name: str, query: str) -> str:
    """Return the text of a file of settings with a view added or its query replaced.

    Nothing else changes: a place is tried, and taken if the whole then reads as it did but for
    the view. Raises `SettingsError` if the text is no TOML, or no place is found.
    """
    tables = parse_settings(text)
    views = tables.get("views", {})
    if not isinstance(views, dict):
        raise SettingsError("views is no table.", "")
    wanted = {**tables, "views": {**views, name: query}}
    edits = _replaced if name in views else _added
    for edited in islice(edits(text, name, query), _MOST_TRIED):
        with suppress(SettingsError):
            if parse_settings(edited) == wanted:
                return edited
    raise SettingsError("There is no place for another view that is understood.", "")


def _replaced(text: str, name: str, query: str) -> Iterator[str]:
    lines = _LINE_END.split(text)
    number = view_lines(text).get(name, 0)
    if number and (found := _VALUE.fullmatch(lines[number - 1])):
        lines[number - 1] = found[1] + _string(query) + found[3]
        yield "".join(lines)


def _added(text: str, name: str, query: str) -> Iterator[str]:
    lines = _LINE_END.split(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    entry = f"{_string(name)} = {_string(query)}{newline}"
    heads = [number for number, line in enumerate(lines) if is_views_header(line)]
    for head in heads:
        for place in (_end_of_table(lines, head), head + 1):
            yield _inserted(lines, place, entry, newline)
    for number in view_lines(text).values():  # views."Hot AI" = "…", without a table's head
        yield _inserted(lines, number, f"views.{entry}", newline)
    gap = newline if text.strip() else ""
    yield _inserted(lines, len(lines), f"{gap}[views]{newline}{entry}", newline)


def _end_of_table(lines: list[str], head: int) -> int:
    """Return the place behind the last line of a table that says something."""
    end = head + 1
    for number in range(head + 1, len(lines)):
        line = lines[number].strip()
        if line.startswith("["):
            break
        if line and not line.startswith("#"):
            end = number + 1
    return end


def _inserted(lines: list[str], place: int, entry: str, newline: str) -> str:
    before = "".join(lines[:place])
    if before and not before.endswith("\n"):
        before += newline
    return before + entry + "".join(lines[place:])


def _string(text: str) -> str:
    """Return a basic string of TOML: JSON's escapes are all among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
