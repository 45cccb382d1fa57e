"""The review: what this sitting changed, one commit of it, and taking it back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from textual.widgets import Static

from newsdesk.tui.screens.review import CommitDialog, ReviewScreen

from ..conftest import Make, contents
from ..driving import Session, workspace_on


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


def review_of(workspace: Session) -> ReviewScreen:
    screen = workspace.app.screen
    assert isinstance(screen, ReviewScreen)
    return screen


async def opened_with(workspace: Session, number: int) -> ReviewScreen:
    await workspace.press("W")
    await workspace.until(lambda: workspace.dialog == "ReviewScreen")
    screen = review_of(workspace)
    await workspace.until(lambda: screen.is_mounted and screen.files_list.count == number)
    return screen


async def test_the_review_commits_one_line_per_decision(repository: Path) -> None:
    async with workspace_on(repository) as workspace:
        await workspace.press("p", "p")
        screen = await opened_with(workspace, 2)
        await workspace.press("c")
        await workspace.until(lambda: isinstance(workspace.app.screen, CommitDialog))
        await workspace.press("ctrl+s")
        await workspace.until(lambda: workspace.app.screen is screen)
        await workspace.until(lambda: screen.files_list.count == 0)
        await workspace.press("escape")
        await workspace.until(lambda: not workspace.dialog)
    assert git(repository, "status", "--short") == ""
    assert git(repository, "log", "-1", "--format=%s") == "Publish 2 articles\n"
    lines = git(repository, "show", "--numstat", "--format=").splitlines()
    assert [line.split("\t")[:2] for line in lines] == [["1", "1"]] * 2


async def test_taking_back_in_the_review_gives_the_bytes_back(repository: Path) -> None:
    before = contents(repository)
    async with workspace_on(repository) as workspace:
        await workspace.press("p", "p")
        screen = await opened_with(workspace, 2)
        await workspace.press("x")
        await workspace.until(lambda: screen.files_list.count == 1)
        await workspace.press("X")
        await workspace.until(lambda: type(workspace.app.screen).__name__ == "Confirm")
        await workspace.press("y")
        await workspace.until(lambda: contents(repository) == before)
        await workspace.until(lambda: screen.files_list.count == 0)
    assert git(repository, "status", "--short") == ""


async def test_leaving_the_commit_dialog_commits_nothing(repository: Path) -> None:
    async with workspace_on(repository) as workspace:
        await workspace.press("p")
        screen = await opened_with(workspace, 1)
        await workspace.press("c")
        await workspace.until(lambda: isinstance(workspace.app.screen, CommitDialog))
        await workspace.press("escape")
        await workspace.until(lambda: workspace.app.screen is screen)
    assert git(repository, "log", "--format=%s") == "base\n"


async def test_what_a_hook_made_of_a_file_is_committed_after_a_question(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    name = '"$(git diff --cached --name-only)"'
    hook.write_text(
        f"#!/bin/sh\ngrep -q '^x: 1$' {name} && exit 0\nsed -i '2i x: 1' {name}\nexit 1\n"
    )
    hook.chmod(0o755)
    async with workspace_on(repository) as workspace:
        await workspace.press("p")
        screen = await opened_with(workspace, 1)
        await workspace.press("c")
        await workspace.until(lambda: isinstance(workspace.app.screen, CommitDialog))
        await workspace.press("ctrl+s")
        await workspace.until(lambda: bool(workspace.app.screen.query("#confirm-question")))
        question = workspace.app.screen.query_one("#confirm-question", Static)
        assert "A hook changed 1 file" in str(question.content)
        await workspace.press("y")
        await workspace.until(lambda: screen.is_current and screen.files_list.count == 0)
    assert git(repository, "status", "--short") == ""
    assert "+x: 1" in git(repository, "show")


async def test_without_git_the_review_says_so_and_still_shows_the_decisions(make: Make) -> None:
    async with workspace_on(make(5)) as workspace:
        await workspace.press("p")
        await opened_with(workspace, 1)
        await workspace.until(lambda: "in no git repository" in workspace.text)
        await workspace.press("c")
        await workspace.until(lambda: "git" in workspace.lines[-2])
        assert not isinstance(workspace.app.screen, CommitDialog)
