"""A refresh makes the index say what the files say, whatever happened to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from newsdesk.collection import files
from newsdesk.errors import Cancelled, CollectionError
from newsdesk.index import refresh as refresh_module
from newsdesk.index.query.parser import parse
from newsdesk.index.refresh import RefreshReport, refresh
from newsdesk.index.schema import Record
from newsdesk.index.store import Store

EVERYTHING = parse("sort:path")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "index.db")) as store:
        yield store


def write(root: Path, name: str, title: str = "x") -> Path:
    file = root / "_news" / f"{name}.md"
    file.write_bytes(f"---\ntitle: {title}\npublished: false\n---\n".encode())
    return file


def titles(store: Store) -> dict[str, str]:
    rows = store.rows(store.search(EVERYTHING))
    return {row.path.removeprefix("_news/"): row.title for row in rows.values()}


def numbers(report: RefreshReport) -> tuple[int, int, int]:
    return report.added, report.changed, report.removed


@contextmanager
def nobody() -> Iterator[None]:
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def old_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file had been written long before it was read."""
    monkeypatch.setattr(refresh_module, "CLOCK_TICK_NS", -(10**12))


def test_added_changed_and_removed_files_are_told_apart(
    root: Path, store: Store, old_clock: None
) -> None:
    for name in "abc":
        write(root, name)
    (root / "readme.png").touch()
    report = refresh(root, store)
    assert numbers(report) == (3, 0, 0)
    assert report.left_alone == 1
    assert numbers(refresh(root, store)) == (0, 0, 0)
    write(root, "b", "Another title")
    write(root, "d")
    (root / "_news" / "c.md").unlink()
    report = refresh(root, store)
    assert numbers(report) == (1, 1, 1)
    assert report.unchanged == 1
    assert titles(store) == {"a.md": "x", "b.md": "Another title", "d.md": "x"}


def test_an_edit_of_the_same_size_with_its_time_restored_is_seen(
    root: Path, store: Store, old_clock: None
) -> None:
    file = write(root, "a", "one")
    refresh(root, store)
    status = file.stat()
    with file.open("r+b") as handle:
        handle.write(b"---\ntitle: two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_size == status.st_size
    assert numbers(refresh(root, store)) == (0, 1, 0)
    assert titles(store) == {"a.md": "two"}


def test_an_edit_within_one_tick_of_the_clock_is_seen(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(root, "a", "one")
    refresh(root, store)
    # A clock this coarse gives both versions the same times.
    indexed = store.fingerprints_of(["_news/a.md"])["_news/a.md"]
    monkeypatch.setattr(files, "_numbers", lambda status: tuple(indexed))
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    assert refresh(root, store).unchanged == 0
    assert titles(store) == {"a.md": "two"}


def test_ids_stay_when_files_are_rewritten_by_renaming(root: Path, store: Store) -> None:
    for name in "abc":
        write(root, name)
    refresh(root, store)
    first = store.search(EVERYTHING)
    for name in "abc":
        write(root, f"{name}-new", "y").rename(root / "_news" / f"{name}.md")
    refresh(root, store)
    assert set(store.search(EVERYTHING)) == set(first)
    assert set(titles(store).values()) == {"y"}


def test_a_file_that_loses_its_front_matter_leaves_the_list(
    root: Path, store: Store, old_clock: None
) -> None:
    write(root, "a")
    write(root, "b").write_bytes(b"no article\n")
    report = refresh(root, store)
    assert numbers(report) == (1, 0, 0)
    (root / "_news" / "a.md").write_bytes(b"no article any more\n")
    report = refresh(root, store)
    assert numbers(report) == (0, 0, 1)
    assert report.left_alone == 2
    assert titles(store) == {}


def test_a_file_saved_as_utf_16_is_a_row_with_a_problem(root: Path, store: Store) -> None:
    (root / "_news" / "a.md").write_bytes("\ufeff---\ntitle: x\n---\n".encode("utf-16-le"))
    refresh(root, store)
    (row,) = store.rows(store.search(EVERYTHING)).values()
    assert "UTF-16" in row.problems[0].message
    assert row.problems[0].blocks_writing


@as_root
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_an_unreadable_folder_keeps_its_articles(mode: int, root: Path, store: Store) -> None:
    for parent in (root, *root.parents):
        parent.chmod(parent.stat().st_mode | 0o055)
    write(root, "a")
    (root / "b.md").write_bytes(b"---\ntitle: x\n---\n")
    refresh(root, store)
    (root / "_news").chmod(mode)
    with nobody():
        report = refresh(root, store)
    assert report.unreadable_folders == ["_news"]
    assert report.removed == 0
    assert set(titles(store)) == {"a.md", "b.md"}


@as_root
def test_an_unreadable_file_is_a_row_with_a_problem(root: Path, store: Store) -> None:
    for parent in (root, *root.parents):
        parent.chmod(parent.stat().st_mode | 0o055)
    write(root, "a").chmod(0)
    write(root, "b")
    with nobody():
        refresh(root, store)
    assert set(titles(store)) == {"a.md", "b.md"}
    rows = store.rows(store.search(EVERYTHING)).values()
    assert [row.problems[0].code for row in rows if row.problems] == ["unreadable"]


def test_a_folder_that_cannot_be_listed_halfway_keeps_its_articles(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "a")
    refresh(root, store)
    real = os.scandir

    def scandir(folder: str) -> object:
        if str(folder).endswith("_news"):
            raise OSError(5, "Input/output error")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert refresh(root, store).removed == 0
    assert titles(store) == {"a.md": "x"}


def test_a_cancelled_refresh_keeps_what_it_read(root: Path, store: Store) -> None:
    for i in range(450):
        write(root, f"{i:03}")
    done: list[int] = []
    with pytest.raises(Cancelled):
        refresh(
            root,
            store,
            on_progress=lambda progress: done.append(progress.done),
            is_cancelled=lambda: bool(done),
        )
    assert done == [200]
    assert len(titles(store)) == 200
    report = refresh(root, store)
    assert len(titles(store)) == 450
    assert report.removed == 0


@pytest.mark.parametrize(("seconds_each", "largest"), [(0.0, 16), (0.02, 4), (1.0, 2)])
def test_transactions_are_as_large_as_the_disk_is_fast(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch, seconds_each: float, largest: int
) -> None:
    sizes: list[int] = []
    now = 0.0
    apply = store.apply

    def apply_slowly(records: Iterable[Record], removed: Iterable[str] = ()) -> list[int]:
        nonlocal now
        records, removed = list(records), list(removed)
        sizes.append(len(records) + len(removed))
        now += sizes[-1] * seconds_each
        return apply(records, removed)

    monkeypatch.setattr(store, "apply", apply_slowly)
    monkeypatch.setattr(refresh_module, "_BATCH", 2)
    monkeypatch.setattr(refresh_module, "_LARGEST_TRANSACTION", 16)
    monkeypatch.setattr(refresh_module, "_LONGEST_TRANSACTION", 0.1)
    clock = SimpleNamespace(
        monotonic=lambda: now, perf_counter=time.perf_counter, time_ns=time.time_ns
    )
    monkeypatch.setattr(refresh_module, "time", clock)
    for number in range(80):
        write(root, f"{number:02}")
    assert refresh(root, store).added == 80
    assert sum(sizes) == 82, "the first few are read twice"
    assert max(sizes) == largest
    sizes.clear()
    for number in range(80):
        (root / "_news" / f"{number:02}.md").unlink()
    assert refresh(root, store).removed == 80
    assert sum(sizes) == 80
    assert max(sizes) == largest
    assert not titles(store)


def test_a_missing_folder_is_told_and_empties_nothing(root: Path, store: Store) -> None:
    write(root, "a")
    refresh(root, store)
    (root).rename(root.with_name("moved"))
    with pytest.raises(CollectionError):
        refresh(root, store)
    assert titles(store) == {"a.md": "x"}


@pytest.fixture
def many(root: Path) -> Path:
    # The first 200 may count as read on a slow machine. The rest is worth processes.
    for i in range(2_300):
        write(root, f"{i:04}", f"Title {i}")
    return root


def test_many_files_are_read_by_several_processes(many: Path, store: Store) -> None:
    done: list[int] = []
    report = refresh(
        many, store, processes=2, on_progress=lambda progress: done.append(progress.done)
    )
    assert report.added == 2_300
    assert done[-1] == 2_300
    assert sorted(done) == done
    assert titles(store)["1234.md"] == "Title 1234"


def workers() -> set[int]:
    """Return the processes that read for this one and are still there."""
    threads = Path(f"/proc/{os.getpid()}/task").iterdir()
    children = {int(pid) for thread in threads for pid in (thread / "children").read_text().split()}
    return {pid for pid in children if b"; serve()" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_killed_workers_cost_nothing(
    many: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One batch ahead, so that processes are alive while batches are written.
    monkeypatch.setattr("newsdesk.index.process_pool._AHEAD", 1)
    killed = set()

    def kill(progress: object) -> None:
        for pid in workers():
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)

    report = refresh(many, store, processes=2, on_progress=kill)
    assert report.added == 2_300
    assert len(titles(store)) == 2_300
    assert killed


def test_no_process_imports_what_lies_in_the_collection(many: Path, tmp_path: Path) -> None:
    for name in ("multiprocessing", "concurrent", "signal", "pickle", "newsdesk"):
        (many / f"{name}.py").write_text("open('taken-in', 'w')")
    # As the installed command does it: Python looks into the folder of the script, not here.
    code = (
        "import sys; sys.path.pop(0); import os; os.cpu_count = lambda: 2;"
        "from newsdesk.cli.main import run; sys.exit(run(['index'], None))"
    )
    home = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CACHE", "STATE", "CONFIG")}
    environment = {**os.environ, **home}
    environment.pop("PYTHONSAFEPATH", None)
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=many, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "2,300" in done.stdout + done.stderr) == (0, True), done
    assert not (many / "taken-in").exists()
