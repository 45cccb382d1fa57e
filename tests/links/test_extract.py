from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.article import Urls
from newsdesk.collection.parser import read_article
from newsdesk.links.body.markdown_links import mentions
from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS, Link, group_by_url, links_of
from newsdesk.links.fallback_url import FallbackUrl, find_fallback_url
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

![picture](https://b.test/p.png) https://b.test/3. [Used
twice][ref] and [once more][REF].

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
        ("body", "https://b.test/4", 30),
        ("body", "https://b.test/5?a&b", 31),
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


def test_lines_are_right_in_windows_files_with_a_byte_order_mark() -> None:
    source = b"\xef\xbb\xbf" + SOURCE.replace(b"\n", b"\r\n")
    assert found(ALL_FIELDS, source) == found(ALL_FIELDS)


def test_without_the_source_top_level_lines_remain() -> None:
    links = links_of(read_article("a.md", SOURCE))
    assert [link.line for link in links if link.field == "webUrl"] == [4]
    assert {link.line for link in links if link.field in ("body", "related[].webUrl")} == {None}


def test_links_are_grouped_by_what_is_checked() -> None:
    one, two = Link("https://a.test/#x", "a", "body", 1), Link("https://a.test/", "b", "webUrl", 2)
    assert group_by_url([one, two]) == {"https://a.test/": [one, two]}


def test_links_of_related_entries_have_their_index() -> None:
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
        ("[a]:\n  https://x.test/ 'title'\n\n[a]", ["https://x.test/"]),
        ("[never used]: https://x.test/", []),
        ("[https://x.test/](https://x.test/)", ["https://x.test/"]),
        ("xhttps://x.test/", []),
    ],
)
def test_bodies(body: str, urls: list[str]) -> None:
    assert [mention.url for mention in mentions(body)] == urls


X = "https://x.test/"
Y = "https://y.test/"


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        # A text that is a URL is no second link, however it is written.
        (f"[{X}a/][1] [<{X}b>][2]\n\n[1]: {X}a/\n[2]: {X}c", [f"{X}b", f"{X}a/", f"{X}c"]),
        (f"[{X}n\\_c]({X}n_c)", [f"{X}n_c"]),
        (f'<a href="{Y}">{X}</a>', [Y]),
        (f"[not a link {X}]", [X]),
        # Footnotes are text, and shown where something refers to them.
        (f"A[^1] b[^2].\n\n[^1]: {X}1.\n[^2]: {X}2, more.", [f"{X}1", f"{X}2"]),
        (f"A.\n\n[^1]: {X}", []),
        # Code, in all its ways.
        (f"a\n\n    {X}\n\n\t{X}\n", []),
        (f"a\n    {X}", [X]),
        (f"1. a\n\n   ~~~sh\n   {X}\n   ~~~\n\n2. {Y}", [Y]),
        (f"<pre><code>\n\n{X}\n</code></pre>\n{Y}", [Y]),
        (f"a <code>{X}</code> <kbd>{X}</kbd> {Y}", [Y]),
        (f'<script>a = "{X}";\n\n</script>\n\n<style>\n@import "{X}";\n</style>\n\n{Y}', [Y]),
        (f"``{X}\n` {X}`` {Y}", [Y]),
        (f"```\n{X}\n~~~\n{X}\n", []),
        # Escapes and entities.
        (f"\\[a]({X}) \\`{Y}\\`", [X, Y]),
        (f"\\<{X}>", [X]),
        (r"[a](http\://x.test/\_)", ["http://x.test/_"]),
        (
            f"[a]({X}?a=1&amp;b=2&region=eu&section=x&copy=1)",
            [f"{X}?a=1&b=2&region=eu&section=x&copy=1"],
        ),
        (f"<{X}?a&times=1&param=2> {X}?a&copy=1", [f"{X}?a&times=1&param=2", f"{X}?a&copy=1"]),
        (
            f'<a href="{X}?a=1&region=eu&copy=3&notit;&amp;c">',
            [f"{X}?a=1&region=eu&copy=3&notit;&c"],
        ),
        # What a destination may hold.
        (f"[a]({X}a b)", [f"{X}a"]),
        (f"[a]({X} 'title') [b]( <{Y}> (title) )", [X, Y]),
        (f"[a [b]({X}) c]({Y})", [X, Y]),
        (f"![a [b]({X})]({Y})", [Y]),
        (f"[a\nb]({X})\n", [X]),
        # Blocks.
        (f"> [a]\n\n- > [a]: {X}\n", [X]),
        (f"| a | b |\n|---|---|\n| [c]({X}) | {Y} |", [X, Y]),
        (f"a\n[b]: {X}", [X]),
        (f"<div>\n[a]({X}1)\n\n[b]({Y})\n</div>", [f"{X}1", Y]),
        (f"<div markdown='1'>\n[a]({X}1?a&b)x\n</div>", [f"{X}1?a&b"]),
        (f"<p\n class='a'\n><img\n src='{X}'></p>", [X]),
        (f"<!-- {X}\n\n{X} -->\n{Y}", [Y]),
        (
            f"[a](//x.test/b) [c](/d) [e](mailto:f@x.test) {Y}",
            ["//x.test/b", "/d", "mailto:f@x.test", Y],
        ),
    ],
)
def test_bodies_are_read_as_commonmark_reads_them(body: str, urls: list[str]) -> None:
    assert [mention.url for mention in mentions(body)] == urls


@pytest.mark.parametrize("end", "。 、 」 』 ） ” ’ » › … ！ ？ ： ， ； ． । ؟ 】 〉".split())
def test_punctuation_of_other_scripts_ends_a_bare_url(end: str) -> None:
    (mention,) = mentions(f"「{X}a?b=c{end}d {end}")
    assert mention.url == f"{X}a?b=c"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        (f"見よ{X}aを見る。 {Y}b에서 https://x.testを", [f"{X}a", f"{Y}b", "https://x.test"]),
        ("https://x.test/käse https://bücher.test https://例え.test/a", None),
        (f"({X}a)b [{X}c] ({X}d_(e)) {X}?f[0]=1", [f"{X}a", f"{X}c", f"{X}d_(e)", f"{X}?f[0]=1"]),
        (f'{X}a*, **{X}b** _{X}c_ {X}d&gt; "{X}e"', [f"{X}{each}" for each in "abcde"]),
        ("www.x.test/a, awww.x.test www. www.x", ["https://www.x.test/a"]),
        ("http://localhost:1/a http://127.0.0.1:2 http://server/a http://...", None),
        ("a=https://x.test view-source:https://x.test git+https://x.test", []),
    ],
)
def test_bare_urls(text: str, urls: list[str] | None) -> None:
    whole = [each for each in text.split() if "." in each.strip("./:htps") or "localhost" in each]
    assert [mention.url for mention in mentions(text)] == (whole if urls is None else urls)


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        (
            f"{{{{< figure src='{X}1' link=\"{X}2\" alt=x >}}}}",
            [(f"{X}1", 0, True), (f"{X}2", 0, False)],
        ),
        (f"{{% include a.html\n  b='x'\n  url='{X}' %}}\n{Y}", [(X, 2, False), (Y, 3, False)]),
        (f"{{{{< note >}}}}\n[a]({X})\n{{{{< /note >}}}}", [(X, 1, False)]),
        (f"a {{{{< ref\n'b'\n>}}}} [c]({X})\n{Y}", [(X, 2, False), (Y, 3, False)]),
        (f"{{% highlight sh %}}\n{X}\n{{% endhighlight %}}\n{Y}", [(Y, 3, False)]),
        (f"{{{{< highlight sh >}}}}\n{X}\n{{{{< / highlight >}}}}\n{Y}", [(Y, 3, False)]),
        (f"{{% comment %}}[a]({X}){{% endcomment %}}{Y}", [(Y, 0, False)]),
        (f"{{% if a == '{X}' %}}[b]({Y}){{% endif %}}", [(Y, 0, False)]),
        (
            f"{{{{< code file=a />}}}}\n{X}\n{{{{< code >}}}}{Y}{{{{< /code >}}}}",
            [(X, 1, False)],
        ),
        (f"{{% raw %}}{{{{< a b='{X}' >}}}}{{% endraw %}} {Y}", [(X, 0, False), (Y, 0, False)]),
        (f"{{{{</* a b='{X}' */>}}}} {Y}", [(Y, 0, False)]),
        (f"\n{{% if a %}}\n    {X}\n{{% endif %}}\n\n{Y}", [(Y, 5, False)]),
    ],
)
def test_template_tags_are_not_text(body: str, urls: list[tuple[str, int, bool]]) -> None:
    assert [(each.url, each.line, each.is_image) for each in mentions(body)] == urls


def test_a_url_that_a_template_completes_is_not_checked() -> None:
    body = "[a](https://x.test/{{ b }}) [c]({{ site.url }}/d) {{ e }}https://y.test/{% link f %}"
    article = read_article("a.md", f"---\ntitle: a\n---\n{body}".encode())
    assert links_of(article) == []


def test_the_library_is_loaded_for_bodies_with_a_url_alone() -> None:
    program = (
        "import sys\n"
        "from newsdesk.links.body.markdown_links import mentions\n"
        "mentions('# A [text] without one: none'), print('markdown_it' in sys.modules)\n"
        "mentions('https://x.test/'), print('markdown_it' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]


@given(st.text(alphabet="[]()<>!`~\"'=\\ \nahrefs:/.#&;-{}%|^") | st.text())
def test_any_body_can_be_read(body: str) -> None:
    for mention in mentions(body + f"\n\n{X}"):
        assert 0 <= mention.line <= body.count("\n") + body.count("\r") + 2


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
        "<",
        "&",
        "*",
        "[[]",
        "[a][b]",
        "[]()",
        "[^a]: [^a]\n",
        "> - 1. ",
        "- " * 30 + "a\n",
        "a | b\n-|-\n",
        "https://x.test/((",
        "{{",
        "{% raw %}{% comment %}",
        "<!--<b a='",
    ],
)
def test_hostile_bodies_cost_little(piece: str) -> None:
    began = time.monotonic()
    mentions(X + "\n\n" + piece * (60_000 // len(piece)))
    assert time.monotonic() - began < 3.0


def test_the_fallback_is_the_next_working_url() -> None:
    urls = Urls(web="https://w/#x", original="https://o/", amp="https://a/", cdn_amp="https://c/")
    dead = {"https://w/": Verdict.DEAD}
    assert find_fallback_url(urls, {**dead, "https://a/": Verdict.ALIVE}) == FallbackUrl(
        "ampWebUrl", "https://a/"
    )
    both = {**dead, "https://o/": Verdict.MOVED, "https://a/": Verdict.ALIVE}
    assert find_fallback_url(urls, both) == FallbackUrl("originalUrl", "https://o/")
    assert find_fallback_url(urls, dead) is None
    assert find_fallback_url(urls, {"https://o/": Verdict.ALIVE}) is None
