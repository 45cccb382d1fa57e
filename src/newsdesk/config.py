"""Where things lie and what the person set: flag over environment over file over default."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from newsdesk.enclosing import COLLECTION_FILE, EnclosingCollection, find_enclosing_collection

USER_FILE = "config.toml"  # in the person's own settings folder, for all collections
MAX_BYTES = 64 * 1024  # a larger file of settings is none; tomllib is slow on hostile ones
_PLACE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A named query as it stands in a file; `line` is 0 where it is not known.

    `is_own` tells a view of the person from one of the collection.
    """

    name: str
    query: str
    file: Path
    line: int = 0
    is_own: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for a person: `.newsdesk.toml, line 3`."""
        return _place(self.file, self.line, self.is_own)


@dataclass(frozen=True, slots=True)
class RawSetting:
    """A setting as it stands in a file, not judged yet.

    `name` are the names that lead to it: `("theme",)`, `("keys", "publish")`; `line` is 0 where
    it is not known. `is_own` tells the person's own file from that of the collection, which
    may come from strangers.
    """

    name: tuple[str, ...]
    value: object
    file: Path
    line: int = 0
    is_own: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for a person: `.newsdesk.toml, line 3`."""
        return _place(self.file, self.line, self.is_own)


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something in a file that cannot be used: what, where, and what to do.

    `view` is the name of the view it is about, empty where it is about the whole file.
    `blocks_writing` says that nobody knows without it what is to be written. All of it may
    quote foreign text.
    """

    message: str
    remedy: str
    view: str = ""
    blocks_writing: bool = False

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is known before a collection is opened.

    `collection` is the resolved folder; `cache_folder` holds what may be deleted at any time,
    `state_folder` what may not: the journal and the log. `views` come from the files of the
    person and of the collection, each name once; `raw_settings` is everything else that stands in
    them, the person's first; `problems` are what those files got wrong. `flags` are settings
    of the command line, by name. `enclosing` says why a folder above the current one was taken for
    the collection; None where it was named, or is the current one.
    """

    collection: Path
    cache_folder: Path
    state_folder: Path
    views: tuple[SavedView, ...] = ()
    problems: tuple[ConfigProblem, ...] = ()
    raw_settings: tuple[RawSetting, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    enclosing: EnclosingCollection | None = None

    @property
    def key(self) -> str:
        """A name for the collection's own files: its folder's name and a hash of its path."""
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", self.collection.name).strip("-.") or "root"
        return f"{name[:40]}-{hashlib.sha256(os.fsencode(self.collection)).hexdigest()[:12]}"

    @property
    def index_path(self) -> Path:
        """The SQLite file of the index: a cache."""
        return self.cache_folder / f"{self.key}.index.db"

    @property
    def verdicts_path(self) -> Path:
        """The SQLite file of the link verdicts: a cache."""
        return self.cache_folder / f"{self.key}.links.db"

    @property
    def images_folder(self) -> Path:
        """The folder of small copies of pictures, of all collections: a cache."""
        return self.cache_folder / "pictures"

    @property
    def journal_path(self) -> Path:
        """The SQLite file of decisions: the only one that must not be lost."""
        return self.state_folder / f"{self.key}.journal.db"

    @property
    def commit_path(self) -> Path:
        """The text file that says which commit is being made, there only meanwhile."""
        return self.state_folder / f"{self.key}.commit"

    @property
    def history_path(self) -> Path:
        """The text file of the queries that were asked here."""
        return self.state_folder / f"{self.key}.history"

    @property
    def commands_path(self) -> Path:
        """The text file of the commands that were chosen in the palette."""
        return self.state_folder / "commands.history"

    @property
    def collections_path(self) -> Path:
        """The text file of the collections that were opened."""
        return self.state_folder / "collections.history"

    @property
    def log_path(self) -> Path:
        """The text file that tracebacks go to."""
        return self.state_folder / "newsdesk.log"


def load_config(folder: str | None = None, flags: Mapping[str, str] | None = None) -> Config:
    """Return the settings for a folder, or for the collection that is meant without one.

    That is `$NEWSDESK_COLLECTION`, else the collection that the current folder is in, else the
    current folder. `flags` are settings of the command line, by name. Never raises for what
    stands in a file: that is in `problems`.
    """
    chosen = folder or os.environ.get("NEWSDESK_COLLECTION")
    config = Config(
        collection=Path(chosen or ".").expanduser().resolve(),
        cache_folder=_folder("XDG_CACHE_HOME", "user_cache_path"),
        state_folder=_folder("XDG_STATE_HOME", "user_state_path"),
        flags=tuple((flags or {}).items()),
    )
    if not chosen and (found := _enclosing(config)):
        config = replace(config, collection=found.folder, enclosing=found)
    return reload_settings(config)


def _enclosing(config: Config) -> EnclosingCollection | None:
    """Return the collection that the folder of a configuration is in."""
    try:
        indexes = [file.name for file in config.cache_folder.iterdir()]
    except OSError:
        indexes = []

    def has_decisions(folder: Path) -> bool:
        return replace(config, collection=folder).journal_path.exists()

    def was_opened(folder: Path) -> bool:
        beginning = replace(config, collection=folder).index_path.stem
        return any(name.startswith(beginning) for name in indexes)

    return find_enclosing_collection(config.collection, has_decisions, was_opened)


def reload_settings(config: Config) -> Config:
    """Return the settings with what the files say now; the collection's wins over the user's."""
    views: dict[str, SavedView] = {}
    written: list[RawSetting] = []
    problems: list[ConfigProblem] = []
    for file, is_own in settings_files(config.collection):
        for found in _read_file(file, is_own):
            if isinstance(found, ConfigProblem):
                problems.append(found)
                views.pop(found.view, None)  # no other may stand in for the one that was meant
            elif isinstance(found, RawSetting):
                written.append(found)
            else:
                views[found.name] = found
    return replace(
        config, views=tuple(views.values()), problems=tuple(problems), raw_settings=tuple(written)
    )


def settings_files(collection: Path) -> tuple[tuple[Path, bool], ...]:
    """Return (file, whether it is the person's own) for both files of settings, there or not."""
    return ((user_folder() / USER_FILE, True), (collection / COLLECTION_FILE, False))


def user_folder() -> Path:
    """Return the folder of the person's own settings."""
    if sys.platform in ("win32", "darwin") or os.path.isabs(os.environ.get("XDG_CONFIG_HOME", "")):
        return _folder("XDG_CONFIG_HOME", "user_config_path")
    # What platformdirs says here, without loading it at every start.
    return Path("~/.config/newsdesk").expanduser()


def _read_file(file: Path, is_own: bool) -> Iterator[SavedView | RawSetting | ConfigProblem]:
    try:
        text = read_settings(file)
        if text is None:
            return
        tables = parse_settings(text)
    except SettingsError as error:
        place = _place(file, error.line, is_own)
        yield ConfigProblem(f"{place}: {error}", error.remedy, blocks_writing=True)
        return
    lines = setting_lines(text)
    for name, value in tables.items():
        if name == "views":
            yield from _views_in(value, lines, file, is_own)
        elif isinstance(value, dict):
            yield from (
                RawSetting((name, entry), each, file, lines.get((name, entry), 0), is_own)
                for entry, each in value.items()
            )
        else:
            yield RawSetting((name,), value, file, lines.get((name,), 0), is_own)


def _views_in(
    views: object, lines: Mapping[tuple[str, ...], int], file: Path, is_own: bool
) -> Iterator[SavedView | ConfigProblem]:
    if not isinstance(views, dict):
        remedy = 'Write [views], then lines: "Name" = "query".'
        yield ConfigProblem(f"{_place(file, 0, is_own)}: views is no table.", remedy)
        return
    for name, query in views.items():
        line = lines.get(("views", name), 0)
        if isinstance(query, str):
            yield SavedView(name, query, file, line, is_own)
        else:
            place = _place(file, line, is_own)
            remedy = f'Write a query in quotes: "{name}" = "topic:AI".'
            yield ConfigProblem(f"{place}: The view {name} is no text.", remedy, name)


def _place(file: Path, line: int, is_own: bool) -> str:
    # The collection's is at hand; nobody knows by heart where their own lies.
    name = str(file) if is_own else file.name
    return f"{name}, line {line}" if line else name


class SettingsError(ValueError):
    """A file of settings cannot be used; `line` is 0 where it is not known."""

    def __init__(self, message: str, remedy: str, line: int = 0) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.line = line


def read_settings(file: Path) -> str | None:
    """Return the text of a file of settings; None if there is none.

    Raises `SettingsError` for what is no regular file, too large, unreadable, or no UTF-8.
    """
    try:
        # Without waiting: the name may belong to a FIFO.
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"It cannot be read ({error.strerror}).", "It is ignored.") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise SettingsError("It is no regular file.", "It is ignored.")
        content = os.read(handle, MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > MAX_BYTES:
        raise SettingsError("It is too large for settings.", "It is ignored.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError("It is no UTF-8.", "Save it as UTF-8.", line) from None


def parse_settings(text: str) -> dict[str, object]:
    """Return the tables of a file of settings; raises `SettingsError` with the line."""
    import tomllib  # only who has such a file pays for it

    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number may be too long even for Python
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        what = _PLACE.sub("", str(error))
        raise SettingsError(f"This is no TOML: {what}.", "Nothing in it counts.", line) from None
    except RecursionError:
        raise SettingsError("It is nested too deeply.", "Nothing in it counts.") from None


def setting_lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the names that lead to a setting -> number of its line, from 1.

    Settings that begin on lines of their own: `publish` in a table `[keys]` is
    `("keys", "publish")`, and so is `keys.publish`.
    """
    numbers: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = next(_paths(_keys_of(stripped)), table)
        elif "=" in stripped:
            for path in _paths(_keys_of(stripped)):
                numbers.setdefault((*table, *path)[:2], number)
    return numbers


def view_lines(text: str) -> dict[str, int]:
    """Return name -> number of its line, from 1, for views that begin on lines of their own."""
    return {
        path[1]: line
        for path, line in setting_lines(text).items()
        if path[0] == "views" and path[1:]
    }


def _paths(table: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    """Yield the names that lead to each value; to an empty table too."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from ((name, *path) for path in _paths(value))
        else:
            yield (name,)


def is_views_header(line: str) -> bool:
    """Tell whether a line is the head of the table of views."""
    return bool(re.fullmatch(r"""\s*\[\s*(?:views|"views"|'views')\s*\]\s*(?:#.*)?\s*""", line))


def _keys_of(line: str) -> Mapping[str, object]:
    # A value that goes on for lines begins like an empty one.
    for text in (line, line.partition("=")[0] + "= 0"):
        try:
            return parse_settings(text)
        except SettingsError:
            continue
    return {}


def _folder(variable: str, function: str) -> Path:
    # The variables mean the same on every system; platformdirs honours them on Linux only.
    base = os.environ.get(variable, "")
    if os.path.isabs(base):
        return Path(base) / "newsdesk"
    import platformdirs

    path: Path = getattr(platformdirs, function)("newsdesk", appauthor=False)
    return path
