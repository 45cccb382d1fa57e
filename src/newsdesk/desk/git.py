"""Ask the git program about the repository around a folder, and commit single lines with it.

How a commit takes one line of a file and leaves the rest alone: it is built in an index file of
its own, in a private folder, out of the last commit. Every blob in it is the last commit's blob
with one value replaced, so what stands in the file besides, line endings, filters and
`core.autocrlf` have no say. `git commit` then runs on that index: hooks run and see just this
change, signing, identity and the branch are git's own business.

Meanwhile the real index is locked the way git locks it (`index.lock`), so no other git moves
anything under our feet, and a locked index is noticed before the commit is made. Afterwards the
entries that were equal to the old commit become equal to the new one, as `git commit --only`
does; a file that somebody staged in another version gets our line in that version too, else
their next commit would take it back. If a hook refuses, the lock goes away and nothing else has
changed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from newsdesk.desk.git_command import Git, GitRefused, NoRepository, gist
from newsdesk.errors import NewsdeskError, WriteRefused

_LOCK_PATIENCE = 1.0  # seconds another git may take over the index
_REGULAR = ("100644", "100755")
# A file or folder in the git folder -> what goes on, how to end it, how to give it up.
_UNDER_WAY = (
    ("MERGE_HEAD", "A merge", "git merge --continue", "git merge --abort"),
    ("rebase-merge", "A rebase", "git rebase --continue", "git rebase --abort"),
    ("rebase-apply/applying", "A git am", "git am --continue", "git am --abort"),
    ("rebase-apply", "A rebase", "git rebase --continue", "git rebase --abort"),
    ("CHERRY_PICK_HEAD", "A cherry-pick", "git cherry-pick --continue", "git cherry-pick --abort"),
    ("REVERT_HEAD", "A git revert", "git revert --continue", "git revert --abort"),
    ("SQUASH_MSG", "A squash merge", "git commit", "git reset --merge"),
)

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit or of the index: its mode as git writes it, the id of its content."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Differing:
    """The files of the folder that differ from the last commit; paths relative to the folder.

    `branch` is empty for a detached HEAD, `head` is empty before the first commit. `changed`
    holds the versions of the last commit, `new` are files that it does not hold, staged or not.
    """

    branch: str
    head: str
    changed: Mapping[str, Blob]
    new: frozenset[str]
    conflicts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit that was made: its id, its files, and path -> reason of what was left out.

    `words` is what git and the hooks said; `notes` are sentences for the person.
    """

    id: str
    paths: tuple[str, ...]
    left_out: Mapping[str, str]
    words: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a commit is asked to take; paths relative to the repository."""

    edits: Mapping[str, Edit]
    whole: Sequence[str]


@dataclass(slots=True)
class _Draft:
    """What a commit is going to hold: path -> new blob, and path -> why not."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


class Repository:
    """The git repository that holds a folder, and only that folder of it.

    Raises `NoRepository` if there is none, `GitRefused` if git will not read it.
    """

    def __init__(self, folder: Path) -> None:
        self._program = Git(folder)
        try:
            self._top = Path(self._asked("--show-toplevel"))
        except GitRefused as refusal:
            if "not a git repository" in refusal.words:
                raise NoRepository(
                    f"{folder} is in no git repository.", "git init makes one.", refusal.words
                ) from None
            raise
        self._program.folder = self._top
        self._git_folder = Path(self._asked("--absolute-git-dir"))
        relative = os.path.relpath(folder, self._top.resolve())
        self._prefix = "" if relative == "." else f"{relative}/"
        self.superproject = self._asked("--show-superproject-working-tree")

    def _asked(self, question: str) -> str:
        # In English: one of the answers is told from the others by its words.
        answer = self._git("rev-parse", question, LC_ALL="C")
        return os.fsdecode(answer.removesuffix(b"\n"))

    def differing(self) -> Differing:
        """Return what differs from the last commit; writes nothing."""
        listed = self._git(
            "--no-optional-locks",
            "--literal-pathspecs",
            *("status", "--porcelain=v2", "--branch", "-z", "--no-renames"),
            *("--untracked-files=all", "--ignore-submodules=all", "--", self._prefix or "."),
        )
        branch = head = ""
        changed: dict[str, Blob] = {}
        new, conflicts = set(), set()
        for line in os.fsdecode(listed).split("\0"):
            kind, _, rest = line.partition(" ")
            if line.startswith("# branch.oid "):
                head = line.split(" ", 2)[2].replace("(initial)", "")
            elif line.startswith("# branch.head "):
                branch = line.split(" ", 2)[2].replace("(detached)", "")
            elif kind == "1":
                _, _, mode, _, _, id_, _, path = rest.split(" ", 7)
                if mode in _REGULAR:
                    changed[self._below(path)] = Blob(mode, id_)
                elif not int(mode):
                    new.add(self._below(path))
            elif kind == "u":
                conflicts.add(self._below(rest.split(" ", 9)[9]))
            elif kind == "?":
                new.add(self._below(rest))
        # Staged as removed and still there: listed as both.
        return Differing(branch, head, changed, frozenset(new - set(changed)), frozenset(conflicts))

    def tracked(self) -> dict[str, Blob]:
        """Return path -> blob of the folder's regular files in the last commit."""
        return {self._below(path): blob for path, blob in self._tree("HEAD").items()}

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return id -> content of blobs."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        answer = self._git("cat-file", "--batch", given="".join(f"{i}\n" for i in wanted).encode())
        found: dict[str, bytes] = {}
        at = 0
        while at < len(answer):
            end = answer.index(b"\n", at)
            id_, kind, *size = answer[at:end].decode("ascii").split(" ")
            if not size:
                raise GitRefused(f"git has lost a version of a file ({id_} {kind}).", "git fsck")
            start, at = end + 1, end + 2 + int(size[0])
            found[id_] = answer[start : at - 1]
        return found

    def repository_filters(self, paths: Iterable[str]) -> dict[str, str]:
        """Return path -> filter of those files whose filter only the repository defines.

        That filter is not run, so what git would store of such a file is not known here.
        """
        names = self._program.repository_filters
        given = b"".join(os.fsencode(self._prefix + path) + b"\0" for path in paths)
        if not names or not given:
            return {}
        answer = os.fsdecode(self._git("check-attr", "-z", "--stdin", "filter", given=given))
        words = iter(answer.split("\0")[:-1])
        return {
            self._below(path): name
            for path, _, name in zip(words, words, words, strict=True)
            if name in names
        }

    def why_not_commit(self) -> GitRefused | None:
        """Return what stands in the way of any commit: a merge, no identity, no first commit."""
        for name, what, finish, abort in _UNDER_WAY:
            if (self._git_folder / name).exists():
                return GitRefused(
                    f"{what} is under way in this repository.",
                    f"Finish it first ({finish}) or give it up ({abort}).",
                )
        try:
            self._git("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
        except GitRefused:
            return GitRefused(
                "This repository has no commit yet, so there is nothing to compare with.",
                "Make the first one with git add and git commit.",
            )
        try:
            self._git("var", "GIT_AUTHOR_IDENT")
            self._git("var", "GIT_COMMITTER_IDENT")
        except GitRefused as refusal:
            return GitRefused(
                "git does not know who you are.",
                "Tell it: git config --global user.name NAME, "
                "git config --global user.email ADDRESS.",
                refusal.words,
            )
        return None

    def commit(self, message: str, edits: Mapping[str, Edit], whole: Sequence[str]) -> Committed:
        """Commit edits of single files and whole files, and nothing else.

        An edit makes the new content out of the last commit's; one that raises `WriteRefused`
        leaves its file out. Paths in `whole` are taken as they are on the disk, also gone.
        Raises `GitRefused`; then nothing was committed and the index is as it was.
        """
        if not message.strip():
            raise NewsdeskError("The message is empty.", "Say in a line what changed.")
        with self._index_locked() as lock, _private_folder() as scratch:
            if (obstacle := self.why_not_commit()) is not None:
                raise obstacle
            head = self._head()
            index = scratch / "commit-index"
            # From here on paths are relative to the repository: a hook may add any file of it.
            wanted = _Wanted(
                {self._prefix + path: edit for path, edit in edits.items()},
                [self._prefix + path for path in whole],
            )
            draft = self._drafted(head, wanted, index)
            words = self._committed(message, head, index)
            made = self._head()
            notes = self._brought_up_to_date(head, made, wanted, lock, scratch)
        left_out = {self._below(path): reason for path, reason in draft.left_out.items()}
        paths = tuple(path for path in (*edits, *whole) if path not in left_out)
        return Committed(made, paths, left_out, words, notes)

    def _head(self) -> str:
        return self._git("rev-parse", "HEAD").decode("ascii").strip()

    def _drafted(self, head: str, wanted: _Wanted, index: Path) -> _Draft:
        """Write the index of the commit; raises `NewsdeskError` if it would hold nothing."""
        self._copy_index(index)
        self._git("read-tree", "--reset", head, GIT_INDEX_FILE=str(index))
        draft = self._edited(self._tree(head), wanted.edits, index.parent)
        self._set_entries({path: (blob.mode, blob.id) for path, blob in draft.blobs.items()}, index)
        self._git(
            *("update-index", "-z", "--add", "--remove", "--stdin"),
            given=b"".join(os.fsencode(path) + b"\0" for path in wanted.whole),
            GIT_INDEX_FILE=str(index),
        )
        tree = self._git("write-tree", GIT_INDEX_FILE=str(index))
        if tree == self._git("rev-parse", f"{head}^{{tree}}"):
            reasons = [f"{self._below(path)}: {why}" for path, why in draft.left_out.items()]
            raise NewsdeskError("There is nothing to commit.", "".join(reasons[:1]))
        return draft

    def _edited(
        self, blobs: Mapping[str, Blob], edits: Mapping[str, Edit], scratch: Path
    ) -> _Draft:
        draft = _Draft()
        contents = self.contents(blobs[path].id for path in edits if path in blobs)
        new: dict[str, bytes] = {}
        for path, edit in edits.items():
            if path not in blobs:
                draft.left_out[path] = "It is not in the last commit."
                continue
            before = contents[blobs[path].id]
            try:
                new[path] = edit(before)
            except WriteRefused as refusal:
                draft.left_out[path] = str(refusal)
                continue
            if new.get(path) == before:
                del new[path]
                draft.left_out[path] = "The last commit holds this change already."
        ids = self._written(list(new.values()), scratch)
        for path, id_ in zip(new, ids, strict=True):
            draft.blobs[path] = Blob(blobs[path].mode, id_)
        return draft

    def _committed(self, message: str, head: str, index: Path) -> str:
        """Run `git commit` on an index; return what was said meanwhile."""
        try:
            words = self._program.commit(
                *("--quiet", "-F", "-", "--cleanup=whitespace"),
                given=message.replace("\0", "").encode("utf-8", "surrogateescape"),
                GIT_INDEX_FILE=str(index),
            )
        except GitRefused as refusal:
            raise GitRefused(
                f"git did not commit: {refusal.message}",
                "Nothing was committed, the index is as it was. Mend what git or the hook names, "
                "then commit again.",
                refusal.words,
            ) from None
        parent = self._git("rev-parse", "HEAD^").decode("ascii").strip()
        if parent != head:
            # A commit came in between ours and what it was built on: ours would take it back.
            self._git("update-ref", "HEAD", parent, self._head())
            raise GitRefused("Somebody else committed at the same moment.", "Commit again.")
        return words

    def _brought_up_to_date(
        self, old: str, new: str, wanted: _Wanted, lock: Path, scratch: Path
    ) -> tuple[str, ...]:
        """Let the real index follow the commit; return a note if it cannot."""
        try:
            entries = self._entries_after(old, new, wanted, scratch)
            index = scratch / "real-index"
            self._copy_index(index)
            self._set_entries(entries, index)
            with suppress(GitRefused):  # files that differ from the index make it say no
                self._git("update-index", "-q", "--refresh", GIT_INDEX_FILE=str(index))
            _overwrite(lock, index, self._git_folder / "index")
            lock.rename(self._git_folder / "index")
        except (OSError, GitRefused) as error:
            return (
                f"The commit is made, but git's index could not follow: {error} "
                "git reset -q brings it up to date, and unstages what is staged.",
            )
        return ()

    def _entries_after(
        self, old: str, new: str, wanted: _Wanted, scratch: Path
    ) -> dict[str, tuple[str, str]]:
        """Return path -> (mode, id) that the real index should hold now; mode 0: none."""
        staged = self._staged()
        entries: dict[str, tuple[str, str]] = {}
        differently: dict[str, Blob] = {}
        for path, was, now in self._changes(old, new):
            found = staged.get(path)
            if found == was or path in wanted.whole:
                entries[path] = (now.mode, now.id) if now else ("0", new)
            elif path in wanted.edits and found is not None:
                differently[path] = found
        edited = self._edited(
            differently, {path: wanted.edits[path] for path in differently}, scratch
        )
        return entries | {path: (blob.mode, blob.id) for path, blob in edited.blobs.items()}

    def _changes(self, old: str, new: str) -> Iterator[tuple[str, Blob | None, Blob | None]]:
        """Yield (path, old blob, new blob) of what two commits do not share."""
        listed = self._git(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", old, new
        )
        words = iter(os.fsdecode(listed).split("\0")[:-1])
        for described, path in zip(words, words, strict=True):
            old_mode, new_mode, old_id, new_id, _ = described.removeprefix(":").split(" ")
            yield (
                path,
                Blob(old_mode, old_id) if int(old_mode) else None,
                Blob(new_mode, new_id) if int(new_mode) else None,
            )

    @contextmanager
    def _index_locked(self) -> Iterator[Path]:
        """Hold the lock on the real index; raises `GitRefused` in git's words if another does."""
        lock = self._git_folder / "index.lock"
        deadline = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise self._complaint_about_lock() from None
                time.sleep(0.02)
            except OSError as error:
                raise GitRefused(
                    f"The repository cannot be written: {error.strerror}.",
                    f"Check the permissions of {self._git_folder}.",
                ) from error
        try:
            yield lock
        finally:
            lock.unlink(missing_ok=True)

    def _complaint_about_lock(self) -> GitRefused:
        words = ""
        try:
            self._git("update-index", "--force-write-index")  # changes nothing, wants the lock
        except GitRefused as refusal:
            words = refusal.words
        return GitRefused(
            f"Another git is at work in this repository: {gist(words) or 'index.lock'}",
            "Wait until it has ended. If none runs, remove the file index.lock.",
            words,
        )

    def _copy_index(self, to: Path) -> None:
        # With its times: git goes by them when it decides which files to look into.
        with suppress(FileNotFoundError):
            shutil.copy2(self._git_folder / "index", to)

    def _set_entries(self, entries: Mapping[str, tuple[str, str]], index: Path) -> None:
        lines = (
            f"{mode} {id_}\t".encode() + os.fsencode(path) + b"\0"
            for path, (mode, id_) in entries.items()
        )
        self._git(
            *("update-index", "-z", "--index-info"),
            given=b"".join(lines),
            GIT_INDEX_FILE=str(index),
        )

    def _written(self, contents: Sequence[bytes], scratch: Path) -> list[str]:
        """Store contents as they are, no filter and no line ending touched; return their ids."""
        names = []
        for number, content in enumerate(contents):
            file = scratch / str(number)
            file.write_bytes(content)
            names.append(os.fsencode(file) + b"\n")
        answer = self._git(
            "hash-object", "-w", "--no-filters", "--stdin-paths", given=b"".join(names)
        )
        return answer.decode("ascii").split()

    def _tree(self, commit: str) -> dict[str, Blob]:
        within = (self._prefix,) if self._prefix else ()
        listed = self._git(
            "--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *within
        )
        found = {}
        for line in os.fsdecode(listed).split("\0")[:-1]:
            described, _, path = line.partition("\t")
            mode, _, id_ = described.split(" ")
            if mode in _REGULAR:
                found[path] = Blob(mode, id_)
        return found

    def _staged(self) -> dict[str, Blob]:
        """Return path -> blob in the real index, but for what is in conflict there."""
        listed = self._git("ls-files", "--stage", "-z")
        found = {}
        for line in os.fsdecode(listed).split("\0")[:-1]:
            described, _, path = line.partition("\t")
            mode, id_, stage = described.split(" ")
            if stage == "0":
                found[path] = Blob(mode, id_)
        return found

    def _below(self, path: str) -> str:
        return path.removeprefix(self._prefix)

    def _git(self, *arguments: str, given: bytes = b"", **variables: str) -> bytes:
        return self._program.read(*arguments, given=given, **variables)


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="newsdesk-") as folder:
        yield Path(folder)


def _overwrite(lock: Path, content: Path, original: Path) -> None:
    """Put content into the lock, durable, with the mode of what it is going to replace."""
    with open(lock, "wb") as file:
        file.write(content.read_bytes())
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.fchmod(file.fileno(), original.stat().st_mode & 0o777)
    times = content.stat()
    os.utime(lock, ns=(times.st_atime_ns, times.st_mtime_ns))
