"""How hypothesis runs here, and the small things that several folders of tests share."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings


class _Connection(sqlite3.Connection):
    """Warns when it is dropped without having been closed, as that of Python 3.13 does."""

    is_open = False

    def close(self) -> None:
        super().close()
        self.is_open = False

    def __del__(self) -> None:
        if self.is_open:
            warnings.warn(
                f"unclosed database in {self!r}", ResourceWarning, stacklevel=2, source=self
            )


def _connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
    connection = _connect(*arguments, **{"factory": _Connection, **options})
    if isinstance(connection, _Connection):
        connection.is_open = True
    return connection


_connect = sqlite3.connect
if sys.version_info < (3, 13):
    sqlite3.connect = _connected

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


# A shell starts a job in the background with Ctrl-C ignored, and the programs that tests start
# would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Look for garbage less often: to go through all that was collected takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


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


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own file of settings, not written yet."""
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    (tmp_path / "config" / "newsdesk").mkdir(parents=True)
    return tmp_path / "config" / "newsdesk" / "config.toml"


@pytest.fixture
def shared(root: Path) -> Path:
    """The collection's file of settings, not written yet."""
    return root / ".newsdesk.toml"
