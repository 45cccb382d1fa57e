"""Compare two titles word by word."""

from __future__ import annotations

import enum
import re
from difflib import SequenceMatcher

from newsdesk.text import folded

# Scripts without spaces are compared letter by letter.
_WORD = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+)")
MAX_WORDS = 300


class Part(enum.Enum):
    """Whether a word is in both titles, only in this one, or only in the other."""

    SAME = "same"
    OWN = "own"
    MISSING = "missing"


def word_diff(title: str, other: str) -> list[tuple[str, Part]]:
    """Return the parts of a title, with the words that only the other one has.

    Quotes and commas at a word's ends and capitals are ignored. The parts that are not
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
    return [*words[:MAX_WORDS], "".join(words[MAX_WORDS:])] if words[MAX_WORDS:] else words


def _key(word: str) -> str:
    word = folded(word)
    return re.sub(r"^\W+|\W+$", "", word) or word.strip()
