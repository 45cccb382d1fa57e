"""What a controller may show on the main screen, and request of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from textual.app import App
from textual.geometry import Size
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError
from newsdesk.tui.messages import LinkResultsRead
from newsdesk.tui.widgets.article_view import ArticleView
from newsdesk.tui.widgets.lists.article_list import ArticleList
from newsdesk.tui.widgets.query_bar import QueryBar
from newsdesk.tui.widgets.status_bar import StatusBar
from newsdesk.workspace.keymap.keymap import Keys
from newsdesk.workspace.views import Filter

if TYPE_CHECKING:
    from newsdesk.workspace.outcomes import Action

Decide: TypeAlias = "Callable[[Callable[[int, int], None], Callable[[], bool]], Action | None]"


class ComparisonView(Protocol):
    """A screen above the main screen that compares the sources of a story."""

    def read(self) -> object:
        """Read the sources again."""

    def post_status(self, sentence: str, state: str = "") -> None:
        """Show what happened."""


class LinkResultsView(Protocol):
    """A screen above the main screen that lists the results of a link check."""

    def post_status(self, sentence: str, state: str = "") -> None:
        """Show what happened."""

    def repaired(self, paths: Iterable[str], *, is_undo: bool) -> None:
        """Mark the articles whose URL was replaced, or restored."""


class MainView(Protocol):
    """The main screen as its controllers see it. All of it is for the event loop, but for
    `post_message`, which workers may call.
    """

    keys: Keys
    filter: Filter
    is_opening_dialog: bool

    @property
    def app(self) -> App[Any]:
        """The application."""

    @property
    def focused(self) -> Widget | None:
        """The widget that has the focus."""

    @property
    def size(self) -> Size:
        """The size of the screen in cells."""

    @property
    def articles(self) -> ArticleList:
        """The article list."""

    @property
    def detail(self) -> ArticleView:
        """The article pane."""

    @property
    def bar(self) -> QueryBar:
        """The query bar."""

    @property
    def status(self) -> StatusBar:
        """The status line."""

    def post_message(self, message: Message) -> bool:
        """Post a message to the screen, from any thread."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back after `delay` seconds."""

    def start_worker(self, work: Callable[[], None], group: str) -> Worker[None]:
        """Run `work` on a thread; an exception is reported and the screen stays open."""

    def carry_out(self, decide: Decide, *, name: str) -> None:
        """Queue a decision for the write queue."""

    def post_status(self, sentence: str, state: str = "") -> None:
        """Show what happened; `state` is `good`, `bad` or empty."""

    def post_error(self, error: NewsdeskError) -> None:
        """Show an error."""

    def post_no_article(self, sentence: str) -> None:
        """Show that there is no article to act on."""

    def post_no_url(self, purpose: str) -> None:
        """Show that the article has no URL to `purpose`."""

    def show_article(self, path: str) -> None:
        """Move to an article, in the view All if it is not in the list."""

    def open_image(self, article: Article) -> None:
        """Open the image of an article on the whole screen."""

    def open_link_results(
        self, results: LinkResultsRead, closed: Callable[[str | None], None]
    ) -> LinkResultsView:
        """Open the results of a check; `closed` gets the path to move to, or None."""
