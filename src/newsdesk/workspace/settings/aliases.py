"""Map words that earlier versions stored or bound to the words that replaced them.

The new word is written and shown. The old one is accepted wherever a person or an earlier version
may have written it: files of settings, flags, environment variables, histories.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """Where a word is used."""

    COMMAND = "command"  # in `[keys]` and in the history of commands
    THEME = "theme"
    STORIES = "stories"


@dataclass(frozen=True, slots=True)
class Alias:
    """One word that was replaced."""

    kind: Kind
    old: str
    new: str


ALIASES = (
    Alias(Kind.COMMAND, "unfold", "expand"),
    Alias(Kind.COMMAND, "fold", "collapse"),
    Alias(Kind.COMMAND, "fold_all", "toggle_stories"),
    Alias(Kind.COMMAND, "picture_large", "image"),
    Alias(Kind.COMMAND, "pictures", "toggle_images"),
    Alias(Kind.COMMAND, "refresh", "reload"),
    Alias(Kind.THEME, "night-desk", "newsdesk-dark"),
    Alias(Kind.STORIES, "folded", "collapsed"),
    Alias(Kind.STORIES, "files", "articles"),
)
_NEW_OF = {(alias.kind, alias.old): alias.new for alias in ALIASES}


def current_word(kind: Kind, word: str) -> str:
    """Return the word that replaced an old one; any other word is returned as it is."""
    return _NEW_OF.get((kind, word), word)
