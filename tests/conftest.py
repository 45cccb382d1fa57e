"""How hypothesis runs here, and the small things that several folders of tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "newsdesk",
    deadline=None,  # a busy machine is no mistake
    max_examples=60,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", settings.get_profile("newsdesk"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "newsdesk"))

ARTICLE = b"---\ntitle: A quiet day\nquality: 70\nheat: 12\npublished: false\n---\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty collection."""
    folder = tmp_path / "collection"
    (folder / "_news").mkdir(parents=True)
    return folder


@pytest.fixture
def article(root: Path) -> Path:
    """One unpublished article in the collection, `_news/a.md`."""
    file = root / "_news" / "a.md"
    file.write_bytes(ARTICLE)
    return file
