"""`--` ends the options of every verb; what begins with a dash can be named, and excluded."""

from __future__ import annotations

import argparse

import pytest

from newsdesk.cli import main
from newsdesk.cli.arguments import parse_arguments

from .conftest import Make, article_file


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_verb_takes_the_end_of_options(name: str) -> None:
    words = {"show": ["--", "-x"], "decisions": ["--", "export"], "completions": ["--", "bash"]}
    parser = main.parser_of(name)
    parse_arguments(parser, words.get(name, ["--"]), argparse.Namespace())


def test_behind_two_dashes_every_word_is_a_path(make: Make) -> None:
    newsdesk = make({"-leading.md": article_file(published="false"), "-0.md": article_file()})
    assert newsdesk.here("publish", "--dry-run", "--", "-leading.md").text.count("+published") == 1
    assert newsdesk.here("publish", "--", "-leading.md", "-0.md").lines == [
        "changed    -leading.md",
        "changed    -0.md",
    ]
    assert '"-leading.md"' in newsdesk.here("show", "--json", "--", "-leading.md").text
    given = newsdesk.here("unpublish", "--", "-", given=b"-leading.md\n")
    assert given.lines == ["changed    -leading.md"]
    refused = newsdesk.here("publish", "--", "--json")
    assert (refused.code, "No file --json" in refused.err) == (1, True)


def test_behind_two_dashes_a_word_is_no_command_but_a_folder(make: Make) -> None:
    newsdesk = make()
    for name in ("list", "-C"):
        (newsdesk.home / name).mkdir()
        done = newsdesk("--debug", "--", name, cwd=newsdesk.home)
        assert (done.code, "needs a terminal" in done.err) == (2, True)
    assert "-nonesuch" in newsdesk("--", "-nonesuch").err


def test_the_value_of_an_option_may_begin_with_a_dash(make: Make) -> None:
    newsdesk = make({"a.md": article_file("a"), "b.md": article_file("b")})
    assert newsdesk.here("publish", "-q", "-title:a").lines == ["changed    b.md"]
    assert newsdesk.here("list", "--view", "-none").err.startswith("newsdesk: There is no view")
    for arguments in (["list", "--sort", "--json"], ["log", "--limit", "--", "3"]):
        done = newsdesk.here(*arguments)
        assert (done.code, "expected one argument" in done.err) == (2, True)


def test_words_of_a_query_that_begin_with_a_dash_exclude(make: Make) -> None:
    newsdesk = make({"a.md": article_file("apple"), "b.md": article_file("berry")})
    for arguments in (["-apple"], ["--", "-apple"], ["-title:apple", "--"]):
        assert newsdesk.here("list", "--paths", *arguments).lines == ["b.md"]
