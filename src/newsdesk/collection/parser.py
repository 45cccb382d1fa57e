"""Read the bytes of a file into an article: leniently, every oddity kept as a problem."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from newsdesk.collection.article import (
    Article,
    Image,
    Problem,
    Provider,
    Related,
    Secured,
    Urls,
    as_number,
)
from newsdesk.collection.dates import date_of_file_name, read_date, read_iso
from newsdesk.collection.frontmatter.block import read_front_matter
from newsdesk.collection.profile import JEKYLL, KNOWN_FIELDS, Profile
from newsdesk.collection.status import FileStatus, read_status, status_of_fields

_OUR_FIELDS = frozenset(KNOWN_FIELDS)
# What stands there is between the site and its theme: several authors, sizes of a picture.
_OF_THEMES = frozenset({"author", "image", "cover", "heroimage"})
_LARGEST = 2**53  # what JSON readers and SQLite both keep exactly
_MAX_PROBLEMS = 100
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character; no encoding takes it


def read_article(
    path: str, source: bytes, profile: Profile = JEKYLL, *, truncated: bool = False
) -> Article:
    """Read one file; never raises, whatever the bytes are.

    `path` is relative to the collection; `truncated` says that the file is longer than
    `source`, so that its body is shown cut. `profile` tells what its fields mean.
    """
    front = read_front_matter(source)
    problems = front.problems
    if truncated:
        problems = (*problems, Problem("body-cut", "The body is long; its beginning is shown."))
    return article_from(
        path,
        front.fields,
        body=front.body,
        lines=front.lines,
        written=front.written,
        problems=problems,
        profile=profile,
        status=read_status(path, source, front, profile),
    )


class _Coercion:
    """Reads loosely typed front-matter values, collecting what did not fit."""

    def __init__(
        self, lines: Mapping[str, int], written: Mapping[str, str], profile: Profile
    ) -> None:
        self.lines = lines
        self.written = written
        self.profile = profile
        self.problems: list[Problem] = []

    def _add(self, code: str, message: str, name: str) -> None:
        field = re.split(r"[\[.]", name, maxsplit=1)[0]
        if field.lower() in _OF_THEMES:
            return
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(code, message, self.lines.get(field)))

    def text(self, value: object, name: str) -> str:
        if isinstance(value, str):
            return value if value.isascii() else _SURROGATE.sub("�", value)
        if value is None:
            return ""
        if isinstance(value, (Mapping, list)):
            self._add("not-text", f"{name} should be text.", name)
            return ""
        # `title: NO` is false in YAML 1.1, and 16:45:00 is 60300: show what was written.
        written = self.written.get(name)
        if written is None or (str(value) == written and not isinstance(value, bool)):
            return _as_text(value)  # `title: 1984` means those digits to everybody
        self._add("not-text", f"{name}: {written} is not text to YAML. Put it in quotes.", name)
        return written

    def number(self, value: object, name: str) -> float | None:
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if abs(value) <= _LARGEST:  # false for nan and inf
                return as_number(value)
            self._add("number", f"{name} is out of range.", name)
            return None
        self._add("number", f"{name} should be a number.", name)
        return None

    def pixels(self, value: object, name: str) -> int:
        return round(self.number(value, name) or 0)

    def moment(self, value: object, name: str) -> datetime | None:
        if value is None or value == "":
            return None
        generator = self.profile.name
        if isinstance(value, datetime) and name in self.written and generator == "hugo":
            value = self.written[name]  # Hugo reads fewer forms than YAML 1.1 does
        if isinstance(value, int) and not isinstance(value, bool) and name not in _OUR_FIELDS:
            value = self.written.get(name, "")  # `20240102`
        if isinstance(value, str):
            is_ours = name in _OUR_FIELDS or "." in name
            try:
                text = value.strip()
                value = read_iso(text) if is_ours else read_date(text, generator)
            except ValueError:
                self._add("date", f"{name} is no date: use 2020-11-18T16:45:00Z.", name)
                return None
        if isinstance(value, datetime):
            try:
                return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            except (ValueError, OverflowError):
                self._add("date", f"{name} is out of range.", name)
                return None
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        self._add("date", f"{name} is no date: use 2020-11-18T16:45:00Z.", name)
        return None

    def items(self, value: object, name: str) -> list[object]:
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self._add("not-list", f"{name} should be a list.", name)
        return []

    def topics(self, fields: Mapping[str, object]) -> tuple[str, ...]:
        names: list[str] = []
        for field in self.profile.topic_fields(fields):
            value = fields[field]
            if isinstance(value, str) and field in ("tags", "categories"):
                value = value.split() if self.profile.splits_tags else [value]
            elif value is not None and not isinstance(value, (list, Mapping)):
                value = [value]  # `topics: AI` means one topic
            items = (self.text(item, f"{field}[]").strip() for item in self.items(value, field))
            names += filter(None, items)
        return tuple(dict.fromkeys(names))

    def images(self, value: object, name: str) -> tuple[Image, ...]:
        images = []
        if name != "images" and isinstance(value, (str, Mapping)):  # the one picture of a blog
            value = [value]
        for item in self.items(value, name):
            if isinstance(item, str):
                images.append(Image(self.text(item, name)))
            elif isinstance(item, Mapping):
                images.append(
                    Image(
                        self.text(item.get("url"), f"{name}[].url"),
                        self.pixels(item.get("width"), f"{name}[].width"),
                        self.pixels(item.get("height"), f"{name}[].height"),
                        self.text(item.get("title"), f"{name}[].title"),
                        item.get("isCached") is True,
                    )
                )
            elif item is not None:
                self._add("not-list", f"{name} holds something that is no image.", name)
        return tuple(images)

    def provider(self, value: object, name: str) -> Provider:
        if isinstance(value, str):
            return Provider(self.text(value, name))
        if isinstance(value, Mapping):
            return Provider(
                self.text(value.get("name"), f"{name}.name"),
                self.text(value.get("domain"), f"{name}.domain"),
                self.images(value.get("images"), f"{name}.images"),
            )
        if value is not None:
            self._add("provider", f"{name} should have a name and a domain.", name)
        return Provider()

    def urls(
        self, fields: Mapping[str, object], prefix: str = "", web_name: str = "webUrl"
    ) -> Urls:
        return Urls(
            self.text(fields.get(web_name), prefix + web_name),
            self.text(fields.get("originalUrl"), prefix + "originalUrl"),
            self.text(fields.get("ampWebUrl"), prefix + "ampWebUrl"),
            self.text(fields.get("cdnAmpWebUrl"), prefix + "cdnAmpWebUrl"),
        )

    def related(self, value: object) -> tuple[Related, ...]:
        entries = []
        for item in self.items([value] if isinstance(value, str) else value, "related"):
            if isinstance(item, (str, int)):  # the slug or the title of another page
                entries.append(Related(self.text(_as_text(item), "related[]")))
                continue
            if not isinstance(item, Mapping):
                if item is not None:
                    self._add("not-list", "related holds an entry without fields.", "related")
                continue
            entries.append(
                Related(
                    self.text(item.get("title"), "related[].title"),
                    self.text(item.get("excerpt"), "related[].excerpt"),
                    self.moment(item.get("publishedDateTime"), "related[].publishedDateTime"),
                    self.urls(item, "related[]."),
                    self.text(item.get("type"), "related[].type"),
                    self.provider(item.get("provider"), "related[].provider"),
                    self.number(item.get("quality"), "related[].quality"),
                    self.images(item.get("images"), "related[].images"),
                )
            )
        return tuple(entries)


def unreadable_article(path: str, error: OSError) -> Article:
    """Make an article of a file that is there but cannot be read: nothing but the problem."""
    reason = f"The file cannot be read: {error.strerror or error}."
    return article_from(path, {}, problems=(Problem("unreadable", reason, None, True),))


def article_from(
    path: str,
    fields: Mapping[str, object],
    *,
    body: str = "",
    lines: Mapping[str, int] | None = None,
    written: Mapping[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    profile: Profile = JEKYLL,
    status: FileStatus | None = None,
) -> Article:
    """Make an article out of the fields of a front matter; never raises for odd values.

    `lines` maps top-level fields to 1-based lines of the file, `written` maps those that YAML
    read as something else than text to the text that stands there. `problems` found while
    reading come first in the article's own. `status` is what the file says; without it the
    fields alone count.
    """
    lines, written = lines or {}, written or {}
    read = _Coercion(lines, written, profile)
    if status is None:
        status = status_of_fields(fields, profile, written=written, lines=lines, problems=problems)
    read.problems += status.problems
    names = profile.found_in(fields)

    def named(ours: str) -> tuple[object, str]:
        name = names.get(ours, ours)
        return (fields[name] if ours in names else None, name)

    title = read.text(*named("title")) or read.text(fields.get("name"), "name")
    if not title.strip():
        title = path.rsplit("/", 1)[-1]
        if not any(problem.blocks_writing for problem in problems):
            read.problems.append(Problem("no-title", "There is no title; the file name stands in."))
    secured, _ = named("secured")
    return Article(
        path=path,
        title=title,
        excerpt=read.text(*named("excerpt")),
        status=status.status,
        published_at=read.moment(*named("publishedDateTime"))
        or (date_of_file_name(path) if profile.splits_tags else None),
        updated_at=read.moment(*named("updatedDateTime")),
        quality=read.number(*named("quality")),
        heat=read.number(*named("heat")),
        category=read.text(*named("category")),
        type=read.text(*named("type")),
        provider=read.provider(*named("provider")),
        topics=read.topics(fields),
        urls=read.urls(fields, web_name=names.get("webUrl", "webUrl")),
        images=read.images(*named("images")),
        related=read.related(named("related")[0]),
        secured=None if secured is None else secured_from(_as_text(secured)),
        featured_content=read.text(*named("featuredContent")),
        body=body,
        other=_other(fields, names, status.name, profile),
        problems=(*problems, *read.problems),
        lines=_lines_by_our_names(lines, names),
    )


def _other(
    fields: Mapping[str, object], names: Mapping[str, str], status: str, profile: Profile
) -> dict[str, object]:
    """Return the fields that nothing was made of."""
    used = {*names.values(), *profile.topic_fields(fields), status}
    return {name: value for name, value in fields.items() if name not in used}


def _lines_by_our_names(lines: Mapping[str, int], names: Mapping[str, str]) -> Mapping[str, int]:
    """Return the lines of fields, those with another name in the file under ours too."""
    others = {ours: lines[name] for ours, name in names.items() if ours != name and name in lines}
    return {**lines, **others} if others else lines


def _as_text(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a very long number"


def secured_from(text: str) -> Secured:
    """Describe a `secured` value: base64 of ciphertext, `;`, base64 of a 16-byte IV."""
    ciphertext, _, vector = text.partition(";")
    try:
        well_formed = (
            len(base64.b64decode(ciphertext, validate=True)) > 0
            and len(base64.b64decode(vector, validate=True)) == 16
        )
    except (binascii.Error, ValueError):
        well_formed = False
    return Secured(len(text.encode("utf-8", "replace")), well_formed)
