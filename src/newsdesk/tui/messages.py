"""What happened, told to whoever it concerns: past facts, carrying ids and paths."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from textual.message import Message

from newsdesk.collection.article import Article
from newsdesk.desk.standing import Standing
from newsdesk.desk.triage import Action
from newsdesk.desk.views import View
from newsdesk.errors import NewsdeskError
from newsdesk.index.refresh import Progress, RefreshReport
from newsdesk.index.schema import Row


class ArticlesFound(Message):
    """A search came back; `number` tells which question it answers."""

    def __init__(
        self, number: int, ids: array[int], in_view: int, view_counts: dict[View, int]
    ) -> None:
        super().__init__()
        self.number = number
        self.ids = ids
        self.in_view = in_view
        self.view_counts = view_counts


class ViewsCounted(Message):
    """The views were counted."""

    def __init__(self, counts: dict[View, int]) -> None:
        super().__init__()
        self.counts = counts


class ArticleRead(Message):
    """The article under the cursor was read from its file."""

    def __init__(
        self,
        row: Row,
        article: Article,
        paths_of_related: dict[str, str],
        pointing_here: Sequence[Row],
        standing: Standing,
    ) -> None:
        super().__init__()
        self.standing = standing
        self.row = row
        self.article = article
        self.paths_of_related = paths_of_related
        self.pointing_here = pointing_here


class ArticlesChanged(Message):
    """A decision was carried out, as far as `action` says."""

    def __init__(self, action: Action, ids: dict[str, int]) -> None:
        super().__init__()
        self.action = action
        self.ids = ids


class NothingToDo(Message):
    """There was nothing to undo or redo."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


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


class TopicCountsRead(Message):
    """The topics and their counts for the topic picker."""

    def __init__(self, counts: list[tuple[str, int]]) -> None:
        super().__init__()
        self.counts = counts
