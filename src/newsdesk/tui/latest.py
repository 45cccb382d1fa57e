"""Answers that are read on threads, and may overtake each other on their way to the screen."""

from __future__ import annotations

import itertools


class Latest:
    """Answers to one question that is asked again and again; of two the one begun later holds."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._shown = 0

    def begin(self) -> int:
        """Return the number of a new answer, on any thread, before anything is read for it."""
        return next(self._numbers)

    def takes(self, number: int) -> bool:
        """Whether an answer may be shown, which it then is: none that was begun later was."""
        if number <= self._shown:
            return False
        self._shown = number
        return True
