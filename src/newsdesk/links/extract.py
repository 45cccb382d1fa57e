"""Extract the links of an article with their file, field and line."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from newsdesk.collection.article import Article, Image, Urls
from newsdesk.collection.frontmatter.block import MAX_BODY, find_block
from newsdesk.collection.frontmatter.yaml_reader import events
from newsdesk.links.body.markdown_links import mentions
from newsdesk.links.body.templates import LINE, UNKNOWN
from newsdesk.links.http.url import url_key

DEFAULT_FIELDS = frozenset(
    {"webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl", "related[].webUrl", "body"}
)
IMAGE_FIELDS = frozenset(
    {
        "images[].url",
        "provider.images[].url",
        "related[].images[].url",
        "related[].provider.images[].url",
        "body images",
    }
)
ALL_FIELDS = (
    DEFAULT_FIELDS
    | IMAGE_FIELDS
    | {"related[].originalUrl", "related[].ampWebUrl", "related[].cdnAmpWebUrl"}
)
_LINE_END = re.compile(r"\r\n|\n|\r")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NO_LINKS = frozenset({"mailto", "tel", "sms", "javascript", "data", "about", "blob", "cid"})
_MAX_EVENTS = 100_000


@dataclass(frozen=True, slots=True)
class Link:
    """One URL in one place of an article.

    `field` is one of `ALL_FIELDS`, `index` the 0-based position in `related` or None, `line` the
    1-based line of the file or None if it is unknown.
    """

    url: str
    path: str
    field: str
    line: int | None
    index: int | None = None


def links_of(
    article: Article,
    fields: frozenset[str] = DEFAULT_FIELDS,
    source: bytes | None = None,
) -> list[Link]:
    """Return the links of an article, front matter first, in the order of the fields.

    `fields` is a subset of `ALL_FIELDS`. With `source`, the bytes of the file, nested fields
    and the body have exact lines; without it only top-level fields do. Any non-blank text in a
    URL field is returned; of the body, only what a reader can click.
    """
    lines = _Lines(article, source)
    links = [
        Link(url, article.path, field, lines.of(field, url), index)
        for field, url, index in _front_matter(article)
        if field in fields and url.strip()
    ]
    if fields & {"body", "body images"} and article.body:
        first_line = lines.of_body()
        for mention in mentions(article.body):
            field = "body images" if mention.is_image else "body"
            if field in fields and (url := _clickable(mention.url)):
                line = first_line + mention.line if first_line is not None else None
                links.append(Link(url, article.path, field, line))
    return list(dict.fromkeys(links))  # `[URL](URL)` is one link


def group_by_url(links: Iterable[Link]) -> dict[str, list[Link]]:
    """Group links by the URL that is checked (`Outcome.url`)."""
    grouped: dict[str, list[Link]] = {}
    for link in links:
        grouped.setdefault(url_key(link.url), []).append(link)
    return grouped


def _front_matter(article: Article) -> Iterator[tuple[str, str, int | None]]:
    """Yield field, URL and position in `related` of all URLs of the front matter."""
    for name, url in article.urls.named():
        yield name, url, None
    for field, url in _image_urls("images[].url", article.images):
        yield field, url, None
    for field, url in _image_urls("provider.images[].url", article.provider.images):
        yield field, url, None
    for index, entry in enumerate(article.related):
        urls: Urls = entry.urls
        for name, url in urls.named():
            yield f"related[].{name}", url, index
        for field, url in _image_urls("related[].images[].url", entry.images):
            yield field, url, index
        for field, url in _image_urls("related[].provider.images[].url", entry.provider.images):
            yield field, url, index


def _image_urls(field: str, images: Iterable[Image]) -> Iterator[tuple[str, str]]:
    return ((field, image.url) for image in images)


def _clickable(url: str) -> str:
    """Return the absolute URL of a link in a body, or empty if it has none to check."""
    if UNKNOWN in url or LINE in url:
        return ""  # the site generator completes it
    if url.startswith("//"):
        return f"https:{url}"
    scheme = _SCHEME.match(url)
    return url if scheme and scheme[1].lower() not in _NO_LINKS else ""


class _Lines:
    """Finds the lines of URLs in the file."""

    def __init__(self, article: Article, source: bytes | None) -> None:
        self._article = article
        self._source = source
        self._nested: dict[tuple[str, str], deque[int]] | None = None

    def of(self, field: str, url: str) -> int | None:
        if "[]" not in field:
            return self._article.lines.get(field)
        if self._nested is None:
            self._nested = _nested_lines(self._source) if self._source is not None else {}
        # A repeated URL in the same field: lines in the order of the file.
        lines = self._nested.get((field, url))
        if lines:
            return lines.popleft() if len(lines) > 1 else lines[0]
        return None

    def of_body(self) -> int | None:
        block = find_block(self._source) if self._source is not None else None
        if block is None or self._source is None:
            return None
        head = self._source[: block.body_start].decode("utf-8", "replace")
        body = self._source[block.body_start : block.body_start + MAX_BODY]
        if body.decode("utf-8", "replace") != self._article.body:
            return None  # the file has changed
        return 1 + sum(1 for _ in _LINE_END.finditer(head))


def _nested_lines(source: bytes) -> dict[tuple[str, str], deque[int]]:
    """Return (field, text) -> lines of all texts below the top level."""
    block = find_block(source)
    found: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    if block is None:
        return found
    text = source[block.start : block.end].decode("utf-8", "replace")
    try:
        for field, value, line in _nested_texts(text):
            found[field, value].append(line + 2)  # the block starts on the second line
    except (yaml.YAMLError, ValueError):
        pass  # lines before the error are known
    return found


def _nested_texts(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield field, text and 0-based line of every scalar value."""
    names: list[str] = []  # the field name of each open container
    keys: list[str | None] = []  # the pending key of each open container; "" in a list
    for count, event in enumerate(events(text)):
        if count > _MAX_EVENTS:
            return
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            names.pop()
            keys.pop()
            continue
        opens = isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent))
        is_scalar = isinstance(event, yaml.ScalarEvent)
        if not opens and not is_scalar and not isinstance(event, yaml.AliasEvent):
            continue
        if keys and keys[-1] is None:  # this event is a key
            keys[-1] = event.value if is_scalar else "?"
            continue
        name = ""
        if keys:
            parent, key = names[-1], keys[-1]
            name = parent + "[]" if key == "" else f"{parent}.{key}".lstrip(".")
            if key != "":
                keys[-1] = None
        if opens:
            names.append(name)
            keys.append("" if isinstance(event, yaml.SequenceStartEvent) else None)
        elif is_scalar:
            # `images: [URL]` means `images: [{url: URL}]`.
            named = f"{name}.url" if name.endswith("images[]") else name
            yield named, event.value, event.start_mark.line
