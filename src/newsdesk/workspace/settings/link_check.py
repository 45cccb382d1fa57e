"""Read the link check options from flags, environment variables and `[check]` in settings."""

from __future__ import annotations

import fnmatch
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsdesk.config import Config, ConfigProblem, Written
from newsdesk.errors import UsageError
from newsdesk.links.cache import ages_for
from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS, IMAGE_FIELDS
from newsdesk.links.policy import (
    LANGUAGE_TAG,
    Accepted,
    BoundHeader,
    Policy,
    languages_from,
    proxies_from,
)
from newsdesk.suggest import nearest
from newsdesk.workspace.settings.definitions import Unusable
from newsdesk.workspace.settings.resolve import Effective, Source
from newsdesk.workspace.settings.trust import refusal

TABLE = "check"
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)([hdw]?)", re.ASCII)
_HEADER = re.compile(r"(https?://[^\s/]+)/?\s+([^\s:]+):\s*(.*)", re.DOTALL)
_STATUS = re.compile(r"[1-9]\d\d", re.ASCII)
_FIELD_LISTS = {"default": DEFAULT_FIELDS, "images": IMAGE_FIELDS, "all": ALL_FIELDS}
_MAX_NUMBER = 1e6
MAX_GLOBS = 200  # of a collection, for each of include and exclude
# Syntax of regular expressions that hardly occurs in URLs; `https://intranet.*` is a glob.
_NO_GLOB = re.compile(r"^\^|\$$|\\|(?<!\w)\.\*|\.\+|\(\?|\||s\?:|\)[*+?{]|\]\+")


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
        self._written = [each for each in config.written if each.name[0] == TABLE]
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

    def _is_refused(self, written: Written, value: object = None) -> bool:
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


# -- reading values ------------------------------------------------------------------------


def read_texts(value: object) -> tuple[str, ...]:
    """Return a list of texts; a single text is a list of one. Raises `Unusable`."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise Unusable("Not a list of texts.", 'Write for example ["one", "other"].')
    return tuple(texts)


def read_patterns(value: object) -> tuple[str, ...]:
    """Return regular expressions; raises `Unusable`."""
    patterns = read_texts(value)
    for pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise Unusable(
                f"Invalid pattern {pattern}: {error}.",
                "Write \\. for a literal dot.",
            ) from None
    return patterns


def read_globs(value: object) -> tuple[str, ...]:
    """Return globs as regular expressions for `Policy`; raises `Unusable`.

    A collection's regular expression could take exponential time (`(a+)+$`). A glob cannot:
    the result of `fnmatch.translate` never backtracks behind a `*`.
    """
    globs = read_texts(value)
    if len(globs) > MAX_GLOBS:
        raise Unusable(f"More than {MAX_GLOBS} patterns.", "Write fewer patterns.")
    for glob in globs:
        if _NO_GLOB.search(glob) or not glob.startswith(("http", "*", "?", "[")):
            raise Unusable(
                f"{_quoted(glob)} is not a glob for a whole URL, which a collection must use.",
                f'Write for example "{glob_for(glob)}".',
            )
    return tuple(rf"\A{fnmatch.translate(glob)}" for glob in globs)


def glob_for(pattern: str) -> str:
    """Return a glob that approximates a simple regular expression."""
    text = pattern.removeprefix("^").removesuffix("$").replace("s?:", "*:")
    text = re.sub(r"\\[dwsDWSbB]|\[[^\]]*\]|\([^()]*\)", "*", text)
    text = re.sub(r"\\(.)|[.*][*+?]*|[()+|{}^$]", lambda found: found[1] or "*", text)
    start = "" if pattern.startswith("^") else "*"
    end = "" if pattern.endswith("$") else "*"
    glob = re.sub(r"\*+", "*", f"{start}{text}{end}")[:60]
    return glob if glob.strip("*") else "*/login*"


def read_fields(value: object) -> frozenset[str]:
    """Return the fields for names and lists of names; raises `Unusable`."""
    texts = read_texts(value)
    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    known = (*_FIELD_LISTS, *sorted(ALL_FIELDS))
    if not names:
        raise Unusable("No field is given.", f"Use one of {', '.join(known)}.")
    for name in names:
        if name not in known:
            near = nearest(name, known)
            remedy = f"Did you mean {near}?" if near else f"Use one of {', '.join(known)}."
            raise Unusable(f"{name} is not a field with URLs.", remedy)
    return frozenset().union(*(_FIELD_LISTS.get(name, frozenset({name})) for name in names))


def read_languages(value: object) -> tuple[str, ...]:
    """Return language tags in order of preference; raises `Unusable`."""
    texts = (tag for text in read_texts(value) for tag in text.split(","))
    tags = [tag.strip().replace("_", "-") for tag in texts]
    for tag in tags:
        if not LANGUAGE_TAG.fullmatch(tag):
            raise Unusable(
                f"{_quoted(tag)} is not a language tag.", 'Write for example ["de-AT", "en"].'
            )
    return tuple(tags)


def read_accepted(value: object) -> tuple[Accepted, ...]:
    """Return the statuses that count as a page, by host; raises `Unusable`."""
    rules = []
    for text in read_texts(value):
        host, _, statuses = text.rpartition("=")
        numbers = [number.strip() for number in statuses.split(",")]
        if not all(_STATUS.fullmatch(number) for number in numbers):
            raise Unusable(
                f"Invalid value {text}.", "Write statuses: 403 or *.example.com=403,429."
            )
        rules.append(Accepted(host.strip() or "*", frozenset(map(int, numbers))))
    return tuple(rules)


def read_headers(value: object) -> tuple[BoundHeader, ...]:
    """Return headers with their origins; raises `Unusable`, which never quotes a header."""
    headers = []
    for text in read_texts(value):
        found = _HEADER.fullmatch(text.strip())
        if found is None:
            raise Unusable("Invalid header.", "Write 'https://example.com Name: value', in quotes.")
        try:
            headers.append(BoundHeader(*found.groups()))
        except UsageError as error:
            raise Unusable(error.message, error.remedy) from None
    return tuple(headers)


def read_seconds(value: object) -> float:
    """Return seconds, 0 or more; raises `Unusable`."""
    number = _number(value)
    if number is None or not 0 <= number < _MAX_NUMBER:
        raise Unusable(f"{_quoted(value)} is not a number of seconds.", "Write for example 0.5.")
    return number


def read_positive_seconds(value: object) -> float:
    """Return seconds, more than 0; raises `Unusable`."""
    if (number := read_seconds(value)) == 0:
        raise Unusable("Must be more than 0 seconds.", "Write for example 20.")
    return number


def read_count(value: object) -> int:
    """Return a whole number of at least 1; raises `Unusable`."""
    number = _number(value)
    if number is None or number != int(number) or not 1 <= number < _MAX_NUMBER:
        raise Unusable(f"{_quoted(value)} is not a whole number from 1.", "Write for example 4.")
    return int(number)


def read_ages(value: object) -> Mapping[Any, float]:
    """Return how long verdicts are reused, from `12h`, `3d`, `2w` or days; raises `Unusable`."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    found = _AGE.fullmatch(str(value)) if is_number or isinstance(value, str) else None
    if found is None:
        raise Unusable(f"{_quoted(value)} is not an age.", "Write for example 12h, 3d or 0.")
    return ages_for(float(found[1]) * _HOURS[found[2] or "d"] / 24)


def read_boolean(value: object) -> bool:
    """Return a boolean; raises `Unusable`."""
    if isinstance(value, str):  # from an environment variable
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)
    if not isinstance(value, bool):
        raise Unusable(f"{_quoted(value)} is neither true nor false.", "Write true or false.")
    return value


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _quoted(value: object) -> str:
    return str(value)[:60] or "Empty text"


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
