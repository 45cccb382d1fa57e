"""No hostile file takes much memory, whatever is done with it."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import memory
import pytest

_HOSTILE = Path(__file__).parent.parent / "collection" / "hostile.py"
CONTENTS: dict[str, bytes] = runpy.run_path(str(_HOSTILE))["CONTENTS"]
MOST = 50  # MB beyond what a good file takes


@pytest.mark.torture
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_hostile_file_takes_little_memory(tmp_path: Path) -> None:
    def taken(name: str) -> float:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "x.md").write_bytes(CONTENTS[name])
        done = subprocess.run(
            [sys.executable, memory.__file__, str(folder), "x.md"],
            capture_output=True,
            check=True,
        )
        return float(json.loads(done.stdout))

    with ThreadPoolExecutor(2) as pool:
        measured = dict(zip(CONTENTS, pool.map(taken, CONTENTS), strict=True))
    largest = sorted(measured.items(), key=lambda item: -item[1])
    print("\n" + "\n".join(f"{megabytes:6.1f} MB  {name}" for name, megabytes in largest[:8]))
    assert largest[0][1] < MOST
