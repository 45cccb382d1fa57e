"""The rules agree with an editor: no wrong pair, and few missed ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsdesk.workspace.stories.matching import evidence

from .judged import Judged, judged

PRECISION, RECALL = 1.0, 0.95


@pytest.mark.parametrize("half", ["tuned", "held", "hard_tuned", "hard_held"])
def test_the_rules_agree_with_the_editor(
    half: str, record_property: Callable[[str, object], None]
) -> None:
    found = [pair for pair in judged(half) if evidence(pair.one, pair.other).same]
    right = [pair for pair in found if pair.same]
    wanted = [pair for pair in judged(half) if pair.same]
    precision, recall = len(right) / len(found), len(right) / len(wanted)
    wrong = [str(pair) for pair in found if not pair.same]
    missed = [str(pair) for pair in wanted if pair not in right]
    number = len(judged(half))
    figures = f"{half}: {number} pairs, precision {precision:.3f}, recall {recall:.3f}"
    record_property("judged stories", figures)
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, missed


def test_there_are_a_hundred_and_fifty_pairs_in_two_halves_of_all_shapes() -> None:
    halves = [judged("tuned"), judged("held")]
    assert sum(map(len, halves)) >= 150
    assert {pair.shape for pair in halves[0]} == {pair.shape for pair in halves[1]}
    titles = [{pair.one.title for pair in half} for half in halves]
    assert not titles[0] & titles[1]


def test_hard_pairs_of_all_shapes_are_held_back_too() -> None:
    tuned, held = judged("hard_tuned"), judged("hard_held")
    assert len(tuned) + len(held) >= 60
    assert len(held) >= 20
    assert {pair.shape for pair in tuned} == {pair.shape for pair in held}


@pytest.mark.parametrize(
    "pair",
    [pair for half in ("tuned", "held", "hard_tuned", "hard_held") for pair in judged(half)],
    ids=str,
)
def test_the_order_of_two_articles_does_not_matter(pair: Judged) -> None:
    there, back = evidence(pair.one, pair.other), evidence(pair.other, pair.one)
    assert (there.same, there.vetoed, there.score) == (back.same, back.vetoed, back.score)
