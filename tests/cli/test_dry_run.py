"""What a dry run prints, `git apply` and `patch` make of it what the verb itself does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsdesk.collection.unified_diff import unified_diff

from .conftest import Make, Newsdesk

APPLIERS = (["git", "apply", "-"], ["patch", "-p1", "--quiet"])
OFF = b"published: false"
ODD_NAMES = [
    "with a blank",
    " blank first",
    "blank last ",
    "two  blanks",
    "a\ttab",
    'a "quote"',
    "back\\slash",
    "two\nlines",
    "größe 日本",
    "b\xffroken".encode("latin-1").decode("utf-8", "surrogateescape"),
    "2020-11-18 12:00:00",
]
ODD_FILES = {
    "crlf": b"---\r\ntitle: a\r\n" + OFF + b"\r\n---\r\nBody\r\n",
    "no-line-end": b"---\ntitle: a\n" + OFF + b"\n---",
    "only-line": b"---\n" + OFF + b"\n---",
    "bom": b"\xef\xbb\xbf---\ntitle: a\n" + OFF + b"\n---\n",
    "separators": "---\ntitle: a\x85b\u2028c\n".encode()
    + OFF
    + b" # \xe2\x80\xa8 c\n---\n\x0b\x0c\r x",
    "carriage-returns": b"---\rtitle: a\r" + OFF + b"\r---\rBody\r",
    "mixed-ends": b"---\r\ntitle: a\n" + OFF + b"\r\n---\nBody\r\n",
    "not-text": b"---\ntitle: a\n" + OFF + b"\n---\n\xff\xfe\x00\n",
    "missing": b"---\ntitle: a\nheat: 1\n---\nBody",
    "upper": b"---\ntitle: a\npublished: FALSE   # no\n---\n",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_symlink()
    }


def applied(command: list[str], folder: Path, diff: bytes) -> dict[str, bytes]:
    """Return what is in a folder after a program applied a diff; the folder stays as it is."""
    copy = folder.with_name(f"{folder.name}-{command[0]}")
    shutil.copytree(folder, copy, symlinks=True)
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=copy,
            input=diff,
            capture_output=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, done.stderr
        return contents(copy)
    finally:
        shutil.rmtree(copy)


@pytest.mark.parametrize("verb", ["publish", "unpublish"])
def test_a_dry_run_applies_byte_for_byte(verb: str, seeds_to_write: Newsdesk) -> None:
    newsdesk = seeds_to_write
    newsdesk.here("unpublish", "-q", "is:unset")
    for name, content in ODD_FILES.items():
        (newsdesk.folder / f"_news/{name}.md").write_bytes(content)
    for name in ODD_NAMES:
        (newsdesk.folder / f"_news/{name}.md").write_bytes(ODD_FILES["crlf"])
    other = "published" if verb == "unpublish" else "unpublished"
    arguments = [verb, "-q", f"is:unset OR is:{other}"]
    before = contents(newsdesk.folder)
    assert sum(b"\r\n" in content for content in before.values()) > 6
    planned = newsdesk(*arguments, "--dry-run")
    assert contents(newsdesk.folder) == before
    made = [applied(command, newsdesk.folder, planned.out) for command in APPLIERS]
    newsdesk(*arguments)
    after = contents(newsdesk.folder)
    assert after != before
    for each in made:
        assert each == after


lines = st.lists(
    st.sampled_from([b"", b"a", b"-- a", b"++ b", b"@@ -1 +1 @@", b"\\", b"diff --git a/b b/b"])
    | st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"")),
    max_size=8,
)
ends = st.sampled_from([b"\n", b"\r\n"])
files = st.tuples(lines, ends, st.sampled_from([b"", b"a", b"a\r"])).map(
    lambda parts: parts[1].join([*parts[0], parts[2]])
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(st.tuples(files, files).filter(all), min_size=1, max_size=12))
def test_any_change_of_any_content_applies(
    changes: list[tuple[bytes, bytes]], tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    diff = ""
    for number, (before, after) in enumerate(changes):
        (folder / f"{number} ü.md").write_bytes(before)
        diff += unified_diff(f"{number} ü.md", before, after)
    for command in APPLIERS if diff else ():
        made = applied(command, folder, diff.encode("utf-8", "surrogateescape"))
        assert made == {f"{number} ü.md": after for number, (_, after) in enumerate(changes)}


def test_a_dry_run_on_a_terminal_is_safe_to_look_at(make: Make) -> None:
    newsdesk = make({"a.md": "---\ntitle: a\u202eb\npublished: false\n---\n"})
    done = newsdesk.here("publish", "a.md", "--dry-run", "--color", "always")
    assert "\u202e" not in done.text
    assert "‹RLO›" in done.text
    assert "\u202e" in newsdesk.here("publish", "a.md", "--dry-run").text
