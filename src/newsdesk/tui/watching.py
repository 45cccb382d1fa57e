"""Keep the desk true to the disk while it is open."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from newsdesk.collection.watch import watch
from newsdesk.desk.desk import Desk
from newsdesk.tui.messages import FilesChanged

if TYPE_CHECKING:
    from newsdesk.tui.desk_base import DeskBase


class Watching:
    """Reads changed files again as they change; a large change is left to a refresh."""

    def __init__(self, screen: DeskBase, desk: Desk) -> None:
        self._screen = screen
        self._desk = desk
        self._stop = threading.Event()

    def start(self) -> None:
        """Watch until `stop` is called."""
        self._screen.run_worker(self._run, thread=True, group="watch", exit_on_error=False)

    def stop(self) -> None:
        """Stop watching; takes up to half a second to be noticed, nobody waits for it."""
        self._stop.set()

    def _run(self) -> None:
        root = self._desk.config.collection
        for changes in watch(root, self._stop):
            if self._stop.is_set():
                return
            if changes.too_many:
                self._screen.post_message(FilesChanged(0, 0, is_large=True))
                continue
            before = self._desk.ids_of(changes.paths)
            if self._desk.are_as_indexed(changes.paths):
                continue  # most likely our own writing
            after = dict.fromkeys(self._desk.reread(changes.paths))
            added = len(set(after).difference(before.values()))
            self._screen.post_message(FilesChanged(len(changes.paths) - added, added))
