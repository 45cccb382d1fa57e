"""What was decided since the desk opened, and how fast it goes."""

from __future__ import annotations

from collections import Counter, deque

from newsdesk.text import counted
from newsdesk.workspace.outcomes import PUBLISH_BEST

_RECENT = 12  # decisions that the pace is taken from
_PAUSE = 180.0  # seconds; a longer gap is a break, not a slow decision
_WORDS = {
    "publish": "published",
    "unpublish": "back to draft",
    "reject": "rejected",
    "later": "for later",
    PUBLISH_BEST: "settled by story",
}


class SessionStats:
    """Counts decisions. Times are seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._intervals: deque[float] = deque(maxlen=_RECENT)
        self._last: float | None = None
        self._first: float | None = None

    def decided(self, verb: str, number: int, now: float) -> None:
        """Note that so many articles were decided on."""
        if verb not in _WORDS:
            return  # stars, notes and second thoughts do not shorten the queue
        self.counts[verb] += number
        if self._last is None:
            self._first = now
        elif number == 1 and now - self._last < _PAUSE:
            self._intervals.append(now - self._last)
        self._last = now

    def note_undone(self, verb: str, number: int) -> None:
        """Note that decisions were undone."""
        if verb in _WORDS:
            self.counts[verb] = max(0, self.counts[verb] - number)

    @property
    def done(self) -> int:
        """How many decisions stand."""
        return self.counts.total()

    def progress(self, left: int) -> str:
        """Return how far the queue is: `12 done · 23 left · about 4 min`; empty before a start."""
        if not self.done:
            return ""
        text = f"{self.done:,} done · {left:,} left"
        if left and len(self._intervals) >= 3:
            minutes = left * sum(self._intervals) / len(self._intervals) / 60
            text += f" · about {max(1, round(minutes)):,} min"
        return text

    def summary(self) -> str:
        """Return what was done in a sentence: `12 published, 3 rejected, in 14 minutes`."""
        parts = [f"{number:,} {_WORDS[verb]}" for verb, number in self.counts.items() if number]
        if not parts or self._first is None or self._last is None:
            return ""
        minutes = round((self._last - self._first) / 60)
        duration = f", in {counted(minutes, 'minute')}" if minutes else ""
        return ", ".join(parts) + duration
