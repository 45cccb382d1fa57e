"""Fuzz the targets: `python tests/fuzz/fuzz.py [SECONDS_PER_TARGET [TARGET...]]`.

Without atheris (it is made for Linux mostly) a plain random mutator takes its place. An input
that breaks a promise is kept in `found/TARGET/`, where the test suite tries it again every time.
"""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

_LONGEST = 4_096  # bytes of an input
_SLOWEST = 5  # seconds for an input
_TOGETHER = 2  # targets at a time: seven of them take ten minutes at 170 seconds each

try:
    import atheris
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["newsdesk"]):
        import targets
else:
    import targets


def fuzz_one(name: str, seconds: int) -> None:
    """Fuzz one target in this process; it ends with it."""
    found = targets.FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    if atheris is None:
        _fuzz_at_random(name, seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(targets.seeds_of(name)):
            Path(folder, str(number)).write_bytes(seed)
        words = Path(folder + ".words")
        words.write_text(
            "".join(
                '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'
                for word in filter(None, targets.WORDS)
            )
        )
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={_LONGEST}",
            f"-timeout={_SLOWEST}",
            f"-dict={words}",
            f"-artifact_prefix={found}/",
            "-print_final_stats=1",
            "-rss_limit_mb=1024",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], *options, folder, str(found)], targets.TARGETS[name])
        atheris.Fuzz()


def _fuzz_at_random(name: str, seconds: int) -> None:
    target = targets.TARGETS[name]
    end = time.monotonic() + seconds
    for number, data in enumerate(targets.random_inputs(name, random.Random())):
        if time.monotonic() > end:
            print(f"stat::number_of_executed_units: {number}")
            return
        try:
            target(data)
        except Exception:
            traceback.print_exc()
            digest = hashlib.sha256(data).hexdigest()[:16]
            (targets.FOUND / name / f"crash-{digest}").write_bytes(data)
            sys.exit(1)


def main() -> int:
    """Fuzz the targets two at a time, each in a process of its own; 1 if one found something."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 170
    if len(sys.argv) == 4 and sys.argv[2] == "--one":
        fuzz_one(sys.argv[3], seconds)
        return 0
    print("with atheris" if atheris is not None else "without atheris: at random")
    waiting = sys.argv[2:] or list(targets.TARGETS)
    running: dict[str, subprocess.Popen[str]] = {}
    findings = 0
    while waiting or running:
        while waiting and len(running) < _TOGETHER:
            name = waiting.pop(0)
            command = [sys.executable, __file__, str(seconds), "--one", name]
            running[name] = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        name, process = next(iter(running.items()))
        said, _ = process.communicate()
        del running[name]
        executed = re.search(r"number_of_executed_units:\s*(\d+)", said)
        number = f"{int(executed[1]):,}" if executed else "?"
        print(f"{name:<8} {number:>12} inputs  {'found something' if process.returncode else 'ok'}")
        if process.returncode:
            findings += 1
            print(said[-4000:])
    return min(findings, 1)


if __name__ == "__main__":
    sys.exit(main())
