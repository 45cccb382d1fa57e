"""Triaging: marks, verbs, repeat, undo, and how far the queue is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from newsdesk.desk.desk import Desk
from newsdesk.desk.sitting import Sitting
from newsdesk.desk.standing import (
    LATER,
    NOTE,
    REJECTED,
    SOMEDAY,
    STARRED,
    YES,
    Standing,
    later_until,
    stands,
)
from newsdesk.desk.story_decisions import PUBLISH_BEST
from newsdesk.desk.views import UNPUBLISHED
from newsdesk.text import counted
from newsdesk.tui.confirm import Confirm
from newsdesk.tui.key_menu import LATER_CHOICES, KeyMenu
from newsdesk.tui.messages import ArticlesChanged, NothingToDo, WorkFailed, WriteAdvanced
from newsdesk.tui.note_dialog import NoteDialog
from newsdesk.tui.reading import Reading

if TYPE_CHECKING:
    from newsdesk.desk.triage import Action

_ASK_ABOVE = 20  # articles; fewer are taken back as quickly as they are done
_VERBS = {
    "publish": "Publish",
    "unpublish": "Make drafts of",
    "reject": "Reject",
    "later": "Put off",
    "star": "Star",
    PUBLISH_BEST: "Publish the best, and retire the others, of the stories of",
}
_BESIDE = {
    "reject": (REJECTED, YES),
    "later": (LATER, SOMEDAY.encode()),
    "star": (STARRED, YES),
}


class Triaging(Reading):
    """The part of the screen that decides; every verb acts on the marked, else on the cursor."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._sitting = Sitting()
        self._last_verb: Callable[[], None] | None = None

    # -- verbs -----------------------------------------------------------------------------

    def action_publish(self) -> None:
        """Publish the marked articles, or the one under the cursor."""
        self._act("publish")

    def action_unpublish(self) -> None:
        """Make drafts of the marked articles, or of the one under the cursor."""
        self._act("unpublish")

    def action_publish_shown(self) -> None:
        """Publish everything that is shown."""
        self._ask_then_carry_out("publish", list(self.articles.ids), always_ask=True)

    def action_publish_best(self) -> None:
        """Publish the best of the marked stories, or of the one under the cursor."""
        if self.desk.story_places.are_made:
            self._act(PUBLISH_BEST)
        else:
            self.say("The stories are not known yet; try again in a moment.")

    def action_repeat(self) -> None:
        """Do the last verb again, here."""
        if self._last_verb is None:
            verbs = self.keys.fill("{publish} publishes, {unpublish} makes a draft")
            self.say(f"There is no verb to repeat yet: {verbs}.")
        else:
            self._last_verb()

    def action_reject(self) -> None:
        """Reject, or take that back where all of them are rejected."""
        self._act("reject")

    def action_later(self) -> None:
        """Put off without a day, or take that back where all of them are put off."""
        self._act("later")

    def action_later_until(self) -> None:
        """Put off until a day."""

        def chosen(when: str | None) -> None:
            if when:
                self._act("later", later_until(when, date.today()))

        self.app.push_screen(KeyMenu("Bring back", LATER_CHOICES), chosen)

    def action_star(self) -> None:
        """Star, or take the star off where all of them have one."""
        self._act("star", moves_on=False)

    def action_note(self) -> None:
        """Write a line about the article under the cursor."""
        row = self.articles.row
        if row is None:
            self.say_where("There is no article under the cursor")
            return
        path = row.path
        standing = self.desk.standings([path]).get(path, Standing())

        def written(note: str | None) -> None:
            if note is not None and note != standing.note:
                value = note.encode()
                self.decisions.carry_out(
                    lambda *_: self.desk.decide([path], NOTE, value, "note"), name="note"
                )

        self.app.push_screen(NoteDialog(row.title, standing.note), written)

    def _act(self, verb: str, value: bytes | None = None, *, moves_on: bool = True) -> None:
        self._last_verb = partial(self._act, verb, value, moves_on=moves_on)
        marked = self.articles.marked
        if marked:
            self._ask_then_carry_out(verb, marked, value)
            return
        row = self.articles.row
        if row is None:
            self.say_where("There is no article under the cursor")
            return
        self._carry_out(verb, [row.path], value)
        if moves_on and self.focused is not self.detail and self.focused is not self.related:
            if verb == PUBLISH_BEST:
                self.articles.move_on()
            else:
                self.articles.move(1)

    def _ask_then_carry_out(
        self,
        verb: str,
        ids: Sequence[int],
        value: bytes | None = None,
        *,
        always_ask: bool = False,
    ) -> None:
        """Name target and number, ask where it is many or some cannot be seen, then do it."""
        if not ids:
            self.say_where("Nothing is shown")
            return
        rows = self.desk.rows(ids)
        paths = [row.path for row in rows]
        hidden = len(set(ids).difference(self.articles.ids))
        if not always_ask and len(ids) <= _ASK_ABOVE and not hidden:
            self._carry_out(verb, paths, value)
            self.articles.unmark_all()
            return
        which = "shown" if always_ask else "marked"
        question = f"{_VERBS[verb]} {counted(len(paths), f'{which} article')}?"
        if hidden:
            question += f" {hidden:,} of them {'is' if hidden == 1 else 'are'} hidden just now."

        def answered(yes: bool | None) -> None:
            if yes:
                self._carry_out(verb, paths, value)
                self.articles.unmark_all()

        titles = [row.title for row in rows]
        self.app.push_screen(Confirm(question, titles, len(paths)), answered)

    def _carry_out(self, verb: str, paths: Sequence[str], value: bytes | None) -> None:
        def decide(
            on_progress: Callable[[int, int], None], is_cancelled: Callable[[], bool]
        ) -> Action:
            if verb in _BESIDE:
                return self._decide_beside(verb, paths, value)
            if verb == PUBLISH_BEST:
                return self.desk.publish_best(*paths)
            return self.desk.set_published(
                paths, verb == "publish", on_progress=on_progress, is_cancelled=is_cancelled
            )

        self.decisions.carry_out(decide, name=verb)

    def _decide_beside(self, verb: str, paths: Sequence[str], value: bytes | None) -> Action:
        """Let a decision stand; without a value it is taken back where it stands for all."""
        field, usual = _BESIDE[verb]
        if value is None:
            standing = self.desk.standings(paths)
            if all(stands(standing.get(path, Standing()), field) for path in paths):
                return self.desk.decide(paths, field, b"", f"no {verb}")
        return self.desk.decide(paths, field, value or usual, verb)

    def action_undo(self) -> None:
        """Take back the newest decision."""
        self.decisions.carry_out(lambda *_: self.desk.undo(), "There is nothing to undo.")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self.decisions.carry_out(lambda *_: self.desk.redo(), "There is nothing to redo.")

    def action_review(self) -> None:
        """Look at what is not committed yet."""
        self.decisions.when_done(self._open_review)

    def _open_review(self) -> None:
        from newsdesk.tui.review_screen import ReviewScreen

        def changed(action: Action) -> None:
            ids = self.desk.ids_of(outcome.path for outcome in action.outcomes)
            self.post_message(ArticlesChanged(action, ids))

        self.app.push_screen(ReviewScreen(self.desk, changed))

    # -- marks -----------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the article under the cursor, or take the mark off; then the next row."""
        self.articles.toggle_mark()
        self.articles.move(1)
        self._say_marks()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self.articles.mark_range()
        self._say_marks()

    def action_mark_all(self) -> None:
        """Mark everything that is shown; again takes all marks off."""
        self.articles.mark_all()
        self._say_marks()

    def _say_marks(self) -> None:
        number = len(self.articles.marked)
        self.say(
            self.keys.fill(
                f"{counted(number, 'article')} marked · "
                "{publish} {unpublish} {reject} {later} act on them · {mark_all} none"
            )
            if number
            else self.keys.fill("Nothing is marked: {mark} marks an article.")
        )

    # -- what came of it -------------------------------------------------------------------

    def on_articles_changed(self, message: ArticlesChanged) -> None:
        """Repaint the rows, say what was done."""
        action = message.action
        self.status.show_work("write", "")
        changed = [message.ids[path] for path in action.changed if path in message.ids]
        if action.verb.startswith("undo "):
            self._sitting.taken_back(action.verb.removeprefix("undo "), len(changed))
            self.articles.unmark_acted(changed)
            if changed and (self.is_searching or not self.articles.move_to_id(changed[0])):
                # What came back belongs into the list again.
                self.search(keep_cursor=True, goes_to=changed[0])
        else:
            self._sitting.decided(action.verb, len(changed), time.monotonic())
            dims = action.verb in ("publish", "unpublish", "reject", "later", PUBLISH_BEST)
            self.articles.mark_acted(changed if dims else ())
        self.want_article()
        self.links.decided(action)
        self.say(*self.decisions.describe(action, self._others_of(action, changed)))
        self.count_views()

    def _others_of(self, action: Action, changed: Sequence[int]) -> str:
        """Say how many sources of a story still wait behind the one that was decided on."""
        if len(changed) != 1 or action.verb not in ("publish", "reject", "later"):
            return ""
        waiting = self.articles.waiting_beside(changed[0])
        if not waiting:
            return ""
        others = counted(waiting, "other source")
        if action.verb == "publish":
            return self.keys.fill(f"{others}: {{publish_best}} on the story retires them")
        return self.keys.fill(
            f"{others} {'waits' if waiting == 1 else 'wait'}: {{unfold}} shows them"
        )

    def views_counted(self, unpublished: int) -> None:
        """Show how far the queue is."""
        super().views_counted(unpublished)
        is_queue = self.filter.view == UNPUBLISHED
        self.status.show_work("queue", self._sitting.progress(unpublished) if is_queue else "")
        self.sitting_summary = self._sitting.summary()

    def on_write_advanced(self, message: WriteAdvanced) -> None:
        """Show how far a large decision is."""
        if message.total > 1:
            stops = self.keys.fill("{back} stops")
            text = f"{message.name} {message.done:,} of {message.total:,} · {stops}"
            self.status.show_work("write", text)

    def on_nothing_to_do(self, message: NothingToDo) -> None:
        """Say so."""
        self.say(message.sentence)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Say what went wrong."""
        self.status.show_work("write", "")
        self.complain(message.error)
