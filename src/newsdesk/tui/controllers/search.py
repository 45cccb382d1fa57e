"""Search: queries, views, topics, sort, and their results."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace

from textual import work

from newsdesk.errors import QueryError
from newsdesk.index.query.ast import highlighted_words
from newsdesk.index.store import IndexReplaced
from newsdesk.tui.controllers.main_screen_base import MainScreenBase
from newsdesk.tui.dialogs.key_menu import KeyMenu, sort_choices
from newsdesk.tui.latest import Latest
from newsdesk.tui.messages import (
    ArticlesFound,
    FilesChanged,
    FilesNotWatched,
    QuerySuggestionsRead,
    RefreshAdvanced,
    RefreshEnded,
    TopicCountsRead,
    ViewsCounted,
)
from newsdesk.tui.safe_widgets import Input
from newsdesk.tui.widgets.empty_states import empty_list_lines
from newsdesk.tui.widgets.lists.column_header import ColumnHeader
from newsdesk.tui.widgets.lists.story_rows import Lines, collapsed_lines, one_by_one
from newsdesk.tui.widgets.query_bar import QueryBar
from newsdesk.tui.widgets.view_tabs import ViewTabs
from newsdesk.workspace.views import ALL, SAVED, UNPUBLISHED, VIEWS, Filter, View
from newsdesk.workspace.workspace import Workspace

_TRIES = 3  # attempts to read an index that another process rebuilds
# Fields that sort a story by its top article; text fields sort it by the one that is shown.
_SORTED_BY_TOP = frozenset({"heat", "quality", "date"})


class SearchController(MainScreenBase):
    """The part of the main screen that decides which articles are in the list."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._question = 0  # the number of the newest search; stale results are dropped
        self._answered = 0  # the number of the search whose result is shown
        self._then: Callable[[], None] | None = None  # called after the result is shown
        self._countings = Latest()
        self._keeps_cursor = False
        self._goes_to: int | None = None
        self._is_first_answer = True
        self._new = 0  # new articles that are not shown yet
        # Until the first counts; a view that the user chose stays open.
        self._opens_view = not workspace.settings.chooses_view
        self.asked = self.filter  # the newest valid filter: what the list shows

    def open(self) -> None:
        """Show the first result, with the first frame if it was read ahead."""
        if not self.workspace.has_read_ahead:
            self.search()
            return
        self._question += 1
        self.on_articles_found(self._answer(self._question, self.filter, typing=False))

    def search(self, *, keep_cursor: bool = False, goes_to: int | None = None) -> None:
        """Search for what the filter describes; the result is an `ArticlesFound`.

        `goes_to` is the article that the cursor moves to then.
        """
        self._keeps_cursor = keep_cursor
        self._goes_to = goes_to
        try:
            self.filter.query()
        except QueryError as error:
            self.bar.show_error(error)  # the last valid result stays
            return
        self.bar.clear_error()
        self.asked = self.filter
        self._question += 1
        self._run_search(self._question, self.filter)

    @property
    def is_searching(self) -> bool:
        """Whether a search is running."""
        return self._answered != self._question

    def call_after_search(self, then: Callable[[], None]) -> None:
        """Call back once the result of the running search is shown."""
        self._then = then

    def search_failed(self) -> None:
        """Note that the search failed: there is no result to wait for."""
        self._answered = self._question
        self._then = None

    @work(thread=True, group="search", exit_on_error=False)
    def _run_search(self, number: int, chosen: Filter) -> None:
        if number != self._question:  # stale already
            return
        self.post_message(self._answer(number, chosen, typing=isinstance(self.focused, Input)))

    def _answer(self, number: int, chosen: Filter, *, typing: bool) -> ArticlesFound:
        for _ in range(_TRIES):
            try:
                return self._answered_with(number, chosen, typing)
            except IndexReplaced:
                continue
        return self._answered_with(number, chosen, typing)

    def _answered_with(self, number: int, chosen: Filter, typing: bool) -> ArticlesFound:
        ids = self.workspace.search(chosen.query(), typing=typing)
        in_view = len(ids)
        if chosen.narrows:
            in_view = self.workspace.count(chosen.without_narrowing().query())
        counted = self._count(chosen.view)
        lines, sizes = self._laid_out(ids, ids.generation)
        return ArticlesFound(
            number,
            lines,
            sizes,
            generation=ids.generation,
            in_view=in_view,
            counted=counted,
        )

    def _laid_out(self, found: array[int], generation: int) -> tuple[Lines, Mapping[int, int]]:
        """Return the rows for what was found, and the sizes of stories; for workers.

        Raises `IndexReplaced` if the ids are not of the index's generation any more.
        """
        with self.workspace.store.snapshot(generation):
            return self._laid_out_now(found)

    def _laid_out_now(self, found: array[int]) -> tuple[Lines, Mapping[int, int]]:
        stories = self.workspace.collapsed_stories
        if not stories.are_made:
            return one_by_one(found), {}
        if not self.collapses_stories:
            return one_by_one(found), stories.sizes()
        order = self.asked.query().order[0].field
        collapsed = stories.collapsed(found, at_first=order in _SORTED_BY_TOP)
        lines = collapsed_lines(found, collapsed, self.articles.expanded, order)
        return lines, stories.sizes()

    def on_articles_found(self, message: ArticlesFound) -> None:
        """Show the result, unless it is stale."""
        if message.number != self._question:
            return
        self._answered = message.number
        counts = message.counted.counts
        if self._is_first_answer:
            self._is_first_answer = False
            if not counts.get(ALL):
                self.refresher.start(is_filling=True)
            self.call_after_refresh(self._go_on_opening)
        if self._opens_view and counts.get(ALL) and not self.refresher.is_filling:
            self._opens_view = False
            if not counts.get(UNPUBLISHED) and self.filter.is_plain(UNPUBLISHED):
                self.set_filter(replace(self.filter, view=ALL))
                return
        if self.workspace.needs_refresh:
            self.refresher.start(is_filling=True)
        self.onboarding.answered(
            has_articles=bool(counts.get(ALL)), is_reading=self.refresher.is_running
        )
        self.in_view = message.in_view
        self.on_views_counted(message.counted)
        self.query_one(ColumnHeader).show_order(self.asked.query().order)
        self.articles.show_empty(
            *empty_list_lines(
                self.asked,
                in_view=message.in_view,
                in_collection=counts.get(ALL, 0),
                folder=self.workspace.config.collection,
                is_reading=self.refresher.is_running,
                session_stats=self.session_summary,
                keys=self.keys,
            )
        )
        words = highlighted_words(self.asked.query())
        self._new = 0
        if message.generation != self.articles.generation and not self._takes_over(message):
            return
        self.articles.show(
            message.lines, keep_cursor=self._keeps_cursor, words=words, sizes=message.sizes
        )
        if self._goes_to is not None:
            self.articles.move_to_id(self._goes_to)
        if self.asked == self.filter:  # else the bar shows an error in what was typed since
            self.show_counts()
        self.query_suggestions.answered(self.asked.text, len(message.lines.found))
        then, self._then = self._then, None
        if then is not None:
            then()

    def _takes_over(self, message: ArticlesFound) -> bool:
        """Give the list the new ids of the articles that it refers to."""
        ids, generation = self.workspace.ids_and_generation(self.articles.referenced_paths)
        if generation != message.generation:
            self.index_replaced()
            return False
        self.articles.take_generation(generation, ids)
        return True

    def index_replaced(self) -> None:
        """Refresh and search again: a new index has other ids."""
        self.refresher.start(is_filling=True)
        self.search(keep_cursor=True)

    def on_index_replaced_elsewhere(self) -> None:
        """Handle an index that another process has rebuilt, unless it is shown already."""
        if self.workspace.generation() != self.articles.generation:
            self.index_replaced()

    def _go_on_opening(self) -> None:
        """Start what the first rows do not need, so that they appear sooner."""
        self.links.open_verdicts()
        self.images.start()
        self.folder_watcher.start()
        self.refresher.start(is_filling=False)
        _collect_garbage()

    def show_counts(self) -> None:
        """Show how many articles of the view are in the list."""
        lines = self.articles.lines
        stories = lines.stories if lines.stories < len(lines.found) else None
        self.bar.show_summary(self.filter, len(lines.found), self.in_view, stories)

    def set_filter(self, chosen: Filter, *, keep_cursor: bool = False) -> None:
        """Show what another filter describes."""
        self.filter = chosen
        self.bar.set_text(chosen.text)
        self.search(keep_cursor=keep_cursor)

    def on_query_bar_changed(self, message: QueryBar.Changed) -> None:
        """Search while the user types."""
        self.filter = replace(self.filter, text=message.text)
        self.search()

    def on_query_bar_asked(self, message: QueryBar.Asked) -> None:
        """Store the query in the history when the bar is left."""
        self.query_suggestions.asked(message.text)

    def on_query_suggestions_read(self, message: QuerySuggestionsRead) -> None:
        """Show suggestions in the bar."""
        self.query_suggestions.take(message)

    def on_query_bar_left(self) -> None:
        """Focus the list."""
        self.articles.focus()

    def on_view_tabs_chosen(self, message: ViewTabs.Chosen) -> None:
        """Open the view that was clicked."""
        self.set_filter(self.filter.opened(message.view))

    def on_column_header_clicked(self, message: ColumnHeader.Clicked) -> None:
        """Sort by the column that was clicked."""
        self.set_filter(self.filter.sorted_by(message.field), keep_cursor=True)

    def count_views(self) -> None:
        """Count the views again; the result is a `ViewsCounted`."""
        self._run_counts()

    @work(thread=True, group="counts", exit_on_error=False)
    def _run_counts(self) -> None:
        self.post_message(self._count(self.filter.view))

    def _count(self, view: View) -> ViewsCounted:
        number = self._countings.begin()
        return ViewsCounted(number, self.workspace.view_counts(view), self.workspace.count_live())

    def on_views_counted(self, message: ViewsCounted) -> None:
        """Show the counts, unless they are stale."""
        if not self._countings.takes(message.number):
            return
        self.query_one(ViewTabs).show(self.filter.view, message.counts, message.live)
        self.views_counted(message.counts.get(UNPUBLISHED, 0))

    def on_refresh_advanced(self, message: RefreshAdvanced) -> None:
        """Show the progress of the refresh, and fill the list."""
        if self.refresher.advanced(message.progress):
            self.search(keep_cursor=self.articles.cursor > 0)

    def on_refresh_ended(self, message: RefreshEnded) -> None:
        """Update changed rows in place, and announce new ones unless the list is being filled."""
        was_filling = self.refresher.is_filling
        news = self.refresher.ended(message.report)
        self.query_suggestions.files_changed()
        # After the user stopped the grouping it starts only for a reason.
        if was_filling or news or not self.story_builder.was_stopped:
            self.story_builder.start()
        if was_filling or not self.articles.count:
            self.search(keep_cursor=self.articles.cursor > 0)
        elif news:
            self.articles.reload_rows()
            self.request_article()
            self.count_views()
            self.post_status(news)
        for notice in self.workspace.notices:
            self.post_status(notice)
        self.workspace.notices.clear()

    def on_files_changed(self, message: FilesChanged) -> None:
        """Update changed rows in place; new ones are announced, so that no row moves."""
        if message.is_large:
            self.refresher.start(is_filling=False)
            return
        self._new += message.added
        self.story_builder.start()
        self.articles.reload_rows()
        self.request_article()
        self.count_views()
        if not self.articles.count:
            self.search()
        elif self._new:
            self.post_status(f"{self._new:,} new on disk · {self.keys.key('reload')} reload")

    def on_files_not_watched(self, message: FilesNotWatched) -> None:
        """Show that changes on disk appear later."""
        self.post_status(f"Cannot watch the folder · checking every {message.seconds:.0f} s", "bad")

    def action_reload(self) -> None:
        """Reload the folder; open the collection again once broken settings are fixed."""
        if self.workspace.blocking_problems:
            self.workspace.reread_settings()
            if not self.workspace.blocking_problems:
                self.leave_for(self.workspace.config.collection)
                return
            self.post_settings_error()
        self.refresher.start(is_filling=True)

    # -- search ----------------------------------------------------------------------------

    def action_search(self) -> None:
        """Focus the query bar."""
        self.query_suggestions.want()
        self.bar.edit()

    def action_view(self, key: str) -> None:
        """Open a view."""
        view = next(view for view in (*VIEWS, *SAVED) if key in (view.key, view.name))
        self.set_filter(self.filter.opened(view))
        self.articles.focus()

    def action_topics(self) -> None:
        """Choose topics."""
        self.is_opening_dialog = True
        self._count_topics(self.filter.without_topics())

    @work(thread=True, group="topics", exclusive=True, exit_on_error=False)
    def _count_topics(self, chosen: Filter) -> None:
        from newsdesk.workspace.topic_tree import topic_rows

        taxonomy = self.workspace.taxonomy
        rows = topic_rows(taxonomy, self.workspace.topic_counts(chosen.query()))
        self.post_message(TopicCountsRead(rows, taxonomy.problems))

    def on_topic_counts_read(self, message: TopicCountsRead) -> None:
        """Open the topic picker."""
        from newsdesk.tui.dialogs.topic_picker import TopicChoice, TopicPicker

        self.is_opening_dialog = False

        def chosen(choice: TopicChoice | None) -> None:
            if choice is None:
                return
            picked = replace(self.filter, topics=choice.topics, every_topic=choice.every)
            if picked != self.filter:
                self.set_filter(picked, keep_cursor=True)

        if not message.rows:
            self.post_no_article("No topics here")
            return
        before = TopicChoice(self.filter.topics, self.filter.every_topic)
        self.app.push_screen(TopicPicker(message.rows, before, message.problems), chosen)

    def show_topic(self, topic: str) -> None:
        """Filter by one topic."""
        self.set_filter(replace(self.filter, topics=(topic,), every_topic=False))
        self.articles.focus()

    def action_sort(self) -> None:
        """Open the sort menu."""

        def chosen(field: str | None) -> None:
            if field:
                self.set_filter(self.filter.sorted_by(field))

        menu = KeyMenu("Sort by", sort_choices(self.filter.order), "press again to reverse")
        self.app.push_screen(menu, chosen)


def _collect_garbage() -> None:
    """Enable garbage collection, if the start of the program disabled it."""
    if not gc.isenabled():
        gc.freeze()  # objects of the start stay: scanning them again would only cost time
        gc.enable()
