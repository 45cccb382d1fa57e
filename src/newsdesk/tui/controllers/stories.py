"""Stories in the list: collapse, expand, and show the result of grouping."""

from __future__ import annotations

from contextlib import suppress

from textual import work

from newsdesk.index.store import IndexReplaced
from newsdesk.text import counted
from newsdesk.tui.controllers.triage import TriageController
from newsdesk.tui.latest import Latest
from newsdesk.tui.messages import (
    ArticlesChanged,
    CoveredRead,
    LinesArranged,
    StoriesGrouped,
    StoryBuilderAdvanced,
)
from newsdesk.workspace.stories.overrides import STORY_VERBS
from newsdesk.workspace.workspace import Workspace


class StoriesController(TriageController):
    """The part of the main screen that collapses stories."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._layouts = Latest()
        self._covered_reads = Latest()

    # -- collapse and expand ---------------------------------------------------------------

    def action_expand(self) -> None:
        """Show the other sources of the selected story."""
        if self.focused is self.articles and not self.articles.expand_story():
            self._show_where_others_are()

    def action_collapse(self) -> None:
        """Show the selected story as one row."""
        if self.focused is self.articles:
            self.articles.collapse_story()

    def _show_where_others_are(self) -> None:
        row = self.articles.row
        if row is None or self.articles.lines.head_of.get(row.id) is not None:
            return
        others = self.articles.size_of(row.id) - 1
        if others and self.collapses_stories:
            self.post_status(
                self.keys.fill(
                    f"{counted(others, 'source')} not in this list · {{compare}} shows all"
                )
            )

    def action_toggle_stories(self) -> None:
        """Switch between one row for each story and one for each article."""
        self.collapses_stories = not self.collapses_stories
        if not self.collapses_stories:
            self.post_status(self.keys.fill("All files shown · {toggle_stories} groups by story"))
        elif self.story_builder.is_running:
            self.post_status("Grouping by story …")
        else:
            self.post_status(self.keys.fill("Grouped by story · {toggle_stories} shows all files"))
        self.lay_out_stories()

    def lay_out_stories(self) -> None:
        """Lay out the articles that are shown in lines again; the answer is `LinesArranged`."""
        self._run_folding()

    @work(thread=True, group="search", exit_on_error=False)
    def _run_folding(self) -> None:
        number = self._layouts.begin()
        found, generation = self.articles.lines.found, self.articles.generation
        with suppress(IndexReplaced):  # then a new search follows
            self.post_message(LinesArranged(number, *self._laid_out(found, generation)))

    def on_lines_arranged(self, message: LinesArranged) -> None:
        """Show the rows, unless they are stale."""
        is_newest = self._layouts.takes(message.number)
        if is_newest and message.lines.found is self.articles.lines.found:
            self.articles.set_lines(message.lines, message.sizes)
            if self.asked == self.filter:
                self.show_counts()

    def on_articles_changed(self, message: ArticlesChanged) -> None:
        """Update which stories are already published."""
        super().on_articles_changed(message)
        message.prevent_default()  # the base class has handled it
        self._read_ran()
        if message.action.verb.endswith(STORY_VERBS):
            self.lay_out_stories()
        if self.comparison is not None:
            self.comparison.read()

    @work(thread=True, group="counts", exit_on_error=False)
    def _read_ran(self) -> None:
        number = self._covered_reads.begin()
        if self.workspace.collapsed_stories.are_made:
            generation = self.workspace.generation()
            ids = frozenset(self.workspace.stories.covered_ids())
            if generation == self.workspace.generation():
                self.post_message(CoveredRead(number, generation, ids))

    def on_covered_read(self, message: CoveredRead) -> None:
        """Show in the list which stories are already published."""
        is_newest = self._covered_reads.takes(message.number)
        if is_newest and message.generation == self.articles.generation:
            self.articles.show_covered(message.ids)

    def on_story_builder_advanced(self, message: StoryBuilderAdvanced) -> None:
        """Show the progress of grouping."""
        self.story_builder.advanced(message.progress)

    def on_stories_grouped(self, message: StoriesGrouped) -> None:
        """Group the list by story; the cursor stays on its article."""
        self.story_builder.ended()
        self._read_ran()
        if message.has_changed:
            self.lay_out_stories()
            self.request_article()
