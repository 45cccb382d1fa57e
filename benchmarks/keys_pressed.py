"""`python -m benchmarks.keys_pressed [COLLECTION ...]`: keys until the queue is empty, both ways.

An editor who knows the stories works the Unpublished view of a copy through: of every story the
best source is published and the rest is rejected. Once with collapsed stories (`P` where there are
several sources, `p` where there is one), once file by file (`p` for the best, `x` for the rest).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from newsdesk.config import Config
from newsdesk.tui.app import NewsdeskApp
from newsdesk.tui.screens.main import MainScreen
from newsdesk.workspace.views import UNPUBLISHED
from newsdesk.workspace.workspace import Workspace

SEEDS = Path(__file__).parent.parent / "seeds"


def keys_pressed(collection: Path, *, collapsed: bool) -> tuple[int, int]:
    """Return (keys pressed, articles that waited) for a copy of a collection.

    Raises RuntimeError if the queue does not become empty.
    """
    os.environ["NEWSDESK_STORIES"] = "collapsed" if collapsed else "articles"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "collection"
        shutil.copytree(collection, copy)
        workspace = Workspace(Config(copy, Path(folder) / "cache", Path(folder) / "state"))
        try:
            workspace.refresh()
            workspace.stories.group()
            waiting = workspace.view_counts()[UNPUBLISHED]
            return asyncio.run(_worked_through(workspace, collapsed)), waiting
        finally:
            workspace.close()


async def _worked_through(workspace: Workspace, collapsed: bool) -> int:
    app = NewsdeskApp(workspace)
    pressed = 0
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        while not screen.articles.count or screen.refresher.is_running:
            await pilot.pause(0.02)
        await app.workers.wait_for_complete(
            [worker for worker in app.workers if worker.group != "watch"]
        )
        await pilot.pause()
        for _ in range(len(screen.articles.ids)):
            row = screen.articles.row
            assert row is not None
            story = workspace.stories.known(row.path)
            key = "p" if story.best.path == row.path or story.size == 1 else "x"
            await pilot.press("P" if collapsed and story.size > 1 else key)
            pressed += 1
        screen.write_queue.finish()
    if left := workspace.view_counts()[UNPUBLISHED]:
        raise RuntimeError(f"{left} articles wait still.")
    return pressed


def main() -> None:
    """Play both and print both counts."""
    for collection in [Path(name) for name in sys.argv[1:]] or [SEEDS]:
        with_stories, waiting = keys_pressed(collection, collapsed=True)
        without, _ = keys_pressed(collection, collapsed=False)
        both = f"{with_stories} keys with stories, {without} without"
        print(f"{collection.name}: {waiting} wait; {both}")


if __name__ == "__main__":
    main()
