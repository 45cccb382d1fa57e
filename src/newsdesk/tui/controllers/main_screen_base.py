"""The base of the main screen: its panes, its controllers, and messages in the status line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.screen import Screen
from textual.worker import Worker

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError
from newsdesk.tui.controllers.images import ImagesController
from newsdesk.tui.controllers.links import LinksController
from newsdesk.tui.controllers.main_view import ComparisonView, Decide, LinkResultsView
from newsdesk.tui.controllers.onboarding import Onboarding
from newsdesk.tui.controllers.query_suggestions import QuerySuggestions
from newsdesk.tui.controllers.refresh import FolderWatcher, RefreshController
from newsdesk.tui.controllers.story_builder import StoryBuilder
from newsdesk.tui.controllers.write_queue import WriteQueue
from newsdesk.tui.messages import LinkResultsRead
from newsdesk.tui.safe_text import shown
from newsdesk.tui.widgets.article_view import ArticleView
from newsdesk.tui.widgets.lists.article_list import ArticleList
from newsdesk.tui.widgets.lists.related_list import RelatedList
from newsdesk.tui.widgets.query_bar import QueryBar
from newsdesk.tui.widgets.status_bar import StatusBar
from newsdesk.workspace.views import Filter
from newsdesk.workspace.workspace import Workspace


class MainScreenBase(Screen[None]):
    """Holds the panes and controllers; its subclasses implement the requests at the end."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        settings = workspace.settings
        self.keys = settings.keys  # read once, as the bindings are made of them
        self.filter = Filter.opening(settings.view, settings.order)
        self.session_summary = ""  # what was decided in this session, in words
        self.is_opening_dialog = False  # keys wait while a worker prepares a dialog
        self.in_view = 0  # articles in the view, with those that the filter hides
        self.write_queue = WriteQueue(self, workspace)
        self.refresher = RefreshController(self, workspace)
        self.links = LinksController(self, workspace)
        self.images = ImagesController(self, workspace)
        self.query_suggestions = QuerySuggestions(self, workspace)
        self.story_builder = StoryBuilder(self, workspace)
        self.comparison: ComparisonView | None = None  # the screen above this one
        self.collapses_stories = settings.collapses_stories  # one row for each story
        self.folder_watcher = FolderWatcher(self, workspace, self.refresher)
        self.onboarding = Onboarding(self, workspace)

    @property
    def articles(self) -> ArticleList:
        """The article list."""
        return self.query_one("#articles", ArticleList)

    @property
    def detail(self) -> ArticleView:
        """The article pane."""
        return self.query_one("#detail", ArticleView)

    @property
    def related(self) -> RelatedList:
        """The list of related articles."""
        return self.query_one("#related", RelatedList)

    @property
    def bar(self) -> QueryBar:
        """The query bar."""
        return self.query_one(QueryBar)

    @property
    def status(self) -> StatusBar:
        """The status line."""
        return self.query_one(StatusBar)

    def post_status(self, sentence: str, state: str = "") -> None:
        """Show what happened; `state` is `good`, `bad` or empty."""
        self.status.post_status(shown(sentence), state)
        self.links.post_on_results(shown(sentence), state)
        if self.comparison is not None:
            self.comparison.post_status(shown(sentence), state)

    def post_no_article(self, sentence: str) -> None:
        """Show that there is no article to act on, with keys that show some."""
        self.post_status(
            self.keys.fill(f"{sentence} · {{back}} clears the search · {{view_all}} shows all")
        )

    def post_no_url(self, purpose: str) -> None:
        """Show that the article has no URL to `purpose`."""
        self.post_status(self.keys.fill(f"No URL to {purpose} · {{edit}} edits the file"), "bad")

    def post_error(self, error: NewsdeskError) -> None:
        """Show an error with its remedy."""
        self.post_status(self.keys.with_keys(str(error)), "bad")

    def post_settings_error(self) -> None:
        """Show that nothing can be written because settings are broken."""
        mistake = self.workspace.blocking_problems[0]
        place = mistake.message.partition(": ")[0].rpartition("/")[2]
        message = f"Read only: {place} is broken · {{reload}} after a fix"
        self.post_status(self.keys.fill(message), "bad")

    def start_worker(self, work: Callable[[], None], group: str) -> Worker[None]:
        """Run `work` on a thread; an exception is reported and the screen stays open."""
        return self.run_worker(work, thread=True, group=group, exit_on_error=False)

    def carry_out(self, decide: Decide, *, name: str) -> None:
        """Queue a decision."""
        self.write_queue.carry_out(decide, name=name)

    # -- implemented by subclasses ---------------------------------------------------------

    def search(self, *, keep_cursor: bool = False, goes_to: int | None = None) -> None:
        """Search for what the filter describes."""
        raise NotImplementedError

    def set_filter(self, chosen: Filter, *, keep_cursor: bool = False) -> None:
        """Show what another filter describes."""
        raise NotImplementedError

    def request_article(self) -> None:
        """Read the selected article."""
        raise NotImplementedError

    def show_article(self, path: str) -> None:
        """Move to an article, in the view All if it is not in the list."""
        raise NotImplementedError

    def open_url(self, url: str) -> None:
        """Open a URL in the browser."""
        raise NotImplementedError

    def edit_article(self, path: str) -> None:
        """Open a file in the editor."""
        raise NotImplementedError

    def views_counted(self, unpublished: int) -> None:
        """Handle new counts of the views."""

    def leave_for(self, folder: Path | None) -> None:
        """Quit, or open another collection if one is given."""
        raise NotImplementedError

    def count_views(self) -> None:
        """Count the views again."""
        raise NotImplementedError

    def open_image(self, article: Article) -> None:
        """Open the image of an article on the whole screen."""
        raise NotImplementedError

    def open_link_results(
        self, results: LinkResultsRead, closed: Callable[[str | None], None]
    ) -> LinkResultsView:
        """Open the results of a check; `closed` gets the path to move to, or None."""
        raise NotImplementedError
