"""Search and read an open collection: its index, its files, and its journal for reading."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from newsdesk.collection import files
from newsdesk.config import Config
from newsdesk.errors import NewsdeskError
from newsdesk.index.query.ast import Query
from newsdesk.index.query.parser import parse
from newsdesk.index.schema import Row
from newsdesk.index.store import FoundIds, Store
from newsdesk.workspace.editorial_state import LATER, QUERY_SETS, SETS, EditorialState
from newsdesk.workspace.open_collection import OpenCollection, repairs_index
from newsdesk.workspace.views import VIEWS, View

# The first rows need none of these, so they are imported where they are used.
if TYPE_CHECKING:
    from newsdesk.collection.article import Article, Status
    from newsdesk.index.stats import Statistics
    from newsdesk.workspace.journal import Entry, Journal


class Reader(OpenCollection):
    """Read access to one collection; `Workspace` adds writing. Safe to use from several threads.

    Stories, reviews and worker processes are handed a reader. Methods that take or return ids
    use ids of one generation of the index, and raise `IndexReplaced` for those of another.
    """

    def __init__(self, config: Config, store: Store | None = None) -> None:
        super().__init__(config, store)
        self._opening = threading.Lock()
        self._journal: Journal | None = None
        self._journal_notice = ""
        self._counted: tuple[object, dict[View, int]] | None = None

    def close(self) -> None:
        """Close all files; what is being written is finished first."""
        if self._journal is not None:
            self._journal.close()
        super().close()

    # -- the journal -----------------------------------------------------------------------

    @property
    def journal(self) -> Journal:
        """The journal, opened when first used; this creates it where there is none."""
        with self._opening:
            if self._journal is None:
                from newsdesk.workspace.journal import Journal

                self._journal = Journal(self.config.journal_path)
            return self._journal

    def readable_journal(self) -> Journal | None:
        """Return the journal for reading, or None where there is none or it cannot be read.

        Articles are shown without it then, and `notices` give the reason, once.
        """
        if not self.config.journal_path.exists():  # opening it would create one
            return None
        if self._journal_notice and self._journal is None:
            return None
        try:
            journal = self.journal
        except NewsdeskError as error:
            self._add_journal_notice(error)
            return None
        if journal.refusal is not None:
            self._add_journal_notice(journal.refusal)
        return journal

    def _add_journal_notice(self, error: NewsdeskError) -> None:
        if self._journal_notice != str(error):
            self._journal_notice = str(error)
            self.notices.append(str(error))

    def decisions_version(self) -> object:
        """Return a value that changes whenever another newsdesk writes to the journal."""
        journal = self.readable_journal()
        return journal and journal.others_version()

    def editorial_states(self, paths: Iterable[str]) -> dict[str, EditorialState]:
        """Return path -> editorial state, for those paths that have one."""
        journal = self.readable_journal()
        if journal is None:
            return {}
        values: dict[str, dict[str, bytes]] = {}
        for path, field, value, _, _ in journal.editorial_states(paths=paths):
            values.setdefault(path, {})[field] = value
        return {path: EditorialState.of(fields) for path, fields in values.items()}

    def all_editorial_states(self) -> Iterator[tuple[str, str, bytes, datetime, str]]:
        """Yield (path, field, value, aware UTC datetime, person) of all editorial states."""
        if self.config.journal_path.exists():
            yield from self.journal.editorial_states()

    def log(self, limit: int = 50) -> list[Entry]:
        """Return the newest journal entries, newest first."""
        return self.journal.entries(limit)

    # -- searching -------------------------------------------------------------------------

    @staticmethod
    def parse(text: str) -> Query:
        """Parse a query with all query sets; raises `QueryError`."""
        return parse(text, sets=QUERY_SETS)

    @repairs_index
    def search(self, query: Query, *, typing: bool = False) -> FoundIds:
        """Return the ids of the articles that match, in order."""
        return self.store.search(query, typing=typing, members=self._members)

    @repairs_index
    def count(self, query: Query) -> int:
        """Return how many articles match."""
        return self.store.count(query, members=self._members)

    def _members(self, name: str) -> Iterable[int]:
        """Return the ids of a query set that the index does not hold: by editorial state."""
        field = SETS.get(name)
        journal = self.readable_journal()
        if field is None or journal is None:
            return ()
        today = date.today()  # the person's day, not UTC's
        paths = [
            path
            for path, _, value, _, _ in journal.editorial_states(field=field)
            if field != LATER or EditorialState.of({LATER: value}).waits(today)
        ]
        return self.store.ids_of(paths).values()

    @repairs_index
    def view_counts(self, *others: View) -> dict[View, int]:
        """Return view -> its number of articles, of the built-in views and of others."""
        counts = {view: self.count(self.parse(view.query)) for view in others if view not in VIEWS}
        return {**self._built_in_counts(), **counts}

    def _built_in_counts(self) -> dict[View, int]:
        """Count the built-in views, unless nothing has changed since they were counted.

        Saved views are counted every time: a query about ages or links changes with time.
        """
        found = self.readable_journal()
        journal = found.version() if found else None
        # The day is included because an article put off comes back on a day.
        version = (self.store.version(), journal, date.today())
        if self._counted is None or self._counted[0] != version:
            counts = {view: self.count(self.parse(view.query)) for view in VIEWS}
            self._counted = (version, counts)
        return self._counted[1]

    @repairs_index
    def count_live(self) -> int:
        """Return how many articles are visible on the site although unpublished in their file."""
        return self.store.count_live()

    @repairs_index
    def count_pages(self, ids: Sequence[int]) -> int:
        """Return the approximate number of URLs in the front matter of articles."""
        return self.store.count_pages(ids)

    @repairs_index
    def numbers(self, query: Query) -> Statistics:
        """Return the statistics of the articles that match, for the dashboard and `stats`."""
        return self.store.statistics(query, members=self._members)

    @repairs_index
    def topic_counts(self, query: Query) -> list[tuple[str, int]]:
        """Return (topic, matching articles) for every topic, most articles first."""
        return self.store.topic_counts(query, members=self._members)

    @repairs_index
    def values_of(self, field: str) -> list[tuple[str, int]]:
        """Return (value, articles) of a field, for completion."""
        if field == "topic":
            return self.store.topic_counts(parse(""))
        return self.store.values_of(field)

    # -- ids, paths and rows ---------------------------------------------------------------

    @repairs_index
    def generation(self) -> int:
        """Return the generation of the index's ids, which changes when the index is rebuilt.

        Whoever keeps ids keeps their generation too: an id of another generation may belong to
        another article.
        """
        return self.store.generation()

    @repairs_index
    def rows(self, ids: Sequence[int], generation: int | None = None) -> list[Row]:
        """Return the rows of those ids that are articles, in the order given."""
        with self.store.snapshot(generation):
            found = self.store.rows(ids)
        return [found[id_] for id_ in ids if id_ in found]

    @repairs_index
    def rows_at(self, paths: Iterable[str]) -> dict[str, Row]:
        """Return path -> row for those paths that are articles."""
        return self.store.rows_at(paths)

    @repairs_index
    def statuses(self, paths: Iterable[str]) -> dict[str, Status]:
        """Return path -> status for those paths that are articles."""
        return self.store.statuses(paths)

    @repairs_index
    def contents(self, ids: Sequence[int], generation: int) -> dict[int, tuple[str, bytes]]:
        """Return id -> (path, `content_key`) for those ids that are articles."""
        with self.store.snapshot(generation):
            return self.store.contents(ids)

    @repairs_index
    def paths_of(self, ids: Sequence[int], generation: int) -> list[str]:
        """Return the paths of those ids that are articles, in the order given."""
        with self.store.snapshot(generation):
            return self.store.paths_of(ids)

    @repairs_index
    def ids_of(self, paths: Iterable[str]) -> dict[str, int]:
        """Return path -> id for those paths that are articles."""
        return self.store.ids_of(paths)

    @repairs_index
    def ids_and_generation(self, paths: Iterable[str]) -> tuple[dict[str, int], int]:
        """Return path -> id for those paths that are articles, and the ids' generation."""
        with self.store.snapshot():
            return self.store.ids_of(paths), self.store.generation()

    # -- articles --------------------------------------------------------------------------

    def article(self, path: str) -> Article:
        """Read one article from its file; one that cannot be read has a problem."""
        from newsdesk.collection.parser import read_article, unreadable_article

        try:
            source = files.read(self.config.collection, path)
        except OSError as error:
            return unreadable_article(path, error)
        return read_article(path, source.content, self.profile, truncated=source.truncated)

    def source(self, path: str) -> bytes:
        """Return the bytes of an article's file; raises OSError."""
        return files.read(self.config.collection, path).content

    @repairs_index
    def paths_of_related(self, article: Article) -> dict[str, str]:
        """Return URL -> path for those related entries of an article that are articles here."""
        urls = [url for entry in article.related for _, url in entry.urls.named()]
        found = self.store.paths_of_urls(urls)
        return {url: path for url, path in found.items() if path != article.path}

    @repairs_index
    def ids_listing_urls(self, article: Article) -> list[Row]:
        """Return the articles that list this one as related."""
        with self.store.snapshot():
            ids = self.store.ids_listing_urls(url for _, url in article.urls.named())
            rows = self.store.rows(ids)
        return [row for id_ in ids if (row := rows.get(id_)) and row.path != article.path]
