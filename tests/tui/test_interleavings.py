"""Nobody publishes what they did not name, whatever happens to files and index meanwhile.

Random interleavings of what others do (delete and add, rename, rewrite, check out, rebuild the
index) and what a person does (move, mark, publish, undo) on the main screen. A model notes what the
person saw when they named it: path and text. A file whose status changes is either one of those,
or what an undo of theirs gives back.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsdesk.tui.controllers import refresh
from newsdesk.workspace.workspace import Workspace

from .driving import Session, config_for, workspace_on

ARTICLES = 8
STEPS = 8  # of one interleaving
PARTS = 20  # interleavings with one main screen


def text_of(title: str, heat: int) -> str:
    return f"---\ntitle: {title}\nheat: {heat}\npublished: false\n---\nBody of {title}\n"


def statuses(folder: Path) -> dict[str, tuple[str, bool]]:
    """Path -> (title, whether it is published) of every article."""
    found = {}
    for file in sorted((folder / "_news").glob("*.md")):
        text = file.read_text(encoding="utf-8")
        title = text.split("title: ")[1].split("\n")[0]
        found[file.relative_to(folder).as_posix()] = (title, "published: true" in text)
    return found


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


Note = Callable[[], None]


@dataclass
class Model:
    """What the person named: (path, title) pairs, and the marks as they saw them."""

    workspace: Session
    folder: Path
    chance: random.Random
    named: set[tuple[str, str]]
    marks: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    made: int = ARTICLES

    def __post_init__(self) -> None:
        """Note what is on the screen at the moment when a key is dealt with."""
        screen = self.workspace.screen
        for name, note in (("publish", self.note_publish), ("mark", self.note_mark)):
            action = getattr(type(screen), f"action_{name}")

            def noted(action: Callable[[object], None] = action, note: Note = note) -> None:
                note()
                action(screen)

            setattr(screen, f"action_{name}", noted)

    def shown(self) -> set[tuple[str, str]]:
        """Path and title of the row under the cursor, and of the article beside the list."""
        row, article = (
            self.workspace.screen.articles.drawn_row,
            self.workspace.screen.detail.article,
        )
        if row is None:
            return set()
        titles = {row.title}
        if article is not None and article.path == row.path:
            titles = {article.title}
        return {(row.path, title) for title in titles}

    def note_publish(self) -> None:
        self.named |= set(self.marks.items()) if self.marks else self.shown()

    def note_mark(self) -> None:
        for path, title in self.shown():
            if self.marks.pop(path, None) is None:
                self.marks[path] = title

    # -- what others do --------------------------------------------------------------------

    def file(self) -> Path | None:
        return self.chance.choice(sorted((self.folder / "_news").glob("*.md")) or [None])

    def new_title(self) -> str:
        self.made += 1
        return f"Article {self.made:04}"

    async def replace(self) -> None:
        if file := self.file():
            file.unlink()
        title = self.new_title()
        path = self.folder / "_news" / f"{self.made:04}.md"
        path.write_text(text_of(title, self.chance.randrange(100)), encoding="utf-8")

    async def rename(self) -> None:
        if file := self.file():
            self.made += 1
            file.rename(file.with_name(f"{self.made:04}.md"))

    async def swap(self) -> None:
        """Two articles change their paths."""
        one, other = self.file(), self.file()
        if one and other and one != other:
            text = one.read_text(encoding="utf-8")
            one.write_text(other.read_text(encoding="utf-8"), encoding="utf-8")
            other.write_text(text, encoding="utf-8")

    async def rewrite(self) -> None:
        if file := self.file():
            file.write_text(text_of(self.new_title(), 50), encoding="utf-8")

    async def check_out(self) -> None:
        branch = self.chance.choice(["one", "two"])
        git(self.folder, "checkout", "-q", "-f", branch)

    async def rebuild(self) -> None:
        with closing(Workspace(config_for(self.folder))) as other:
            other.rebuild()
            other.refresh()

    # -- what the person does --------------------------------------------------------------

    async def move(self) -> None:
        await self.workspace.press(self.chance.choice(["j", "k", "g", "G"]))

    async def mark(self) -> None:
        await self.workspace.press("m")

    async def publish(self) -> None:
        await self.workspace.press("p")
        if self.workspace.dialog:
            await self.workspace.press("y")
        self.marks.clear()

    async def undo(self) -> None:
        await self.workspace.press("u")

    async def look(self) -> None:
        await self.workspace.press("r")
        await self.workspace.settled()

    async def step(self) -> None:
        actions: list[Callable[[], object]] = [
            self.replace, self.rename, self.swap, self.rewrite, self.check_out, self.rebuild,
            self.move, self.move, self.mark, self.mark, self.publish, self.publish, self.undo,
            self.look,
        ]  # fmt: skip
        action = self.chance.choice(actions)
        is_person = action in (self.publish, self.undo, self.move, self.mark, self.look)
        before = statuses(self.folder)
        await action()  # type: ignore[misc]
        if not is_person:
            return
        await self.workspace.until(lambda: self.workspace.screen.write_queue.is_idle)
        await self.workspace.drain()
        for path, (title, is_out) in statuses(self.folder).items():
            if (title, is_out) == before.get(path):
                continue
            kind = action.__name__
            assert before.get(path, ("",))[0] == title, (kind, path, "the text was changed")
            assert kind in ("publish", "undo"), (kind, path)
            assert (path, title) in self.named, (kind, path, title, self.workspace.said)
            self.counts["written"] += 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("number", [40, pytest.param(1_000, marks=pytest.mark.torture)])
async def test_nothing_is_written_that_the_person_did_not_name(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "_COMPARE_SECONDS", 0.1)
    counts: Counter[str] = Counter()
    for seed in range(number // PARTS):
        folder = tmp_path / str(seed) / "collection"
        (folder / "_news").mkdir(parents=True)
        for i in range(ARTICLES):
            path = folder / "_news" / f"{i:04}.md"
            path.write_text(text_of(f"Article {i:04}", 100 - i), encoding="utf-8")
        git(folder, "init", "-q", "-b", "one")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "one")
        git(folder, "checkout", "-qb", "two")
        for i in range(0, ARTICLES, 2):
            path = folder / "_news" / f"{i:04}.md"
            path.write_text(text_of(f"Article {i:04} of two", 100 - i), encoding="utf-8")
        git(folder, "commit", "-qam", "two")
        git(folder, "checkout", "-q", "one")
        async with workspace_on(folder) as workspace:
            named: set[tuple[str, str]] = set()
            for part in range(PARTS):
                chance = random.Random(f"{seed}.{part}")
                model = Model(workspace, folder, chance, named, made=1000 * (part + 1))
                await workspace.press("escape")
                workspace.screen.articles.unmark_all()
                for _ in range(STEPS):
                    await model.step()
                    counts["steps"] += 1
                counts += model.counts
                counts["interleavings"] += 1
    print(f"\n{dict(counts)}", file=sys.stderr)
    assert counts["interleavings"] >= number
    assert counts["written"] > 0
