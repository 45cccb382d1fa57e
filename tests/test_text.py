"""Whatever a stranger wrote, what is shown is safe, and reads as it did."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from newsdesk.text import (
    age,
    age_in_words,
    comparison_key,
    counted,
    is_misleading,
    shown,
    shown_block,
    table_cell,
)

# Signs of Arabic, Syriac and Kaithi that are drawn, though Unicode files them under format.
VISIBLE = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
NASTY = st.sampled_from(
    "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9d\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029"
    "\u202a\u202e\u2060\u2066\u2069\u206f\u3164\ufe00\ufe0f\ufeff\ufff9\ufffe\ud800\udfff\U000e0041\U000e0100"
    " \u00a0\u0301\u0644\u0627\u0915\u094d\u0937\U0001f469\U0001f52c\u2764\ue000a="
)
TEXTS = st.text(st.characters(exclude_categories=[]) | NASTY, max_size=30)
ONE_LINE = [shown, table_cell]


def unseen(text: str, allowed: str = "") -> list[str]:
    """The characters of a text that a terminal obeys or hides."""
    return [
        f"U+{ord(char):04X}"
        for char in text
        if unicodedata.category(char) in UNSEEN and char not in VISIBLE and char not in allowed
    ]


def test_no_code_point_of_all_survives_unseen() -> None:
    for start in range(0, 0x110000, 0x100):
        codes = [chr(code) for code in range(start, start + 0x100)]
        assert unseen(shown("a".join(codes))) == []
        assert unseen(shown_block("a".join(codes)), "\n\t") == []
        assert unseen(shown("".join(codes)), "\u200c\u200d") == []
        shown("".join(codes)).encode("utf-8")
        for char in codes:
            if unicodedata.category(char) in UNSEEN:
                assert unseen(shown(f"a{char}b")) == []


@settings(max_examples=800)
@given(text=TEXTS)
def test_nothing_unseen_survives_in_any_company(text: str) -> None:
    assert unseen(shown(text), "\u200c\u200d") == []
    shown(text).encode("utf-8")
    assert unseen(table_cell(text).replace("\r\n", "\n"), "\u200c\u200d\n\t") == []
    table_cell(text).encode("utf-8")
    assert unseen(shown_block(text), "\u200c\u200d\n\t") == []
    shown_block(text).encode("utf-8")
    # A joiner stays only where it belongs to the spelling.
    for joiner in "\u200c\u200d":
        for before, _, after in (shown(text).partition(joiner),):
            assert not after or (0x600 <= ord(before[-1]) <= 0xFDFF and ord(after[0]) >= 0x600)


@settings(max_examples=800)
@given(text=TEXTS)
def test_passing_the_door_twice_changes_nothing(text: str) -> None:
    for door in (*ONE_LINE, shown_block):
        assert door(door(text)) == door(text)


@settings(max_examples=400)
@given(text=TEXTS)
def test_a_line_is_one_line_and_as_wide_as_its_parts(text: str) -> None:
    line = shown(text)
    assert "\n" not in line
    assert "  " not in line
    assert line.splitlines() in ([], [line])
    assert 0 <= cell_len(line) <= 2 * len(line)
    if line:
        assert cell_len(line + "|") == cell_len(line) + 1


@pytest.mark.parametrize(
    "text",
    ["[/foo]", "[bold]x[/bold]", "[$accent]", "[50%]", "[x]", "]][[", "\\[b]",
     "[link=file:///etc]x[/link]", "[@click=app.quit]x[/]", "&lt;b&gt;", "**bold**", "{0}", "%s",
     "$(rm)", "<script>", "`x`", "a_b_c"],
)  # fmt: skip
def test_markup_is_text_like_any_other(text: str) -> None:
    assert shown(text) == shown_block(text) == table_cell(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("\x9b31m", "‹9B›31m"),
        ("a\u202egnp.exe", "a‹RLO›gnp.exe"),
        ("pay\u200bpal", "pay‹ZWSP›pal"),
        ("\ud83d", "�"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("co\u00adop", "co‧op"),
        ("naïve – “quoted” 日本語", "naïve – “quoted” 日本語"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 4),
        ("\ufe0f é", "é"),
        ("é \ufe0f b", "é b"),
        ("", ""),
    ],
)
def test_what_is_obeyed_or_hidden_becomes_a_stand_in(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian spells with it
        ("क्\u200dष", "क्\u200dष"),
        ("क्\u200cष", "क्\u200cष"),
        ("a\u200db", "a‹ZWJ›b"),
        ("می\u200c\u200cخ", "می‹ZWNJ›‹ZWNJ›خ"),
        ("\u200cمی", "‹ZWNJ›می"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\U0001f52c"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\U0001f525"),
    ],
)
def test_joiners_stay_between_letters_and_go_between_pictures(text: str, line: str) -> None:
    assert shown(text) == line
    assert not is_misleading(line) or "‹" in line


def test_a_block_keeps_its_lines_and_tabs() -> None:
    assert shown_block("a\r\nb\rc\n\td\x1b") == "a\nb\nc\n\td␛"


def test_whatever_has_a_text_can_be_shown() -> None:
    assert shown(OSError("a\x1bb")) == "a␛b"
    assert shown(None) == "None"
    assert shown(7) == "7"


def test_what_looks_different_from_what_it_says_is_noticed() -> None:
    for text in ("a\u202eb", "a\u200bb", "\u2066x", "x\U000e0041"):
        assert is_misleading(text)
    for text in ("plain", "می\u200cخواهم", "\U0001f469\u200d\U0001f52c", "\ufeffx", "é"):
        assert not is_misleading(text)


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@SUM", "\t=1", " =1", "\ufe0f=1", "＝1", "＠x", "\r=1", "--x"]
)
def test_a_cell_is_no_formula(text: str) -> None:
    assert table_cell(text).lstrip()[0] == "'" or table_cell(text)[0] == "'"


@pytest.mark.parametrize("text", ["-1", "+5", "-1.5", "7", "", "a=b", "2020-11-18"])
def test_a_number_stays_a_number(text: str) -> None:
    assert table_cell(text) == text


NOW = datetime(2020, 11, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "short", "words"),
    [
        (timedelta(0), "0m", "just now"),
        (timedelta(seconds=-30), "0m", "just now"),
        (timedelta(minutes=59, seconds=59), "59m", "59 minutes ago"),
        (timedelta(hours=1), "1h", "1 hour ago"),
        (timedelta(hours=23.9), "23h", "23 hours ago"),
        (timedelta(days=3), "3d", "3 days ago"),
        (timedelta(days=7), "1w", "1 week ago"),
        (timedelta(days=364), "52w", "52 weeks ago"),
        (timedelta(days=730), "2y", "2 years ago"),
        (timedelta(days=-3), "+3d", "in 3 days"),
        (timedelta(days=365 * 2000), "99y", "a century ago or more"),
    ],
)
def test_an_age_is_short_and_right(ago: timedelta, short: str, words: str) -> None:
    assert age(NOW - ago, NOW) == short
    assert age_in_words(NOW - ago, NOW) == words


def test_no_moment_has_no_age() -> None:
    assert age(None) == ""
    assert age_in_words(None) == "no date"


@given(moment=st.datetimes(timezones=st.just(UTC)), now=st.datetimes(timezones=st.just(UTC)))
def test_every_age_fits_its_column(moment: datetime, now: datetime) -> None:
    short = age(moment, now)
    assert len(short.removeprefix("+")) in (2, 3)
    assert short.startswith("+") <= (moment > now)
    assert age_in_words(moment, now)


def test_case_and_accents_do_not_matter_when_folded() -> None:
    assert comparison_key("Élan ＡＩ ß") == comparison_key("elan ai SS")
    assert comparison_key("\ud800") == "\ud800"


def test_numbers_and_nouns_agree() -> None:
    assert counted(1, "article") == "1 article"
    assert counted(2310, "article") == "2,310 articles"
    assert counted(0, "entry", "entries") == "0 entries"


def test_what_terminals_draw_wider_than_rich_counts_is_left_out_or_counted() -> None:
    from newsdesk.cell_widths import count_spacing_marks

    count_spacing_marks()
    assert shown("👍🏽 and 👩🏿") == "👍 and 👩"
    # What tmux 3.3a draws, as its `cursor_x` says.
    for text, cells in {"हिन्दी": 5, "का": 2, "தமிழ்": 4, "বাংলা": 5, "မြန်မာ": 5}.items():
        assert cell_len(shown(text)) == cells
