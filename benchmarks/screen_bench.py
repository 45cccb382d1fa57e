"""The main screen in a real pty: from each key to the end of the frame with its result."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, median_of, p95_of, spread
from benchmarks.home import Home
from benchmarks.index_bench import warm_page_cache
from benchmarks.machine import wait_for_quiet
from benchmarks.main_screen import Expected, MainScreen, cut, open_workspace
from benchmarks.terminal import NotSeen
from newsdesk.workspace.views import ALL, PUBLISHED, UNPUBLISHED, Filter

_PAGE_DOWN, _PAGE_UP = "\x1b[6~", "\x1b[5~"
_HELD = 1 / 30  # seconds between the repeats of a key that is held down
# The last letter of each must leave fewer articles: else its result cannot be distinguished from
# that of the text before it, which is on the screen already.
_WORDS = ("law", "bee", "moo", "stor", "gal")
_FAILED = "Something went wrong"
_RARE = "telescope comet harbour ga"


def attempt(figures: list[Figure], names: Sequence[str], work: Callable[[], list[Figure]]) -> None:
    """Add the figures that `work` measures; if it fails, add `names` without a value."""
    wait_for_quiet(12.0)
    try:
        figures += work()
    except (NotSeen, OSError, ValueError, IndexError) as error:
        reason = str(error).partition("\n")[0]
        print("\n".join(str(error).splitlines()[:6]), file=sys.stderr)
        figures += [Figure(name, None, "ms", note=reason) for name in names]


def measure_screen(home: Home, count: int) -> list[Figure]:
    """Measure the main screen on an index that is up to date."""
    figures: list[Figure] = []
    large = count >= 1_000_000
    attempt(figures, ["start to first rows, warm"], lambda: _start(home, large))
    figures += _runs(home, count)
    attempt(figures, ["keys while a cold index is built, p95"], lambda: _cold(home, count))
    return figures


def _runs(home: Home, count: int) -> list[Figure]:
    """Measure each kind of key in a run of its own, so that one failure affects no other."""
    figures: list[Figure] = []
    large = count >= 1_000_000
    change, search = (400.0, 250.0) if large else (80.0, 60.0)
    expected = Expected(home)
    memories: list[float] = []
    parts: tuple[tuple[str, Callable[[MainScreen], list[Figure]]], ...] = (
        ("cursor move (`j`), p95", _cursor),
        ("page down held for 5 s, p95", lambda screen: _pages(screen, expected, count)),
        ("change of sort (`s` `q`)", lambda screen: _sorts(screen, expected, change)),
        ("change of view (`3`, All)", lambda screen: _views(screen, expected, change)),
        ("change of topic", lambda screen: _topics(screen, expected, change)),
        ("full-text search", lambda screen: _searches(screen, expected, search)),
        ("publish", lambda screen: _publishes(screen, home, expected)),
        ("change on disk to screen", lambda screen: _live(screen, home, expected)),
        ("keys while a refresh runs, p95", lambda screen: _refreshing(screen, home, count)),
    )
    for name, part in parts:
        print(f"  {name} ...", file=sys.stderr)
        attempt(figures, [name], partial(_run_part, home, expected, part, memories))
    expected.workspace.close()
    memory = "memory of newsdesk"
    if any(memories):
        limit = 200.0 if large else 110.0
        note = f"the highest peak of {len(memories)} runs; {spread(memories)}"
        figures.append(Figure(memory, round(max(memories), 1), "MB", limit, note=note))
    else:
        figures.append(Figure(memory, None, "MB", note="there is no /proc here"))
    return figures


def _run_part(
    home: Home,
    expected: Expected,
    part: Callable[[MainScreen], list[Figure]],
    memories: list[float],
) -> list[Figure]:
    """Open newsdesk, go to the view All, measure one part there."""
    with open_workspace(home) as terminal:
        screen = MainScreen(terminal)
        top, number = expected.top(Filter(view=UNPUBLISHED))
        terminal.when(lambda: screen.is_at_top(top, number), limit=60)
        terminal.settle(1.5, 60.0)  # the comparison of folder and index is over
        top, number = expected.top(Filter(view=ALL))
        terminal.when(lambda: screen.is_at_top(top, number), "3")
        terminal.settle()
        try:
            return part(screen)
        finally:
            memories.append(round(terminal.peak_memory / 1e6, 1))
            print(f"    {memories[-1]:g} MB", file=sys.stderr)


def _start(home: Home, large: bool) -> list[Figure]:
    expected = Expected(home)
    top, number = expected.top(Filter(view=UNPUBLISHED))
    expected.workspace.close()
    starts, imports, memories = [], [], []
    for repeat in range(10):
        begun = time.perf_counter()
        home.python("-c", "import textual.app")
        imported = time.perf_counter() - begun
        with open_workspace(home) as terminal:
            screen = MainScreen(terminal)
            started = terminal.when(lambda: screen.is_at_top(top, number))  # noqa: B023
            terminal.settle(1.5, 30.0)
            memories.append(terminal.peak_memory / 1e6)
        if repeat:  # the first one warms the caches
            starts.append(started)
            imports.append(imported)
    ratio = statistics.median(starts) / statistics.median(imports)
    return [
        median_of("start to first rows, warm", starts, "s", 0.55 if large else 0.4, scale=1.0),
        median_of('`python -c "import textual.app"`', imports, "s", scale=1.0, note="interleaved"),
        Figure("start ÷ importing Textual", round(ratio, 2), "×", None if large else 2.2),
        median_of("memory after the start", memories, "MB", scale=1.0),
    ]


def _cursor(screen: MainScreen) -> list[Figure]:
    terminal = screen.terminal
    moves, details = [], []
    used = terminal.cpu_seconds()
    for _ in range(150):
        before = screen.cursor_title
        sent = terminal.press("j")
        terminal.collect_until_quiet(0.14, 1.5)
        moved = followed = 0.0
        for at in terminal.frames():
            if not moved and screen.cursor_title not in ("", before):
                moved = at - sent
            if moved and screen.article_title == screen.cursor_title:
                followed = at - sent
                break
        terminal.catch_up()
        if moved:
            moves.append(moved)
        if followed:
            details.append(followed)
    used = (terminal.cpu_seconds() - used) / 150
    missing = 150 - len(moves)
    return [
        median_of(
            "cursor move (`j`), median", moves, note=f"{missing} not seen" if missing else ""
        ),
        p95_of("cursor move (`j`), p95", moves, 16.0),
        median_of("… until the article pane shows it, median", details),
        p95_of("… until the article pane shows it, p95", details),
        Figure("CPU time of one move and its article", round(used * 1000, 1), "ms"),
    ]


def _pages(screen: MainScreen, expected: Expected, count: int) -> list[Figure]:
    """Hold page down; a key is answered when the cursor is as far down as it leads, or farther."""
    terminal = screen.terminal
    titles = expected.titles(Filter(view=ALL), 8_000)
    terminal.press("g")
    terminal.settle()
    terminal.press(_PAGE_DOWN)
    terminal.settle()
    step = titles.index(screen.cursor_title)
    at, targets, keys = step, [], []
    key = _PAGE_DOWN
    for _ in range(int(5.0 / _HELD)):
        if not 0 < at + (step if key == _PAGE_DOWN else -step) < min(count, len(titles)) - 1:
            key = _PAGE_UP if key == _PAGE_DOWN else _PAGE_DOWN
        at += step if key == _PAGE_DOWN else -step
        keys.append(key)
        targets.append(titles[at])
    sent: list[float] = []
    begun = time.perf_counter()
    for number, key in enumerate(keys):
        while (left := begun + number * _HELD - time.perf_counter()) > 0:
            terminal.collect(left)
        sent.append(terminal.press(key))
    terminal.collect_until_quiet(0.3, 5.0)
    times: list[float] = []
    shown_frames = 0
    for done_at in terminal.frames():
        title = screen.cursor_title
        waiting = targets[len(times) :]
        if title in waiting:
            shown_frames += 1
            for _ in range(waiting.index(title) + 1):
                times.append(done_at - sent[len(times)])
    terminal.press("g")
    terminal.settle()
    note = f"30 keys/s, {shown_frames} frames for {len(keys)} keys"
    if len(times) < len(keys):
        note += f", {len(keys) - len(times)} keys unanswered"
    return [
        median_of("page down held for 5 s, median", times),
        p95_of("page down held for 5 s, p95", times, 25.0, note=note),
    ]


def _sorts(screen: MainScreen, expected: Expected, target: float) -> list[Figure]:
    terminal = screen.terminal
    chosen = Filter(view=ALL)
    by_quality: list[float] = []
    others: dict[str, list[float]] = {}
    menus = []
    fields = {"q": "quality", "d": "date", "t": "title", "p": "provider", "h": "heat"}
    for key in "qqqqqqqq" + "ddttpph":
        menus.append(terminal.when(lambda: "Sort by" in terminal.text, "s"))
        terminal.settle(0.1)
        chosen = chosen.sorted_by(fields[key])
        top, number = expected.top(chosen)
        arrow = "↓" if chosen.order[0].descending else "↑"
        header = {"q": "Qual", "d": "Age", "t": "Title", "p": "Source", "h": "Heat"}[key] + arrow
        before = screen.top_title

        def answered() -> bool:
            return (
                header in screen.headers  # noqa: B023
                and screen.is_at_top(top, number)  # noqa: B023
                and "Sort by" not in terminal.text
            )

        took = terminal.when(answered, key)
        terminal.settle()
        if top == before:  # the same first row: only the headers would prove it
            continue
        (by_quality if key == "q" else others.setdefault(fields[key], [])).append(took)
    others = {name: values for name, values in others.items() if len(values) > 1}
    slowest = max(others, key=lambda name: statistics.median(others[name]))
    return [
        median_of("change of sort (`s` `q`)", by_quality, target=target),
        median_of(
            f"change of sort, the slowest of the others ({slowest})", others[slowest], target=target
        ),
        median_of("`s` to the menu", menus),
    ]


def _views(screen: MainScreen, expected: Expected, target: float) -> list[Figure]:
    times: dict[str, list[float]] = {}
    order = Filter(view=ALL).order
    for view in (PUBLISHED, ALL, UNPUBLISHED, ALL) * 3:
        top, number = expected.top(Filter(view=view, order=order))
        took = screen.terminal.when(lambda: screen.is_at_top(top, number), view.key)  # noqa: B023
        times.setdefault(view.key, []).append(took)
        screen.terminal.settle()
    return [
        median_of("change of view (`3`, All)", times[ALL.key], target=target),
        median_of("change of view (`1`, Unpublished)", times[UNPUBLISHED.key], target=target),
        median_of("change of view (`2`, Published)", times[PUBLISHED.key], target=target),
    ]


def _topics(screen: MainScreen, expected: Expected, target: float) -> list[Figure]:
    terminal = screen.terminal
    pickers, times = [], []
    for topic in ("Robotics", "Climate", "Chips", "Space", "Privacy"):
        pickers.append(terminal.when(lambda: "─ Topics ─" in terminal.text, "t"))
        terminal.settle()
        terminal.press(topic)
        terminal.settle()
        top, number = expected.top(Filter(view=ALL, topics=(topic,)))
        times.append(
            terminal.when(
                lambda: screen.is_at_top(top, number, True) and "─ Topics ─" not in terminal.text,  # noqa: B023
                "\r",
            )
        )
        terminal.settle()
        top, number = expected.top(Filter(view=ALL))
        terminal.when(lambda: screen.shows_all(number), "\x1b")  # noqa: B023
        terminal.press("g")
        terminal.settle()
    return [
        median_of("change of topic (Enter in the picker)", times, target=target),
        median_of("`t` to the picker with its counts", pickers, target=target),
    ]


def _searches(screen: MainScreen, expected: Expected, target: float) -> list[Figure]:
    terminal = screen.terminal
    common, rare, shares = [], [], []
    everything = expected.top(Filter(view=ALL))[1]
    for text in (*_WORDS, *(_RARE,) * 3):
        ids = expected.workspace.search(Filter(view=ALL, text=text).query(), typing=True)
        top = cut(expected.workspace.rows(ids[:1])[0].title) if ids else ""
        number = len(ids)
        before = Filter(view=ALL, text=text[:-1]).query()
        earlier = expected.workspace.search(before, typing=True)
        if len(earlier) == number:
            continue
        terminal.press("/")
        terminal.settle()
        for character in text[:-1]:
            terminal.press(character)
            terminal.collect(0.06)
        terminal.when(lambda: f" {len(earlier):,} of " in screen.summary)  # noqa: B023
        terminal.settle()
        took = terminal.when(lambda: _answered(screen, text, top, number), text[-1])  # noqa: B023
        terminal.settle()
        if text == _RARE:
            rare.append(took)
        else:
            common.append(took)
            shares.append(number / everything)
        terminal.press("\x1b")
        terminal.settle(0.4)
        terminal.when(lambda: screen.shows_all(everything), "\x1b")
        terminal.press("g")
        terminal.settle()
    if not common:
        raise ValueError("no last letter leaves fewer articles")
    share = f"words in {min(shares):.0%} to {max(shares):.0%} of the articles"
    return [
        median_of("full-text search (`/` word) to new rows", common, target=target, note=share),
        median_of(
            "full-text search, four words",
            rare,
            target=target,
            note="few matches" if rare else "its last letter leaves as many",
        ),
    ]


def _answered(screen: MainScreen, text: str, top: str, number: int) -> bool:
    return (
        text in screen.summary
        and f" {number:,} of " in screen.summary
        and (not number or screen.top_title == top)
    )


def _publishes(screen: MainScreen, home: Home, expected: Expected) -> list[Figure]:
    """Publish; wait for the message, which comes after the file was synced and renamed."""
    terminal = screen.terminal
    chosen = Filter(view=UNPUBLISHED)
    top, number = expected.top(chosen)
    paths = expected.paths(chosen, 31)
    before = {path: (home.collection / path).read_bytes() for path in paths}
    terminal.when(lambda: screen.is_at_top(top, number), "1")
    terminal.settle()
    moves, writes = [], []
    try:
        for path in paths[:30]:
            title = screen.cursor_title
            sent = terminal.press("p")
            moved = reported = 0.0
            while not reported and time.perf_counter() - sent < 3.0:  # a disk may take its time
                terminal.collect_until_quiet(0.3, 3.0)
                for at in terminal.frames():
                    if not moved and screen.cursor_title not in ("", title):
                        moved = at - sent
                    if (
                        not reported
                        and "Published" in screen.status
                        and title[:24] in screen.status
                    ):
                        reported = at - sent
            if b"\npublished: true\n" not in (home.collection / path).read_bytes() or not reported:
                raise ValueError(f"not published within 3 s: {screen.status.strip()}")
            moves.append(moved)
            writes.append(max(moved, reported))
    finally:
        for path, content in before.items():
            (home.collection / path).write_bytes(content)
    _refresh_now(screen)
    return [
        median_of("publish (`p`) to the next row", moves),
        median_of("publish to next row, file on disk and reported", writes, target=50.0),
        p95_of("… p95", writes, note="journal and file synced: depends on the disk"),
    ]


def _refresh_now(screen: MainScreen) -> None:
    """Press `r` and wait until nothing is printed for 1.5 seconds."""
    screen.terminal.press("r")
    screen.terminal.settle(1.5, 60.0)


def _live(screen: MainScreen, home: Home, expected: Expected) -> list[Figure]:
    """Change the title of the first row on disk; wait for it, or press `r` without a watcher."""
    terminal = screen.terminal
    terminal.press("3")
    terminal.settle(0.5)
    terminal.press("g")
    terminal.settle(0.5)
    path = home.collection / expected.paths(Filter(view=ALL), 1)[0]
    before = path.read_bytes()
    times = []
    watches = True
    try:
        for number in range(4):
            title = f"Changed on disk, no. {number}"
            line = before[: before.index(b"\nexcerpt")].rpartition(b"\n")[2]
            path.write_bytes(before.replace(line, f'title: "{title}"'.encode(), 1))
            begun = time.perf_counter()
            if watches:
                try:
                    took = terminal.when(lambda: screen.top_title == cut(title), limit=4.0)  # noqa: B023
                    times.append(terminal.started_at + took - begun)
                    continue
                except NotSeen:
                    watches = False
            times.append(terminal.when(lambda: screen.top_title == cut(title), "r", 60.0))  # noqa: B023
            terminal.settle(0.5)
    finally:
        path.write_bytes(before)
    _refresh_now(screen)
    if watches:
        return [median_of("change on disk to screen", times, target=500.0)]
    note = "the folder is not watched: from `r`"
    return [median_of("change on disk to screen", times, target=500.0, note=note)]


def keys_while(screen: MainScreen, is_going_on: Callable[[], bool], most: int) -> list[float]:
    """Press `j` every 120 ms for as long as something goes on; return seconds to the next row."""
    terminal = screen.terminal
    times = []
    for _ in range(most):
        if not is_going_on():
            break
        before = screen.cursor_title
        sent = terminal.press("j")
        terminal.collect(0.12)
        for _ in range(20):
            seen = False
            for at in terminal.frames():
                if not seen and screen.cursor_title not in ("", before):
                    times.append(at - sent)
                    seen = True
            if seen:
                break
            terminal.collect(0.1)
        else:
            times.append(time.perf_counter() - sent)  # never seen: counts as what was waited
    return times


def _refreshing(screen: MainScreen, home: Home, count: int) -> list[Figure]:
    """Touch some files, so that a refresh has work to do, and move the cursor meanwhile."""
    touched = min(20_000, count)
    with os.scandir(home.collection / "_news") as folders:
        names = sorted(folder.path for folder in folders)
    paths = (path for folder in names for path in sorted(Path(folder).iterdir()))
    for _, path in zip(range(touched), paths, strict=False):
        os.utime(path)
    terminal = screen.terminal
    terminal.press("g")
    terminal.settle(0.5)
    terminal.press("j")
    terminal.settle(0.5)
    begun = time.monotonic()
    terminal.press("r")
    is_reading = lambda: "reading " in screen.status or time.monotonic() - begun < 1.0  # noqa: E731
    times = keys_while(screen, is_reading, 400)
    terminal.settle(1.5, 60.0)
    _raise_if_failed(screen)  # a refresh that failed would leave the keys all the time
    if len(times) < 5:
        raise ValueError(f"the refresh was over after {len(times)} keys")
    note = f"`r` with {touched:,} files touched, took {time.monotonic() - begun:.1f} s"
    return [p95_of("keys while a refresh runs, p95", times, 50.0, note=note)]


def _cold(home: Home, count: int) -> list[Figure]:
    """Start on an empty cache; move the cursor while the index is built, for 15 s at most."""
    elsewhere = Home(home.collection, home.folder / "cold")
    shutil.rmtree(elsewhere.folder, ignore_errors=True)
    elsewhere.folder.mkdir(parents=True)
    warm_page_cache(home.collection)
    with open_workspace(elsewhere) as terminal:
        screen = MainScreen(terminal)
        first_rows = terminal.when(
            lambda: screen.cursor_title or _FAILED in screen.status, limit=60.0
        )
        _raise_if_failed(screen)
        terminal.press("j")
        with suppress(NotSeen):  # few articles: it is over
            terminal.when(lambda: "reading " in screen.status, limit=3.0 + count / 20_000)
        times = keys_while(screen, lambda: "reading " in screen.status, 120)
        memory = terminal.peak_memory / 1e6
    with suppress(OSError):
        shutil.rmtree(elsewhere.folder)
    note = "" if times else "the index was built before a key could be pressed"
    return [
        Figure("cold start to first rows", round(first_rows, 2), "s", 1.0, note="n = 1"),
        median_of("keys while a cold index is built, median", times, note=note),
        p95_of("keys while a cold index is built, p95", times, 50.0, note=note),
        Figure("memory meanwhile, with its workers", round(memory, 1) or None, "MB"),
    ]


def _raise_if_failed(screen: MainScreen) -> None:
    """Raise ValueError with the status line, if it reports an error."""
    if _FAILED in screen.status:
        raise ValueError(f"newsdesk reports: {screen.status.strip()}")
