"""One picture on the whole screen."""

from __future__ import annotations

import threading
from functools import partial

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from newsdesk.collection.article import Article
from newsdesk.collection.urls import host_of
from newsdesk.tui.controllers.image_loader import load_image
from newsdesk.tui.messages import ImageLoaded
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Segment, Static, Text
from newsdesk.tui.widgets.half_block_image import Picture, Place
from newsdesk.workspace.workspace import Workspace


class ImageView(Widget, can_focus=True):
    """Lines that were drawn before, in the middle of the widget; words while there are none."""

    def __init__(self) -> None:
        super().__init__(id="picture-view")
        self.picture: Picture | None = None

    @property
    def word(self) -> str:
        """What stands there instead of a picture."""
        if self.picture is None:
            return "Loading the image …"
        return f"No image: {shown(self.picture.reason)}." if self.picture.reason else ""

    def show(self, picture: Picture | None) -> None:
        """Show a picture, or why there is none."""
        self.picture = picture
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width, height = self.size
        lines = self.picture.lines if self.picture else ()
        if word := self.word:
            line = Text(word)
            line.truncate(width, overflow="ellipsis")
            lines = (Strip(line.render(self.app.console, end="")),)
        row = y - (height - len(lines)) // 2
        base = self.rich_style
        if not 0 <= row < len(lines):
            return Strip.blank(width, base)
        margin = Segment(" " * ((width - lines[row].cell_length) // 2), base)
        # A picture has its own colours in every cell; only what is beside it needs those here.
        strip = lines[row].apply_style(base) if word else lines[row]
        return Strip([margin, *strip]).adjust_cell_length(width, base)


class ImageScreen(Screen[None]):
    """Asks for the picture in a worker, anew for every size of the terminal."""

    BINDINGS = [Binding("escape,q,I", "leave", "Back")]  # noqa: RUF012 - Textual's way

    def __init__(self, workspace: Workspace, article: Article) -> None:
        super().__init__()
        self._workspace = workspace
        self._article = article
        self._image = article.images[0]
        self._stop = threading.Event()
        self._wanted: Place | None = None

    def compose(self) -> ComposeResult:
        """Lay out the picture and its caption."""
        yield ImageView()
        yield Static(self._caption(), id="picture-caption", markup=False)
        yield Static("Esc back", id="picture-keys", markup=False)

    def _caption(self) -> Text:
        image = self._image
        size = f"{image.width}×{image.height}" if image.width and image.height else ""
        facts = (shown(image.title or self._article.title), size, shown(host_of(image.url)))
        return Text(" · ".join(fact for fact in facts if fact), no_wrap=True, overflow="ellipsis")

    @property
    def _view(self) -> ImageView:
        return self.query_one(ImageView)

    def on_resize(self) -> None:
        """Draw it for the new size."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        size = self._view.size
        place = Place(size.width, size.height)
        if place == self._wanted or not all(size):
            return
        self._stop.set()
        # What failed before is asked again: a key was pressed for it.
        is_first = self._wanted is None
        self._wanted, self._stop = place, threading.Event()
        work = partial(self._read, place, self._stop, is_first)
        self.run_worker(work, thread=True, group="picture", exit_on_error=False)

    def _read(self, place: Place, stop: threading.Event, is_first: bool) -> None:
        url = self._image.url
        picture = None
        try:
            picture = load_image(self._workspace, url, place, stop, again=is_first)
        finally:
            self.post_message(ImageLoaded(url, place, picture))

    def on_image_loaded(self, message: ImageLoaded) -> None:
        """Show it, unless the size changed meanwhile."""
        message.stop()
        if message.place == self._wanted:
            self._view.show(message.picture)

    def action_leave(self) -> None:
        """Back to the desk."""
        self._stop.set()
        self.dismiss()
