"""Commit single lines of files, and whole files, with git.

Most commits are `git commit --only`: where all that differs in a file is the line of a decision,
git takes the file as it is, and moves the branch and the index one right after the other.

Where somebody else changed other lines of the file too, or git would store it differently, the
commit is built in an index file of its own, out of the last commit. Every blob in it is the last
commit's blob with one value replaced, so what is in the file besides, line endings, filters and
`core.autocrlf` have no say. `git commit` then runs on that index. The real index is locked the
way git locks it (`index.lock`) until it follows the commit; a file that somebody staged in
another version gets the line in that version too, else their next commit would take it back.

Either way hooks run and see just this change; signing, identity and the branch are git's own
business, and a commit that is refused leaves everything as it was. `git_record` finishes what
was killed in between.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from newsdesk.errors import NewsdeskError, WriteRefused
from newsdesk.private_folder import PrivateFolder
from newsdesk.workspace.review.git import Blob, Repository
from newsdesk.workspace.review.git_command import GitRefused
from newsdesk.workspace.review.git_index import (
    Planned,
    entries_after,
    index_locked,
    set_entries,
    wait_for_lock,
)
from newsdesk.workspace.review.git_record import CommitRecord, new_index_path

Edit = Callable[[bytes], bytes]


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


class CommitRefused(GitRefused):
    """`git commit` failed, mostly because of a hook.

    `changed` are those files of the commit that a hook changed meanwhile. A hook that mends files
    ends the commit; what it made of them can be committed by taking them whole.
    """

    def __init__(self, refusal: GitRefused, changed: Sequence[str]) -> None:
        super().__init__(
            f"git did not commit: {refusal.message}",
            "Nothing was committed, the index is as it was. Mend what git or the hook names, "
            "then commit again.",
            refusal.words,
        )
        self.changed = tuple(changed)


@dataclass(slots=True)
class _Draft:
    """What a commit is going to hold: path -> new blob, path -> why not, and what it is built on.

    `before` are the blobs of the last commit.
    """

    head: str
    before: Mapping[str, Blob]
    blobs: dict[str, Blob] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def commit(
    repository: Repository,
    message: str,
    edits: Mapping[str, Edit],
    whole: Sequence[str],
    *,
    record: Path,
) -> Committed:
    """Commit edits of single files and whole files, and nothing else.

    An edit makes the new content out of the last commit's; one that raises `WriteRefused` leaves
    its file out. Paths are relative to the folder of `repository`; those in `whole` are taken as
    they are on the disk, also gone. `record` is the file that describes the commit while it is
    made. Raises `GitRefused`; then nothing was committed and the index is as it was.
    """
    if not message.strip():
        raise NewsdeskError("The message is empty.", "Say in a line what changed.")
    with CommitRecord(record) as begun, PrivateFolder() as scratch:
        making = _Commit(
            repository,
            {repository.prefix + path: edit for path, edit in edits.items()},
            [repository.prefix + path for path in whole],
            scratch,
        )
        draft, words, notes = making.make(message, begun)
        made = repository.head()
    left_out = {repository.below(path): reason for path, reason in draft.left_out.items()}
    paths = tuple(path for path in (*edits, *whole) if path not in left_out)
    return Committed(made, paths, left_out, words, notes)


class _Commit:
    """One commit; all paths are relative to the repository: a hook may add any file of it."""

    def __init__(
        self,
        repository: Repository,
        edits: Mapping[str, Edit],
        whole: Sequence[str],
        scratch: PrivateFolder,
    ) -> None:
        self._repository = repository
        self._git = repository.git
        self._edits = edits
        self._whole = whole
        self._scratch = scratch

    def make(self, message: str, record: CommitRecord) -> tuple[_Draft, str, tuple[str, ...]]:
        """Make the commit; return what it holds, what was said meanwhile, and notes."""
        self._message, self._record = message, record
        if (obstacle := self._repository.why_not_commit()) is not None:
            raise obstacle
        record.begin(self._repository)
        wait_for_lock(self._repository)
        draft = self._draft()
        if self._is_all_that_differs(draft):
            return draft, *self._commit_only(draft)
        record.note_locking()
        with index_locked(self._repository):
            draft = self._draft()  # nobody changes the index from here on
            return draft, *self._commit_from_index(draft)

    # -- what it holds ---------------------------------------------------------------------

    def _draft(self) -> _Draft:
        head = self._repository.head()
        self._entries = self._repository.entries()
        before = self._repository.tree(head)
        draft = _Draft(head, before)
        draft.blobs = self._edited(before, self._edits, draft.left_out)
        return draft

    def _edited(
        self, blobs: Mapping[str, Blob], edits: Mapping[str, Edit], left_out: dict[str, str]
    ) -> dict[str, Blob]:
        """Return path -> blob with its edit, stored in the repository."""
        contents = self._repository.contents(blobs[path].id for path in edits if path in blobs)
        new: dict[str, bytes] = {}
        for path, edit in edits.items():
            if path not in blobs:
                left_out[path] = "It is not in the last commit."
                continue
            before = contents[blobs[path].id]
            try:
                after = edit(before)
            except WriteRefused as refusal:
                left_out[path] = str(refusal)
                continue
            if after == before:
                left_out[path] = "The last commit holds this change already."
            else:
                new[path] = after
        ids = self._written(list(new.values()))
        return {path: Blob(blobs[path].mode, id_) for path, id_ in zip(new, ids, strict=True)}

    def _written(self, contents: Sequence[bytes]) -> list[str]:
        """Store contents as they are, no filter and no line ending touched; return their ids."""
        if not contents:
            return []
        names = []
        for number, content in enumerate(contents):
            file = self._scratch.path / str(number)
            file.write_bytes(content)
            names.append(os.fsencode(file) + b"\n")
        answer = self._git.read(
            "hash-object", "-w", "--no-filters", "--stdin-paths", given=b"".join(names)
        )
        return answer.decode("ascii").split()

    def _is_all_that_differs(self, draft: _Draft) -> bool:
        """Tell whether git would make exactly this commit out of the files as they are."""
        paths = [*draft.blobs, *self._whole]
        is_plain = paths and not any("\n" in path or path.startswith('"') for path in paths)
        if not is_plain or any(entry.is_conflict for entry in self._entries.values()):
            return False
        if any(path not in self._entries or self._entries[path].flag for path in paths):
            return False
        if self._repository.repository_filters(map(self._repository.below, paths)):
            return False
        for path, blob in draft.blobs.items():
            if self._entries[path].blob not in (draft.before[path], blob):
                return False
        return self._untouched(draft) == list(draft.blobs)

    def _untouched(self, draft: _Draft) -> list[str]:
        """Return the paths where git would store the file just as the commit has it."""
        stored = self._as_stored(list(draft.blobs))
        return [path for path, blob in draft.blobs.items() if stored.get(path) == blob]

    def _as_stored(self, paths: Sequence[str]) -> dict[str, Blob]:
        """Return path -> blob that git would make of a file; of those files that there are."""
        modes = {}
        for path in paths:
            with suppress(OSError):
                mode = (self._repository.top / path).lstat().st_mode
                if stat.S_ISREG(mode):
                    modes[path] = "100755" if mode & stat.S_IXUSR else "100644"
        given = b"".join(os.fsencode(path) + b"\n" for path in modes)
        if not modes:
            return {}
        try:
            answer = self._git.read("hash-object", "--stdin-paths", given=given)
        except GitRefused:  # a file that cannot be read, or is gone by now
            return {}
        ids = answer.decode("ascii").split()
        return {path: Blob(modes[path], id_) for path, id_ in zip(modes, ids, strict=True)}

    def _planned(self, draft: _Draft, whole: Mapping[str, Blob]) -> list[Planned]:
        """Return what the index has to hold afterwards; `whole` are the blobs of whole files."""
        found = {path: entry.blob for path, entry in self._entries.items()}
        plan: list[Planned] = []
        differently: dict[str, Blob] = {}
        for path, blob in draft.blobs.items():
            if path in found and found[path] not in (draft.before[path], blob):
                differently[path] = found[path]
            elif path in found:
                plan.append((path, draft.before[path], blob))
        for path in self._whole:
            old, new, now = draft.before.get(path), whole.get(path), found.get(path)
            plan.append((path, old if now == new else now, new))
        edits = {path: self._edits[path] for path in differently}
        edited = self._edited(differently, edits, {})
        return plan + [(path, differently[path], blob) for path, blob in edited.items()]

    # -- as git does it --------------------------------------------------------------------

    def _commit_only(self, draft: _Draft) -> tuple[str, tuple[str, ...]]:
        paths = [*draft.blobs, *self._whole]
        plan = self._planned(draft, self._as_stored(self._whole))
        self._record.note_plan(plan)
        names = self._scratch.path / "paths"
        names.write_bytes(b"".join(b":(top,literal)" + os.fsencode(p) + b"\0" for p in paths))
        index = self._repository.git_folder / "index"
        mode = stat.S_IMODE(index.stat().st_mode)
        words = self._said_by_git(
            draft, "--only", f"--pathspec-from-file={names}", "--pathspec-file-nul"
        )
        with suppress(OSError):
            index.chmod(mode)
        made = self._repository.head()
        notes = self._foreign_lines(draft, made)
        try:
            entries = entries_after(
                self._repository.entries(), plan, self._repository.changes(draft.head, made)
            )
            if entries:  # what a hook added
                set_entries(self._repository, entries)
        except GitRefused as refusal:
            return words, (*notes, _not_followed(refusal))
        return words, notes

    def _foreign_lines(self, draft: _Draft, made: str) -> tuple[str, ...]:
        """Return a note about files that were written while git read them.

        Raises `GitRefused`, and takes the commit back, unless a hook may have done it.
        """
        held, parent = self._repository.tree(made), self._parent(made)
        before = draft.before if parent == draft.head else self._repository.tree(parent)
        note_undone = [path for path in draft.blobs if before.get(path) != draft.before[path]]
        written = [path for path, blob in draft.blobs.items() if held.get(path) != blob]
        if not note_undone and not written:
            return ()
        name = self._repository.below((note_undone or written)[0])
        if not note_undone and self._git.has_hook("pre-commit"):
            return (f"{name} was changed by a hook: the commit holds more than its one line.",)
        self._git.read("update-ref", "HEAD", parent, made)
        now = {path: entry.blob for path, entry in self._repository.entries().items()}
        found = {path: self._entries[path].blob for path in (*draft.blobs, *self._whole)}
        set_entries(self._repository, {p: blob for p, blob in found.items() if now.get(p) != blob})
        raise GitRefused(f"{name} was written at the same moment.", "Commit again.")

    # -- in an index of its own ------------------------------------------------------------

    def _commit_from_index(self, draft: _Draft) -> tuple[str, tuple[str, ...]]:
        index = self._scratch.path / "commit-index"
        self._fill(index, draft)
        held = {path: entry.blob for path, entry in self._repository.entries(index).items()}
        plan = self._planned(draft, {p: held[p] for p in self._whole if p in held})
        self._record.note_plan(plan)
        words = self._said_by_git(draft, GIT_INDEX_FILE=str(index))
        made = self._repository.head()
        if self._parent(made) != draft.head:
            # A commit came in between ours and what it was built on: ours would take it back.
            self._git.read("update-ref", "HEAD", self._parent(made), made)
            raise GitRefused("Somebody else committed at the same moment.", "Commit again.")
        return words, self._follow(draft, made, plan)

    def _fill(self, index: Path, draft: _Draft) -> None:
        """Write the index of the commit; raises `NewsdeskError` if it would hold nothing."""
        self._copy_index(index)
        self._git.read("read-tree", "--reset", draft.head, GIT_INDEX_FILE=str(index))
        set_entries(self._repository, draft.blobs, index=index)
        self._git.read(
            *("update-index", "-z", "--add", "--remove", "--stdin"),
            given=b"".join(os.fsencode(path) + b"\0" for path in self._whole),
            GIT_INDEX_FILE=str(index),
        )
        tree = self._git.read("write-tree", GIT_INDEX_FILE=str(index))
        if tree == self._git.read("rev-parse", f"{draft.head}^{{tree}}"):
            reasons = [
                f"{self._repository.below(path)}: {why}" for path, why in draft.left_out.items()
            ]
            raise NewsdeskError("There is nothing to commit.", "".join(reasons[:1]))

    def _follow(self, draft: _Draft, made: str, plan: Sequence[Planned]) -> tuple[str, ...]:
        """Let the real index, which is locked, follow the commit; return a note if it cannot."""
        repository = self._repository
        try:
            entries = entries_after(self._entries, plan, repository.changes(draft.head, made))
            index = new_index_path(repository)
            self._copy_index(index)
            flags = {path: self._entries[path].flag for path in entries if path in self._entries}
            set_entries(repository, entries, index=index, flags=flags)
            with suppress(GitRefused):  # files that differ from the index make it say no
                self._git.read("update-index", "-q", "--refresh", GIT_INDEX_FILE=str(index))
            with suppress(FileNotFoundError):
                index.chmod(stat.S_IMODE((repository.git_folder / "index").stat().st_mode))
            _sync(index)
            index.rename(repository.git_folder / "index")
        except (OSError, GitRefused) as error:
            return (_not_followed(error),)
        return ()

    def _copy_index(self, to: Path) -> None:
        # With its times: git goes by them when it decides which files to look into.
        with suppress(FileNotFoundError):
            shutil.copy2(self._repository.git_folder / "index", to)

    # -- both ------------------------------------------------------------------------------

    def _said_by_git(self, draft: _Draft, *arguments: str, **variables: str) -> str:
        """Run `git commit`; return what was said meanwhile. Raises `CommitRefused`."""
        untouched = self._untouched(draft)
        try:
            return self._git.commit(
                *("--quiet", "-F", "-", "--cleanup=whitespace", *arguments),
                given=self._message.replace("\0", "").encode("utf-8", "surrogateescape"),
                keeping=(self._record.handle, self._scratch.lock),
                started=self._record.note_git,
                **variables,
            )
        except GitRefused as refusal:
            changed = set(untouched) - set(self._untouched(draft))
            below = [self._repository.below(path) for path in sorted(changed)]
            raise CommitRefused(refusal, below) from None

    def _parent(self, commit: str) -> str:
        return self._git.read("rev-parse", f"{commit}^").decode("ascii").strip()


def _not_followed(error: Exception) -> str:
    return (
        f"The commit is made, but git's index could not follow: {error} "
        "git reset -q brings it up to date, and unstages what is staged."
    )


def _sync(index: Path) -> None:
    """Make a new index durable, without changing its times: git goes by them."""
    with open(index, "rb") as file:
        os.fsync(file.fileno())
