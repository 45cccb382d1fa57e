"""What a record of a site generator says: how it reads a status value and a front matter."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from newsdesk.collection.frontmatter.block import Block, FrontMatter


class Meaning(enum.Enum):
    """What a generator does with a page because of the value of its status field."""

    BUILT = "builds the page"
    HELD_BACK = "does not build the page"
    AS_IF_UNSET = "reads it as if it were not there"
    UNCLEAR = "may build the page"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a generator does not read the front matter that newsdesk reads.

    `reason` is a clause for a person. `is_live` says that the page or the file itself is
    public; false where the build fails, or nothing certain is known. `is_copied` says that the
    file becomes public as it is, so that it can be called published but not held back.
    """

    reason: str
    is_live: bool = True
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """One site generator.

    `status_field` is the generator's own field; only its values are read by `meaning_of`
    (the value, and the text that is written for it). `unread` returns why the generator does
    not read the front matter of a file (path, bytes, where newsdesk finds it, what it reads),
    or None. `reads_yaml_12` says that `yes` and `off` are text. `skipped` are names of folders
    without articles at any depth, `skipped_at_root` those of the site's own folder.
    `configurations` are the files that may configure the site.
    """

    status_field: str
    meaning_of: Callable[[object, str], Meaning]
    unread: Callable[[str, bytes, Block | None, FrontMatter], Unread | None]
    reads_yaml_12: bool = False
    skipped: frozenset[str] = frozenset()
    skipped_at_root: frozenset[str] = frozenset()
    configurations: tuple[str, ...] = ()
