"""Turn untrusted text into text that is safe to show; the only door.

Titles, excerpts, paths, addresses, server answers and messages of exceptions come from
strangers. A terminal obeys some of their bytes: `"\\e]52;..."` in a title sets the clipboard,
U+202E writes a line backwards. Whatever reaches a widget, a table or a message passes
`shown` (one line) or `shown_block` (several lines) first.
"""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import UTC, datetime
from typing import NewType

_NAMED = {
    0x061C: "ALM",
    0x180E: "MVS",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2061: "FA",
    0x2062: "IT",
    0x2063: "IS",
    0x2064: "IP",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
_STAND_INS: dict[int, str] = {
    # C0 has pictures of its own in Unicode: ESC becomes ␛.
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "␡",
    **{code: f"‹{code:02X}›" for code in range(0x80, 0xA0)},
    **{code: f"‹{name}›" for code, name in _NAMED.items()},
    # A soft hyphen is drawn by some terminals and not by others; this one is always drawn.
    0x00AD: "‧",
    0x2028: "␤",
    0x2029: "␤",
    # Variation selectors change how wide a character is drawn, terminals disagree about it.
    **dict.fromkeys(range(0xFE00, 0xFE10), ""),
    # So do skin tones: none to Rich, two cells more in tmux 3.3a.
    **dict.fromkeys(range(0x1F3FB, 0x1F400), ""),
    **{code: f"‹U+{code:X}›" for code in range(0xFFF0, 0xFFFC)},
    # Deprecated, invisible, or layout for scripts that terminals do not lay out.
    **{
        code: f"‹U+{code:X}›"
        for codes in (
            (0x034F, 0x17B4, 0x17B5, 0x2065, 0xFFFE, 0xFFFF),
            range(0x180B, 0x180E),
            range(0x206A, 0x2070),
            range(0x1BCA0, 0x1BCA4),
            range(0x1D173, 0x1D17B),
            range(0x13430, 0x13440),
            range(0xE0080, 0xE0100),
            range(0xE01F0, 0xE1000),
        )
        for code in codes
    },
    0x180F: "‹U+180F›",
    **dict.fromkeys(range(917504, 917632), "‹TAG›"),
    **dict.fromkeys(range(0xE0100, 0xE01F0), ""),
    **dict.fromkeys(range(0xD800, 0xE000), "�"),
    0x115F: "‹HCF›",
    0x1160: "‹HJF›",
    0x3164: "‹HF›",
    0xFFA0: "‹HHF›",
}
_BLOCK_STAND_INS = {code: text for code, text in _STAND_INS.items() if code not in (0x09, 0x0A)}
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U00013430-\U0001343f\U000e0000-\U000e0fff"
    "\U0001f3fb-\U0001f3ff]"
)
# Joiners are part of the spelling between two letters of Arabic and the Indic scripts,
# and part of a picture between two emoji.
_JOINED_LETTERS = re.compile("(?<=[\u0600-\u0dff\ufb50-\ufdff])[\u200c\u200d](?=[\u0600-\u0dff])")
_JOINED_EMOJI = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d")
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_PILED_MARKS = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
C_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_FORMULA = frozenset("=+-@＝＋－＠")
# Letters that Unicode does not take apart, as people write them without their sign.
_PLAIN = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ŀ": "l",
        "ı": "i",
        "ŋ": "n",
    }
)
_OBEYED = {code: text for code, text in _BLOCK_STAND_INS.items() if code not in (0x200C, 0x200D)}
_OBEYED_ON_LINE = {code: text for code, text in _STAND_INS.items() if code not in (0x200C, 0x200D)}
_JOINER_MARK = "\ue000"
_MISLEADING = frozenset(_NAMED) - {0xFEFF} | set(range(0xE0000, 0xE0080))


# Text that is safe to show. Only the functions of this module return it; to mypy it is a `str`
# that no other `str` can stand in for.
SafeText = NewType("SafeText", str)


def safe(text: str) -> SafeText:
    """Return text of which a terminal obeys nothing; spaces, tabs and ends of lines stay.

    For the functions that draw: they get parts of text that `shown` has seen as a whole. Letters
    may have been parted from their joiners, so these stay as well.
    """
    if (text.isascii() and text.isprintable()) or not _UNSAFE.search(text):
        return SafeText(text)
    return SafeText(text.translate(_OBEYED))


def safe_line(text: str) -> SafeText:
    """Return text as `safe` does, for one line: tabs and ends of lines become signs."""
    if (text.isascii() and text.isprintable()) or not _UNSAFE.search(text):
        return SafeText(text)
    return SafeText(text.translate(_OBEYED_ON_LINE))


def shown(text: object) -> SafeText:
    """Return one line that is safe to show: spaces folded, nothing invisible, nothing obeyed.

    Control characters become pictures (ESC is `␛`), bidi controls and zero-width characters
    become markers (`‹RLO›`), lone surrogates become `�`.
    """
    line = str(text)
    if line.isascii() and line.isprintable():
        return SafeText(line if "  " not in line else _SPACES.sub(" ", line))
    # Once more afterwards: what stood between two spaces may have been taken out.
    line = _made_safe(_SPACES.sub(" ", line), _STAND_INS)
    return SafeText(_SPACES.sub(" ", line).strip())


def shown_block(text: object) -> SafeText:
    """Return text of several lines that is safe to show; tabs and line feeds stay."""
    block = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return SafeText(_made_safe(block, _BLOCK_STAND_INS))


def is_misleading(text: str) -> bool:
    """Tell whether the text holds controls that make it look different from what it says."""
    return not text.isascii() and any(ord(char) in _MISLEADING for char in _without_joiners(text))


def _made_safe(text: str, stand_ins: dict[int, str]) -> str:
    if not _UNSAFE.search(text):
        return _PILED_MARKS.sub(r"\1", text)
    text = _JOINED_EMOJI.sub("", text)
    # Letters keep their joiner: hide it from the table, then put it back.
    kept = iter(_JOINED_LETTERS.findall(text))
    text = _JOINED_LETTERS.sub(_JOINER_MARK, text.replace(_JOINER_MARK, "�"))
    text = _PILED_MARKS.sub(r"\1", text.translate(stand_ins))
    return re.sub(_JOINER_MARK, lambda _: next(kept), text)


def _without_joiners(text: str) -> str:
    return _JOINED_EMOJI.sub("", _JOINED_LETTERS.sub("", text))


def table_cell(text: object) -> SafeText:
    """Return text for a CSV cell: safe to show, and no formula to a spreadsheet.

    Tabs, blanks and the ends of lines stay (RFC 4180). A leading `=`, `+`, `-` or `@`, wide or
    not, gets an apostrophe in front (OWASP, "CSV Injection"). Numbers stay numbers.
    """
    line = str(text)
    if line.isascii() and line.isprintable():
        cell = line
    else:
        cell = "\r\n".join(map(shown_block, line.split("\r\n")))
    if cell.lstrip()[:1] in _FORMULA and not re.fullmatch(r"[+-]?\d+(\.\d+)?", cell):
        return SafeText("'" + cell)
    return SafeText(cell)


def comparison_key(text: str) -> str:
    """Return the text as it is compared: case, accents and joined letters do not matter."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago an aware moment was, in at most three characters: `5h`, `3d`, `2y`.

    A moment in the future reads `+3d`, in at most four; no moment reads as an empty string.
    Nothing is older than `99y`.
    """
    if moment is None:
        return ""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    sign = "+" if seconds < -60 else ""
    minutes = abs(seconds) / 60
    for size, unit in ((60 * 24 * 365, "y"), (60 * 24 * 7, "w"), (60 * 24, "d"), (60, "h")):
        if minutes >= size:
            return f"{sign}{min(int(minutes // size), 99)}{unit}"
    return f"{sign}{int(minutes)}m"


def age_in_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago an aware moment was: `5 hours ago`, `in 3 days`."""
    short = age(moment, now)
    if not short:
        return "no date"
    count = int(short.lstrip("+")[:-1])
    if short[-1] == "m" and count == 0:
        return "just now"
    unit = {"y": "year", "w": "week", "d": "day", "h": "hour", "m": "minute"}[short[-1]]
    if (count, unit) == (99, "year"):
        return "a century ahead or more" if short.startswith("+") else "a century ago or more"
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if short.startswith("+") else f"{words} ago"


def number_text(value: float, width: int = 0) -> str:
    """Return a number without an exponent; `width` is how many characters it may take, if given.

    Decimals are rounded away to fit; whole digits never are.
    """
    text = str(value)
    if "e" in text:
        from decimal import Decimal  # hardly any number is that small

        text = f"{Decimal(text):f}"
    if not width or len(text) <= width or "." not in text:
        return text
    fitting = (f"{value:.{places}f}" for places in range(width, -1, -1))
    return next((each for each in fitting if len(each) <= width), f"{value:.0f}")


def c_escaped(char: str) -> str:
    """Return a character as an escape of C: `\\t`, or each of its bytes as three octal digits."""
    code = ord(char)
    if code in C_ESCAPES:
        return f"\\{C_ESCAPES[code]}"
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(char))


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return number and noun in agreement: `1 article`, `2,310 articles`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
