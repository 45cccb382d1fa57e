"""Generate screenshots, reference, man page and tables of the documents.

usage: python docs/generate.py [text]      everything, or only the text
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from recording import write as write_recording
from reference import GENERATED_FILES, GENERATED_PARTS, with_part
from rich.cells import cell_len

from newsdesk.config import Config
from newsdesk.tui.app import NewsdeskApp
from newsdesk.workspace.workspace import Workspace

ROOT = Path(__file__).parent.parent
SCREENSHOTS = {
    "main-screen": ((128, 36), "newsdesk-dark", ("down", "down", "down")),
    "topics": ((100, 30), "newsprint", ("t", "down", "space", "down", "down", "space")),
}
_TEXT = re.compile(r'(<text [^>]*?)x="([\d.]+)"([^>]*)textLength="([\d.]+)"([^>]*>)([^<]*)</text>')


async def screenshot(name: str, size: tuple[int, int], theme: str, keys: Sequence[str]) -> None:
    """Open the main screen on a copy of the demo collection, press keys, write an SVG."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder) / "seeds"
        shutil.copytree(ROOT / "seeds", collection)
        workspace = Workspace(Config(collection, Path(folder) / "cache", Path(folder) / "state"))
        for article in collection.rglob("*.md"):
            os.utime(article, (0, 0))  # old, so that no file is read twice
        workspace.refresh()
        app = NewsdeskApp(workspace, theme)
        async with app.run_test(size=size) as pilot:
            await pilot.pause(1)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.3)
            svg = app.export_screenshot(title="newsdesk seeds")
        workspace.close()
    (ROOT / "docs" / f"{name}.svg").write_text(with_local_fonts(svg), encoding="utf-8")


def with_local_fonts(svg: str) -> str:
    """Return the SVG with fonts that every machine has, instead of downloaded ones."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = _TEXT.sub(_with_true_length, svg)
    fonts = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
    return re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {fonts};", svg)


def _with_true_length(text: re.Match[str]) -> str:
    """Set the position and the width of a run of text from its cells.

    A wide character has two cells, and not every SVG renderer keeps leading spaces.
    """
    before, x, between, length, end, content = text.groups()
    cells = html.unescape(content).replace("\u00a0", " ")
    if not cells.strip():
        return ""
    width = float(length) / len(cells)
    position = float(x) + (len(cells) - len(cells.lstrip())) * width
    cells = cells.strip()
    escaped = html.escape(cells, quote=False).replace(" ", "&#160;")
    true_length = cell_len(cells) * width
    return f'{before}x="{position:.1f}"{between}textLength="{true_length:.1f}"{end}{escaped}</text>'


def write_text() -> None:
    """Write what is generated from the program's declarations."""
    for name, generate in GENERATED_FILES.items():
        (ROOT / name).write_text(generate(), "utf-8")
    for (name, part), generate in GENERATED_PARTS.items():
        document = ROOT / name
        document.write_text(with_part(document.read_text("utf-8"), part, generate()), "utf-8")


def main() -> None:
    """Write everything, or only the text."""
    write_text()
    if sys.argv[1:] != ["text"]:
        for name, (size, theme, keys) in SCREENSHOTS.items():
            asyncio.run(screenshot(name, size, theme, keys))
        write_recording(ROOT / "docs" / "tour.svg")


if __name__ == "__main__":
    main()
