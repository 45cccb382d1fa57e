"""The machine that figures come from, and whether it was quiet."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

_QUIET = 0.15  # share of all cores that others may use while something is timed
busy_shares: list[float] = []  # how busy the machine was just before each part was timed


def wait_for_quiet(limit: float = 45.0) -> float:
    """Wait until the machine does little else; return how busy it is, 0 to 1."""
    end = time.monotonic() + limit
    share = _busy_share(0.7)
    while share > _QUIET and time.monotonic() < end:
        share = _busy_share(1.0)
    busy_shares.append(share)
    return share


def _busy_share(seconds: float) -> float:
    try:
        before = _cpu_times()
        time.sleep(seconds)
        after = _cpu_times()
    except OSError:  # no Linux
        return 0.0
    passed = [later - earlier for earlier, later in zip(before, after, strict=True)]
    idle = passed[3] + passed[4]
    return 1.0 - idle / max(1, sum(passed))


def _cpu_times() -> list[int]:
    return [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]


def busy_median() -> float:
    """Return the median of how busy the machine was with other work, 0 to 1."""
    return statistics.median(busy_shares) if busy_shares else 0.0


def quietness() -> str:
    """Return as text how busy the machine was before the parts were timed."""
    if not busy_shares:
        return "not measured"
    return (
        f"{statistics.median(busy_shares):.0%} in the median, {max(busy_shares):.0%} at worst, "
        f"before {len(busy_shares)} parts"
    )


def describe() -> dict[str, str]:
    """Return what figures depend on: cores, memory, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"Textual {version('textual')}, PyYAML {version('PyYAML')}, httpx {version('httpx')}",
        "newsdesk": _revision(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _revision() -> str:
    import newsdesk

    root = Path(__file__).parent.parent
    git = ["git", "-C", str(root), "--no-optional-locks"]
    try:
        revision, changed = (
            subprocess.run(
                [*git, *command], check=False, capture_output=True, text=True, timeout=20
            ).stdout.strip()
            for command in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "src"))
        )
    except (OSError, subprocess.TimeoutExpired):
        revision, changed = "", ""
    number = getattr(newsdesk, "__version__", "")
    return f"{number} {revision}{' with uncommitted changes' if changed else ''}".strip()
