"""How each verdict is marked and explained, on the screen and in reports alike."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from newsdesk.links.verdict import Verdict


class Tone(enum.Enum):
    """How much a verdict asks for an editor's eye; each front end has a colour for it."""

    GOOD = "good"
    MUTED = "muted"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """The mark of a verdict (one cell), its tone, and what it means to an editor."""

    glyph: str
    tone: Tone
    meaning: str


# The worst first.
VERDICTS: Mapping[Verdict, VerdictRecord] = MappingProxyType(
    {
        Verdict.DEAD: VerdictRecord("✗", Tone.BAD, "gone for good"),
        Verdict.SUSPECT: VerdictRecord("~", Tone.WARNING, "answers, but not with the page"),
        Verdict.MOVED: VerdictRecord("→", Tone.WARNING, "has a new address"),
        Verdict.UNREACHABLE: VerdictRecord(
            "?", Tone.WARNING, "could not be asked; it may be back later"
        ),
        Verdict.THROTTLED: VerdictRecord("…", Tone.MUTED, "the host wants to be asked later"),
        Verdict.WALLED: VerdictRecord(
            "▣", Tone.MUTED, "does not let programs in; look with a browser"
        ),
        Verdict.REFUSED: VerdictRecord("⊘", Tone.MUTED, "not asked"),
        Verdict.ALIVE: VerdictRecord("✓", Tone.GOOD, "a page is there"),
    }
)
# What wants an editor's eye, most urgent first; the first five have a badge in the list.
BY_URGENCY = (
    Verdict.DEAD,
    Verdict.MOVED,
    Verdict.SUSPECT,
    Verdict.UNREACHABLE,
    Verdict.WALLED,
    Verdict.THROTTLED,
    Verdict.REFUSED,
)
