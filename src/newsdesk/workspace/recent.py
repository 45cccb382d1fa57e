"""What a person used last, to be offered first: collections, and commands of the palette."""

from __future__ import annotations

import os
from pathlib import Path

from newsdesk.config import Config
from newsdesk.workspace.history import History
from newsdesk.workspace.settings.aliases import Kind, current_word

_MOST_COLLECTIONS = 9


class Recent:
    """Kept in the state folder: the paths of folders, the ids of commands, nothing else.

    Everything here reads or writes a file. Nothing raises.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._collections = History(config.collections_path)
        self._commands = History(config.commands_path)

    @property
    def is_first_use(self) -> bool:
        """Whether no decision was ever made: what writes the first one makes a journal."""
        return not any(self._config.state_folder.glob("*.journal.db"))

    # -- collections -----------------------------------------------------------------------

    def remember_collection(self) -> None:
        """Make the collection that is open the newest one."""
        entry = _entry(self._config.collection)
        if self._collections.read()[-1:] != [entry]:
            self._collections.remember(entry)

    def other_collections(self) -> list[Path]:
        """Return the folders of collections that were opened, the newest first, not this one.

        Those that are gone are forgotten for good.
        """
        entries = self._collections.drop(_is_gone)
        own = _entry(self._config.collection)
        others = [Path(entry) for entry in reversed(entries) if entry != own]
        return others[:_MOST_COLLECTIONS]

    # -- commands --------------------------------------------------------------------------

    def remember_command(self, id_: str) -> None:
        """Make a command the newest one."""
        self._commands.remember(id_)

    def commands(self) -> list[str]:
        """Return the ids of commands, the newest first."""
        ids = self._commands.read()[::-1]
        return list(dict.fromkeys(current_word(Kind.COMMAND, id_) for id_ in ids))


def _entry(folder: Path) -> str:
    # A name may end with a space, which a history takes away.
    return f"{folder}{os.sep}"


def _is_gone(entry: str) -> bool:
    try:
        return not os.path.isabs(entry) or not Path(entry).is_dir()
    except (OSError, ValueError):  # not to be looked at, or no path at all
        return True
