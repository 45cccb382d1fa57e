"""Files that newsdesk 0.1 left are used: undo, decisions, verdicts, saved views, settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsdesk.config import load_config
from newsdesk.workspace.recent import Recent

from . import old_state
from .conftest import Make, Newsdesk


@pytest.fixture
def old(make: Make, monkeypatch: pytest.MonkeyPatch) -> Newsdesk:
    newsdesk = make({})
    for name, value in newsdesk.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(newsdesk.home / ".config"))
    old_state.write(newsdesk.folder, newsdesk.home / ".config" / "newsdesk" / "config.toml")
    return newsdesk


def test_decisions_and_verdicts_of_the_old_version_are_found(old: Newsdesk) -> None:
    decisions = [json.loads(line) for line in old.here("decisions", "export").lines]
    assert [(each["path"], each["decision"], each.get("text")) for each in decisions] == [
        ("_news/b.md", "rejected", None),
        ("_news/c.md", "note", "call the author"),
        ("_news/c.md", "starred", None),
    ]
    assert old.here("list", "is:starred", "--paths").lines == ["_news/c.md"]
    assert old.here("list", "link:dead", "--paths").lines == ["_news/a.md"]
    assert old.here("list", "link:alive", "--paths").lines == ["_news/b.md", "_news/c.md"]


def test_a_saved_view_and_the_settings_of_the_old_version_are_used(old: Newsdesk) -> None:
    shown = old.here("list", "--view", "Waiting", "--paths", "--sort", "path").lines
    assert shown == ["_news/b.md", "_news/c.md"]
    done = old.here("config", "--json")
    values = {each["name"]: each["value"] for each in json.loads(done.text)["settings"]}
    assert (done.code, values["theme"], values["stories"]) == (0, "newsdesk-dark", "collapsed")
    assert values["keys.collapse"] == ["F9"]
    assert Recent(load_config(str(old.folder))).commands() == ["toggle_stories"]


def test_decisions_of_the_old_version_are_undone_in_their_order(old: Newsdesk) -> None:
    article = Path(old.folder, "_news/a.md")
    before = article.read_bytes()
    assert old.here("undo").lines == ["changed    _news/a.md"]
    assert article.read_bytes() == before.replace(b"published: true", b"published: false")
    assert old.here("redo").lines == ["changed    _news/a.md"]
    assert article.read_bytes() == before
    assert old.here("undo", "-n", "4").code == 0
    assert old.here("decisions", "export").text == ""
