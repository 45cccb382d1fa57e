"""A story's sources side by side: publish one, take a wrong one out, join another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen

from newsdesk.collection.article import Article
from newsdesk.index.schema import article_key
from newsdesk.links.http.url import url_key
from newsdesk.links.verdict import Verdict
from newsdesk.text import counted
from newsdesk.tui.bindings import MOVES, bindings_of, rebind
from newsdesk.tui.controllers.main_screen_base import MainScreenBase
from newsdesk.tui.dialogs.story_picker import StoryPicker
from newsdesk.tui.latest import Latest
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Static
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.movement import MovementActions
from newsdesk.tui.widgets.source_comparison import Source, SourceComparison
from newsdesk.tui.widgets.status_bar import StatusBar
from newsdesk.workspace.editorial_state import EditorialState
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.stories.related import RelatedItem, Relation, line_of
from newsdesk.workspace.stories.story import Story
from newsdesk.workspace.workspace import Workspace

_MAX_SOURCES = 24  # that are read and laid out
_KEYS = (
    "{publish} publish  {publish_best} reject the others  - out  + join  Enter open  "
    "{undo} undo  Esc back  {help} help"
)
_ALONE = (
    "Here the sources of one story stand side by side, the best one first, with what differs in "
    "their titles lit up. This article is the only one of its story. + joins another one to it, "
    "from those most like it or from those that you marked."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was read of a story: its sources, the recommended one first.

    `story` is None if the article is gone. `candidates` may be joined to it, each with its reason.
    """

    story: Story | None
    sources: tuple[Source, ...]
    left_out: int
    candidates: tuple[RelatedItem, ...]

    @property
    def seen(self) -> dict[str, bytes]:
        """Path -> `content_key` of the sources that are shown."""
        return {source.article.path: article_key(source.article) for source in self.sources}


class CompareScreen(MovementActions, Screen[str]):
    """Decides through the desk behind it; returns the path to go to, empty for none."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        *MOVES,
        *bindings_of("publish", "publish_best", "undo", "redo", "browse", "help"),
        Binding("left", "up", "Source before", show=False),
        Binding("right", "down", "Next source", show=False),
        Binding("minus", "remove_source", "Take out of the story"),
        Binding("plus", "join", "Join another article"),
        Binding("enter", "go_to_article", "Go to the article"),
        Binding("escape,q,c", "leave", "Back"),
    ]
    AUTO_FOCUS = "#sources"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012

    class Read(Message):
        """The story was read; `number` tells which reading that was."""

        def __init__(self, number: int, compared: Compared) -> None:
            super().__init__()
            self.number = number
            self.compared = compared

    def __init__(
        self, screen: MainScreenBase, workspace: Workspace, path: str, marked: tuple[str, ...]
    ) -> None:
        super().__init__()
        rebind(bindings_of_node(self), screen.keys)
        self._main_screen = screen
        self._workspace = workspace
        self._path = path  # of whose story this is
        self._marked = marked
        self._compared: Compared | None = None
        self._readings = Latest()

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield Static("", id="compare-head", markup=False)
        yield SourceComparison(id="sources")
        yield StatusBar()
        yield Static(self._main_screen.keys.fill(_KEYS), id="compare-keys", markup=False)

    def on_mount(self) -> None:
        """Read the story."""
        self.read()

    @property
    def pane(self) -> SourceComparison:
        """The sources."""
        return self.query_one(SourceComparison)

    # -- reading ---------------------------------------------------------------------------

    @work(thread=True, group="compare", exit_on_error=False)
    def read(self) -> None:
        """Read the story and its sources from their files."""
        number = self._readings.begin()
        self.post_message(self.Read(number, compared(self._workspace, self._path, self._marked)))

    def on_compare_screen_read(self, message: Read) -> None:
        """Show it, unless it was read again since."""
        if not self._readings.takes(message.number):
            return
        found = self._compared = message.compared
        here = self.pane.source
        number = len(found.sources) + found.left_out
        head = f" {counted(number, 'source')} of one story" if number > 1 else " One source"
        if found.left_out:
            head += f", the best {len(found.sources)} shown"
        if found.story and (ran := found.story.coverage):
            when = ran.published_at
            day = f" {when.day} {when:%b %Y}" if when else ""
            head += f"   ·   ran{day}: {shown(ran.path)}"
        self.query_one("#compare-head", Static).update(Content(head))
        note = "" if number > 1 else _ALONE if number else "The article no longer exists · Esc back"
        self.pane.put(found.sources, here.path if here else self._path, note)

    def post_status(self, sentence: str, state: str = "") -> None:
        """Say what happened."""
        for line in self.query(StatusBar):  # none any more while the desk is left
            line.post_status(shown(sentence), state)

    # -- keys ------------------------------------------------------------------------------

    def _decide(self, decide: Callable[[], Action], name: str) -> None:
        self._main_screen.write_queue.carry_out(lambda *_: decide(), name=name)

    def action_publish(self) -> None:
        """Publish the source under the cursor."""
        if (found := self._compared) and (source := self.pane.source):
            publish = partial(self._workspace.set_published, [source.path], True, seen=found.seen)
            self._decide(publish, "publish")

    def action_publish_best(self) -> None:
        """Publish the source under the cursor and retire the others."""
        found, source = self._compared, self.pane.source
        if found and found.story and source:
            publish = partial(
                self._workspace.publish_best,
                source.path,
                itself=True,
                seen=found.seen,
                shown={source.path: found.story},
            )
            self._decide(publish, "publish best")

    def action_remove_source(self) -> None:
        """Take the source under the cursor out of the story."""
        found, source = self._compared, self.pane.source
        if found is None or source is None:
            return
        if len(found.sources) < 2:
            self.post_status("There is no other source to take it away from.")
            return
        if source.path == self._path:  # the story that is shown is that of the others
            self._path = next(one.path for one in found.sources if one.path != source.path)
        self._decide(partial(self._workspace.split_story, source.path), "split story")

    def action_join(self) -> None:
        """Choose an article that tells the same story."""
        found = self._compared
        if found is None or not found.sources:
            return
        if not self._workspace.collapsed_stories.are_made:
            self.post_status("The stories are not known yet; try again in a moment.")
            return
        if not found.candidates:
            self.post_status(
                self._main_screen.keys.fill(
                    "Nothing here is like it; {mark} marks articles in the list, + joins them."
                )
            )
            return

        def chosen(path: str | None) -> None:
            if path:
                self._decide(partial(self._workspace.join_story, path, self._path), "join story")

        self.app.push_screen(StoryPicker(found.candidates), chosen)

    async def action_undo(self) -> None:
        """Take back the newest decision."""
        await self._main_screen.run_action("undo")

    async def action_redo(self) -> None:
        """Do again what was undone last."""
        await self._main_screen.run_action("redo")

    def action_browse(self) -> None:
        """Open the address of the source under the cursor."""
        if source := self.pane.source:
            self._main_screen.open_url(source.member.row.url)

    def action_go_to_article(self) -> None:
        """Close and go to the article."""
        if source := self.pane.source:
            self.dismiss(source.path)

    def on_source_comparison_chosen(self) -> None:
        """A double click goes there, as Enter does."""
        self.action_go_to_article()

    def action_help(self) -> None:
        """Say what the keys do, those of this screen first."""
        from newsdesk.tui.screens.help import HelpScreen
        from newsdesk.tui.screens.help_page import entries_of_bindings

        here = entries_of_bindings(bindings_of_node(self), "Comparing sources")
        self.app.push_screen(HelpScreen(self._main_screen.keys, tuple(here)))

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss("")


def compared(workspace: Workspace, path: str, marked: tuple[str, ...]) -> Compared:
    """Read the story of an article, and what may be joined to it; for workers."""
    story = workspace.stories.story(path)
    if story is None:
        return Compared(None, (), 0, ())
    members = story.members[:_MAX_SOURCES]
    editorial_states = workspace.editorial_states(member.row.path for member in members)
    sources = []
    for member in members:
        article = workspace.article(member.row.path)
        editorial = editorial_states.get(article.path, EditorialState())
        sources.append(Source(member, article, editorial, _verdicts(workspace, article)))
    candidates = _candidates(workspace, sources[0].article, set(story.paths), marked)
    return Compared(story, tuple(sources), story.size - len(members), tuple(candidates))


def _verdicts(workspace: Workspace, article: Article) -> tuple[tuple[str, Verdict | None], ...]:
    urls = dict.fromkeys(url for _, url in article.urls.named())
    known = workspace.link_findings.outcomes(urls) if workspace.links.has_verdicts else {}
    names = {url: field for field, url in reversed(article.urls.named())}
    found = []
    for url in urls:
        outcome = known.get(url_key(url))
        found.append((names[url], outcome.verdict if outcome else None))
    return tuple(found)


def _candidates(
    workspace: Workspace, article: Article, members: set[str], marked: tuple[str, ...]
) -> list[RelatedItem]:
    """Return the marked articles, then what belongs to one, as far as it is here and no member."""
    near = [
        item
        for item in workspace.stories.related_items(article)
        if item.path is not None and item.path not in members
    ]
    known = {item.path or "": item for item in near}
    rows = workspace.rows_at(path for path in marked if path not in members)
    chosen = [
        known.pop(row.path) if row.path in known else line_of(row, Relation.LIKE, "marked by you")
        for row in rows.values()
    ]
    return [*chosen, *known.values()]
