"""A collection in a git repository, its desk, and git to look at what became of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from newsdesk.config import Config
from newsdesk.workspace.review.review import Review
from newsdesk.workspace.workspace import Workspace


def text(title: str = "A title", status: str = "published: false\n", more: str = "") -> str:
    return (
        f'---\ntitle: "{title}"\nquality: 70\nheat: 12\n{status}'
        f"webUrl: https://example.com/a\nprovider:\n  name: The Example\n  domain: example.com\n"
        f"topics:\n- AI\nimages:\n- url: https://example.com/a.png\n{more}---\n\nBody.\n"
    )


@dataclass
class Site:
    """A collection, its desk, and git on the repository around it."""

    folder: Path
    top: Path
    workspace: Workspace

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def git(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            ["git", "-C", str(self.top), *arguments],
            check=True,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            input=given,
        )
        return done.stdout

    def init(self, *settings: str) -> None:
        self.git("init", "-q", "-b", "main")
        for setting in settings:
            self.git("config", *setting.split("="))
        self.git("add", "-A")
        self.git("commit", "-qm", "before")

    def publish(self, *paths: str) -> None:
        action = self.workspace.set_published(list(paths), True)
        assert set(action.changed) == set(paths), action

    def status(self) -> list[str]:
        return self.git("status", "--porcelain", "-z", "--untracked-files=all").split("\0")[:-1]

    def hook(self, name: str, script: str) -> None:
        hook = self.top / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)

    def review(self, **options: object) -> Review:
        return Review.of(self.workspace, **options)  # type: ignore[arg-type]

    def numstat(self, commit: str = "HEAD") -> list[str]:
        listed = self.git("show", "--numstat", "--format=", "-z", commit)
        return sorted(listed.split("\0")[:-1])

    def assert_sound(self) -> None:
        self.git("fsck", "--full", "--strict")
        assert not (self.top / ".git" / "index.lock").exists()


def opened(folder: Path, top: Path, home: Path) -> Site:
    folder.mkdir(parents=True, exist_ok=True)
    return Site(folder, top, Workspace(Config(folder, home / "cache", home / "state")))
