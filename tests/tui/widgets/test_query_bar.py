"""The query bar helps along and never gets in the way: candidates, history, hints, saved views."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from newsdesk.config import load_config
from newsdesk.index.query.completion import correction
from newsdesk.index.query.parser import QueryError, parse
from newsdesk.tui.app import NewsdeskApp
from newsdesk.tui.widgets.lists.completion_list import MAX_ROWS, CompletionList
from newsdesk.tui.widgets.query_bar import QueryInput
from newsdesk.tui.widgets.view_tabs import ViewTabs
from newsdesk.workspace.history import History
from newsdesk.workspace.workspace import Workspace

from ..conftest import Make
from ..driving import Session, config_for, workspace_on

HOSTILE = "Evil [/b] \x1b[2J\u202e topic"
ARTICLES = [
    {"title": "Moon rover", "heat": 90, "published": False, "topics": ["AI", "Space"]},
    {"title": "Moon dust", "heat": 80, "published": False, "topics": ["AI"]},
    {"title": "Chips", "heat": 70, "published": False, "topics": ["AI ethics", "Chips"]},
    {"title": "Tides", "heat": 60, "published": False, "topics": [HOSTILE]},
    {"title": "Out", "heat": 50, "published": True, "topics": ["Space"]},
]


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The person's own file of settings, not written yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "newsdesk").mkdir(parents=True)
    return tmp_path / "config" / "newsdesk" / "config.toml"


@pytest.fixture
def folder(make: Make) -> Path:
    return make(ARTICLES)


@asynccontextmanager
async def desk_with_settings(folder: Path, **options: object) -> AsyncIterator[Session]:
    """Open the desk as the program does, with what stands in files of settings."""
    workspace = Workspace(load_config(str(folder)))
    app = NewsdeskApp(workspace)
    try:
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            session = Session(app, pilot)
            await session.settled()
            yield session
    finally:
        workspace.close()


def completions(workspace: Session) -> CompletionList:
    return workspace.screen.query_one(CompletionList)


def offered(workspace: Session) -> list[str]:
    """The rows of the dropdown as they are drawn, their spaces folded."""
    pane = completions(workspace)
    if not pane.display:
        return []
    return [" ".join(line.replace("▐", " ").split()) for line in workspace.region("#completions")]


async def in_bar(workspace: Session, *keys: str) -> None:
    await workspace.press("slash")
    await workspace.until(lambda: workspace.screen.bar._values, "the values are read")
    await workspace.press(*keys)


# -- candidates --------------------------------------------------------------------------------


async def test_values_are_offered_with_their_counts_and_tab_takes_one(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"topic:')
        assert offered(workspace)[:2] == ["▌AI 2", "Space 2"]
        await workspace.press('"a')
        assert offered(workspace)[:2] == ["▌AI 2", "AI ethics 1"]
        await workspace.press("down", "tab")
        assert workspace.query == 'topic:"AI ethics"'
        assert offered(workspace) == []
        await workspace.settled()
        assert [path[-6:] for path in workspace.paths] == ["002.md"]
        await workspace.press("tab")  # nothing is offered any more: Tab is for the panes
        assert workspace.focus == "articles"


async def test_a_field_is_taken_first_and_its_values_follow(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"to')
        assert offered(workspace) == ["topic: has the topic; a comma means either"]
        await workspace.press("tab")
        assert workspace.query == "topic:"
        assert offered(workspace)[0] == "▌AI 2"
        await workspace.press("tab", '",sp')
        assert offered(workspace) == ["▌Space 2"]
        await workspace.press("tab")
        assert workspace.query == "topic:AI,Space"


async def test_the_dropdown_opens_for_something_and_a_space_closes_it(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace)
        for letters, is_open in (
            *(('"h', True), ('"x', False), ("backspace", True), ('" ', False), ('"is:', True)),
            *(('"unset', False), ('" ', False), ('"-', False), ('"to', True), ("home", False)),
        ):
            await workspace.press(letters)
            assert (letters, completions(workspace).is_open) == (letters, is_open)


async def test_the_layout_stays_and_the_rows_lie_over_the_list(seeds_to_read: Path) -> None:
    async with workspace_on(seeds_to_read, size=(80, 24)) as workspace:
        regions = {widget: widget.region for widget in workspace.screen.query("#panes, #panes *")}
        await in_bar(workspace, '"topic:')
        pane = completions(workspace)
        assert pane.region.height == MAX_ROWS < pane.count
        assert {widget: widget.region for widget in regions} == regions
        bar = workspace.screen.bar
        assert pane.region.y == bar.region.bottom
        # The values stand below the value.
        value = workspace.lines[1].index("topic:") + len("topic:")
        assert workspace.lines[2][value - 1] == "▌"
        workspace.screen.bar.input.value = "x" * 100 + " topic"
        workspace.screen.bar.input.cursor_position = 200
        await workspace.press('":')
        assert pane.is_open
        assert 0 <= pane.region.x < pane.region.right <= 80


async def test_escape_closes_the_dropdown_first_and_then_leaves(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"topic:', "escape")
        assert offered(workspace) == []
        assert workspace.focus == "query-input"
        await workspace.press("escape")
        assert workspace.focus == "articles"
        assert workspace.query == "topic:"


async def test_down_leaves_for_the_list_unless_a_value_is_highlighted(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"h')  # may be a field, may be a word
        assert completions(workspace).is_open
        await workspace.press("down")
        assert workspace.focus == "articles"
        assert offered(workspace) == []
        await in_bar(workspace, '"topic:', "down", "down", "up")
        assert completions(workspace).cursor == 1
        assert workspace.focus == "query-input"
        await workspace.press("up", "up", "down")  # no row is highlighted above the first
        assert workspace.focus == "articles"


async def test_foreign_text_is_drawn_safely_in_dropdown_and_bar(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"topic:evil')
        assert offered(workspace) == ["▌Evil [/b] ␛[2J‹RLO› topic 1"]
        await workspace.press("tab")
        assert workspace.query == f'topic:"{HOSTILE}"'
        assert "\x1b" not in workspace.text
        assert "\u202e" not in workspace.text
        assert "Evil [/b] ␛[2J� topic" in workspace.lines[1]
        await workspace.settled()
        assert [path[-6:] for path in workspace.paths] == ["003.md"]


async def test_keys_that_come_at_once_find_the_dropdown(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace)
        workspace.burst('"topic:chi', "tab", '" moon', "enter", "j")
        await workspace.until(lambda: workspace.focus == "articles")
        await workspace.settled()
        assert workspace.query == "topic:Chips moon"


async def test_new_values_are_offered_after_a_refresh(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, "escape")
        file = folder / "_news" / "000.md"
        file.write_text(file.read_text().replace("Space", "Zeppelins"))
        await workspace.press("r")
        await workspace.settled()
        await workspace.press("slash", '"topic:zep')
        await workspace.until(lambda: offered(workspace) == ["▌Zeppelins 1"])


async def test_a_click_takes_a_row(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"topic:')
        await workspace.pilot.click(completions(workspace), offset=(4, 1))
        await workspace.drain()
        assert workspace.query == "topic:Space"
        assert workspace.focus == "query-input"


# -- history -----------------------------------------------------------------------------------


async def test_queries_that_gave_rows_come_back_with_the_up_key(folder: Path) -> None:
    history = History(config_for(folder).history_path)
    async with workspace_on(folder) as workspace:
        for text, leave in (
            *(("moon", "enter"), ("nothing-like-it", "enter"), ("heat:>=70", "escape")),
            *(("heat:>=x", "enter"), ("moon", "down")),
        ):
            await workspace.press("slash", "ctrl+u", "delete", '"' + text)
            await workspace.settled()
            await workspace.press(leave)
            await workspace.settled()
        await workspace.until(lambda: history.read() == ["heat:>=70", "moon"])
        await workspace.press("slash", "delete")
        seen = []
        for key in ("up", "up", "up", "down", "down"):
            await workspace.press(key)
            seen.append(workspace.query)
        assert seen == ["moon", "heat:>=70", "heat:>=70", "moon", ""]
        assert workspace.focus == "query-input"
        await workspace.press("down")
        assert workspace.focus == "articles"
    async with workspace_on(folder) as workspace:  # also in the next sitting
        await workspace.press("slash", '"chi')
        await workspace.until(lambda: workspace.screen.bar._history)
        await workspace.press("up")
        assert workspace.query == "moon"
        await workspace.until(lambda: len(workspace.paths) == 2)
        await workspace.press("down")
        assert workspace.query == "chi"  # what was being typed


async def test_a_query_is_remembered_however_fast_the_bar_is_left(folder: Path) -> None:
    history = History(config_for(folder).history_path)
    async with workspace_on(folder) as workspace:
        workspace.burst("slash", '"moon', "enter")
        await workspace.until(lambda: history.read() == ["moon"])


async def test_walking_the_history_opens_nothing_and_typing_ends_the_walk(folder: Path) -> None:
    path = config_for(folder).history_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(text) + "\n" for text in ("moon", "topic:a")))
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, "up")
        assert (workspace.query, offered(workspace)) == ("topic:a", [])
        await workspace.press('"i')
        assert offered(workspace)
        await workspace.press("escape", "up")
        assert workspace.query == "topic:a"
        await workspace.press("down")
        assert workspace.query == "topic:ai"


# -- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("topc:AI", "topic:AI"),
        ("moon is:unpublishd x", "moon is:unpublished x"),
        ("date:7d", "date:<7d"),
        ("heat:60..40", "heat:40..60"),
        ("heat:40-60", "heat:40..60"),
        ("quality>=50", "quality:>=50"),
        ("sort:heta", "sort:heat"),
        ("sort:quality,heta", "sort:quality,heat"),
        ("topc:", "topic:"),
        ("topic:AI,", None),
        ("(moon", None),
        ("blurb:x", None),
    ],
)
def test_a_hint_goes_where_the_mistake_is(text: str, mended: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    found = correction(text, caught.value)
    assert (found and text[: found.start] + found.text + text[found.end :]) == mended


async def test_the_mistake_is_underlined_and_tab_takes_the_hint(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await in_bar(workspace, '"moon hat:>=85 tides')
        field = workspace.screen.query_one(QueryInput)
        assert workspace.query[slice(*field.marked)] == "hat:"
        underlined = [s.text for s in field.render_line(0) if s.style and s.style.underline]
        assert underlined == ["hat:"]
        assert (
            workspace.summary.endswith("Did you mean has:? Tab")
            or "heat:? Tab" in workspace.summary
        )
        await workspace.press("ctrl+u", '"moon heta:>=85', "tab")
        assert workspace.query == "moon heat:>=85"
        assert field.cursor_position == len(workspace.query)
        assert field.marked == (0, 0)
        await workspace.settled()
        assert [path[-6:] for path in workspace.paths] == ["000.md"]


async def test_a_narrow_terminal_keeps_the_hint(folder: Path) -> None:
    async with workspace_on(folder, size=(80, 24)) as workspace:
        await in_bar(workspace, '"topc:AI')
        assert workspace.summary.startswith("✗ There is no field topc")
        assert workspace.summary.endswith("Did you mean topic:? Tab")


# -- saved views -------------------------------------------------------------------------------


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def settings_of(folder: Path) -> str:
    return (folder / ".newsdesk.toml").read_text(encoding="utf-8")


async def palette(workspace: Session, text: str) -> list[str]:
    """Open the palette, type, and return what is offered."""
    await workspace.press("colon")
    await workspace.until(lambda: isinstance(workspace.app.screen, CommandPalette))
    await workspace.press('"' + text)
    commands = workspace.app.screen.query_one(OptionList)

    def prompts() -> list[str]:
        return [str(option.prompt).splitlines()[0] for option in commands.options]

    await workspace.until(lambda: text in "".join(prompts()[:1]) and commands.highlighted == 0)
    return prompts()


async def test_what_is_shown_is_saved_under_a_name_and_opened_again(folder: Path) -> None:
    async with workspace_on(folder) as workspace:
        await workspace.press("slash", '"moon', "enter")
        await workspace.settled()
        await workspace.press("S", '"Moon [/b]', "enter")
        await workspace.until(lambda: "Saved as" in workspace.said)
        await workspace.settled()
        assert settings_of(folder) == (
            '[views]\n"Moon [/b]" = "is:unpublished -is:rejected -is:later moon"\n'
        )
        assert workspace.query == ""
        assert len(workspace.paths) == 2
        assert "Moon [/b] 2" in workspace.lines[0]
        await workspace.press("3")
        await workspace.settled()
        assert "Moon" not in workspace.lines[0]
        assert "View: Moon [/b]  (2)" in await palette(workspace, "View: Moon")
        await workspace.press("enter")
        await workspace.settled()
        assert len(workspace.paths) == 2
        assert "Moon [/b] 2" in workspace.lines[0]


async def test_saving_says_what_is_wrong_and_what_it_replaces(folder: Path) -> None:
    (folder / ".newsdesk.toml").write_text('[views]\nHot = "heat:>=70" # mine\n')
    async with desk_with_settings(folder) as workspace:
        await workspace.press("S")
        assert not workspace.dialog
        assert "Already a view: Unpublished" in workspace.said
        await workspace.press("slash", '"heat:>=80', "enter", "S", '"Later', "enter")
        assert workspace.dialog == "SaveViewDialog"
        assert "Later is a view already" in workspace.text
        name = workspace.app.screen.query_one(Input)
        name.value = ""
        await workspace.press('"Hot')
        assert "Replaces: heat:>=70" in workspace.text
        await workspace.press("enter")
        await workspace.until(lambda: "Saved as" in workspace.said)
        assert settings_of(folder) == (
            '[views]\nHot = "is:unpublished -is:rejected -is:later heat:>=80" # mine\n'
        )


async def test_a_file_that_is_not_understood_is_told_and_left(folder: Path) -> None:
    file = folder / ".newsdesk.toml"
    file.write_text("[views\n")
    async with desk_with_settings(folder) as workspace:
        assert workspace.said.startswith("Read only: .newsdesk.toml, line 1")
        await workspace.press("slash", '"moon', "enter", "S", '"Moon', "enter")
        await workspace.until(lambda: "The view was not saved" in workspace.said)
    assert settings_of(folder) == "[views\n"


async def test_a_saved_view_that_does_not_parse_is_told_at_the_start(
    folder: Path, own_settings: Path
) -> None:
    write(own_settings, '[views]\nOdd = "topc:AI"\nAlso = 3\nFine = "moon"\n')
    async with desk_with_settings(folder) as workspace:
        assert workspace.said.startswith("2 settings errors, `newsdesk config` lists them: ")
        assert "config.toml, line 3: The view Also is no text." in workspace.said
        assert "View: Fine  (2)" in await palette(workspace, "View: F")


async def test_a_long_name_leaves_the_other_views_in_the_top_line(folder: Path) -> None:
    (folder / ".newsdesk.toml").write_text(f'[views]\n"{"moon " * 11}" = "moon"\n')
    async with workspace_on(folder, size=(80, 24)) as workspace:
        await palette(workspace, "View: moon")
        await workspace.press("enter")
        await workspace.settled()
        tabs = workspace.region("#view-tabs")[0]
        assert tabs.startswith(" 1 Unpublished  2 Published  3 All  4 Later  5 Rejected  moon moon")
        assert len(workspace.screen.query_one(ViewTabs)._places) == 6
