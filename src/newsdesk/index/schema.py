"""The tables of the index, and the record that fills a row of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from newsdesk.collection.article import Article, Problem, Provider, Status, Urls
from newsdesk.collection.files import Fingerprint
from newsdesk.collection.urls import canonical
from newsdesk.text import is_misleading

APPLICATION_ID = 0x4E44534B  # "NDSK"
SCHEMA_VERSION = 14

STATUS_CODES = {Status.UNSET: 0, Status.UNPUBLISHED: 1, Status.PUBLISHED: 2}
STATUS_OF_CODE = {code: status for status, code in STATUS_CODES.items()}

HAS_IMAGE, HAS_RELATED, HAS_SECURED, HAS_BODY, HAS_URL, HAS_PROBLEMS, IS_MISLEADING, IS_LIVE = (
    1 << bit for bit in range(8)
)  # IS_LIVE: readers see it although it says that it is held back

# Lists show the domain, and the name where there is none.
SOURCE = "coalesce(nullif(domain, ''), provider)"
# An index for each order, with what the views and flags ask, so that the table need not be looked
# at: its rows are ten times as long.
_BY_HEAT = "heat DESC, quality DESC, published_at DESC"
_ORDER_INDEXES = {
    "heat": _BY_HEAT,
    "quality": "quality DESC, heat DESC, published_at DESC",
    "date": "published_at DESC, heat DESC, quality DESC",
    "title": f"title = '', title COLLATE NOCASE, {_BY_HEAT}",
    "provider": f"{SOURCE} = '', {SOURCE} COLLATE NOCASE, {_BY_HEAT}",
}
_IN_ALL = frozenset({"path", "status", "flags"})
_NUMBERS = frozenset({"heat", "quality", "published_at"})
# What a condition may ask for when an order's index alone is to answer.
IN_ORDER_INDEX = {
    **dict.fromkeys(("heat", "quality", "date", "provider"), _IN_ALL | _NUMBERS),
    "title": _IN_ALL | _NUMBERS | {"title"},
}


def _order_indexes(*fields: str) -> str:
    return "\n".join(
        f"CREATE INDEX IF NOT EXISTS articles_by_{field} ON articles "
        f"({_ORDER_INDEXES[field]}, path, status, flags);"
        for field in fields
    )


_TABLES = """
CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL, read_at_ns INTEGER NOT NULL,
  title TEXT NOT NULL, excerpt TEXT NOT NULL,
  status INTEGER NOT NULL,            -- 0 unset, 1 unpublished, 2 published
  published_at INTEGER, updated_at INTEGER,  -- seconds since 1970, UTC
  quality NUMERIC, heat NUMERIC,
  category TEXT NOT NULL, type TEXT NOT NULL,
  provider TEXT NOT NULL, domain TEXT NOT NULL,
  flags INTEGER NOT NULL,             -- what it carries: see HAS_* in schema.py
  topics TEXT NOT NULL,               -- JSON list, in the file's order
  urls TEXT NOT NULL,                 -- see `urls_as_text`
  problems TEXT NOT NULL,             -- JSON list of [code, message, line, blocks writing]
  content_key BLOB NOT NULL           -- see `content_key`
);
CREATE TABLE changes (
  number INTEGER NOT NULL,            -- grows with every transaction
  last_id INTEGER NOT NULL,           -- of articles; also of one that is gone: none is used twice
  generation INTEGER NOT NULL         -- another one in every index that is made
);
INSERT INTO changes VALUES (0, 0, random());
-- What search.py keeps for the next start: good as long as `changes` says the same number.
CREATE TABLE kept (name TEXT PRIMARY KEY, changes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, folded TEXT NOT NULL);
CREATE INDEX topics_by_folded ON topics (folded);
CREATE TABLE article_topics (
  topic_id INTEGER NOT NULL, article_id INTEGER NOT NULL,
  PRIMARY KEY (topic_id, article_id)
) WITHOUT ROWID;
CREATE INDEX article_topics_by_article ON article_topics (article_id);
-- Pages (see page_key): an article's own (kind 0) and those of its related entries (kind 1).
-- Numbers, because the addresses themselves would be the largest part of the index.
CREATE TABLE addresses (
  address INTEGER NOT NULL, kind INTEGER NOT NULL, article_id INTEGER NOT NULL,
  PRIMARY KEY (address, kind, article_id)
) WITHOUT ROWID;
CREATE INDEX addresses_by_article ON addresses (article_id);
-- What words are searched in (see folding.py). The function is registered by every connection.
CREATE VIEW folded_articles AS SELECT id, search_folded(title) AS title,
  search_folded(excerpt) AS excerpt, search_folded(provider) AS provider FROM articles;
CREATE VIRTUAL TABLE words USING fts5(
  title, excerpt, provider,
  content='folded_articles', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
-- New articles are added to the words batch by batch (store.py): one by one, through a
-- trigger, costs ten times as much.
CREATE TRIGGER articles_deleted AFTER DELETE ON articles BEGIN
  INSERT INTO words (words, rowid, title, excerpt, provider)
  VALUES ('delete', old.id, search_folded(old.title), search_folded(old.excerpt),
    search_folded(old.provider));
END;
CREATE TRIGGER articles_updated AFTER UPDATE ON articles
WHEN old.title IS NOT new.title OR old.excerpt IS NOT new.excerpt
  OR old.provider IS NOT new.provider
BEGIN
  INSERT INTO words (words, rowid, title, excerpt, provider)
  VALUES ('delete', old.id, search_folded(old.title), search_folded(old.excerpt),
    search_folded(old.provider));
  INSERT INTO words (rowid, title, excerpt, provider)
  SELECT id, title, excerpt, provider FROM folded_articles WHERE id = new.id;
END;
-- Which articles tell the same story (desk/stories.py); an article that is alone is in none.
CREATE TABLE stories (
  article_id INTEGER PRIMARY KEY,
  story INTEGER NOT NULL,             -- the smallest id among its articles
  size INTEGER NOT NULL,              -- how many articles it has
  rank INTEGER NOT NULL               -- 0 is the recommended source
);
CREATE INDEX stories_by_story ON stories (story, rank, article_id, size);
-- Pairs that were found to tell the same story, one < other, and why in words.
CREATE TABLE story_evidence (
  one INTEGER NOT NULL, other INTEGER NOT NULL, score INTEGER NOT NULL,
  reasons TEXT NOT NULL,              -- JSON list
  PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX story_evidence_by_other ON story_evidence (other);
-- What is to be looked at (again). Numbers are never used twice: what comes in while stories
-- are being made is told from what was there before.
CREATE TABLE ungrouped (number INTEGER PRIMARY KEY AUTOINCREMENT, article_id INTEGER NOT NULL);
CREATE TABLE story_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER articles_leave_their_story AFTER DELETE ON articles BEGIN
  INSERT INTO ungrouped (article_id) SELECT article_id FROM stories
  WHERE article_id <> old.id
    AND story = (SELECT story FROM stories WHERE article_id = old.id);
  DELETE FROM stories WHERE article_id = old.id;
  DELETE FROM story_evidence WHERE one = old.id;
  DELETE FROM story_evidence WHERE other = old.id;
END;
"""
SCHEMA = _TABLES + _order_indexes("heat", "quality", "date")
# Made once an index is full: entry by entry, all over the file, they would slow its making down.
LATE_SCHEMA = (
    _order_indexes("title", "provider")
    + "\nCREATE INDEX IF NOT EXISTS articles_by_source ON articles "
    "(domain, provider, status, flags, quality, heat, published_at);"  # what numbers ask
)

COLUMNS = (
    "path size mtime_ns ctime_ns inode read_at_ns title excerpt status published_at updated_at "
    "quality heat category type provider domain flags topics urls problems content_key"
).split()

OWN_URL, LISTED_URL = 0, 1
_SURROGATE = re.compile("[\ud800-\udfff]")


class Record(NamedTuple):
    """What the index keeps of one file: the values of `COLUMNS`, its topics, its addresses.

    `addresses` holds (`page_key` of an address, OWN_ADDRESS or RELATED_ADDRESS).
    """

    values: tuple[object, ...]
    topics: tuple[str, ...]
    addresses: tuple[tuple[int, int], ...]

    @property
    def content_key(self) -> bytes:
        """The key of what an editor reads; see `content_key`."""
        key = self.values[-1]
        assert isinstance(key, bytes)
        return key


@dataclass(frozen=True, slots=True)
class Row:
    """One article as lists show it. Times are aware UTC datetimes, numbers None if missing."""

    id: int
    path: str
    title: str
    excerpt: str
    status: Status
    published_at: datetime | None
    updated_at: datetime | None
    quality: float | None
    heat: float | None
    category: str
    type: str
    provider: Provider
    topics: tuple[str, ...]
    url: str
    urls: Urls
    flags: int
    problems: tuple[Problem, ...]
    content_key: bytes


ROW_COLUMNS = (
    "id, path, title, excerpt, status, published_at, updated_at, quality, heat, category, type, "
    "provider, domain, topics, urls, flags, problems, content_key"
)


def page_key(url: str) -> int:
    """Return a number that is equal for addresses of the same page; 0 if it is no address.

    64 bits of a hash of the canonical address: among a million pages the odds that any two
    share one are about one in thirty million, and then a related entry leads to a wrong row.
    """
    address = canonical(url)
    if not address:
        return 0
    digest = hashlib.blake2b(address.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def content_key(title: str, excerpt: str, urls: str, topics: str, body: str) -> bytes:
    """Return 16 bytes that differ as soon as an editor would read something else.

    `urls` and `topics` are what `urls_as_text` and `names_as_text` return; line ends of the body
    do not count. Everything else of an article (heat, status, `secured`) leaves the key as it is.
    """
    parts = (title, excerpt, urls, topics, body.replace("\r\n", "\n"))
    # With the lengths in front, no text can pass for another one that is divided elsewhere.
    text = "\0".join((",".join(str(len(part)) for part in parts), *parts))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def article_key(article: Article) -> bytes:
    """Return the `content_key` of an article that was read whole."""
    urls = article.urls
    return content_key(
        article.title,
        article.excerpt,
        urls_as_text(urls.web, urls.original, urls.amp, urls.cdn_amp),
        names_as_text(article.topics),
        article.body,
    )


def record_of(article: Article, fingerprint: Fingerprint, read_at_ns: int) -> Record:
    """Turn an article and the fingerprint of its file into a record.

    `read_at_ns` is the clock (nanoseconds since 1970) just before the file was read.
    """
    related = tuple(
        address
        for entry in article.related
        for _, url in entry.urls.named()
        if (address := page_key(url))
    )
    own = tuple(address for _, url in article.urls.named() if (address := page_key(url)))
    flags = (
        HAS_IMAGE * bool(article.images)
        | HAS_RELATED * bool(article.related)
        | HAS_SECURED * (article.secured is not None)
        | HAS_BODY * bool(article.body.strip())
        | HAS_URL * bool(article.urls.best)
        | HAS_PROBLEMS * bool(article.problems)
        | IS_LIVE * any(problem.code == "live" for problem in article.problems)
        | IS_MISLEADING * (is_misleading(article.title) or is_misleading(article.provider.label))
    )
    urls = article.urls
    problems = [[p.code, p.message, p.line, p.blocks_writing] for p in article.problems]
    values = (
        article.path,
        fingerprint.size,
        fingerprint.mtime_ns,
        fingerprint.ctime_ns,
        fingerprint.inode,
        read_at_ns,
        article.title,
        article.excerpt,
        STATUS_CODES[article.status],
        _seconds(article.published_at),
        _seconds(article.updated_at),
        article.quality,
        article.heat,
        article.category,
        article.type,
        article.provider.name,
        article.provider.domain,
        flags,
        names_as_text(article.topics),
        urls_as_text(urls.web, urls.original, urls.amp, urls.cdn_amp),
        json.dumps(problems, ensure_ascii=False),
        article_key(article),
    )
    return Record(
        tuple(_storable(value) if isinstance(value, str) else value for value in values),
        tuple(_storable(topic) for topic in article.topics),
        (
            *((address, OWN_URL) for address in dict.fromkeys(own)),
            *((address, LISTED_URL) for address in dict.fromkeys(related)),
        ),
    )


def names_as_text(names: Iterable[str]) -> str:
    """Return a JSON list of names, as `json.dumps` makes it, in a tenth of the time."""
    return f"[{', '.join(map(encode_basestring, names))}]"


def urls_as_text(web: str, original: str, amp: str, cdn_amp: str) -> str:
    """Return an article's addresses as the index keeps them: a JSON list without empty ends.

    Where the original is the web address, as it mostly is, it is `1`: both are long.
    """
    texts = [encode_basestring(url) for url in (web, original, amp, cdn_amp)]
    if original == web:
        texts[1] = "1"
    while texts and texts[-1] == '""':
        texts.pop()
    return f"[{', '.join(texts)}]"


def urls_from(text: str) -> Urls:
    """Turn what `urls_as_text` made into addresses."""
    urls = json.loads(text)
    if len(urls) > 1 and urls[1] == 1:
        urls[1] = urls[0]
    return Urls(*urls)


def _storable(text: str) -> str:
    """Replace lone surrogates, which a text column does not take."""
    return text if text.isascii() else _SURROGATE.sub("�", text)


def row_from(values: tuple[Any, ...]) -> Row:
    """Turn the values of `ROW_COLUMNS` into a row."""
    (id_, path, title, excerpt, status, published_at, updated_at, quality, heat, category, type_,
     provider, domain, topics, urls_text, flags, problems, key) = values  # fmt: skip
    urls = urls_from(urls_text)
    return Row(
        id_,
        path,
        title,
        excerpt,
        STATUS_OF_CODE[status],
        _moment(published_at),
        _moment(updated_at),
        quality,
        heat,
        category,
        type_,
        Provider(provider, domain),
        tuple(json.loads(topics)),
        urls.best,
        urls,
        flags,
        tuple(Problem(*problem) for problem in json.loads(problems)),
        key,
    )


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
