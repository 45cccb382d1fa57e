"""Collections for the desk: copies of the seeds, and small ones made to order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from textual.widgets import Input

from .driving import mark_as_used

SEEDS = Path(__file__).parents[2] / "seeds"

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def _steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that blinks would make pictures differ and timers outlive their test."""
    monkeypatch.setattr(Input, "cursor_blink", False)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test opens this machine's browser or editor, or writes into its folders."""
    for name in ("VISUAL", "NEWSDESK_COLLECTION", "NO_COLOR", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROWSER", "/nonexistent/browser")
    monkeypatch.setenv("EDITOR", "/nonexistent/editor")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    mark_as_used(tmp_path / "state" / "newsdesk")


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the demo collection that may be written to."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))


@pytest.fixture(scope="session")
def seeds_to_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the demo collection for all tests that only read; its index stays warm."""
    return Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("shared") / "seeds"))


def article_text(**fields: object) -> str:
    """An article's file; the fields are written as JSON, which is YAML."""
    body = fields.pop("body", "")
    lines = [f"{name}: {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---", str(body)]) + ("\n" if body else "")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a collection of articles given as field mappings, or of as many plain ones."""

    def made(articles: int | list[Mapping[str, object]] = 5, name: str = "small") -> Path:
        folder = tmp_path / name
        (folder / "_news").mkdir(parents=True)
        if isinstance(articles, int):
            # Hottest first, so that the first file is the first row.
            articles = [
                {
                    "title": f"Story {number:03d}",
                    "heat": 1000 - number,
                    "quality": number % 100,
                    "published": False,
                    "webUrl": f"https://site-{number}.example/story",
                }
                for number in range(articles)
            ]
        for number, fields in enumerate(articles):
            text = article_text(**fields)
            (folder / "_news" / f"{number:03d}.md").write_text(text, encoding="utf-8")
        return folder

    return made


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a collection, by path."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
