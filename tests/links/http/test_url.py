from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.urls import canonical, reader_url
from newsdesk.links.failure import Failure, RequestFailed
from newsdesk.links.http.url import joined, parse, url_key


@pytest.mark.parametrize(
    ("written", "parsed"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.com:80/A?b#c", "http://example.com/A?b"),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com./x", "https://example.com/x"),
        ("https://bücher.example/ü?ö=ß", "https://xn--bcher-kva.example/%C3%BC?%C3%B6=%C3%9F"),
        ("https://☕.example/", "https://xn--53h.example/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0177.0.0.01/", "http://127.0.0.1/"),
        ("http://１２７。０。０。１/", "http://127.0.0.1/"),
        ("http://%31%32%37.0.0.1/", "http://127.0.0.1/"),
        ("http://[::FFFF:127.0.0.1]:8080/", "http://[::ffff:7f00:1]:8080/"),
        ("http:\\\\example.com\\a?b\\c", "http://example.com/a?b\\c"),
        ("  https://example.com/a b  ", "https://example.com/a%20b"),
        ("https://example.com/%41%2f|{}", "https://example.com/%41%2f|%7B%7D"),
        ("https://example.com/a/./b/../c/%2E%2e/d", "https://example.com/a/d"),
        ("https://example.com/^?a='^|'", "https://example.com/%5E?a=%27^|%27"),
        ("https://faß☕.example/", "https://xn--fa-hia8129a.example/"),
        ("https://-a-.example/", "https://-a-.example/"),
        ("https://under_score.example/", "https://under_score.example/"),
    ],
)
def test_urls_are_parsed_as_browsers_parse_them(written: str, parsed: str) -> None:
    assert parse(written).url == parsed


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "example.com",
        "/relative",
        "ftp://example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http:/example.com/",
        "http:example.com",
        "http://?q",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://[zz]/",
        "http://user:secret@example.com/",
        "http://user@example.com/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://example.com:x/",
        "http://exa mple.com/",
        "http://exam\nple.com/",
        "http://example.com/a\r\nHost: other",
        "http://a..b/",
        "http://-a.example/" + "\x7f",
        "http://256.1.1.1/",
        "http://1.2.3.4.5/",
        "http://0xffffffffff/",
        "http://127.0.0.09/",
        "http://1_0.1/",
        "http://0x-1.1/",
        "http://" + "a" * 64 + ".example/",
        "http://" + ".".join(["a" * 60] * 5) + "/",
        "http://example.com/" + "a" * 9_000,
        "http://xn--\u00fc/",
        "http://%00/",
        "http://%ff/",
        "http://a%2fb/",
        "http://\ud800/",
    ],
)
def test_an_invalid_url_is_named_with_its_reason(written: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        parse(written)
    assert caught.value.failure is Failure.NOT_A_URL
    assert caught.value.detail


@given(
    st.text() | st.text(alphabet="htps:/.@[]%#?\\1270xF。１ü ", min_size=1).map("http://".__add__)
)
def test_parsing_raises_nothing_else_and_its_result_can_be_parsed(written: str) -> None:
    try:
        target = parse(written)
    except RequestFailed:
        return
    assert target.url.isascii()
    assert parse(target.url) == target


# Base, `Location`, and where a browser goes: the rules of WHATWG URL, 4.4, in the way in which
# the Web Platform Tests hold them.
PAGE = "https://example.com/dir/a?x"
LOCATIONS = [
    (PAGE, "/b", "https://example.com/b"),
    (PAGE, "b", "https://example.com/dir/b"),
    (PAGE, "?q=1", "https://example.com/dir/a?q=1"),
    (PAGE, "?", "https://example.com/dir/a?"),
    (PAGE, "#part", "https://example.com/dir/a?x"),
    (PAGE, "b?c#d?e", "https://example.com/dir/b?c"),
    # Slashes: either kind, too few and too many.
    (PAGE, "\\ok", "https://example.com/ok"),
    (PAGE, "b\\c?d\\e", "https://example.com/dir/b/c?d\\e"),
    (PAGE, "//other.example/c", "https://other.example/c"),
    (PAGE, "\\\\other.example\\c", "https://other.example/c"),
    (PAGE, "/\\/other.example/c", "https://other.example/c"),
    (PAGE, "////other.example/c", "https://other.example/c"),
    (PAGE, "/a//b", "https://example.com/a//b"),
    (PAGE, "https:/ok", "https://example.com/ok"),
    (PAGE, "HTTPS:ok", "https://example.com/dir/ok"),
    (PAGE, "https:?q", "https://example.com/dir/a?q"),
    (PAGE, "https:///other.example", "https://other.example/"),
    (PAGE, "http:/other.example/c", "http://other.example/c"),
    (PAGE, "http:other.example", "http://other.example/"),
    (PAGE, "http:\\\\other.example\\c", "http://other.example/c"),
    ("http://example.com/dir/", "http:/ok", "http://example.com/ok"),
    ("http://example.com/dir/", "https:/ok", "https://ok/"),
    # White space and control characters.
    (PAGE, " \x1f/spaced out\t ", "https://example.com/spaced%20out"),
    (PAGE, "/a\tb\nc", "https://example.com/abc"),
    (PAGE, "ht\ttps:\n//other.example", "https://other.example/"),
    (PAGE, "/\x01\x7f", "https://example.com/%01%7F"),
    # Dot segments, plain and percent-encoded.
    (PAGE, "../b", "https://example.com/b"),
    (PAGE, "../../../b", "https://example.com/b"),
    (PAGE, ".", "https://example.com/dir/"),
    (PAGE, "/a/..", "https://example.com/"),
    (PAGE, "/a/./b/%2e%2E/c", "https://example.com/a/c"),
    (PAGE, "/a/.%2e/b/%2e", "https://example.com/b/"),
    (PAGE, "/a//../b", "https://example.com/a/b"),
    (PAGE, "\\a\\..\\b", "https://example.com/b"),
    (PAGE, "/...", "https://example.com/..."),
    ("http://example.com/a/b/../c", "d", "http://example.com/a/d"),
    # Percent-encoding.
    (PAGE, "/ü?ü", "https://example.com/%C3%BC?%C3%BC"),
    (PAGE, "/%zz%4", "https://example.com/%zz%4"),
    (PAGE, "/\"<>^`{|}'", "https://example.com/%22%3C%3E%5E%60%7B|%7D'"),
    (PAGE, "/?\"<>^`{|}'", "https://example.com/?%22%3C%3E^`{|}%27"),
    # User names are dropped; the last @ ends them.
    (PAGE, "https://user:pw@other.example/", "https://other.example/"),
    (PAGE, "https://a@b@other.example/", "https://other.example/"),
    (PAGE, "https://@other.example/", "https://other.example/"),
    (PAGE, "https://example.com/@other.example", "https://example.com/@other.example"),
    (PAGE, "https://other.example\\@example.com/", "https://other.example/@example.com/"),
    # Hosts and ports.
    (PAGE, "http://other.example:", "http://other.example/"),
    (PAGE, "http://other.example:00080/", "http://other.example/"),
    (PAGE, "http://other.example:443/", "http://other.example:443/"),
    (PAGE, "HTTP://OTHER.example", "http://other.example/"),
    (PAGE, "http://0300.168.0xF0", "http://192.168.0.240/"),
    (PAGE, "http://3232235777", "http://192.168.1.1/"),
    (PAGE, "http://[1:0::]", "http://[1::]/"),
    (PAGE, "http://%65xample.com", "http://example.com/"),
    (PAGE, "http://GOO\u200b\u2060\ufeffgoo.com", "http://googoo.com/"),
    (PAGE, "http://\uff27\uff4f.com", "http://go.com/"),
    (PAGE, "http://faß.example", "http://xn--fa-hia.example/"),
]


@pytest.mark.parametrize(("base", "location", "leads_to"), LOCATIONS)
def test_a_location_is_resolved_as_browsers_resolve_it(
    base: str, location: str, leads_to: str
) -> None:
    assert joined(parse(base), location).url == leads_to


@pytest.mark.parametrize(
    "location",
    [
        "",
        " ",
        "http://",
        "mailto:a@b.example",
        "http://[::1",
        "http://a:b/",
        "http://a:65536/",
        "app://x",
        "//",
        "https://user@/x",
        "http://a b/",
        "http://a%00b/",
        "http://192.168.0.257",
        "http://1.2.3.08",
        "http://foo.0x",
        "http://%ef%bc%85%ef%bc%94%ef%bc%91.com",
        "http://[::1%25eth0]/",
        "/" + "a" * 9_000,
    ],
)
def test_a_malformed_location_is_a_bad_redirect(location: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        joined(parse("https://example.com/"), location)
    assert caught.value.failure is Failure.BAD_REDIRECT


@given(st.text() | st.text(alphabet="htps:/\\.@[]%#?\t1270xF。１ü 2e"))
def test_joining_raises_nothing_else_and_its_result_can_be_parsed(location: str) -> None:
    try:
        target = joined(parse(PAGE), location)
    except RequestFailed:
        return
    assert target.url.isascii()
    assert parse(target.url) == target


def test_the_key_has_no_fragment() -> None:
    assert url_key(" https://a.example/x?y#z ") == "https://a.example/x?y"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/?q=a b|c", "https://a.example/?q=a%20b|c"),
        ("https://a.example/a|b", "https://a.example/a|b"),
        ("https://a.example/\u00a0x", "https://a.example/%C2%A0x"),
        ('https://a.example/"<x>`{y}', "https://a.example/%22%3Cx%3E%60%7By%7D"),
        ("https://a.example\\b?c", "https://a.example/b?c"),
    ],
)
def test_the_checked_url_is_the_one_that_is_copied_and_searched(written: str, read: str) -> None:
    assert reader_url(written) == read
    assert parse(written).url == read
    assert canonical(written) == canonical(read) != ""


def test_a_space_and_its_encoding_have_one_key() -> None:
    assert url_key("https://a.example/a b#c") == url_key("https://a.example/a%20b")


@given(st.text(alphabet='ab/ |\\?^"<>`{}\u00a0\u3000%2').map("https://a.example/".__add__))
def test_every_url_has_one_reading(written: str) -> None:
    assert parse(reader_url(written)) == parse(written)


@pytest.mark.parametrize("text", ["https://a b.example/", "http://|/", "https://u@a.example/a b"])
def test_a_space_in_the_host_is_not_corrected(text: str) -> None:
    with pytest.raises(RequestFailed):
        parse(text)
