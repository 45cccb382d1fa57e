"""The desk's screen: its layout, the way between its panes, and its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.worker import Worker, WorkerState

from newsdesk.collection.article import Article
from newsdesk.collection.profile import JEKYLL
from newsdesk.errors import NewsdeskError
from newsdesk.tui.bindings import bindings, rebind
from newsdesk.tui.controllers.main_view import LinkResultsView
from newsdesk.tui.controllers.stories import StoriesController
from newsdesk.tui.controllers.views import ViewsController
from newsdesk.tui.messages import ArticlesChanged, LinkResultsRead
from newsdesk.tui.safe_widgets import Input, Text
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.article_view import ArticleView
from newsdesk.tui.widgets.lists.article_list import ArticleList
from newsdesk.tui.widgets.lists.column_header import ColumnHeader
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.tui.widgets.lists.related_list import RelatedList
from newsdesk.tui.widgets.movement import MovementActions, Pane
from newsdesk.tui.widgets.query_bar import QueryBar
from newsdesk.tui.widgets.status_bar import KeyBar, StatusBar
from newsdesk.tui.widgets.view_tabs import ViewTabs
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.views import Filter
from newsdesk.workspace.workspace import Workspace

_log = logging.getLogger(__name__)

_LIST_KEYS: tuple[str, ...] = (
    "publish", "unpublish", "reject", "later", "undo", "search", "publish_best", "compare",
    "topics", "sort", "browse", "check_links", "edit", "mark", "review", "choose", "palette",
    "quit",
)  # fmt: skip
_DETAIL_KEYS = (
    "back", "browse", "copy", "edit", "check_links", "publish", "unpublish", "undo", "zoom",
)  # fmt: skip
_RELATED_KEYS = ("choose", "browse", "copy", "back", "publish", "undo", "zoom")
_BAR_KEYS = ("back", "choose")


class MainScreen(MovementActions, ViewsController, StoriesController):
    """The main screen. Workers post messages; only the handlers here touch the widgets."""

    BINDINGS = list(bindings())  # noqa: RUF012 - Textual's way
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (165, "-very-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#articles"
    EXPECTS_FOCUS = True  # keys wait until something has it

    def __init__(self, workspace: Workspace, width: int) -> None:
        super().__init__(workspace)
        rebind(bindings_of_node(self), self.keys, is_main_screen=True)
        # Told only when it is laid out, it would be laid out a second time.
        self.add_class(max(at for at in self.HORIZONTAL_BREAKPOINTS if at[0] <= width)[1])

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        name, profile = self.workspace.config.collection.name or "/", self.workspace.profile
        yield ViewTabs(
            name if profile == JEKYLL else f"{name} · {profile.name}",
            self.keys,
            self.workspace.config.collection,
        )
        yield QueryBar()
        with Horizontal(id="panes"):
            with Vertical(id="list-pane", classes="pane"):
                yield ColumnHeader(self.workspace.settings.columns)
                yield ArticleList(
                    self.workspace.rows,
                    self.workspace.editorial_states,
                    self.workspace.link_badges,
                    self.workspace.settings.columns,
                    id="articles",
                )
            with Vertical(id="side"):
                yield ArticleView(self.keys.key("edit"), self.keys.key("link_results"), id="detail")
                yield RelatedList(id="related")
        yield StatusBar()
        yield KeyBar(self.keys)

    def on_mount(self) -> None:
        """Show what the index holds, then compare it with the files."""
        self.query_one("#list-pane").border_title = " Articles "
        self.detail.border_title = " Article "
        self.related.border_title = " Related "
        self.articles.show_empty(Text("Opening …"))
        self.show_setting_problems()
        self.open()

    def on_unmount(self) -> None:
        """Let the watcher go, however the desk ends."""
        self.folder_watcher.stop()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has the focus."""
        self.call_after_refresh(self._show_keys)

    def _place(self) -> tuple[str, tuple[str, ...]]:
        """Return what is in front, in words, and the commands that matter most there."""
        focused = self.focused
        if isinstance(focused, Input):
            return "In the query bar", _BAR_KEYS
        if focused is self.detail:
            return "In the article", _DETAIL_KEYS
        if focused is self.related:
            return "In the related pane", _RELATED_KEYS
        return "In the list", _LIST_KEYS

    def _show_keys(self) -> None:
        focused = self.focused
        _, names = self._place()
        self.query_one(KeyBar).show(names)
        self.query_one("#list-pane").set_class(focused is self.articles, "-focused")
        self.set_class(focused is self.detail, "-on-detail")
        self.set_class(focused is self.related, "-on-related")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show the error of a failed worker; the screen stays open."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            self.is_opening_dialog = False
            if event.worker.group == "search":
                self.search_failed()
            _log.error("A worker failed", exc_info=error)
            if isinstance(error, NewsdeskError):
                self.post_error(error)
            else:
                self.post_status(f"Something went wrong: {type(error).__name__}: {error}", "bad")

    @property
    def pane(self) -> Pane:
        """The pane that has the keys; the list while something is typed."""
        focused = self.focused
        return focused if isinstance(focused, (LineList, ArticleView)) else self.articles

    def action_next_pane(self) -> None:
        """List, detail, related."""
        self.focus_next("#articles, #detail, #related")

    def action_previous_pane(self) -> None:
        """The other way round."""
        self.focus_previous("#articles, #detail, #related")

    def action_choose(self) -> None:
        """Open what is under the cursor."""
        if self.focused is self.related:
            self.follow()
        elif self.focused is self.detail:
            if self.detail.ran is not None:
                self.show_article(self.detail.ran.path)
        elif self.focused is self.articles and self.articles.toggle_story():
            return
        elif self.articles.count:
            self.detail.focus()

    def action_back(self) -> None:
        """Out of a pane; in the list: out of the query, then out of the topics."""
        if self.write_queue.stop():
            self.post_status(
                self.keys.fill("Stopped after the file at hand; {undo} takes the rest back.")
            )
        elif self.links.is_checking_article and self.links.cancel():
            self.post_status("Link check stopped · results kept")
        elif self.refresher.is_filling and self.refresher.cancel():
            self.post_status(self.keys.fill("Reading was stopped; {reload} goes on."))
        elif self.focused is not self.articles:
            self.articles.focus()
        elif self.links.cancel():
            self.post_status("Link check stopped · results kept")
        elif self.filter.text:
            self.set_filter(replace(self.filter, text=""), keep_cursor=True)
        elif self.filter.topics:
            self.set_filter(self.filter.without_topics(), keep_cursor=True)
        elif self.story_builder.cancel():
            self.post_status(self.keys.fill("Comparing was stopped; {reload} goes on."))
        self.remove_class("-zoomed")

    def action_zoom(self) -> None:
        """One pane at a time, and back."""
        self.toggle_class("-zoomed")

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        """A double click opens, as Enter does."""
        message.line_list.focus()
        self.action_choose()

    def action_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def action_dashboard(self) -> None:
        """Show the numbers of what is shown; what is opened there is shown here."""
        from newsdesk.tui.screens.dashboard import Dashboard

        def opened(chosen: Filter | None) -> None:
            if chosen is not None:
                self.set_filter(chosen)
                self.articles.focus()

        self.app.push_screen(Dashboard(self.workspace, self.asked, self.keys), opened)

    def action_compare(self) -> None:
        """Put the sources of the story under the cursor side by side."""
        row = self.articles.row
        if row is None:
            self.post_no_article("There is no article under the cursor")
            return
        from newsdesk.tui.screens.compare import CompareScreen

        def left(path: str | None) -> None:
            self.comparison = None
            if path:
                self.show_article(path)

        marked = tuple(mark.path for mark in self.articles.marked)
        self.comparison = screen = CompareScreen(self, self.workspace, row.path, marked)
        self.app.push_screen(screen, left)

    def action_review(self) -> None:
        """Look at what is not committed yet."""
        self.write_queue.when_done(self._open_review)

    def _open_review(self) -> None:
        from newsdesk.tui.screens.review import ReviewScreen

        def changed(action: Action) -> None:
            paths = [outcome.path for outcome in action.outcomes]
            self.post_message(ArticlesChanged(action, *self.workspace.ids_and_generation(paths)))

        self.app.push_screen(ReviewScreen(self.workspace, changed))

    def open_image(self, article: Article) -> None:
        """Open the image of an article on the whole screen."""
        from newsdesk.tui.screens.image import ImageScreen

        self.app.push_screen(ImageScreen(self.workspace, article))

    def open_link_results(
        self, results: LinkResultsRead, closed: Callable[[str | None], None]
    ) -> LinkResultsView:
        """Open the results of a check; `closed` gets the path to move to, or None."""
        from newsdesk.tui.screens.link_results import LinkResults

        screen = LinkResults(results, self)
        self.app.push_screen(screen, closed)
        return screen

    def action_help(self) -> None:
        """Show every key."""
        from newsdesk.tui.screens.help import HelpScreen
        from newsdesk.tui.screens.help_page import entries_of

        place, names = self._place()
        here = entries_of((name for name in names if name != "help"), place, self.keys)
        self.app.push_screen(HelpScreen(self.keys, tuple(here)))

    def action_suspend(self) -> None:
        """Step aside for the shell."""
        self.app.action_suspend_process()

    def action_quit(self) -> None:
        """Leave; what is being written is finished first."""
        self.leave_for(None)

    def leave_for(self, folder: Path | None) -> None:
        """Leave, for the desk of another collection if one is given."""
        self.refresher.cancel()
        self.links.cancel()
        self.images.leave()
        self.story_builder.cancel()
        self.write_queue.finish()
        self.app.exit(folder)

    async def on_key_bar_pressed(self, message: KeyBar.Pressed) -> None:
        """A key in the bar was clicked."""
        await self.run_action(message.name)
