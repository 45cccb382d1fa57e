"""Walk, read and replace the files of a collection so that nothing is ever lost.

Every file is opened relative to a handle of its folder and without following links, so that a
path cannot lead out of the collection, not even when a folder is swapped for a link meanwhile.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from newsdesk.errors import CollectionError, FileChanged, WriteRefused

SUFFIXES = (".md", ".markdown", ".html", ".txt")
SKIPPED_FOLDERS = frozenset({"_site", "node_modules", "vendor"})
MAX_READ = 256 * 1024 + 1024 * 1024 + 4096  # front matter, body, the lines around them
_TEMPORARY = ".newsdesk-"
_STALE_AFTER = 60.0  # seconds; a temporary file this old has lost its writer

_RENAME_EXCHANGE = 2
_NOFOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells that a file is as it was: size in bytes, times in nanoseconds, inode."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Take the fingerprint out of a stat result."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate file: path relative to the collection, `/`-separated."""

    path: str
    fingerprint: Fingerprint


@dataclass(slots=True)
class WalkReport:
    """What a walk passed over: files of other kinds, links, folders that could not be read."""

    left_alone: int = 0
    links: int = 0
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file, at most `MAX_READ` of them, and its fingerprint when they were read."""

    content: bytes
    fingerprint: Fingerprint
    truncated: bool


def check_folder(root: Path) -> None:
    """Raise `CollectionError` unless `root` is a folder that can be listed."""
    try:
        with os.scandir(root) as entries:
            next(entries, None)
    except FileNotFoundError:
        raise CollectionError(
            f"There is no folder {root}.", "Check the spelling, or name another one."
        ) from None
    except NotADirectoryError:
        raise CollectionError(
            f"{root} is a file.", f"Open the folder that holds it: newsdesk {root.parent}"
        ) from None
    except OSError as error:
        raise CollectionError(
            f"{root} cannot be read: {error.strerror}.", "Check its permissions."
        ) from None


def walk(root: Path, report: WalkReport | None = None) -> Iterator[Found]:
    """Yield the files that may hold an article, folder by folder; never follows a link.

    Dot-folders, `_site`, `node_modules` and `vendor` are skipped. What is passed over is
    counted in `report`.
    """
    report = report if report is not None else WalkReport()
    pending = [("", os.fspath(root))]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = os.scandir(folder)
        except OSError:
            report.unreadable.append(prefix.rstrip("/") or ".")
            continue
        with entries:
            for entry in entries:
                name = entry.name
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if name[0] != "." and name not in SKIPPED_FOLDERS:
                            pending.append((f"{prefix}{name}/", entry.path))
                    elif not name.endswith(SUFFIXES) or name[0] == ".":
                        report.left_alone += 1
                    elif entry.is_symlink():
                        report.links += 1
                    else:
                        status = entry.stat(follow_symlinks=False)
                        if stat.S_ISREG(status.st_mode):
                            yield Found(prefix + name, Fingerprint.of(status))
                        else:
                            report.left_alone += 1
                except OSError:  # it vanished, or may not be looked at
                    report.left_alone += 1


def read(root: Path, path: str) -> Source:
    """Read one file of the collection.

    Raises OSError as `open` does, also for links, FIFOs, devices and paths that lead out.
    """
    with _folder_handle(root, path) as (folder, name):
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _NOFOLLOW, dir_fd=folder)
    with os.fdopen(handle, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        content = _read_up_to(file.fileno(), MAX_READ)
    return Source(content, Fingerprint.of(status), status.st_size > len(content))


def _read_up_to(handle: int, limit: int) -> bytes:
    chunks = []
    while limit > 0 and (chunk := os.read(handle, min(limit, 1 << 18))):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


@contextmanager
def _folder_handle(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """Yield (handle of the folder that holds `path`, its last part); follows no link below root."""
    *folders, name = path.split("/")
    if not name or any(part in ("", ".", "..") for part in (*folders, name)):
        raise OSError(errno.EINVAL, "this path leads out of the collection", path)
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            deeper = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = deeper
        yield handle, name
    finally:
        os.close(handle)


def read_whole(root: Path, path: str) -> bytes:
    """Read all bytes of a file that is about to be changed.

    Raises `WriteRefused` for what must not be written: links (symbolic or hard), what is no
    regular file, what is too large to be an article.
    """
    try:
        with _folder_handle(root, path) as (folder, name):
            return _guarded_content(folder, name, path)
    except OSError as error:
        raise _refusal(path, error) from error


def _guarded_content(folder: int, name: str, path: str) -> bytes:
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _NOFOLLOW, dir_fd=folder)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise WriteRefused(f"{path} is no regular file.")
        if status.st_nlink > 1:
            raise WriteRefused(
                f"{path} has {status.st_nlink} names (hard links); writing would part them.",
                "Copy it to a file of its own first.",
            )
        if status.st_size > MAX_READ:
            raise WriteRefused(f"{path} is too large to be an article.")
        return _read_up_to(handle, MAX_READ)
    finally:
        os.close(handle)


def _refusal(path: str, error: OSError) -> WriteRefused:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return WriteRefused(f"{path} is a symbolic link.", "Open the file it points to instead.")
    if error.errno == errno.ENOTDIR:
        return WriteRefused(f"A folder on the way to {path} is a symbolic link or a file.")
    if error.errno == errno.ENOENT:
        return WriteRefused(f"{path} is no longer there.", "Press r to refresh.")
    if error.errno == errno.ENOSPC:
        return WriteRefused(f"The disk is full; {path} is as it was.", "Free some space.")
    if error.errno == errno.EROFS:
        return WriteRefused(f"The disk is read-only; {path} is as it was.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return WriteRefused(f"{path} may not be written.", "Check permissions of file and folder.")
    return WriteRefused(f"{path} cannot be written: {error.strerror or error}.")


def replace(root: Path, path: str, expected: bytes, content: bytes) -> None:
    """Replace a file's content, but only if it still is `expected`; durable on return.

    A temporary file in the same folder is written and synced. On Linux it is exchanged with
    the file in one step and what came out is compared, so that a program that writes at the
    same moment is noticed and its version put back; elsewhere the comparison comes first.
    Mode, owner and extended attributes are kept.

    Raises `FileChanged` if somebody else wrote it, `WriteRefused` with the reason otherwise;
    either way the file holds what it held.
    """
    try:
        with _folder_handle(root, path) as (folder, name):
            if _guarded_content(folder, name, path) != expected:
                raise FileChanged(f"{path} was changed by another program meanwhile.")
            temporary = f"{_TEMPORARY}{secrets.token_hex(8)}.tmp"
            try:
                _write_twin(folder, name, temporary, content)
                _put_in_place(folder, name, temporary, expected, content)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
            os.fsync(folder)
    except OSError as error:
        raise _refusal(path, error) from error


def _write_twin(folder: int, name: str, temporary: str, content: bytes) -> None:
    """Write a synced file beside the original that looks like it in all but content."""
    original = os.open(name, os.O_RDONLY | _NOFOLLOW, dir_fd=folder)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW
        handle = os.open(temporary, flags, 0o600, dir_fd=folder)
        try:
            remaining = memoryview(content)
            while remaining:
                remaining = remaining[os.write(handle, remaining) :]
            _copy_looks(original, handle)
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        os.close(original)


def _copy_looks(original: int, twin: int) -> None:
    status = os.fstat(original)
    made = os.fstat(twin)
    if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(twin, status.st_uid, status.st_gid)
    os.fchmod(twin, stat.S_IMODE(status.st_mode))  # after fchown, which clears setuid bits
    if hasattr(os, "listxattr"):
        try:
            names = os.listxattr(original)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM):
                raise
            return
        for attribute in names:
            with suppress(PermissionError):  # security.* belongs to the system
                os.setxattr(twin, attribute, os.getxattr(original, attribute))


def _put_in_place(folder: int, name: str, temporary: str, expected: bytes, content: bytes) -> None:
    if not _exchange(folder, temporary, name):
        # No atomic exchange here: compare as late as possible, then rename.
        if _guarded_content(folder, name, name) != expected:
            raise FileChanged(f"{name} was changed by another program meanwhile.")
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        return
    # What we displaced now bears the temporary name. If it is not what we read, somebody wrote
    # in between: put theirs back. What comes out then must be ours; if not, they wrote again.
    displaced = _settled_content(folder, temporary)
    if displaced == expected:
        return
    for _ in range(16):
        _exchange(folder, temporary, name)
        displaced = _settled_content(folder, temporary)
        if displaced == content:
            raise FileChanged(f"{name} was changed by another program meanwhile.")
    # Somebody writes without pause. Keep both versions rather than choose.
    kept = f"{name}.newsdesk-conflict"
    os.rename(temporary, kept, src_dir_fd=folder, dst_dir_fd=folder)
    raise FileChanged(f"{name} is being rewritten all the time; another version is in {kept}.")


def _exchange(folder: int, one: str, other: str) -> bool:
    """Exchange two names of a folder in one step; False where the system cannot."""
    if _renameat2 is None:
        return False
    result = _renameat2(folder, os.fsencode(one), folder, os.fsencode(other), _RENAME_EXCHANGE)
    if result == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), other)


def _load_renameat2() -> ctypes._CFuncPtr | None:  # type: ignore[name-defined]
    if not sys.platform.startswith("linux"):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = [
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_uint,
        ]
        function.restype = ctypes.c_int
    return function


_renameat2 = _load_renameat2()


def _settled_content(folder: int, name: str) -> bytes:
    """Read a displaced file once nobody has it open for writing any more.

    A program that opened the file before the exchange still writes into the displaced inode. A
    read lease (fcntl(2), F_SETLEASE) is granted only when no writer has it open, and nobody can
    open it again under its temporary name. Without leases the content is taken as it is.
    """
    import fcntl

    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _NOFOLLOW, dir_fd=folder)
    try:
        if hasattr(fcntl, "F_SETLEASE"):
            deadline = time.monotonic() + 1.0
            while time.monotonic() < deadline:
                try:
                    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
                    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
                    break
                except OSError as error:
                    if error.errno != errno.EAGAIN:
                        break
                    time.sleep(0.002)
        return _read_up_to(handle, MAX_READ + 1)
    finally:
        os.close(handle)


def sweep(root: Path, folders: set[str]) -> list[str]:
    """Remove temporary files that a killed newsdesk left in the given folders; return their paths.

    Only files a minute old are taken: a younger one may belong to another newsdesk at work.
    """
    swept = []
    for folder in folders:
        with suppress(OSError), os.scandir(root / folder) as entries:
            for entry in entries:
                ours = entry.name.startswith(_TEMPORARY) and entry.name.endswith(".tmp")
                if ours and time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE_AFTER:
                    os.unlink(entry.path)
                    swept.append(f"{folder}/{entry.name}".lstrip("/"))
    return swept
