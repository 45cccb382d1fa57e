"""The facade of both front ends: an open collection with its services and its writing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from newsdesk.collection import files
from newsdesk.errors import NewsdeskError
from newsdesk.index.query.ast import ALREADY_PUBLISHED, DUPLICATE
from newsdesk.index.schema import Row
from newsdesk.workspace import index_updates
from newsdesk.workspace.open_collection import checks_settings
from newsdesk.workspace.reader import Reader
from newsdesk.workspace.stories.collapsing import CollapsedStories
from newsdesk.workspace.stories.overrides import STORY, STORY_VERBS
from newsdesk.workspace.views import Filter

# The first rows need none of these, so they are imported where they are used.
if TYPE_CHECKING:
    from newsdesk.index.refresh import Progress, RefreshReport
    from newsdesk.links.verdict import Verdict
    from newsdesk.workspace.history import History
    from newsdesk.workspace.images.service import ImageService
    from newsdesk.workspace.journal import Change
    from newsdesk.workspace.links.findings import LinkFindings
    from newsdesk.workspace.links.service import LinkService
    from newsdesk.workspace.outcomes import Action
    from newsdesk.workspace.recent import Recent
    from newsdesk.workspace.stories.service import StoryService
    from newsdesk.workspace.stories.story import Story
    from newsdesk.workspace.triage import Seen, Triage

_MAX_FIRST_ROWS = 100  # more than a large terminal shows
_LINK = "link:"  # the prefix of the query sets by verdict


class Workspace(Reader):
    """One open collection, to read and to write. Safe to use from several threads.

    Every method that writes files journals its change, can be undone, updates the index, and
    raises `WriteRefused` while a broken settings file affects what would be written.
    """

    has_read_ahead = False  # whether the first list has been read once, so that it is cached

    def close(self) -> None:
        """Close all files; what is being written is finished first."""
        if "links" in self.__dict__:
            self.links.close()
        if "pictures" in self.__dict__:
            self.pictures.close()
        super().close()

    # -- services --------------------------------------------------------------------------

    @property
    def triage(self) -> Triage:
        """The writer of decisions; this opens the journal, and creates it where there is none."""
        from newsdesk.workspace.triage import Triage

        return Triage(self.config.collection, self.journal, self.profile)

    @functools.cached_property
    def history(self) -> History:
        """The queries used before."""
        from newsdesk.workspace.history import History

        return History(self.config.history_path)

    @functools.cached_property
    def recent(self) -> Recent:
        """The collections and commands used before."""
        from newsdesk.workspace.recent import Recent

        return Recent(self.config)

    @functools.cached_property
    def links(self) -> LinkService:
        """The link check."""
        from newsdesk.workspace.links.service import LinkService

        return LinkService(self.config.collection, self.config.verdicts_path, self.profile)

    @functools.cached_property
    def link_findings(self) -> LinkFindings:
        """The results of earlier link checks."""
        from newsdesk.workspace.links.findings import LinkFindings

        return LinkFindings(self.config.collection, self.store, self.links, self.profile)

    @functools.cached_property
    def pictures(self) -> ImageService:
        """The image cache."""
        from newsdesk.workspace.images.service import ImageService

        return ImageService(self.config.images_folder)

    @functools.cached_property
    def stories(self) -> StoryService:
        """The stories."""
        from newsdesk.workspace.stories.service import StoryService

        return StoryService(self, self.collapsed_stories, lambda: self.link_findings)

    @functools.cached_property
    def collapsed_stories(self) -> CollapsedStories:
        """The positions of articles in stories."""
        return CollapsedStories(self.store)

    # -- the first list --------------------------------------------------------------------

    def warm_up(self) -> None:
        """Start to read what the first list needs, while the user interface is imported."""
        threading.Thread(target=self._read_ahead, name="read ahead").start()

    def _read_ahead(self) -> None:
        with suppress(NewsdeskError):  # the next query raises it again
            opening = Filter.opening(self.settings.view, self.settings.order)
            ids = self.store.search(opening.query(), members=self._members)
            self.store.rows(ids[:_MAX_FIRST_ROWS])
            self._built_in_counts()
            self.collapsed_stories.known()
            self.has_read_ahead = True

    def keep_order(self) -> None:
        """Store the order of the first list in the index, so that the next start is faster."""
        with suppress(NewsdeskError):  # a busy or damaged index: the next start is slower
            self.store.save_order(self.settings.order)

    # -- reading what the services add -----------------------------------------------------

    def _members(self, name: str) -> Iterable[int]:
        """Return the ids of a query set: by verdict, by story, else by editorial state."""
        if name == ALREADY_PUBLISHED:
            return self.stories.covered_ids()
        if name == DUPLICATE:
            return self.stories.duplicate_ids()
        if not name.startswith(_LINK):
            return super()._members(name)
        if not self.config.verdicts_path.exists():
            return ()
        from newsdesk.links.verdict import Verdict

        return self.link_findings.ids_with(Verdict(name.removeprefix(_LINK)))

    def link_badges(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        """Return path -> the worst verdict on an article's links, once verdicts are loaded."""
        if "links" not in self.__dict__ or not self.links.is_open:
            return {}
        return self.link_findings.badges(rows)

    # -- the index -------------------------------------------------------------------------

    def refresh(
        self,
        on_progress: Callable[[Progress], None] | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
        *,
        apart: bool = False,
    ) -> RefreshReport:
        """Bring the index up to date with all files; see `index_updates.refresh`."""
        return index_updates.refresh(self, on_progress, is_cancelled, apart=apart)

    def reread(self, paths: Iterable[str]) -> list[int]:
        """Bring the index up to date with a few files; return the ids of those articles."""
        return index_updates.reread(self, paths)

    def are_as_indexed(self, paths: Iterable[str]) -> bool:
        """Return whether all of these files are unchanged since the index read them."""
        return index_updates.are_as_indexed(self, paths)

    # -- writing ---------------------------------------------------------------------------

    @checks_settings
    def set_published(
        self,
        paths: Sequence[str],
        value: bool,
        *,
        seen: Seen | None = None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Action:
        """Publish or unpublish files; see `Triage.set_published`.

        `seen` maps paths to the `content_key` of what the person saw.
        """
        return self._indexed(
            self.triage.set_published(
                paths, value, seen=seen or {}, on_progress=on_progress, is_cancelled=is_cancelled
            )
        )

    @checks_settings
    def decide(
        self,
        paths: Sequence[str],
        field: str,
        value: bytes,
        verb: str,
        *,
        seen: Seen | None = None,
    ) -> Action:
        """Record a decision without editing files; see `editorial_state` for fields and values.

        `seen` is as for `set_published`.
        """
        action = self.triage.decide(paths, field, value, verb, seen=self._changed(seen or {}))
        if verb.endswith(STORY_VERBS) or action.refused:
            return self._indexed(action)
        return action

    def _changed(self, seen: Seen) -> Seen:
        """Leave out files that the index knows to be as seen, since reading all is slow."""
        indexed = self.store.content_keys(seen)
        return {
            path: key
            for path, key in seen.items()
            if path not in indexed
            or indexed[path][:2] != (key, True)
            or indexed[path][2] != files.fingerprint(self.config.collection, path)
        }

    @checks_settings
    def apply(self, verb: str, changes: Sequence[Change], *, kind: str = "") -> Action:
        """Write prepared changes; one journal entry."""
        return self._indexed(self.triage.apply(verb, changes, kind=kind))

    @checks_settings
    def repair_url(self, path: str, field: str, old: str, new: str) -> Action:
        """Replace a URL in a front-matter field of an article."""
        return self._indexed(self.triage.replace_url(path, field, old, new))

    @checks_settings
    def publish_best(
        self,
        *paths: str,
        itself: bool = False,
        seen: Seen | None = None,
        shown: Mapping[str, Story] | None = None,
    ) -> Action:
        """Publish the best sources of articles' stories and reject the others.

        With `itself` each article is published instead of the best source. `shown` are stories
        as the person saw them, by path; sources that are not in `seen` are compared with the
        content of their stories. See `Triage.publish_best`. Raises `UsageError` if an article is
        not in the index.
        """
        others: dict[str, tuple[str, ...]] = {}
        keys: dict[str, bytes] = {}
        for path in paths:
            story = (shown or {}).get(path) or self.stories.known(path)
            others[path if itself else story.best.path] = story.paths
            keys.update((member.row.path, member.row.content_key) for member in story.members)
        return self._indexed(self.triage.publish_best(others, seen={**keys, **(seen or {})}))

    @checks_settings
    def split_story(self, path: str, others: Iterable[str] = ()) -> Action:
        """Remove an article from a story of others, by default of all its sources.

        The decision is kept when stories are grouped again. Raises `UsageError` if the article
        is not in the index.
        """
        return self._indexed(self.stories.split(path, others))

    @checks_settings
    def join_story(self, path: str, other: str) -> Action:
        """Add an article to the story of another.

        The decision is kept when stories are grouped again. Raises `UsageError` if one of them
        is not in the index.
        """
        return self._indexed(self.stories.join(path, other))

    def diff(self, paths: Iterable[str], value: bool) -> tuple[str, Action]:
        """Return the unified diff that `set_published` would make, and its outcomes."""
        return self.triage.diff(paths, value)

    @checks_settings
    def undo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Undo the last decision; None if there is none. See `Triage.undo`."""
        action = self.triage.undo(any_session=any_session, confirmed=confirmed)
        return action and self._indexed(action)

    @checks_settings
    def redo(self, *, any_session: bool = False, confirmed: int = 0) -> Action | None:
        """Redo the last undone decision; None if there is none. See `Triage.redo`."""
        action = self.triage.redo(any_session=any_session, confirmed=confirmed)
        return action and self._indexed(action)

    def preview_undo(
        self, number: int = 1, *, redo: bool = False, any_session: bool = False
    ) -> tuple[str, list[Action]]:
        """Return the diff that `number` undos, or redos, would make, and their outcomes."""
        from newsdesk.workspace.undo import preview

        root, journal = self.config.collection, self.journal
        return preview(root, journal, "done" if redo else "undone", number, any_session=any_session)

    def _indexed(self, action: Action) -> Action:
        # Refused and unchanged files too: the list may show something else.
        self.reread(outcome.path for outcome in action.outcomes)
        from newsdesk.workspace.triage import REPAIR

        if action.verb.endswith(REPAIR) and self.config.verdicts_path.exists():
            self.link_findings.reread_changed(action.changed)
        if action.verb.endswith(STORY_VERBS) or STORY in action.fields:
            self.stories.group()
        return action

    # -- after a crash ---------------------------------------------------------------------

    def recover(self) -> list[Action]:
        """Finish writes that a crash interrupted, and report them in `notices`."""
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
        """Finish an interrupted commit, and report it in `notices`."""
        if self.config.commit_path.exists():
            from newsdesk.workspace.review.git_record import finish_commit

            if notice := finish_commit(self.config.commit_path):
                self.notices.append(notice)

    def sweep(self, folders: Iterable[str]) -> list[str]:
        """Remove temporary files of interrupted writes from folders; return their paths.

        One that may contain other changes is kept as `….newsdesk-conflict`.
        """
        from newsdesk.workspace.sweeping import sweep

        return sweep(self.config.collection, folders, self.readable_journal())
