"""A long address in two lines: broken where its parts end, cut in the middle of the rest."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

# What ends a part of an address: a folder, the query, one of its fields, a word of a slug.
_STRONG_END = re.compile(r"[/?&]+")
_END = re.compile(r"[/?&=\-_.+%,;:]+")


def url_lines(address: str, width: int) -> list[str]:
    """Return an address in one or two lines of at most `width` cells.

    Its beginning, which names the host, and its end stay; what is left out is an ellipsis.
    """
    if cell_len(address) <= width:
        return [address]
    end = _break(address, width)
    return [address[:end], _without_middle(address[end:], width)]


def _break(address: str, width: int) -> int:
    """Return where the first line ends: behind a part, unless that wastes half of the line."""
    longest = len(set_cell_size(address, width).rstrip(" "))
    for ends in (_STRONG_END, _END):
        places = [found.end() for found in ends.finditer(address, 0, longest)]
        if places and cell_len(address[: places[-1]]) * 2 >= width:
            return places[-1]
    return longest


def _without_middle(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, width // 3).rstrip(" ")
    tail = text[-(width - cell_len(head) - 1) :]
    while cell_len(head) + 1 + cell_len(tail) > width:  # wide letters
        tail = tail[1:]
    return f"{head}…{tail}"
