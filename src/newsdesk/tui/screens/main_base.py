"""What all parts of the desk's screen share: the panes, the desk behind them, and a voice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from newsdesk.errors import NewsdeskError
from newsdesk.tui.controllers.images import Pictures
from newsdesk.tui.controllers.links import LinkCheck
from newsdesk.tui.controllers.onboarding import Welcome
from newsdesk.tui.controllers.query_suggestions import QueryHelp
from newsdesk.tui.controllers.refresh import Refreshing
from newsdesk.tui.controllers.story_builder import StoryMaking
from newsdesk.tui.controllers.watching import Watching
from newsdesk.tui.controllers.write_queue import Decisions
from newsdesk.tui.safe_text import shown
from newsdesk.tui.widgets.article_view import ArticleDetail
from newsdesk.tui.widgets.lists.article_list import ArticleList
from newsdesk.tui.widgets.lists.related_list import RelatedList
from newsdesk.tui.widgets.query_bar import QueryBar
from newsdesk.tui.widgets.status_bar import StatusLine
from newsdesk.workspace.views import Filter
from newsdesk.workspace.workspace import Desk

if TYPE_CHECKING:
    from newsdesk.tui.screens.compare import CompareScreen


class DeskBase(Screen[None]):
    """The panes by name, and what the parts of the screen ask of one another."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        settings = desk.settings
        self.keys = (
            settings.keys
        )  # as they were when the desk opened: the bindings are made of them
        self.filter = Filter.opening(settings.view, settings.order)
        self.sitting_summary = ""  # what was decided since the desk opened, in words
        self.is_opening_dialog = False  # keys wait for a dialog that a worker prepares
        self.in_view = 0  # articles in the view, also those that the filter hides
        self.decisions = Decisions(self, desk)
        self.refreshing = Refreshing(self, desk)
        self.links = LinkCheck(self, desk)
        self.pictures = Pictures(self, desk)
        self.query_help = QueryHelp(self, desk)
        self.story_making = StoryMaking(self, desk)
        self.comparison: CompareScreen | None = None  # what lies over the desk
        self.folds = settings.folds_stories  # a line for every story, not for every file
        self.watching = Watching(self, desk)
        self.welcome = Welcome(self, desk)

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

    def say(self, sentence: str, state: str = "") -> None:
        """Say what happened, in words that are safe to show."""
        self.status.say(shown(sentence), state)
        self.links.say_on_results(shown(sentence), state)
        if self.comparison is not None:
            self.comparison.say(shown(sentence), state)

    def say_where(self, sentence: str) -> None:
        """Say that nothing is here to act on, and what to press to come to something."""
        self.say(self.keys.fill(f"{sentence}: {{back}} clears the query, {{view_all}} shows all."))

    def say_no_address(self, purpose: str) -> None:
        """Say that there is no address for a purpose, and where one could be put."""
        told = f"There is no web address to {purpose}; {{edit}} edits the file."
        self.say(self.keys.fill(told), "bad")

    def complain(self, error: NewsdeskError) -> None:
        """Say what went wrong and what to do."""
        self.say(self.keys.beside(str(error)), "bad")

    def complain_about_settings(self) -> None:
        """Say that nothing can be written, and why."""
        mistake = self.desk.blocking_mistakes[0]
        place = mistake.message.partition(": ")[0].rpartition("/")[2]
        told = f"Read only: {place} is broken · {{refresh}} after a fix"
        self.say(self.keys.fill(told), "bad")

    # -- what one part asks of another -----------------------------------------------------

    def search(self, *, keep_cursor: bool = False, goes_to: int | None = None) -> None:
        """Ask for what the filter describes."""
        raise NotImplementedError

    def set_filter(self, chosen: Filter, *, keep_cursor: bool = False) -> None:
        """Show something else."""
        raise NotImplementedError

    def want_article(self) -> None:
        """Read the article under the cursor."""
        raise NotImplementedError

    def show_article(self, path: str) -> None:
        """Go to an article, whatever is shown now."""
        raise NotImplementedError

    def open_address(self, url: str) -> None:
        """Open an address in the browser."""
        raise NotImplementedError

    def edit_article(self, path: str) -> None:
        """Open a file in the editor."""
        raise NotImplementedError

    def views_counted(self, unpublished: int) -> None:
        """The views were counted; so many articles wait for an editor."""

    def leave_for(self, folder: Path | None) -> None:
        """Leave, for the desk of another collection if one is given."""
        raise NotImplementedError

    def count_views(self) -> None:
        """Count the views anew."""
        raise NotImplementedError
