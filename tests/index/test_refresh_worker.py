"""What is read by another process is in the index, and nothing is lost with that process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from newsdesk.config import Config
from newsdesk.errors import Cancelled, CollectionError
from newsdesk.index.query.parser import parse
from newsdesk.index.refresh import Progress, TooManyFiles, refresh
from newsdesk.index.refresh_worker import RefreshJob, refresh_in_process
from newsdesk.index.store import IndexDamaged, Store
from newsdesk.processes import ProcessEnded
from newsdesk.workspace import index_updates
from newsdesk.workspace.workspace import Workspace

NUMBER = 2_300
EVERYTHING = parse("")


@pytest.fixture
def many(root: Path) -> Path:
    for i in range(NUMBER):
        text = f"---\ntitle: Title {i}\npublished: false\n---\n"
        (root / "_news" / f"{i:04}.md").write_text(text)
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "index.db")) as store:
        yield store


def children() -> set[int]:
    """Return the processes that were started for an errand of this one and are still there."""
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"serve_job()" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found


only_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")


def test_what_is_read_apart_can_be_found_here(many: Path, store: Store) -> None:
    heard: list[Progress] = []
    report = refresh_in_process(RefreshJob(many, store.path), on_progress=heard.append)
    assert (report.added, report.unchanged) == (NUMBER, 0)
    assert len(store.search(EVERYTHING)) == NUMBER
    assert heard[0] == Progress(200, 0)  # something to look at before all is counted
    assert heard[-1] == Progress(NUMBER, NUMBER)


def test_many_differences_are_left_to_another_process_before_any_is_read(
    many: Path, store: Store
) -> None:
    with pytest.raises(TooManyFiles):
        refresh(many, store, max_files=2_000)
    assert store.is_empty()


def test_a_folder_that_is_gone_is_told_as_if_it_were_looked_at_here(
    root: Path, store: Store
) -> None:
    with pytest.raises(CollectionError) as told:
        refresh_in_process(RefreshJob(root / "no", store.path))
    assert "There is no folder" in told.value.message
    assert told.value.remedy


def test_an_index_that_broke_meanwhile_is_not_replaced_under_our_feet(
    root: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(IndexDamaged):
        refresh_in_process(RefreshJob(root, broken))
    assert broken.read_bytes().startswith(b"this is no")


@only_linux
def test_stopping_keeps_what_was_read_and_leaves_no_process(many: Path, store: Store) -> None:
    before = children()
    heard: list[Progress] = []
    with pytest.raises(Cancelled):
        refresh_in_process(
            RefreshJob(many, store.path), on_progress=heard.append, is_cancelled=lambda: bool(heard)
        )
    assert not store.is_empty()
    assert children() <= before


@only_linux
def test_a_desk_reads_on_itself_when_its_process_is_killed(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()

    def kill(_: object) -> None:
        for process in children() - before:
            os.kill(process, signal.SIGKILL)

    config = Config(many, tmp_path / "cache", tmp_path / "state")
    with closing(Workspace(config)) as workspace:
        with pytest.raises(ProcessEnded):
            refresh_in_process(RefreshJob(many, workspace.store.path), on_progress=kill)
        workspace.rebuild()
        report = workspace.refresh(kill, apart=True)
        assert len(workspace.search(EVERYTHING)) == NUMBER
        assert report.added + report.unchanged == NUMBER
    end = time.monotonic() + 10
    while children() - before and time.monotonic() < end:
        time.sleep(0.05)
    assert children() <= before


def test_a_desk_compares_a_large_collection_apart(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in range(30):
        (root / "_news" / f"{i}.md").write_text("---\ntitle: T\n---\n")
    with closing(Workspace(Config(root, tmp_path / "cache", tmp_path / "state"))) as workspace:
        assert workspace.refresh(apart=True).added == 30
        asked: list[RefreshJob] = []
        real = refresh_in_process

        def watched(job: RefreshJob, **how: object) -> object:
            asked.append(job)
            return real(job, **how)  # type: ignore[arg-type]

        monkeypatch.setattr("newsdesk.index.refresh_worker.refresh_in_process", watched)
        assert workspace.refresh(apart=True).added == 0
        assert asked == []
        monkeypatch.setattr(index_updates, "_MAX_IN_THREAD", 20)
        assert workspace.refresh(apart=True).added == 0
        assert asked == [RefreshJob(root, workspace.store.path)]
