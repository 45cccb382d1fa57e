"""Titles, names and fields of strangers do nothing to a terminal, a spreadsheet or the program."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from .conftest import Make, Newsdesk

# As YAML writes them in double quotes.
TITLES = {
    "clipboard": r"\e]52;c;aGFoYQ==\a",
    "c1": r"\x9b31mred\x9d0;title\x9c",
    "clear": r"\e[2J\e[H\r\b\0",
    "bidi": r"invoice \u202Efdp.exe \u2066x\u2069",
    "invisible": r"a\u200Bb\uFEFFc\u00ADd",
    "tags": r"x\U000E0041\U000E007F",
    "markup": "[/foo] [bold]x[/bold] [$accent] [50%] {x} %s",
    "formula": "=HYPERLINK(1)",
    "lines": r"one\ntwo\u2028three\x85four",
    "html": "<script>alert(1)</script> & | `x`",
}
# Everything a terminal may obey, but for tabs and the ends of lines.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture(scope="module")
def hostile(make: Make) -> Newsdesk:
    files: dict[str, str | bytes] = {
        f"_news/{name}.md": (
            f'---\ntitle: "{text}"\nexcerpt: "{text}"\npublished: "{text}"\ncategory: "{text}"\n'
            f'type: "{text}"\nprovider: {{name: "{text}", domain: "{text}"}}\ntopics: ["{text}"]\n'
            f'webUrl: "https://example.com/{text}"\nquality: "{text}"\n"{text}": "{text}"\n'
            f'related: [{{title: "{text}", webUrl: "{text}"}}]\n---\n\nbody \x1b[31m \x9b \u202e\n'
        )
        for name, text in TITLES.items()
    }
    files["_news/\x1b]0;name\x07.md"] = "---\ntitle: x\npublished: false\n---\n"
    return make(files)


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--csv"],
        ["lint"],
        ["stats"],
        ["index"],
        ["publish", "-q", "has:problems OR has:url OR title:x"],
        ["publish", "--dry-run", "-q", "title:x"],
        ["log"],
        ["undo"],
        ["check", "--include", "nonesuch"],
        *(["show", f"_news/{name}.md"] for name in TITLES),
    ],
    ids=" ".join,
)
def test_no_control_character_reaches_the_output(hostile: Newsdesk, arguments: list[str]) -> None:
    done = hostile.here(*arguments)
    assert not HARMFUL.search(done.text)
    assert not HARMFUL.search(done.err)
    assert done.out or done.err


@pytest.mark.parametrize("options", [["list", "--json"], ["list", "--jsonl"], ["lint", "--json"]])
def test_json_keeps_the_text_and_escapes_it(hostile: Newsdesk, options: list[str]) -> None:
    done = hostile(*options)
    assert not HARMFUL.search(done.text)
    if options == ["list", "--json"]:
        titles = {each["title"] for each in json.loads(done.out)}
        assert "\x1b]52;c;aGFoYQ==\x07" in titles
        assert "invoice \u202efdp.exe \u2066x\u2069" in titles
        assert "x\U000e0041\U000e007f" in titles


def test_show_json_keeps_the_text_and_escapes_it(hostile: Newsdesk) -> None:
    done = hostile.here("show", "_news/c1.md", "--json")
    assert not HARMFUL.search(done.text)
    assert json.loads(done.out)["title"] == "\x9b31mred\x9d0;title\x9c"


def test_markup_is_shown_as_it_is(hostile: Newsdesk) -> None:
    assert TITLES["markup"] in hostile.here("list").text
    assert TITLES["html"] in hostile.here("list").text


def test_the_table_holds_no_colour_but_ours(hostile: Newsdesk) -> None:
    text = hostile.here("list", "--color=always").text
    without_ours = re.sub("\x1b\\[(?:0|1|2|31|32|33|36)m", "", text)
    assert not HARMFUL.search(without_ours)


def test_a_spreadsheet_finds_no_formula(hostile: Newsdesk) -> None:
    rows = list(csv.DictReader(io.StringIO(hostile.here("list", "--csv").text)))
    assert len(rows) == len(TITLES) + 1
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "@")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "topc\x1b[31m:x"],
        ["list", "\x1b]52;c;x\x07:\u202ex"],
        ["list", "is:\x1b[31m"],
        ["list", "--sort", "\x1b[31m"],
        ["list", "--\x1b[31m"],
        ["list", "--limit", "\x1b[31m"],
        ["list", "-C", "/none\x1b[31m"],
        ["show", "\x1b[31m\u202e"],
        ["publish", "\x1b[31m", "\x9b"],
        ["\x1b[31m"],
        ["check", "--fields", "\x1b[31m"],
        ["check", "--include", "(\x1b[31m"],
        ["check", "--junit", "/none\x1b[31m/x"],
    ],
)
def test_errors_quote_harmlessly(hostile: Newsdesk, arguments: list[str]) -> None:
    done = hostile.here(*arguments)
    assert done.code in (0, 1, 2, 3)  # what is no field is a word that occurs nowhere
    assert done.out == b""
    assert done.err.startswith("newsdesk: ")
    assert not HARMFUL.search(done.err)


def test_arguments_that_are_no_text_are_mistakes_of_the_person(hostile: Newsdesk) -> None:
    for arguments in ([b"list", b"\xff"], [b"show", b"\xff"], [b"publish", b"\xff"]):
        done = hostile(*arguments)
        assert done.code in (1, 2)
        assert done.err.startswith("newsdesk: ")
