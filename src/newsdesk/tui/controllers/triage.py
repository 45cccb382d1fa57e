"""Triaging: marks, verbs, repeat, undo, and how far the queue is."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual import work

from newsdesk.index.schema import Row, article_key
from newsdesk.index.store import IndexReplaced
from newsdesk.text import counted
from newsdesk.tui.controllers.article import ArticleController
from newsdesk.tui.controllers.bulk import bulk_of
from newsdesk.tui.dialogs.confirm import Confirm
from newsdesk.tui.dialogs.key_menu import LATER_CHOICES, KeyMenu
from newsdesk.tui.dialogs.note import NoteDialog
from newsdesk.tui.messages import (
    ArticlesChanged,
    BulkRead,
    MarksRead,
    NothingToDo,
    OtherSessionFound,
    WorkFailed,
    WriteAdvanced,
)
from newsdesk.tui.widgets.lists.collapsing_list import Mark
from newsdesk.workspace.editorial_state import (
    LATER,
    NOTE,
    REJECTED,
    SOMEDAY,
    STARRED,
    YES,
    EditorialState,
    later_until,
    stands,
)
from newsdesk.workspace.outcomes import PUBLISH_BEST
from newsdesk.workspace.session_stats import SessionStats
from newsdesk.workspace.views import UNPUBLISHED
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.workspace.stories.story import Story
    from newsdesk.workspace.triage import Action, Seen

_NAMED = 8  # titles that a question names
_FEW = 2_000  # articles; to read more would make the next key wait
_ASK_ABOVE = 20  # articles; fewer are taken back as quickly as they are done
_VERBS = {
    "publish": "Publish",
    "unpublish": "Unpublish",
    "reject": "Reject",
    "later": "Put off",
    "star": "Star",
    PUBLISH_BEST: "Publish the best and reject the others in the stories of",
}
_BESIDE = {
    "reject": (REJECTED, YES),
    "later": (LATER, SOMEDAY.encode()),
    "star": (STARRED, YES),
}


class TriageController(ArticleController):
    """The part of the screen that decides; every verb acts on the marked, else on the cursor."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._session_stats = SessionStats()
        self._last_verb: Callable[[], None] | None = None
        # Path of what was decided on last, and of what the cursor went to because of it.
        self._left = ("", "")

    # -- verbs -----------------------------------------------------------------------------

    def action_publish(self) -> None:
        """Publish the marked articles, or the one under the cursor."""
        self._act("publish")

    def action_unpublish(self) -> None:
        """Make drafts of the marked articles, or of the one under the cursor."""
        self._act("unpublish")

    def action_publish_shown(self) -> None:
        """Publish everything that is shown."""
        self._read_marks(self.articles.ids, "ask")

    def action_publish_best(self) -> None:
        """Publish the best of the marked stories, or of the one under the cursor."""
        if self.workspace.collapsed_stories.are_made:
            self._act(PUBLISH_BEST)
        else:
            self.post_status("Stories are not ready yet · try again in a moment")

    def action_repeat(self) -> None:
        """Do the last verb again, here."""
        if self._last_verb is None:
            keys = self.keys.fill("{publish} publish · {unpublish} unpublish")
            self.post_status(f"Nothing to repeat yet · {keys}")
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
            self.post_no_article("No article selected")
            return
        path = row.path
        editorial = self.workspace.editorial_states([path]).get(path, EditorialState())

        def written(note: str | None) -> None:
            if note is not None and note != editorial.note:
                value = note.encode()
                self.write_queue.carry_out(
                    lambda *_: self.workspace.decide([path], NOTE, value, "note"), name="note"
                )

        self.app.push_screen(NoteDialog(row.title, editorial.note), written)

    def _act(self, verb: str, value: bytes | None = None, *, moves_on: bool = True) -> None:
        self._last_verb = partial(self._act, verb, value, moves_on=moves_on)
        marked = self.articles.marked
        if marked:
            self._ask_then_carry_out(verb, marked, value)
            return
        row = self.articles.drawn_row
        if row is None:
            self.post_no_article("No article selected")
            return
        self._carry_out(verb, [self._mark_of(row)], value)
        if moves_on and self.focused is not self.detail and self.focused is not self.related:
            if verb == PUBLISH_BEST:
                self.articles.move_on()
            else:
                self.articles.move(1)
            now = self.articles.row
            self._left = (row.path, now.path if now else "")

    def _mark_of(self, row: Row) -> Mark:
        """Return what was seen of a row: the article that is shown beside it says most."""
        article = self.detail.article
        is_shown = article is not None and article.path == row.path
        key = article_key(article) if article and is_shown else row.content_key
        return Mark(row.id, row.path, key)

    def _ask_then_carry_out(
        self,
        verb: str,
        marks: Sequence[Mark],
        value: bytes | None = None,
        *,
        always_ask: bool = False,
    ) -> None:
        """Name target and number, ask where it is many or some cannot be seen, then do it."""
        if not marks:
            self.post_no_article("No articles shown")
            return
        which = "shown" if always_ask else "marked"
        if len(marks) <= _FEW:
            self.on_bulk_read(self._bulk_of(verb, marks, value, which))
        else:
            self.is_opening_dialog = True
            self._run_bulk(verb, marks, value, which)

    @work(thread=True, group="marks", exit_on_error=False)
    def _run_bulk(self, verb: str, marks: Sequence[Mark], value: bytes | None, which: str) -> None:
        self.post_message(self._bulk_of(verb, marks, value, which))

    def _bulk_of(
        self, verb: str, marks: Sequence[Mark], value: bytes | None, which: str
    ) -> BulkRead:
        editorial_states = self.workspace.editorial_states(mark.path for mark in marks)
        statuses = self.workspace.statuses(mark.path for mark in marks)
        bulk = bulk_of(verb, marks, statuses, editorial_states, date.today())
        paths = [mark.path for mark in bulk.kept[:_NAMED]]
        rows = self.workspace.rows_at(paths)
        titles = [rows[path].title if path in rows else path for path in paths]
        return BulkRead(bulk, verb, value, titles, which)

    def on_bulk_read(self, message: BulkRead) -> None:
        """Ask before a command acts on many articles, or leaves some out; else carry it out."""
        self.is_opening_dialog = False
        bulk, verb, value = message.bulk, message.verb, message.value
        always_ask = message.which == "shown" or bulk.leaves_out_decided
        hidden = len({mark.id for mark in bulk.kept}.difference(self.articles.ids))
        if not always_ask and len(bulk.kept) <= _ASK_ABOVE and not hidden:
            self._carry_out(verb, bulk.kept, value)
            self.articles.unmark_all()
            return
        question = bulk.question(verb, _VERBS[verb], message.which)
        if hidden:
            question += f" {hidden:,} of them {'is' if hidden == 1 else 'are'} not in the list."

        def answered(yes: bool | None) -> None:
            if yes:
                self._carry_out(verb, bulk.kept, value)
                self.articles.unmark_all()

        self.app.push_screen(Confirm(question, message.titles, len(bulk.kept)), answered)

    def _carry_out(self, verb: str, marks: Sequence[Mark], value: bytes | None) -> None:
        paths = [mark.path for mark in marks]
        seen = {mark.path: mark.content_key for mark in marks}
        shown: dict[str, Story] = {}
        if verb == PUBLISH_BEST:
            article, story = self.detail.article, self.detail.story
            if article is not None and article.path in seen and story is not None:
                shown[article.path] = story
                drawn = self.articles.drawn_rows(member.row.id for member in story.members)
                seen = {row.path: row.content_key for row in drawn.values()} | seen

        def decide(
            on_progress: Callable[[int, int], None], is_cancelled: Callable[[], bool]
        ) -> Action:
            if verb in _BESIDE:
                return self._decide_beside(verb, seen, value)
            if verb == PUBLISH_BEST:
                return self.workspace.publish_best(*paths, seen=seen, shown=shown)
            return self.workspace.set_published(
                paths,
                verb == "publish",
                seen=seen,
                on_progress=on_progress,
                is_cancelled=is_cancelled,
            )

        self.write_queue.carry_out(decide, name=verb)

    def _decide_beside(self, verb: str, seen: Seen, value: bytes | None) -> Action:
        """Let a decision stand; without a value it is taken back where it stands for all."""
        field, usual = _BESIDE[verb]
        paths = list(seen)
        if value is None:
            editorial = self.workspace.editorial_states(paths)
            if all(stands(editorial.get(path, EditorialState()), field) for path in paths):
                return self.workspace.decide(paths, field, b"", f"no {verb}", seen=seen)
        return self.workspace.decide(paths, field, value or usual, verb, seen=seen)

    def action_undo(self) -> None:
        """Undo the last decision of this session, else of one that has ended."""
        self._undo()

    def action_redo(self) -> None:
        """Redo what was undone last."""
        self._redo()

    def _undo(self, confirmed: int = 0) -> None:
        self.write_queue.carry_out(
            lambda *_: self.workspace.undo(confirmed=confirmed), "Nothing to undo"
        )

    def _redo(self, confirmed: int = 0) -> None:
        self.write_queue.carry_out(
            lambda *_: self.workspace.redo(confirmed=confirmed),
            "Nothing to redo",
            name="redo",
        )

    def on_other_session_found(self, message: OtherSessionFound) -> None:
        """Ask before a decision of another newsdesk that still runs is undone or redone."""
        error = message.error
        verb, act = ("Redo", self._redo) if message.is_redo else ("Undo", self._undo)
        rows = self.workspace.rows(list(self.workspace.ids_of(error.paths).values()))

        def answered(yes: bool | None) -> None:
            if yes:
                act(error.entry_id)

        question = f"{error.message} {verb} it?"
        titles = [row.title for row in rows] or error.paths
        self.app.push_screen(Confirm(question, titles, len(error.paths)), answered)

    # -- marks -----------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the article under the cursor, or take the mark off; then the next row."""
        row = self.articles.drawn_row
        if row is not None:
            self.articles.toggle_mark(self._mark_of(row))
        self.articles.move(1)
        self._say_marks()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self._read_marks(self.articles.in_range, "mark")

    def action_mark_all(self) -> None:
        """Mark everything that is shown; again takes all marks off."""
        if self.articles.are_all_marked:
            self.articles.unmark_all()
            self._say_marks()
        else:
            self._read_marks(self.articles.ids, "mark")

    def _read_marks(self, ids: array[int], purpose: Literal["mark", "ask"]) -> None:
        """Read what marks of articles hold; the answer is a `MarksRead`, and keys wait for it."""
        generation = self.articles.generation
        if len(ids) > _FEW:
            self.is_opening_dialog = True
            self._run_marks(ids, generation, purpose)
            return
        try:
            self.on_marks_read(MarksRead(self._marks_of(ids, generation), purpose))
        except IndexReplaced:
            self.index_replaced()

    @work(thread=True, group="marks", exit_on_error=False)
    def _run_marks(self, ids: array[int], generation: int, purpose: Literal["mark", "ask"]) -> None:
        self.post_message(MarksRead(self._marks_of(ids, generation), purpose))

    def _marks_of(self, ids: array[int], generation: int) -> list[Mark]:
        """Return marks of articles: what was drawn of them, else what the index holds."""
        contents = self.workspace.contents(ids, generation)
        for id_, row in self.articles.drawn_rows(ids).items():
            contents[id_] = (row.path, row.content_key)
        return [Mark(id_, *contents[id_]) for id_ in ids if id_ in contents]

    def on_marks_read(self, message: MarksRead) -> None:
        """Set the marks, or ask whether to publish what they name."""
        self.is_opening_dialog = False
        if message.purpose == "ask":
            self._ask_then_carry_out("publish", message.marks, always_ask=True)
        else:
            self.articles.mark(message.marks)
            self._say_marks()

    def _say_marks(self) -> None:
        number = len(self.articles.marked)
        self.post_status(
            self.keys.fill(
                f"{counted(number, 'article')} marked · "
                "{publish} {unpublish} {reject} {later} · {mark_all} unmark"
            )
            if number
            else self.keys.fill("Nothing marked · {mark} marks an article")
        )

    # -- what came of it -------------------------------------------------------------------

    def on_articles_changed(self, message: ArticlesChanged) -> None:
        """Repaint the rows, say what was done."""
        action = message.action
        self.status.show_work("write", "")
        if message.generation != self.articles.generation:
            message.ids.clear()  # what is in the list has other ids
            self.index_replaced()
        changed = [message.ids[path] for path in action.changed if path in message.ids]
        if action.verb.startswith("undo "):
            self._session_stats.note_undone(action.verb.removeprefix("undo "), len(changed))
            self.articles.unmark_decided(changed)
            if changed and (self.is_searching or not self.articles.move_to_id(changed[0])):
                # What came back belongs into the list again.
                self.search(keep_cursor=True, goes_to=changed[0])
        else:
            self._session_stats.decided(action.verb, len(changed), time.monotonic())
            dims = action.verb in ("publish", "unpublish", "reject", "later", PUBLISH_BEST)
            self.articles.mark_decided(changed if dims else ())
        self._go_back_to_unseen(message)
        self.request_article()
        self.links.decided(action)
        self.post_status(*self.write_queue.describe(action, self._others_of(action, changed)))
        self.count_views()

    def _go_back_to_unseen(self, message: ArticlesChanged) -> None:
        """Show an article that changed since it was seen, unless the person went on meanwhile."""
        row, refused = self.articles.row, message.action.refused
        if len(refused) == 1 and refused[0].is_outdated and row is not None:
            path = refused[0].path
            if (path, row.path) == self._left and path in message.ids:
                self.articles.move_to_id(message.ids[path])

    def _others_of(self, action: Action, changed: Sequence[int]) -> str:
        """Say how many sources of a story still wait behind the one that was decided on."""
        if len(changed) != 1 or action.verb not in ("publish", "reject", "later"):
            return ""
        waiting = self.articles.undecided_sources(changed[0])
        if not waiting:
            return ""
        others = counted(waiting, "other source")
        if action.verb == "publish":
            return self.keys.fill(f"{others} · {{publish_best}} rejects them")
        return self.keys.fill(f"{others} left · {{expand}} shows them")

    def views_counted(self, unpublished: int) -> None:
        """Show how far the queue is."""
        super().views_counted(unpublished)
        is_queue = self.filter.view == UNPUBLISHED
        self.status.show_work(
            "queue", self._session_stats.progress(unpublished) if is_queue else ""
        )
        self.session_summary = self._session_stats.summary()

    def on_write_advanced(self, message: WriteAdvanced) -> None:
        """Show how far a large decision is."""
        if message.total > 1:
            stops = self.keys.fill("{back} stops")
            text = f"{message.name} {message.done:,} of {message.total:,} · {stops}"
            self.status.show_work("write", text)

    def on_nothing_to_do(self, message: NothingToDo) -> None:
        """Say so."""
        self.post_status(message.sentence)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Say what went wrong."""
        self.status.show_work("write", "")
        self.post_error(message.error)
