from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.article import Urls
from newsdesk.collection.reading import read_article
from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS, Link, by_address, links_of
from newsdesk.links.ladder import Rung, next_living
from newsdesk.links.markup import mentions
from newsdesk.links.verdict import Verdict

SOURCE = b"""---
title: "A story"
originalUrl: "https://o.test/"
webUrl: https://w.test/#top
provider:
  name: P
  images: [{url: "https://p.test/logo.png"}]

images:
  - https://i.test/1.png
  - url: https://i.test/2.png
    width: 5

related:
  - title: one
    webUrl: "https://r.test/1"
    images:
      - url: https://r.test/1.png
  - title: two
    webUrl: "https://r.test/1"
    originalUrl: >-
      https://r.test/2o
ampWebUrl: not an address
---
First line with [a link](https://b.test/1 "title") and <https://b.test/2>.

![picture](https://b.test/p.png) https://b.test/3.
[ref]: https://b.test/4
<a href='https://b.test/5?a&amp;b'>five</a> [mail](mailto:a@b.test) [here](/relative)
"""


def found(fields: frozenset[str], source: bytes = SOURCE) -> list[tuple[str, str, int | None]]:
    links = links_of(read_article("a.md", source), fields, source)
    return [(link.field, link.url, link.line) for link in links]


def test_default_fields_with_their_lines() -> None:
    assert found(DEFAULT_FIELDS) == [
        ("webUrl", "https://w.test/#top", 4),
        ("originalUrl", "https://o.test/", 3),
        ("ampWebUrl", "not an address", 23),
        ("related[].webUrl", "https://r.test/1", 16),
        ("related[].webUrl", "https://r.test/1", 20),
        ("body", "https://b.test/1", 25),
        ("body", "https://b.test/2", 25),
        ("body", "https://b.test/3", 27),
        ("body", "https://b.test/4", 28),
        ("body", "https://b.test/5?a&b", 29),
    ]


def test_optional_fields_with_their_lines() -> None:
    assert found(ALL_FIELDS - DEFAULT_FIELDS) == [
        ("images[].url", "https://i.test/1.png", 10),
        ("images[].url", "https://i.test/2.png", 11),
        ("provider.images[].url", "https://p.test/logo.png", 7),
        ("related[].images[].url", "https://r.test/1.png", 18),
        ("related[].originalUrl", "https://r.test/2o", 21),
        ("body images", "https://b.test/p.png", 27),
    ]


def test_lines_hold_for_windows_files_with_a_mark() -> None:
    source = b"\xef\xbb\xbf" + SOURCE.replace(b"\n", b"\r\n")
    assert found(ALL_FIELDS, source) == found(ALL_FIELDS)


def test_without_the_source_top_level_lines_remain() -> None:
    links = links_of(read_article("a.md", SOURCE))
    assert [link.line for link in links if link.field == "webUrl"] == [4]
    assert {link.line for link in links if link.field in ("body", "related[].webUrl")} == {None}


def test_links_are_grouped_by_what_is_checked() -> None:
    one, two = Link("https://a.test/#x", "a", "body", 1), Link("https://a.test/", "b", "webUrl", 2)
    assert by_address([one, two]) == {"https://a.test/": [one, two]}


def test_related_entries_know_their_place() -> None:
    links = links_of(read_article("a.md", SOURCE), frozenset({"related[].webUrl"}), SOURCE)
    assert [link.index for link in links] == [0, 1]


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        ("[a](https://x.test/a_(b)) done", ["https://x.test/a_(b)"]),
        ("[a](<https://x.test/a b>)", ["https://x.test/a b"]),
        (r"[a](https://x.test/\(b)", ["https://x.test/(b"]),
        (
            "[![i](https://x.test/i.png)](https://x.test/)",
            ["https://x.test/i.png", "https://x.test/"],
        ),
        ("(see https://x.test/a_(b)).", ["https://x.test/a_(b)"]),
        ("**https://x.test/**, https://y.test!", ["https://x.test/", "https://y.test"]),
        ("`https://x.test/` ``a ` [b](https://y.test)``", []),
        ("```\nhttps://x.test/\n```\nhttps://y.test", ["https://y.test"]),
        ("~~~\nhttps://x.test/\n", []),
        ("<!-- https://x.test/ --> https://y.test", ["https://y.test"]),
        ('<iframe src="https://x.test/v"></iframe>', ["https://x.test/v"]),
        ("<A HREF=https://x.test/v>", ["https://x.test/v"]),
        ('<a data-href="https://x.test/v">', []),
        ("[a]:\n  https://x.test/ 'title'", ["https://x.test/"]),
        ("[https://x.test/](https://x.test/)", ["https://x.test/", "https://x.test/"]),
        ("xhttps://x.test/", []),
        ("[a]()", [""]),
    ],
)
def test_bodies(body: str, urls: list[str]) -> None:
    assert [mention.url for mention in mentions(body)] == urls


@given(st.text(alphabet="[]()<>!`~\"'=\\ \nahrefs:/.#&;-") | st.text())
def test_no_body_is_too_odd(body: str) -> None:
    for mention in mentions(body):
        assert 0 <= mention.offset <= len(body)


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "](",
        "[a](",
        "<a ",
        "<!--",
        "`",
        "` `` ",
        "```\n",
        "[a]: ",
        "(",
        ")",
        '<a href="',
        "![",
        "a.b)(",
        "https://x.test/)",
        "https://",
        "\\",
        "[a](<",
        "<x:",
        "[a]:     ",
        "~~~\n",
    ],
)
def test_hostile_bodies_cost_little(piece: str) -> None:
    began = time.monotonic()
    mentions(piece * (200_000 // len(piece)))
    assert time.monotonic() - began < 3.0


def test_the_ladder_offers_the_next_living_address() -> None:
    urls = Urls(web="https://w/#x", original="https://o/", amp="https://a/", cdn_amp="https://c/")
    dead = {"https://w/": Verdict.DEAD}
    assert next_living(urls, {**dead, "https://a/": Verdict.ALIVE}) == Rung(
        "ampWebUrl", "https://a/"
    )
    both = {**dead, "https://o/": Verdict.MOVED, "https://a/": Verdict.ALIVE}
    assert next_living(urls, both) == Rung("originalUrl", "https://o/")
    assert next_living(urls, dead) is None
    assert next_living(urls, {"https://o/": Verdict.ALIVE}) is None
