"""Whoever does not know the way finds it: a first line, the palette, collections, the help."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.command import CommandPalette
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from newsdesk.config import load_config
from newsdesk.tui.app import NewsdeskApp
from newsdesk.tui.widgets.lists.column_header import ColumnHeader
from newsdesk.tui.widgets.url_lines import url_lines
from newsdesk.workspace.history import History
from newsdesk.workspace.recent import Recent
from newsdesk.workspace.workspace import Workspace

from .conftest import Make
from .driving import Session, config_for, workspace_on

FIRST_LINE = "p publish · x reject · Space later · ? help"
HOSTILE = "Evil [/b] \x1b[2J\u202e topic"


# -- a first start -----------------------------------------------------------------------------


async def test_a_newcomer_is_told_what_to_begin_with_until_the_first_decision(make: Make) -> None:
    folder = make(3)
    async with workspace_on(folder, size=(80, 24), newcomer=True) as workspace:
        assert workspace.lines[-2].strip() == FIRST_LINE
        await workspace.press("j", "j", "k")
        assert workspace.said == FIRST_LINE
    async with workspace_on(folder, newcomer=True) as workspace:  # to look on is not to know
        assert workspace.said == FIRST_LINE
        await workspace.press("f")
        await workspace.until(lambda: "undo" in workspace.said)
    async with workspace_on(folder, newcomer=True) as workspace:
        assert workspace.said == ""
    async with workspace_on(make(3, name="other"), newcomer=True) as workspace:
        assert workspace.said == ""


async def test_an_empty_folder_explains_itself_and_says_nothing_else(make: Make) -> None:
    async with workspace_on(make(0), newcomer=True) as workspace:
        assert workspace.said == ""
        assert "No articles in" in workspace.text


# -- the palette -------------------------------------------------------------------------------


async def opened(workspace: Session, *keys: str) -> list[str]:
    """Open the palette, type, and return what it offers once that is all."""
    await workspace.press("colon")
    await workspace.until(lambda: isinstance(workspace.app.screen, CommandPalette))
    await workspace.press(*keys)
    palette = workspace.app.screen
    await workspace.until(lambda: palette.has_class("-ready") and offers(workspace))
    gathering = [w for w in workspace.app.workers if "gather" in w.group]
    await workspace.until(lambda: all(worker.is_finished for worker in gathering))
    return offers(workspace)


def offers(workspace: Session) -> list[str]:
    options = workspace.app.screen.query_one(OptionList).options
    return [str(option.prompt).splitlines()[0] for option in options]


async def test_what_was_chosen_last_stands_above_all_else(make: Make) -> None:
    folder = make(3)
    (folder / ".newsdesk.toml").write_text('[views]\n"Mine" = "story"\n')
    async with workspace_on(folder) as workspace:
        first = await opened(workspace)
        assert first[:2] == ["View: Mine  (3)", "Publish  (p)"]
        assert "Theme" in first
        await workspace.press("escape")
        for words, done in (("dashboard", "Dashboard"), ("help", "HelpScreen")):
            await opened(workspace, f'"{words}')
            await workspace.press("enter")
            await workspace.until(lambda done=done: workspace.dialog == done)  # type: ignore[misc]
            await workspace.press("escape")
        await workspace.settled()
        assert (await opened(workspace))[:4] == [
            "Help  (?)",
            "Dashboard  (i)",
            "View: Mine  (3)",
            "Publish  (p)",
        ]
    async with workspace_on(folder) as workspace:
        assert (await opened(workspace))[0] == "Help  (?)"
    History(config_for(folder).commands_path).remember("gone")
    async with workspace_on(folder) as workspace:
        assert (await opened(workspace))[0] == "Help  (?)"


async def test_topics_are_found_in_the_palette_and_narrow_what_is_shown(make: Make) -> None:
    articles = [
        {"title": "A", "published": False, "topics": ["Robotics", HOSTILE]},
        {"title": "B", "published": False, "topics": ["Chips"]},
        {"title": "C", "published": True, "topics": ["Robotics"]},
    ]
    async with workspace_on(make(articles)) as workspace:
        assert not [each for each in await opened(workspace) if each.startswith("Topic:")]
        await workspace.press('"evil')
        await workspace.until(lambda: "Topic: Evil [/b] ␛[2J‹RLO› topic" in offers(workspace))
        await workspace.press("escape")
        assert (await opened(workspace, '"roboti'))[0] == "Topic: Robotics"
        await workspace.until(lambda: "1 article of what is shown." in workspace.text)
        await workspace.press("enter")
        await workspace.until(lambda: workspace.paths == ["_news/000.md"])


async def test_who_types_while_the_palette_still_reads_finds_everything(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(3)
    (folder / ".newsdesk.toml").write_text('[views]\n"Mine" = "story"\n')
    go_on = threading.Event()
    reread = Workspace.reread_settings

    def slow(self: Workspace) -> bool:
        assert go_on.wait(30)
        return reread(self)

    monkeypatch.setattr(Workspace, "reread_settings", slow)
    async with workspace_on(folder) as workspace:
        await workspace.press("colon")
        await workspace.until(lambda: isinstance(workspace.app.screen, CommandPalette))
        await workspace.press('"View: m', '"ine')
        go_on.set()
        await workspace.until(lambda: offers(workspace)[:1] == ["View: Mine  (3)"])


# -- collections that were opened before -------------------------------------------------------


async def visited(*folders: Path) -> None:
    for folder in folders:
        async with workspace_on(folder):
            pass


async def test_a_folder_without_articles_offers_the_collections_before(make: Make) -> None:
    first, second, gone = (make(2, name=name) for name in ("first", "second", "gone"))
    await visited(first, gone, second)
    shutil.rmtree(gone)
    async with workspace_on(make(0, name="empty"), size=(80, 24)) as workspace:
        await workspace.until(lambda: workspace.dialog == "CollectionPicker")
        assert "No articles in" in workspace.text
        rows = [line.replace("▌", " ").split()[0] for line in workspace.region("#collection-list")]
        assert rows == ["second", "first"]
        await workspace.press("j", "enter")
        await workspace.until(lambda: workspace.app._exit)
        assert workspace.app.return_value == first
    kept = config_for(first).collections_path.read_text()
    assert [json.loads(line) for line in kept.splitlines()] == [f"{first}/", f"{second}/"]


async def test_a_click_opens_and_esc_stays(make: Make) -> None:
    first = make(2, name="first")
    await visited(first)
    empty = make(0, name="empty")
    async with workspace_on(empty) as workspace:
        await workspace.until(lambda: workspace.dialog == "CollectionPicker")
        await workspace.press("escape")
        assert workspace.dialog == ""
        await workspace.press("r")
        await workspace.settled()
        assert workspace.dialog == "", "it is offered once"
    async with workspace_on(empty) as workspace:
        await workspace.until(lambda: workspace.dialog == "CollectionPicker")
        await workspace.drain()
        await workspace.pilot.click("#collection-list", offset=(5, 0))
        await workspace.until(lambda: workspace.app._exit)
        assert workspace.app.return_value == first


async def test_another_collection_is_a_command_of_the_palette(make: Make) -> None:
    first, second = make(2, name="first"), make(2, name="second")
    await visited(first)
    async with workspace_on(second) as workspace:
        await workspace.press("p")
        names = await opened(workspace, '"collection first')
        assert names[0].startswith("Collection: ")
        await workspace.press("enter")
        await workspace.until(lambda: workspace.app._exit)
        assert workspace.app.return_value == first
    assert b"published: true" in (second / "_news" / "000.md").read_bytes()


def test_names_of_folders_survive_and_what_is_no_folder_is_forgotten(tmp_path: Path) -> None:
    odd = tmp_path / "ends with a space \udcff "
    odd.mkdir()
    Recent(config_for(odd)).remember_collection()
    config = config_for(tmp_path / "here")
    history = History(config.collections_path)
    for junk in ("relative", "/nul\0", "/gone", f"{tmp_path / 'a-file'}/"):
        history.remember(junk)
    (tmp_path / "a-file").touch()
    assert Recent(config).other_collections() == [odd]
    assert len(history.read()) == 1


# -- what is shown is true ---------------------------------------------------------------------


async def test_an_undone_decision_shows_in_the_row(make: Make) -> None:
    async with workspace_on(make(2)) as workspace:
        before = workspace.region("#articles")[0][2:]
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
        await workspace.settled()
        assert workspace.region("#articles")[0][2:] != before
        await workspace.press("u")
        await workspace.until(lambda: workspace.said.startswith("Undone"))
        assert workspace.region("#articles")[0][2:] == before


async def test_the_heads_stand_over_their_columns_from_the_first_paint_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[list[str]] = []
    render = ColumnHeader.render

    def watched(self: ColumnHeader) -> Content:
        drawn = render(self)
        if self.size.width:
            painted.append(drawn.plain.split())
        return drawn

    monkeypatch.setattr(ColumnHeader, "render", watched)
    async with workspace_on(make(2)):
        assert painted[0] == ["Heat↓", "Qual", "Age", "Title", "Source"]


# -- tooltips ----------------------------------------------------------------------------------


async def told(workspace: Session, selector: str, x: int, y: int = 0) -> str:
    """Rest the mouse on a cell of a widget and return what it is told."""
    await workspace.pilot.hover(selector, offset=(x, y))
    await workspace.pilot.pause()
    tooltip = workspace.screen.query_one(selector).tooltip
    return tooltip.plain if isinstance(tooltip, Content) else ""


async def test_the_mouse_is_told_what_glyphs_and_bars_mean(make: Make) -> None:
    articles = [
        {"title": "A [/b]", "heat": 9, "published": False, "quality": "no number"},
        {"title": "B", "heat": 8, "published": False},
    ]
    folder = make(articles)
    async with workspace_on(folder) as workspace:
        await workspace.press("f", "n", '"a [/b] note', "enter", "j", "m", "k")
        await workspace.settled()
        assert (await told(workspace, "#articles", 3)).split("\n") == [
            "○ unpublished",
            "! 1 problem in the file, listed in the article pane",
            "★ starred",
            "✎ a [/b] note",
        ]
        assert await told(workspace, "#articles", 1, 1) == (
            "✓ marked: commands act on all marked articles\n○ unpublished"
        )
        assert await told(workspace, "#articles", 30) == ""
        heads = workspace.region("#column-heads")[0]
        assert "bar is full at 100" in await told(workspace, "#column-heads", heads.index("Heat"))
        assert "Click to sort" in await told(workspace, "#column-heads", heads.index("Title"))
        assert "status" in await told(workspace, "#column-heads", 1)
        assert await told(workspace, "#view-tabs", 3) == "Articles that wait for a decision."
        assert (await told(workspace, "#view-tabs", 115)).endswith("/small")
        keys = workspace.region("#key-bar")[0]
        assert "the file stays as it is" in await told(workspace, "#key-bar", keys.index("reject"))


# -- long addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [12, 20, 38, 70])
@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/",
        "https://www.brassworkreview.example/2020/11/19/we-asked-marigold-four-hundred-questions",
        "https://a.example/" + "q" * 500 + "end",
        "https://" + "月" * 60 + "/a",
        "x" * 13,
    ],
)
def test_an_address_takes_two_lines_at_most_and_keeps_both_ends(address: str, width: int) -> None:
    lines = url_lines(address, width)
    assert 1 <= len(lines) <= 2
    assert all(cell_len(line) <= width for line in lines)
    head, _, tail = "".join(lines).partition("…")
    assert address.startswith(head)
    assert address.endswith(tail)
    assert head
    assert tail or head == address


def test_an_address_is_broken_behind_one_of_its_parts() -> None:
    address = "https://www.brassworkreview.example/2020/11/19/we-asked"
    assert url_lines(address, 40) == [
        "https://www.brassworkreview.example/",
        "2020/11/19/we-asked",
    ]


# -- the help ----------------------------------------------------------------------------------


def page(workspace: Session) -> list[str]:
    text = str(workspace.app.screen.query_one("#help-text", Static).content)
    return [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("keys", "head", "first"),
    [
        ((), "In the list", "Publish."),
        (("enter",), "In the article", "Back."),
        (("tab", "tab"), "In the related pane", "Open."),
    ],
)
async def test_help_begins_with_the_pane_in_front_and_says_nothing_twice(
    make: Make, keys: tuple[str, ...], head: str, first: str
) -> None:
    async with workspace_on(make(2)) as workspace:
        await workspace.press(*keys, "question_mark")
        await workspace.until(lambda: workspace.dialog == "HelpScreen" and page(workspace))
        lines = page(workspace)
        assert lines[0] == head
        assert first in lines[1]
        assert sum("Publish." in line for line in lines) == 1


async def test_help_is_narrowed_by_what_is_typed_and_esc_leads_out_step_by_step(
    make: Make,
) -> None:
    async with workspace_on(make(2)) as workspace:
        await workspace.press("question_mark")
        await workspace.until(lambda: workspace.dialog == "HelpScreen" and page(workspace))
        whole = page(workspace)
        await workspace.press("slash", '"file', '" stays')
        await workspace.until(lambda: len(page(workspace)) < 8)
        assert page(workspace)[0] == "In the list"
        assert [line[2:13].strip() for line in page(workspace)[1:]] == ["x", "", "Space"]
        await workspace.press('"zzz')
        assert page(workspace) == ["No match"]
        await workspace.press("escape")
        assert page(workspace) == whole
        assert workspace.focus == "help"
        await workspace.press("slash", '"reject', "enter", "j")
        assert workspace.app.screen.query_one("#help-input", Input).value == "reject"
        await workspace.press("escape")
        assert page(workspace) == whole
        await workspace.press("escape")
        assert workspace.dialog == ""


@pytest.mark.parametrize(
    ("key", "screen", "head", "first"),
    [
        ("i", "Dashboard", "On the dashboard", ["Enter", "Show", "these."]),
        ("W", "ReviewScreen", "In the review", ["c", "Commit."]),
    ],
)
async def test_help_on_another_screen_begins_with_that_screen(
    make: Make, key: str, screen: str, head: str, first: list[str]
) -> None:
    async with workspace_on(make(2)) as workspace:
        await workspace.press(key)
        await workspace.until(lambda: workspace.dialog == screen)
        await workspace.press("question_mark")
        await workspace.until(lambda: workspace.dialog == "HelpScreen" and page(workspace))
        assert page(workspace)[0] == head
        assert page(workspace)[1].split() == first
        await workspace.press("escape")
        assert workspace.dialog == screen


# -- refusals ----------------------------------------------------------------------------------


async def test_a_refusal_says_what_to_press_in_the_keys_of_the_person(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "newsdesk").mkdir(parents=True)
    settings = tmp_path / "config" / "newsdesk" / "config.toml"
    settings.write_text('[keys]\nedit = "F4"\nview_all = "9"\nmark = "M"\n')
    desk_behind = Workspace(load_config(str(make([{"title": "No address", "published": False}]))))
    app = NewsdeskApp(desk_behind)
    async with app.run_test(size=(120, 40)) as pilot:
        workspace = Session(app, pilot)
        await workspace.settled()
        for key, said in (
            ("o", "No URL to open · F4 edits the file"),
            ("y", "No URL to copy · F4 edits the file"),
            ("l", "No URL to check · F4 edits the file"),
            ("t", "No topics here · Esc clears the search · 9 shows all"),
        ):
            await workspace.press(key)
            await workspace.until(lambda said=said: workspace.said == said, said)  # type: ignore[misc]
        await workspace.press("M", "M")
        assert workspace.said == "Nothing marked · M marks an article"
        await workspace.press("2")
        await workspace.settled()
        for key in ("p", "n", "asterisk", "L"):
            await workspace.press(key)
            if key != "asterisk":
                assert workspace.said.endswith(" · Esc clears the search · 9 shows all"), key
    desk_behind.close()
