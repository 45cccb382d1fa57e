"""What fuzzing found once is tried again every time; and every target takes its seeds."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
import targets

INPUTS = sorted(path for path in targets.FOUND.glob("*/*") if path.is_file())
BRIEF = 150  # inputs at random for each target


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_is_mended(path: Path) -> None:
    targets.TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", targets.TARGETS)
def test_a_target_takes_its_seeds_and_what_is_like_them(name: str) -> None:
    for seed in (b"", b"---", b"---\n---\n", *targets.seeds_of(name)):
        targets.TARGETS[name](seed)
    chance = random.Random(20201118)
    for data in itertools.islice(targets.random_inputs(name, chance), BRIEF):
        targets.TARGETS[name](data)
