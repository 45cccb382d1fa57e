"""Define the options and limits of a link check."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from newsdesk import __version__
from newsdesk.errors import UsageError
from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS
from newsdesk.links.failure import RequestFailed
from newsdesk.links.http.url import Target, parse
from newsdesk.links.verdict import Verdict

POLICY_VERSION = 2  # a new number invalidates all cached verdicts
_DAY = 86_400.0
MAX_AGES: Mapping[Verdict, float] = MappingProxyType(
    {Verdict.ALIVE: 7 * _DAY, Verdict.MOVED: 7 * _DAY, Verdict.DEAD: _DAY}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*|\*")  # RFC 4647, 2.1
_LOCALE = re.compile(r"([a-z]{2,3})(?:_([A-Z]{2}))?(?:[.@].*)?", re.DOTALL)
_FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Statuses that count as a page on hosts that match a pattern such as `*.example.com`."""

    host: str
    statuses: frozenset[int]


@dataclass(frozen=True, slots=True)
class BoundHeader:
    """A header that is sent to one origin (`https://example.com`) only.

    Raises `UsageError` for an invalid origin or header.
    """

    origin: str
    name: str
    value: str

    def __post_init__(self) -> None:
        try:
            target = parse(self.origin)
        except RequestFailed as failed:
            raise UsageError(f"{self.origin} is not an origin: {failed.detail}.") from None
        object.__setattr__(self, "origin", target.origin)
        if not _HEADER_NAME.fullmatch(self.name) or not _HEADER_VALUE.fullmatch(self.value):
            raise UsageError(f"The header {self.name} cannot be sent.", "Use ASCII characters.")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxy URL of each scheme, or empty. `bypass` has the format of `no_proxy`."""

    http: str = ""
    https: str = ""
    bypass: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for url in filter(None, (self.http, self.https)):
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise UsageError(f"{url} is not a proxy URL.", "Write http://host:port.")

    def for_target(self, target: Target) -> str:
        """Return the proxy URL for a request, or empty."""
        proxy = self.https if target.scheme == "https" else self.http
        return "" if proxy and self._is_bypassed(target.host) else proxy

    def _is_bypassed(self, host: str) -> bool:
        for pattern in self.bypass:
            name = pattern.strip().lower().removeprefix("*").lstrip(".")
            if pattern.strip() == "*" or (name and (host == name or host.endswith(f".{name}"))):
                return True
        return False


def proxies_from(environment: Mapping[str, str]) -> Proxies:
    """Read `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`; lower case wins.

    `HTTP_PROXY` in capitals is ignored, because clients of a CGI server can set it.
    """

    def read(name: str) -> str:
        value = environment.get(name) or environment.get(name.upper(), "")
        return value if not value or "://" in value else f"http://{value}"

    bypass = environment.get("no_proxy") or environment.get("NO_PROXY", "")
    http = environment.get("http_proxy", "")
    return Proxies(
        http=(http if not http or "://" in http else f"http://{http}") or read("all_proxy"),
        https=read("https_proxy") or read("all_proxy"),
        bypass=tuple(part.strip() for part in bypass.split(",") if part.strip()),
    )


def languages_from(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the languages of the user's locale, then English, in order of preference.

    Reads the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set. `LANGUAGE` precedes it
    unless the locale is C, as in GNU gettext.
    """
    names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locales = [next(filter(None, names), "")]
    if _LOCALE.fullmatch(locales[0]):
        locales[:0] = environment.get("LANGUAGE", "").split(":")
    languages: dict[str, None] = {}
    for found in filter(None, map(_LOCALE.fullmatch, locales)):
        language, country = found.groups()
        languages.update(
            dict.fromkeys([f"{language}-{country}", language] if country else [language])
        )
    return (
        (*languages, _FALLBACK_LANGUAGE) if _FALLBACK_LANGUAGE not in languages else (*languages,)
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """All options of a link check; sizes in bytes, times in seconds.

    `timeout` is the total time on the network per URL, without waiting for the rate limiter or
    a pause that a host asked for. `host_wait` limits the total length of one host's pauses.
    `include` and `exclude` are regular expressions that are searched for in URLs. `max_ages`
    is how long each verdict is reused; verdicts missing there are not reused. Raises
    `UsageError` for invalid values.
    """

    fields: frozenset[str] = DEFAULT_FIELDS
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    headers: tuple[BoundHeader, ...] = ()
    timeout: float = 20.0
    connect_timeout: float = 6.0
    concurrency: int = 32
    per_host: int = 4
    delay: float = 0.1
    retries: int = 3
    host_wait: float = 60.0
    max_redirects: int = 10
    max_body: int = 256 * 1024
    languages: tuple[str, ...] = (_FALLBACK_LANGUAGE,)
    max_ages: Mapping[Verdict, float] = field(default_factory=lambda: MAX_AGES)
    allow_private: bool = False
    soft_404: bool = False
    archive: bool = False
    archive_api: str = "https://archive.org/wayback/available?url="
    proxies: Proxies = Proxies()
    contact: str = "see the newsdesk package on PyPI"
    probe_host: str = "example.com"  # an existing host: its lookup shows whether DNS works

    def __post_init__(self) -> None:
        if unknown := self.fields - ALL_FIELDS:
            raise UsageError(
                f"{sorted(unknown)[0]} is not a field with URLs.",
                f"Use one of {', '.join(sorted(ALL_FIELDS))}.",
            )
        for pattern in (*self.include, *self.exclude):
            _compiled(pattern)
        for name in ("timeout", "connect_timeout", "concurrency", "per_host", "max_body"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} must be greater than 0.")
        for name in ("delay", "retries", "host_wait", "max_redirects"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name} must not be negative.")
        for language in self.languages:
            if not LANGUAGE_TAG.fullmatch(language):
                raise UsageError(f"{language} is not a language tag.", "Write for example de-AT.")
        if not _HEADER_VALUE.fullmatch(self.contact):
            raise UsageError("The contact cannot be sent as a header.", "Use ASCII characters.")

    @property
    def user_agent(self) -> str:
        """The `User-Agent` header; without "checker", a word that firewalls block."""
        return f"newsdesk/{__version__} (+{self.contact})"

    @property
    def accept_language(self) -> str:
        """The `Accept-Language` header; some sites answer 404 without one."""
        weights = (f";q={max(1, 10 - place) / 10}" if place else "" for place in range(99))
        return ",".join(map("".join, zip(self.languages, weights, strict=False)))

    @property
    def is_narrowed(self) -> bool:
        """Whether some of the default links of an article are not checked."""
        return bool(self.include or self.exclude or DEFAULT_FIELDS - self.fields)

    @property
    def fingerprint(self) -> str:
        """A short text that changes with the options that can change a verdict."""
        options = (
            POLICY_VERSION,
            sorted((rule.host, sorted(rule.statuses)) for rule in self.accepted),
            sorted((header.origin, header.name, header.value) for header in self.headers),
            self.allow_private,
            self.soft_404,
        )
        return hashlib.sha256(repr(options).encode()).hexdigest()[:16]

    def includes(self, url: str) -> bool:
        """Return whether a URL is to be checked."""
        if self.include and not any(_compiled(p).search(url) for p in self.include):
            return False
        return not any(_compiled(p).search(url) for p in self.exclude)

    def accepts(self, host: str, status: int) -> bool:
        """Return whether a status counts as a page on a host."""
        return any(
            status in rule.statuses and fnmatch.fnmatchcase(host, rule.host.lower() or "*")
            for rule in self.accepted
        )

    def headers_for(self, origin: str) -> list[tuple[str, str]]:
        """Return name and value of the headers bound to an origin."""
        return [(each.name, each.value) for each in self.headers if each.origin == origin]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"Invalid pattern {pattern}: {error}.") from None
