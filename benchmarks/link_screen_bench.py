"""Keys of the main screen while `L` checks 20,000 URLs on 500 hosts that answer after 30 ms."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.figures import Figure, median_of, p95_of
from benchmarks.home import Home
from benchmarks.main_screen import MainScreen, open_workspace
from benchmarks.screen_bench import keys_while

HOSTS = 500
_ARTICLES = 10_000
_PER_ARTICLE = 2
_IDLE = 8.0  # seconds
_TARGET = 30.0  # ms
_UNTIL_IT_BEGINS = 3.0  # seconds, in which files are read


def host(number: int) -> str:
    """Return the address of one of the hosts, all of them on this machine (Linux only)."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def make_links(folder: Path, port: int) -> None:
    """Write the articles: two URLs each, on other hosts than those next to them."""
    for number in range(_ARTICLES):
        first = _PER_ARTICLE * number
        one, other = (f"http://{host(n % HOSTS)}:{port}/ok/{n}" for n in (first, first + 1))
        place = folder / "_news" / f"{number // 500:02}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:05}.md").write_text(
            f'---\ntitle: "{number:05} is a number of a story"\npublished: false\n'
            f'excerpt: "Some words about it that were written."\nheat: {number % 100}\n'
            f'webUrl: "{one}"\noriginalUrl: "{other}"\ntopics:\n- "AI"\n---\n'
        )


def measure_keys(home: Home) -> list[Figure]:
    """Move the cursor before and during a check of all that is shown."""
    settings = home.folder / "config" / "newsdesk" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("[check]\nallow-private = true\n")
    with open_workspace(home) as terminal:
        screen = MainScreen(terminal)
        terminal.when(lambda: screen.cursor_title, limit=60.0)
        terminal.when(lambda: f" {_ARTICLES:,} of {_ARTICLES:,} " in screen.summary, "g", 60.0)
        terminal.settle(2.0, 30.0)
        end = time.monotonic() + _IDLE
        idle = keys_while(screen, lambda: time.monotonic() < end, 400)
        terminal.settle(0.5)
        terminal.when(lambda: f"{_ARTICLES:,} articles?" in terminal.text, "L", 30.0)
        begun = time.monotonic()
        terminal.press("y")
        statuses: dict[str, float] = {}
        keys = keys_while(screen, _going_on(screen, begun, statuses), 4_000)
        seconds = time.monotonic() - begun
        terminal.settle(1.0)
        memory = terminal.peak_memory / 1e6
    total = f"{_ARTICLES * _PER_ARTICLE:,} "
    if not any(total in each and "checked" in each for each in (screen.status, *statuses)):
        raise ValueError(f"newsdesk reports: {screen.status.strip()}")
    moments = [*statuses.values()]
    gaps = [later - before for before, later in pairwise(moments)]
    note = f"{_ARTICLES * _PER_ARTICLE:,} URLs on {HOSTS} hosts, 30 ms; took {seconds:.0f} s"
    return [
        p95_of("keys before `L`, p95", idle),
        median_of("keys while `L` checks, median", keys),
        p95_of("keys while `L` checks, p95", keys, _TARGET, note=note),
        Figure("longest time without progress", round(max(gaps, default=0.0), 2), "s", 1.5),
        Figure("memory meanwhile, with its process", round(memory, 1) or None, "MB"),
    ]


def _going_on(screen: MainScreen, begun: float, statuses: dict[str, float]) -> Callable[[], bool]:
    def is_going_on() -> bool:
        status = screen.status.strip()
        if "links " in status or "checked" in status:
            statuses.setdefault(status, time.monotonic())
        busy = "links " in status or "reading" in status
        return busy or time.monotonic() - begun < _UNTIL_IT_BEGINS

    return is_going_on
