"""A commit that is killed at any moment leaves `git status` clean, or as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import commit_kills
import pytest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.mark.parametrize("number", [16, pytest.param(200, marks=pytest.mark.torture)])
def test_a_killed_commit_is_made_or_not_made_after_one_start(number: int, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    done = subprocess.run(
        # Two more, which are not killed: they tell how long a commit takes.
        [sys.executable, commit_kills.__file__, str(tmp_path / "sites"), str(number + 2), "11"],
        env={
            **{name: text for name, text in os.environ.items() if not name.startswith("GIT_")},
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path / "tmp"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    print(f"\ncommits: {counted}")
    assert counted["kills"] == number
    assert (counted["wrong"], counted["left"]) == (0, 0), done.stderr
