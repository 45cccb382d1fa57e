"""How a title differs from another one, word by word."""

from __future__ import annotations

import enum
import re
from difflib import SequenceMatcher

from newsdesk.text import folded

# Scripts without spaces are compared letter by letter.
_WORD = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+)")
_MOST_WORDS = 300


class Part(enum.Enum):
    """What a word of a title is, seen from another title."""

    SAME = "same"
    OWN = "own"  # stands only here
    MISSING = "missing"  # stands only there


def word_diff(title: str, other: str) -> list[tuple[str, Part]]:
    """Return a title in parts, and between them the words that only the other one has.

    Quotes, commas and capitals at a word's ends tell no difference. The parts that are not
    missing make up the title again, but for spaces at its end.
    """
    mine, theirs = _words(title), _words(other)
    matcher = SequenceMatcher(None, [*map(_key, mine)], [*map(_key, theirs)], autojunk=False)
    parts: list[tuple[str, Part]] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            parts.append(("".join(mine[start:end]), Part.SAME))
            continue
        missing = "".join(theirs[other_start:other_end]).strip()
        if missing:
            parts.append((missing, Part.MISSING))
        if start < end:
            parts.append(("".join(mine[start:end]), Part.OWN))
    return parts


def _words(title: str) -> list[str]:
    words = _WORD.findall(title)
    return [*words[:_MOST_WORDS], "".join(words[_MOST_WORDS:])] if words[_MOST_WORDS:] else words


def _key(word: str) -> str:
    word = folded(word)
    return re.sub(r"^\W+|\W+$", "", word) or word.strip()
