"""Strategies for front matters as people and bots write them, and a reader to compare with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]
SPELLINGS = {
    word: meaning
    for lower, meaning in {"true": 1, "yes": 1, "on": 1, "false": 0, "no": 0, "off": 0}.items()
    for word in (lower, lower.capitalize(), lower.upper())
}
_TYPED = [
    *"true yes NO On off 123 -1 0 0x1F 1_000 012 0b11 1.5 -.inf .NaN 1e3 1.5e+3 null ~ Null "
    "2020-11-18T16:45:00Z 2020-11-18 16:45:00 190:20:30.15 2001-12-14t21:59:43.10-05:00 "
    "'x' = -x plain :x x:y x#y a'b http://example.org/?a=b&c=d".split(),
    "",
    '"quo\\"ted: #"',
    "'it''s: # quoted'",
    "two words",
    "2001-12-14 21:59:43.10 -5",
    "! 12",
    '!!str "5"',
    "!!str 5",
    '!!int "7"',
    "!!float 3",
    "été",
    "[]",
    "{}",
    "[a, 'b', 3, true]",
    "{a: 1, b: [x, y]}",
    "café  # a comment",
    '"\\u00e9\\x41\\t\\N\\_\\L"',
]
# What YAML takes in quotes on one line; NEL, LS and PS are line breaks to it and fold.
_IN_QUOTES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
    | st.sampled_from("\x85\u2028\u2029\t '\"\\:#-é"),
    max_size=12,
).filter(lambda text: not _ends_early(text))


def _ends_early(text: str) -> bool:
    # `---` after one of Unicode's line ends closes the document inside of quotes.
    return any(
        f"{end}{mark}" in text for end in "\x85\u2028\u2029" for mark in ("---", "...", "\t")
    )


_INLINE = (
    st.sampled_from(_TYPED)
    | _IN_QUOTES.map(lambda text: "'" + text.replace("'", "''") + "'")
    | _IN_QUOTES.map(lambda text: json.dumps(text, ensure_ascii=False))
)
_WORDS = st.text(st.sampled_from("abc é#:'\"-"), max_size=10)
_BLOCK = st.tuples(
    st.sampled_from(["|", ">", "|-", ">-", "|+", ">+"]),
    st.lists(_WORDS.map(lambda line: f"x{line}".rstrip()) | st.just(""), min_size=1, max_size=4),
).map(lambda pair: (pair[0], ["x", *pair[1]]))

Lines = list[str]


def _inline(name: str, text: str) -> Lines:
    return [f"{name}: {text}".rstrip()]


def _block(name: str, header: str, lines: Lines) -> Lines:
    return [f"{name}: {header}", *(f"  {line}" if line else "" for line in lines)]


def _list_of(name: str, items: list[Lines], indent: str) -> Lines:
    lines = [f"{name}:"]
    for first, *rest in items:
        lines += [f"{indent}- {first}", *(f"{indent}  {line}" if line else "" for line in rest)]
    return lines


def _map_of(name: str, fields: list[Lines]) -> Lines:
    return [f"{name}:", *(f"  {line}" if line else "" for field in fields for line in field)]


def _named(number: int, depth: int) -> st.SearchStrategy[Lines]:
    """One field with a name of its own; nested up to `depth`."""
    name = f"field{number}"
    flat = st.builds(_inline, st.just(name), _INLINE) | _BLOCK.map(
        lambda block: _block(name, *block)
    )
    if depth == 0:
        return flat
    inner = st.integers(1, 3).flatmap(
        lambda count: st.tuples(*(_named(i, depth - 1) for i in range(count))).map(list)
    )
    items = st.lists(
        _INLINE.filter(bool).map(lambda text: [text])
        | inner.map(lambda fields: [line for field in fields for line in field]),
        min_size=1,
        max_size=3,
    )
    lists = st.builds(_list_of, st.just(name), items, st.sampled_from(["", "  "]))
    return flat | lists | inner.map(lambda fields: _map_of(name, fields))


@dataclass(frozen=True)
class Written:
    """A file, its lines between the `---`, and what is known about it.

    `separators` are the numbers of blank lines that stand between fields.
    """

    source: bytes
    lines: list[bytes]
    published: str | None
    separators: frozenset[int]

    @property
    def text(self) -> str:
        return b"".join(self.lines).decode("utf-8")


@st.composite
def written(draw: st.DrawFn, published: bool | None = None) -> Written:
    """A file with a front matter that is in order; `published` says whether it has the field."""
    count = draw(st.integers(0, 4))
    fields = [draw(_named(i, draw(st.integers(0, 2)))) for i in range(count)]
    if draw(st.booleans()):
        fields.insert(draw(st.integers(0, len(fields))), [f"heat: {draw(st.integers(-9, 99))}"])
    spelling = None
    if published or (published is None and draw(st.booleans())):
        spelling = draw(st.sampled_from(sorted(SPELLINGS)))
        line = draw(st.sampled_from(["published: {}", '"published": {}', "published :   {}"]))
        tail = draw(st.sampled_from(["", "  ", " # false: or so", "  # tab\there"]))
        at = draw(st.integers(0, len(fields)))
        fields.insert(at, [line.format(spelling) + tail])
    fields.insert(draw(st.integers(0, len(fields))), ["title: 'Seen: today'"])
    lines: list[str] = []
    separators = set()
    keeps = False  # after `|+` blank lines belong to the text
    for field in fields:
        if draw(st.booleans()) and not keeps and draw(st.booleans()):
            separators.add(len(lines))
            lines.append("")
        if draw(st.booleans()):
            lines.append("# a comment: with 'signs")
        lines += field
        keeps = any(line.endswith((": |+", ": >+")) for line in field)
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r\n", "\r"]]))
    chosen = draw(st.lists(st.sampled_from(ends), min_size=len(lines), max_size=len(lines)))
    for i in range(1, len(lines)):
        if chosen[i - 1] == "\r" and not lines[i] and chosen[i] == "\n":
            chosen[i] = "\r"  # else the two would be one end of a line
    raw = [(line + end).encode() for line, end in zip(lines, chosen, strict=True)]
    opening = draw(st.sampled_from(["", "\ufeff"])) + "---" + draw(st.sampled_from(["", " \t"]))
    opening += ends[-1] if raw[:1] != [b"\n"] else "\n"
    closing = draw(st.sampled_from(["---", "...", "--- "]))
    body = draw(st.sampled_from(["", "\n", "\r\nbody\r\n", "\nA body\n---\n", "\n\n<p>x</p>"]))
    source = opening.encode() + b"".join(raw) + (closing + body).encode()
    return Written(source, raw, spelling, frozenset(separators))


_SOUP = [
    *(
        "a: 1|b: [x,|  y]|c: |-|  text|published: true|published: no|published: 'true'|"
        "  published: on"
        "|heat: 5|heat: >|heat:|- item|-|# note|?|: x|d: {e: f}|'q': \"open|close\"|\ttab: 1|...|"
        "---|--- x"
        "|&a x: 1|y: *a|<<: {z: 1}|!!set {a}|e: !x 3|f: \u2028published: true|%YAML 1.1|"
        "{published: true}"
        "|[published]|published|published:|published: ! true|published: !!bool yes|\ufeffg: 1|"
        "h: @x|i: `|a: 2"
    ).split("|"),
    "",
    "  ",
    "\u2028",
    "\x85heat: 3",
    "j: \x07",
    "k: 'x\u2029---'",
]


@st.composite
def soup(draw: st.DrawFn) -> bytes:
    """A file whose front matter is any lines at all."""
    lines = draw(st.lists(st.sampled_from(_SOUP), max_size=8))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return end.join(["---", *lines, "---", ""]).encode()


def loaded(text: str, loader: Any) -> Any:
    """What PyYAML says."""
    return yaml.load(text, Loader=loader)
