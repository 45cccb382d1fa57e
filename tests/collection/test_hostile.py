"""Whatever a file is, it is read, quickly, and the files beside it are listed."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.collection import files
from newsdesk.collection.frontmatter.block import read_front_matter, splice_boolean
from newsdesk.collection.parser import read_article
from newsdesk.errors import WriteRefused
from newsdesk.index.query.parser import parse
from newsdesk.index.refresh import read_record, refresh
from newsdesk.index.store import Store

from . import hostile

GENEROUS = 2.0  # seconds of CPU time; alone on a quiet machine each takes less than 0.25


def test_there_are_sixty_of_them() -> None:
    assert len(hostile.CONTENTS) + len(hostile.ODD_NAMES) >= 60


@pytest.mark.parametrize("name", hostile.CONTENTS)
def test_a_hostile_file_is_read_and_kept_in_the_index(name: str, root: Path) -> None:
    path = f"{name}.md"
    (root / path).write_bytes(hostile.CONTENTS[name])
    started = time.process_time()
    record = read_record(root, path)
    assert time.process_time() - started < GENEROUS
    with closing(Store(root / "index.db")) as store:
        ids = store.apply([record] if record else [])
        rows = store.rows(ids)
    assert [row.path for row in rows.values()] == [path] * bool(record)
    source = files.read(root, path)
    article = read_article(path, source.content, truncated=source.truncated)
    assert article.title
    article.title.encode("utf-8")


@pytest.mark.parametrize("name", hostile.CONTENTS)
def test_a_hostile_file_is_changed_in_one_field_or_refused(name: str) -> None:
    source = hostile.CONTENTS[name]
    try:
        splice = splice_boolean(source, "published", True)
    except WriteRefused:
        return
    if splice is None:
        assert read_front_matter(source).fields["published"] is True
        return
    kept = source[: splice.start] + source[splice.start + len(splice.old) :]
    assert splice.result.replace(splice.new, b"", 1) == kept


def test_every_good_file_beside_hostile_ones_is_listed(root: Path) -> None:
    good = hostile.build(root)
    with closing(Store(root.parent / "index.db")) as store:
        walked = {found.path for found in files.walk(root)}
        assert good <= walked
        assert not any(path.startswith("odd/around") for path in walked)
        report = refresh(root, store)
        rows = store.rows(store.search(parse("")))
        listed = {row.path: row for row in rows.values()}
        assert good <= listed.keys()
        assert all(listed[path].title == "Good" for path in good)
        assert not {"odd/link.md", "odd/passwords.md", "odd/fifo.md", "odd/socket.md"} & set(listed)
        assert report.links >= 4
        again = refresh(root, store)
        assert again.removed == 0
        assert again.added == 0


def test_what_is_no_file_of_the_collection_never_becomes_a_row(root: Path) -> None:
    hostile.build(root)
    (root.parent / "outside.md").write_bytes(hostile.GOOD)
    for path in (
        "odd/link.md", "odd/loop.md", "odd/passwords.md", "odd/fifo.md", "odd/folder.md",
        "odd/around/odd/good.md", "../outside.md", "/etc/passwd", "odd/../odd/good.md", "",
        "odd/", ".",
        "nul\0.md", "caf\udce9.md", "\ud800.md", "x" * 5000 + ".md", "odd/good.md/x.md",
    ):  # fmt: skip
        assert read_record(root, path) is None, path
