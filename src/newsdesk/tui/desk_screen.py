"""The desk: list, detail and related panes, and what the commands do to them."""

from __future__ import annotations

import logging
from dataclasses import replace

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from newsdesk.collection.article import Article
from newsdesk.desk.desk import Desk
from newsdesk.desk.views import ALL, UNPUBLISHED, VIEWS, Filter
from newsdesk.errors import NewsdeskError, QueryError
from newsdesk.index.query import words_of
from newsdesk.index.schema import Row
from newsdesk.text import shown
from newsdesk.tui import outside
from newsdesk.tui.article_detail import ArticleDetail
from newsdesk.tui.article_list import ArticleList, ColumnHeads
from newsdesk.tui.commands import bindings
from newsdesk.tui.decisions import Decisions
from newsdesk.tui.empty_states import words_for_empty
from newsdesk.tui.help_screen import HelpScreen
from newsdesk.tui.line_list import LineList
from newsdesk.tui.link_check import LinkCheck
from newsdesk.tui.messages import (
    ArticleRead,
    ArticlesChanged,
    ArticlesFound,
    NothingToDo,
    RefreshAdvanced,
    RefreshEnded,
    TopicCountsRead,
    WorkFailed,
)
from newsdesk.tui.moving import Moves, Pane
from newsdesk.tui.query_bar import QueryBar
from newsdesk.tui.refreshing import Refreshing
from newsdesk.tui.related_list import RelatedList
from newsdesk.tui.sort_menu import SortMenu
from newsdesk.tui.status_line import KeyBar, StatusLine
from newsdesk.tui.topic_picker import TopicPicker
from newsdesk.tui.view_tabs import ViewTabs

_log = logging.getLogger(__name__)

_LIST_KEYS: tuple[str, ...] = (
    "publish", "unpublish", "undo", "search", "topics", "sort", "browse", "edit",
    "check_links", "choose", "palette", "quit_desk",
)  # fmt: skip
_DETAIL_KEYS = (
    "back", "browse", "copy", "edit", "check_links", "publish", "unpublish", "undo", "zoom",
)  # fmt: skip
_RELATED_KEYS = ("choose", "browse", "copy", "back", "publish", "undo", "zoom")
_BAR_KEYS = ("back", "choose")
_DETAIL_AFTER = 0.045  # seconds that the cursor rests on a row before its file is read


class DeskScreen(Moves, Screen[None]):
    """The main screen. Workers post messages; only the handlers here touch the widgets."""

    BINDINGS = list(bindings())  # noqa: RUF012 - Textual's way
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (165, "-very-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#articles"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.filter = Filter()
        self._question = 0  # the number of the newest search; older answers are dropped
        self._keeps_cursor = False
        self._is_first_answer = True
        self._wanted: Row | None = None  # the article whose file is to be read next
        self._reading = False
        self._in_view = 0
        self._detail_timer = self.set_timer(0, lambda: None)
        self._decisions = Decisions(self, desk)
        self._refreshing = Refreshing(self, desk)
        self._links = LinkCheck(self, desk)

    # -- layout ----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        yield ViewTabs(self.desk.config.collection.name or "/")
        yield QueryBar()
        with Horizontal(id="panes"):
            with Vertical(id="list-pane", classes="pane"):
                yield ColumnHeads()
                yield ArticleList(self.desk.rows, id="articles")
            with Vertical(id="side"):
                yield ArticleDetail(id="detail")
                yield RelatedList(id="related")
        yield StatusLine()
        yield KeyBar()

    @property
    def articles(self) -> ArticleList:
        """The list."""
        return self.query_one("#articles", ArticleList)

    @property
    def detail(self) -> ArticleDetail:
        """The article under the list's cursor."""
        return self.query_one("#detail", ArticleDetail)

    @property
    def related(self) -> RelatedList:
        """What belongs to it."""
        return self.query_one("#related", RelatedList)

    @property
    def bar(self) -> QueryBar:
        """The query bar."""
        return self.query_one(QueryBar)

    @property
    def status(self) -> StatusLine:
        """The line of words at the bottom."""
        return self.query_one(StatusLine)

    def on_mount(self) -> None:
        """Show what the index holds, then compare it with the files."""
        self.query_one("#list-pane").border_title = " Articles "
        self.detail.border_title = " Article "
        self.related.border_title = " Related "
        self.articles.say_empty(Text("Opening …"))
        self._search()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has the focus."""
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        focused = self.focused
        names = _LIST_KEYS
        if isinstance(focused, Input):
            names = _BAR_KEYS
        elif focused is self.detail:
            names = _DETAIL_KEYS
        elif focused is self.related:
            names = _RELATED_KEYS
        self.query_one(KeyBar).show(names)
        self.query_one("#list-pane").set_class(focused is self.articles, "-focused")
        self.set_class(focused is self.detail, "-on-detail")
        self.set_class(focused is self.related, "-on-related")

    def say(self, sentence: str, state: str = "") -> None:
        """Say what happened, in words that are safe to show."""
        self.status.say(shown(sentence), state)

    def complain(self, error: NewsdeskError) -> None:
        """Say what went wrong and what to do."""
        self.say(str(error), "bad")

    # -- searching -------------------------------------------------------------------------

    def _search(self, *, keep_cursor: bool = False) -> None:
        """Ask for what the filter describes; the answer is an `ArticlesFound`."""
        self._keeps_cursor = keep_cursor
        try:
            self.filter.query()
        except QueryError as error:
            self.bar.show_mistake(error)  # the last good result stays
            return
        self._question += 1
        self._run_search(self._question, self.filter)

    @work(thread=True, group="search", exit_on_error=False)
    def _run_search(self, number: int, chosen: Filter) -> None:
        if number != self._question:  # a newer question waits already
            return
        typing = isinstance(self.focused, Input)
        ids = self.desk.search(chosen.query(), typing=typing)
        in_view = len(ids)
        if chosen.narrows:
            in_view = self.desk.count(chosen.without_narrowing().query())
        self.post_message(ArticlesFound(number, ids, in_view, self.desk.view_counts()))

    def on_articles_found(self, message: ArticlesFound) -> None:
        """Show the answer, unless the question has changed."""
        if message.number != self._question:
            return
        counts = message.view_counts
        if self._is_first_answer:
            self._is_first_answer = False
            self._refreshing.start(is_filling=not counts.get(ALL))
            if not counts.get(UNPUBLISHED) and counts.get(ALL):
                self._set_filter(replace(self.filter, view=ALL))
                return
        if self.desk.needs_refresh:
            self._refreshing.start(is_filling=True)
        self._in_view = message.in_view
        self.query_one(ViewTabs).show(self.filter.view, counts)
        self.query_one(ColumnHeads).show_order(self.filter.query().order)
        self.articles.say_empty(
            *words_for_empty(
                self.filter,
                in_view=message.in_view,
                in_collection=counts.get(ALL, 0),
                is_reading=self._refreshing.is_running,
            )
        )
        words = words_of(self.filter.query())
        self.articles.show(message.ids, keep_cursor=self._keeps_cursor, words=words)
        self.bar.show_summary(self.filter, len(message.ids), message.in_view)

    def _set_filter(self, chosen: Filter, *, keep_cursor: bool = False) -> None:
        self.filter = chosen
        self.bar.set_text(chosen.text)
        self._search(keep_cursor=keep_cursor)

    def on_query_bar_changed(self, message: QueryBar.Changed) -> None:
        """Results as you type."""
        self.filter = replace(self.filter, text=message.text)
        self._search()

    def on_query_bar_left(self) -> None:
        """Back from the bar to the list."""
        self.articles.focus()

    def on_view_tabs_chosen(self, message: ViewTabs.Chosen) -> None:
        """A view was clicked."""
        self._set_filter(replace(self.filter, view=message.view))

    def on_article_list_widened(self, message: ArticleList.Widened) -> None:
        """Keep the heads over their columns."""
        self.query_one(ColumnHeads).fit_to(message.width)

    def on_column_heads_clicked(self, message: ColumnHeads.Clicked) -> None:
        """A click on a column's head sorts by it."""
        self._set_filter(self.filter.sorted_by(message.field), keep_cursor=True)

    # -- the article under the cursor -----------------------------------------------------

    def on_line_list_highlighted(self, message: LineList.Highlighted) -> None:
        """Read the article that the cursor went to."""
        if message.line_list is not self.articles:
            return
        # The next key counts more than the detail of a row that is passed by.
        self._detail_timer.stop()
        if message.line_list.count:
            self._detail_timer = self.set_timer(_DETAIL_AFTER, self._want_article)
        else:
            self._want_article()

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        """A double click opens, as Enter does."""
        message.line_list.focus()
        self.action_choose()

    def _want_article(self) -> None:
        self._wanted = self.articles.row
        if self._wanted is None:
            self.detail.show(None)
            self.related.show(None, {}, ())
        elif not self._reading:
            self._reading = True
            self._read_article()

    @work(thread=True, group="detail", exit_on_error=False)
    def _read_article(self) -> None:
        row = self._wanted
        if row is None:
            self._reading = False
            return
        article = self.desk.article(row.path)
        self.post_message(
            ArticleRead(
                row, article, self.desk.paths_of_related(article), self.desk.pointing_at(article)
            )
        )

    def on_article_read(self, message: ArticleRead) -> None:
        """Show it, or read on if the cursor went further meanwhile."""
        self._reading = False
        if self._wanted is None:
            return
        if self._wanted.path != message.row.path:
            self._reading = True
            self._read_article()
            return
        words = words_of(self.filter.query())
        self.detail.show(message.article, words, self._links.verdicts, self._links.pending)
        self.related.show(message.article, message.paths_of_related, message.pointing_here)

    # -- refreshing ------------------------------------------------------------------------

    def on_refresh_advanced(self, message: RefreshAdvanced) -> None:
        """Show how far it is, and fill the list as rows come in."""
        if self._refreshing.advanced(message.progress):
            self._search(keep_cursor=self.articles.cursor > 0)

    def on_refresh_ended(self, message: RefreshEnded) -> None:
        """Show what changed: rows in place; new ones are announced, unless they are awaited."""
        was_filling = self._refreshing.is_filling
        news = self._refreshing.ended(message.report)
        if was_filling or not self.articles.count:
            self._search(keep_cursor=self.articles.cursor > 0)
        elif news:
            self.articles.forget_rows()
            self._want_article()
            self._count_views()
            self.say(news)
        for notice in self.desk.notices:
            self.say(notice)
        self.desk.notices.clear()

    def action_refresh_desk(self) -> None:
        """Compare with the files and sort anew."""
        self._refreshing.start(is_filling=True)

    # -- deciding --------------------------------------------------------------------------

    def action_publish(self) -> None:
        """Publish the article under the cursor."""
        self._decide(True)

    def action_unpublish(self) -> None:
        """Make the article under the cursor a draft again."""
        self._decide(False)

    def _decide(self, value: bool) -> None:
        row = self.articles.row
        if row is None:
            self.say("There is no article under the cursor.")
            return
        self._decisions.carry_out(lambda: self.desk.set_published([row.path], value))
        if self.focused is not self.detail and self.focused is not self.related:
            self.articles.move(1)

    def action_undo(self) -> None:
        """Take back the newest decision."""
        self._decisions.carry_out(self.desk.undo, "There is nothing to undo.")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._decisions.carry_out(self.desk.redo, "There is nothing to redo.")

    def on_articles_changed(self, message: ArticlesChanged) -> None:
        """Repaint the rows, say what was done."""
        action = message.action
        changed = [message.ids[path] for path in action.changed if path in message.ids]
        self.articles.mark_acted(changed)
        if action.verb.startswith("undo") and changed:
            self.articles.unmark_acted(changed)
            self.articles.move_to_id(changed[0])
        self._want_article()
        self.say(*self._decisions.describe(action))
        self._count_views()

    @work(thread=True, group="counts", exit_on_error=False)
    def _count_views(self) -> None:
        counts = self.desk.view_counts()
        self.app.call_from_thread(self.query_one(ViewTabs).show, self.filter.view, counts)

    def on_nothing_to_do(self, message: NothingToDo) -> None:
        """Say so."""
        self.say(message.sentence)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Say what went wrong."""
        self.complain(message.error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker that fell over says so; the desk stays open."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            _log.error("A worker failed", exc_info=error)
            if isinstance(error, NewsdeskError):
                self.complain(error)
            else:
                self.say(f"Something went wrong: {type(error).__name__}: {error}", "bad")

    # -- moving ----------------------------------------------------------------------------

    @property
    def pane(self) -> Pane:
        """The pane that has the keys; the list while something is typed."""
        focused = self.focused
        return focused if isinstance(focused, (LineList, ArticleDetail)) else self.articles

    def action_next_pane(self) -> None:
        """List, detail, related."""
        self.focus_next("#articles, #detail, #related")

    def action_previous_pane(self) -> None:
        """The other way round."""
        self.focus_previous("#articles, #detail, #related")

    def action_choose(self) -> None:
        """Open what is under the cursor."""
        if self.focused is self.related:
            self._follow()
        elif self.focused is not self.detail and self.articles.count:
            self.detail.focus()

    def _follow(self) -> None:
        neighbour = self.related.neighbour
        if neighbour is None:
            return
        if neighbour.path is None:
            self.say("This one is not in the collection; o opens it in the browser.")
            return
        found = self.desk.ids_of([neighbour.path])
        id_ = found.get(neighbour.path)
        if id_ is None:
            self.say(f"{neighbour.path} is gone; r refreshes.")
        elif self.articles.move_to_id(id_):
            self.articles.focus()
        else:
            self._show_in_all(id_)

    def _show_in_all(self, id_: int) -> None:
        """Widen to everything, so that the article is in the list, and go there."""
        self.filter = replace(self.filter, view=ALL, topics=(), text="")
        self.bar.set_text("")
        ids = self.desk.search(self.filter.query())
        self._question += 1
        self._in_view = len(ids)
        self.articles.show(ids, keep_cursor=False)
        self.articles.move_to_id(id_)
        self.articles.focus()
        self.bar.show_summary(self.filter, len(ids), len(ids))
        self._count_views()
        self.say("It is in another view: showing All. 1 goes back to Unpublished.")

    def action_back(self) -> None:
        """Out of a pane; in the list: out of the query, then out of the topics."""
        if self._links.cancel():
            self.say("Checking was stopped; what is known is kept.")
        elif self._refreshing.is_filling and self._refreshing.cancel():
            self.say("Reading was stopped; r goes on.")
        elif self.focused is not self.articles:
            self.articles.focus()
        elif self.filter.text:
            self._set_filter(replace(self.filter, text=""), keep_cursor=True)
        elif self.filter.topics:
            self._set_filter(replace(self.filter, topics=()), keep_cursor=True)
        self.remove_class("-zoomed")

    def action_zoom(self) -> None:
        """One pane at a time, and back."""
        self.toggle_class("-zoomed")

    # -- finding ---------------------------------------------------------------------------

    def action_search(self) -> None:
        """Type a query."""
        self.bar.edit()

    def action_view(self, key: str) -> None:
        """Open a view."""
        view = next(view for view in VIEWS if view.key == key)
        self._set_filter(replace(self.filter, view=view))
        self.articles.focus()

    def action_topics(self) -> None:
        """Choose topics."""
        self._count_topics(self.filter.without_topics())

    @work(thread=True, group="topics", exclusive=True, exit_on_error=False)
    def _count_topics(self, chosen: Filter) -> None:
        self.post_message(TopicCountsRead(self.desk.topic_counts(chosen.query())))

    def on_topic_counts_read(self, message: TopicCountsRead) -> None:
        """Open the picker with live counts."""

        def chosen(topics: tuple[str, ...] | None) -> None:
            if topics is not None and topics != self.filter.topics:
                self._set_filter(replace(self.filter, topics=topics), keep_cursor=True)

        if not message.counts:
            self.say("There are no topics here.")
            return
        self.app.push_screen(TopicPicker(message.counts, self.filter.topics), chosen)

    def action_sort(self) -> None:
        """Choose an order."""

        def chosen(field: str | None) -> None:
            if field:
                self._set_filter(self.filter.sorted_by(field))

        self.app.push_screen(SortMenu(self.filter.order), chosen)

    # -- reading ---------------------------------------------------------------------------

    def _current_url(self) -> str:
        if self.focused is self.related and self.related.neighbour:
            return self.related.neighbour.url
        row = self.articles.row
        return row.url if row else ""

    def action_browse(self) -> None:
        """Open the address in the browser."""
        self.action_open_address(self._current_url())

    def action_open_address(self, url: str) -> None:
        """Open an address that was clicked."""
        if not url:
            self.say("There is no web address to open.", "bad")
            return
        try:
            outside.open_in_browser(url)
        except NewsdeskError as error:
            self.complain(error)
        else:
            self.say(f"Opened {shown(url)}")

    def action_copy(self) -> None:
        """Copy the address."""
        url = self._current_url()
        if url:
            self.app.copy_to_clipboard(url)
        self.say(f"Copied {shown(url)}" if url else "There is no web address to copy.")

    def action_edit(self) -> None:
        """Open the file in the editor, then read it again."""
        row = self.articles.row
        if row is None:
            return
        try:
            with self.app.suspend():
                outside.edit_file(self.desk.config.collection / row.path)
        except NewsdeskError as error:
            self.complain(error)
        self.refresh()
        self.desk.reread([row.path])
        self.articles.forget_rows()
        self._want_article()
        self._count_views()

    def action_check_links(self) -> None:
        """Ask the article's addresses whether they still answer."""
        article = self._shown_article()
        if article is not None:
            self._links.start(article)

    def _shown_article(self) -> Article | None:
        article, row = self.detail.article, self.articles.row
        if row is not None and (article is None or article.path != row.path):
            return self.desk.article(row.path)
        return article

    # -- the desk --------------------------------------------------------------------------

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show every key."""
        self.app.push_screen(HelpScreen())

    def action_suspend_desk(self) -> None:
        """Step aside for the shell."""
        self.app.action_suspend_process()

    def action_quit_desk(self) -> None:
        """Leave; what is being written is finished first."""
        self._refreshing.cancel()
        self._links.cancel()
        self._decisions.finish()
        self.app.exit()

    async def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """A key in the bar was clicked."""
        await self.run_action(message.name)
