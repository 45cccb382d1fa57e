"""Load the image of the selected article in the background, once the cursor rests."""

from __future__ import annotations

import threading
from functools import partial

from textual.timer import Timer

from newsdesk.collection.article import Article
from newsdesk.tui import external
from newsdesk.tui.controllers.main_view import MainView
from newsdesk.tui.messages import ImageLoaded
from newsdesk.tui.widgets.article_view import ArticleView
from newsdesk.tui.widgets.half_block_image import Picture, Place
from newsdesk.workspace.workspace import Workspace

_LOAD_DELAY_SECONDS = 0.3  # the cursor rests so long before an image is requested
MAX_CACHED = 24  # images in memory
_FEW_COLOURS = (None, "standard", "windows")  # what Rich calls 16 colours and fewer
NOT_INSTALLED = "Images need an extra: pip install 'newsdesk[images]'"
NO_COLOURS = "This terminal has too few colours for images"


class ImagesController:
    """Switches images on and off, loads one at a time, caches the newest."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._drawn: dict[tuple[str, Place], Picture] = {}
        self._wanted: tuple[str, Place] | None = None
        self._timer: Timer | None = None
        self._stop = threading.Event()
        self._is_busy = False

    @property
    def _detail(self) -> ArticleView:
        return self._screen.detail

    def start(self) -> None:
        """Switch images on if the settings and the terminal allow it."""
        if self._workspace.settings.images == "off":
            return
        from newsdesk.workspace.images.service import are_images_enabled

        if are_images_enabled(self._workspace.settings.images):
            self._switch_on()

    def toggle(self) -> None:
        """Switch images on or off for this session."""
        if self._detail.shows_images:
            self.leave()
            self._detail.switch_images(False)
            self._screen.post_status("Images off: no image server is contacted")
        elif self._switch_on():
            self._screen.post_status("Images on: their servers are contacted")

    def _switch_on(self) -> bool:
        if reason := self.unavailable_reason():
            self._screen.post_status(reason, "bad")
            return False
        self._detail.switch_images(True)
        return True

    def unavailable_reason(self) -> str:
        """Return why images cannot be shown here; empty if they can."""
        from newsdesk.workspace.images.service import is_installed

        if not is_installed():
            return NOT_INSTALLED
        if not external.HAS_COLOUR or self._screen.app.console.color_system in _FEW_COLOURS:
            return NO_COLOURS
        return ""

    def known(self, article: Article) -> Picture | None:
        """Return an article's image if it is cached, or why it cannot be loaded."""
        if not self._detail.shows_images or not article.images:
            return None
        url = article.images[0].url
        if reason := self._workspace.pictures.reason(url):
            return Picture(url, reason=reason)
        drawn = [picture for (of, _), picture in self._drawn.items() if of == url]
        return drawn[-1] if drawn else None

    def open_full_screen(self, article: Article) -> None:
        """Show the image of an article on the whole screen; loads it if it is not cached."""
        if reason := self.unavailable_reason():
            self._screen.post_status(reason, "bad")
        elif not article.images:
            self._screen.post_status("This article has no image")
        else:
            self._screen.open_image(article)

    def leave(self) -> None:
        """Cancel the request for an image: the cursor moved."""
        self._wanted = None
        self._stop.set()
        if self._timer is not None:
            self._timer.stop()

    def want(self, url: str, place: Place) -> None:
        """Load an image for a reserved area, once the cursor rests."""
        if self._wanted == (url, place):
            return
        self.leave()
        if drawn := self._drawn.get((url, place)):
            self._detail.show_image(drawn)
            return
        self._wanted = (url, place)
        self._timer = self._screen.set_timer(_LOAD_DELAY_SECONDS, self._begin)

    def _begin(self) -> None:
        if self._wanted is None or self._is_busy:
            return  # `read` starts the next one
        self._is_busy = True
        self._stop = threading.Event()
        work = partial(self._read, *self._wanted, self._stop)
        self._screen.start_worker(work, "pictures")

    def _read(self, url: str, place: Place, stop: threading.Event) -> None:
        from newsdesk.tui.controllers.image_loader import load_image

        picture = None
        try:
            picture = load_image(self._workspace, url, place, stop)
        finally:
            self._screen.post_message(ImageLoaded(url, place, picture))

    def read(self, message: ImageLoaded) -> None:
        """Cache an image that was loaded, and show it if it is still requested."""
        self._is_busy = False
        if message.picture is not None and message.picture.lines:
            self._drawn[message.url, message.place] = message.picture
            if len(self._drawn) > MAX_CACHED:
                del self._drawn[next(iter(self._drawn))]
        # A cancelled image may be requested again: the cursor came back meanwhile.
        if self._wanted != (message.url, message.place) or self._stop.is_set():
            self._begin()
        elif message.picture is not None:
            self._detail.show_image(message.picture)
