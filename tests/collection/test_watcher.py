"""Changes on disk are told in batches, soon after they happened."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsdesk.collection import watcher as watch_module
from newsdesk.collection.watcher import Changes, watch


@contextmanager
def watching(root: Path) -> Iterator[queue.Queue[Changes]]:
    stop, told = threading.Event(), queue.Queue()
    thread = threading.Thread(target=lambda: [told.put(batch) for batch in watch(root, stop)])
    thread.start()
    try:
        # The watcher is ready once it has told about a first file.
        for number in range(100):
            (root / f"ready{number}.md").write_text("---\n")
            try:
                told.get(timeout=0.2)
                break
            except queue.Empty:
                continue
        yield told
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def paths_told(told: queue.Queue[Changes], wanted: set[str]) -> set[str]:
    seen: set[str] = set()
    while not wanted <= seen:
        seen.update(told.get(timeout=30).paths)
    return seen


def test_written_renamed_and_removed_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "_news").mkdir()
    with watching(tmp_path) as told:
        (tmp_path / "_news/a.md").write_text("---\n")
        paths_told(told, {"_news/a.md"})
        (tmp_path / "_news/.new").write_text("---\ntitle: x\n")
        (tmp_path / "_news/.new").replace(tmp_path / "_news/a.md")  # as a bot writes
        paths_told(told, {"_news/a.md"})
        (tmp_path / "_news/a.md").unlink()
        paths_told(told, {"_news/a.md"})


def test_what_is_no_article_is_not_told(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "_site").mkdir()
    with watching(tmp_path) as told:
        for name in (".git/a.md", "_site/a.md", "a.png", ".hidden.md"):
            (tmp_path / name).write_text("---\n")
        (tmp_path / "b.md").write_text("---\n")
        seen = paths_told(told, {"b.md"})
    assert {path for path in seen if not path.startswith("ready")} == {"b.md"}


def test_a_checkout_of_many_files_is_one_large_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_TOO_MANY", 50)  # a busy machine writes slowly
    with watching(tmp_path) as told:
        for number in range(2_000):
            (tmp_path / f"{number}.md").write_text("---\n")
        while not told.get(timeout=30).too_many:
            pass
