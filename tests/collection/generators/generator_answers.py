"""What real site generators do with small files: recorded answers of Jekyll 4.3.1, Hugo 0.168.

Each case is (name, bytes, what happens to the page). The text `BODY` of a case that is `LIVE` is
found in the site that was built, that of one that is `HELD` is not; `STOPS` means that the
build fails because of the file. `record_answers.py` asks the programs again.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

LIVE, HELD, STOPS = "live", "held back", "the build stops"


class Case(NamedTuple):
    """One file below `_news` (Jekyll, a collection with output) or `content` (Hugo)."""

    name: str
    source: bytes
    answer: str


def _values(field: str, answers: dict[str, tuple[str, ...]], *, toml: bool = False) -> list[Case]:
    title, fence = ('title = "x"', "+++") if toml else ("title: x", "---")
    return [
        Case(value, f"{fence}\n{title}\n{value.format(field)}\n{fence}\nBODY\n".encode(), answer)
        for answer, values in answers.items()
        for value in values
    ]


def _shapes(field: bytes, answers: dict[str, dict[str, bytes]]) -> list[Case]:
    return [
        Case(name, source.replace(b"FIELD", field), answer)
        for answer, shapes in answers.items()
        for name, source in shapes.items()
    ]


_JEKYLL_VALUES = {
    HELD: (
        "published: false", "published: FALSE", "published: no", "published: No", "published: off",
        "published:", "published: # c", "published: ~", "published: null", "published: NULL",
        "published: Null", "'published': false", '"published": false', "published : false",
        "published: !!bool false", "published: true\npublished: false", "published: false # c",
        "published:\n  false", "? published\n: false", "published: !!bool no",
        "published: &a false", "published: fAlse",
    ),
    LIVE: (
        "published: true", "published: True", "published: yes", "published: on", "published: y",
        "published: n", "published: N", "published: 'false'", 'published: "false"',
        'published: "true"', "published: 0", "published: 1", "published: ''", "published: []",
        "published: {{}}", "published: f", "published: nope", "Published: false",
        "PUBLISHED: false", "publisheD: false", "published: !!str false", "draft: true",
        "published: false\npublished: true", "published: >-\n  false", "published: .nan",
        "published: 2020-01-01", "published: |\n  false", "published: no\npublished: yes",
        "a: &a true\npublished: *a", "title: :foo\npublished: false",
        "price: !ruby/object:Object {{}}\npublished: false",
    ),
}  # fmt: skip
_JEKYLL_SHAPES = {
    HELD: {
        "crlf": b"---\r\ntitle: x\r\nFIELD\r\n---\r\nBODY\r\n",
        "a CR inside": b"---\ntitle: x\rFIELD\n---\nBODY\n",
        "an empty CR line": b"---\r\n\rtitle: x\nFIELD\n---\nBODY\n",
        "a tab before the value": b"---\ntitle:\tx\nFIELD\n---\nBODY\n",
        "dots close": b"---\nFIELD\n...\nBODY\n",
        "spaces behind": b"---  \nFIELD\n---\t \nBODY\n",
        "a blank line after": b"---\n\nFIELD\n---\nBODY\n",
        "no last line end": b"---\nFIELD\n---",
        "braces": b"---\n{FIELD, title: A}\n---\nBODY\n",
        "an anchor": b"---\ntitle: &a x\nb: *a\nFIELD\n---\nBODY\n",
        "a merge": b"---\nd: &d\n  FIELD\n<<: *d\n---\nBODY\n",
        "a tag": b"---\ntitle: !foo x\nFIELD\n---\nBODY\n",
        "a date that never was": b"---\nupdated: 2020-13-45\nFIELD\n---\nBODY\n",
        "a line separator": "---\ntitle: a\u2028FIELD\n---\nBODY\n".encode(),
        "a double key": b"---\ntitle: a\ntitle: b\nFIELD\n---\nBODY\n",
        "all indented": b"---\n  title: a\n  FIELD\n---\nBODY\n",
        "dashes inside": b"---\ntitle: a\n ---\nFIELD\n---\nBODY\n",
        "odd names": b"---\nyes: c\n1: d\n? [a, b]\n: c\nFIELD\n---\nBODY\n",
    },
    LIVE: {
        "a byte order mark": b"\xef\xbb\xbf---\ntitle: x\nFIELD\n---\nBODY\n",
        "CR line ends": b"---\rtitle: x\rFIELD\r---\rBODY\r",
        "a CR first": b"---\rtitle: x\nFIELD\n---\nBODY\n",
        "a colon": b"---\nFIELD\ntitle: Apple: a new phone\n---\nBODY\n",
        "a colon before": b"---\ntitle: Apple: a new phone\nFIELD\n---\nBODY\n",
        "an open quote": b'---\nFIELD\ntitle: "Apple\n---\nBODY\n',
        "a tab indents": b"---\nFIELD\n\ttitle: A\n---\nBODY\n",
        "no closing line": b"---\nFIELD\ntitle: A\n\nBODY\n",
        "four dashes close": b"---\nFIELD\ntitle: A\n----\nBODY\n",
        "a comment closes": b"---\nFIELD\ntitle: A\n--- # c\nBODY\n",
        "six dashes": b"------\nFIELD\ntitle: A\n------\nBODY\n",
        "six dashes open": b"------\nFIELD\ntitle: A\n---\nBODY\n",
        "a comment opens": b"--- # c\nFIELD\ntitle: A\n---\nBODY\n",
        "a space first": b" ---\nFIELD\ntitle: A\n---\nBODY\n",
        "a blank line first": b"\n---\nFIELD\ntitle: A\n---\nBODY\n",
        "blank lines first": b"\n\n  \n---\nFIELD\ntitle: A\n---\nBODY\n",
        "a list": b"---\n- FIELD\n---\nBODY\n",
        "UTF-16": "---\ntitle: x\nFIELD\n---\nBODY\n".encode("utf-16"),
        "NUL": b"---\ntitle: a\0b\nFIELD\n---\nBODY\n",
        "a bell": b"---\ntitle: a\x07b\nFIELD\n---\nBODY\n",
        "an alias of nothing": b"---\ntitle: *nope\nFIELD\n---\nBODY\n",
        "U+FEFF inside": "---\n\ufefftitle: x\nFIELD\n---\nBODY\n".encode(),
        "a backslash": b'---\ntitle: "a\\qb"\nFIELD\n---\nBODY\n',
        "a per cent sign": b"---\ntitle: %a\nFIELD\n---\nBODY\n",
        "an at sign": b"---\ntitle: @a\nFIELD\n---\nBODY\n",
        "less indented": b"---\n title: a\nFIELD\n---\nBODY\n",
        "a list item cut": b"---\ntags:\n- a\n-b\nFIELD\n---\nBODY\n",
        "a symbol": b"---\n:key: x\nFIELD\n---\nBODY\n",
    },
    STOPS: {"Latin-1": b"---\ntitle: caf\xe9\nFIELD\n---\nBODY\n"},
}
_HUGO_VALUES = {
    HELD: (
        "draft: true", "draft: True", "draft: TRUE", "draft: t", "draft: T", "draft: 'true'",
        'draft: "true"', 'draft: "True"', 'draft: "TRUE"', "draft: 1", "draft: 2", "draft: -1",
        "draft: 1.0", "draft: 0.5", "draft: '1'", "Draft: true", "DRAFT: true", "draFt: true",
        "'draft': true", '"Draft": true', "draft : true", "draft: !!bool true",
        "draft: !!str true", "Draft: true\ndraft: false", "draft: true # c", "draft:\n  true",
        "draft: >-\n  true", "draft: &a true", "draft: false\nDRAFT: true", "draft: 0x1",
        "draft: 'T'", "draft: 10", "draft: !!bool yes",
    ),
    LIVE: (
        "draft: false", "draft: yes", "draft: no", "draft: Yes", "draft: on", "draft: off",
        "draft: y", "draft: n", "draft: Y", "draft: f", 'draft: "false"', "draft: 'yes'",
        "draft: 0", "draft: '0'", "draft:", "draft: ~", "draft: null", "draft: ''", "draft: []",
        "draft: {{}}", "draft: [true]", "draft: nope", "Draft: false",
        "draft: true\nDraft: false", "Draft: false\ndraft: true", "draft: |\n  true",
        "draft: tRue", "params:\n  draft: true", "draft: 'no'", "draft: F",
        "draft: 1e0", "draft: 2020-01-01", "draft: truE", "# only a comment",
    ),
    STOPS: ("published: false", "draft: false\ndraft: true"),
}  # fmt: skip
_HUGO_TOML = {
    HELD: (
        "draft = true", "Draft = true", "DRAFT = true", 'draft = "true"', "draft = 1",
        'draft = "1"', '"draft" = true', "'Draft' = true", 'draft = "t"', "draft=true",
        "draft = false\nDraft = true", "draft = 1.0", "draft = true # c",
        "Draft = true\ndraft = false",
    ),
    LIVE: (
        "draft = false", 'draft = "false"', "draft = 0", 'draft = "yes"', 'draft = ""',
        "draft = []", "draft = true\nDraft = false", 'draft = "no"', "[draft]\na = 1",
    ),
    STOPS: ("published = false",),
}  # fmt: skip
_HUGO_SHAPES = {
    HELD: {
        "a byte order mark": b"\xef\xbb\xbf---\ntitle: x\nFIELD\n---\nBODY\n",
        "CR line ends": b"---\rtitle: x\rFIELD\r---\rBODY\r",
        "crlf": b"---\r\ntitle: x\r\nFIELD\r\n---\r\nBODY\r\n",
        "a CR first": b"---\rtitle: x\nFIELD\n---\nBODY\n",
        "four dashes close": b"---\nFIELD\ntitle: A\n----\nBODY\n",
        "six dashes": b"------\nFIELD\ntitle: A\n------\nBODY\n",
        "six dashes open": b"------\nFIELD\ntitle: A\n---\nBODY\n",
        "a comment opens": b"--- # c\nFIELD\ntitle: A\n---\nBODY\n",
        "a comment closes": b"---\nFIELD\ntitle: A\n--- # c\nBODY\n",
        "spaces behind": b"---  \nFIELD\n---\t \nBODY\n",
        "a space first": b" ---\nFIELD\ntitle: A\n---\nBODY\n",
        "a blank line first": b"\n---\nFIELD\ntitle: A\n---\nBODY\n",
        "blank lines first": b"\n\n  \n---\nFIELD\ntitle: A\n---\nBODY\n",
        "a blank line before TOML": b"\n+++\ndraft = true\n+++\nBODY\n",
        "no last line end": b"---\nFIELD\n---",
        "braces": b"---\n{FIELD, title: A}\n---\nBODY\n",
        "an anchor": b"---\ntitle: &a x\nb: *a\nFIELD\n---\nBODY\n",
        "a merge": b"---\nd: &d\n  FIELD\n<<: *d\n---\nBODY\n",
    },
    LIVE: {
        "empty": b"---\n---\nBODY\n",
        "empty but for a line": b"---\n\n---\nBODY\n",
        "a comment alone": b"---\n# c\n---\nBODY\n",
        "dashes close before it": b"---\ntitle: A\n----\nFIELD\n---\nBODY\n",
        "a comment closes before it": b"---\ntitle: A\n--- # c\nFIELD\n---\nBODY\n",
    },
    STOPS: {
        "a colon": b"---\nFIELD\ntitle: Apple: a new phone\n---\nBODY\n",
        "an open quote": b'---\nFIELD\ntitle: "Apple\n---\nBODY\n',
        "no closing line": b"---\nFIELD\ntitle: A\n\nBODY\n",
        "dots close": b"---\nFIELD\ntitle: A\n...\nBODY\n",
        "a double key": b"---\ntitle: a\ntitle: b\nFIELD\n---\nBODY\n",
        "an alias of nothing": b"---\ntitle: *nope\nFIELD\n---\nBODY\n",
    },
}
_EMPTY = {
    LIVE: {
        "empty": b"---\n---\nBODY\n",
        "empty but for a line": b"---\n\n---\nBODY\n",
        "a comment alone": b"---\n# c\n---\nBODY\n",
        "empty, no last line end": b"---\n---",
        "empty, crlf": b"---\r\n---\r\nBODY\r\n",
    }
}
JEKYLL_ANSWERS = (
    _values("published", _JEKYLL_VALUES)
    + _shapes(b"published: false", _JEKYLL_SHAPES)
    + _shapes(b"published: false", _EMPTY)
)
HUGO_ANSWERS = (
    _values("draft", _HUGO_VALUES)
    + _values("draft", _HUGO_TOML, toml=True)
    + _shapes(b"draft: true", _HUGO_SHAPES)
)


def digest(source: bytes) -> str:
    """Return a short name for the bytes of a file."""
    return hashlib.sha256(source).hexdigest()[:16]
