"""How titles differ: what is said of a title makes it up again, and says what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.tui.widgets.source_comparison import Part, word_diff

S, N, M = Part.SAME, Part.OWN, Part.MISSING


@pytest.mark.parametrize(
    ("title", "other", "parts"),
    [
        (
            "Power Apps 2020 wave 1",
            "Power Apps portals 2020 wave 1",
            [("Power Apps", S), ("portals", M), (" 2020 wave 1", S)],
        ),
        (
            "Delhi airport tests “DigiYatra” cameras",
            "Delhi airport tests DigiYatra",
            [("Delhi airport tests “DigiYatra”", S), (" cameras", N)],
        ),
        ("Three dead", "two dead", [("two", M), ("Three", N), (" dead", S)]),
        ("版本2.5发布", "版本2.6发布", [("版本", S), ("2.6", M), ("2.5", N), ("发布", S)]),
        ("", "Everything", [("Everything", M)]),
        ("– –", "—", [("—", M), ("– –", N)]),
    ],
)
def test_differences_are_told_by_words(
    title: str, other: str, parts: list[tuple[str, Part]]
) -> None:
    assert word_diff(title, other) == parts


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_parts_make_up_the_title_again(title: str, other: str) -> None:
    parts = word_diff(title, other)
    assert "".join(text for text, part in parts if part is not M) == title.rstrip()
    assert all(part is S for _, part in word_diff(title, title))
