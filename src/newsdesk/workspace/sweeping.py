"""Remove temporary files of writes that were not finished, or whose removal failed once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from newsdesk.collection import atomic_write
from newsdesk.config import SettingsError, parse_settings
from newsdesk.enclosing import COLLECTION_FILE
from newsdesk.workspace.journal import Journal
from newsdesk.workspace.settings.saved_views import with_view
from newsdesk.workspace.triage import is_ours


def sweep(root: Path, folders: Iterable[str], journal: Journal | None) -> list[str]:
    """Remove temporary files in folders of the collection; return the paths of what went.

    One goes if nothing of anybody else's is in it: it is what the file holds, or the journal
    knows its content, or it differs from the file by one saved view. Others are put back, or
    kept; see `replacing.sweep`.
    """

    def holds_nothing_else(path: str, leftover: bytes, current: bytes) -> bool:
        if leftover == current:
            return True
        if path == COLLECTION_FILE:
            return _differ_by_a_view(leftover, current) or _differ_by_a_view(current, leftover)
        changes = journal.changes_of(path) if journal else ()
        return any(is_ours({path: change}, path, leftover, current) for change in changes)

    return [
        path
        for folder in sorted(folders)
        for path in atomic_write.sweep_folder(root, folder, holds_nothing_else)
    ]


def _differ_by_a_view(before: bytes, after: bytes) -> bool:
    """Return whether saving one view makes the one text of the other."""
    with suppress(SettingsError, UnicodeError):
        old, new = before.decode("utf-8"), after.decode("utf-8")
        views, saved = (parse_settings(text).get("views", {}) for text in (old, new))
        if isinstance(views, dict) and isinstance(saved, dict):
            names = [name for name, query in saved.items() if views.get(name) != query]
            return len(names) == 1 and with_view(old, names[0], str(saved[names[0]])) == new
    return False
