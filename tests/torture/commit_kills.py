"""Kill a commit at any moment, many times: `python commit_kills.py FOLDER NUMBER SEED`.

Prints what was counted as JSON. A child publishes nothing; it only makes the commit, as
`newsdesk review --commit` does, and is killed, now and then together with its git. Then newsdesk
starts once, and `git status` must say what it said before, or that the commit is made.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from newsdesk.config import Config
from newsdesk.workspace.review.review import Review
from newsdesk.workspace.workspace import Workspace

ARTICLE = "---\ntitle: x\nquality: {quality}\npublished: {published}\n---\n"
OTHERS = ["?? loose.md", "M  staged.md"]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


def status(folder: Path) -> list[str]:
    return sorted(git(folder, "status", "--porcelain", "-z").split("\0")[:-1])


def made_repository(folder: Path, *, mixed: bool) -> None:
    """Two articles, and what others staged; with lines of others in an article if `mixed`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for name in ("user.name=A", "user.email=a@example.org", "core.fsync=none"):
        git(folder, "config", *name.split("="))
    for name in ("a.md", "b.md", "staged.md"):
        (folder / name).write_text(ARTICLE.format(quality=1, published="false"))
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "before")
    (folder / "staged.md").write_text(ARTICLE.format(quality=2, published="false"))
    git(folder, "add", "-A")
    (folder / "loose.md").write_text("x\n")
    if mixed:
        (folder / "a.md").write_text(ARTICLE.format(quality=3, published="false"))
    for hook in ("pre-commit", "post-commit"):
        file = folder / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\nsleep 0.03\n")
        file.chmod(0o755)


def desk_of(folder: Path, home: Path) -> Workspace:
    return Workspace(Config(folder, home / "cache", home / "state"))


def commit(folder: Path, home: Path) -> None:
    Review.of(desk_of(folder, home)).commit("Morning round")


def killed_child(folder: Path, home: Path, seconds: float, *, with_git: bool) -> None:
    child = os.fork()
    if child == 0:
        try:
            commit(folder, home)
        finally:
            os._exit(0)
    time.sleep(seconds)
    record = next((home / "state").glob("*.commit"), None)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if record is not None and with_git:
        with suppress(OSError, ValueError):
            for line in record.read_text().splitlines():
                if pid := json.loads(line).get("git"):
                    os.killpg(pid, signal.SIGKILL)


def run(folder: Path, number: int, seed: int) -> dict[str, int]:
    chance = random.Random(seed)
    counted: Counter[str] = Counter(kills=0, made=0, wrong=0, left=0)
    took = 0.5
    for i in range(number):
        root, home = folder / f"site{i}", folder / f"home{i}"
        made_repository(root, mixed=i % 2 == 1)
        workspace = desk_of(root, home)
        workspace.set_published(["a.md", "b.md"], True)
        workspace.close()
        before = status(root)
        if i < 2:  # how long one takes, of either kind
            began = time.monotonic()
            commit(root, home)
            took = max(took if i else 0, time.monotonic() - began)
        else:
            killed_child(root, home, chance.uniform(0, took), with_git=chance.random() < 0.3)
            counted["kills"] += 1
        workspace = desk_of(root, home)
        workspace.recover()
        workspace.close()
        is_made = git(root, "rev-list", "--count", "HEAD").strip() == "2"
        counted["made"] += is_made
        after = sorted([*OTHERS, *([" M a.md"] if i % 2 else [])]) if is_made else before
        if status(root) != after:
            counted["wrong"] += 1
            print(i, before, after, status(root), file=sys.stderr)
        locks = [*(root / ".git").rglob("*.lock"), *(root / ".git").glob("*newsdesk*")]
        records = list((home / "state").glob("*.commit"))
        folders = list(Path(os.environ["TMPDIR"]).glob("newsdesk-*"))
        counted["left"] += len(locks) + len(records) + len(folders)
        if locks or records or folders:
            print(i, locks, records, folders, file=sys.stderr)
    return dict(counted)


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
