"""Nothing is lost: not by kills, not by races, not by ten thousand toggles.

Each test has a long form, which `make torture` runs, and a short one for every day. Both print
what they counted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import programs
import pytest

from newsdesk.collection import atomic_write
from newsdesk.workspace.journal import Journal
from newsdesk.workspace.triage import Triage

long_form = pytest.mark.torture
exchanging = pytest.mark.skipif(atomic_write._renameat2 is None, reason="needs an atomic exchange")


def ran(kind: str, folder: Path, number: int) -> dict[str, int]:
    program = Path(programs.__file__)
    done = subprocess.run(
        [sys.executable, str(program), kind, str(folder), str(number), "20201118"],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    counted: dict[str, int] = json.loads(done.stdout)
    print(f"\n{kind}: {counted}")
    return counted


@pytest.mark.parametrize("number", [576, pytest.param(10_000, marks=long_form)])
def test_toggling_changes_no_byte_outside_the_value(number: int, tmp_path: Path) -> None:
    started = time.perf_counter()
    root = tmp_path / "collection"
    made = programs.filled(root, 288)
    toggles, value = 0, True
    with closing(Journal(tmp_path / "journal.db")) as journal:
        triage = Triage(root, journal)
        while toggles < number:
            paths = list(made)[: number - toggles]
            action = triage.set_published(paths, value)
            assert action.changed == tuple(paths)
            toggles += len(paths)
            for path in paths:
                assert (root / path).read_bytes() == made[path][value]
            value = not value
        assert programs.strays(root) == []
        while triage.undo():
            pass
        for path, shape in made.items():
            assert (root / path).read_bytes() == shape[False]
    seconds = time.perf_counter() - started
    print(f"\n{toggles} toggles over {len(programs.shapes())} shapes: {seconds:.1f} s")


@pytest.mark.parametrize("number", [40, pytest.param(1_000, marks=long_form)])
def test_killing_at_any_moment_loses_nothing_and_leaves_nothing(
    number: int, tmp_path: Path
) -> None:
    counted = ran("kill", tmp_path, number)
    assert counted["kills"] == number
    for what in (
        "damaged",
        "strays",
        "unfinished",
        "refused",
        "half done",
        "not as in the beginning",
    ):
        assert counted[what] == 0, what


@exchanging
@pytest.mark.parametrize("kind", ["append", "rename", "git"])
@pytest.mark.parametrize("number", [60, pytest.param(1_000, marks=long_form)])
def test_racing_another_program_loses_none_of_its_edits(
    kind: str, number: int, tmp_path: Path
) -> None:
    if kind == "git" and shutil.which("git") is None:
        pytest.skip("needs git")
    counted = ran(kind, tmp_path, number)
    assert counted["races"] == number
    assert counted["lost"] == 0
    assert counted["damaged"] == 0
    assert counted["changed"] > 0
