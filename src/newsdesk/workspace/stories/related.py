"""What belongs to an article: its own related entries, who points at it, its story, its like."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from newsdesk.collection.article import Article
from newsdesk.index.schema import Row
from newsdesk.text import folded
from newsdesk.workspace.stories.tokens import key_words

if TYPE_CHECKING:
    from newsdesk.workspace.stories.service import Story
    from newsdesk.workspace.workspace import Workspace

_MOST_LIKE = 10
_CANDIDATES = 150  # by their words; of these the nearest by topic too


class Relation(enum.Enum):
    """How a neighbour belongs to an article."""

    LISTED = "listed"
    MUTUAL = "mutual"  # both list each other
    POINTS_HERE = "points here"
    SAME_STORY = "same story"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """One line of the related pane.

    `path` is set where the collection holds the article, `outscores` where its quality is higher
    than that of the article it belongs to, `same_story` where it is of the same story. `reason`
    says in words why it is here. Texts are foreign.
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
    workspace: Workspace, article: Article, story: Story | None
) -> list[RelatedItem]:
    """Return own entries first, then who points here, the rest of the story, and the nearest."""
    paths = workspace.paths_of_related(article)
    pointing = {row.path: row for row in workspace.pointing_at(article)}
    members = {m.row.path: m for m in story.members if m.row.path != article.path} if story else {}
    here = workspace.rows_at(paths.values())
    lines = []
    shown = {article.path}
    for entry in article.related:
        path = next((paths[url] for _, url in entry.urls.named() if url in paths), None)
        is_mutual = path in pointing
        quality = entry.quality
        if quality is None and path in here:
            quality = here[path].quality
        lines.append(
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
        shown.add(path or "")
    for row in pointing.values():
        if row.path not in shown:
            line = _line(article, row, Relation.POINTS_HERE, "lists this one")
            lines.append(replace(line, same_story=row.path in members))
            shown.add(row.path)
    for path, member in members.items():
        if path not in shown:
            reason = ", ".join(member.belongs) or "same story"
            line = _line(article, member.row, Relation.SAME_STORY, reason)
            lines.append(replace(line, same_story=True))
            shown.add(path)
    lines += _more_like(workspace, article, shown)
    return lines


def _more_like(workspace: Workspace, article: Article, shown: set[str]) -> list[RelatedItem]:
    """Return the nearest others by words and topics."""
    words, topics = key_words(article.title), {folded(topic) for topic in article.topics}
    found = []
    for place, row in enumerate(workspace.stories.matching(words, _CANDIDATES)):
        if row.path not in shown:
            shared = sorted(words & key_words(row.title), key=article.title.casefold().find)
            topic = next((name for name in row.topics if folded(name) in topics), "")
            found.append((-len(shared) - 2 * bool(topic), place, row, shared, topic))
    lines = []
    for _, _, row, shared, topic in sorted(found, key=lambda one: one[:2])[:_MOST_LIKE]:
        alike = [f"“{word}”" for word in shared[:3]]
        reason = ", ".join([*alike, *([f"topic {topic}"] if topic else [])])
        lines.append(_line(article, row, Relation.LIKE, reason or "words of its excerpt"))
    return lines


def _line(article: Article, row: Row, relation: Relation, reason: str) -> RelatedItem:
    return line_of(row, relation, reason, _outscores(row.quality, article))


def line_of(row: Row, relation: Relation, reason: str, outscores: bool = False) -> RelatedItem:
    """Return an article of the collection as what stands beside another one."""
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
