"""Show the lead picture of an article: when the cursor rests, fetched in the background."""

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

_REST = 0.3  # seconds that the cursor rests on a row before a picture is asked for
_MOST_KEPT = 24  # drawn pictures in memory
_FEW_COLOURS = (None, "standard", "windows")  # what Rich calls 16 colours and fewer
NOT_INSTALLED = "Images need an extra: pip install 'newsdesk[images]'"
NO_COLOURS = "This terminal has too few colours for images"


class ImagesController:
    """Whether pictures are shown, the one that is wanted, and those that were drawn."""

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
        """Show pictures if the settings say so and it is possible."""
        if self._workspace.settings.images == "off":
            return
        from newsdesk.workspace.images.service import are_images_enabled

        if are_images_enabled(self._workspace.settings.images):
            self._switch_on()

    def toggle(self) -> None:
        """Switch pictures on or off for this sitting."""
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
        """Return why no picture can be shown here, as a sentence; empty if they can."""
        from newsdesk.workspace.images.service import is_installed

        if not is_installed():
            return NOT_INSTALLED
        if not external.HAS_COLOUR or self._screen.app.console.color_system in _FEW_COLOURS:
            return NO_COLOURS
        return ""

    def known(self, article: Article) -> Picture | None:
        """Return what this sitting knows of an article's picture before it is laid out."""
        if not self._detail.shows_images or not article.images:
            return None
        url = article.images[0].url
        if reason := self._workspace.pictures.reason(url):
            return Picture(url, reason=reason)
        drawn = [picture for (of, _), picture in self._drawn.items() if of == url]
        return drawn[-1] if drawn else None

    def open_full_screen(self, article: Article) -> None:
        """Show the picture of an article on the whole screen; asks its server, if need be."""
        if reason := self.unavailable_reason():
            self._screen.post_status(reason, "bad")
        elif not article.images:
            self._screen.post_status("This article has no image")
        else:
            self._screen.open_image(article)

    def leave(self) -> None:
        """The cursor goes on: nobody waits for the picture any more."""
        self._wanted = None
        self._stop.set()
        if self._timer is not None:
            self._timer.stop()

    def want(self, url: str, place: Place) -> None:
        """A place is kept free for a picture: fill it, once the cursor has rested."""
        if self._wanted == (url, place):
            return
        self.leave()
        if drawn := self._drawn.get((url, place)):
            self._detail.show_image(drawn)
            return
        self._wanted = (url, place)
        self._timer = self._screen.set_timer(_REST, self._begin)

    def _begin(self) -> None:
        if self._wanted is None or self._is_busy:
            return  # `read` begins the next
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
        """A picture came, or none; show it if it is still the one that is wanted."""
        self._is_busy = False
        if message.picture is not None and message.picture.lines:
            self._drawn[message.url, message.place] = message.picture
            if len(self._drawn) > _MOST_KEPT:
                del self._drawn[next(iter(self._drawn))]
        # One that was given up may be wanted again by now: the cursor came back meanwhile.
        if self._wanted != (message.url, message.place) or self._stop.is_set():
            self._begin()
        elif message.picture is not None:
            self._detail.show_image(message.picture)
