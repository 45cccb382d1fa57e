"""The index without a terminal: cold, warm, its size, and the first line of `list`.

`python -m benchmarks.index_bench refresh|loop FOLDER ...` runs one part in a process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, median_of
from benchmarks.home import BenchmarkFailed, Home
from benchmarks.machine import wait_for_quiet

_LOOP_FILES = 20_000  # files that the one-process loop reads; its rate does not depend on more


def measure_index(home: Home, count: int) -> list[Figure]:
    """Build the index, refresh it, measure its size; it exists afterwards."""
    wait_for_quiet()
    loop = []
    for _ in range(2):
        warm_page_cache(home.collection)
        loop.append(_loop(home))
    warm_page_cache(home.collection)  # again: some machines evict pages within a minute
    cold = _refresh(home)
    loop.append(_loop(home))
    if cold["added"] != count:
        raise BenchmarkFailed(f"the index has {cold['added']:,} of {count:,} articles")
    wait_for_quiet()
    warm = [_refresh(home)["seconds"] for _ in range(5)]
    cold_rate = count / cold["seconds"]
    loop_rate = statistics.median(loop)
    index_size = sum(
        Path(f"{home.config.index_path}{suffix}").stat().st_size
        for suffix in ("", "-wal")
        if Path(f"{home.config.index_path}{suffix}").exists()
    )
    text_size = sum(path.stat().st_size for path in _files(home.collection))
    return [
        Figure("cold index", round(cold_rate), "files/s", note=f"{cold['seconds']:.2f} s in all"),
        Figure(
            "one-process loop, whole files, `CSafeLoader`",
            round(loop_rate),
            "files/s",
            note=f"same run, {min(count, _LOOP_FILES):,} files, median of {len(loop)}",
        ),
        Figure("cold index ÷ that loop", round(cold_rate / loop_rate, 2), "×", 3.0, at_least=True),
        Figure("peak memory of a cold index, one process", cold["memory"] / 1e6, "MB"),
        median_of(
            "refresh, nothing changed",
            warm,
            "s",
            10.0 if count >= 1_000_000 else 1.0,
            scale=1.0,
        ),
        Figure(
            "index ÷ the articles' text",
            round(index_size / text_size, 3),
            "×",
            1.0,
            note=f"{index_size / 1e6:,.1f} MB for {text_size / 1e6:,.1f} MB",
        ),
        _first_line(home),
    ]


def measure_stories(home: Home, count: int) -> list[Figure]:
    """Group the stories of an index that is up to date; they exist afterwards."""
    wait_for_quiet()
    result: dict[str, float] = json.loads(
        home.python(
            "-m", "benchmarks.index_bench", "stories", str(home.collection), str(home.folder),
            limit=3_600,
        )
    )  # fmt: skip
    target = 30.0 if 10_000 < count <= 100_000 else None
    note = f"{result['stories']:,.0f} articles in stories"
    return [
        Figure(
            "grouping of all stories, after the index",
            round(result["seconds"], 1),
            "s",
            target,
            note=note,
        ),
        Figure("peak memory of grouping, the largest process", round(result["memory"] / 1e6), "MB"),
    ]


def skip_stories(home: Home) -> None:
    """Mark the stories of an index as grouped, with no story."""
    home.python("-m", "benchmarks.index_bench", "none", str(home.collection), str(home.folder))


def warm_page_cache(folder: Path) -> None:
    """Read every file once, so that the disk is not part of the comparison."""
    for path in _files(folder):
        path.read_bytes()


def _refresh(home: Home) -> dict[str, float]:
    output = home.python(
        "-m", "benchmarks.index_bench", "refresh", str(home.collection), str(home.folder),
        limit=1_800,
    )  # fmt: skip
    result: dict[str, float] = json.loads(output)
    return result


def _loop(home: Home) -> float:
    return float(home.python("-m", "benchmarks.index_bench", "loop", str(home.collection)))


def _first_line(home: Home) -> Figure:
    """Time `newsdesk list --jsonl | head -1`, with the comparison of folder and index in it."""
    command = [sys.executable, "-m", "newsdesk", "list", "-C", str(home.collection), "--jsonl"]
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        with subprocess.Popen(
            command, env=home.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as running:
            assert running.stdout is not None
            line = running.stdout.readline()
            times.append(time.perf_counter() - begun)
            running.stdout.close()
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()
        if not line.startswith(b"{"):
            return Figure("`newsdesk list --jsonl \\| head -1`", None, "s", note="printed no row")
    return median_of(
        "`newsdesk list --jsonl \\| head -1`", times, "s", scale=1.0, note="refreshes first"
    )


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent) / name for name in sorted(names) if name.endswith(".md"))


# -- in a process of its own ---------------------------------------------------------------


def _run_refresh(folder: str, home: str) -> None:
    import resource

    from newsdesk.workspace.workspace import Workspace

    begun = time.perf_counter()
    workspace = Workspace(Home(Path(folder), Path(home)).config)
    report = workspace.refresh()
    seconds = time.perf_counter() - begun
    workspace.close()
    memory = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"added": report.added, "seconds": seconds, "memory": memory * 1024}))


def _run_stories(folder: str, home: str) -> None:
    import resource

    from newsdesk.workspace.workspace import Workspace

    workspace = Workspace(Home(Path(folder), Path(home)).config)
    begun = time.perf_counter()
    workspace.stories.group()
    seconds = time.perf_counter() - begun
    stories = len(workspace.collapsed_stories.sizes())
    workspace.close()
    memory = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"seconds": seconds, "stories": stories, "memory": memory * 1024}))


def _run_none(folder: str, home: str) -> None:
    from unittest import mock

    from newsdesk.workspace.stories import builder
    from newsdesk.workspace.workspace import Workspace

    workspace = Workspace(Home(Path(folder), Path(home)).config)
    with mock.patch.object(builder, "slices", return_value=[]):
        workspace.stories.group()
    workspace.close()


def _run_loop(folder: str) -> None:
    import yaml

    every = list(_files(Path(folder)))
    paths = every[:: max(1, len(every) // _LOOP_FILES)]  # spread over the whole collection
    begun = time.perf_counter()
    for path in paths:
        text = path.read_bytes().decode()
        front = text[4 : text.index("\n---\n", 4) + 1]
        yaml.load(front, yaml.CSafeLoader)
    print(len(paths) / (time.perf_counter() - begun))


if __name__ == "__main__":
    _PARTS: dict[str, Callable[..., None]] = {
        "refresh": _run_refresh,
        "loop": _run_loop,
        "stories": _run_stories,
        "none": _run_none,
    }
    _PARTS[sys.argv[1]](*sys.argv[2:])
