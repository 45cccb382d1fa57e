"""What is set is what the desk does: keys, theme, columns, view and order."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from newsdesk.config import load_config
from newsdesk.tui.app import NewsdeskApp
from newsdesk.tui.screens.help import HelpScreen
from newsdesk.tui.widgets.lists.columns import COLUMN_OF, placed
from newsdesk.workspace.settings.definitions import COLUMNS, DEFAULT_COLUMNS, THEMES
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, contents
from .driving import Session


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own file of settings, not written yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "newsdesk").mkdir(parents=True)
    return tmp_path / "config" / "newsdesk" / "config.toml"


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@asynccontextmanager
async def desk_as_set(
    folder: Path, size: tuple[int, int] = (120, 40), **flags: str
) -> AsyncIterator[Session]:
    workspace = Workspace(load_config(str(folder), flags))
    app = NewsdeskApp(workspace)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            session = Session(app, pilot)
            await session.settled()
            yield session
    finally:
        workspace.close()


def test_the_names_of_themes_and_columns_are_those_there_are(make: Make) -> None:
    workspace = Workspace(load_config(str(make(1))))
    assert set(THEMES) == set(NewsdeskApp(workspace).available_themes)
    assert set(COLUMNS) == set(COLUMN_OF)
    workspace.close()


async def test_rebound_keys_do_what_they_say_and_the_old_ones_nothing(
    own: Path, make: Make
) -> None:
    write(
        own,
        '[keys]\npublish = "a"\nundo = ["z", "F9"]\nzoom = ""\nquit = "Q"\nhelp = "d"\n'
        'unpublish = "D"\nview_published = "p"\nview_broken = "6"\n',
    )
    folder = make(3)
    before = contents(folder)
    async with desk_as_set(folder, size=(120, 90)) as workspace:
        assert "a publish  D draft" in " ".join(workspace.region("#key-bar"))
        assert workspace.region("#view-tabs")[0].startswith(" 1 Unpublished 3  p Published 0 ")
        await workspace.press("u")
        assert workspace.said == ""
        await workspace.press("a")
        await workspace.until(lambda: workspace.said.endswith(" · z undo"))
        assert contents(folder) != before
        await workspace.press("p")
        await workspace.until(lambda: workspace.paths == ["_news/000.md"])
        await workspace.press("z")
        await workspace.until(lambda: workspace.said.startswith("Undone"))
        assert contents(folder) == before
        await workspace.press("p")
        await workspace.until(lambda: "No published articles" in workspace.text)
        assert "1 Unpublished · 3 All" in workspace.text
        await workspace.press("6")
        assert workspace.screen.filter.view.name == "Broken"
        await workspace.press("d")
        await workspace.until(lambda: workspace.dialog == HelpScreen.__name__)
        await workspace.until(lambda: re.search(r"│ +a +Publish\. ", workspace.text))
        await workspace.press("d")
        await workspace.until(lambda: not workspace.dialog)
        await workspace.press("q")
        await workspace.settled()
        await workspace.press("Q")
        await workspace.until(lambda: workspace.app._exit)


async def test_the_palette_and_refusals_show_the_rebound_keys(own: Path, make: Make) -> None:
    write(own, '[keys]\nedit = "F4"\nrepeat = "r"\nrefresh = "F5"\npalette = "F1"\nup = "ctrl+p"\n')
    folder = make([{"title": "Odd", "published": "no thanks", "heat": 1}])
    async with desk_as_set(folder) as workspace:
        await workspace.press("r")
        assert workspace.said.startswith("Nothing to repeat yet · p publish")
        await workspace.press("p")
        await workspace.until(lambda: "Not written" in workspace.said)
        assert "without quotes, in an editor (F4)" in workspace.said
        await workspace.press("ctrl+p")
        assert workspace.dialog == ""
        await workspace.press("f1")
        await workspace.until(lambda: workspace.dialog == "CommandPalette")
        await workspace.press('"repe')
        await workspace.until(lambda: "Repeat  (r)" in workspace.text)


async def test_a_screen_of_its_own_keeps_its_own_keys(own: Path, make: Make) -> None:
    write(own, '[keys]\ndown = ["c", "J"]\ncompare = "C"\n')
    async with desk_as_set(make(3)) as workspace:
        await workspace.press("c", "J")
        assert workspace.cursor == 2
        await workspace.press("W")
        await workspace.until(lambda: workspace.dialog == "ReviewScreen")
        bound = {
            key: [binding.action for binding in found]
            for key, found in workspace.app.screen._bindings.key_to_bindings.items()
        }
        assert bound["c"] == ["commit"]
        assert bound["J"] == ["down"]
        assert "j" not in bound


async def test_theme_view_order_and_columns_are_as_set(own: Path, make: Make) -> None:
    write(
        own,
        'theme = "newsprint"\nview = "All"\nsort = "title-desc"\n'
        'columns = ["date", "title", "topics", "path"]\n',
    )
    articles = [
        {
            "title": f"Story {n}",
            "topics": ["AI", "Chips"],
            "publishedDateTime": "2020-11-18T01:02:03Z",
        }
        for n in range(3)
    ]
    async with desk_as_set(make(articles), size=(200, 40)) as workspace:
        assert workspace.app.theme == "newsprint"
        assert workspace.screen.filter.view.name == "All"
        assert workspace.paths == ["_news/002.md", "_news/001.md", "_news/000.md"]
        assert workspace.region("#column-heads")[0].split() == ["Date", "Title↓", "Topics", "File"]
        first = workspace.region("#articles")[0]
        assert first.split()[-6:] == ["2020-11-18", "Story", "2", "AI,", "Chips", "_news/002.md"]
        await workspace.press("3", "s", "d")
        await workspace.until(lambda: workspace.region("#column-heads")[0].split()[0] == "Date↓")
        await workspace.press("1")  # the order goes with nobody: it was chosen
        await workspace.until(lambda: "No unpublished articles" in workspace.text)


async def test_who_chose_a_view_gets_it_though_it_is_empty(own: Path, make: Make) -> None:
    async with desk_as_set(make([{"title": "A", "published": True}])) as workspace:
        assert workspace.screen.filter.view.name == "All"
    async with desk_as_set(
        make([{"title": "A", "published": True}], name="other"), view="Unpublished"
    ) as workspace:
        assert workspace.screen.filter.view.name == "Unpublished"


async def test_a_mistake_does_not_keep_the_desk_from_opening(own: Path, make: Make) -> None:
    write(own, 'theme = "nrod"\n[keys]\npublish = "d"\n')
    async with desk_as_set(make(2)) as workspace:
        assert workspace.said.startswith("2 settings errors, `newsdesk config` lists them:")
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))


def test_the_programs_of_the_person_are_used_where_the_environment_names_none(
    own: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsdesk.tui.external import browser_command

    url = "https://a.example/b"
    assert browser_command(url, "mine --tab %s")[0] == "/nonexistent/browser"
    monkeypatch.delenv("BROWSER")
    assert browser_command(url, "mine --tab %s") == ["mine", "--tab", url]
    assert browser_command(url, "mine") == ["mine", url]
    monkeypatch.setenv("BROWSER", "broken '")
    assert browser_command(url, "mine") == ["mine", url]


@pytest.mark.parametrize("width", [20, 40, 56, 70, 100, 160])
@pytest.mark.parametrize("names", [DEFAULT_COLUMNS, tuple(COLUMNS), ("source", "title", "heat")])
def test_columns_fill_the_line_and_never_overlap(names: tuple[str, ...], width: int) -> None:
    places = placed(names, width)
    assert "title" in [place.column.name for place in places]
    at = 6
    for place in places:
        assert place.start == at + place.gap
        at = place.start + place.width
    assert at == width or (at > width and width < 56)


async def test_broken_settings_allow_reading_until_they_are_corrected(
    own: Path, make: Make
) -> None:
    folder = make(2)
    settings = folder / ".newsdesk.toml"
    settings.write_text('[fields]\ndraft = "hidden"\nx = "\n')
    before = contents(folder)
    async with desk_as_set(folder) as workspace:
        assert workspace.said.startswith("Read only: .newsdesk.toml, line 3 is broken")
        assert len(workspace.paths) == 2
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Nothing is written"))
        assert contents(folder) == before
        settings.write_text('[fields]\ndraft = "hidden"\n')
        await workspace.press("r")
        await workspace.until(lambda: workspace.screen.app.return_value == folder.resolve())
