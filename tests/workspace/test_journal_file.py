"""A full disk, an empty file, a journal that is replaced: nothing is lost or done in silence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from newsdesk.config import Config
from newsdesk.errors import NewsdeskError
from newsdesk.workspace.editorial_state import REJECTED, YES
from newsdesk.workspace.journal import Journal
from newsdesk.workspace.workspace import Workspace

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, check=False).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with suppress(OSError), (folder / "rest").open("wb", buffering=0) as rest:
        while True:
            rest.write(b"x" * 1024)


@contextmanager
def opened(root: Path, tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(Config(root, tmp_path / "cache", tmp_path / "state"))
    try:
        workspace.refresh()
        yield workspace
    finally:
        workspace.close()


@as_root
def test_on_a_full_disk_articles_and_decisions_are_read_and_new_decisions_refused(
    root: Path, article: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "state"):
        with opened(root, tmp_path) as workspace:
            workspace.decide(["_news/a.md"], REJECTED, YES, "reject")
        fill(tmp_path / "state")
        before = article.read_bytes()
        with opened(root, tmp_path) as workspace:
            assert workspace.count(workspace.parse("is:unpublished")) == 1
            assert workspace.count(workspace.parse("is:rejected")) == 1
            assert workspace.editorial_states(["_news/a.md"])["_news/a.md"].rejected
            assert sum("full" in notice for notice in workspace.notices) == 1
            with pytest.raises(NewsdeskError, match="full"):
                workspace.set_published(["_news/a.md"], True)
            assert article.read_bytes() == before
            (tmp_path / "state" / "rest").unlink()
            assert workspace.set_published(["_news/a.md"], True).changed == ("_news/a.md",)


@as_root
def test_on_a_full_disk_the_first_decision_is_refused_in_plain_words(
    root: Path, article: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "state"):
        fill(tmp_path / "state")
        with opened(root, tmp_path) as workspace:
            assert workspace.count(workspace.parse("is:unpublished")) == 1
            with pytest.raises(NewsdeskError, match="full"):
                workspace.set_published(["_news/a.md"], True)


def test_articles_are_read_without_a_journal_that_is_damaged(
    root: Path, article: Path, tmp_path: Path
) -> None:
    with opened(root, tmp_path) as workspace:
        workspace.set_published(["_news/a.md"], True)
        journal = workspace.config.journal_path
    journal.write_bytes(b"no database at all" * 100)
    with opened(root, tmp_path) as workspace:
        assert workspace.count(workspace.parse("is:published -is:rejected")) == 1
        assert any("damaged" in notice for notice in workspace.notices)


def test_an_empty_journal_beside_other_state_is_damage_and_a_copy_is_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "site.journal.db"
    Journal(path).close()
    with path.with_suffix(".lock").open("w") as lock:
        lock.write("process 1, ana\n")
    path.write_bytes(b"")
    path.with_name(f"{path.name}-wal").write_bytes(b"what is not in the file yet")
    for _ in range(2):
        with pytest.raises(NewsdeskError, match="0 bytes") as error:
            Journal(path)
        assert "site.journal.db.damaged" in error.value.remedy
    assert path.read_bytes() == b""
    copied = path.with_name(f"{path.name}.damaged-wal")
    assert copied.read_bytes() == b"what is not in the file yet"


def test_an_empty_journal_alone_is_a_first_start(tmp_path: Path) -> None:
    path = tmp_path / "site.journal.db"
    path.touch()
    (tmp_path / "other.history").write_text('"of another collection"\n')
    journal = Journal(path)
    assert journal.entries() == []
    journal.close()


@pytest.mark.parametrize("how", ["removed", "replaced", "folder"])
def test_a_journal_that_is_replaced_under_an_open_newsdesk_takes_no_decision_in_silence(
    how: str, root: Path, article: Path, tmp_path: Path
) -> None:
    before = article.read_bytes()
    with opened(root, tmp_path) as workspace:
        workspace.set_published(["_news/a.md"], True)
        backup = tmp_path / "backup.db"
        path = workspace.config.journal_path
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as copy:
            source.backup(copy)
        workspace.undo()
        workspace.decide(["_news/a.md"], REJECTED, YES, "reject")
        if how == "replaced":  # as rsync does, and the log of the old file stays
            backup.rename(path)
        elif how == "removed":
            path.unlink()
        else:
            shutil.rmtree(path.parent)
        with pytest.raises(NewsdeskError, match="while newsdesk was open"):
            workspace.set_published(["_news/a.md"], True)
        assert article.read_bytes() == before
        assert workspace.set_published(["_news/a.md"], True).changed == ("_news/a.md",)
    with opened(root, tmp_path) as workspace:
        verbs = [(entry.verb, entry.state) for entry in workspace.log()]
        assert verbs == [("publish", "done")] * (2 if how == "replaced" else 1)
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
