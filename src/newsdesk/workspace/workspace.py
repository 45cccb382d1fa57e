"""The facade that both front ends use: search, read, publish, undo, refresh."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

from newsdesk.collection import files
from newsdesk.config import Config, ConfigProblem, with_files
from newsdesk.errors import NewsdeskError, WriteRefused
from newsdesk.index.query.ast import DUPLICATE, RAN, Query
from newsdesk.index.query.parser import parse
from newsdesk.index.schema import Row
from newsdesk.index.store import FoundIds, IndexDamaged, Store
from newsdesk.workspace.editorial_state import LATER, QUERY_SETS, SETS, EditorialState
from newsdesk.workspace.settings.profile_choice import index_path_of, profile_of
from newsdesk.workspace.stories.collapsing import CollapsedStories
from newsdesk.workspace.stories.overrides import STORY, STORY_VERBS
from newsdesk.workspace.views import VIEWS, Filter, View

# The first rows come from the index alone; what reads and writes files is loaded when it is asked.
if TYPE_CHECKING:
    from newsdesk.collection.article import Article, Status
    from newsdesk.collection.taxonomy import Stamp, Taxonomy
    from newsdesk.index.refresh import Progress, RefreshReport
    from newsdesk.index.stats import Numbers
    from newsdesk.links.policy import Policy
    from newsdesk.links.verdict import Verdict
    from newsdesk.workspace.history import History
    from newsdesk.workspace.images.service import ImageService
    from newsdesk.workspace.journal import Change, Entry, Journal
    from newsdesk.workspace.links.findings import LinkFindings
    from newsdesk.workspace.links.service import LinkService
    from newsdesk.workspace.recent import Recent
    from newsdesk.workspace.settings.link_check import CheckSettings
    from newsdesk.workspace.settings.resolve import Settings
    from newsdesk.workspace.stories.service import Story, StoryService
    from newsdesk.workspace.triage import Action, Seen, Triage

_log = logging.getLogger(__name__)
_FIRST_ROWS = 100  # more than a large terminal shows
_MANY = 5_000  # articles; comparing more with their files would make the keys wait
_LINK = "link:"  # what the names of the sets by verdict begin with
P = ParamSpec("P")
T = TypeVar("T")


def _healing(
    method: Callable[Concatenate[Workspace, P], T],
) -> Callable[Concatenate[Workspace, P], T]:
    """Answer from an empty index, and ask for a refresh, when the index turns out damaged."""

    @functools.wraps(method)
    def healed(self: Workspace, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except IndexDamaged as damage:
            self.notices.append(str(damage))
            self.store.reset()
            self.needs_refresh = True
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[Workspace, P], T]", healed)


def _writing(
    method: Callable[Concatenate[Workspace, P], T],
) -> Callable[Concatenate[Workspace, P], T]:
    """Refuse with `WriteRefused` while a broken file of settings decides what is written."""

    @functools.wraps(method)
    def checked(self: Workspace, *args: P.args, **kwargs: P.kwargs) -> T:
        self.check_settings_for_writing()
        return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[Workspace, P], T]", checked)


class Workspace:
    """One open collection. Safe to use from several threads.

    Raises `CollectionError` if the folder cannot be listed. `notices` are sentences for the
    person (a rebuilt index, finished leftovers of a crash); `needs_refresh` says that the
    index knows less than it should. `store` is the index where another process made it.
    """

    def __init__(self, config: Config, store: Store | None = None) -> None:
        files.check_folder(config.collection)
        self.config = config
        self.notices: list[str] = []
        self._opening = threading.Lock()
        self._triage: Triage | None = None
        self._journal_notice = ""
        self._settings: tuple[Config, Settings] | None = None
        self._taxonomy: tuple[Stamp, Taxonomy] | None = None
        self._counted: tuple[object, dict[View, int]] | None = None
        self._check_settings: tuple[Config, CheckSettings] | None = None
        self.profile = profile_of(config).profile
        self._blocking: tuple[Config, list[ConfigProblem]] | None = None
        self.store = store or Store(index_path_of(config, self.profile))
        self.needs_refresh = bool(self.store.notice)
        self.has_read_ahead = False  # whether the first answer costs next to nothing
        if self.store.notice:
            self.notices.append(self.store.notice)

    def close(self) -> None:
        """Close all files; what is being written is finished first."""
        if self._triage is not None:
            self._triage.journal.close()
        if "links" in self.__dict__:
            self.links.close()
        if "pictures" in self.__dict__:
            self.pictures.close()
        self.store.close()

    @property
    def triage(self) -> Triage:
        """What writes. Opened when first needed, so that reading works without a journal."""
        with self._opening:
            if self._triage is None:
                from newsdesk.workspace.journal import Journal
                from newsdesk.workspace.triage import Triage

                journal = Journal(self.config.journal_path)
                self._triage = Triage(self.config.collection, journal, self.profile)
            return self._triage

    def readable_journal(self) -> Journal | None:
        """Return the journal, for reading; None where there is none, or none that can be read.

        Articles are shown without it then, and `notices` say why, once.
        """
        if not self.config.journal_path.exists():  # opening it would make one
            return None
        if self._journal_notice and self._triage is None:
            return None
        try:
            journal = self.triage.journal
        except NewsdeskError as error:
            self._notice_of_journal(error)
            return None
        if journal.refusal is not None:
            self._notice_of_journal(journal.refusal)
        return journal

    def _notice_of_journal(self, error: NewsdeskError) -> None:
        if self._journal_notice != str(error):
            self._journal_notice = str(error)
            self.notices.append(str(error))

    def decisions_version(self) -> object:
        """Return what is another one as soon as another newsdesk has decided anything."""
        journal = self.readable_journal()
        return journal and journal.others_version()

    @functools.cached_property
    def history(self) -> History:
        """The queries that were asked here. Loaded when first needed."""
        from newsdesk.workspace.history import History

        return History(self.config.history_path)

    @functools.cached_property
    def recent(self) -> Recent:
        """What the person used last. Loaded when first needed."""
        from newsdesk.workspace.recent import Recent

        return Recent(self.config)

    @functools.cached_property
    def links(self) -> LinkService:
        """What checks links. Loaded when first needed: most sittings never ask the network."""
        from newsdesk.workspace.links.service import LinkService

        return LinkService(self.config.collection, self.config.verdicts_path, self.profile)

    @functools.cached_property
    def link_findings(self) -> LinkFindings:
        """What earlier checks found, without asking the network."""
        from newsdesk.workspace.links.findings import LinkFindings

        return LinkFindings(self.config.collection, self.store, self.links, self.profile)

    @functools.cached_property
    def pictures(self) -> ImageService:
        """What fetches pictures. Loaded when the first is shown."""
        from newsdesk.workspace.images.service import ImageService

        return ImageService(self.config.pictures_folder)

    @functools.cached_property
    def collapsed_stories(self) -> CollapsedStories:
        """Where articles stand in stories."""
        return CollapsedStories(self.store)

    @functools.cached_property
    def stories(self) -> StoryService:
        """Which articles tell the same story. Loaded when first needed."""
        from newsdesk.workspace.stories.service import StoryService

        return StoryService(self)

    def warm_up(self) -> None:
        """Begin to read what the first rows need, while the libraries of the screen are loaded."""
        threading.Thread(target=self._read_ahead, name="read ahead").start()

    def _read_ahead(self) -> None:
        with suppress(NewsdeskError):  # whoever asks next is told
            opening = Filter.opening(self.settings.view, self.settings.order)
            ids = self.store.search(opening.query(), members=self._members)
            self.store.rows(ids[:_FIRST_ROWS])
            self._built_in_counts()
            self.collapsed_stories.known()
            self.has_read_ahead = True

    def keep_order(self) -> None:
        """Keep the order that the desk opens with, so that the next start is a fast one."""
        with suppress(NewsdeskError):  # a busy or a damaged index: the next start is slower
            self.store.keep(self.settings.order)

    # -- reading ---------------------------------------------------------------------------

    @_healing
    def search(self, query: Query, *, typing: bool = False) -> FoundIds:
        """Return the ids of the articles that match, in order."""
        return self.store.search(query, typing=typing, members=self._members)

    @_healing
    def count(self, query: Query) -> int:
        """Return how many articles match."""
        return self.store.count(query, members=self._members)

    @staticmethod
    def parse(text: str) -> Query:
        """Parse a query with all the sets there are; raises `QueryError`."""
        return parse(text, sets=QUERY_SETS)

    def _members(self, name: str) -> Iterable[int]:
        """Return the ids of a set that the index does not know: what stands beside files."""
        if name.startswith(_LINK):
            return self._members_by_link(name.removeprefix(_LINK))
        if name == RAN:
            return self.stories.covered_ids()
        if name == DUPLICATE:
            return self.stories.duplicate_ids()
        field = SETS.get(name)
        journal = self.readable_journal()
        if field is None or journal is None:
            return ()
        today = date.today()  # the day of the person, not UTC's
        paths = [
            path
            for path, _, value, _, _ in journal.editorial_states(field=field)
            if field != LATER or EditorialState.of({LATER: value}).waits(today)
        ]
        return self.store.ids_of(paths).values()

    def _members_by_link(self, verdict: str) -> Iterable[int]:
        if not self.config.verdicts_path.exists():
            return ()
        from newsdesk.links.verdict import Verdict

        return self.link_findings.ids_with(Verdict(verdict))

    def editorial_states(self, paths: Iterable[str]) -> dict[str, EditorialState]:
        """Return path -> what stands beside the file, for those paths where something does."""
        journal = self.readable_journal()
        if journal is None:
            return {}
        values: dict[str, dict[str, bytes]] = {}
        for path, field, value, _, _ in journal.editorial_states(paths=paths):
            values.setdefault(path, {})[field] = value
        return {path: EditorialState.of(fields) for path, fields in values.items()}

    def all_editorial_states(self) -> Iterator[tuple[str, str, bytes, datetime, str]]:
        """Yield (path, field, value, since when, by whom) of all that stands beside files."""
        if self.config.journal_path.exists():
            yield from self.triage.journal.editorial_states()

    @_healing
    def generation(self) -> int:
        """Return the number that all ids belong to; it is another one once the index is made anew.

        Whoever keeps ids keeps it as well, and gives both back: an id of another generation may
        mean another article, and `IndexReplaced` is raised.
        """
        return self.store.generation()

    @_healing
    def rows(self, ids: Sequence[int], generation: int | None = None) -> list[Row]:
        """Return the rows of those ids that are articles, in the order given."""
        with self.store.snapshot(generation):
            found = self.store.rows(ids)
        return [found[id_] for id_ in ids if id_ in found]

    @_healing
    def rows_at(self, paths: Iterable[str]) -> dict[str, Row]:
        """Return path -> row for those paths that are articles here."""
        return self.store.rows_at(paths)

    @_healing
    def statuses(self, paths: Iterable[str]) -> dict[str, Status]:
        """Return path -> status for those paths that are articles here."""
        return self.store.statuses(paths)

    @_healing
    def contents(self, ids: Sequence[int], generation: int) -> dict[int, tuple[str, bytes]]:
        """Return id -> (path, `content_key`) for those ids that are articles."""
        with self.store.snapshot(generation):
            return self.store.contents(ids)

    @_healing
    def paths_of(self, ids: Sequence[int], generation: int) -> list[str]:
        """Return the paths of those ids that are articles, in the order given."""
        with self.store.snapshot(generation):
            return self.store.paths_of(ids)

    @_healing
    def ids_and_generation(self, paths: Iterable[str]) -> tuple[dict[str, int], int]:
        """Return path -> id for those paths that are articles here, and the ids' generation."""
        with self.store.snapshot():
            return self.store.ids_of(paths), self.store.generation()

    def link_badges(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        """Return path -> the worst verdict on an article's links, once verdicts were opened."""
        if "links" not in self.__dict__ or not self.links.is_open:
            return {}
        return self.link_findings.badges(rows)

    @_healing
    def count_addresses(self, ids: Sequence[int]) -> int:
        """Return about how many addresses articles hold, but for those in their bodies."""
        return self.store.count_addresses(ids)

    @_healing
    def view_counts(self, *others: View) -> dict[View, int]:
        """Return how many articles each built-in view holds, and each of the others."""
        counts = {view: self.count(self.parse(view.query)) for view in others if view not in VIEWS}
        return {**self._built_in_counts(), **counts}

    @_healing
    def count_live(self) -> int:
        """Return how many articles readers see although they say that they are held back."""
        return self.store.count_live()

    def _built_in_counts(self) -> dict[View, int]:
        """Count the built-in views, unless nothing can have changed since they were counted.

        A view of the person's own may ask for an age or for links; those change by themselves.
        """
        found = self.readable_journal()
        journal = found.version() if found else None
        # The day, because what was put off comes back on one.
        version = (self.store.version(), journal, date.today())
        if self._counted is None or self._counted[0] != version:
            counts = {view: self.count(self.parse(view.query)) for view in VIEWS}
            self._counted = (version, counts)
        return self._counted[1]

    @property
    def saved_views(self) -> list[View]:
        """The views of the person's own that can be used, by name."""
        if not self.config.views:
            return []
        from newsdesk.workspace.settings.saved_views import usable_views

        return usable_views(self.config)[0]

    @property
    def settings(self) -> Settings:
        """What is in force; raises `UsageError` for a flag that cannot be used."""
        if self._settings is None or self._settings[0] is not self.config:
            from newsdesk.workspace.settings.resolve import settings_of

            self._settings = (self.config, settings_of(self.config))
        return self._settings[1]

    @property
    def setting_problems(self) -> list[ConfigProblem]:
        """What the files of settings got wrong."""
        mistakes = list(dict.fromkeys([*self.blocking_problems, *self.settings.mistakes]))
        if any(written.name[0] == "check" for written in self.config.written):
            mistakes += self.check_settings.all_problems
        if not (self.config.views or self.config.mistakes):
            return mistakes
        from newsdesk.workspace.settings.saved_views import usable_views

        return [*usable_views(self.config)[1], *mistakes]

    @property
    def check_settings(self) -> CheckSettings:
        """How links are checked, and what says so."""
        if self._check_settings is None or self._check_settings[0] is not self.config:
            from newsdesk.workspace.settings.link_check import check_settings

            self._check_settings = (self.config, check_settings(self.config))
        return self._check_settings[1]

    @property
    def link_policy(self) -> Policy:
        """How links are checked."""
        return self.check_settings.policy

    @property
    def blocking_problems(self) -> list[ConfigProblem]:
        """What files of settings got wrong that decides what is written: nothing is, then."""
        if self._blocking is None or self._blocking[0] is not self.config:
            from newsdesk.workspace.settings.site_configuration import site_problems

            mistakes = [each for each in self.config.mistakes if each.blocks_writing]
            mistakes += profile_of(self.config).mistakes
            mistakes += site_problems(self.config.collection, self.profile)
            self._blocking = (self.config, mistakes)
        return self._blocking[1]

    def check_settings_for_writing(self) -> None:
        """Raise `WriteRefused` if a broken file of settings decides what would be written."""
        if mistakes := self.blocking_problems:
            raise WriteRefused(f"Nothing is written. {mistakes[0].message}", mistakes[0].remedy)

    def reread_settings(self) -> bool:
        """Take what the files of settings say now; return whether that is something else."""
        before, self.config = self.config, with_files(self.config)
        self._blocking = None  # the site's own configuration may be another as well
        return self.config != before

    def view_named(self, name: str) -> View:
        """Return a view, built-in or saved; raises `UsageError` with the nearest name."""
        from newsdesk.workspace.settings.saved_views import view_named

        return view_named(self.config, name)

    def save_view(self, name: str, query: str) -> View:
        """Save a query as a view of the collection; return the view as it is now.

        Raises `UsageError` for the name, `WriteRefused` if the file cannot be edited.
        """
        from newsdesk.workspace.settings.saved_views import checked_name, save_view

        save_view(self.config.collection, name, query)
        self.reread_settings()
        return View("", checked_name(name), query)

    @_healing
    def numbers(self, query: Query) -> Numbers:
        """Return what is counted of the articles that match, for the dashboard and `stats`."""
        return self.store.numbers(query, members=self._members)

    @_healing
    def topic_counts(self, query: Query) -> list[tuple[str, int]]:
        """Return (topic, articles that match the query) for every topic, most first."""
        return self.store.topic_counts(query, members=self._members)

    @property
    def taxonomy(self) -> Taxonomy:
        """The topics that the collection knows, as its files are now."""
        from newsdesk.collection.taxonomy import read_taxonomy, stamp_of

        stamp = stamp_of(self.config.collection)
        if self._taxonomy is None or self._taxonomy[0] != stamp:
            self._taxonomy = stamp, read_taxonomy(self.config.collection, stamp)
        return self._taxonomy[1]

    @_healing
    def values_of(self, field: str) -> list[tuple[str, int]]:
        """Return (value, articles) of a field, for completion."""
        if field == "topic":
            return self.store.topic_counts(parse(""))
        return self.store.values_of(field)

    def article(self, path: str) -> Article:
        """Read one article whole from its file; one that cannot be read has a problem."""
        from newsdesk.collection.parser import read_article, unreadable_article

        try:
            source = files.read(self.config.collection, path)
        except OSError as error:
            return unreadable_article(path, error)
        return read_article(path, source.content, self.profile, truncated=source.truncated)

    def source(self, path: str) -> bytes:
        """Return the bytes of an article's file; raises OSError."""
        return files.read(self.config.collection, path).content

    @_healing
    def paths_of_related(self, article: Article) -> dict[str, str]:
        """Return url -> path for those related entries that are articles here."""
        urls = [url for entry in article.related for _, url in entry.urls.named()]
        found = self.store.paths_of_addresses(urls)
        return {url: path for url, path in found.items() if path != article.path}

    @_healing
    def pointing_at(self, article: Article) -> list[Row]:
        """Return the articles that list this one as related."""
        with self.store.snapshot():
            ids = self.store.pointing_at(url for _, url in article.urls.named())
            rows = self.store.rows(ids)
        return [row for id_ in ids if (row := rows.get(id_)) and row.path != article.path]

    @_healing
    def ids_of(self, paths: Iterable[str]) -> dict[str, int]:
        """Return path -> id for those paths that are articles here."""
        return self.store.ids_of(paths)

    def refresh(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
        *,
        apart: bool = False,
    ) -> RefreshReport:
        """Bring the index up to date with the files; raises `Cancelled` when asked to stop.

        With `apart` what takes long is done by another process, so that this one stays free.
        """
        refreshed = self._refreshed_apart if apart else self._refreshed
        try:
            report = refreshed(on_progress, is_cancelled)
        except IndexDamaged as damage:
            self.notices.append(str(damage))
            self.store.reset()
            report = refreshed(on_progress, is_cancelled)
        self.needs_refresh = False
        return report

    def _refreshed(
        self,
        on_progress: Callable[[Progress], None] | None,
        is_cancelled: Callable[[], bool],
        most: int | None = None,
    ) -> RefreshReport:
        from newsdesk.index.refresh import refresh

        return refresh(
            self.config.collection,
            self.store,
            on_progress=on_progress,
            is_cancelled=is_cancelled,
            most=most,
            profile=self.profile,
        )

    def _refreshed_apart(
        self,
        on_progress: Callable[[Progress], None] | None,
        is_cancelled: Callable[[], bool],
    ) -> RefreshReport:
        """Refresh elsewhere if there is much to compare or to read, and if that is possible."""
        from newsdesk.index.refresh import WORTH_PROCESSES, TooMuchHere
        from newsdesk.index.refresh_worker import RefreshJob, refresh_apart
        from newsdesk.processes import ProcessEnded

        try:
            if not self.store.is_larger_than(_MANY):
                return self._refreshed(on_progress, is_cancelled, WORTH_PROCESSES)
        except TooMuchHere:
            pass
        try:
            job = RefreshJob(self.config.collection, self.store.path, self.profile)
            return refresh_apart(job, on_progress=on_progress, is_cancelled=is_cancelled)
        except ProcessEnded as error:
            _log.warning("The files are read here: %s\n%s", error, error.fault)
            return self._refreshed(on_progress, is_cancelled)

    def rebuild(self) -> None:
        """Empty the index; the next refresh reads every file, by what the files look like now."""
        profile = profile_of(self.config, anew=True).profile
        if profile != self.profile:
            self.store.close()
            self.profile = profile
            self.store = Store(index_path_of(self.config, profile))
        self.store.empty()

    # -- deciding --------------------------------------------------------------------------

    @_writing
    def set_published(
        self,
        paths: Sequence[str],
        value: bool,
        *,
        seen: Seen | None = None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Action:
        """Publish or unpublish files: journalled, one undo for all. See `Triage`.

        `seen` maps paths to the `content_key` of what the person saw of them.
        """
        return self._indexed(
            self.triage.set_published(
                paths, value, seen=seen or {}, on_progress=on_progress, is_cancelled=is_cancelled
            )
        )

    @_writing
    def decide(
        self,
        paths: Sequence[str],
        field: str,
        value: bytes,
        verb: str,
        *,
        seen: Seen | None = None,
    ) -> Action:
        """Let a decision stand beside files; see `editorial.py` for fields and values.

        `seen` is as for `set_published`.
        """
        action = self.triage.decide(paths, field, value, verb, seen=self._uncertain(seen or {}))
        if verb.endswith(STORY_VERBS) or action.refused:
            return self._indexed(action)
        return action

    def _uncertain(self, seen: Seen) -> Seen:
        """Leave out the files that certainly are what was seen: to read all takes long."""
        known = self.store.content_keys(seen)
        return {
            path: key
            for path, key in seen.items()
            if path not in known
            or known[path][:2] != (key, True)
            or known[path][2] != files.fingerprint(self.config.collection, path)
        }

    @_writing
    def apply(self, verb: str, changes: Sequence[Change], *, kind: str = "") -> Action:
        """Carry out changes that were worked out elsewhere; one journal entry, one undo."""
        return self._indexed(self.triage.apply(verb, changes, kind=kind))

    @_writing
    def repair_url(self, path: str, field: str, old: str, new: str) -> Action:
        """Put another web address into a field of an article: journalled, one undo."""
        return self._indexed(self.triage.replace_url(path, field, old, new))

    @_writing
    def publish_best(
        self,
        *paths: str,
        itself: bool = False,
        seen: Seen | None = None,
        shown: Mapping[str, Story] | None = None,
    ) -> Action:
        """Publish the recommended sources of articles' stories and retire the others; one undo.

        With `itself` each article itself is published instead of the recommended source. See
        `Triage.publish_best`. Raises `UsageError` if an article is not here. `shown` are stories
        as the person saw them, by path; sources that are not in `seen` are compared with what
        their stories say of them.
        """
        others: dict[str, tuple[str, ...]] = {}
        known: dict[str, bytes] = {}
        for path in paths:
            story = (shown or {}).get(path) or self.stories.known(path)
            others[path if itself else story.best.path] = story.paths
            known.update((member.row.path, member.row.content_key) for member in story.members)
        return self._indexed(self.triage.publish_best(others, seen={**known, **(seen or {})}))

    @_writing
    def split_story(self, path: str, others: Iterable[str] = ()) -> Action:
        """Take an article out of the company of others, by default all of its story.

        Remembered, never asked again; one undo. Raises `UsageError` if the article is not here.
        """
        return self._indexed(self.stories.split(path, others))

    @_writing
    def join_story(self, path: str, other: str) -> Action:
        """Let an article tell the same story as another; remembered, one undo.

        Raises `UsageError` if one of them is not here.
        """
        return self._indexed(self.stories.join(path, other))

    def diff(self, paths: Iterable[str], value: bool) -> tuple[str, Action]:
        """Return what `set_published` would change as a unified diff, and what it would do."""
        return self.triage.diff(paths, value)

    @_writing
    def undo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Undo the last decision; None if there is none. See `Triage.undo`."""
        action = self.triage.undo(any_session=any_session, confirmed=confirmed)
        return action and self._indexed(action)

    @_writing
    def redo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Redo what was undone last; None if there is nothing. See `Triage.redo`."""
        action = self.triage.redo(any_session=any_session, confirmed=confirmed)
        return action and self._indexed(action)

    def preview_undo(
        self, number: int = 1, *, redo: bool = False, any_session: bool = False
    ) -> tuple[str, list[Action]]:
        """Return the diff that so many undos, or redos, would make, and what each would do."""
        from newsdesk.workspace.undo import preview

        root, journal = self.config.collection, self.triage.journal
        return preview(root, journal, "done" if redo else "undone", number, any_session=any_session)

    def log(self, limit: int = 50) -> list[Entry]:
        """Return the newest decisions, newest first."""
        return self.triage.journal.entries(limit)

    def recover(self) -> list[Action]:
        """Finish what a crash left half done, and say so in `notices`."""
        from newsdesk.private_folder import sweep_private_folders

        self.finish_commit()
        sweep_private_folders()
        if not self.config.journal_path.exists():
            return []
        try:
            actions = [self._indexed(action) for action in self.triage.recover()]
        except NewsdeskError as error:
            self.notices.append(str(error))
            return []
        for action in actions:
            self.notices.append(
                f"Finished what was interrupted: {action.verb}, "
                f"{len(action.changed)} of {len(action.outcomes)} files."
            )
        return [replace(action, interrupted=True) for action in actions]

    def finish_commit(self) -> None:
        """Finish a commit whose newsdesk was killed, and say so in `notices`."""
        if self.config.commit_path.exists():
            from newsdesk.workspace.review.git_record import finish_commit

            if said := finish_commit(self.config.commit_path):
                self.notices.append(said)

    def sweep(self, folders: Iterable[str]) -> list[str]:
        """Remove temporary files that an earlier write left in folders; return their paths.

        What may hold anybody else's words is kept beside the file as `….newsdesk-conflict`.
        """
        from newsdesk.workspace.sweeping import sweep

        return sweep(self.config.collection, folders, self.readable_journal())

    def are_as_indexed(self, paths: Iterable[str]) -> bool:
        """Tell whether the index has read every one of these files as it is now."""
        wanted = list(paths)
        try:
            indexed = self.store.fingerprints_of(wanted)
        except IndexDamaged:
            self.needs_refresh = True
            return False
        return all(
            indexed.get(path) == files.fingerprint(self.config.collection, path) for path in wanted
        )

    def reread(self, paths: Iterable[str]) -> list[int]:
        """Bring the index up to date with a few files; return the ids of those there are."""
        from newsdesk.collection.generators.exclusions import articles_among
        from newsdesk.index.refresh import read_batch

        root = self.config.collection
        try:
            wanted, others = articles_among(paths, root, self.profile)
            records, gone = read_batch(root, wanted, self.profile)
            return self.store.apply(records, [*gone, *others])
        except IndexDamaged:
            self.needs_refresh = True
            return []

    def _indexed(self, action: Action) -> Action:
        # Refused and unchanged ones too: the list may have shown something else.
        self.reread(outcome.path for outcome in action.outcomes)
        from newsdesk.workspace.triage import REPAIR

        if action.verb.endswith(REPAIR) and self.config.verdicts_path.exists():
            self.link_findings.reread_changed(action.changed)
        if action.verb.endswith(STORY_VERBS) or STORY in action.fields:
            self.stories.group()
        return action
