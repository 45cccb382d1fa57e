"""Temporary folders of killed processes are swept, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from newsdesk.private_folder import PrivateFolder, sweep_private_folders


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def aged(folder: Path, *names: str) -> Path:
    folder.mkdir(mode=0o700)
    for name in names:
        (folder / name).touch()
    os.utime(folder, (1, 1))
    return folder


def test_the_folder_of_a_killed_process_is_swept_and_one_in_use_is_not(temporary: Path) -> None:
    program = (
        "import os, tempfile; from newsdesk.private_folder import PrivateFolder\n"
        f"tempfile.tempdir = {str(temporary)!r}\n"
        "folder = PrivateFolder(); print(folder.path); os.kill(os.getpid(), 9)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )
    left = Path(ran.stdout.strip())
    assert left.is_dir()
    with PrivateFolder() as own:
        assert sweep_private_folders() == [left]
        assert own.path.is_dir()
    assert list(temporary.iterdir()) == []


def test_a_process_that_inherits_the_lock_keeps_the_folder(temporary: Path) -> None:
    folder = PrivateFolder()
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[folder.lock]
    ) as heir:
        os.close(folder.lock)
        assert sweep_private_folders() == []
        heir.communicate(b"\n")
    assert sweep_private_folders() == [folder.path]


def test_what_newsdesk_did_not_make_stays(temporary: Path) -> None:
    earlier = aged(temporary / "newsdesk-0a_b1c2d", "commit-index", "12", "index.db-wal")
    kept = [
        aged(temporary / "newsdesk-backup00", "letter.txt"),
        aged(temporary / "newsdesk-plans", "12"),
        aged(temporary / "mine-0a_b1c2d"),
    ]
    fresh = aged(temporary / "newsdesk-3e_f4g5h", "commit-index")
    os.utime(fresh, (time.time(), time.time()))
    shared = aged(temporary / "newsdesk-6i_j7k8l", "12")
    shared.chmod(0o755)
    (temporary / "newsdesk-9m_n0o1p").symlink_to(kept[0])
    assert sweep_private_folders() == [earlier]
    assert all(folder.is_dir() for folder in (*kept, fresh, shared))
