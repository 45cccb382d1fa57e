"""Paths with odd characters mean the same file on both sides of a pipe."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import Make, Newsdesk, article_file

ODD = (
    "_news/two\nlines.md",
    '_news/"quoted".md',
    "_news/back\\slash.md",
    "_news/tab\tand\rreturn.md",
    "_news/\x01\x1b[31m.md",
    "_news/two  spaces ü\u202e\u200d.md",
    '"whole".md',
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.md")}


@pytest.fixture
def odd(make: Make) -> Newsdesk:
    return make({name: article_file(published="false") for name in ODD})


def test_a_line_end_in_a_path_never_names_another_article(make: Make) -> None:
    waiting = article_file("wanted", published="false")
    other = article_file("other", published="false")
    newsdesk = make({"a\nb.md": waiting, "b.md": other, "a": "no article", "_news/\nb.md": other})
    listed = newsdesk.here("list", "title:wanted", "--paths")
    done = newsdesk.here("publish", "-", given=listed.out)
    assert (done.code, len(done.lines)) == (0, 1)
    changed = {path for path, text in files_of(newsdesk.folder).items() if b": true" in text}
    assert changed == {"a\nb.md"}


def test_paths_are_quoted_as_git_quotes_them(odd: Newsdesk) -> None:
    def git(*arguments: str) -> bytes:
        return subprocess.run(
            ["git", *arguments], cwd=odd.folder, check=True, capture_output=True
        ).stdout

    git("init", "-q")
    expected = git("-c", "core.quotePath=false", "ls-files", "-o").splitlines()
    assert sorted(odd.here("list", "--paths").out.splitlines()) == sorted(expected)
    # What git quotes more of is read back as well.
    done = odd.here("publish", "-", "--json", given=git("ls-files", "-o"))
    assert {each["path"] for each in json.loads(done.out)} == set(ODD)
    assert all(b"published: true" in text for text in files_of(odd.folder).values())


@pytest.mark.parametrize(
    ("listing", "reading"),
    [
        (["--paths"], ["publish", "-"]),
        (["--paths0"], ["publish", "-0", "-"]),
        (["--color=never"], ["publish", "-"]),  # the path is the last column
    ],
)
def test_what_list_prints_is_what_publish_reads(
    odd: Newsdesk, listing: list[str], reading: list[str]
) -> None:
    printed = odd.here("list", *listing).out
    if listing == ["--color=never"]:
        printed = b"".join(line.split(b"\t")[-1] for line in printed.splitlines(keepends=True))
        assert b"\x1b" not in printed
        assert "\u202e".encode() not in printed
    done = odd.here(*reading, "--json", given=printed)
    assert {each["path"]: each["result"] for each in json.loads(done.out)} == dict.fromkeys(
        ODD, "changed"
    )


def test_every_command_that_reads_paths_reads_nul(odd: Newsdesk) -> None:
    given = f"{ODD[0]}\0".encode()
    assert odd.here("publish", "-0", "-", given=given).code == 0
    shown = odd.here("show", "-0", "-", "--json", given=given)
    assert json.loads(shown.out)["path"] == ODD[0]
    reverted = odd.here("review", "--json", "-0", "--revert", "-", given=given)
    assert [each["result"] for each in json.loads(reverted.out)] == ["changed"]


def test_with_nul_a_quote_or_line_end_belongs_to_the_path(make: Make) -> None:
    newsdesk = make({'"a.md"': article_file(), "a.md": article_file(published="false")})
    done = newsdesk.here("publish", "-0", "-", "--json", given=b'"a.md"')
    assert [each["path"] for each in json.loads(done.out)] == ['"a.md"']
    assert newsdesk.here("publish", "-0", "-", given=b"a.md\n").code == 1
    assert b"published: false" in (newsdesk.folder / "a.md").read_bytes()
