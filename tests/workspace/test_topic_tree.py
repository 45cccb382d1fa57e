"""The tree of topics: everything is in it once, below its parent, and narrowing keeps the way."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.taxonomy import Taxonomy, Topic, taxonomy_from
from newsdesk.workspace.topic_tree import (
    ELSEWHERE,
    TopicRow,
    matches_words,
    narrowed_rows,
    topic_rows,
)

AI = Taxonomy(
    (
        Topic("AI"),
        Topic("Computer Vision", "Vision", "AI"),
        Topic("Face Recognition", "Faces", "Computer Vision"),
        Topic("Robotics", "", "AI"),
        Topic("Health"),
    )
)


def drawn(rows: Sequence[TopicRow]) -> list[str]:
    return [
        f"-- {row.name}" if row.is_heading else f"{'  ' * row.depth}{row.name} {row.articles}"
        for row in rows
    ]


def test_children_stand_below_their_parents_and_the_unknown_at_the_end() -> None:
    counts = [("Robotics", 9), ("Space", 4), ("AI", 3), ("ai", 1), ("Ocean", 0)]
    assert drawn(topic_rows(AI, counts)) == [
        "AI 4",
        "  Computer Vision 0",
        "    Face Recognition 0",
        "  Robotics 9",
        "Health 0",
        f"-- {ELSEWHERE}",
        "Space 4",
        "Ocean 0",
    ]


def test_without_a_taxonomy_topics_stand_as_they_were_counted() -> None:
    assert drawn(topic_rows(Taxonomy(), [("B", 2), ("A", 1)])) == ["B 2", "A 1"]


def test_a_match_keeps_its_parents_in_sight() -> None:
    rows = topic_rows(AI, [("Space faces", 4)])
    narrowed = narrowed_rows(rows, ["face"])
    assert drawn(narrowed) == [
        "AI 0",
        "  Computer Vision 0",
        "    Face Recognition 0",
        f"-- {ELSEWHERE}",
        "Space faces 4",
    ]
    assert [row.is_context for row in narrowed] == [True, True, False, True, False]
    assert drawn(narrowed_rows(rows, ["vision"]))[:2] == ["AI 0", "  Computer Vision 0"]
    assert drawn(narrowed_rows(rows, ["faces"]))[2] == "    Face Recognition 0"  # by short name
    assert narrowed_rows(rows, ["nonesuch"]) == []


NAMES = st.sampled_from(["Art", "Law", "law", "Chips", "Deep Sea", "Sea"])


@given(
    st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=8),
    st.lists(st.tuples(NAMES, st.integers(0, 99)), unique_by=lambda pair: pair[0], max_size=6),
    st.lists(st.sampled_from(["a", "sea", "deep", "law", "x"]), max_size=2),
)
def test_every_topic_is_there_once_and_every_match_with_its_way(
    topics: list[tuple[str, str, str]], counts: list[tuple[str, int]], words: list[str]
) -> None:
    taxonomy = taxonomy_from(
        {
            f"{place}": f"name: {name}\nshortname: {short}\nparent: {parent}".encode()
            for place, (name, short, parent) in enumerate(topics)
        }
    )
    rows = topic_rows(taxonomy, counts)
    names = [row.name for row in rows if not row.is_heading]
    assert len(names) == len(set(names))
    assert {topic.name for topic in taxonomy.topics} <= set(names)
    assert sum(row.articles for row in rows) == sum(number for _, number in counts)

    narrowed = narrowed_rows(rows, words)
    parent_of = {topic.name: topic.parent for topic in taxonomy.topics}
    kept = [row.name for row in narrowed if not row.is_heading]
    for row in rows:
        if matches_words(row, words):
            assert row.name in kept
    for row in narrowed:
        if words and not row.is_heading:
            assert row.is_context != matches_words(row, words)
            assert not parent_of.get(row.name) or parent_of[row.name] in kept
    places = [names.index(name) for name in kept]
    assert places == sorted(places)


def test_a_tree_of_any_depth_is_walked() -> None:
    chain = tuple(Topic(f"t{n}", "", f"t{n - 1}" if n else "") for n in range(1500))
    rows = topic_rows(Taxonomy(chain), [])
    assert rows[-1].depth == 1499
    assert len(narrowed_rows(rows, ["t1499"])) == 1500
