"""What happened, told to whoever it concerns: past facts, carrying ids and paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError, SessionRunning
from newsdesk.index.schema import Row
from newsdesk.workspace.editorial_state import EditorialState
from newsdesk.workspace.views import View

if TYPE_CHECKING:
    from pathlib import Path

    from newsdesk.index.refresh import Progress, RefreshReport
    from newsdesk.links.extract import Link
    from newsdesk.links.progress import Progress as LinkProgress
    from newsdesk.links.verdict import Outcome, Verdict
    from newsdesk.tui.controllers.bulk import Bulk
    from newsdesk.tui.widgets.half_block_image import Picture, Place
    from newsdesk.tui.widgets.lists.collapsing_list import Mark
    from newsdesk.tui.widgets.lists.story_rows import Lines
    from newsdesk.workspace.links.findings import LinkFinding
    from newsdesk.workspace.outcomes import Action
    from newsdesk.workspace.stories.builder import GroupingProgress
    from newsdesk.workspace.stories.related import RelatedItem
    from newsdesk.workspace.stories.story import Story
    from newsdesk.workspace.topic_tree import TopicRow


class ViewsCounted(Message):
    """How many articles are in each view; `number` tells which counting that was.

    `live` are those that are public although they say otherwise.
    """

    def __init__(self, number: int, counts: dict[View, int], live: int) -> None:
        super().__init__()
        self.number = number
        self.counts = counts
        self.live = live


class ArticlesFound(Message):
    """A search came back; `number` tells which question it answers.

    `lines` are what was found, `sizes` how many sources the stories of articles have; all ids are
    of a `generation` of the index.
    """

    def __init__(
        self,
        number: int,
        lines: Lines,
        sizes: Mapping[int, int],
        *,
        generation: int,
        in_view: int,
        counted: ViewsCounted,
    ) -> None:
        super().__init__()
        self.number = number
        self.generation = generation
        self.lines = lines
        self.sizes = sizes
        self.in_view = in_view
        self.counted = counted


class FirstRunDetected(Message):
    """The desk is open, and no decision was ever made with it."""


class CollectionsRead(Message):
    """There are no articles here; these folders hold collections, the newest first."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__()
        self.folders = folders


class LinesArranged(Message):
    """What is shown was laid out in lines anew; `number` tells which laying out that was."""

    def __init__(self, number: int, lines: Lines, sizes: Mapping[int, int]) -> None:
        super().__init__()
        self.number = number
        self.lines = lines
        self.sizes = sizes


class CoveredRead(Message):
    """Which articles wait though their story is out; `number` tells which reading that was."""

    def __init__(self, number: int, generation: int, ids: frozenset[int]) -> None:
        super().__init__()
        self.number = number
        self.generation = generation  # of the ids
        self.ids = ids


class StoryBuilderAdvanced(Message):
    """More articles were compared."""

    def __init__(self, progress: GroupingProgress) -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        """Only the newest progress is worth drawing."""
        return isinstance(message, StoryBuilderAdvanced)


class StoriesGrouped(Message):
    """Stories are up to date, or it was stopped; `has_changed` if something may be different."""

    def __init__(self, has_changed: bool) -> None:
        super().__init__()
        self.has_changed = has_changed


class ArticleRead(Message):
    """The article under the cursor was read from its file; `is_newer` than its row says."""

    def __init__(
        self,
        row: Row,
        article: Article,
        related_items: Sequence[RelatedItem],
        story: Story | None,
        *,
        editorial: EditorialState,
        links: Sequence[Link] = (),
        outcomes: Mapping[str, Outcome] | None = None,
        is_newer: bool = False,
    ) -> None:
        super().__init__()
        self.editorial = editorial
        self.links = links  # where addresses stand in it
        self.outcomes = outcomes or {}  # what earlier checks found, by `url_key`
        self.row = row
        self.article = article
        self.related_items = related_items
        self.is_newer = is_newer
        self.story = story  # of which it is a source


class MarksRead(Message):
    """What marks of many articles hold was read: to `mark` them, or to `ask` about them."""

    def __init__(self, marks: Sequence[Mark], purpose: Literal["mark", "ask"]) -> None:
        super().__init__()
        self.marks = marks
        self.purpose = purpose


class ArticlesChanged(Message):
    """A decision was carried out, as far as `action` says.

    `ids` are those of its articles in a `generation` of the index.
    """

    def __init__(self, action: Action, ids: dict[str, int], generation: int) -> None:
        super().__init__()
        self.action = action
        self.ids = ids
        self.generation = generation


class IndexReplacedElsewhere(Message):
    """Another newsdesk has made the index anew; all ids are of an older generation."""


class NothingToDo(Message):
    """There was nothing to undo or redo."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class BulkRead(Message):
    """It was read which of many articles a command acts on; `which` names the set."""

    def __init__(
        self, bulk: Bulk, verb: str, value: bytes | None, titles: Sequence[str], which: str
    ) -> None:
        super().__init__()
        self.bulk = bulk
        self.verb = verb
        self.value = value
        self.titles = titles
        self.which = which


class OtherSessionFound(Message):
    """Only decisions of another newsdesk that runs are left to `undo` (or redo)."""

    def __init__(self, error: SessionRunning, *, is_redo: bool) -> None:
        super().__init__()
        self.error = error
        self.is_redo = is_redo


class WorkFailed(Message):
    """Work in the background ended with an error for the person."""

    def __init__(self, error: NewsdeskError) -> None:
        super().__init__()
        self.error = error


class FilesChanged(Message):
    """Files changed on disk and were read again; with `is_large` too many to read one by one."""

    def __init__(self, changed: int, added: int, *, is_large: bool = False) -> None:
        super().__init__()
        self.changed = changed
        self.added = added
        self.is_large = is_large


class FilesNotWatched(Message):
    """The system does not report changes on disk; they are looked for every few seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class RefreshAdvanced(Message):
    """A refresh got further."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        """Only the newest progress is worth drawing."""
        return isinstance(message, RefreshAdvanced)


class RefreshEnded(Message):
    """A refresh is through; `report` is None if it was cancelled or failed."""

    def __init__(self, report: RefreshReport | None) -> None:
        super().__init__()
        self.report = report


class WriteAdvanced(Message):
    """A decision about many files got further."""

    def __init__(self, name: str, done: int, total: int) -> None:
        super().__init__()
        self.name = name
        self.done = done
        self.total = total

    def can_replace(self, message: Message) -> bool:
        """Only the newest progress is worth drawing."""
        return isinstance(message, WriteAdvanced)


class LinksOpened(Message):
    """The verdicts of earlier checks can be asked for now."""


class LinksCounted(Message):
    """There are so many addresses to check that the worker waits for a yes."""

    def __init__(self, number: int, addresses: int, articles: int) -> None:
        super().__init__()
        self.number = number
        self.addresses = addresses
        self.articles = articles


class LinksFound(Message):
    """The links of the article at `path` were read for the check `number`."""

    def __init__(self, number: int, path: str, links: Sequence[Link]) -> None:
        super().__init__()
        self.number = number
        self.path = path
        self.links = links


class LinksGathered(Message):
    """The addresses of articles were collected for a check, `keys` by `url_key`."""

    def __init__(self, number: int, keys: frozenset[str]) -> None:
        super().__init__()
        self.number = number
        self.keys = keys


class LinksAdvanced(Message):
    """A check of links got further; `outcomes` are new since the message before.

    `reading` is how many of how many files were read, before anything is asked.
    """

    def __init__(
        self,
        number: int,
        outcomes: Sequence[Outcome],
        progress: LinkProgress | None,
        reading: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.number = number
        self.outcomes = outcomes
        self.progress = progress
        self.reading = reading


class LinksEnded(Message):
    """A check of links is through, was stopped, or failed with `error`."""

    def __init__(self, number: int, error: NewsdeskError | None) -> None:
        super().__init__()
        self.number = number
        self.error = error


class LinkResultsRead(Message):
    """What is known about links was read for the results screen."""

    def __init__(
        self,
        findings: Sequence[LinkFinding],
        titles: dict[str, str],
        counts: Mapping[Verdict, int],
        scope: str,
    ) -> None:
        super().__init__()
        self.findings = findings
        self.titles = titles
        self.counts = counts
        self.scope = scope


class ImageRequested(Message):
    """A place among the lines of an article is kept free for a picture."""

    def __init__(self, url: str, place: Place) -> None:
        super().__init__()
        self.url = url
        self.place = place


class ImageLoaded(Message):
    """A picture was drawn for a place, or it is known why not; None if nobody waited for it."""

    def __init__(self, url: str, place: Place, picture: Picture | None) -> None:
        super().__init__()
        self.url = url
        self.place = place
        self.picture = picture


class TopicCountsRead(Message):
    """The topics with their counts for the topic picker, and what is wrong with the taxonomy."""

    def __init__(self, rows: list[TopicRow], problems: tuple[str, ...]) -> None:
        super().__init__()
        self.rows = rows
        self.problems = problems


class QuerySuggestionsRead(Message):
    """What the query bar can offer was read; `number` tells which reading it is."""

    def __init__(
        self, number: int, values: dict[str, list[tuple[str, int]]], history: list[str]
    ) -> None:
        super().__init__()
        self.number = number
        self.values = values
        self.history = history


class ViewSaved(Message):
    """A view of the person's own stands in the collection's file."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
