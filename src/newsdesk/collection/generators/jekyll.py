"""Jekyll 4: `published`, and files whose front matter it does not see.

Sources: Jekyll's `utils.rb` (`has_yaml_header?`), `document.rb` (`YAML_FRONT_MATTER_REGEXP`),
`publisher.rb`, `entry_filter.rb`; Psych's `scalar_scanner.rb`. A file without a header that
Jekyll sees is copied as it is; one whose YAML is wrong is built with its text and no fields.
"""

from __future__ import annotations

import re

from newsdesk.collection.frontmatter.block import Block, FrontMatter
from newsdesk.collection.generators.rules import Meaning, Rules, Unread

_BOM = b"\xef\xbb\xbf"
_SPACE = rb"[ \t\r\f\v]*"  # Ruby's \s within a line
_HEADER = re.compile(rb"---" + _SPACE + rb"\n")
_CLOSING = re.compile(rb"(?<=\n)(?:---|\.\.\.)" + _SPACE + rb"(?=\n|\Z)")
_ALIAS = re.compile(r"(?:^|[\s\[,{])\*([\w-]+)")
_ANCHOR = re.compile(r"(?:^|[\s\[,{])&([\w-]+)")
# Psych's `safe_load` refuses Ruby's symbols and objects.
_SYMBOL = re.compile(rb"^:[\w-]+[ \t]*:|^[\w-]+[ \t]*:[ \t]+:\w", re.MULTILINE)


def _meaning_of(value: object, written: str) -> Meaning:
    if isinstance(value, bool):
        return Meaning.BUILT if value else Meaning.HELD_BACK
    # `publisher.rb` asks for anything but false and nil; text such as "false" is neither, but
    # nobody who wrote it meant to publish.
    return Meaning.HELD_BACK if value is None else Meaning.UNCLEAR


def _closes_at(source: bytes, start: int, end: int) -> bool:
    """Tell quickly whether a plain `---` line at `end` is the first one that closes."""
    return (
        source.startswith((b"---\n", b"---\r\n"), end)
        and source.find(b"\n---", start - 1) == end - 1
        and source.find(b"\n...", start - 1, end) < 0
    )


def _has_ruby(text: bytes) -> bool:
    if b"!ruby/" in text or b"tag:ruby" in text:
        return True
    # The pattern is slow; few front matters hold what it looks for.
    may_have = text.startswith(b":") or any(mark in text for mark in (b"\n:", b" :", b"\t:"))
    return may_have and _SYMBOL.search(text) is not None


def _unread(path: str, source: bytes, block: Block | None, front: FrontMatter) -> Unread | None:
    # `_posts` are read without asking for a header first, and reading drops the mark.
    is_post = "_posts" in path.split("/")[:-1]
    start = len(_BOM) if source.startswith(_BOM) else 0
    if start and not is_post:
        return Unread("a byte order mark stands before the first line", is_copied=True)
    header = _HEADER.match(source, start)
    if header is None:
        return Unread("its first line is not `---` and a line feed", is_copied=True)
    if block is None or not _closes_at(source, header.end(), block.end):
        closing = _CLOSING.search(source, header.end())
        if closing is None:
            return Unread("no `---` line closes the front matter")
        if block is None or closing.start() != block.end:
            return Unread("another line closes the front matter")
    codes = {problem.code for problem in front.problems}
    if codes & {"yaml", "control-character"}:
        return Unread("its YAML cannot be read")
    between = source[block.start : block.end]
    if between.startswith((_BOM, b"%")) or _has_ruby(between):
        return Unread("its YAML cannot be read")
    text = between.decode("utf-8", "replace") if "alias" in codes else ""
    if not set(_ALIAS.findall(text)) <= set(_ANCHOR.findall(text)):
        return Unread("an alias (*name) has no anchor (&name)")
    if codes & {"too-large", "too-deep", "encoding"}:
        return Unread("newsdesk does not read all of it", is_live=False)
    return None


RULES = Rules(
    "published",
    _meaning_of,
    _unread,
    skipped=frozenset({"_layouts", "_includes", "_sass", "_plugins"}),
    configurations=("_config.yml", "_config.yaml", "_config.toml"),
)
