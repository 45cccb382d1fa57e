"""Fold case, accents and joined letters, so that texts are found however they are typed.

SQLite's tokenizer takes accents off Latin letters and knows simple case only: `weiß` and `weiss`,
`ﬁnal` and `final`, `Łódź` and `Lodz`, `Ό` and `ο` are different words to it.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from newsdesk.text import comparison_key

# Latin, Greek and Cyrillic letters, and accents that stand by themselves. In other scripts the
# marks are letters of their own.
_FOLDABLE = re.compile(
    "[\u00aa\u00ba\u00c0-\u024f\u0300-\u036f\u0370-\u052f\u1e00-\u1fff\u212a\u212b"
    "\ufb00-\ufb06\uff21-\uff5a]"
)


def search_form(text: str) -> str:
    """Return text as it is searched: lower case, no accents, joined letters taken apart."""
    if text.isascii():
        return text.lower()
    # One letter has several spellings: macOS writes é into file names as e and an accent.
    return _FOLDABLE.sub(_plain, unicodedata.normalize("NFC", text).casefold())


def contains_search_form(text: str, needle: str) -> bool:
    """Return whether text contains the needle, which is folded already."""
    if not needle.isascii() and text.isascii():
        return False
    if needle.isascii() and not _FOLDABLE.search(text):
        return needle in text.lower()  # a third of the time
    return needle in search_form(text)


def _plain(found: re.Match[str]) -> str:
    return _plain_letter(found[0])


_plain_letter = functools.cache(comparison_key)
