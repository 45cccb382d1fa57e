"""Walk and read the files of a collection, and tell whether they are as they were.

Every file is opened relative to a handle of its folder and without following links, so that a
path cannot lead out of the collection, not even when a folder is swapped for a link meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from newsdesk.errors import CollectionError, WriteRefused

SUFFIXES = (
    *(".md", ".mdx", ".markdown", ".mkd", ".mkdn", ".mkdown", ".mdown"),
    *(".html", ".htm", ".txt"),
)
SKIPPED_FOLDERS = frozenset(
    {"_site", "node_modules", "vendor", "_layouts", "_includes", "_sass", "_plugins"}
)
MAX_READ = 256 * 1024 + 1024 * 1024 + 4096  # front matter, body, the lines around them
NO_FOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC
_LEAST, _MOST = -(2**63), 2**63 - 1  # what a number of 64 bits with a sign holds
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | NO_FOLLOW


class Fingerprint(NamedTuple):
    """What tells that a file is as it was: size in bytes, times in nanoseconds, inode.

    A tuple, not a dataclass: a refresh makes one per file of the collection.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Take the fingerprint out of a stat result.

        All four fit 64 bits with a sign, as SQLite wants them: some file systems number their
        inodes higher and date files after 2262.
        """
        return cls(*_numbers(status))


def _numbers(status: os.stat_result) -> tuple[int, int, int, int]:
    mtime_ns, ctime_ns = status.st_mtime_ns, status.st_ctime_ns
    if not (_LEAST <= mtime_ns <= _MOST and _LEAST <= ctime_ns <= _MOST):
        mtime_ns, ctime_ns = (max(_LEAST, min(moment, _MOST)) for moment in (mtime_ns, ctime_ns))
    return status.st_size, mtime_ns, ctime_ns, status.st_ino & _MOST


class FoundFile(NamedTuple):
    """A candidate file: path relative to the collection, `/`-separated, and its fingerprint."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(slots=True)
class WalkReport:
    """What a walk passed over: files of other kinds, links, folders that could not be read.

    Files of other kinds include those whose names are not UTF-8: no path of theirs could be
    written down in a database, a query or a diff.
    """

    left_alone: int = 0
    links: int = 0
    unreadable: list[str] = field(default_factory=list)
    leftovers: set[str] = field(default_factory=set)  # folders that hold temporary files of ours


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


def has_suffix(name: str) -> bool:
    """Tell whether the name of a file ends like that of an article, in any case."""
    return name.endswith(SUFFIXES) or name.lower().endswith(SUFFIXES)


def walk(
    root: Path,
    report: WalkReport | None = None,
    is_excluded: Callable[[str], bool] | None = None,
) -> Iterator[FoundFile]:
    """Yield the files that may hold an article in the order of their paths; follows no link.

    Dot-folders, `_site`, `node_modules` and `vendor` are skipped. What is passed over is
    counted in `report`. `is_excluded` gets the paths of files, and of folders with a slash behind
    them. Holds what one folder and those above it list, not the collection.
    """
    report = report if report is not None else WalkReport()
    above = [_listed(root, "", report, is_excluded)]
    while above:
        for found in above[-1]:
            if isinstance(found, str):
                above.append(_listed(root, found, report, is_excluded))
                break
            yield found
        else:
            above.pop()


def fingerprint(root: Path, path: str) -> Fingerprint | None:
    """Return the fingerprint of one file; None if it is gone or no regular file."""
    try:
        status = (root / path).stat(follow_symlinks=False)
    except OSError:
        return None
    return Fingerprint.of(status) if stat.S_ISREG(status.st_mode) else None


def _listed(
    root: Path, prefix: str, report: WalkReport, is_excluded: Callable[[str], bool] | None
) -> Iterator[FoundFile | str]:
    """Yield what a folder holds, sorted as whole paths are: its files, and paths of folders.

    `prefix` is the folder's own path with a slash behind it, or empty.
    """
    names: list[str] = []
    numbers = array("q")  # four per file: tuples would take three times the memory
    try:
        # Names relative to a handle: the system then need not find the folder each time.
        handle = os.open(root / prefix, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        report.unreadable.append(prefix.rstrip("/") or ".")
        return
    is_text = _is_text(prefix)
    try:
        with os.scandir(handle) as entries:
            for entry in entries:
                if entry.name.startswith(".newsdesk-"):  # of a write that was not finished
                    report.leftovers.add(prefix.rstrip("/"))
                name = _wanted(entry, report)
                if name and is_excluded is not None and is_excluded(prefix + name):
                    report.left_alone += name[-1] != "/"
                    continue
                if name[-1:] == "/":
                    names.append(name)
                    numbers.extend((0, 0, 0, 0))
                elif name and is_text and (status := _status(entry)):
                    names.append(name)
                    numbers.extend(_numbers(status))
                elif name:
                    report.left_alone += 1
    except OSError:  # also: the folder lists its names and shows nothing of the files
        report.unreadable.append(prefix.rstrip("/") or ".")
    finally:
        os.close(handle)
    for place in sorted(range(len(names)), key=names.__getitem__):
        path = prefix + names[place]
        yield path if path[-1] == "/" else FoundFile(path, *numbers[place * 4 : place * 4 + 4])


def _wanted(entry: os.DirEntry[str], report: WalkReport) -> str:
    """Return the name of a file that may hold an article, or of a folder and a slash, or ""."""
    name = entry.name
    if has_suffix(name) and name[0] != "." and entry.is_file(follow_symlinks=False):
        if name.isascii() or _is_text(name):
            return name
        report.left_alone += 1
    elif entry.is_dir(follow_symlinks=False):
        if name[0] != "." and name not in SKIPPED_FOLDERS:
            return f"{name}/"
    elif has_suffix(name) and name[0] != "." and entry.is_symlink():
        report.links += 1
    else:
        report.left_alone += 1
    return ""


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # it vanished
        return None


def _is_text(path: str) -> bool:
    """Tell whether a path is UTF-8; other bytes come out of the system as lone surrogates."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in path


def read(root: Path, path: str) -> Source:
    """Read one file of the collection; see `Reader.read`."""
    with Reader(root) as reader:
        return reader.read(path)


class Reader:
    """Reads files of a collection; finds the folder of many files that lie together only once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = ""
        self._handle = -1

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def read(self, path: str) -> Source:
        """Read one file, at most `MAX_READ` bytes of it.

        Raises OSError as `open` does, also for links, FIFOs, devices and paths that lead out.
        """
        folder, _, name = path.rpartition("/")
        if self._handle < 0 or folder != self._folder:
            self.__exit__()
            self._handle, name = _open_folder(self._root, path)
            self._folder = folder
        elif name in ("", ".", "..") or not _is_text(name):
            _open_folder(self._root, path)  # says what is wrong
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW, dir_fd=self._handle)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file", path)
            content = os.read(handle, min(status.st_size + 1, MAX_READ))
            if len(content) != status.st_size:  # it grew, is large, or lies on an odd file system
                content += read_up_to(handle, MAX_READ - len(content))
        finally:
            os.close(handle)
        return Source(content, Fingerprint.of(status), status.st_size > len(content))


def read_up_to(handle: int, limit: int) -> bytes:
    """Read from an open file until its end, or until `limit` bytes are read."""
    chunks = []
    while limit > 0 and (chunk := os.read(handle, min(limit, 1 << 18))):
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


@contextmanager
def folder_handle(root: Path, path: str) -> Iterator[tuple[int, str]]:
    """Yield (handle of the folder that holds `path`, its last part); follows no link below root."""
    handle, name = _open_folder(root, path)
    try:
        yield handle, name
    finally:
        os.close(handle)


def _open_folder(root: Path, path: str) -> tuple[int, str]:
    *folders, name = path.split("/")
    if not name or any(part in ("", ".", "..") for part in (*folders, name)):
        raise OSError(errno.EINVAL, "this path leads out of the collection", path)
    if not _is_text(path):
        raise OSError(errno.EILSEQ, "its name is not UTF-8", path)
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            deeper = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = deeper
    except BaseException:
        os.close(handle)
        raise
    return handle, name


def read_whole(root: Path, path: str) -> bytes:
    """Read all bytes of a file that is about to be changed.

    Raises `WriteRefused` for what must not be written: links (symbolic or hard), what is no
    regular file, what is too large to be an article.
    """
    try:
        with folder_handle(root, path) as (folder, name):
            return read_checked(folder, name, path)
    except OSError as error:
        raise write_refusal(path, error) from error


def read_checked(folder: int, name: str, path: str) -> bytes:
    """Read all bytes of a file in an open folder; raises `WriteRefused` as `read_whole` does."""
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW, dir_fd=folder)
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
        return read_up_to(handle, MAX_READ)
    finally:
        os.close(handle)


def write_refusal(path: str, error: OSError) -> WriteRefused:
    """Say in words for a person why the system did not let us write."""
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return WriteRefused(f"{path} is a symbolic link.", "Open the file it points to instead.")
    if error.errno == errno.ENOTDIR:
        return WriteRefused(f"A folder on the way to {path} is a symbolic link or a file.")
    if error.errno == errno.ENOENT:
        return WriteRefused(f"{path} is no longer there.", "Reload the list.")
    if error.errno == errno.ENOSPC:
        return WriteRefused(f"The disk is full; {path} is as it was.", "Free some space.")
    if error.errno == errno.EROFS:
        return WriteRefused(f"The disk is read-only; {path} is as it was.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return WriteRefused(f"{path} may not be written.", "Check permissions of file and folder.")
    return WriteRefused(f"{path} cannot be written: {error.strerror or error}.")
