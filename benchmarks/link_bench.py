"""The link checker against a local web: verdicts, URLs per second, memory.

`python -m benchmarks.link_bench flat|mixed|again ...` runs one part in a process of its own, on one
core.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.figures import Figure, median_of
from benchmarks.home import BenchmarkFailed, Home
from benchmarks.link_peers import measure_checkers
from benchmarks.link_screen_bench import HOSTS, make_links, measure_keys
from benchmarks.machine import wait_for_quiet
from benchmarks.terminal import NotSeen

_SERVER = Path(__file__).parent.parent / "tests" / "links" / "mixed_server.py"
_FLAT = 2_000
_MANY = 20_000


def mixed_server() -> ModuleType:
    """Import the tests' local web by its path."""
    spec = importlib.util.spec_from_file_location("mixed_server", _SERVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(latency: float, hosts: int = 1) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Serve the mixed set from a process of its own; yield its port and the process."""
    with subprocess.Popen(
        [sys.executable, str(_SERVER), str(latency), str(hosts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline()), process
        finally:
            process.kill()


def tally(process: subprocess.Popen[str]) -> tuple[int, int]:
    """Return the server's highest number of requests at once per host, and all its requests."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    in_flight, requests = map(int, process.stdout.readline().split())
    return in_flight, requests


def measure_links() -> list[Figure]:
    """Run every part; one that fails is `not measured`, with the reason."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="newsdesk-bench-") as folder:
        home = Home(Path(folder), Path(folder))
        for name, part in (
            ("mixed set", _mixed),
            ("flat set", _flat),
            ("second run", _again),
            ("other checkers", _other_checkers),
            ("keys while `L` checks, p95", _keys),
        ):
            wait_for_quiet()
            try:
                figures += part(home)
            except (BenchmarkFailed, NotSeen, OSError, ValueError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                figures.append(Figure(name, None, note=str(error).partition("\n")[0]))
    return figures


def _child(home: Home, *arguments: str) -> dict[str, Any]:
    output = home.python("-m", "benchmarks.link_bench", *arguments, limit=300)
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def _mixed(home: Home) -> list[Figure]:
    with served(0.03) as (port, process):
        result = _child(home, "mixed", str(port))
        in_flight, requests = tally(process)
    verdicts = "; ".join(
        f"{kind}: {', '.join(f'{n:,} {verdict}' for verdict, n in sorted(found.items()))}"
        for kind, found in sorted(result["table"].items())
    )
    return [
        Figure("mixed set: false dead", result["false_dead"], "", 0, note=verdicts),
        Figure("mixed set: dead missed, of 120", result["missed"], "", 0),
        Figure("mixed set: any other class wrong", result["wrong"], "", 0),
        Figure(
            "mixed set: redirects distinguished, of 140",
            result["redirects"],
            "",
            140,
            at_least=True,
        ),
        Figure(
            "mixed set, usual limits, 20 hosts",
            round(result["seconds"], 1),
            "s",
            note=f"{len(result['table'])} classes, {requests:,} requests, 100 ms between starts",
        ),
        Figure("most in flight per host, by the server's count", in_flight, "", 4),
        Figure("mixed set: peak memory", round(result["memory"] / 1e6, 1), "MB"),
    ]


def _flat(home: Home) -> list[Figure]:
    runs = []
    with served(0.0) as (port, _):
        for _ in range(5):
            runs.append(_child(home, "flat", str(port)))
    wrong = sum(result["wrong"] for result in runs)
    rates = [_FLAT / result["seconds"] for result in runs]
    note = f"{_FLAT:,} URLs on one host, one core{f', {wrong} wrong' if wrong else ''}"
    rate = median_of("flat set, limits lifted to 50", rates, "URLs/s", scale=1.0, note=note)
    memory = max(result["memory"] for result in runs) / 1e6
    return [
        Figure(rate.name, rate.value, rate.unit, 1_000, at_least=True, note=rate.note),
        Figure("flat set: peak memory", round(memory, 1), "MB", 60.0),
    ]


def _again(home: Home) -> list[Figure]:
    with served(0.0) as (port, _):
        result = _child(home, "again", str(port), str(home.folder / "verdicts.db"))
    return [
        Figure(
            f"second run within the cache's age, {_MANY:,} URLs",
            round(result["second"], 2),
            "s",
            1.0,
            note=f"the first run took {result['first']:.1f} s; "
            f"{result['requested']} requested again",
        )
    ]


def _other_checkers(home: Home) -> list[Figure]:
    """Check the same flat set with every other checker that is installed."""
    with served(0.0) as (port, process):
        urls = [f"http://127.0.0.1:{port}/ok/{n}" for n in range(_FLAT)]
        return measure_checkers(home, urls, lambda: tally(process)[1])


def _keys(home: Home) -> list[Figure]:
    """Measure the keys of the main screen during a check."""
    with served(0.03, HOSTS) as (port, _):
        make_links(home.folder / "linked", port)
        return measure_keys(Home(home.folder / "linked", home.folder))


# -- in a process of its own ---------------------------------------------------------------


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def _here(host: str) -> list[str]:
    return ["127.0.0.1"]


def _run_flat(port: str) -> None:
    from newsdesk.links.checker import run_checks
    from newsdesk.links.policy import Policy

    _on_one_core()
    urls = [f"http://127.0.0.1:{port}/ok/{n}" for n in range(_FLAT)]
    policy = Policy(allow_private=True, delay=0.0, concurrency=50, per_host=50)
    begun = time.perf_counter()
    outcomes = run_checks(urls, policy)
    seconds = time.perf_counter() - begun
    wrong = len(urls) - sum(outcome.verdict.value == "alive" for outcome in outcomes)
    print(json.dumps({"seconds": seconds, "memory": _memory(), "wrong": wrong}))


def _run_mixed(port: str) -> None:
    from newsdesk.links.checker import run_checks
    from newsdesk.links.policy import Policy
    from newsdesk.links.progress import CheckEnvironment

    _on_one_core()
    expected = mixed_server().mixed_addresses(lambda n: f"http://host{n % 20}.test:{port}")
    begun = time.perf_counter()
    outcomes = run_checks(
        expected, Policy(allow_private=True), environment=CheckEnvironment(resolver=_here)
    )
    seconds = time.perf_counter() - begun
    table: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        kind, _ = expected[outcome.url]
        table.setdefault(kind, Counter())[outcome.verdict.value] += 1
    found = [(outcome.verdict.value, *expected[outcome.url]) for outcome in outcomes]
    redirects = sum(
        bool(outcome.redirects) and expected[outcome.url][0] in ("moved", "elsewhere")
        for outcome in outcomes
    )
    result = {
        "seconds": seconds,
        "memory": _memory(),
        "table": table,
        "false_dead": sum(v == "dead" and right != "dead" for v, _, right in found),
        "missed": 120 - sum(v == "dead" and right == "dead" for v, _, right in found),
        "wrong": len(expected)
        - len(found)
        + sum(v != right and "dead" not in (v, right) for v, _, right in found),
        "redirects": redirects,
    }
    print(json.dumps(result))


def _run_again(port: str, path: str) -> None:
    from newsdesk.links.cache import VerdictCache
    from newsdesk.links.checker import run_checks
    from newsdesk.links.policy import Policy
    from newsdesk.links.progress import Progress

    urls = [f"http://127.0.0.1:{port}/ok/{n}" for n in range(_MANY)]
    policy = Policy(allow_private=True, delay=0.0, concurrency=50, per_host=50)
    seconds = []
    last = None
    for _ in range(2):
        begun = time.perf_counter()
        result: list[Progress] = []
        with VerdictCache(Path(path)) as cache:
            outcomes = run_checks(urls, policy, cache, on_progress=result.append)
        seconds.append(time.perf_counter() - begun)
        assert len(outcomes) == len(urls)
        last = result[-1]
    assert last is not None
    requested = last.total - last.cached_count
    print(json.dumps({"first": seconds[0], "second": seconds[1], "requested": requested}))


if __name__ == "__main__":
    _PARTS: dict[str, Callable[..., None]] = {
        "flat": _run_flat,
        "mixed": _run_mixed,
        "again": _run_again,
    }
    _PARTS[sys.argv[1]](*sys.argv[2:])
