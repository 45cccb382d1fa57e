"""Break a long URL into two lines at the end of a part, cut in the middle."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

# Ends of the parts of a URL: a folder, the query, one of its fields, a word of a slug.
_STRONG_END = re.compile(r"[/?&]+")
_END = re.compile(r"[/?&=\-_.+%,;:]+")


def url_lines(url: str, width: int) -> list[str]:
    """Return a URL in one or two lines of at most `width` cells.

    The start, with the host, and the end stay; an ellipsis replaces the middle.
    """
    if cell_len(url) <= width:
        return [url]
    end = _break(url, width)
    return [url[:end], without_middle(url[end:], width)]


def _break(url: str, width: int) -> int:
    """Return where the first line ends: behind a part, unless that wastes half of the line."""
    longest = len(set_cell_size(url, width).rstrip(" "))
    for ends in (_STRONG_END, _END):
        places = [found.end() for found in ends.finditer(url, 0, longest)]
        if places and cell_len(url[: places[-1]]) * 2 >= width:
            return places[-1]
    return longest


def without_middle(text: str, width: int) -> str:
    """Return the text in at most `width` cells, cut in the middle."""
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, width // 3).rstrip(" ")
    tail = text[-(width - cell_len(head) - 1) :]
    while cell_len(head) + 1 + cell_len(tail) > width:  # wide letters
        tail = tail[1:]
    return f"{head}…{tail}"
