"""Of two answers to one question the one begun later holds, in whichever order they come."""

from __future__ import annotations

from newsdesk.tui.latest import Latest


def test_an_answer_that_was_overtaken_is_not_taken() -> None:
    answers = Latest()
    first, second, third = answers.begin(), answers.begin(), answers.begin()
    assert [answers.takes(number) for number in (second, first, third)] == [True, False, True]


def test_an_answer_is_taken_once() -> None:
    answers = Latest()
    number = answers.begin()
    assert [answers.takes(number), answers.takes(number)] == [True, False]
