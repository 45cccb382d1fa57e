"""`newsdesk undo` and `redo` beside a newsdesk that still runs, and what they say beforehand."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from newsdesk.config import Config
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, Newsdesk, article_file

OFF, ON = (article_file("A", published=value) for value in ("false", "true"))


@contextmanager
def running(newsdesk: Newsdesk) -> Iterator[Workspace]:
    """A newsdesk that is open on the same collection."""
    home = newsdesk.home
    workspace = Workspace(Config(newsdesk.folder, home / "cache/newsdesk", home / "state/newsdesk"))
    try:
        yield workspace
    finally:
        workspace.close()


def test_undo_leaves_a_decision_of_a_newsdesk_that_runs_unless_any_is_given(make: Make) -> None:
    here = make({"a.md": OFF, "b.md": OFF})
    with running(here) as other:
        other.set_published(["a.md"], True)
        for options in ((), ("--dry-run",)):
            refused = here("undo", *options)
            assert refused.code == 1
            assert f"process {os.getpid()}" in refused.err
            assert "publish a.md" in refused.err
        assert (here.folder / "a.md").read_text() == ON
        assert here("undo", "--any").lines == ["changed    a.md"]
        assert (here.folder / "a.md").read_text() == OFF
        here("publish", "b.md")
        other.set_published(["a.md"], True)
        assert here("undo").lines == ["changed    b.md"], "the newest of those that have ended"
    assert here("undo").lines == ["changed    a.md"]


@pytest.mark.parametrize(("answer", "expected"), [("y", OFF), ("n", ON), ("", ON)])
def test_undo_at_a_terminal_asks_about_it(answer: str, expected: str, make: Make) -> None:
    here = make({"a.md": OFF})
    with running(here) as other:
        other.set_published(["a.md"], True)
        ours, theirs = os.openpty()
        with here.start("undo", stdin=theirs, stderr=theirs, stdout=subprocess.PIPE) as process:
            os.close(theirs)
            os.write(ours, f"{answer}\n".encode())
            process.communicate(timeout=60)
        os.close(ours)
    assert process.returncode == (0 if answer == "y" else 1)
    assert (here.folder / "a.md").read_text() == expected


def test_undo_and_redo_show_beforehand_what_they_would_change(make: Make) -> None:
    here = make({"a.md": OFF, "b.md": OFF})
    here("publish", "a.md", "b.md")
    here("unpublish", "a.md")
    previewed = here("undo", "-n", "2", "--dry-run")
    assert "+++ b/b.md" in previewed.text
    assert "b/a.md" not in previewed.text, "in all it stays as it was"
    assert (here.folder / "b.md").read_text() == ON
    (here.folder / "b.md").rename(here.home / "b.md")
    output_json = json.loads(here("undo", "-n", "2", "--dry-run", "--json").out)
    assert [(each["path"], each["result"]) for each in output_json] == [
        *(("a.md", "changed"), ("a.md", "changed"), ("b.md", "refused")),
    ]
    undone = here("undo", "-n", "2", "--json")
    assert undone.code == 1
    assert [each["result"] for each in json.loads(undone.out)] == ["changed", "changed", "refused"]
    (here.home / "b.md").rename(here.folder / "b.md")
    assert here("undo").lines == ["changed    b.md"]
    assert (here.folder / "b.md").read_text() == OFF
    assert "+++ b/b.md" in here("redo", "--dry-run").text
    assert [each["path"] for each in json.loads(here("redo", "--json").out)] == ["a.md", "b.md"]
    assert json.loads(here("undo", "-n", "9", "--json").out) != []
    assert json.loads(here("undo", "--json").out) == []
