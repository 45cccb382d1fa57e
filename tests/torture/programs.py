"""What the torture tests run in processes of their own: kills and races.

`python programs.py kill|append|rename|git FOLDER NUMBER SEED` prints what it counted as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

from newsdesk.collection import atomic_write
from newsdesk.errors import NewsdeskError
from newsdesk.workspace.journal import Journal
from newsdesk.workspace.triage import Triage

SECURED = "secured: " + "QUJD" * 60 + ";" + "AAAAAAAAAAAAAAAAAAAAAA=="
PAIRS = [("false", "true"), ("False", "True"), ("NO", "YES"), ("off", "on")]
Shape = dict[bool, bytes]  # what the file holds when unpublished, when published


def shapes() -> list[Shape]:
    """Files of every kind that Jekyll reads: line ends, spellings, places, bodies.

    With a byte order mark or CR line ends it reads no front matter, and unpublishing is refused.
    """
    made = []
    for end, pair, closing, (before, after), body in product(
        ["\n", "\r\n"],
        PAIRS,
        ["---", "..."],
        [("", ""), ("'published' : ", "   # false: yes"), ("published:    ", "")],
        ["", "{end}<p>published: false</p>{end}---{end}published: false"],
    ):
        lines = [
            "---",
            'title: "published: false"',
            SECURED,
            "provider:",
            "  published: false",
            f"{before or 'published: '}{{value}}{after}",
            "note: |",
            "  published: false",
            "",
            "heat: -1",
            closing + body.format(end=end),
        ]
        text = end.join(lines)
        made.append({bool(i): text.format(value=pair[i]).encode() for i in (0, 1)})
    return made


def filled(root: Path, number: int) -> dict[str, Shape]:
    """Write files of all shapes, unpublished; return path -> shape."""
    kinds = shapes()
    made = {f"_news/{i:05}.md": kinds[i * 7 % len(kinds)] for i in range(number)}
    (root / "_news").mkdir(parents=True, exist_ok=True)
    for path, shape in made.items():
        (root / path).write_bytes(shape[False])
    return made


def strays(root: Path) -> list[str]:
    return [path.name for path in (root / "_news").iterdir() if path.suffix != ".md"]


def work(root: Path, journal: Path, paths: list[str], chance: random.Random) -> None:
    """Decide and undo until killed."""
    triage = Triage(root, Journal(journal))
    while True:
        kind = chance.random()
        if kind < 0.4:
            triage.set_published([chance.choice(paths)], chance.random() < 0.5)
        elif kind < 0.8:
            triage.set_published(chance.sample(paths, 12), chance.random() < 0.5)
        elif kind < 0.9:
            triage.undo()
        else:
            triage.redo()


def kill(folder: Path, number: int, seed: int) -> dict[str, object]:
    """Kill a desk at any moment, many times; what is left must be whole."""
    root, journal = folder / "collection", folder / "state" / "journal.db"
    made = filled(root, 40)
    chance = random.Random(seed)
    counted: Counter[str] = Counter(kills=0, damaged=0, strays=0, unfinished=0, refused=0, mended=0)
    counted["half done"] = 0
    for i in range(number):
        child = os.fork()
        if child == 0:
            try:
                work(root, journal, list(made), random.Random(seed + i))
            finally:
                os._exit(1)
        time.sleep(chance.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        counted["kills"] += os.WIFSIGNALED(status)
        counted["strays before restart"] += len(strays(root))
        triage = Triage(root, Journal(journal))
        for action in triage.recover():
            counted["mended"] += 1
            counted["refused"] += len(action.refused)
        counted["unfinished"] += len(triage.journal.interrupted())
        counted["strays"] += len(strays(root))
        counted["damaged"] += sum(
            (root / path).read_bytes() not in shape.values() for path, shape in made.items()
        )
        for entry in triage.journal.entries(1):
            if entry.state == "done":  # else older ones may be undone as well
                value = entry.verb == "publish"
                counted["half done"] += sum(
                    change.state != "done"
                    or (root / change.path).read_bytes() != made[change.path][value]
                    for change in entry.changes
                )
        triage.journal.close()
    # Whatever was killed, undoing everything leads back to where it began.
    triage = Triage(root, Journal(journal))
    while triage.undo():
        counted["undone at the end"] += 1
    counted["not as in the beginning"] = sum(
        (root / path).read_bytes() != shape[False] for path, shape in made.items()
    )
    triage.journal.close()
    return dict(counted)


ARTICLE = "---\ntitle: x\npublished: false\nsecured: 0\n---\n"


class Other:
    """Another program that does one edit each time it is told to."""

    def __init__(self, edit: Callable[[int], None]) -> None:
        asking, self.ask = os.pipe()
        self.done, telling = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                chance = random.Random(7)
                os.close(self.ask)
                while number := os.read(asking, 8):
                    until = time.perf_counter() + chance.uniform(0, 0.003)
                    while time.perf_counter() < until:
                        pass
                    edit(int(number))
                    os.write(telling, b".")
            finally:
                os._exit(0)
        os.close(asking)
        os.close(telling)

    def start(self, number: int) -> None:
        os.write(self.ask, b"%8d" % number)

    def wait(self) -> None:
        assert os.read(self.done, 1) == b"."

    def end(self) -> None:
        os.close(self.ask)
        os.waitpid(self.child, 0)


def race(kind: str, folder: Path, number: int, seed: int) -> dict[str, object]:
    """Publish and unpublish while another program edits; none of its edits may be lost."""
    root = folder / "collection"
    (root / "_news").mkdir(parents=True)
    file = root / "_news" / "a.md"
    triage = Triage(root, Journal(folder / "state" / "journal.db"))
    counted: Counter[str] = Counter(races=0, lost=0, kept_aside=0, refused=0, changed=0, damaged=0)

    def append(i: int) -> None:
        with file.open("a") as handle:
            handle.write(f"line {i}\n")

    def rename(i: int) -> None:
        other = root / "other"
        other.write_bytes(file.read_bytes() + b"line %d\n" % i)
        other.replace(file)

    def git(*arguments: str) -> int:
        return subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, check=False
        ).returncode

    def checkout(i: int) -> None:
        (folder / "exit").write_text(str(git("checkout", "-q", f"b{i % 2}")))

    file.write_text(ARTICLE)
    if kind == "git":
        git("init", "-q", "-b", "b0")
        git("config", "user.email", "a@example.org")
        git("config", "user.name", "A")
        git("config", "core.fsync", "none")
        git("add", ".")
        git("commit", "-qm", "0")
        git("checkout", "-qb", "b1")
        file.write_text(ARTICLE.replace("secured: 0", "secured: 1"))
        git("commit", "-qam", "1")
    other = Other({"append": append, "rename": rename, "git": checkout}[kind])
    chance = random.Random(seed)
    for i in range(number):
        if kind == "git":
            git("checkout", "-qf", f"b{(i + 1) % 2}")
        elif i % 50 == 0:
            file.write_text(ARTICLE)
        other.start(i)
        time.sleep(chance.uniform(0, 0.006 if kind == "git" else 0.003))
        try:
            action = triage.set_published(["_news/a.md"], b"published: false" in file.read_bytes())
            counted["refused"] += bool(action.refused)
            counted["changed"] += bool(action.changed)
        except (NewsdeskError, FileNotFoundError):
            counted["refused"] += 1
        other.wait()
        counted["races"] += 1
        aside = strays(root)
        counted["kept_aside"] += len(aside)
        everything = [file.read_bytes(), *((root / "_news" / name).read_bytes() for name in aside)]
        if kind == "git":
            went = (folder / "exit").read_text() == "0"
            wanted = b"secured: %d" % (i % 2 if went else (i + 1) % 2)
            counted["checked out"] += went
        else:
            wanted = b"line %d\n" % i
        counted["lost"] += not any(wanted in content for content in everything)
        head = everything[0].partition(b"line")[0]
        whole = {
            ARTICLE.replace("secured: 0", f"secured: {n}").replace("false", value).encode()
            for n in (0, 1)
            for value in ("true", "false")
        }
        counted["damaged"] += head not in whole
        for name in aside:
            (root / "_news" / name).unlink()
    other.end()
    triage.journal.close()
    return dict(counted)


def main() -> None:
    kind, folder, number, seed = sys.argv[1:]
    started = time.perf_counter()
    arguments = (Path(folder), int(number), int(seed))
    counted = kill(*arguments) if kind == "kill" else race(kind, *arguments)
    exchanges = atomic_write._renameat2 is not None
    print(json.dumps(counted | {"exchanges": exchanges, "s": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
