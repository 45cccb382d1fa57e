"""Astro's content collections: `draft` as the starter templates filter it.

Source: Astro's `packages/markdown/remark/src/frontmatter.ts`; js-yaml, which is YAML 1.2. Text
such as `yes` fails the usual schema (`z.boolean()`) or counts as true in the usual filter.
"""

from __future__ import annotations

import re

from newsdesk.collection.frontmatter.block import Block, FrontMatter
from newsdesk.collection.generators.rules import Meaning, Rules, Unread

_FENCES = re.compile(rb"(?:\xef\xbb\xbf)?\s*(---|\+\+\+)")
_BROKEN = frozenset({"yaml", "toml", "too-large", "too-deep"})


def _meaning_of(value: object, written: str) -> Meaning:
    if isinstance(value, bool) and (written or str(value)).lower() in ("true", "false"):
        return Meaning.HELD_BACK if value else Meaning.BUILT
    return Meaning.UNCLEAR


def _unread(path: str, source: bytes, block: Block | None, front: FrontMatter) -> Unread | None:
    if {problem.code for problem in front.problems} & _BROKEN:
        return Unread("it cannot be read, so that the build fails", is_live=False)
    opening = _FENCES.match(source)
    if opening is None:
        return Unread("the first line is not `---`")
    closing = re.compile(rb"(?<=\n)" + re.escape(opening[1])).search(source, opening.end())
    if block is None or closing is None or closing.start() != block.end:
        return Unread("another line closes the front matter", is_live=False)
    return None


RULES = Rules("draft", _meaning_of, _unread, reads_yaml_12=True)
