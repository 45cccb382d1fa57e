"""Find URLs in text without markup.

The rules are those of GitHub's extended autolinks (GFM, 6.9), with two changes: a URL may follow
any character that cannot be part of one, and punctuation of other scripts ends it, as an
unmatched closing bracket does.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Punctuation outside ASCII, for a character class: quotation marks, brackets, full stops, dots.
_PUNCTUATION = (
    "\u00a1\u00a7\u00ab\u00b6\u00bb\u00bf\u037e\u0589\u060c\u061b\u061f\u06d4\u0964\u0965"
    "\u2016-\u2027\u2030-\u205e\u2308-\u230b\u2329\u232a\u2768-\u2775\u27e6-\u27ef"
    "\u2983-\u2998\u2e00-\u2e5d\u3000-\u3003\u3008-\u3011\u3014-\u301f"
    "\ufe10-\ufe19\ufe30-\ufe61\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
# Thai, Korean, Japanese and Chinese have no space between a URL and the next word.
_UNSPACED = (
    "\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30fa\u30fc-\u30ff\u3130-\u318f\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af"
)
_END = rf"\s<>\"`|\\^{{}}\x00-\x1f{_PUNCTUATION}"
_CHAR = rf"(?:[^()\[\]{_UNSPACED}{_END}]|\\[!#-;=?@\[\]_~])"

START = r"(?<![A-Za-z0-9/+=&?%#.:@-])https?://|(?<![^\s*_~(\"'\u201c\u2018])www\."
_FIRST = re.compile(START, re.I)
_HOST = re.compile(rf"(?:https?://)?([^/?#()\[\]{_END}]*)", re.I)
_LATIN_HOST = re.compile(rf"((?:[\w-]+\.)+[A-Za-z]{{2,}}(?::[0-9]+)?)[{_UNSPACED}]")
# Brackets belong to a URL as far as they are closed in it, or nothing closes there.
_REST = re.compile(
    rf"(?:{_CHAR}++|\((?:{_CHAR}++|\({_CHAR}*+\))*+\)|\[(?:{_CHAR}++|\({_CHAR}*+\))*+\]|[(\[])*+"
)
_TRAILING = "?!.,:;*_~'\u00b7\u30fb\u2013\u2014\\[("
_ENTITY = re.compile(r"&[A-Za-z0-9]+;$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[Xx][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def bare_urls(text: str) -> Iterator[tuple[str, int]]:
    """Yield the URLs of a text without markup with their start offsets."""
    position = 0
    while match := _FIRST.search(text, position):
        url, length = bare_url(text, match.start(), len(text))
        if length:
            yield url, match.start()
        position = max(match.end(), match.start() + length)


def bare_url(text: str, start: int, end: int) -> tuple[str, int]:
    """Return the URL that starts at `start`, and its length in the text.

    Returns `""` and 0 without a URL: its host needs a dot, or is `localhost`. A URL that starts
    with `www.` is returned with `https://` in front, as Hugo writes it.
    """
    match = _HOST.match(text, start, end)
    if match is None:
        return "", 0
    host, at = match[1], match.end()
    if not host.isascii() and (latin := _LATIN_HOST.match(host)):
        host = latin[1]
        at = match.start(1) + len(host)
    elif rest := _REST.match(text, at, end):
        at = rest.end()
    host = host.rpartition("@")[2].partition(":")[0].rstrip(_TRAILING)
    is_www = text[start : start + 4].lower() == "www."
    if host.lower() != "localhost" and (
        "." not in host.strip(".") or ".." in host or (is_www and host.count(".") < 2)
    ):
        return "", 0
    written = _trimmed(text[start:at])
    url = unescaped(_ESCAPED.sub(r"\1", written))
    return f"https://{url}" if is_www else url, len(written)


def unescaped(url: str) -> str:
    """Replace character references as CommonMark does: only with their semicolon (6.2)."""
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), url) if "&" in url else url


def _trimmed(url: str) -> str:
    """Remove trailing punctuation of the sentence."""
    end = len(url)
    while end:
        if url[end - 1] == ";" and (match := _ENTITY.search(url, max(0, end - 40), end)):
            end = match.start()
        elif url[end - 1] in _TRAILING:
            end -= 1
        else:
            break
    return url[:end]
