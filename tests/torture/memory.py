"""How much memory a hostile file takes: `python memory.py FOLDER PATH` prints MB as JSON."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from newsdesk.collection import files
from newsdesk.collection.frontmatter.block import splice_boolean
from newsdesk.collection.parser import read_article
from newsdesk.errors import WriteRefused
from newsdesk.index.refresh import read_record
from newsdesk.links.extract import ALL_FIELDS, links_of

GOOD = (
    b"---\ntitle: 'x'\npublished: false\nwebUrl: https://a.example\n---\n[a](https://b.example)\n"
)


def peak_kb() -> int:
    """Return the most memory that this process ever had, in KB."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def work(root: Path, path: str) -> None:
    """Do everything that is ever done with a file."""
    read_record(root, path)
    try:
        source = files.read(root, path)
    except OSError:
        return
    article = read_article(path, source.content, truncated=source.truncated)
    links_of(article, ALL_FIELDS, source.content)
    with suppress(WriteRefused):
        splice_boolean(source.content, "published", True)


def main() -> None:
    """Measure what a file takes beyond what a good one does."""
    root, path = Path(sys.argv[1]), sys.argv[2]
    (root / "good.md").write_bytes(GOOD)
    work(root, "good.md")
    before = peak_kb()
    work(root, path)
    print(json.dumps((peak_kb() - before) / 1024))


if __name__ == "__main__":
    main()
