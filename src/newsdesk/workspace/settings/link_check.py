"""Read the link check options from flags, environment variables and `[check]` in settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsdesk.config import Config, ConfigProblem, RawSetting
from newsdesk.errors import UsageError
from newsdesk.links.policy import (
    BoundHeader,
    Policy,
    languages_from,
    proxies_from,
)
from newsdesk.suggest import nearest
from newsdesk.workspace.settings.definitions import Unusable
from newsdesk.workspace.settings.link_check_values import (
    read_accepted,
    read_ages,
    read_boolean,
    read_count,
    read_fields,
    read_globs,
    read_headers,
    read_languages,
    read_patterns,
    read_positive_seconds,
    read_seconds,
)
from newsdesk.workspace.settings.resolve import Effective, Source
from newsdesk.workspace.settings.trust import refusal

TABLE = "check"


@dataclass(frozen=True, slots=True)
class CheckOption:
    """One option of `[check]`: its name, an example, and the function that reads its value.

    `field` is the field of `Policy`. `read_shared` reads the value in a collection's file if it
    has another syntax there; its limits are in `newsdesk.workspace.settings.trust`.
    """

    name: str
    field: str
    default_text: str
    example: str
    read: Callable[[object], Any]
    read_shared: Callable[[object], Any] | None = None

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"NEWSDESK_CHECK_{self.name.replace('-', '_').upper()}"


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The link check policy, and where each value comes from.

    `problems` are invalid values, `refusals` valid values that a collection may not set.
    """

    policy: Policy
    values: tuple[Effective, ...] = ()
    problems: tuple[ConfigProblem, ...] = ()
    refusals: tuple[ConfigProblem, ...] = ()

    @property
    def all_problems(self) -> tuple[ConfigProblem, ...]:
        """All problems and refusals."""
        return (*self.problems, *self.refusals)


def check_settings(
    config: Config,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> CheckSettings:
    """Return the link check settings of a collection; flags that are None count as not given.

    Raises `UsageError` for an invalid flag or combination of flags.
    """
    reader = _OptionReader(config, flags or {}, environment)
    chosen = {option.field: reader.value_of(option) for option in CHECK_OPTIONS}
    reader.record_unknown()
    chosen = {field: value for field, value in chosen.items() if value is not None}
    if "timeout" in chosen:
        chosen["connect_timeout"] = min(Policy().connect_timeout, chosen["timeout"])
    chosen.setdefault("languages", languages_from(environment))
    policy = Policy(**chosen, proxies=proxies_from(environment))
    return CheckSettings(
        policy, tuple(reader.values), tuple(reader.problems), tuple(reader.refusals)
    )


class _OptionReader:
    """Finds the valid value of the highest precedence for each option."""

    def __init__(
        self, config: Config, flags: Mapping[str, object], environment: Mapping[str, str]
    ) -> None:
        self._written = [each for each in config.raw_settings if each.name[0] == TABLE]
        self._flags = flags
        self._environment = environment
        self.values: list[Effective] = []
        self.problems: list[ConfigProblem] = []
        self.refusals: list[ConfigProblem] = []

    def value_of(self, option: CheckOption) -> Any:
        """Return the value of an option, None for the default; record its source."""
        given = self._flags.get(option.name)
        if given is not None:
            try:
                return self._found(option, option.read(given), given, Source.FLAG, "")
            except Unusable as unusable:
                raise UsageError(f"--{option.name}: {unusable}", unusable.remedy) from None
        if text := self._environment.get(option.variable, ""):
            value = self._read(option, text, f"${option.variable}")
            if value is not None:
                place = f"${option.variable}"
                return self._found(option, value, text, Source.ENVIRONMENT, place)
        # The collection's file comes last and takes precedence.
        for written in reversed(self._written):
            if written.name != (TABLE, option.name) or self._is_refused(written):
                continue
            value = self._read(option, written.value, written.place, is_own=written.is_own)
            if value is None or self._is_refused(written, value):
                continue
            source = Source.OWN if written.is_own else Source.COLLECTION
            return self._found(option, value, written.value, source, written.place)
        self.values.append(Effective(f"{TABLE}.{option.name}", option.default_text))
        return None

    def _read(self, option: CheckOption, value: object, place: str, *, is_own: bool = True) -> Any:
        read = option.read if is_own else option.read_shared or option.read
        try:
            return read(value)
        except Unusable as unusable:
            message = f"{place}: {TABLE}.{option.name}: {unusable}"
            self.problems.append(ConfigProblem(message, unusable.remedy))
            return None

    def _is_refused(self, written: RawSetting, value: object = None) -> bool:
        problem = refusal(written, value)
        if problem is not None:
            self.refusals.append(problem)
        return problem is not None

    def _found(
        self, option: CheckOption, value: Any, given: object, source: Source, place: str
    ) -> Any:
        text = _masked(value) if option.name == "header" else _as_text(given)
        self.values.append(
            Effective(f"{TABLE}.{option.name}", text, source, place or f"--{option.name}")
        )
        return value

    def record_unknown(self) -> None:
        """Record each unknown name."""
        names = [option.name for option in CHECK_OPTIONS]
        for written in self._written:
            if len(written.name) == 1:
                message = f"{written.place}: {TABLE} is not a table."
                remedy = f"Write [{TABLE}], then lines: {CHECK_OPTIONS[0].example}"
            elif written.name[1] not in names:
                near = nearest(written.name[1].replace("_", "-"), names)
                message = f"{written.place}: There is no setting {TABLE}.{written.name[1]}."
                remedy = f"Did you mean {near}?" if near else f"Known settings: {', '.join(names)}."
            else:
                continue
            self.problems.append(ConfigProblem(message, remedy))


def _as_text(given: object) -> str | tuple[str, ...]:
    if isinstance(given, (list, tuple)):
        return tuple(map(str, given))
    return str(given).lower() if isinstance(given, bool) else str(given)


def _masked(headers: Sequence[BoundHeader]) -> tuple[str, ...]:
    return tuple(f"{header.origin} {header.name}: …" for header in headers)


CHECK_OPTIONS = (
    CheckOption("fields", "fields", "default", 'fields = ["default", "images"]', read_fields),
    CheckOption("include", "include", "", "include = ['^https://']", read_patterns, read_globs),
    CheckOption(
        "exclude", "exclude", "", "exclude = ['^https://intranet\\.']", read_patterns, read_globs
    ),
    CheckOption("accept", "accepted", "", 'accept = ["*.example.com=403,429"]', read_accepted),
    CheckOption("timeout", "timeout", "20", "timeout = 10", read_positive_seconds),
    CheckOption(
        "concurrency",
        "concurrency",
        "32",
        "concurrency = 16",
        read_count,
    ),
    CheckOption(
        "per-host",
        "per_host",
        "4",
        "per-host = 2",
        read_count,
    ),
    CheckOption(
        "delay",
        "delay",
        "0.1",
        "delay = 0.5",
        read_seconds,
    ),
    CheckOption("host-wait", "host_wait", "60", "host-wait = 10", read_seconds),
    CheckOption("max-age", "max_ages", "7d, dead 1d", 'max-age = "3d"', read_ages),
    CheckOption("soft-404", "soft_404", "false", "soft-404 = true", read_boolean),
    CheckOption("archive", "archive", "false", "archive = true", read_boolean),
    CheckOption(
        "languages",
        "languages",
        "those of the locale, en",
        'languages = ["fr", "en"]',
        read_languages,
    ),
    CheckOption(
        "header",
        "headers",
        "",
        'header = ["https://example.com Authorization: Bearer abc"]',
        read_headers,
    ),
    CheckOption(
        "allow-private",
        "allow_private",
        "false",
        "allow-private = true",
        read_boolean,
    ),
)
