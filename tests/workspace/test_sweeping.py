"""Temporary files that a write left behind go later, and nothing of anybody else's with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.config import Config
from newsdesk.workspace.workspace import Workspace


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(Config(root, tmp_path / "cache", tmp_path / "state"))
    yield workspace
    workspace.close()


def leftovers(root: Path) -> list[str]:
    return sorted(file.name for file in root.rglob(".newsdesk-*"))


def swept(workspace: Workspace) -> list[str]:
    return workspace.sweep(workspace.refresh().leftovers)


@pytest.mark.parametrize("suffix", [".tmp", ".swap"])
def test_a_temporary_file_that_could_not_be_removed_goes_later(
    suffix: str, workspace: Workspace, root: Path, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.set_published(["_news/a.md"], False)  # there is a journal
    real = os.unlink

    def refuse(name: str, *_: object, **options: int) -> None:  # as an append-only folder does
        if suffix == ".tmp" or str(name).endswith(suffix):
            raise PermissionError(1, "Operation not permitted")
        real(name, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        if suffix == ".tmp":
            patched.setattr(os, "rename", refuse)
        action = workspace.set_published(["_news/a.md"], True)
    assert bool(action.refused) == (suffix == ".tmp")
    before = article.read_bytes()
    assert [name[-len(suffix) :] for name in leftovers(root)] == [suffix]
    assert len(swept(workspace)) == 1
    assert leftovers(root) == []
    assert article.read_bytes() == before
    assert sorted(file.name for file in article.parent.iterdir()) == ["a.md"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an atomic exchange")
@pytest.mark.parametrize("theirs", [b"", b"[views]\n'Z' = 'zoo'\n"])
def test_what_a_kill_left_while_a_view_was_saved_goes_unless_somebody_wrote(
    theirs: bytes, workspace: Workspace, root: Path, shared: Path
) -> None:
    shared.write_bytes(b"theme = 'x'\n")
    program = """
        import os, pathlib, signal, sys
        from newsdesk.collection import atomic_write
        from newsdesk.workspace.settings.saved_views import save_view
        root, theirs = pathlib.Path(sys.argv[1]), sys.argv[2].encode()
        real = atomic_write._exchange
        def exchange(folder, one, other):
            if theirs:
                (root / ".newsdesk.toml").write_bytes(theirs)
            real(folder, one, other)
            os.kill(os.getpid(), signal.SIGKILL)
        atomic_write._exchange = exchange
        save_view(root, "Hot", "quality:>60")
    """
    arguments = [sys.executable, "-c", textwrap.dedent(program), str(root), theirs.decode()]
    assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
    saved = shared.read_bytes()
    assert b"Hot" in saved
    assert len(leftovers(root)) == 1
    swept(workspace)
    assert leftovers(root) == []
    assert shared.read_bytes() == saved
    kept = [file.read_bytes() for file in root.glob("*.newsdesk-conflict")]
    assert kept == ([theirs] if theirs else [])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_the_owner_of_a_shared_file_is_named_where_a_write_would_change_it(
    workspace: Workspace, root: Path, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fchown(handle: int, owner: int, group: int) -> None:  # what all but root are answered
        raise PermissionError(1, "Operation not permitted")

    before = article.read_bytes()
    os.chown(article, 4711, 4712)
    article.chmod(0o664)
    monkeypatch.setattr(os, "fchown", fchown)
    (refused,) = workspace.set_published(["_news/a.md"], True).refused
    assert "belongs to 4711:4712" in refused.reason
    assert "clone of your own" in refused.reason
    assert article.read_bytes() == before
    assert leftovers(root) == []
