"""The topics as a tree: those of the taxonomy below their parents, all others at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from newsdesk.collection.taxonomy import Taxonomy
from newsdesk.text import comparison_key

ELSEWHERE = "Not in the taxonomy"


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A line of the tree. Name and short name are foreign text.

    `depth` counts the parents above it. `is_heading` says that it is a line of ours, and no
    topic; `is_context`, that it is only there for a child of it that was looked for.
    """

    name: str
    short: str = ""
    depth: int = 0
    articles: int = 0
    is_heading: bool = False
    is_context: bool = False


def topic_rows(taxonomy: Taxonomy, counts: Iterable[tuple[str, int]]) -> list[TopicRow]:
    """Return the tree of a taxonomy with counts per topic, then the topics it does not know.

    A query takes spellings that differ in case alone for one topic, so they are counted together.
    """
    counts = list(counts)
    known = {comparison_key(topic.name) for topic in taxonomy.topics}
    number_of: dict[str, int] = {}
    for name, number in counts:
        number_of[comparison_key(name)] = number_of.get(comparison_key(name), 0) + number
    children: dict[str, list[TopicRow]] = {}
    for topic in taxonomy.topics:
        row = TopicRow(topic.name, topic.short, 0, number_of.get(comparison_key(topic.name), 0))
        children.setdefault(topic.parent, []).append(row)
    rows: list[TopicRow] = []
    waiting = children.get("", [])[::-1]
    while waiting:
        row = waiting.pop()
        rows.append(row)
        below = children.get(row.name, ())
        waiting += [replace(child, depth=row.depth + 1) for child in reversed(below)]
    others = [
        TopicRow(name, articles=number)
        for name, number in counts
        if comparison_key(name) not in known
    ]
    if others and rows:
        rows.append(TopicRow(ELSEWHERE, is_heading=True))
    return rows + others


def narrowed_rows(rows: Sequence[TopicRow], words: Sequence[str]) -> list[TopicRow]:
    """Return the rows whose full or short name holds all words (folded), and their parents."""
    if not words:
        return list(rows)
    matching: set[int] = set()
    context: set[int] = set()
    way: list[int] = []  # from the top to the row
    heading: list[int] = []
    for place, row in enumerate(rows):
        if row.is_heading:
            heading, way = [place], []
            continue
        way[row.depth :] = [place]
        if matches_words(row, words):
            matching.add(place)
            context.update(way[:-1], heading)
    return [
        row if place in matching else replace(row, is_context=True)
        for place, row in enumerate(rows)
        if place in matching or place in context
    ]


def matches_words(row: TopicRow, words: Sequence[str]) -> bool:
    """Tell whether the full or the short name holds every word."""
    names = f"{comparison_key(row.name)}\n{comparison_key(row.short)}"
    return not row.is_heading and all(word in names for word in words)
