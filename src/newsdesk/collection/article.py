"""What an article is: the facts of one file, and the problems found while reading it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newsdesk.collection.urls import reader_url


def as_number(value: float) -> float:
    """Return a number as int where it is whole, so that `50.0` and `50` are printed alike."""
    whole = int(value)
    return whole if whole == value else value


class Status(enum.Enum):
    """Whether an article goes out. Missing is not false: Jekyll publishes what has no field."""

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    UNSET = "unset"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file, in words for a person.

    `line` is 1-based in the file, or None where the whole file is meant. `blocks_writing` is
    true when the file cannot be changed without guessing.
    """

    code: str
    message: str
    line: int | None = None
    blocks_writing: bool = False

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that an article names; sizes in pixels, 0 where unknown."""

    url: str
    width: int = 0
    height: int = 0
    title: str = ""
    is_cached: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """Who published the story. The name can be junk, the domain is reliable."""

    name: str = ""
    domain: str = ""
    images: tuple[Image, ...] = ()

    @property
    def label(self) -> str:
        """The domain, or the name where there is no domain."""
        return self.domain or self.name


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of one story; empty where missing, never checked for sense."""

    web: str = ""
    original: str = ""
    amp: str = ""
    cdn_amp: str = ""

    @property
    def best(self) -> str:
        """The reader's address: the first usable of web, original, amp, cdn amp, or empty."""
        for url in (self.web, self.original, self.amp, self.cdn_amp):
            if usable := reader_url(url):
                return usable
        return ""

    def named(self) -> list[tuple[str, str]]:
        """Return (front-matter field, address) for every address that is there."""
        pairs = [
            ("webUrl", self.web),
            ("originalUrl", self.original),
            ("ampWebUrl", self.amp),
            ("cdnAmpWebUrl", self.cdn_amp),
        ]
        return [(name, url) for name, url in pairs if url]


@dataclass(frozen=True, slots=True)
class Related:
    """Another source of the same or a near story, as the article's `related` list tells it."""

    title: str = ""
    excerpt: str = ""
    published_at: datetime | None = None
    urls: Urls = Urls()
    type: str = ""
    provider: Provider = Provider()
    quality: float | None = None
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Secured:
    """The opaque `secured` field: its size in bytes as text, and whether it is well formed."""

    bytes: int
    well_formed: bool


@dataclass(frozen=True, slots=True)
class Article:
    """One file of the collection. `path` is relative to it, `/`-separated, and the identity.

    Moments are aware UTC datetimes; numbers are None where missing; `other` holds the fields
    this program has no name for, as YAML gives them.
    """

    path: str
    title: str = ""
    excerpt: str = ""
    status: Status = Status.UNSET
    published_at: datetime | None = None
    updated_at: datetime | None = None
    quality: float | None = None
    heat: float | None = None
    category: str = ""
    type: str = ""
    provider: Provider = Provider()
    topics: tuple[str, ...] = ()
    urls: Urls = Urls()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    secured: Secured | None = None
    featured_content: str = ""
    body: str = ""
    other: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def writable(self) -> bool:
        """Whether a field of the file can be changed without guessing."""
        return not any(problem.blocks_writing for problem in self.problems)
