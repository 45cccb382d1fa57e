"""The lines of a list with stories: nothing is lost, doubled or moved by folding."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from newsdesk.tui.widgets.lists.story_rows import Lines, collapsed_lines, one_by_one
from newsdesk.workspace.stories.collapsing import CollapsedList


@st.composite
def lists(draw: st.DrawFn) -> tuple[array[int], CollapsedList]:
    """A list of ids and how its stories fold: the best of each where its first one stood."""
    found = draw(st.lists(st.integers(1, 60), unique=True, max_size=30))
    story_of = {id_: draw(st.integers(0, 8)) for id_ in found}
    members: dict[int, list[int]] = {}
    for id_ in found:
        members.setdefault(story_of[id_] or -id_, []).append(id_)
    ids, several = array("q"), {}
    for mates in members.values():
        best = draw(st.sampled_from(mates))
        ids.append(best)
        if len(mates) > 1:
            several[best] = tuple(mates)
    return array("q", found), CollapsedList(ids, several)


@given(lists(), st.sets(st.integers(1, 60)))
def test_every_article_has_a_line_or_a_head_that_has_one(
    made: tuple[array[int], CollapsedList], unfolded: set[int]
) -> None:
    found, folded = made
    lines = collapsed_lines(found, folded, unfolded)
    assert len(set(lines.ids)) == len(lines.ids)
    assert {lines.line_of(id_) for id_ in found} <= set(lines.ids)
    hidden = set(found) - set(lines.ids)
    assert hidden == {
        mate
        for head in lines.members
        if lines.is_collapsed(head)
        for mate in lines.members[head][1:]
    }
    assert [id_ for id_ in lines.ids if id_ not in lines.head_of] == list(folded.ids)


@given(lists(), st.sets(st.integers(1, 60)))
def test_a_story_that_any_of_its_articles_asks_for_is_unfolded_below_its_head(
    made: tuple[array[int], CollapsedList], unfolded: set[int]
) -> None:
    found, folded = made
    lines = collapsed_lines(found, folded, unfolded)
    for head, mates in lines.members.items():
        assert set(mates) == set(folded.members[head])
        is_open = bool(unfolded & set(mates))
        at = lines.ids.index(head)
        assert lines.is_collapsed(head) is not is_open
        assert (tuple(lines.ids[at : at + len(mates)]) == mates) is is_open


@given(lists(), st.sets(st.integers(1, 60)))
def test_a_folded_story_tells_the_value_that_it_stands_there_for(
    made: tuple[array[int], CollapsedList], unfolded: set[int]
) -> None:
    found, folded = made
    lines = collapsed_lines(found, folded, unfolded, "heat")
    for id_ in lines.ids:
        mates = folded.members.get(id_, (id_,)) if lines.is_collapsed(id_) else (id_,)
        assert lines.lead_of(id_, "heat") == mates[0]
        assert lines.lead_of(id_, "quality") == id_


@given(lists(), st.data())
def test_unfolding_is_what_a_worker_would_have_made_and_folding_takes_it_back(
    made: tuple[array[int], CollapsedList], data: st.DataObject
) -> None:
    found, folded = made
    lines = collapsed_lines(found, folded, ())
    if not lines.members:
        return
    some = data.draw(st.lists(st.sampled_from(sorted(lines.members)), unique=True))
    for head in some:
        lines = lines.toggled(lines.ids.index(head))
    assert lines == collapsed_lines(found, folded, some)
    for head in some:
        lines = lines.toggled(lines.ids.index(head))
    assert lines == collapsed_lines(found, folded, ())


def test_one_by_one_every_article_has_its_own_line() -> None:
    lines = one_by_one(array("q", [3, 1, 2]))
    assert lines == Lines(array("q", [3, 1, 2]), array("q", [3, 1, 2]), stories=3)
    assert not lines.is_collapsed(3)
