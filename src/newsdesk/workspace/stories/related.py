"""Collect the related articles of an article: listed ones, its story, similar ones."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from newsdesk.collection.article import Article
from newsdesk.index.schema import Row
from newsdesk.text import comparison_key
from newsdesk.workspace.reader import Reader
from newsdesk.workspace.stories.story import Member, Story
from newsdesk.workspace.stories.tokens import key_words

_MAX_SIMILAR = 10
_MAX_CANDIDATES = 150  # found by their words, then sorted by topics as well


class Relation(enum.Enum):
    """How a related article is related."""

    LISTED = "listed"
    MUTUAL = "mutual"  # both list each other
    POINTS_HERE = "points here"
    SAME_STORY = "same story"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """One row of the related list.

    `path` is set where it is an article of the collection, `outscores` where its quality is
    higher than that of the selected article. `reason` is for a person. Texts are untrusted.
    """

    relation: Relation
    reason: str
    title: str
    source: str
    url: str
    published_at: datetime | None
    quality: float | None
    path: str | None
    outscores: bool
    same_story: bool = False


def related_items_of(
    reader: Reader,
    matching: Callable[[Iterable[str], int], list[Row]],
    article: Article,
    story: Story | None,
) -> list[RelatedItem]:
    """Return the article's own entries, the articles that list it, its story, similar ones.

    `matching(words, limit)` searches articles by words.
    """
    pointing = {row.path: row for row in reader.ids_listing_urls(article)}
    members = {m.row.path: m for m in story.members if m.row.path != article.path} if story else {}
    items = _own_entries(reader, article, pointing, members)
    shown = {article.path, *(item.path or "" for item in items)}
    for row in pointing.values():
        if row.path not in shown:
            item = _item(article, row, Relation.POINTS_HERE, "lists this one")
            items.append(replace(item, same_story=row.path in members))
            shown.add(row.path)
    for path, member in members.items():
        if path not in shown:
            reason = ", ".join(member.belongs) or "same story"
            item = _item(article, member.row, Relation.SAME_STORY, reason)
            items.append(replace(item, same_story=True))
            shown.add(path)
    words = key_words(article.title)
    candidates = [row for row in matching(words, _MAX_CANDIDATES) if row.path not in shown]
    return items + _similar(candidates, words, article)


def _own_entries(
    reader: Reader,
    article: Article,
    pointing: Mapping[str, Row],
    members: Mapping[str, Member],
) -> list[RelatedItem]:
    """Return the related entries in the article's front matter."""
    paths = reader.paths_of_related(article)
    rows = reader.rows_at(paths.values())
    items = []
    for entry in article.related:
        path = next((paths[url] for _, url in entry.urls.named() if url in paths), None)
        is_mutual = path in pointing
        quality = entry.quality
        if quality is None and path in rows:
            quality = rows[path].quality
        items.append(
            RelatedItem(
                Relation.MUTUAL if is_mutual else Relation.LISTED,
                "each lists the other" if is_mutual else "listed as related",
                entry.title,
                entry.provider.label,
                entry.urls.best,
                entry.published_at,
                quality,
                path,
                _outscores(quality, article),
                path in members,
            )
        )
    return items


def _similar(candidates: Sequence[Row], words: Set[str], article: Article) -> list[RelatedItem]:
    """Return the candidates that share most words and topics with an article."""
    topics = {comparison_key(topic) for topic in article.topics}
    found = []
    for position, row in enumerate(candidates):
        shared = sorted(words & key_words(row.title), key=article.title.casefold().find)
        topic = next((name for name in row.topics if comparison_key(name) in topics), "")
        found.append((-len(shared) - 2 * bool(topic), position, row, shared, topic))
    items = []
    for _, _, row, shared, topic in sorted(found, key=lambda one: one[:2])[:_MAX_SIMILAR]:
        quoted = [f"“{word}”" for word in shared[:3]]
        reason = ", ".join([*quoted, *([f"topic {topic}"] if topic else [])])
        items.append(_item(article, row, Relation.LIKE, reason or "words of its excerpt"))
    return items


def _item(article: Article, row: Row, relation: Relation, reason: str) -> RelatedItem:
    return line_of(row, relation, reason, _outscores(row.quality, article))


def line_of(row: Row, relation: Relation, reason: str, outscores: bool = False) -> RelatedItem:
    """Return an article of the collection as a related article."""
    return RelatedItem(
        relation,
        reason,
        row.title,
        row.provider.label,
        row.url,
        row.published_at,
        row.quality,
        row.path,
        outscores,
    )


def _outscores(quality: float | None, article: Article) -> bool:
    return quality is not None and quality > (article.quality or 0)
