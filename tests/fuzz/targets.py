"""What is fuzzed: one function per target, which takes any bytes and finds them well treated.

A target raises `AssertionError`, or lets something else escape, where a promise is broken.
"""

from __future__ import annotations

import functools
import random
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from newsdesk.collection.files import Fingerprint
from newsdesk.collection.frontmatter.block import (
    Splice,
    begins_front_matter,
    find_block,
    read_front_matter,
    splice_back,
    splice_boolean,
    splice_text,
)
from newsdesk.collection.frontmatter.yaml_reader import Loader, read_mapping
from newsdesk.collection.parser import read_article
from newsdesk.collection.urls import canonical, host_of, reader_url
from newsdesk.errors import QueryError, WriteRefused
from newsdesk.index.fast_reader import fast_record
from newsdesk.index.query.ast import highlighted_words
from newsdesk.index.query.completion import complete
from newsdesk.index.query.parser import parse
from newsdesk.index.query.printer import describe, unparse
from newsdesk.index.schema import record_of
from newsdesk.index.store import Store
from newsdesk.links.body.markdown_links import mentions
from newsdesk.links.extract import ALL_FIELDS, group_by_url, links_of
from newsdesk.text import comparison_key, is_misleading, shown, shown_block, table_cell

FOUND = Path(__file__).parent / "found"
SEEDS = Path(__file__).parents[2] / "seeds"
SETS = frozenset({"is:marked", "is:later", "has:note", "link"})
NEW_ADDRESS = "https://b.example/new"


def split(source: bytes) -> None:
    """Opening, block, closing and body stand in this order and make up the file."""
    block = find_block(source)
    front = read_front_matter(source)
    if block is None:
        assert front.problems
        assert front.problems[0].blocks_writing
        return
    assert begins_front_matter(source)
    assert 0 < block.start <= block.end <= block.body_start <= len(source)
    opening, closing = source[: block.start], source[block.end : block.body_start]
    assert opening.removeprefix(b"\xef\xbb\xbf").strip() == b"---"
    assert closing.strip() in (b"---", b"...")
    assert block.end == block.start or source[block.end - 1 : block.end] in (b"\n", b"\r")
    # The same once more: what stands behind the closing line does not matter.
    assert find_block(source[: block.body_start]) == block


def read(source: bytes) -> None:
    """Whatever the bytes are, they become an article, a row, and text that can be written."""
    article = read_article("_news/a.md", source)
    assert article.title.strip()
    record_of(article, Fingerprint(len(source), 2, 3, 4), 5)
    for text in (article.title, article.excerpt, article.path, *article.topics):
        text.encode("utf-8")
    lines = 2 + source.count(b"\n") + source.count(b"\r")
    # Unicode's line ends count as well: that is how the parser counts.
    lines += sum(source.count(end) for end in (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"))
    for problem in article.problems:
        assert problem.code
        assert problem.message
        assert problem.line is None or 1 <= problem.line <= lines, problem
    _means_what_pyyaml_says(source)


def _means_what_pyyaml_says(source: bytes) -> None:
    block = find_block(source)
    if block is None:
        return
    try:
        text = source[block.start : block.end].decode("utf-8")
    except UnicodeDecodeError:
        return
    reading = read_mapping(text)
    if reading.problems:
        return
    loaded = yaml.load(text, Loader)
    if loaded is not None and _has_plain_names(loaded):
        assert repr(loaded) == repr(reading.fields)


def _has_plain_names(value: object) -> bool:
    """Tell whether every name is text to YAML: `on: 1` has none that is."""
    if isinstance(value, dict):
        return all(isinstance(name, str) for name in value) and all(
            map(_has_plain_names, value.values())
        )
    return not isinstance(value, list) or all(map(_has_plain_names, value))


def splice(source: bytes) -> None:
    """One value changes and nothing else, there and back again, or the file is refused."""
    fields = read_front_matter(source).fields
    for value in (True, False):
        _spliced(source, "published", value, lambda value=value: _boolean(source, value))
    address = fields.get("webUrl")
    if isinstance(address, str):
        _spliced(source, "webUrl", NEW_ADDRESS, lambda: _address(source, str(address)))


def _boolean(source: bytes, value: bool) -> Splice | None:
    return splice_boolean(source, "published", value)


def _address(source: bytes, old: str) -> Splice | None:
    return splice_text(source, "webUrl", old, NEW_ADDRESS)


def _spliced(
    source: bytes, name: str, value: object, splicing: Callable[[], Splice | None]
) -> None:
    try:
        done = splicing()
    except WriteRefused:
        return
    before = read_front_matter(source)
    if done is None:
        assert before.fields[name] == value
        return
    end = done.start + len(done.old)
    assert source[done.start : end] == done.old
    assert done.result == source[: done.start] + done.new + source[end:]
    after = read_front_matter(done.result)
    assert after.fields[name] == value
    assert after.body == before.body
    others = {key: repr(said) for key, said in before.fields.items() if key != name}
    assert {key: repr(said) for key, said in after.fields.items() if key != name} == others
    undone = splice_back(done.result, name, done.old, done.new)
    assert undone.result == source
    redone = splice_back(undone.result, name, done.new, done.old)
    assert redone.result == done.result


def query(data: bytes) -> None:
    """A text is a query that can be answered and written down, or a mistake with its place."""
    text = data.decode("utf-8", "surrogateescape")
    for offer in complete(text, len(text) // 2, lambda _: [('a "b"', 1)], sets=SETS):
        assert 0 <= offer.start <= len(text) // 2 <= offer.end <= len(text)
    try:
        asked = parse(text, sets=SETS)
    except QueryError as error:
        mistake: QueryError | None = error
    else:
        mistake = None
    if mistake is not None:
        assert mistake.message
        assert 0 <= mistake.start < mistake.end <= len(text)
        return
    assert asked.text == text
    describe(asked)
    highlighted_words(asked)
    again = parse(unparse(asked), sets=SETS)
    assert (again.condition, again.order) == (asked.condition, asked.order)
    assert unparse(again) == unparse(asked)
    if ":" not in text or not any(name.partition(":")[0] in text for name in SETS):
        _store().search(asked)


@functools.cache
def _store() -> Store:
    store = Store(Path(tempfile.mkdtemp(prefix="newsdesk-fuzz-")) / "index.db")
    records = []
    for number, seed in enumerate(_articles()[:8]):
        article = read_article(f"_news/{number}.md", seed)
        records.append(record_of(article, Fingerprint(len(seed), 2, 3, 4), 5))
    store.apply(records)
    return store


def links(source: bytes) -> None:
    """Addresses are found where they stand, and none of them stops the checker."""
    article = read_article("_news/a.md", source)
    found = links_of(article, ALL_FIELDS, source)
    lines = 2 + source.count(b"\n") + source.count(b"\r")
    lines += sum(source.count(end) for end in (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"))
    for link in found:
        assert link.url.strip()
        assert link.line is None or 1 <= link.line <= lines, link
        host_of(link.url)
        usable = reader_url(link.url)
        assert not usable or usable.lower().startswith(("http://", "https://")), usable
        assert not set(usable) & set("\r\n\t \x1b\0")
        assert bool(canonical(link.url)) == bool(usable)
    group_by_url(found)
    text = source.decode("utf-8", "surrogateescape")
    found_on = [mention.line for mention in mentions(text)]
    assert found_on == sorted(found_on)
    assert all(0 <= line <= text.count("\n") + text.count("\r") for line in found_on)


def text(data: bytes) -> None:
    """What passed the door is harmless, one line where one is promised, and passes it again."""
    for errors in ("surrogateescape", "surrogatepass", "replace"):
        try:
            foreign = data.decode("utf-8", errors)
        except UnicodeDecodeError:
            continue
        for door, allowed in ((shown, ""), (table_cell, "\r\n\t"), (shown_block, "\n\t")):
            said = door(foreign)
            assert said == door(said)
            said.encode("utf-8")
            assert not [char for char in said if _is_obeyed(char) and char not in allowed]
        line = shown(foreign)
        assert line.splitlines() in ([], [line])
        assert table_cell(foreign)[:1] not in ("=", "@", "＝", "＠")
        is_misleading(foreign)
        comparison_key(foreign)


def _is_obeyed(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in (
        "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )


def quick(data: bytes) -> None:
    """The quick reading says what the whole parse says, or nothing.

    Bytes that begin with `#` are steps which change an article of the usual shape: so more of
    them come near to what is read quickly. All others are a file.
    """
    source = _changed(data[1:]) if data[:1] == b"#" else data
    fingerprint = Fingerprint(len(source), 2, 3, 4)
    record = fast_record("_news/a.md", source, fingerprint, 5)
    if record is not None:
        assert record == record_of(read_article("_news/a.md", source), fingerprint, 5)


USUAL = b"""---
category: news
title: "Driverless bus held up by ducks"
excerpt: "A minibus came to a halt."
publishedDateTime: 2020-11-16T12:05:00Z
updatedDateTime: 2020-11-17T12:05:00Z
originalUrl: "https://www.harbourpost.example/news/ducks/"
webUrl: "https://harbourpost.example/news/ducks?utm_source=x#top"
type: article
quality: 52
heat: -1
published: false

provider:
  name: The Harbour Post & Sons
  domain: harbourpost.example
  images:
    - url: "https://harbourpost.example/50x50.jpg"
      width: 50
      height: 50

topics:
  - Robotics
  - "AI"

images:
  - url: "https://images.harbourpost.example/bus.jpg"
    title: "The bus"
    isCached: true

related:
  - title: "Number 14 stops for ducks"
    publishedDateTime: 2020-11-16T07:40:00Z
    webUrl: "https://valeparish.example/ducks"
    type: article
    provider:
      name: Vale Parish Bulletin
      domain: valeparish.example
    quality: 9

secured: "YWJj;MTIzNDU2Nzg5MDEyMzQ1Ng=="
---

The body.
"""


SMALL = b"""---
title: 'Ducks: again'
published: no  # not yet
heat: 3
webUrl: https://a.example/x
topics: [AI, "Robots"]
note: |
  published: true

---
[text](https://b.example/y "z") <https://c.example> ![i](//d.example/e.png)
"""


def _changed(steps: bytes) -> bytes:
    """Return the usual article after steps of four bytes and what follows until a NUL.

    place (2 bytes), how many bytes are taken out there, and which word goes in: one of
    `WORDS`, or with 255 what follows.
    """
    source = USUAL
    while len(steps) >= 4:
        at = int.from_bytes(steps[:2], "big") % (len(source) + 1)
        out, word = steps[2] % 24, steps[3]
        steps = steps[4:]
        if word == 255:
            goes_in, _, steps = steps.partition(b"\0")
        else:
            goes_in = WORDS[word % len(WORDS)]
        source = source[:at] + goes_in + source[at + out :]
    return source


_WORDS = r"""
--- ... : " ' \ # - [ ] { } , & * ! | > % @ ` ? = ~ << null true false yes no on off True NO
published published: title: topics: heat: related: webUrl: .. ( ) OR AND NOT is: has: quality:
date: sort: link: none 7d >= <= 2020-11-18 2020-11-18T16:45:00Z 0x1F 1_000 1e3 .5 190:20:30 -1
007 .nan !!str !!int !!bool <!-- --> ``` ~~~ ]( ![ <a href= </a> http:// https:// //a.b xn--
[::1] %00 ; \u2028 \x41 \ud800
"""
WORDS = [
    *(word.encode() for word in _WORDS.split()),
    *(b"\n", b"\r", b"\r\n", b"\t", b" ", b"  ", b"\n\n", b": ", b" #", b'"\n', b"\n  - "),
    *(b"\n---\n", b"\nquality: 1\n", b"published: true\n", b"\x00", b"\x1b", b"\x7f"),
    # Line ends and marks of Unicode, half a character, joiners.
    *(char.encode("utf-8", "surrogatepass") for char in "\x85\u2028\ufeff\u202e\ud800\u200d"),
]

TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (split, read, splice, query, links, text, quick)
}


@functools.cache
def _articles() -> list[bytes]:
    """Return small articles: what is small is tried often."""
    texts = (path.read_bytes() for path in sorted(SEEDS.rglob("*.md")))
    return [USUAL, SMALL, *[text for text in texts if len(text) < 3_000][:30]]


def seeds_of(name: str) -> list[bytes]:
    """Return what fuzzing of a target begins with."""
    if name == "query":
        return [
            b'police "face recognition" -topic:AI,"Computer Vision" (a OR b) sort:heat-asc,date',
            b"quality:>=50 heat:none,3 date:<7d,7d..2w,>=1y is:unset,marked has:image -is:later",
            b'date:2020-11-01..2021-01 path:"\\"q" domain:bbc.co.uk title:a"b NOT c AND d',
        ]
    if name == "quick":
        return [*_articles(), b"#\0\x20\x03\x01", b"#\0\x40\x00\xffno\0\1\x00\x05\x30"]
    return _articles()


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """Return the bytes after some random changes: the fuzzer for where there is no atheris."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        kind = chance.random()
        if kind < 0.5:
            data[at : at + chance.choice((0, 0, 1, 4, 20))] = chance.choice(WORDS)
        elif kind < 0.7:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind < 0.85:
            del data[at : at + chance.randint(1, 40)]
        else:
            other = chance.randint(0, len(data))
            data[at:at] = data[other : other + chance.randint(1, 60)]
    return bytes(data)


def random_inputs(name: str, chance: random.Random) -> Iterator[bytes]:
    """Yield inputs for a target for ever."""
    seeds = seeds_of(name)
    while True:
        yield mutated(chance.choice(seeds), chance)
