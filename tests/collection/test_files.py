"""A file is replaced whole or left as it was; nobody's version is lost."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from newsdesk.collection import atomic_write, files
from newsdesk.collection.files import Fingerprint
from newsdesk.errors import CollectionError, FileChanged, WriteRefused

OLD, NEW, THEIRS = b"---\npublished: false\n---\n", b"---\npublished: true\n---\n", b"theirs\n"
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")


@pytest.fixture
def file(root: Path) -> Path:
    path = root / "_news" / "a.md"
    path.write_bytes(OLD)
    return path


@contextmanager
def nobody() -> Iterator[None]:
    """Be an ordinary person for a while, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def names(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "_news").iterdir())


def test_replacing_swaps_the_content_and_leaves_nothing_behind(root: Path, file: Path) -> None:
    atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == NEW
    assert names(root) == ["a.md"]


def _symlink(file: Path) -> str:
    file.rename(file.with_name("b.md"))
    file.symlink_to("b.md")
    return "_news/a.md"


def _symlinked_folder(file: Path) -> str:
    (file.parent.parent / "_linked").symlink_to("_news")
    return "_linked/a.md"


def _hard_link(file: Path) -> str:
    (file.parent / "other-name").hardlink_to(file)
    return "_news/a.md"


def _fifo(file: Path) -> str:
    file.unlink()
    os.mkfifo(file)
    return "_news/a.md"


def _socket(file: Path) -> str:
    file.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(file))
    return "_news/a.md"


def _directory(file: Path) -> str:
    file.unlink()
    file.mkdir()
    return "_news/a.md"


def _device(file: Path) -> str:
    file.unlink()
    try:
        os.mknod(file, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("needs root to make a device")
    return "_news/a.md"


def _leading_out(file: Path) -> str:
    (file.parent.parent.parent / "outside.md").write_bytes(OLD)
    return "../outside.md"


def _leading_out_and_in(file: Path) -> str:
    return "_news/../_news/a.md"


def _absolute(file: Path) -> str:
    return str(file)


def _missing(file: Path) -> str:
    file.unlink()
    return "_news/a.md"


def _too_large(file: Path) -> str:
    file.write_bytes(OLD + b"x" * files.MAX_READ)
    return "_news/a.md"


def _not_text(file: Path) -> str:
    return "_news/caf\udce9.md"


def _nul(file: Path) -> str:
    return "_news/a.md\0"


@pytest.mark.parametrize(
    "make",
    [_symlink, _symlinked_folder, _hard_link, _fifo, _socket, _directory, _device, _leading_out,
     _leading_out_and_in, _absolute, _missing, _too_large, _not_text, _nul],
)  # fmt: skip
def test_what_must_not_be_written_is_refused(
    make: Callable[[Path], str], root: Path, file: Path
) -> None:
    path = make(file)
    before = names(root)
    for act in (
        lambda: files.read_whole(root, path),
        lambda: atomic_write.replace(root, path, OLD, NEW),
    ):
        with pytest.raises(WriteRefused) as refusal:
            act()
        assert not isinstance(refusal.value, FileChanged)
    assert names(root) == before
    outside = root.parent / "outside.md"
    assert not outside.exists() or outside.read_bytes() == OLD


def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(root: Path, file: Path) -> None:
    outside = root.parent / "outside"
    (root / "_news").rename(outside)
    (root / "_news").symlink_to(outside)
    with pytest.raises(WriteRefused):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    with pytest.raises(OSError, match=r"\[Errno"):
        files.read(root, "_news/a.md")
    assert (outside / "a.md").read_bytes() == OLD


def test_a_file_that_changed_is_left_to_the_one_who_changed_it(root: Path, file: Path) -> None:
    file.write_bytes(THEIRS)
    with pytest.raises(FileChanged):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == THEIRS
    assert names(root) == ["a.md"]


@as_root
def test_mode_owner_and_extended_attributes_are_kept(root: Path, file: Path) -> None:
    os.chown(file, 1234, 4321)
    file.chmod(0o2640)
    if hasattr(os, "setxattr"):
        os.setxattr(file, "user.source", b"a bot")
    atomic_write.replace(root, "_news/a.md", OLD, NEW)
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 4321, 0o2640)
    if hasattr(os, "setxattr"):
        assert os.getxattr(file, "user.source") == b"a bot"


@on_linux
def test_the_folders_default_rights_are_not_added_to_a_file(root: Path, file: Path) -> None:
    # A version-2 access control list: user::rwx, user 1:rwx, group::rwx, mask::rwx, other::---.
    entries = [(1, 7, -1), (2, 7, 1), (4, 7, -1), (0x10, 7, -1), (0x20, 0, -1)]
    raw = (2).to_bytes(4, "little") + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(file.parent, "system.posix_acl_default", raw)
    except OSError:
        pytest.skip("no access control lists here")
    atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert os.listxattr(file) == []


@as_root
def test_a_file_its_owner_protected_is_refused(root: Path, file: Path) -> None:
    for folder in (root, root / "_news"):
        folder.chmod(0o777)
    for parent in root.parents:
        with suppress(OSError):
            parent.chmod(parent.stat().st_mode | 0o011)
    os.chown(file, 65534, os.getegid())
    file.chmod(0o444)
    with nobody(), pytest.raises(WriteRefused, match="may not be written"):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    file.chmod(0o644)
    root.joinpath("_news").chmod(0o555)
    with nobody(), pytest.raises(WriteRefused, match="may not be written"):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == OLD
    assert names(root) == ["a.md"]


@pytest.mark.parametrize("function", ["write", "fsync", "rename", "fchmod", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_a_failing_disk_leaves_the_file_as_it_was(
    function: str, number: int, root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, function)

    def fail(*args: object, **options: object) -> object:
        if function == "open" and not (isinstance(args[1], int) and args[1] & os.O_CREAT):
            return real(*args, **options)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(WriteRefused):
            atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == OLD
    assert names(root) == ["a.md"]


@as_root
@on_linux
def test_a_really_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=False
    )
    if mount.returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        file = tmp_path / "a.md"
        file.write_bytes(OLD)
        with suppress(OSError), (tmp_path / "rest").open("wb", buffering=0) as rest:
            while True:
                rest.write(b"x" * 4096)
        with pytest.raises(WriteRefused, match="full"):
            atomic_write.replace(tmp_path, "a.md", OLD, NEW)
        assert file.read_bytes() == OLD
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path)], check=True)
        with pytest.raises(WriteRefused, match="read-only"):
            atomic_write.replace(tmp_path, "a.md", OLD, NEW)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md", "rest"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


# -- somebody else writes at the same moment ------------------------------------------------


@contextmanager
def just_before_the_exchange(act: Callable[[], object]) -> Iterator[None]:
    real = atomic_write._exchange
    calls = []

    def exchange(folder: int, one: str, other: str) -> bool:
        calls.append(other)
        if len(calls) == 1:
            act()
        return real(folder, one, other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic_write, "_exchange", exchange)
        yield


@on_linux
def test_a_version_written_at_the_last_moment_is_put_back(root: Path, file: Path) -> None:
    overwrite = partial(file.write_bytes, THEIRS)
    with just_before_the_exchange(overwrite), pytest.raises(FileChanged):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == THEIRS
    assert names(root) == ["a.md"]


@on_linux
def test_both_versions_are_kept_when_they_write_once_more(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "newer").write_bytes(b"newer\n")
    real, calls = atomic_write._exchange, []

    def exchange(folder: int, one: str, other: str) -> bool:
        calls.append(other)
        if len(calls) == 1:
            file.write_bytes(THEIRS)
        elif len(calls) == 2:
            (root / "newer").rename(file)
        return real(folder, one, other)

    monkeypatch.setattr(atomic_write, "_exchange", exchange)
    with pytest.raises(FileChanged, match="conflict"):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == b"newer\n"
    (kept,) = [name for name in names(root) if name.endswith(".newsdesk-conflict")]
    assert (file.parent / kept).read_bytes() == THEIRS
    assert len(names(root)) == 2
    assert len(calls) < 5


@on_linux
def test_a_version_is_kept_when_its_name_goes_away(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = atomic_write._exchange, []

    def exchange(folder: int, one: str, other: str) -> bool:
        calls.append(other)
        if len(calls) == 1:
            file.write_bytes(THEIRS)
        else:
            file.unlink()
        return real(folder, one, other)

    monkeypatch.setattr(atomic_write, "_exchange", exchange)
    with pytest.raises(FileChanged):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert [(file.parent / name).read_bytes() for name in names(root)] == [THEIRS]


@on_linux
def test_a_program_that_keeps_the_file_open_for_writing_loses_nothing(
    root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_write, "_SETTLING", 0.05)
    with file.open("ab", buffering=0) as log:
        with pytest.raises(WriteRefused, match="open for writing"):
            atomic_write.replace(root, "_news/a.md", OLD, NEW)
        log.write(b"later\n")
    assert file.read_bytes() == OLD + b"later\n"
    assert names(root) == ["a.md"]


@on_linux
def test_a_program_that_finishes_its_write_meanwhile_keeps_it(root: Path, file: Path) -> None:
    log = file.open("ab", buffering=0)

    def finish() -> None:
        time.sleep(0.1)
        log.write(b"later\n")
        log.close()

    thread = threading.Thread(target=finish)
    thread.start()
    with pytest.raises(FileChanged):
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    thread.join()
    assert file.read_bytes() == OLD + b"later\n"


@on_linux
def test_nobody_can_end_newsdesk_by_opening_the_displaced_file(root: Path) -> None:
    # A broken lease sends SIGIO by default, and that ends a program.
    program = """
import os, subprocess, sys, time
from newsdesk.collection import atomic_write, files
with open("a.md", "w") as file: file.write("x")
real = atomic_write.read_up_to
def read(handle, limit):
    content = real(handle, limit)
    if not os.path.exists("seen"):
        open("seen", "w").close()
        subprocess.Popen([sys.executable, "-c", "open('a.md', 'a').write('y')"])
        time.sleep(0.3)
    return content
atomic_write.read_up_to = read
folder = os.open(".", os.O_RDONLY)
print(atomic_write._settled(folder, "a.md").content)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "b'xy'\n"), ran.stderr


@pytest.mark.parametrize("changed", [False, True])
def test_without_an_exchange_the_comparison_comes_last(
    changed: bool, root: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exchange(folder: int, one: str, other: str) -> bool:
        if changed:
            file.write_bytes(THEIRS)
        return False

    monkeypatch.setattr(atomic_write, "_exchange", exchange)
    if changed:
        with pytest.raises(FileChanged):
            atomic_write.replace(root, "_news/a.md", OLD, NEW)
    else:
        atomic_write.replace(root, "_news/a.md", OLD, NEW)
    assert file.read_bytes() == (THEIRS if changed else NEW)
    assert names(root) == ["a.md"]


# -- leftovers ------------------------------------------------------------------------------


def is_ours(path: str, leftover: bytes, current: bytes) -> bool:
    return leftover in (OLD, NEW)


def leftover(root: Path, suffix: str, content: bytes, of: str = "a.md") -> Path:
    mark = atomic_write._mark_of(of)
    path = root / "_news" / f".newsdesk-{mark}-0123{suffix}"
    path.write_bytes(content)
    return path


def test_sweeping_removes_what_the_dead_left_and_nothing_else(root: Path, file: Path) -> None:
    leftover(root, ".tmp", b"---\npubli")
    leftover(root, ".swap", OLD)
    kept = [".hidden", ".newsdesk-notes", "a.md", "b.tmp"]
    for name in kept:
        (root / "_news" / name).write_bytes(NEW)
    foreign = leftover(root, ".swap", OLD, of="of-another-file.md")
    assert len(atomic_write.sweep(root, ["_news/a.md"], is_ours)) == 2
    assert names(root) == sorted([*kept, foreign.name])


def test_sweeping_spares_a_file_whose_writer_is_alive(root: Path, file: Path) -> None:
    path = leftover(root, ".tmp", b"---\npubli")
    with path.open("rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert atomic_write.sweep(root, ["_news/a.md"], is_ours) == []
    assert path.exists()


@on_linux
def test_sweeping_puts_back_what_somebody_wrote_just_before_the_kill(
    root: Path, file: Path
) -> None:
    file.write_bytes(NEW)  # ours went in ...
    leftover(root, ".swap", THEIRS)  # ... and theirs came out, and nobody was left to notice
    atomic_write.sweep(root, ["_news/a.md"], is_ours)
    assert file.read_bytes() == THEIRS
    assert names(root) == ["a.md"]


def test_sweeping_keeps_both_when_the_file_was_written_again(root: Path, file: Path) -> None:
    file.write_bytes(b"newer\n")
    leftover(root, ".swap", THEIRS)
    atomic_write.sweep(root, ["_news/a.md"], is_ours)
    assert file.read_bytes() == b"newer\n"
    (kept,) = [name for name in names(root) if name.endswith(".newsdesk-conflict")]
    assert (root / "_news" / kept).read_bytes() == THEIRS


def test_sweeping_does_not_follow_a_folder_out_of_the_collection(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "_news").rename(outside)
    (outside / ".newsdesk-x.tmp").write_bytes(b"")
    (root / "_news").symlink_to(outside)
    assert atomic_write.sweep(root, ["_news/a.md"], is_ours) == []
    assert (outside / ".newsdesk-x.tmp").exists()


# -- reading --------------------------------------------------------------------------------


def test_walking_skips_what_is_not_the_collections(root: Path) -> None:
    for path in ("a.md", "b.txt", "c.html", "d.markdown", "_news/e.md", "f.png", ".g.md",
                 ".git/h.md", "_site/i.md", "node_modules/j.md", "x/vendor/k.md"):  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(OLD)
    (root / "link.md").symlink_to("a.md")
    report = files.WalkReport()
    found = {found.path for found in files.walk(root, report)}
    assert found == {"a.md", "b.txt", "c.html", "d.markdown", "_news/e.md"}
    assert (report.left_alone, report.links, report.unreadable) == (2, 1, [])


@as_root
@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_folder_that_shows_nothing_is_told(mode: int, root: Path, file: Path) -> None:
    for parent in (root, *root.parents):
        parent.chmod(parent.stat().st_mode | 0o055)
    file.parent.chmod(mode)
    report = files.WalkReport()
    with nobody():
        assert list(files.walk(root, report)) == []
    assert report.unreadable == ["_news"]


def test_reading_takes_a_bounded_part_of_a_file(root: Path, file: Path) -> None:
    with file.open("wb") as big:
        big.write(b"---\ntitle: ")
        big.truncate(100 * 1024 * 1024)
    source = files.read(root, "_news/a.md")
    assert source.truncated
    assert len(source.content) == files.MAX_READ


def test_reading_what_is_no_file_leaves_no_handle_open(root: Path) -> None:
    os.mkfifo(root / "fifo.md")
    (root / "folder.md").mkdir()
    before = os.open("/", os.O_RDONLY)
    os.close(before)
    for path in ("fifo.md", "folder.md", "missing.md", "folder.md/x", "../x") * 3:
        with pytest.raises(OSError, match=r"\[Errno"):
            files.read(root, path)
    after = os.open("/", os.O_RDONLY)
    os.close(after)
    assert after == before


def test_a_fingerprint_fits_a_database_whatever_the_file_system_says() -> None:
    far = 14_000_000_000 * 10**9

    class Status:
        st_size, st_mtime_ns, st_ctime_ns, st_ino = 5, far, -far, 2**64 - 1

    fingerprint = Fingerprint.of(Status())  # type: ignore[arg-type]
    assert fingerprint.inode == fingerprint.mtime_ns == 2**63 - 1
    assert fingerprint.ctime_ns == -(2**63)


def test_a_folder_that_is_none_is_told_with_what_to_do_next(root: Path, file: Path) -> None:
    for path, words in ((root / "nowhere", "no folder"), (file, "is a file")):
        with pytest.raises(CollectionError, match=words) as error:
            files.check_folder(path)
        assert error.value.remedy


def test_a_reader_reads_on_after_what_it_cannot_read_and_leaves_nothing_open(root: Path) -> None:
    (root / "_news" / "a.md").write_bytes(b"a")
    (root / "_news" / "deep").mkdir()
    (root / "_news" / "deep" / "b.md").write_bytes(b"b")
    (root / "_news" / "link.md").symlink_to(root / "_news" / "a.md")
    os.mkfifo(root / "_news" / "pipe.md")
    before = sorted(handle.name for handle in Path("/dev/fd").iterdir())
    read: dict[str, bytes | int | None] = {}
    with files.Reader(root) as reader:
        for name in (
            "a.md",
            "link.md",
            "pipe.md",
            "..",
            "",
            "gone.md",
            "deep/b.md",
            "no/b.md",
            "a.md",
        ):
            try:
                read[name] = reader.read(f"_news/{name}").content
            except OSError as error:
                read[name] = error.errno
    assert read == {
        "a.md": b"a",
        "link.md": errno.ELOOP,
        "pipe.md": errno.EINVAL,
        "..": errno.EINVAL,
        "": errno.EINVAL,
        "gone.md": errno.ENOENT,
        "deep/b.md": b"b",
        "no/b.md": errno.ENOENT,
    }
    assert sorted(handle.name for handle in Path("/dev/fd").iterdir()) == before
