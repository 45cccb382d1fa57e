"""Where things lie and what the person set: flag over environment over default."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is known before a collection is opened.

    `collection` is the resolved folder; `cache_folder` holds what may be deleted at any time,
    `state_folder` what may not: the journal and the log.
    """

    collection: Path
    cache_folder: Path
    state_folder: Path

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
    def journal_path(self) -> Path:
        """The SQLite file of decisions: the only one that must not be lost."""
        return self.state_folder / f"{self.key}.journal.db"

    @property
    def log_path(self) -> Path:
        """The text file that tracebacks go to."""
        return self.state_folder / "newsdesk.log"


def load_config(folder: str | None = None) -> Config:
    """Return the settings for a folder, for `$NEWSDESK_COLLECTION`, or for the current folder."""
    chosen = folder or os.environ.get("NEWSDESK_COLLECTION") or "."
    return Config(
        collection=Path(chosen).expanduser().resolve(),
        cache_folder=_folder("XDG_CACHE_HOME", "user_cache_path"),
        state_folder=_folder("XDG_STATE_HOME", "user_state_path"),
    )


def _folder(variable: str, function: str) -> Path:
    # The variables mean the same on every system; platformdirs honours them on Linux only.
    base = os.environ.get(variable, "")
    if os.path.isabs(base):
        return Path(base) / "newsdesk"
    import platformdirs

    path: Path = getattr(platformdirs, function)("newsdesk", appauthor=False)
    return path
