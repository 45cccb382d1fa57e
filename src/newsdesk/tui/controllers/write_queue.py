"""Run decisions on one thread, in the order of the keys, and report their results."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from newsdesk.collection.article import Status
from newsdesk.errors import NewsdeskError, SessionRunning
from newsdesk.text import counted
from newsdesk.tui.controllers.main_view import Decide, MainView
from newsdesk.tui.messages import (
    ArticlesChanged,
    NothingToDo,
    OtherSessionFound,
    WorkFailed,
    WriteAdvanced,
)
from newsdesk.tui.safe_text import shown
from newsdesk.tui.widgets.url_lines import without_middle
from newsdesk.workspace.keymap.commands import COMMAND_OF
from newsdesk.workspace.outcomes import PUBLISH_BEST
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.workspace.outcomes import Action

# What was done to `{what}`: a title or a number of articles, with `{be}`, is or are.
_DONE = {
    "publish": "Published {what}",
    "unpublish": "Unpublished {what}",
    "reject": "Rejected {what}",
    "no reject": "No longer rejected: {what}",
    "later": "For later: {what}",
    "no later": "Back in the queue: {what}",
    "star": "Starred {what}",
    "no star": "Star removed: {what}",
    "note": "Note saved: {what}",
    "undo publish best": "Undone: story unpublished again",
    "split story": "Removed from its story: {what}",
    "undo split story": "Undone: back in the story: {what}",
    "join story": "Added to the story: {what}",
    "undo join story": "Undone: removed from the story: {what}",
    "repair": "URL replaced: {what}",
    "undo repair": "Undone: old URL restored: {what}",
    "undo publish": "Undone: {what} {be} unpublished again",
    "undo unpublish": "Undone: {what} {be} published again",
}
_STILL_PUBLISHED = {"reject": "Rejected", "later": "For later"}
_log = logging.getLogger(__name__)
MAX_MESSAGE = 54  # characters: at 80 columns the counts of the session stand beside it
MAX_PATH_CELLS = 32  # of a path in a message


class WriteQueue:
    """Queues decisions, which are never cancelled, and posts their results to the screen."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="newsdesk-writer")
        self._stop = threading.Event()
        self._total = 0  # files of the running decision
        self._last: Future[None] | None = None  # the newest decision

    @property
    def is_idle(self) -> bool:
        """Whether all decisions have been carried out and reported."""
        return self._last is None or self._last.done()

    def carry_out(self, decide: Decide, nothing: str = "", *, name: str = "") -> None:
        """Queue a decision; `nothing` is the message if it returns None.

        `decide` gets a function to report progress, and one that returns whether to stop.
        """
        self._last = self._writer.submit(self._run, decide, nothing, name)

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call back on the event loop once the decisions queued now have been carried out."""
        self._writer.submit(self._screen.app.call_from_thread, callback)

    def stop(self) -> bool:
        """Stop a decision about many files after the current file; False if there is none."""
        if self._total <= 1 or self._stop.is_set():
            return False
        self._stop.set()
        return True

    def finish(self) -> None:
        """Wait for the queued decisions; called on quitting."""
        self._writer.shutdown(wait=True)

    def _run(self, decide: Decide, nothing: str, name: str) -> None:
        post = self._screen.post_message
        self._stop.clear()

        def advanced(done: int, total: int) -> None:
            self._total = total
            post(WriteAdvanced(name, done, total))

        try:
            action = decide(advanced, self._stop.is_set)
            if action is None:
                post(NothingToDo(nothing))
                return
            paths = [outcome.path for outcome in action.outcomes]
            post(ArticlesChanged(action, *self._workspace.ids_and_generation(paths)))
        except SessionRunning as error:
            post(OtherSessionFound(error, is_redo=name == "redo"))
        except NewsdeskError as error:
            post(WorkFailed(error))
        except Exception as error:
            _log.exception("A decision failed")
            post(WorkFailed(NewsdeskError(f"The command failed: {error}.", "See the log.")))
        finally:
            self._total = 0

    def describe(self, action: Action, more: str = "") -> tuple[str, str]:
        """Return a message about what was done, and its state: `good`, `bad` or empty.

        `more` is what there is to say about it beside.
        """
        keys = self._screen.keys
        if action.refused:
            refused = action.refused[0]
            if refused.is_outdated:
                return self._outdated_message(action), "bad"
            more = f" (and {len(action.refused) - 1} more)" if len(action.refused) > 1 else ""
            what = "Not undone" if action.verb.startswith("undo ") else "Not written"
            # The reason comes after the path: a long path would hide it.
            path = without_middle(shown(refused.path), MAX_PATH_CELLS)
            reason = refused.reason.replace(refused.path, path)
            return f"{what}: {keys.with_keys(reason)}{more}", "bad"
        if not action.changed:
            return action.outcomes[0].reason if action.outcomes else "Nothing to do", ""
        if action.verb == PUBLISH_BEST:
            return self._best_published(action, keys.fill(" · {undo} undo")), "good"
        if action.verb in ("reject", "later") and (public := self._count_public(action)):
            return self._still_public_message(action, public), "good"
        is_undo = action.verb.startswith("undo")
        hints = [more, keys.fill("{redo} redo" if is_undo else "{undo} undo")]
        hints = [f" · {hint}" for hint in hints if hint]
        done = _DONE.get(action.verb) or f"Undone ({action.verb.removeprefix('undo ')}): {{what}}"
        what, is_one = self._what(action.changed), len(action.changed) == 1
        return _filled(done, what, "".join(hints), is_one=is_one), "good"

    def _what(self, paths: Sequence[str]) -> str:
        if len(paths) == 1:
            return shown(self._title_of(paths[0]))
        return counted(len(paths), "article")

    def _outdated_message(self, action: Action) -> str:
        """Return a message about an article that changed since the user saw it."""
        others = len(action.refused) - 1
        verb = action.verb.removeprefix("no ").replace(" ", "_")
        hint = " changed since you saw it"
        if others:
            hint += f" (and {others:,} more)"
        elif verb in COMMAND_OF:
            hint += f" · {self._screen.keys.key(verb)} again"
        return _filled("{what}", self._what([action.refused[0].path]), hint, quote="")

    def _count_public(self, action: Action) -> int:
        """Return how many of the changed articles are public."""
        statuses = self._workspace.statuses(action.changed)
        return sum(status is not Status.UNPUBLISHED for status in statuses.values())

    def _still_public_message(self, action: Action, public: int) -> str:
        """Return a message about rejected or postponed articles that are still published."""
        keys, done = self._screen.keys, _STILL_PUBLISHED[action.verb]
        if len(action.changed) > 1:
            done = f"{done}: {counted(len(action.changed), 'article')}"
            return keys.fill(f"{done} · {public:,} still published · {{undo}} undo")
        return keys.fill(f"{done} · still published · {{unpublish}} unpublish · {{undo}} undo")

    def _best_published(self, action: Action, hint: str) -> str:
        """Return a message about stories whose best source was published."""
        rows = self._workspace.rows_at(action.changed).values()
        published = [row.path for row in rows if row.status is Status.PUBLISHED]
        number = len(rows) - len(published)
        rejected = f"{number:,} rejected" if number else ""
        if not published:
            return f"{rejected}{hint}"
        hint = f" · {rejected}{hint}" if rejected else hint
        return _filled(_DONE["publish"], self._what(published), hint, is_one=len(published) == 1)

    def _title_of(self, path: str) -> str:
        row = self._workspace.rows_at([path]).get(path)
        return row.title if row else path


def _filled(done: str, what: str, hint: str, *, is_one: bool = True, quote: str = '"') -> str:
    """Return a message about `what`, a title that is cut to fit, or a number of articles."""
    quote, be = (quote, "is") if is_one else ("", "are")
    room = MAX_MESSAGE - len(done.format(what=quote * 2, be=be) + hint)
    if is_one and len(what) > (room := max(12, room)):
        what = what[: room - 1] + "…"
    return done.format(what=f"{quote}{what}{quote}", be=be) + hint
