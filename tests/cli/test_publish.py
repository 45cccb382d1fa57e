"""`publish`, `unpublish`, `undo`, `redo`, `log`: one value changes, and comes back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .conftest import Make, Newsdesk, article_file


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink() and ".git" not in file.parts
    }


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "core.autocrlf=false"]
    command = ["git", *settings, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_publishing_changes_one_line_per_file_and_undo_no_byte(seeds_to_write: Newsdesk) -> None:
    newsdesk = seeds_to_write
    git(newsdesk.folder, "init", "-q")
    git(newsdesk.folder, "add", "-A")
    git(newsdesk.folder, "commit", "-qm", "before")
    before = contents(newsdesk.folder)
    waiting = newsdesk("list", "is:unpublished", "--paths").lines
    assert any(b"\r\n" in before[path] for path in waiting)
    done = newsdesk("publish", "-", given="\n".join(waiting).encode())
    assert done.code == 0
    assert sorted(done.lines) == sorted(f"changed    {path}" for path in waiting)
    stat = git(newsdesk.folder, "diff", "--numstat").splitlines()
    assert sorted(stat) == sorted(f"1\t1\t{path}" for path in waiting)
    changed = contents(newsdesk.folder)
    for path in waiting:
        assert changed[path].count(b"\r\n") == before[path].count(b"\r\n")
    assert newsdesk("list", "is:unpublished").out == b""
    assert newsdesk("undo").code == 0
    assert contents(newsdesk.folder) == before
    assert newsdesk.here("redo").code == 0
    assert contents(newsdesk.folder) == changed
    assert newsdesk.here("undo").code == 0
    assert contents(newsdesk.folder) == before


def test_a_query_publishes_all_that_match(seeds_to_write: Newsdesk) -> None:
    newsdesk = seeds_to_write
    before = contents(newsdesk.folder)
    query = "is:unpublished topic:Robotics"
    matching = newsdesk.here("list", query, "--paths").lines
    planned = newsdesk.here("publish", "-q", query, "--dry-run")
    assert planned.code == 0
    assert planned.text.count("\n+published: true") == len(matching)
    assert contents(newsdesk.folder) == before
    output_json = json.loads(newsdesk.here("publish", "-q", query, "--json").out)
    assert [(each["path"], each["result"]) for each in output_json] == [
        (p, "changed") for p in matching
    ]
    changed = {
        path for path, content in contents(newsdesk.folder).items() if content != before[path]
    }
    assert changed == set(matching)
    assert newsdesk.here("unpublish", "-q", "is:published topic:Robotics").code == 0
    assert newsdesk.here("undo", "-n", "2").code == 0
    assert contents(newsdesk.folder) == before


def test_every_path_gets_its_result(make: Make) -> None:
    newsdesk = make(
        {
            "_news/off.md": article_file(published="false"),
            "_news/on.md": article_file(published="true"),
            "_news/odd.md": article_file(published="'false'"),
            "_news/plain.md": "no front matter\n",
            "_site/off.md": article_file(published="false"),
            "outside.md": article_file(published="false"),
        }
    )
    (newsdesk.folder / "_news/link.md").symlink_to("off.md")
    before = contents(newsdesk.folder)
    paths = (
        "_news/off.md _news/on.md _news/odd.md _news/plain.md _site/off.md _news/link.md "
        "_news/none.md _news ../x.md /etc/passwd"
    ).split()
    done = newsdesk("publish", "--json", *paths, "_news//off.md", "./_news/on.md")
    output_json = json.loads(done.out)
    assert done.code == 1
    assert [each["result"] for each in output_json] == ["changed", "unchanged"] + ["refused"] * 8
    assert all(set(each) == {"path", "result", "reason"} for each in output_json)
    assert all(each["reason"] for each in output_json[1:])
    assert "symbolic link" in output_json[5]["reason"]
    assert "No file" in output_json[6]["reason"]
    after = contents(newsdesk.folder)
    assert {path for path in after if after[path] != before[path]} == {"_news/off.md"}
    refused = newsdesk.here("publish", "_news/none.md")
    assert (refused.code, refused.out) == (1, b"")
    assert refused.err.startswith("newsdesk: No file _news/none.md")


def test_a_path_may_begin_at_the_current_folder(make: Make) -> None:
    newsdesk = make({"_news/a.md": article_file(published="false"), "a.md": article_file()})
    done = newsdesk("publish", "a.md", cwd=newsdesk.folder / "_news")
    assert done.lines == ["changed    a.md"]  # what is relative to the collection comes first
    (newsdesk.folder / "a.md").unlink()
    done = newsdesk("publish", "a.md", cwd=newsdesk.folder / "_news")
    assert done.lines == ["changed    _news/a.md"]
    done = newsdesk("publish", str(newsdesk.folder / "_news/a.md"))
    assert done.lines == ["unchanged  _news/a.md"]


def test_paths_from_standard_input_may_be_separated_by_nul(make: Make) -> None:
    name = "_news/two\nlines.md"
    newsdesk = make({name: article_file(published="false")})
    done = newsdesk("publish", "-", "--json", given=f"{name}\0".encode())
    assert [(each["path"], each["result"]) for each in json.loads(done.out)] == [(name, "changed")]
    assert newsdesk("publish", "-", given=b"\xff.md\r\n\n").code == 1
    empty = newsdesk.here("publish", "-")
    assert (empty.code, empty.out) == (0, b"")
    assert "No paths on standard input" in empty.err


def test_what_is_meant_must_be_said(seeds: Newsdesk) -> None:
    before = contents(seeds.folder)
    for arguments in ([], ["-q", ""], ["-q", " sort:heat"], ["-q", "is:published", "a.md"]):
        done = seeds.here("unpublish", *arguments)
        assert (done.code, done.out) == (2, b"")
        assert done.err.startswith("newsdesk: ")
    assert contents(seeds.folder) == before


def test_undo_leaves_to_others_what_they_wrote_since(make: Make) -> None:
    newsdesk = make(
        {"a.md": article_file(published="false"), "b.md": article_file(published="false")}
    )
    newsdesk.here("publish", "a.md", "b.md")
    theirs = article_file(published='"later"')
    (newsdesk.folder / "a.md").write_text(theirs)
    done = newsdesk.here("undo")
    assert done.code == 1
    assert done.lines == ["changed    b.md"]
    assert "a.md" in done.err
    assert (newsdesk.folder / "a.md").read_text() == theirs


def test_the_log_has_who_did_what_and_when(make: Make) -> None:
    newsdesk = make(
        {"a.md": article_file(published="false"), "b.md": article_file(published="true")}
    )
    assert json.loads(newsdesk.here("log", "--json").out) == []
    assert newsdesk.here("undo").code == 0
    assert not list(newsdesk.home.rglob("*.journal.db"))  # asking makes no journal
    newsdesk.here("publish", "a.md")
    newsdesk.here("unpublish", "a.md", "b.md")
    newsdesk.here("undo")
    second, first = json.loads(newsdesk.here("log", "--json").out)
    assert (first["verb"], first["state"]) == ("publish", "done")
    assert (second["verb"], second["state"]) == ("unpublish", "undone")
    assert [each["path"] for each in second["files"]] == ["a.md", "b.md"]
    assert set(first) == {"id", "at", "who", "verb", "state", "files"}
    assert first["who"]
    assert first["at"].endswith("Z")
    assert len(json.loads(newsdesk.here("log", "--json", "--limit", "1").out)) == 1
    assert [line.split("\t")[2:] for line in newsdesk.here("log").lines] == [
        ["unpublish", "undone", "2 files"],
        ["publish", "done", "a.md"],
    ]
    none = newsdesk.here("log", "--limit", "0")
    assert (none.code, none.out, none.err) == (0, b"", "")
    assert json.loads(newsdesk.here("log", "--json", "--limit", "0").out) == []
    assert "Nothing more to undo" in newsdesk.here("undo", "-n", "5").err
