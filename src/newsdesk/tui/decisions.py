"""Carry out decisions from the desk: in the order of the keys, never cancelled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from newsdesk.desk.desk import Desk
from newsdesk.desk.triage import Action
from newsdesk.errors import NewsdeskError
from newsdesk.text import counted, shown
from newsdesk.tui.messages import ArticlesChanged, NothingToDo, WorkFailed

if TYPE_CHECKING:
    from newsdesk.tui.desk_screen import DeskScreen

_DONE = {
    "publish": "Published",
    "unpublish": "Back to draft",
    "undo publish": "Taken back, a draft again",
    "undo unpublish": "Taken back, published again",
}
_log = logging.getLogger(__name__)


class Decisions:
    """Queues decisions on one thread and posts what became of them to the screen."""

    def __init__(self, screen: DeskScreen, desk: Desk) -> None:
        self._screen = screen
        self._desk = desk
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="newsdesk-writer")

    def carry_out(self, decision: Callable[[], Action | None], nothing: str = "") -> None:
        """Carry out a decision after those before it; `nothing` is said if it returns None."""
        self._writer.submit(self._run, decision, nothing)

    def finish(self) -> None:
        """Wait for what is queued; called on leaving."""
        self._writer.shutdown(wait=True)

    def _run(self, decision: Callable[[], Action | None], nothing: str) -> None:
        post = self._screen.post_message
        try:
            action = decision()
            if action is None:
                post(NothingToDo(nothing))
                return
            ids = self._desk.ids_of(outcome.path for outcome in action.outcomes)
            post(ArticlesChanged(action, ids))
        except NewsdeskError as error:
            post(WorkFailed(error))
        except Exception as error:
            _log.exception("A decision failed")
            post(WorkFailed(NewsdeskError(f"This did not work: {error}.", "The log has more.")))

    def describe(self, action: Action) -> tuple[str, str]:
        """Return what was done in a sentence, and its state: `good`, `bad` or empty."""
        if action.refused:
            refused = action.refused[0]
            more = f" (and {len(action.refused) - 1} more)" if len(action.refused) > 1 else ""
            return f"Not written: {refused.reason}{more}", "bad"
        if not action.changed:
            return action.outcomes[0].reason if action.outcomes else "Nothing to do.", ""
        if len(action.changed) == 1:
            what = shown(self._title_of(action.changed[0]))
            what = what if len(what) <= 60 else what[:59] + "…"
        else:
            what = counted(len(action.changed), "article")
        again = "Ctrl+R does it again" if action.verb.startswith("undo") else "u undo"
        return f"{_DONE.get(action.verb, action.verb)}: {what} · {again}", "good"

    def _title_of(self, path: str) -> str:
        rows = self._desk.rows(list(self._desk.ids_of([path]).values()))
        return rows[0].title if rows else path
