"""The quick reading says what the whole parse says, or nothing."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.article import Urls
from newsdesk.collection.files import Fingerprint
from newsdesk.collection.parser import read_article
from newsdesk.index.fast_reader import _DOUBTFUL, fast_record
from newsdesk.index.schema import Record, names_as_text, record_of, urls_as_text, urls_from

SEEDS = sorted((Path(__file__).parents[2] / "seeds").rglob("*.md"))
USUAL = b"""---
category: news
title: "Driverless bus held up by ducks"
excerpt: "A minibus came to a halt when a mallard declined to cross."
publishedDateTime: 2020-11-16T12:05:00Z
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
    width: 1200
    height: 800
    title: "The bus"
    isCached: true

related:
  - title: "Number 14 stops for ducks"
    excerpt: "Twenty-six minutes."
    publishedDateTime: 2020-11-16T07:40:00Z
    webUrl: "https://valeparish.example/ducks"
    type: article
    provider:
      name: Vale Parish Bulletin
      domain: valeparish.example
    quality: 9
    images:
      - url: "https://images.valeparish.example/14.jpg"
        width: 1024

secured: "YWJj;MTIzNDU2Nzg5MDEyMzQ1Ng=="
---
"""


def both(source: bytes) -> tuple[Record | None, Record]:
    fingerprint = Fingerprint(len(source), 2, 3, 4)
    quick = fast_record("a.md", source, fingerprint, 5)
    return quick, record_of(read_article("a.md", source), fingerprint, 5)


def test_the_usual_shape_is_read_quickly_and_means_the_same() -> None:
    quick, whole = both(USUAL)
    assert quick is not None
    assert quick == whole
    quick, whole = both(USUAL.replace(b"\n", b"\r\n"))
    assert quick is not None
    assert quick == whole


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:40])
def test_every_demo_article_means_the_same_both_ways(path: Path) -> None:
    quick, whole = both(path.read_bytes())
    assert quick in (None, whole)


def test_most_demo_articles_are_read_quickly() -> None:
    quick = [path for path in SEEDS if both(path.read_bytes())[0] is not None]
    assert len(quick) > len(SEEDS) / 2


VALUES = st.one_of(
    st.sampled_from(
        [*"no yes NO on Off true null ~ n y 0 -1 007 0x1F 1_000 1e3 .5 50.5 -0.0 7.0 0.1.2 5.0e+1 "
        "12:30 2020-11-31 2020-02-30T25:00:00Z "
        "<<  - = ? [ ] { } a:b # & * ! | > % @ ` ' \" \\".split(),
            "", " ", "a ", " a", "a #b", "a: b", "a\tb", '"a', 'a"', '"a\\tb"', "'a'", "- a",
            "- - a", "? a", "&a b", "*a", "!!str a", "| x", "a\u0085b", "a\u2028b", "\ufeff",
            "a\x07b", "\x7f", "é", "日本", "\ud7ff", "a\n  b", "a\n\nb", "a\nb", "---", "...",
            "- a\n  - b", '"\\ud800"', "2020-11-16T12:05:00Z", "2020-11-16", "99999999999999999",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip


@given(data=st.data())
def test_no_change_of_the_usual_shape_makes_the_two_differ(data: st.DataObject) -> None:
    text = USUAL.decode()
    for _ in range(data.draw(st.integers(1, 3))):
        pieces = [match.span() for match in re.finditer(r'(?<=: )[^\n]+|"[^"\n]*"|\n|\w+', text)]
        start, end = data.draw(st.sampled_from(pieces))
        text = text[:start] + data.draw(VALUES) + text[end:]
    quick, whole = both(text.encode("utf-8", "surrogatepass"))
    assert quick in (None, whole)


@given(data=st.data())
def test_no_reordering_of_lines_makes_the_two_differ(data: st.DataObject) -> None:
    lines = USUAL.decode().split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        here = data.draw(st.integers(1, len(lines) - 2))
        there = data.draw(st.integers(1, len(lines) - 2))
        if data.draw(st.booleans()):
            lines[here], lines[there] = lines[there], lines[here]
        else:
            lines.insert(here, lines[there])
    quick, whole = both("\n".join(lines).encode())
    assert quick in (None, whole)


URL = st.sampled_from(["", "https://a.example/1", "https://b.example/é", "no address", "1"])


@given(URL, URL, URL, URL)
def test_addresses_come_back_as_they_were(web: str, original: str, amp: str, cdn: str) -> None:
    assert urls_from(urls_as_text(web, original, amp, cdn)) == Urls(web, original, amp, cdn)


def test_nothing_that_can_be_printed_is_doubtful() -> None:
    every = (chr(code) for code in range(sys.maxunicode + 1))
    assert not _DOUBTFUL.search("".join(filter(str.isprintable, every)))


@given(st.lists(st.text()))
def test_names_are_kept_as_json(names: list[str]) -> None:
    assert names_as_text(names) == json.dumps(names, ensure_ascii=False)
