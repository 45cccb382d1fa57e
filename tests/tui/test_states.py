"""What stands on the desk when there is nothing, nothing yet, or something that went wrong."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from rich.cells import cell_len, set_cell_size

from newsdesk.collection import files
from newsdesk.tui.widgets.lists.columns import placed
from newsdesk.workspace.workspace import Workspace

from .conftest import Make, article_text, contents
from .driving import Session, workspace_on
from .terminal import NEWSDESK

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("files", [{}, {"README.md": "# no front matter", "a.png": "x"}])
async def test_a_folder_without_articles_says_what_it_looks_for(
    tmp_path: Path, files: dict[str, str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    async with workspace_on(folder) as workspace:
        assert "No articles in" in workspace.text
        text = " ".join(" ".join(workspace.region("#articles")).split())
        assert "first line is ---" in text
        assert "newsdesk FOLDER" in text
        # Every command finds nothing to do, and says so or does nothing.
        for key in (*"jkgGpdyoelzxfnbm*v.ur", "space", "enter", "tab", "tab", "enter", "o", "y"):
            await workspace.press(key)
            while workspace.dialog:
                await workspace.press("escape")
        await workspace.settled()
        assert "No articles in" in workspace.text


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_what_is_no_folder_ends_with_3_and_a_sentence(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    if kind == "a file":
        target.write_text("x")
    environment = {**os.environ, "TERM": "xterm", "HOME": str(tmp_path)}
    done = subprocess.run(
        [*NEWSDESK, str(target)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert str(target) in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 2


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
async def test_an_unreadable_file_is_a_row_with_the_reason(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(3)
    if os.geteuid() == 0:  # root may read everything: let the reading itself fail
        real = files.Reader.read

        def read(reader: files.Reader, path: str) -> object:
            if path.endswith("000.md"):
                raise PermissionError(13, "Permission denied", path)
            return real(reader, path)

        monkeypatch.setattr(files.Reader, "read", read)
    else:
        (folder / "_news" / "000.md").chmod(0)
    async with workspace_on(folder) as workspace:
        await workspace.press("3")
        await workspace.settled()
        assert len(workspace.paths) == 3
        row = next(n for n, path in enumerate(workspace.paths) if path.endswith("000.md"))
        for _ in range(row):
            await workspace.press("j")
        await workspace.settled()
        assert "Permission denied" in " ".join(" ".join(workspace.region("#detail")).split())
        assert "!" in workspace.region("#articles")[row][:5]


BROKEN = {
    "an open quote": 'title: "never closed\nheat: 3\n',
    "a tab": "title: x\n\theat: 3\n",
    "brackets": "title: x\na: " + "[" * 5000 + "\n",
    "an alias": "title: x\na: &a [1]\nb: *a\n",
    "a list": "- a\n- b\n",
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_broken_yaml_is_listed_with_its_problem_and_not_written(
    make: Make, kind: str
) -> None:
    folder = make(2)
    (folder / "_news" / "broken.md").write_text(f"---\n{BROKEN[kind]}---\nbody\n")
    async with workspace_on(folder) as workspace:
        await workspace.press("3", "slash", '"path:broken', "enter")
        await workspace.until(lambda: workspace.paths == ["_news/broken.md"])
        await workspace.settled()
        assert "!" in workspace.region("#articles")[0][:5]
        assert "broken.md" in "".join(workspace.region("#detail"))
        assert re.search(r"^ ! \w", "\n".join(workspace.region("#detail")), re.M)
        before = contents(folder)
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Not written"))
        assert contents(folder) == before


async def test_a_filter_without_a_match_says_how_many_it_hides(make: Make) -> None:
    async with workspace_on(make(7)) as workspace:
        await workspace.press("slash", '"nosuchword', "enter")
        await workspace.until(lambda: "No match" in workspace.text)
        assert "7 articles in Unpublished are hidden. Esc clears the search." in " ".join(
            workspace.text.split()
        )
        assert "0 of 7 · 7 hidden" in workspace.summary
        await workspace.until(lambda: workspace.screen.detail.article is None)
        await workspace.press("p")
        assert "No article" in workspace.said
        await workspace.press("escape")
        await workspace.until(lambda: len(workspace.paths) == 7)


async def test_a_view_that_was_worked_through_says_what_is_left_to_see(make: Make) -> None:
    async with workspace_on(make(2)) as workspace:
        workspace.burst("p", "p")
        await workspace.until(lambda: len(workspace.screen.workspace.log()) == 2)
        await workspace.settled()
        await workspace.press("1")
        await workspace.until(lambda: workspace.paths == [])
        await workspace.settled()
        text = " ".join(" ".join(workspace.region("#articles")).split())
        assert "2 Published" in text
        assert "3 All" in text
        assert "All articles are decided This session: 2 published" in text


async def test_an_index_that_is_being_built_shows_progress_and_stops_at_escape(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(40)
    go_on = threading.Event()
    reached = threading.Event()
    refresh = Workspace.refresh

    def slow(self: Workspace, on_progress, is_cancelled, *, apart) -> object:  # type: ignore[no-untyped-def]
        from newsdesk.errors import Cancelled
        from newsdesk.index.refresh import Progress

        if not go_on.is_set():
            on_progress(Progress(12, 40))
            reached.set()
            while not is_cancelled():
                if go_on.wait(0.01):
                    break
            else:
                raise Cancelled("stopped")
        return refresh(self, on_progress, is_cancelled)

    monkeypatch.setattr(Workspace, "refresh", slow)
    async with workspace_on(folder, settle=False) as workspace:
        await workspace.until(reached.is_set)
        await workspace.until(lambda: "reading 12 of 40 files" in workspace.text)
        await workspace.until(lambda: "Reading the collection …" in workspace.text)
        await workspace.press("j", "t", "escape")
        await workspace.until(lambda: "Reading was stopped" in workspace.said)
        await workspace.until(lambda: not workspace.screen.refresher.is_running)
        await workspace.until(lambda: "reading 12" not in workspace.text)
        go_on.set()
        await workspace.press("r")
        await workspace.until(lambda: len(workspace.paths) == 40)


REFUSED = {
    "a symbolic link": "symbolic link",
    "a hard link": "hard link",
    "a word for a truth": "published",
    "two values": "published",
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_refused_write_says_why_and_leaves_the_file(
    make: Make, tmp_path: Path, kind: str
) -> None:
    folder = make(1)
    file = folder / "_news" / "000.md"
    if kind == "a symbolic link":
        target = tmp_path / "elsewhere.md"
        file.rename(target)
        file.symlink_to(target)
    elif kind == "a hard link":
        os.link(file, folder / "_news" / "other.md")
    elif kind == "a word for a truth":
        file.write_text(article_text(title="x", published="false"))
    else:
        file.write_text("---\ntitle: x\npublished: true\npublished: false\n---\n")
    async with workspace_on(folder) as workspace:
        await workspace.press("3", "g")
        await workspace.settled()
        if not workspace.paths:  # links that lead out may be left out of the list altogether
            assert kind == "a symbolic link"
            return
        before = contents(folder)
        await workspace.press("d" if b"published: true" in file.read_bytes() else "p")
        await workspace.until(lambda: workspace.said.startswith("Not written: "))
        assert REFUSED[kind] in workspace.said
        assert contents(folder) == before
        await workspace.press("u")
        await workspace.until(lambda: workspace.said == "Nothing to undo")


async def test_undo_and_redo_with_nothing_to_do_say_so(make: Make) -> None:
    folder = make(2)
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        await workspace.press("u")
        await workspace.until(lambda: workspace.said == "Nothing to undo")
        await workspace.press("ctrl+r")
        await workspace.until(lambda: workspace.said == "Nothing to redo")
    assert contents(folder) == before


async def test_undo_still_works_after_a_restart(make: Make) -> None:
    folder = make(2)
    before = contents(folder)
    async with workspace_on(folder) as workspace:
        await workspace.press("p")
        await workspace.until(lambda: workspace.said.startswith("Published"))
    assert contents(folder) != before
    async with workspace_on(folder) as workspace:
        await workspace.press("u")
        await workspace.until(lambda: workspace.said.startswith("Undone"))
    assert contents(folder) == before


def _assert_columns(workspace: Session) -> None:
    """Between title and source there is a gap of two cells, in the same place in every row."""
    pane = workspace.screen.articles
    last = placed(pane.columns, pane.line_width)[-1]
    if last.column.name != "source":
        return
    source = last.width
    for row in workspace.region("#articles")[: pane.count]:
        up_to_gap = set_cell_size(row, pane.line_width - source)
        assert up_to_gap.endswith("  "), row
        assert row.startswith(up_to_gap), row


TITLES = (
    "plain",
    "long " * 400,
    "W" * 3000,
    "月面探査車、自ら「ジェラルド」と命名" * 5,
    "نموذج لغوي جديد يقرأ الخط الكوفي" * 4,
    "שלום עולם " * 20,
    "👩‍👩‍👧‍👦 family 🏳️‍🌈 flag 🇩🇪 ☎️ phone " * 5,
    "é̂̃ combining " * 20,
    "ไทย ภาษาไทย หนังสือพิมพ์ " * 10,
    "한국어 뉴스 " * 20,
    "ﷺ ﷽ wide ligature",
    "tab\tand\nline",
    "",
    "　full　width　",
    "क्षि हिन्दी समाचार " * 10,
)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_rows_of_any_script_keep_the_columns_in_line(
    make: Make, size: tuple[int, int]
) -> None:
    folder = make(
        [
            {
                "title": title,
                "heat": 99 - number,
                "published": False,
                "excerpt": title,
                "provider": {"name": title, "domain": title[:60]},
                "topics": [title or "none"],
                "webUrl": f"https://a.example/{title}",
                "related": [{"title": title, "provider": {"name": title}, "webUrl": "x"}],
                "body": title,
            }
            for number, title in enumerate(TITLES)
        ]
    )
    async with workspace_on(folder, size=size) as workspace:
        for _ in TITLES:
            lines = workspace.lines
            assert len(lines) == size[1]
            for line in lines:
                assert cell_len(line) == size[0], line
            _assert_columns(workspace)
            await workspace.press("j")
            await workspace.settled()
        await workspace.press("t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.drain()
        for line in workspace.lines:
            assert cell_len(line) == size[0], line
        await workspace.press("escape", "g")
        await workspace.settled()
        if size[0] >= 80:
            heads = workspace.region("#column-heads")[0]
            row = workspace.region("#articles")[0]
            assert row[heads.index("Title") :].startswith("plain")
            assert row[: heads.index(" Qual")].rstrip().endswith("99")


@pytest.mark.parametrize("height", [12, 24, 31, 45, 60])
async def test_many_topics_leave_room_for_the_keys_of_the_picker(make: Make, height: int) -> None:
    topics = [f"Topic {number}" for number in range(200)]
    folder = make([{"title": "x", "published": False, "topics": topics}])
    async with workspace_on(folder, size=(100, height)) as workspace:
        await workspace.press("t")
        await workspace.until(lambda: workspace.dialog == "TopicPicker")
        await workspace.until(
            lambda: "Space choose   Tab either/all   Enter show" in workspace.text
        )
        assert "╰" in workspace.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=repr)
async def test_files_that_are_live_by_mistake_are_counted_in_the_first_line(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    files = [
        b"\xef\xbb\xbf---\ntitle: a\npublished: false\n---\n",
        b"---\npublished: false\ntitle: Apple: a new phone\n---\n",
        b"---\ntitle: c\npublished: false\n",
        b"---\ntitle: d\npublished: false\n---\n",
    ]
    for number, source in enumerate(files):
        (tmp_path / f"{number}.md").write_bytes(source)
    async with workspace_on(tmp_path, size=size) as workspace:
        await workspace.until(lambda: "3 live by mistake" in workspace.lines[0])
        assert "1 Unpublished 1 " in workspace.lines[0]
