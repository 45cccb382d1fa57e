"""Start Python processes that import nothing from the folder they are started in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def safe_path() -> Iterator[None]:
    """Let Python processes that `multiprocessing` starts meanwhile not look into this folder.

    Left to itself Python looks there first, and a collection that came from strangers could
    hold a `multiprocessing.py` (https://docs.python.org/3/using/cmdline.html#cmdoption-P).
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before
