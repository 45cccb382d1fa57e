from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.collection.addresses import canonical, web_address
from newsdesk.links.address import address_key, joined, parse
from newsdesk.links.failure import Failed, Failure


@pytest.mark.parametrize(
    ("written", "asked"),
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
        ("https://under_score.example/", "https://under_score.example/"),
    ],
)
def test_addresses_mean_what_a_browser_takes_them_for(written: str, asked: str) -> None:
    assert parse(written).url == asked


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
def test_what_is_no_web_address_is_named_so(written: str) -> None:
    with pytest.raises(Failed) as caught:
        parse(written)
    assert caught.value.failure is Failure.NOT_AN_ADDRESS
    assert caught.value.detail


@given(
    st.text() | st.text(alphabet="htps:/.@[]%#?\\1270xF。１ü ", min_size=1).map("http://".__add__)
)
def test_parsing_raises_nothing_else_and_reads_its_own_writing(written: str) -> None:
    try:
        target = parse(written)
    except Failed:
        return
    assert target.url.isascii()
    assert parse(target.url) == target


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "https://example.com/b"),
        ("b", "https://example.com/dir/b"),
        ("../b", "https://example.com/b"),
        ("?q=1", "https://example.com/dir/a?q=1"),
        ("//other.example/c", "https://other.example/c"),
        ("http://other.example", "http://other.example/"),
        (" /spaced out ", "https://example.com/spaced%20out"),
        ("/ü", "https://example.com/%C3%BC"),
    ],
)
def test_locations_are_joined(location: str, leads_to: str) -> None:
    assert joined(parse("https://example.com/dir/a?x"), location).url == leads_to


@pytest.mark.parametrize(
    "location", ["", " ", "http://", "mailto:a@b.example", "http://[::1", "http://a:b/", "app://x"]
)
def test_a_malformed_location_is_a_bad_redirect(location: str) -> None:
    with pytest.raises(Failed) as caught:
        joined(parse("https://example.com/"), location)
    assert caught.value.failure is Failure.BAD_REDIRECT


def test_the_key_has_no_fragment() -> None:
    assert address_key(" https://a.example/x?y#z ") == "https://a.example/x?y"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/?q=a b|c", "https://a.example/?q=a%20b|c"),
        ("https://a.example/a|b", "https://a.example/a|b"),
        ("https://a.example/\u00a0x", "https://a.example/%C2%A0x"),
        ('https://a.example/"<x>`{y}^', "https://a.example/%22%3Cx%3E%60%7By%7D^"),
        ("https://a.example\\b?c", "https://a.example/b?c"),
    ],
)
def test_what_is_checked_is_what_is_copied_and_searched(written: str, read: str) -> None:
    assert web_address(written) == read
    assert parse(written).url == read
    assert canonical(written) == canonical(read) != ""


def test_one_check_answers_for_a_blank_and_its_encoding() -> None:
    assert address_key("https://a.example/a b#c") == address_key("https://a.example/a%20b")


@given(st.text(alphabet='ab/ |\\?^"<>`{}\u00a0\u3000%2').map("https://a.example/".__add__))
def test_every_address_has_one_reading(written: str) -> None:
    assert parse(web_address(written)) == parse(written)


@pytest.mark.parametrize("text", ["https://a b.example/", "http://|/", "https://u@a.example/a b"])
def test_a_blank_in_the_host_is_not_repaired(text: str) -> None:
    with pytest.raises(Failed):
        parse(text)
