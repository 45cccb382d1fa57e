"""Hold what is open of a collection: its settings, its site profile, its index."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

from newsdesk.collection import files
from newsdesk.config import Config, ConfigProblem, reload_settings
from newsdesk.errors import WriteRefused
from newsdesk.index.store import IndexDamaged, Store
from newsdesk.workspace.settings.profile_choice import index_path_of, profile_of
from newsdesk.workspace.views import View

# The first rows need none of these, so they are imported where they are used.
if TYPE_CHECKING:
    from newsdesk.collection.taxonomy import Stamp, Taxonomy
    from newsdesk.links.policy import Policy
    from newsdesk.workspace.settings.link_check import CheckSettings
    from newsdesk.workspace.settings.resolve import Settings

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound="OpenCollection")


def repairs_index(method: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """Replace a damaged index by an empty one, request a refresh, and call the method again."""

    @functools.wraps(method)
    def repaired(self: C, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except IndexDamaged as damage:
            self.reset_index(damage)
            return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[C, P], T]", repaired)


def checks_settings(method: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """Raise `WriteRefused` while a broken settings file affects what the method would write."""

    @functools.wraps(method)
    def checked(self: C, *args: P.args, **kwargs: P.kwargs) -> T:
        self.check_settings_for_writing()
        return method(self, *args, **kwargs)

    return cast("Callable[Concatenate[C, P], T]", checked)


class OpenCollection:
    """One collection with its settings and its index. Safe to use from several threads.

    `notices` are messages for the person, such as a rebuilt index; `needs_refresh` is set when
    the index is incomplete. `store` is an index that is open already.
    Raises `CollectionError` if the folder cannot be listed.
    """

    def __init__(self, config: Config, store: Store | None = None) -> None:
        files.check_folder(config.collection)
        self.config = config
        self.notices: list[str] = []
        self.profile = profile_of(config).profile
        self.store = store or Store(index_path_of(config, self.profile))
        self.needs_refresh = bool(self.store.notice)
        if self.store.notice:
            self.notices.append(self.store.notice)
        self._settings: tuple[Config, Settings] | None = None
        self._check_settings: tuple[Config, CheckSettings] | None = None
        self._blocking: tuple[Config, list[ConfigProblem]] | None = None
        self._taxonomy: tuple[Stamp, Taxonomy] | None = None

    def close(self) -> None:
        """Close the index."""
        self.store.close()

    def reset_index(self, damage: IndexDamaged) -> None:
        """Replace a damaged index by an empty one, which needs a refresh."""
        self.notices.append(str(damage))
        self.store.reset()
        self.needs_refresh = True

    def rebuild(self) -> None:
        """Empty the index and choose the site profile again; the next refresh reads all files."""
        profile = profile_of(self.config, anew=True).profile
        if profile != self.profile:
            self.store.close()
            self.profile = profile
            self.store = Store(index_path_of(self.config, profile))
        self.store.clear()

    # -- settings --------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings in force; raises `UsageError` for a flag that cannot be used."""
        if self._settings is None or self._settings[0] is not self.config:
            from newsdesk.workspace.settings.resolve import settings_of

            self._settings = (self.config, settings_of(self.config))
        return self._settings[1]

    @property
    def check_settings(self) -> CheckSettings:
        """The settings of the link check, with where each was set."""
        if self._check_settings is None or self._check_settings[0] is not self.config:
            from newsdesk.workspace.settings.link_check import check_settings

            self._check_settings = (self.config, check_settings(self.config))
        return self._check_settings[1]

    @property
    def link_policy(self) -> Policy:
        """The policy of the link check."""
        return self.check_settings.policy

    @property
    def setting_problems(self) -> list[ConfigProblem]:
        """All problems of the settings files."""
        problems = list(dict.fromkeys([*self.blocking_problems, *self.settings.mistakes]))
        if any(written.name[0] == "check" for written in self.config.raw_settings):
            problems += self.check_settings.all_problems
        if not (self.config.views or self.config.problems):
            return problems
        from newsdesk.workspace.settings.saved_views import usable_views

        return [*usable_views(self.config)[1], *problems]

    @property
    def blocking_problems(self) -> list[ConfigProblem]:
        """The problems of settings that affect what is written; nothing is written until fixed."""
        if self._blocking is None or self._blocking[0] is not self.config:
            from newsdesk.workspace.settings.site_configuration import site_problems

            problems = [each for each in self.config.problems if each.blocks_writing]
            problems += profile_of(self.config).mistakes
            problems += site_problems(self.config.collection, self.profile)
            self._blocking = (self.config, problems)
        return self._blocking[1]

    def check_settings_for_writing(self) -> None:
        """Raise `WriteRefused` if a broken settings file affects what would be written."""
        if problems := self.blocking_problems:
            raise WriteRefused(f"Nothing is written. {problems[0].message}", problems[0].remedy)

    def reread_settings(self) -> bool:
        """Read the settings files again; return whether anything changed."""
        before, self.config = self.config, reload_settings(self.config)
        self._blocking = None  # the site's own configuration may have changed as well
        return self.config != before

    # -- views and topics ------------------------------------------------------------------

    @property
    def saved_views(self) -> list[View]:
        """The person's own views that can be used, by name."""
        if not self.config.views:
            return []
        from newsdesk.workspace.settings.saved_views import usable_views

        return usable_views(self.config)[0]

    def view_named(self, name: str) -> View:
        """Return a built-in or saved view; raises `UsageError` with the nearest name."""
        from newsdesk.workspace.settings.saved_views import view_named

        return view_named(self.config, name)

    def save_view(self, name: str, query: str) -> View:
        """Save a query as a view of the collection; return the view.

        Raises `UsageError` for the name, `WriteRefused` if the file cannot be edited.
        """
        from newsdesk.workspace.settings.saved_views import checked_name, save_view

        save_view(self.config.collection, name, query)
        self.reread_settings()
        return View("", checked_name(name), query)

    @property
    def taxonomy(self) -> Taxonomy:
        """The topics of the collection, from its files as they are now."""
        from newsdesk.collection.taxonomy import read_taxonomy, stamp_of

        stamp = stamp_of(self.config.collection)
        if self._taxonomy is None or self._taxonomy[0] != stamp:
            self._taxonomy = stamp, read_taxonomy(self.config.collection, stamp)
        return self._taxonomy[1]
