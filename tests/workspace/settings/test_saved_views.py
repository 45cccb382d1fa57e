"""Saved views keep what a person narrowed to, and their file keeps every other byte."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.config import Config, SavedView, SettingsError, reload_settings
from newsdesk.errors import UsageError, WriteRefused
from newsdesk.index.query.ast import SortKey
from newsdesk.index.query.parser import parse
from newsdesk.workspace.history import MAX_ENTRIES, MAX_ENTRY_CHARACTERS, History, remembered
from newsdesk.workspace.settings.saved_views import (
    checked_name,
    save_view,
    usable_views,
    view_named,
    with_view,
)
from newsdesk.workspace.views import ALL, DEFAULT_ORDER, PUBLISHED, UNPUBLISHED, Filter, View
from newsdesk.workspace.workspace import Workspace


@pytest.fixture
def config(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Config(root, tmp_path / "cache", tmp_path / "state")


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def saved(**queries: str) -> tuple[SavedView, ...]:
    return tuple(SavedView(name, query, Path("f.toml"), 2) for name, query in queries.items())


# -- which there are ---------------------------------------------------------------------------


def test_views_that_do_not_parse_are_mistakes_with_their_place(config: Config) -> None:
    config = Config(
        *(config.collection, config.cache_folder, config.state_folder),
        views=saved(hot="heat:>=70", Later="is:later", odd="topc:AI", all=""),
    )
    views, mistakes = usable_views(config)
    assert views == [View("", "hot", "heat:>=70")]
    assert [(mistake.view, str(mistake)) for mistake in mistakes] == [
        ("Later", "f.toml, line 2: No view of your own can be called Later. Give it another name."),
        (
            "odd",
            "f.toml, line 2: The view odd does not parse: There is no field topc; in quotes it "
            "is text. Did you mean topic:?",
        ),
        ("all", "f.toml, line 2: No view of your own can be called all. Give it another name."),
    ]


def test_a_view_is_found_by_name_and_a_slip_by_the_nearest_one(config: Config) -> None:
    config = Config(
        *(config.collection, config.cache_folder, config.state_folder),
        views=saved(Hot="heat:>=70", hot="heat:>=80", odd="topc:AI"),
    )
    assert view_named(config, "Hot").query == "heat:>=70"
    assert view_named(config, "hot").query == "heat:>=80"
    assert view_named(config, "HOT").query == "heat:>=70"
    assert view_named(config, "published") == PUBLISHED
    for name, message in (
        ("publishd", "There is no view publishd. Did you mean Published?"),
        ("odd", "f.toml, line 2: The view odd does not parse"),
        ("zzz", "There are Unpublished, Published"),
    ):
        with pytest.raises(UsageError, match=message.replace(".", r"\.").replace("?", r"\?")):
            view_named(config, name)


# -- saving ------------------------------------------------------------------------------------

ENTRY = '"Hot AI" = "topic:AI heat:>=70"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[views]\n{ENTRY}"),
        ("# mine", f"# mine\n\n[views]\n{ENTRY}"),
        ("[views]", f"[views]\n{ENTRY}"),
        ("[views]\n\n[keys]\na = 1\n", f"[views]\n{ENTRY}\n[keys]\na = 1\n"),
        (
            '[ "views" ]  # ours\na = "b" # why\n\n# about keys\n[keys]\n',
            f'[ "views" ]  # ours\na = "b" # why\n{ENTRY}\n# about keys\n[keys]\n',
        ),
        ('[x]\r\na = 1\r\n', '[x]\r\na = 1\r\n\r\n[views]\r\n' + ENTRY.replace("\n", "\r\n")),
        ('views.a = "b"\n[x]\n', f'views.a = "b"\nviews.{ENTRY}[x]\n'),
        # What looks like the table's head is text.
        ('a = """\n[views]\n"""\n', f'a = """\n[views]\n"""\n\n[views]\n{ENTRY}'),
        ('[views]\na = """\n[x]\n"""\n', f'[views]\n{ENTRY}a = """\n[x]\n"""\n'),
        # The same name again: only the query changes.
        ("[views]\n 'Hot AI'='old'   # mine\nb='c'",
         "[views]\n 'Hot AI'=\"topic:AI heat:>=70\"   # mine\nb='c'"),
    ],
)  # fmt: skip
def test_a_view_is_added_and_every_other_byte_stays(before: str, after: str) -> None:
    assert with_view(before, "Hot AI", "topic:AI heat:>=70") == after


@pytest.mark.parametrize(
    "text",
    [
        "[views\n",
        "views = 3\n",
        'views = {a = "b"}\n',
        '[views]\n"Hot AI" = """\nlong\n"""\n',
        "a = nan\n",
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(root: Path, text: str) -> None:
    file = root / ".newsdesk.toml"
    file.write_text(text)
    with pytest.raises(WriteRefused, match="not saved"):
        save_view(root, "Hot AI", "topic:AI")
    assert file.read_text() == text
    assert names_in(root) == [".newsdesk.toml", "_news"]


@given(name=st.text(min_size=1, max_size=30), query=st.text(max_size=50))
def test_any_text_comes_back_as_it_was_saved(name: str, query: str) -> None:
    try:
        text = with_view('# x\n[views]\nother = "a"\n[y]\n', name, query)
        text.encode()
    except (SettingsError, UnicodeError):
        assert any(0xD800 <= ord(char) < 0xE000 for char in name + query)
        return
    assert tomllib.loads(text)["views"] == {"other": "a"} | {name: query}
    assert with_view(text, name, query) == text


@pytest.mark.parametrize("name", ["", "  ", "later", "All", "a" * 61, "a\u202eb", "a\x1b[31m"])
def test_some_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        checked_name(name)


def test_a_saved_view_is_there_at_once_and_links_are_not_followed(
    config: Config, root: Path
) -> None:
    workspace = Workspace(config)
    try:
        assert workspace.save_view("  Hot   AI ", "topic:AI") == View("", "Hot AI", "topic:AI")
        assert workspace.saved_views == [View("", "Hot AI", "topic:AI")]
        workspace.save_view("Hot AI", "topic:AI heat:>1")
        assert [view.query for view in workspace.saved_views] == ["topic:AI heat:>1"]
        file = root / ".newsdesk.toml"
        elsewhere = file.rename(root / "elsewhere.toml")
        file.symlink_to(elsewhere)
        content = elsewhere.read_bytes()
        with pytest.raises(WriteRefused, match="symbolic link"):
            workspace.save_view("More", "topic:AI")
        assert elsewhere.read_bytes() == content
    finally:
        workspace.close()


def test_files_are_read_again_when_they_change(config: Config, root: Path) -> None:
    (root / ".newsdesk.toml").write_text('[views]\nA = "x"\n')
    assert [view.name for view in reload_settings(config).views] == ["A"]
    assert reload_settings(reload_settings(config)) == reload_settings(config)


# -- what is saved -----------------------------------------------------------------------------


def test_what_is_shown_is_one_query() -> None:
    chosen = Filter(UNPUBLISHED, ("AI", 'Odd "one"'), "heat:>=70 OR moon")
    text = chosen.as_text()
    assert parse(text, sets=frozenset({"is:rejected", "is:later"})).order == ()
    again = Filter(View("", "x", text))
    assert again.query().condition == chosen.query().condition
    assert Filter(ALL, (), "moon sort:date").as_text() == "moon sort:date"
    assert Filter(ALL, (), "", (SortKey("title", False),)).as_text() == "sort:title"


def test_an_order_that_came_with_a_view_goes_with_it() -> None:
    by_title = View("", "x", "moon sort:title")
    opened = Filter().opened(by_title)
    assert opened.order == (SortKey("title", False),)
    assert opened.sorted_by("heat").query().order[0] == SortKey("heat", True)
    assert opened.opened(ALL).order == DEFAULT_ORDER
    own = Filter().sorted_by("quality")
    assert own.opened(ALL).order == own.order


# -- history -----------------------------------------------------------------------------------


def test_queries_are_remembered_once_the_newest_last(tmp_path: Path) -> None:
    history = History(tmp_path / "state" / "x.history")
    assert history.read() == []
    for text in ("topic:AI", 'a "b"\n\u202e', " topic:AI ", "", "x" * (MAX_ENTRY_CHARACTERS + 1)):
        history.remember(text)
    assert history.read() == ['a "b"\n\u202e', "topic:AI"]
    lines = (tmp_path / "state" / "x.history").read_text().splitlines()
    assert [json.loads(line) for line in lines] == history.read()
    assert names_in(tmp_path / "state") == ["x.history"]
    assert (tmp_path / "state" / "x.history").stat().st_mode & 0o077 == 0


def test_only_so_many_are_kept() -> None:
    entries: list[str] = []
    for number in range(MAX_ENTRIES + 5):
        entries = remembered(entries, str(number))
    assert entries == [str(number) for number in range(5, MAX_ENTRIES + 5)]


def test_an_unreadable_history_is_none(tmp_path: Path) -> None:
    file = tmp_path / "x.history"
    file.write_bytes(b"\xff\xfe")
    assert History(file).read() == []
    file.write_text('3\nnull\n"a"\n["b"]\n"half')
    assert History(file).read() == ["a"]
    file.unlink()
    file.mkdir()
    History(file).remember("a")
    assert History(file).read() == []
    assert names_in(tmp_path) == ["x.history"]
