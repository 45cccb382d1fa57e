"""Replace a file of the collection so that nothing is ever lost, whoever writes beside us.

The new content is written and synced under another name in the same folder, then takes the
place of the file in one step. What a killed writer leaves there is found by `sweep`.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import grp
import hashlib
import os
import pwd
import secrets
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from newsdesk.collection.files import (
    MAX_READ,
    NO_FOLLOW,
    folder_handle,
    read_checked,
    read_up_to,
    write_refusal,
)
from newsdesk.errors import FileChanged, WriteRefused

_TEMPORARY = ".newsdesk-"
_UNFINISHED, _FINISHED = ".tmp", ".swap"
_STALE_AFTER = 60.0  # seconds; where there are no locks, a file this old has lost its writer
_SETTLING = 1.0  # seconds that another program may take to close a displaced file
_PATIENCE = 16  # exchanges with a program that writes without pause

_RENAME_EXCHANGE = 2


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
        with folder_handle(root, path) as (folder, name):
            if read_checked(folder, name, path) != expected:
                raise FileChanged(f"{path} was changed by another program meanwhile.")
            twin = f"{_TEMPORARY}{secrets.token_hex(8)}{_UNFINISHED}"
            # After the exchange this name stands for what was displaced: see `sweep`.
            finished = f"{_TEMPORARY}{_mark_of(name)}-{secrets.token_hex(8)}{_FINISHED}"
            try:
                _write_twin(folder, name, twin, content)
                os.rename(twin, finished, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                _remove(folder, twin)
            _put_in_place(folder, name, finished, expected, content)
            os.fsync(folder)
    except OSError as error:
        raise write_refusal(path, error) from error


def _remove(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _mark_of(name: str) -> str:
    """Return what tells, in the name of a temporary file, which file it is to replace."""
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]


def _write_twin(folder: int, name: str, temporary: str, content: bytes) -> None:
    """Write a synced file beside the original that looks like it in all but content."""
    # Opened for writing, so that the system says no where it says no to any other program.
    original = os.open(name, os.O_RDWR | os.O_NONBLOCK | NO_FOLLOW, dir_fd=folder)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW
        handle = os.open(temporary, flags, 0o600, dir_fd=folder)
        try:
            _claim(handle)
            remaining = memoryview(content)
            while remaining:
                remaining = remaining[os.write(handle, remaining) :]
            _copy_looks(original, handle, name)
            os.fsync(handle)
        finally:
            os.close(handle)
    finally:
        os.close(original)


def _claim(handle: int) -> bool:
    """Lock a temporary file as its writer does; False if its writer is alive.

    The lock dies with its holder. Where there are no locks nobody can be told from the dead.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return time.time() - os.fstat(handle).st_mtime > _STALE_AFTER
    return True


def _copy_looks(original: int, twin: int, name: str) -> None:
    status = os.fstat(original)
    made = os.fstat(twin)
    if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(twin, status.st_uid, status.st_gid)
        except PermissionError as error:  # only root may give a file away
            owner = _owner_of(status)
            raise WriteRefused(
                f"{name} belongs to {owner}: a write by you would change that.",
                f"Let {owner} decide about it, or work in a clone of your own.",
            ) from error
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
        for attribute in set(os.listxattr(twin)).difference(names):  # the folder's defaults
            with suppress(PermissionError):
                os.removexattr(twin, attribute)


def _owner_of(status: os.stat_result) -> str:
    """Return owner and group of a file as `alice:editors`, in numbers where they have no name."""
    try:
        owner = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        owner = str(status.st_uid)
    try:
        return f"{owner}:{grp.getgrgid(status.st_gid).gr_name}"
    except KeyError:
        return f"{owner}:{status.st_gid}"


def _put_in_place(folder: int, name: str, temporary: str, expected: bytes, content: bytes) -> None:
    try:
        exchanged = _exchange(folder, temporary, name)
        if not exchanged:
            # No atomic exchange here: compare as late as possible, then rename.
            if read_checked(folder, name, name) != expected:
                raise FileChanged(f"{name} was changed by another program meanwhile.")
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            return
    except (OSError, WriteRefused):
        _remove(folder, temporary)
        raise
    try:
        displaced = _settled(folder, temporary)
        if displaced.is_settled and displaced.content == expected:
            with suppress(OSError):  # the write is done; what is left here is swept later
                _remove(folder, temporary)
            return
        is_ours_again = _put_back(folder, name, temporary, displaced, content)
    except OSError:  # the name is gone, for one; what was displaced must not go with it
        is_ours_again = False
    if not is_ours_again:
        kept = _keep(folder, name, temporary)
        raise FileChanged(f"{name} is being rewritten all the time; another version is in {kept}.")
    _remove(folder, temporary)
    if not displaced.is_settled:
        raise WriteRefused(f"Another program has {name} open for writing.", "Close it there first.")
    raise FileChanged(f"{name} was changed by another program meanwhile.")


def _put_back(
    folder: int, name: str, temporary: str, displaced: _Displaced, content: bytes
) -> bool:
    """Put back what should not have been displaced; True if our own version came out for it.

    Something else comes out if they wrote once more after the exchange. That is newer than
    what was put back, so it goes in again, until what comes out is what was put in before.
    Then what is left over is an older version of theirs, and the answer is False.
    """
    _exchange(folder, temporary, name)
    put, out = displaced, _settled(folder, temporary)
    if out.is_settled and out.content == content:
        return True
    for _ in range(_PATIENCE):
        _exchange(folder, temporary, name)
        before, put = put, out
        out = _settled(folder, temporary)
        if out.inode == before.inode:
            break
    return False


def _keep(folder: int, name: str, temporary: str) -> str:
    """Give a displaced version of somebody else's a name that lasts; return the name."""
    kept = f"{name[:50]}.{secrets.token_hex(4)}.newsdesk-conflict"
    os.rename(temporary, kept, src_dir_fd=folder, dst_dir_fd=folder)
    return kept


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


@dataclass(frozen=True, slots=True)
class _Displaced:
    """A file that was exchanged away; not settled if a program had it open for writing."""

    content: bytes
    inode: int
    is_settled: bool


def _settled(folder: int, name: str) -> _Displaced:
    """Read a displaced file once nobody has it open for writing any more.

    A program that opened the file before the exchange still writes into the displaced inode. A
    read lease (fcntl(2), F_SETLEASE) is granted only while no writer has it open, and tells when
    one comes. Without leases (somebody else's file, other systems) the content is taken as it is.
    """
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW, dir_fd=folder)
    try:
        inode = os.fstat(handle).st_ino
        deadline = time.monotonic() + _SETTLING
        while True:
            leased = _lease(handle)
            os.lseek(handle, 0, os.SEEK_SET)
            content = read_up_to(handle, MAX_READ + 1)
            if leased is None or (leased and _is_leased(handle)):
                return _Displaced(content, inode, True)
            if leased:  # a writer came and waits for us to give way
                fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            if time.monotonic() > deadline:
                return _Displaced(content, inode, False)
            time.sleep(0.002)
    finally:
        os.close(handle)  # and the lease with it


def _lease(handle: int) -> bool | None:
    """Ask for a read lease: granted, refused because of a writer, or None: not to be had."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return None
    try:
        # The signal for a broken lease is SIGIO by default, which ends the program.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return False if error.errno == errno.EAGAIN else None
    return True


def _is_leased(handle: int) -> bool:
    return fcntl.fcntl(handle, fcntl.F_GETLEASE) == fcntl.F_RDLCK


def sweep(
    root: Path,
    paths: Iterable[str],
    is_ours: Callable[[str, bytes, bytes], bool],
) -> list[str]:
    """Clear up what a killed newsdesk left beside the given files; return the removed paths.

    A finished temporary file may hold what another program wrote just before the kill.
    `is_ours(path, leftover, current)` tells whether nothing of anybody else's is in the
    leftover. If not it goes back into its place, or stays as `….newsdesk-conflict` beside a
    file that was written again since.
    """
    by_mark = {(path.rpartition("/")[0], _mark_of(path.rpartition("/")[2])): path for path in paths}
    swept = []
    for parent in {parent for parent, _ in by_mark}:
        with suppress(OSError), folder_handle(root, f"{parent}/x".lstrip("/")) as (folder, _):
            for name in os.listdir(folder):  # noqa: PTH208 - relative to the handle
                if not name.startswith(_TEMPORARY):
                    continue
                is_clear = False
                if name.endswith(_UNFINISHED):
                    is_clear = _has_lost_its_writer(folder, name)
                elif name.endswith(_FINISHED):
                    mark = name.removeprefix(_TEMPORARY).partition("-")[0]
                    path = by_mark.get((parent, mark), "")
                    is_clear = bool(path) and _may_go(folder, path, name, is_ours)
                if is_clear:
                    _remove(folder, name)
                    swept.append(f"{parent}/{name}".lstrip("/"))
    return swept


def sweep_folder(
    root: Path, folder: str, is_ours: Callable[[str, bytes, bytes], bool]
) -> list[str]:
    """Clear up what was left beside the files of one folder, whatever file it is; see `sweep`.

    `folder` is relative to the collection, empty for the collection itself.
    """
    prefix = f"{folder}/" if folder else ""
    try:
        with folder_handle(root, f"{prefix}x") as (handle, _):
            names = os.listdir(handle)  # noqa: PTH208 - relative to the handle
    except OSError:
        return []
    if not any(name.startswith(_TEMPORARY) for name in names):
        return []
    return sweep(root, [prefix + name for name in names], is_ours)


def _has_lost_its_writer(folder: int, name: str) -> bool:
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW, dir_fd=folder)
    try:
        return _claim(handle)
    finally:
        os.close(handle)


def _may_go(
    folder: int, path: str, leftover: str, is_ours: Callable[[str, bytes, bytes], bool]
) -> bool:
    """Tell whether a finished temporary file may go; put back what it displaced if need be."""
    name = path.rpartition("/")[2]
    held = _settled(folder, leftover)
    try:
        current = _settled(folder, name)
    except FileNotFoundError:
        current = _Displaced(b"", 0, False)
    if held.is_settled and is_ours(path, held.content, current.content):
        return True
    # It holds what somebody wrote just before the exchange; ours is in its place.
    if current.is_settled and is_ours(path, current.content, b""):
        _exchange(folder, leftover, name)
        out = _settled(folder, leftover)
        if out.is_settled and out.content == current.content:
            return True
    _keep(folder, name, leftover)
    return False
