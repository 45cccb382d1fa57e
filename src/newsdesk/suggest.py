"""Find the valid word that a mistyped one looks most like."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return the valid word that looks most like `word`, or an empty text."""
    import difflib  # only a mistake pays for it

    near = difflib.get_close_matches(word[:60].lower(), list(valid), n=1, cutoff=0.6)
    return near[0] if near else ""
