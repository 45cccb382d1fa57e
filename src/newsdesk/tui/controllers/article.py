"""Show the selected article, open its URL or file, and move to related articles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual import work
from textual.timer import Timer

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError
from newsdesk.index.query.ast import highlighted_words
from newsdesk.index.schema import Row, article_key
from newsdesk.text import safe_line
from newsdesk.tui import external
from newsdesk.tui.controllers.search import SearchController
from newsdesk.tui.messages import (
    ArticleRead,
    ImageLoaded,
    ImageRequested,
    LinkResultsRead,
    LinksAdvanced,
    LinksCounted,
    LinksEnded,
    LinksFound,
    LinksGathered,
)
from newsdesk.tui.safe_text import shown
from newsdesk.tui.widgets.lists.line_list import LineList
from newsdesk.workspace.editorial_state import EditorialState
from newsdesk.workspace.views import ALL
from newsdesk.workspace.workspace import Workspace

_READ_DELAY_SECONDS = 0.045  # the cursor rests so long before the file is read


class ArticleController(SearchController):
    """The part of the main screen that shows one article."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._wanted: Row | None = None  # the article whose file is to be read next
        self._reading = False
        self._is_overtaken = False  # whether the file may have changed since it was read
        self._detail_timer: Timer | None = None

    def on_line_list_highlighted(self, message: LineList.Highlighted) -> None:
        """Read the selected article after a short delay."""
        if message.line_list is not self.articles:
            return
        self.images.leave()
        # Reading every row that the cursor passes would delay the next key.
        if self._detail_timer is not None:
            self._detail_timer.stop()
        if message.line_list.count:
            self._detail_timer = self.set_timer(_READ_DELAY_SECONDS, self.request_article)
        else:
            self.request_article()

    def request_article(self) -> None:
        """Read the selected article; the result is an `ArticleRead`."""
        self._wanted = self.articles.row
        if self._wanted is None:
            self.detail.show(None)
            self.related.show_nothing()
        elif self._reading:
            self._is_overtaken = True
        else:
            self._reading = True
            self._read_article()

    @property
    def is_reading(self) -> bool:
        """Whether an article is being read."""
        return self._reading

    @work(thread=True, group="detail", exit_on_error=False)
    def _read_article(self) -> None:
        row = self._wanted
        if row is None:
            self._reading = False
            return
        try:
            article = self.workspace.article(row.path)
            is_newer = article_key(article) != row.content_key
            if is_newer:
                self.workspace.reread([row.path])  # the list shows the same version then
            links, outcomes = self.links.cached_results(article)
            message = ArticleRead(
                row,
                article,
                self.workspace.stories.related_items(article),
                self.workspace.stories.story(row.path),
                editorial=self.workspace.editorial_states([row.path]).get(
                    row.path, EditorialState()
                ),
                links=links,
                outcomes=outcomes,
                is_newer=is_newer,
            )
        except BaseException:
            self._reading = False  # else no article would be read any more
            raise
        self.post_message(message)

    def on_article_read(self, message: ArticleRead) -> None:
        """Show the article; read again if the cursor moved or the file was written meanwhile."""
        is_overtaken, self._is_overtaken = self._is_overtaken, False
        self._reading = False
        if message.is_newer:
            self.articles.reload_rows()
        if self._wanted is None:
            return
        if is_overtaken:
            self._reading = True
            self._read_article()
        if self._wanted.path != message.row.path:
            return
        words = highlighted_words(self.asked.query())
        self.links.article_read(message.links, message.outcomes)
        self.detail.show(
            message.article,
            words,
            self.links.verdicts,
            self.links.pending,
            editorial=message.editorial,
            links=message.links,
            picture=self.images.known(message.article),
            story=message.story,
        )
        self.related.show(message.related_items)

    def follow(self) -> None:
        """Move to the selected related article, if it is in the collection."""
        item = self.related.item
        if item is None:
            return
        if item.path is None:
            self.post_status(
                self.keys.fill("Not in the collection · {browse} opens it in the browser")
            )
            return
        self.show_article(item.path)

    def action_go_to(self, path: str) -> None:
        """Move to an article whose path was clicked."""
        self.show_article(path)

    def show_article(self, path: str) -> None:
        """Move to an article, in the view All if it is not in the list."""
        if self.is_searching:
            self.call_after_search(partial(self.show_article, path))
            return
        ids, generation = self.workspace.ids_and_generation([path])
        id_ = ids.get(path)
        if generation != self.articles.generation:
            self.index_replaced()
            self.call_after_search(partial(self.show_article, path))
        elif id_ is None:
            self.post_status(f"Removed from disk: {path} · {self.keys.key('reload')} reload")
        elif self.articles.move_to_id(id_):
            self.articles.focus()
        else:
            self._show_in_all(id_)

    def _show_in_all(self, id_: int) -> None:
        """Open the view All and move to an article."""
        self.filter = replace(self.filter, view=ALL, topics=(), text="")
        self.bar.set_text("")
        self.search(goes_to=id_)
        self.articles.focus()
        self.post_status(
            self.keys.fill("In another view: showing All · {view_unpublished} Unpublished")
        )

    # -- URL and file ----------------------------------------------------------------------

    def _current_url(self) -> str:
        if self.focused is self.related and self.related.item:
            return self.related.item.url
        row = self.articles.row
        return row.url if row else ""

    def action_browse(self) -> None:
        """Open the URL of the selected article in the browser."""
        self.action_open_url(self._current_url())

    def action_open_url(self, url: str) -> None:
        """Open a URL that was clicked."""
        self.open_url(url)

    def open_url(self, url: str) -> None:
        """Open a URL in the browser."""
        if not url:
            self.post_no_url("open")
            return
        try:
            external.open_in_browser(url, self.workspace.settings.browser)
        except NewsdeskError as error:
            self.post_error(error)
        else:
            self.post_status(f"Opened {shown(url)}")

    def action_copy(self) -> None:
        """Copy the URL of the selected article."""
        url = self._current_url()
        if not url:
            self.post_no_url("copy")
        elif external.is_in_tmux():
            self._copy(url)
        else:
            self._copied(url, False)

    @work(thread=True, group="copy", exit_on_error=False)
    def _copy(self, url: str) -> None:
        is_in_tmux = external.copy_in_tmux(safe_line(url))
        self.app.call_from_thread(self._copied, url, is_in_tmux)

    def _copied(self, url: str, is_in_tmux: bool) -> None:
        if is_in_tmux:
            self.post_status(f"Copied, also in tmux: {shown(url)}")
        else:
            self.app.copy_to_clipboard(url)
            self.post_status(f"Copied {shown(url)}")

    def action_edit(self) -> None:
        """Open the selected article's file in the editor, then read it again."""
        row = self.articles.row
        if row is not None:
            self.edit_article(row.path)

    def edit_article(self, path: str) -> None:
        """Open a file in the editor, then read it again."""
        try:
            with self.app.suspend():
                external.edit_file(
                    self.workspace.config.collection / path, self.workspace.settings.editor
                )
        except NewsdeskError as error:
            self.post_error(error)
        self.refresh()
        self.workspace.reread([path])
        self.articles.reload_rows()
        self.request_article()
        self.count_views()

    def action_check_links(self) -> None:
        """Check the links of the selected article."""
        row = self.articles.row
        if row is not None:
            self.links.start(row.path)

    def action_check_shown(self) -> None:
        """Check the links of all articles in the list, in the background."""
        self.links.start_all(self.articles.lines.found, self.articles.generation)

    def action_link_results(self) -> None:
        """Show the results of link checks."""
        self.links.open_results()

    def on_links_opened(self) -> None:
        """Draw the verdicts in list and article pane."""
        self.articles.reload_badges()
        self.request_article()

    def on_links_counted(self, message: LinksCounted) -> None:
        """Ask before many links are checked."""
        self.links.counted(message)

    def on_links_found(self, message: LinksFound) -> None:
        """Show which links of the article are being checked."""
        self.links.found(message)

    def on_links_gathered(self, message: LinksGathered) -> None:
        """Note the URLs that are checked."""
        self.links.gathered(message)

    def on_links_advanced(self, message: LinksAdvanced) -> None:
        """Add verdicts of the running check."""
        self.links.advanced(message)

    def on_links_ended(self, message: LinksEnded) -> None:
        """End the check."""
        self.links.ended(message)

    def on_link_results_read(self, message: LinkResultsRead) -> None:
        """Open the results."""
        self.links.results_read(message)

    def action_toggle_images(self) -> None:
        """Switch images on or off."""
        self.images.toggle()

    def action_image(self) -> None:
        """Show the image of the article on the whole screen."""
        article = self._shown_article()
        if article is not None:
            self.images.open_full_screen(article)

    def on_image_requested(self, message: ImageRequested) -> None:
        """Load an image for a reserved area."""
        self.images.want(message.url, message.place)

    def on_image_loaded(self, message: ImageLoaded) -> None:
        """Show a loaded image."""
        self.images.read(message)

    def _shown_article(self) -> Article | None:
        article, row = self.detail.article, self.articles.row
        if row is not None and (article is None or article.path != row.path):
            return self.workspace.article(row.path)
        return article
