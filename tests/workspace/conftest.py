"""Collections in git repositories, apart from the person's own git configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from .review.git_site import Site, opened, text


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Editor")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "editor@example.com")


@pytest.fixture
def site(environment: None, tmp_path: Path) -> Iterator[Site]:
    site = opened(tmp_path / "site", tmp_path / "site", tmp_path)
    yield site
    site.workspace.close()


@pytest.fixture
def committed(site: Site) -> Site:
    """Two unpublished articles in a repository with one commit."""
    site.write("_news/a.md", text("First"))
    site.write("_news/b.md", text("Second"))
    site.init()
    return site
