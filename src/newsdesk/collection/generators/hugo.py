"""Hugo from 0.152: `draft` in any case, and where its lexer ends a front matter.

Sources: Hugo's `parser/pageparser/pagelexer_intro.go`, `resources/page/pagemeta`, `spf13/cast`
(`ToBool`), Go's `strconv.ParseBool`. Hugo fails to build a site with a front matter that
cannot be parsed, so such a file is not published by mistake.
"""

from __future__ import annotations

import re

from newsdesk.collection.frontmatter.block import Block, FrontMatter
from newsdesk.collection.frontmatter.yaml_reader import read_mapping
from newsdesk.collection.generators.rules import Meaning, Rules, Unread

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
# Words for false, to Go or in YAML 1.1. Hugo builds a page with any other text as well, but
# before 0.152 it read `yes` as true, and what else was meant nobody knows.
_FALSE = frozenset({"", "0", "f", "false", "n", "no", "off"})
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|0x[0-9A-Fa-f]+")
_OPENING = re.compile(rb"[ \t\r\n]*(?:\xef\xbb\xbf)?[ \t\r\n]*(---|\+\+\+)(?:\r\n|\r|\n)?")
# The lexer looks for these at the beginning of a line, whatever follows.
_CLOSING = {mark: re.compile(rb"(?<=[\r\n])" + re.escape(mark)) for mark in (b"---", b"+++")}
_BROKEN = frozenset({"yaml", "toml", "too-large", "too-deep"})


def _meaning_of(value: object, written: str) -> Meaning:
    if value is None:
        return Meaning.AS_IF_UNSET
    if isinstance(value, bool):
        word = written.lower() or str(value).lower()
        if word in ("true", "false"):
            return Meaning.HELD_BACK if value else Meaning.BUILT
        return Meaning.UNCLEAR if value else Meaning.BUILT  # text since 0.152: `yes`, `no`
    if isinstance(value, str):
        if value in _TRUE:
            return Meaning.HELD_BACK
        return Meaning.BUILT if value.lower() in _FALSE else Meaning.UNCLEAR
    if isinstance(value, (int, float)):
        if not _NUMBER.fullmatch(written or str(value)):  # `1:1` is 61 in YAML 1.1 only
            return Meaning.UNCLEAR
        return Meaning.HELD_BACK if value else Meaning.BUILT
    return Meaning.UNCLEAR


def _unread(path: str, source: bytes, block: Block | None, front: FrontMatter) -> Unread | None:
    if {problem.code for problem in front.problems} & _BROKEN:
        return Unread("it cannot be read, so that the build fails", is_live=False)
    for name, value in front.fields.items():
        if isinstance(value, bool) and name.lower() == "published":
            return Unread(f"{name} is no date, so that the build fails", is_live=False)
    opening = _OPENING.match(source)
    if opening is None:
        return Unread("the first line is not `---`")
    closing = _CLOSING[opening[1]].search(source, opening.end() - 1)
    if closing is None:
        return Unread("no line closes the front matter, so that the build fails", is_live=False)
    if block is not None and closing.start() == block.end:
        return None
    text = source[opening.end() : closing.start()].decode("utf-8", "replace")
    is_held = opening[1] == b"---" and _is_held_back(read_mapping(text).fields)
    return Unread("another line closes the front matter", is_live=not is_held)


def _is_held_back(fields: dict[str, object]) -> bool:
    return any(
        name.lower() == "draft" and _meaning_of(value, str(value)) is Meaning.HELD_BACK
        for name, value in fields.items()
    )


RULES = Rules(
    "draft",
    _meaning_of,
    _unread,
    reads_yaml_12=True,
    skipped_at_root=frozenset(
        {"archetypes", "assets", "data", "i18n", "layouts", "public", "resources", "static",
         "themes"}
    ),
    configurations=("hugo.toml", "hugo.yaml", "hugo.json", "config.toml", "config.yaml"),
)  # fmt: skip
