"""The review: what this sitting changed, one commit of it, and taking it back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from textual.widgets import Static

from newsdesk.tui.screens.review import CommitDialog, ReviewScreen

from ..conftest import Make, contents
from ..driving import Sitting, desk_on


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(make: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "An Editor")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "editor@paper.example")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    folder = make(5)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    return folder


def review_of(desk: Sitting) -> ReviewScreen:
    screen = desk.app.screen
    assert isinstance(screen, ReviewScreen)
    return screen


async def opened_with(desk: Sitting, number: int) -> ReviewScreen:
    await desk.press("W")
    await desk.until(lambda: desk.dialog == "ReviewScreen")
    screen = review_of(desk)
    await desk.until(lambda: screen.is_mounted and screen.files_list.count == number)
    return screen


async def test_the_review_commits_one_line_per_decision(repository: Path) -> None:
    async with desk_on(repository) as desk:
        await desk.press("p", "p")
        screen = await opened_with(desk, 2)
        await desk.press("c")
        await desk.until(lambda: isinstance(desk.app.screen, CommitDialog))
        await desk.press("ctrl+s")
        await desk.until(lambda: desk.app.screen is screen)
        await desk.until(lambda: screen.files_list.count == 0)
        await desk.press("escape")
        await desk.until(lambda: not desk.dialog)
    assert git(repository, "status", "--short") == ""
    assert git(repository, "log", "-1", "--format=%s") == "Publish 2 articles\n"
    lines = git(repository, "show", "--numstat", "--format=").splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["1", "1"]] * 2


async def test_taking_back_in_the_review_gives_the_bytes_back(repository: Path) -> None:
    before = contents(repository)
    async with desk_on(repository) as desk:
        await desk.press("p", "p")
        screen = await opened_with(desk, 2)
        await desk.press("x")
        await desk.until(lambda: screen.files_list.count == 1)
        await desk.press("X")
        await desk.until(lambda: type(desk.app.screen).__name__ == "Confirm")
        await desk.press("y")
        await desk.until(lambda: contents(repository) == before)
        await desk.until(lambda: screen.files_list.count == 0)
    assert git(repository, "status", "--short") == ""


async def test_leaving_the_commit_dialog_commits_nothing(repository: Path) -> None:
    async with desk_on(repository) as desk:
        await desk.press("p")
        screen = await opened_with(desk, 1)
        await desk.press("c")
        await desk.until(lambda: isinstance(desk.app.screen, CommitDialog))
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is screen)
    assert git(repository, "log", "--format=%s") == "base\n"


async def test_what_a_hook_made_of_a_file_is_committed_after_a_question(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    name = '"$(git diff --cached --name-only)"'
    hook.write_text(
        f"#!/bin/sh\ngrep -q '^x: 1$' {name} && exit 0\nsed -i '2i x: 1' {name}\nexit 1\n"
    )
    hook.chmod(0o755)
    async with desk_on(repository) as desk:
        await desk.press("p")
        screen = await opened_with(desk, 1)
        await desk.press("c")
        await desk.until(lambda: isinstance(desk.app.screen, CommitDialog))
        await desk.press("ctrl+s")
        await desk.until(lambda: bool(desk.app.screen.query("#confirm-question")))
        question = desk.app.screen.query_one("#confirm-question", Static)
        assert "A hook changed 1 file" in str(question.content)
        await desk.press("y")
        await desk.until(lambda: screen.is_current and screen.files_list.count == 0)
    assert git(repository, "status", "--short") == ""
    assert "+x: 1" in git(repository, "show")


async def test_without_git_the_review_says_so_and_still_shows_the_decisions(make: Make) -> None:
    async with desk_on(make(5)) as desk:
        await desk.press("p")
        await opened_with(desk, 1)
        await desk.until(lambda: "in no git repository" in desk.text)
        await desk.press("c")
        await desk.until(lambda: "git" in desk.lines[-2])
        assert not isinstance(desk.app.screen, CommitDialog)
