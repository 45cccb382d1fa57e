"""The taxonomy: what its files say, and that no file can do harm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.taxonomy import (
    MAX_FILES,
    MAX_SIZE,
    Topic,
    read_taxonomy,
    stamp_of,
    taxonomy_from,
    topic_from,
)
from newsdesk.text import comparison_key


def files(*texts: str) -> dict[str, bytes | str]:
    return {f"{number:02}.yaml": text.encode() for number, text in enumerate(texts)}


def test_a_topic_has_a_name_a_short_name_and_a_parent() -> None:
    assert topic_from(
        b"\xef\xbb\xbftaxonomy: topic\r\n_id: cds\r\nname: Common Data Service\r\n"
        b"shortname: CDS\r\nparent: Power Apps\r\nkeywords:\r\n  - x\r\n"
    ) == Topic("Common Data Service", "CDS", "Power Apps")
    assert topic_from(b"name: Power Apps\nservices: {a: b}") == Topic("Power Apps")


def test_parents_are_found_whatever_their_case_and_place() -> None:
    found = taxonomy_from(
        files("name: Faces\nparent: vision", "name: Vision\nparent: AI", "name: AI")
    )
    assert found.topics == (Topic("Faces", "", "Vision"), Topic("Vision", "", "AI"), Topic("AI"))
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"name: [x", "line "),
        (b"parent: AI", "no name"),
        (b"name: 12", "no name"),
        (b"name: '  '", "no name"),
        (b"", "no name"),
        (b"name: \xff", "not UTF-8"),
        (b"- name: x", "line "),
        (b"[" * 50_000, "line 1"),
        (b"a: &a [x]\nb: [*a, *a]", "line "),
    ],
)
def test_what_is_no_topic_is_a_sentence(text: bytes, said: str) -> None:
    found = taxonomy_from({"bad.yaml": text, "good.yaml": b"name: AI"})
    assert found.topics == (Topic("AI"),)
    assert len(found.problems) == 1
    assert found.problems[0].startswith("bad.yaml: ")
    assert said in found.problems[0]


def test_a_name_that_stands_twice_counts_once() -> None:
    found = taxonomy_from(files("name: AI", "name: ai\nparent: AI"))
    assert found.topics == (Topic("AI"),)
    assert "second time" in found.problems[0]


def test_a_parent_that_there_is_not_leaves_the_topic_standing_alone() -> None:
    found = taxonomy_from(files("name: Faces\nparent: Vision"))
    assert found.topics == (Topic("Faces"),)
    assert "no topic Vision" in found.problems[0]


def test_topics_in_a_circle_are_opened_at_one_place() -> None:
    found = taxonomy_from(
        files(
            "name: A\nparent: B", "name: B\nparent: C", "name: C\nparent: A", "name: D\nparent: D"
        )
    )
    assert len(found.problems) == 2
    assert sum(not topic.parent for topic in found.topics) == 2


NAMES = st.sampled_from(["A", "a", "B", "C", "D", "É", ""])


@given(st.lists(st.tuples(NAMES, NAMES), max_size=12))
def test_the_way_up_always_ends(pairs: list[tuple[str, str]]) -> None:
    found = taxonomy_from(files(*(f"name: '{name}'\nparent: '{up}'" for name, up in pairs)))
    by_name = {topic.name: topic for topic in found.topics}
    assert len({comparison_key(name) for name in by_name}) == len(found.topics)
    for topic in found.topics:
        steps = 0
        above = topic
        while above.parent:
            above = by_name[above.parent]
            steps += 1
            assert steps <= len(pairs)


@given(st.binary(max_size=300))
def test_no_bytes_can_do_harm(content: bytes) -> None:
    found = taxonomy_from({"x.yaml": content})
    assert len(found.topics) + len(found.problems) == 1


# -- files -------------------------------------------------------------------------------------


@pytest.fixture
def folder(root: Path) -> Path:
    folder = root / "_data" / "topics"
    folder.mkdir(parents=True)
    (folder / "00-ai.yaml").write_text("name: AI\n")
    (folder / "01-vision.yml").write_text("name: Vision\nparent: AI\n")
    return folder


def read(root: Path) -> tuple[list[str], tuple[str, ...]]:
    found = read_taxonomy(root, stamp_of(root))
    return [topic.name for topic in found.topics], found.problems


def test_topics_are_read_in_the_order_of_their_files(root: Path, folder: Path) -> None:
    (folder / "readme.md").write_text("name: none")
    (folder / ".hidden.yaml").write_text("name: none")
    (folder / "02.yaml").mkdir()
    assert read(root) == (["AI", "Vision"], ())


def test_a_collection_without_a_taxonomy_has_none(root: Path) -> None:
    assert stamp_of(root) == ()
    assert read(root) == ([], ())


def test_the_stamp_changes_with_the_files(root: Path, folder: Path) -> None:
    stamps = {stamp_of(root)}
    (folder / "00-ai.yaml").write_text("name: Artificial\n")
    stamps.add(stamp_of(root))
    (folder / "02.yaml").write_text("name: C\n")
    stamps.add(stamp_of(root))
    (folder / "02.yaml").unlink()
    stamps.add(stamp_of(root))
    assert len(stamps) == 3  # taken away, it is as before


def test_links_and_pipes_are_not_followed(root: Path, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("name: Secret")
    (folder / "02.yaml").symlink_to(secret)
    os.mkfifo(folder / "03.yaml")
    assert read(root) == (["AI", "Vision"], ())
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    names, problems = read(root)
    assert names == []
    assert problems


def test_what_is_too_large_or_too_many_is_said(root: Path, folder: Path) -> None:
    (folder / "02.yaml").write_text("name: Large\nx: " + "x" * MAX_SIZE)
    names, problems = read(root)
    assert names == ["AI", "Vision"]
    assert "larger than 64 KB" in problems[0]
    stamp = tuple((f"_data/topics/{n}.yaml", stamp_of(root)[0][1]) for n in range(MAX_FILES + 1))
    assert "more than 2,000 files" in read_taxonomy(root, stamp).problems[-1]
