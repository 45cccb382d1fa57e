"""Other link checkers on the same flat set, in the same run, where they are installed.

Each is run as a whole program, its start included, on one core, with its limits lifted to 50 at
a time; so is `newsdesk check`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.home import BenchmarkFailed, Home
from benchmarks.machine import wait_for_quiet
from benchmarks.terminal import memory_of_tree

_LIMIT = 120.0  # seconds
_EVERY = 0.02  # seconds between looks at the memory
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Checker:
    """A program: where it comes from, what it is called with, which files it needs beside it."""

    name: str
    source: str
    command: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()
    needs_git: bool = False


CHECKERS = (
    Checker(
        "newsdesk",
        "the whole program",
        (
            *(sys.executable, "-m", "newsdesk", "check", "--allow-private", "--no-cache"),
            *("--delay", "0", "--concurrency", str(_AT_ONCE), "--per-host", str(_AT_ONCE)),
        ),
    ),
    Checker(
        "linkchecker",
        "PyPI",
        ("linkchecker", "-f", "linkchecker.ini", "--check-extern", "--no-status", "links.html"),
        # Above ten a second it also wants the server's consent: a header of that name.
        (("linkchecker.ini", f"[checking]\nthreads={_AT_ONCE}\nmaxrequestspersecond=100000\n"),),
    ),
    Checker(
        "md-dead-link-check",
        "PyPI",
        ("md-dead-link-check", "--config", "limits.toml", "links.md"),
        (("limits.toml", "[tool.md_dead_link_check]\nthrottle_delay = 0\nthrottle_groups = 1\n"),),
        needs_git=True,
    ),
    Checker(
        "linkinator",
        "npm",
        ("linkinator", "links.html", "--concurrency", str(_AT_ONCE), "--silent"),
    ),
)


def measure_checkers(
    home: Home, urls: list[str], requests_so_far: Callable[[], int]
) -> list[Figure]:
    """Check the addresses with each; `requests_so_far` is the server's own count."""
    folder = home.folder / "checkers"
    folder.mkdir()
    for each in (home.folder, folder):
        each.chmod(0o755)  # one of them, started by root, becomes nobody
    links = "".join(f"[a page]({url})\n\n" for url in urls)
    (folder / "links.md").write_text(f"---\ntitle: Links\n---\n\n{links}")
    page = "".join(f'<a href="{url}">a page</a>\n' for url in urls)
    (folder / "links.html").write_text(page)
    figures: list[Figure] = []
    for checker in CHECKERS:
        label = f"{checker.name} ({checker.source}): flat set, limits lifted to {_AT_ONCE}"
        if shutil.which(checker.command[0]) is None:
            figures.append(Figure(label, None, "URLs/s", note="not installed"))
            continue
        wait_for_quiet()
        before = requests_so_far()
        try:
            seconds, memory = _run(checker, home, folder)
        except (BenchmarkFailed, OSError) as error:
            figures.append(Figure(label, None, "URLs/s", note=str(error)))
            continue
        requested = requests_so_far() - before
        if requested < len(urls):
            note = f"it requested {requested:,} of {len(urls):,}"
            figures.append(Figure(label, None, "URLs/s", note=note))
            continue
        note = f"{requested:,} requests, one core, its start included"
        figures.append(Figure(label, round(len(urls) / seconds), "URLs/s", note=note))
        figures.append(Figure(f"{checker.name}: peak memory", round(memory / 1e6, 1), "MB"))
    return figures


def _run(checker: Checker, home: Home, folder: Path) -> tuple[float, int]:
    """Run a checker to its end on one core; return its seconds and its most bytes of memory."""
    for name, text in checker.files:
        (folder / name).write_text(text)
    if checker.needs_git:
        _track(folder)
    core = {max(os.sched_getaffinity(0))} if hasattr(os, "sched_setaffinity") else set()
    begun = time.perf_counter()
    with subprocess.Popen(
        checker.command,
        cwd=folder,
        env={**home.env, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        memory = 0
        if core:
            with suppress(ProcessLookupError):
                os.sched_setaffinity(process.pid, core)
        while process.poll() is None:
            memory = max(memory, memory_of_tree(process.pid))
            if time.perf_counter() - begun > _LIMIT:
                process.kill()
                raise BenchmarkFailed(f"it took longer than {_LIMIT:g} s")
            time.sleep(_EVERY)
    if process.returncode:
        raise BenchmarkFailed(f"it ended with {process.returncode}")
    return time.perf_counter() - begun, memory


def _track(folder: Path) -> None:
    """Put the files into a repository: that is where this checker looks for them."""
    for command in (["init", "-q"], ["add", "links.md"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True, timeout=20)
