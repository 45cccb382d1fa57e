"""Triage: marks, commands on articles, repeat, undo, and the progress of the session."""

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

MAX_TITLES = 8  # titles in a confirmation
MAX_READ_AT_ONCE = 2_000  # articles; reading more would delay the next key
MAX_UNASKED = 20  # articles; fewer are undone as quickly as decided
_VERB_TEXTS = {
    "publish": "Publish",
    "unpublish": "Unpublish",
    "reject": "Reject",
    "later": "Put off",
    "star": "Star",
    PUBLISH_BEST: "Publish the best and reject the others in the stories of",
}
_STATE_OF_VERB = {
    "reject": (REJECTED, YES),
    "later": (LATER, SOMEDAY.encode()),
    "star": (STARRED, YES),
}


class TriageController(ArticleController):
    """The part of the main screen that decides on the marked articles, else on the selected one."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._session_stats = SessionStats()
        self._last_verb: Callable[[], None] | None = None
        # Paths of the last decided article and of the one that the cursor moved to then.
        self._left = ("", "")

    # -- commands --------------------------------------------------------------------------

    def action_publish(self) -> None:
        """Publish the marked articles, or the selected one."""
        self._act("publish")

    def action_unpublish(self) -> None:
        """Unpublish the marked articles, or the selected one."""
        self._act("unpublish")

    def action_publish_shown(self) -> None:
        """Publish all articles in the list."""
        self._read_marks(self.articles.ids, "ask")

    def action_publish_best(self) -> None:
        """Publish the best source of the marked stories, or of the selected one."""
        if self.workspace.collapsed_stories.are_made:
            self._act(PUBLISH_BEST)
        else:
            self.post_status("Stories are not ready yet · try again in a moment")

    def action_repeat(self) -> None:
        """Run the last command again."""
        if self._last_verb is None:
            keys = self.keys.fill("{publish} publish · {unpublish} unpublish")
            self.post_status(f"Nothing to repeat yet · {keys}")
        else:
            self._last_verb()

    def action_reject(self) -> None:
        """Reject, or stop rejecting where all are rejected."""
        self._act("reject")

    def action_later(self) -> None:
        """Save for later without a day, or stop that where all are saved."""
        self._act("later")

    def action_later_until(self) -> None:
        """Save for later until a day."""

        def chosen(when: str | None) -> None:
            if when:
                self._act("later", later_until(when, date.today()))

        self.app.push_screen(KeyMenu("Bring back", LATER_CHOICES), chosen)

    def action_star(self) -> None:
        """Star, or remove the star where all have one."""
        self._act("star", moves_on=False)

    def action_note(self) -> None:
        """Edit the note of the selected article."""
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
        """Return a row as the user saw it; the article pane is newer than the row."""
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
        """Run a command on many articles, after a confirmation where it is needed."""
        if not marks:
            self.post_no_article("No articles shown")
            return
        which = "shown" if always_ask else "marked"
        if len(marks) <= MAX_READ_AT_ONCE:
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
        paths = [mark.path for mark in bulk.kept[:MAX_TITLES]]
        rows = self.workspace.rows_at(paths)
        titles = [rows[path].title if path in rows else path for path in paths]
        return BulkRead(bulk, verb, value, titles, which)

    def on_bulk_read(self, message: BulkRead) -> None:
        """Ask before a command changes many articles or leaves some out; else run it."""
        self.is_opening_dialog = False
        bulk, verb, value = message.bulk, message.verb, message.value
        always_ask = message.which == "shown" or bulk.leaves_out_decided
        hidden = len({mark.id for mark in bulk.kept}.difference(self.articles.ids))
        if not always_ask and len(bulk.kept) <= MAX_UNASKED and not hidden:
            self._carry_out(verb, bulk.kept, value)
            self.articles.unmark_all()
            return
        question = bulk.question(verb, _VERB_TEXTS[verb], message.which)
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
            if verb in _STATE_OF_VERB:
                return self._record_state(verb, seen, value)
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

    def _record_state(self, verb: str, seen: Seen, value: bytes | None) -> Action:
        """Record an editorial state; without a value remove it where all articles have it."""
        field, usual = _STATE_OF_VERB[verb]
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
        """Redo the last undone decision."""
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
        """Ask before undoing or redoing a decision of another running newsdesk."""
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
        """Mark or unmark the selected article, then move to the next row."""
        row = self.articles.drawn_row
        if row is not None:
            self.articles.toggle_mark(self._mark_of(row))
        self.articles.move(1)
        self._show_marks()

    def action_mark_range(self) -> None:
        """Mark from the last mark to the cursor."""
        self._read_marks(self.articles.in_range, "mark")

    def action_mark_all(self) -> None:
        """Mark all articles in the list; unmark them if all are marked."""
        if self.articles.are_all_marked:
            self.articles.unmark_all()
            self._show_marks()
        else:
            self._read_marks(self.articles.ids, "mark")

    def _read_marks(self, ids: array[int], purpose: Literal["mark", "ask"]) -> None:
        """Read the content of articles to mark; the result is a `MarksRead`, keys wait for it."""
        generation = self.articles.generation
        if len(ids) > MAX_READ_AT_ONCE:
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
        """Return marks of articles: as drawn, else as in the index."""
        contents = self.workspace.contents(ids, generation)
        for id_, row in self.articles.drawn_rows(ids).items():
            contents[id_] = (row.path, row.content_key)
        return [Mark(id_, *contents[id_]) for id_ in ids if id_ in contents]

    def on_marks_read(self, message: MarksRead) -> None:
        """Set the marks, or ask whether to publish the articles."""
        self.is_opening_dialog = False
        if message.purpose == "ask":
            self._ask_then_carry_out("publish", message.marks, always_ask=True)
        else:
            self.articles.mark(message.marks)
            self._show_marks()

    def _show_marks(self) -> None:
        number = len(self.articles.marked)
        self.post_status(
            self.keys.fill(
                f"{counted(number, 'article')} marked · "
                "{publish} {unpublish} {reject} {later} · {mark_all} unmark"
            )
            if number
            else self.keys.fill("Nothing marked · {mark} marks an article")
        )

    # -- results ---------------------------------------------------------------------------

    def on_articles_changed(self, message: ArticlesChanged) -> None:
        """Update the rows, and show what was done."""
        action = message.action
        self.status.show_work("write", "")
        if message.generation != self.articles.generation:
            message.ids.clear()  # the list has ids of another generation
            self.index_replaced()
        changed = [message.ids[path] for path in action.changed if path in message.ids]
        if action.verb.startswith("undo "):
            self._session_stats.note_undone(action.verb.removeprefix("undo "), len(changed))
            self.articles.unmark_decided(changed)
            if changed and (self.is_searching or not self.articles.move_to_id(changed[0])):
                # An undone article appears in the list again.
                self.search(keep_cursor=True, goes_to=changed[0])
        else:
            self._session_stats.decided(action.verb, len(changed), time.monotonic())
            dims = action.verb in ("publish", "unpublish", "reject", "later", PUBLISH_BEST)
            self.articles.mark_decided(changed if dims else ())
        self._move_back_to_outdated(message)
        self.request_article()
        self.links.decided(action)
        self.post_status(*self.write_queue.describe(action, self._undecided_hint(action, changed)))
        self.count_views()

    def _move_back_to_outdated(self, message: ArticlesChanged) -> None:
        """Move back to an article that changed since it was drawn, unless the cursor moved."""
        row, refused = self.articles.row, message.action.refused
        if len(refused) == 1 and refused[0].is_outdated and row is not None:
            path = refused[0].path
            if (path, row.path) == self._left and path in message.ids:
                self.articles.move_to_id(message.ids[path])

    def _undecided_hint(self, action: Action, changed: Sequence[int]) -> str:
        """Return a hint about other undecided sources of the story, or an empty string."""
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
        """Show the progress of the session."""
        super().views_counted(unpublished)
        is_queue = self.filter.view == UNPUBLISHED
        self.status.show_work(
            "queue", self._session_stats.progress(unpublished) if is_queue else ""
        )
        self.session_summary = self._session_stats.summary()

    def on_write_advanced(self, message: WriteAdvanced) -> None:
        """Show the progress of a large decision."""
        if message.total > 1:
            stops = self.keys.fill("{back} stops")
            text = f"{message.name} {message.done:,} of {message.total:,} · {stops}"
            self.status.show_work("write", text)

    def on_nothing_to_do(self, message: NothingToDo) -> None:
        """Show that nothing was changed."""
        self.post_status(message.sentence)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Show the error."""
        self.status.show_work("write", "")
        self.post_error(message.error)
