"""What was decided and is not committed yet: each file with its line, and one commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import TextArea

from newsdesk.errors import NewsdeskError
from newsdesk.text import counted
from newsdesk.tui.bindings import MOVES, rebind
from newsdesk.tui.dialogs.confirm import Confirm
from newsdesk.tui.latest import Latest
from newsdesk.tui.safe_text import shown, shown_block
from newsdesk.tui.safe_widgets import Content, Segment, Static, Text
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.glyphs import PROBLEM_GLYPH, STATUS_GLYPHS, fit
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.tui.widgets.movement import MovementActions, Pane
from newsdesk.tui.widgets.status_bar import StatusBar
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.workspace.review.review import Review, ReviewedFile

_KEYS = "c commit   x revert   X revert all   a all changed files   r reload   Esc back"


class ReviewList(LineList):
    """The files of a review."""

    def __init__(self) -> None:
        super().__init__(id="review-list")
        self.files: tuple[ReviewedFile, ...] = ()

    @property
    def file(self) -> ReviewedFile | None:
        """The file under the cursor."""
        return self.files[self.cursor] if self.files else None

    def show(self, files: tuple[ReviewedFile, ...]) -> None:
        """Show these files."""
        self.files = files
        self.set_count(len(files), min(self.cursor, len(files) - 1))
        self.show_empty(
            Text("Nothing is waiting for a commit.", "bold"),
            Text(""),
            Text("a shows every changed file of the collection. Esc goes back."),
        )

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one file: what happened, its title, its warnings."""
        file = self.files[index]
        muted = self.part("muted")
        mark = PROBLEM_GLYPH if file.warnings else " "
        return [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment(f"{STATUS_GLYPHS[file.before]}→{STATUS_GLYPHS[file.after]} ", muted),
            Segment(fit(file.verb, 10), self.part("good" if file.verb == "publish" else "plain")),
            Segment(mark + " ", self.part("warning")),
            Segment(fit(shown(file.title), max(8, width - 18))),
        ]


class CommitDialog(ModalScreen[str]):
    """Returns the message to commit with, or an empty string."""

    BINDINGS = [  # noqa: RUF012 - priority: the editor would take them for text
        Binding("ctrl+s", "commit", "Commit", priority=True),
        Binding("escape", "leave", "Back", priority=True),
    ]

    def __init__(self, message: str, number: int) -> None:
        super().__init__()
        self._message = message
        self._number = number

    def compose(self) -> ComposeResult:
        """Lay out the dialog."""
        with Vertical(id="commit", classes="dialog"):
            yield TextArea(self._message, id="commit-message", show_line_numbers=False)
            yield Static("Ctrl+S commit   Esc back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Begin typing."""
        self.query_one("#commit").border_title = Content(
            f" Commit {counted(self._number, 'file')} "
        )
        self.set_focus(self.query_one(TextArea))

    def action_commit(self) -> None:
        """Take the message."""
        self.dismiss(self.query_one(TextArea).text.strip())

    def action_leave(self) -> None:
        """Think better of it."""
        self.dismiss("")


class ReviewScreen(MovementActions, Screen[None]):
    """Reads, commits and takes back in worker threads; git's own words are shown."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        *MOVES,
        Binding("c", "commit", "Commit"),
        Binding("x", "revert", "Take back"),
        Binding("X", "revert_all", "Take all back"),
        Binding("a", "everything", "All changed files"),
        Binding("r", "again", "Refresh"),
        Binding("question_mark", "help", "Help"),
        Binding("escape,q,W", "leave", "Back"),
    ]
    AUTO_FOCUS = "#review-list"

    class Read(Message):
        """The review was made; `number` tells which one that was."""

        def __init__(self, number: int, review: Review) -> None:
            super().__init__()
            self.number = number
            self.review = review

    class Finished(Message):
        """Something was done, or could not be."""

        def __init__(self, sentence: str, words: str = "", *, is_good: bool = True) -> None:
            super().__init__()
            self.sentence = sentence
            self.words = words
            self.is_good = is_good

    def __init__(self, workspace: Workspace, changed: Callable[[Action], None]) -> None:
        super().__init__()
        rebind(bindings_of_node(self), workspace.settings.keys)
        self._workspace = workspace
        self._changed = changed
        self._everything = False
        self._review: Review | None = None
        self._readings = Latest()

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static("", id="review-summary")
        yield ReviewList()
        yield Static("", id="review-file")
        yield StatusBar()
        yield Static(_KEYS, id="review-keys", markup=False)

    def on_mount(self) -> None:
        """Make the review."""
        self.files_list.border_title = " What you changed "
        self.action_again()

    @property
    def files_list(self) -> ReviewList:
        """The files."""
        return self.query_one(ReviewList)

    @property
    def pane(self) -> Pane:
        """The pane that moves."""
        return self.files_list

    # -- reading ---------------------------------------------------------------------------

    def action_again(self) -> None:
        """Look again."""
        self.query_one(StatusBar).show_work("review", "asking git")
        self._read()

    @work(thread=True, group="review", exit_on_error=False)
    def _read(self) -> None:
        from newsdesk.workspace.review.review import Review

        number = self._readings.begin()
        try:
            review = Review.of(self._workspace, everything=self._everything)
            self.post_message(self.Read(number, review))
        except NewsdeskError as error:
            self._post_error(error)

    def _post_error(self, error: NewsdeskError) -> None:
        self.post_message(self.Finished(str(error), getattr(error, "words", ""), is_good=False))

    def on_review_screen_read(self, message: Read) -> None:
        """Show it, unless it was read again since."""
        if not self._readings.takes(message.number):
            return
        review = self._review = message.review
        self.query_one(StatusBar).show_work("review", "")
        summary = review.summary()
        verbs = ", ".join(f"{number} {verb}" for verb, number in summary.verbs) or "nothing"
        topics = ", ".join(f"{shown(name)} {number}" for name, number in summary.topics[:6])
        lines = [f"{counted(len(review.files), 'file')}: {verbs}"]
        if topics:
            lines[0] += f"   ·   {topics}"
        notes = [*review.notes, *(f"{out.path}: {out.reason}" for out in review.left_out)]
        lines += [shown(note) for note in notes[:4]]
        self.query_one("#review-summary", Static).update(Content("\n".join(lines)))
        self.files_list.show(review.files)
        self._show_file()

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Show the file under the cursor."""
        event.stop()
        self._show_file()

    def _show_file(self) -> None:
        file = self.files_list.file
        parts: list[tuple[str, str] | str] = []
        if file is not None:
            parts.append((f" {shown(file.path)}\n", "$foreground 75%"))
            for line in file.lines[:6]:
                if line.old is not None:
                    parts.append((f" {line.number:>4} - {shown(line.old)}\n", "$text-error"))
                if line.new is not None:
                    parts.append((f" {line.number:>4} + {shown(line.new)}\n", "$text-success"))
            if file.has_other_changes:
                parts.append((" Other lines differ too; they stay out of the commit.\n", "italic"))
            parts += [
                (f" {PROBLEM_GLYPH} {shown(warning)}\n", "$text-warning")
                for warning in file.warnings[:4]
            ]
        self.query_one("#review-file", Static).update(Content.assemble(*parts))

    def action_everything(self) -> None:
        """Show every changed file of the collection, or only one's own again."""
        self._everything = not self._everything
        title = " Every changed file " if self._everything else " What you changed "
        self.files_list.border_title = Content(title)
        self.action_again()

    # -- doing -----------------------------------------------------------------------------

    def action_commit(self) -> None:
        """Ask for the message, then commit exactly these files and lines."""
        review = self._review
        if review is None or not review.files:
            self._post_status("There is nothing to commit.")
            return
        if review.obstacle is not None:
            self._post_error(review.obstacle)
            return

        def answered(message: str | None) -> None:
            if message:
                self.query_one(StatusBar).show_work("review", "committing")
                self._commit(review, message)

        self.app.push_screen(CommitDialog(review.message(), len(review.files)), answered)

    @work(thread=True, group="commit", exit_on_error=False)
    def _commit(self, review: Review, message: str, whole_paths: tuple[str, ...] = ()) -> None:
        from newsdesk.workspace.review.git_commit import CommitRefused

        try:
            made = review.commit(message, whole_paths=whole_paths)
        except NewsdeskError as error:
            self._post_error(error)
            if isinstance(error, CommitRefused) and error.changed:
                self.app.call_from_thread(self._ask_whole, review, message, error.changed)
            return
        sentence = f"Committed {made.id[:10]}: {made.subject}"
        self.post_message(self.Finished(sentence, made.words))

    def _ask_whole(self, review: Review, message: str, paths: tuple[str, ...]) -> None:
        """Ask whether to commit what a hook made of files, all that differs in them included."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.query_one(StatusBar).show_work("review", "committing")
                self._commit(review, message, paths)

        if not self.is_current:
            return
        question = f"A hook changed {counted(len(paths), 'file')}. Commit as they are now?"
        self.app.push_screen(Confirm(question, list(paths), len(paths)), answered)

    def action_revert(self) -> None:
        """Take back the decision about the file under the cursor."""
        file = self.files_list.file
        if file is not None and self._review is not None:
            self._revert(self._review, [file.path])

    def action_revert_all(self) -> None:
        """Take back everything, after asking."""
        review = self._review
        if review is None or not review.files:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._revert(review, None)

        titles = [file.title for file in review.files]
        question = f"Take back all {counted(len(titles), 'decision')}?"
        self.app.push_screen(Confirm(question, titles, len(titles)), answered)

    @work(thread=True, group="commit", exit_on_error=False)
    def _revert(self, review: Review, paths: list[str] | None) -> None:
        try:
            action = review.revert(paths)
        except NewsdeskError as error:
            self._post_error(error)
            return
        self.app.call_from_thread(self._changed, action)
        refused = action.refused
        if refused:
            self.post_message(self.Finished(f"Left as it is: {refused[0].reason}", is_good=False))
        else:
            number = counted(len(action.changed), "file")
            self.post_message(self.Finished(f"Reverted in {number} · u in the list undoes that"))

    def on_review_screen_finished(self, message: Finished) -> None:
        """Say what came of it, git's words below, and look again."""
        self._post_status(message.sentence, "good" if message.is_good else "bad")
        self.query_one(StatusBar).show_work("review", "")
        if message.words.strip():
            words = shown_block(message.words).strip().splitlines()[:8]
            self.query_one("#review-file", Static).update(
                Content("\n".join(f" git: {word}" for word in words))
            )
        if message.is_good:
            self.action_again()

    def _post_status(self, sentence: str, state: str = "") -> None:
        self.query_one(StatusBar).post_status(shown(sentence), state)

    def action_help(self) -> None:
        """Say what the keys do, those of this screen first."""
        from newsdesk.tui.screens.help import HelpScreen
        from newsdesk.tui.screens.help_page import entries_of_bindings

        here = entries_of_bindings(bindings_of_node(self), "In the review")
        self.app.push_screen(HelpScreen(self._workspace.settings.keys, tuple(here)))

    def action_leave(self) -> None:
        """Back to the desk."""
        self.dismiss(None)
