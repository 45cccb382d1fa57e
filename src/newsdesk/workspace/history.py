"""What was used before, to be used again: queries that were asked, folders that were opened."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

MAX_ENTRIES = 200
MAX_ENTRY_CHARACTERS = 2_000  # a longer query was pasted, and is not asked again by hand
_MAX_BYTES = 2 * 1024 * 1024

_log = logging.getLogger(__name__)


def remembered(history: Sequence[str], text: str) -> list[str]:
    """Return the history with a text as its newest entry, each text once."""
    text = text.strip()
    if not text or len(text) > MAX_ENTRY_CHARACTERS:
        return list(history)
    return [*(entry for entry in history if entry != text), text][-MAX_ENTRIES:]


class History:
    """A file with one JSON string per line, the newest last. Nothing here ever raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> list[str]:
        """Return the entries, the newest last; none if the file cannot be read."""
        try:
            with self._path.open("rb") as file:
                lines = file.read(_MAX_BYTES).decode("utf-8").split("\n")
        except (OSError, ValueError):
            return []
        entries: list[str] = []
        for line in lines:
            with suppress(ValueError, RecursionError):
                entry = json.loads(line)
                if isinstance(entry, str):
                    entries = remembered(entries, entry)
        return entries

    def remember(self, text: str) -> None:
        """Make a text the newest entry. Others may have been written meanwhile: they stay."""
        with self._lock:
            self._write(remembered(self.read(), text))

    def drop(self, is_stale: Callable[[str], bool]) -> list[str]:
        """Drop the entries that are stale; return the others, the newest last."""
        with self._lock:
            entries = self.read()
            kept = [entry for entry in entries if not is_stale(entry)]
            if len(kept) < len(entries):
                self._write(kept)
        return kept

    def _write(self, entries: Sequence[str]) -> None:
        content = "".join(json.dumps(entry) + "\n" for entry in entries)
        temporary = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(content)
            temporary.replace(self._path)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._path, error)
            with suppress(OSError):
                temporary.unlink()
