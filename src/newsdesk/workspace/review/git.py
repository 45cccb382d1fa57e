"""Read the git repository around a folder: its last commit, its index, what differs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk.workspace.review.git_command import Git, GitRefused, NoRepository

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
    `flagged` are files that git does not compare, with the name of the flag: assume-unchanged
    or skip-worktree.
    """

    branch: str
    head: str
    changed: Mapping[str, Blob]
    new: frozenset[str]
    conflicts: frozenset[str]
    flagged: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A file in the index. `flag` is why git does not look at the file, or empty."""

    blob: Blob
    flag: str
    is_conflict: bool


class Repository:
    """The git repository that holds a folder, and only that folder of it.

    Raises `NoRepository` if there is none, `GitRefused` if git will not read it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git = Git(folder)
        try:
            self.top = Path(self._asked("--show-toplevel"))
        except GitRefused as refusal:
            if "not a git repository" in refusal.words:
                raise NoRepository(
                    f"{folder} is in no git repository.", "git init makes one.", refusal.words
                ) from None
            raise
        self.git.folder = self.top
        self.git_folder = Path(self._asked("--absolute-git-dir"))
        relative = os.path.relpath(folder, self.top.resolve())
        self.prefix = "" if relative == "." else f"{relative}/"
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
            *("--untracked-files=all", "--ignore-submodules=all", "--", self.prefix or "."),
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
                    changed[self.below(path)] = Blob(mode, id_)
                elif not int(mode):
                    new.add(self.below(path))
            elif kind == "u":
                conflicts.add(self.below(rest.split(" ", 9)[9]))
            elif kind == "?":
                new.add(self.below(rest))
        # Staged as removed and still there: listed as both.
        only_new = frozenset(new - set(changed))
        return Differing(branch, head, changed, only_new, frozenset(conflicts), self._flagged())

    def _flagged(self) -> dict[str, str]:
        listed = self._git("--literal-pathspecs", "ls-files", "-v", "-z", "--", self.prefix or ".")
        return {
            self.below(os.fsdecode(line[2:])): _flag(line[:1].decode("ascii"))
            for line in listed.split(b"\0")
            if line and line[:2] != b"H "
            if _flag(line[:1].decode("ascii"))
        }

    def tracked(self) -> dict[str, Blob]:
        """Return path -> blob of the folder's regular files in the last commit."""
        return {self.below(path): blob for path, blob in self.tree("HEAD").items()}

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
        names = self.git.repository_filters
        given = b"".join(os.fsencode(self.prefix + path) + b"\0" for path in paths)
        if not names or not given:
            return {}
        answer = os.fsdecode(self._git("check-attr", "-z", "--stdin", "filter", given=given))
        words = iter(answer.split("\0")[:-1])
        return {
            self.below(path): name
            for path, _, name in zip(words, words, words, strict=True)
            if name in names
        }

    def why_not_commit(self) -> GitRefused | None:
        """Return what stands in the way of any commit: a merge, no identity, no first commit."""
        for name, what, finish, abort in _UNDER_WAY:
            if (self.git_folder / name).exists():
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

    def head(self) -> str:
        """Return the id of the last commit."""
        return self._git("rev-parse", "HEAD").decode("ascii").strip()

    def tree(self, commit: str) -> dict[str, Blob]:
        """Return path -> blob of the folder's regular files in a commit."""
        within = (self.prefix,) if self.prefix else ()
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

    def entries(self, index: Path | None = None) -> dict[str, IndexEntry]:
        """Return path -> entry of the index, or of another index file."""
        variables: dict[str, Any] = {} if index is None else {"GIT_INDEX_FILE": str(index)}
        listed = self._git("ls-files", "-v", "--stage", "-z", **variables)
        found = {}
        for line in os.fsdecode(listed).split("\0")[:-1]:
            described, _, path = line.partition("\t")
            tag, mode, id_, stage = described.split(" ")
            found[path] = IndexEntry(Blob(mode, id_), _flag(tag), stage != "0")
        return found

    def changes(self, old: str, new: str) -> Iterator[tuple[str, Blob | None, Blob | None]]:
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

    def below(self, path: str) -> str:
        """Return a path of the repository relative to the folder."""
        return path.removeprefix(self.prefix)

    def _git(self, *arguments: str, given: bytes = b"", **variables: str) -> bytes:
        return self.git.read(*arguments, given=given, **variables)


def _flag(tag: str) -> str:
    """Return what a letter of `git ls-files -v` says about a file that git does not look at."""
    if tag in "Ss":
        return "skip-worktree"
    return "assume-unchanged" if tag.islower() else ""
