"""Files that were made to do harm, each for one reason; `build` writes them all."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path


def _front(*lines: bytes) -> bytes:
    return b"\n".join((b"---", b"title: x", *lines, b"---", b""))


def _bomb(levels: int) -> bytes:
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for i in range(1, levels):
        lines.append(b"a%d: &a%d [%s]" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)))
    return _front(*lines)


def _merge_bomb(levels: int) -> bytes:
    lines = [b"m0: &m0 {a: 1, b: 2}"]
    for i in range(1, levels):
        lines.append(b"m%d: &m%d {<<: [%s]}" % (i, i, b", ".join([b"*m%d" % (i - 1)] * 9)))
    return _front(*lines)


CONTENTS: dict[str, bytes] = {
    "alias-bomb": _bomb(12),
    "merge-bomb": _merge_bomb(12),
    "alias-to-itself": _front(b"a: &a [*a]"),
    "merge-with-itself": _front(b"a: &a {<<: *a}"),
    "open-brackets": _front(b"a: " + b"[" * 200_000),
    "open-brackets-closed": _front(b"a: " + b"[" * 25_000 + b"]" * 25_000),
    "open-braces": _front(b"a: " + b"{a: " * 60_000),
    "dashes": _front(b"a:", b"- " * 100_000 + b"x"),
    "question-marks": _front(b"? " * 100_000),
    "nested-blocks": _front(*(b" " * i + b"a%d:" % i for i in range(500))),
    "nested-brackets-in-lines": _front(b"a: " + b"[\n" * 100_000),
    "colons": _front(b"a: b: c: d: e"),
    "many-colons": _front(b"a" + b": a" * 50_000),
    "nul": _front(b"a: \0"),
    "nul-escape": _front(b'excerpt: "a\\0b"'),
    "escape-sequences": _front(b'excerpt: "\\e]52;c;aGk=\\a"', b"quality: \x1b[31m9"),
    "c1-controls": _front(b"a: \xc2\x9b31m"),
    "delete": _front(b"a: \x7f"),
    "utf-16-le": b"\xff\xfe" + _front(b"a: 1").decode().encode("utf-16-le"),
    "utf-16-be": b"\xfe\xff" + _front(b"a: 1").decode().encode("utf-16-be"),
    "utf-32": _front(b"a: 1").decode().encode("utf-32"),
    "latin-1": _front(b"a: caf\xe9"),
    "overlong-utf-8": _front(b"a: \xc0\xaf\xe0\x80\x80"),
    "utf-8-surrogates": _front(b"a: \xed\xa0\x80"),
    "surrogate-escape": _front(b'excerpt: "\\ud800"'),
    "escape-out-of-unicode": _front(b'excerpt: "\\UFFFFFFFF"'),
    "two-boms": b"\xef\xbb\xbf\xef\xbb\xbf" + _front(b"a: 1"),
    "bom-inside": b"---\n\xef\xbb\xbftitle: x\n---\n",
    "duplicate-keys": _front(b"published: true", b"published: false"),
    "twenty-thousand-duplicates": _front(*[b"a: 1"] * 20_000),
    "python-object": _front(b"a: !!python/object/apply:os.system ['touch /tmp/owned']"),
    "python-name": _front(b"a: !!python/name:os.system"),
    "binary-tag": _front(b"a: !!binary aGVsbG8="),
    "set-tag": _front(b"a: !!set {x, y}"),
    "tag-bomb": _front(*(b"a%d: !t%d x" % (i, i) for i in range(10_000))),
    "tag-directive": b"---\n%TAG ! tag:x,2000:\n---\na: !b c\n",
    "empty-int": _front(b"quality: !!int ''"),
    "line-separator": "---\ntitle: x\u2028published: true\u2029---\n---\n".encode(),
    "next-line": "---\ntitle: x\x85published: true\n---\n".encode(),
    "unclosed-double-quote": _front(b'a: "x'),
    "unclosed-single-quote": _front(b"a: 'x"),
    "unclosed-front-matter": b"---\ntitle: x\n" + b"a: b\n" * 10_000,
    "only-an-opening": b"---",
    "opening-and-nothing": b"---\n",
    "empty-front-matter": b"---\n---\n",
    "a-list-only": b"---\n- a\n- b\n---\n",
    "a-text-only": b"---\nhello\n---\n",
    "impossible-date": _front(b"publishedDateTime: 2020-13-45"),
    "date-before-time": _front(b"publishedDateTime: 0001-01-01T00:00:00+23:00"),
    "date-after-time": _front(b"publishedDateTime: 9999-12-31T23:59:59-23:00"),
    "year-0": _front(b"publishedDateTime: 0000-01-01"),
    "zone-99": _front(b"publishedDateTime: 2020-01-01T00:00:00+99:99"),
    "base-60": _front(b"quality: 1" + b":1" * 100_000),
    "base-60-float": _front(b"quality: 1" + b":1" * 100_000 + b".5"),
    "5000-digits": _front(b"quality: " + b"9" * 5_000),
    "4000-digits": _front(b"quality: " + b"9" * 4_000, b"secured: " + b"8" * 4_000),
    "hexadecimal-digits": _front(b"topics: [0x" + b"F" * 200_000 + b"]"),
    "hexadecimal-topics": _front(b"topics: [0x" + b"F" * 4_200 + b"]", b"heat: 0x" + b"F" * 4_200),
    "binary-digits": _front(b"secured: 0b" + b"1" * 200_000),
    "not-a-number": _front(b"quality: .nan", b"heat: -.inf"),
    "beyond-64-bits": _front(b"quality: 99999999999999999999", b"heat: -9223372036854775809"),
    "10000-topics": _front(b"topics:", *(b"- topic %d" % i for i in range(10_000))),
    "10000-related": _front(b"related:", *[b"- webUrl: https://example.org/x"] * 10_000),
    "10000-odd-related": _front(b"related:", *[b"- {title: [], quality: x}"] * 8_000),
    "40000-fields": _front(*(b"f%d:" % i for i in range(40_000))),
    "1-mb-title": b"---\ntitle: " + b"a" * 1_000_000 + b"\n---\n",
    "200-kb-title": b"---\ntitle: " + b"a" * 200_000 + b"\n---\n",
    "200-kb-of-emoji": b"---\ntitle: " + "\U0001f469\u200d".encode() * 28_000 + b"\n---\n",
    "200-kb-of-accents": b"---\ntitle: a" + "\u0301".encode() * 100_000 + b"\n---\n",
    "200-kb-of-quotes": _front(b"a: '" + b"''" * 100_000 + b"'"),
    "200-kb-of-backslashes": _front(b'a: "' + b"\\\\" * 100_000 + b'"'),
    "200-kb-of-spaces": _front(b"a: x" + b" " * 200_000 + b"y"),
    "200-kb-of-blank-lines": _front(b"a: '" + b"\n" * 200_000 + b"'"),
    "200-kb-of-comments": _front(*[b"#"] * 100_000),
    "200-kb-of-carriage-returns": b"---\r" + b"\r" * 200_000 + b"title: x\r---\r",
    "1-mb-of-dashes": b"---\n" + b"-" * 1_000_000,
    "1-mb-after-dashes": b"---\ntitle: x\n---" + b" " * 1_000_000 + b"x\n---\n",
    "3-mb-body": b"---\ntitle: x\n---\n" + b"word " * 600_000,
    "8-kb-address": _front(b"webUrl: https://example.org/?" + b"a=b&" * 1_900),
    "200-kb-address": _front(b"webUrl: https://example.org/" + b"a" * 200_000),
    "odd-addresses": _front(b"webUrl: 'https://[::1'", b"originalUrl: http://x:99999/"),
    "a-map-for-everything": _front(
        *(b"%s: {a: [1]}" % name for name in b"excerpt quality heat published topics images "
          b"related provider secured webUrl category type publishedDateTime".split())
    ),
    "a-list-for-everything": _front(
        *(b"%s: [[1], {}]" % name for name in b"excerpt quality heat published topics images "
          b"related provider secured webUrl category type publishedDateTime".split())
    ),
    "no-words-are-text": b"---\ntitle: NO\nexcerpt: 16:45:00\ncategory: ~\nname: 2020-01-01\n---\n",
}  # fmt: skip

ODD_NAMES = [
    "line\nbreak.md",
    "\x1b]52;c;aGk=\x07.md",
    "\u202egnp.md",
    "-rf.md",
    "a'b\"c.md",
    " .md",
]
GOOD = b"---\ntitle: Good\npublished: false\n---\n"


def build(root: Path) -> set[str]:
    """Write everything hostile, and a good file beside each; return the good ones' paths."""
    good = set()
    for i, (name, content) in enumerate(CONTENTS.items()):
        folder = root / f"{i:03}"
        folder.mkdir(parents=True)
        (folder / f"{name}.md").write_bytes(content)
        (folder / "good.md").write_bytes(GOOD)
        good.add(f"{i:03}/good.md")
    names = root / "names"
    names.mkdir()
    for name in ODD_NAMES:
        (names / name).write_bytes(GOOD)
        good.add(f"names/{name}")
    with suppress(OSError):  # macOS wants UTF-8
        (Path(os.fsdecode(bytes(names) + b"/caf\xe9.md"))).write_bytes(GOOD)
        (Path(os.fsdecode(bytes(root) + b"/caf\xe9"))).mkdir()
        (Path(os.fsdecode(bytes(root) + b"/caf\xe9/in.md"))).write_bytes(GOOD)
    deep = root
    for _ in range(200):
        deep /= "d"
        deep.mkdir()
    (deep / "good.md").write_bytes(GOOD)
    good.add("d/" * 200 + "good.md")
    odd = root / "odd"
    odd.mkdir()
    os.mkfifo(odd / "fifo.md")
    (odd / "folder.md").mkdir()
    (odd / "link.md").symlink_to("../names/-rf.md")
    (odd / "loop.md").symlink_to("loop.md")
    (odd / "around").symlink_to(root)
    (odd / "passwords.md").symlink_to("/etc/passwd")
    (odd / "missing.md").symlink_to("nowhere")
    (odd / "unreadable.md").write_bytes(GOOD)
    (odd / "unreadable.md").chmod(0)
    with (odd / "100-mb-line.md").open("wb") as file:
        file.write(b"---\ntitle: ")
        file.truncate(100 * 1024 * 1024)
    (odd / "future.md").write_bytes(GOOD)
    os.utime(odd / "future.md", (14_000_000_000, 14_000_000_000))
    (odd / "good.md").write_bytes(GOOD)
    good |= {"odd/good.md", "odd/future.md"}
    with suppress(OSError), socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(odd / "socket.md"))  # the path may be too long for one
    return good
