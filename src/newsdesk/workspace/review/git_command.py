"""Run git without running a program that a repository names.

A repository may come from a stranger, and git executes what its configuration names: a file
system monitor, hooks, filters, a pager, what fetches missing objects. `Git` switches all of it
off. The commit that a person asked for is the one exception: it runs hooks and signs, as
`git commit` always does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from newsdesk.errors import NewsdeskError

# For every call. Git before 2.38 does not know the first one: `_refuse_bare` takes its place.
_ALWAYS = ("safe.bareRepository=explicit", "core.fsmonitor=false")
# For every call but the commit. An empty credential.helper clears the list of helpers. What
# fetches, signs or edits is reached by none of the calls made here; a later one may change that.
_READING = (
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "core.editor=false",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.askPass=",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "log.showSignature=false",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
# Git before 2.45 does not know the first one; without a protocol there is nothing to fetch by.
_READING_VARIABLES = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
_NO_QUESTIONS = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "GIT_PAGER": "cat"}
# Set by a hook that started us, for a repository that need not be ours.
_REPOSITORY_VARIABLES = frozenset(
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_COMMON_DIR GIT_OBJECT_DIRECTORY "
    "GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE GIT_LITERAL_PATHSPECS GIT_GLOB_PATHSPECS "
    "GIT_NOGLOB_PATHSPECS GIT_ICASE_PATHSPECS GIT_INTERNAL_SUPER_PREFIX GIT_IMPLICIT_WORK_TREE "
    "GIT_CONFIG GIT_GRAFT_FILE GIT_SHALLOW_FILE GIT_REPLACE_REF_BASE GIT_ATTR_SOURCE "
    "GIT_QUARANTINE_PATH GIT_EXTERNAL_DIFF GIT_DIFF_OPTS".split()
)
_FILTER_KEYS = ("clean", "smudge", "process", "required")
_REPOSITORY_SCOPES = ("local", "worktree")


class GitRefused(NewsdeskError):
    """Git did not do what was asked; `words` is what it said, in lines, not yet safe to show."""

    def __init__(self, message: str, remedy: str = "", words: str = "") -> None:
        super().__init__(message, remedy)
        self.words = words


class NoRepository(GitRefused):
    """The folder belongs to no git repository, or there is no git program."""


class Git:
    """Runs git in a folder. The settings that name programs are read once, at the beginning.

    `repository_filters` are the filter drivers that the repository defines and the person's own
    configuration does not, or not in the same way; they are never run.

    Raises `NoRepository` without a git program, `GitRefused` in a bare repository or if git
    cannot read its configuration.
    """

    def __init__(self, folder: Path) -> None:
        if shutil.which("git") is None:
            raise NoRepository("There is no git program here.", "Install git to commit.")
        _refuse_bare(folder)
        self.folder = folder
        self._reading: tuple[str, ...] = _READING
        self._committing: tuple[str, ...] = ("i18n.commitEncoding=UTF-8",)
        listed = self.read("config", "--list", "-z", "--show-scope")
        found = _Drivers(listed)
        self._has_configured_hooks = bool(found.hooks)
        self.repository_filters = found.repository_filters()
        switched_off = tuple(
            f"filter.{name}.{key}="
            for name in sorted(self.repository_filters)
            for key in _FILTER_KEYS[:3]
        )
        self._reading = (
            *_READING,
            *switched_off,
            *(f"filter.{name}.required=false" for name in sorted(self.repository_filters)),
            *(f"hook.{name}.enabled=false" for name in sorted(found.hooks)),
        )
        # Where the filter is required a hook cannot add a file without it: git refuses.
        self._committing += switched_off

    def read(self, *arguments: str, given: bytes = b"", **variables: str) -> bytes:
        """Run git, but no hook; return its standard output. Raises `GitRefused`."""
        return _run(
            self._command(self._reading, arguments),
            self.folder,
            given,
            _READING_VARIABLES | variables,
        )[0]

    def commit(
        self,
        *arguments: str,
        given: bytes = b"",
        keeping: Sequence[int] = (),
        started: Callable[[int], None] | None = None,
        **variables: str,
    ) -> str:
        """Run `git commit` with the repository's hooks; return what git and they said.

        The process inherits the file descriptors `keeping`; its id is given to `started`.
        Raises `GitRefused`.
        """
        command = self._command(self._committing, ("commit", *arguments))
        return _run(command, self.folder, given, variables, keeping=keeping, started=started)[1]

    def has_hook(self, name: str) -> bool:
        """Tell whether a commit runs a hook of that name; may say so of one that it does not."""
        asked = self._command(self._committing, ("rev-parse", "--git-path", f"hooks/{name}"))
        place = os.fsdecode(_run(asked, self.folder, b"", _READING_VARIABLES)[0]).rstrip("\n")
        return self._has_configured_hooks or os.access(self.folder / place, os.X_OK)

    @staticmethod
    def _command(settings: Sequence[str], arguments: Sequence[str]) -> list[str]:
        options = (word for setting in (*_ALWAYS, *settings) for word in ("-c", setting))
        return ["--no-pager", *options, *arguments]


class _Drivers:
    """The filter drivers and hooks in the output of `git config --list -z --show-scope`."""

    def __init__(self, listed: bytes) -> None:
        self.hooks: set[str] = set()
        self._own: dict[tuple[str, str], str] = {}
        self._all: dict[tuple[str, str], str] = {}
        for scope, key, value in _settings(listed):
            section, _, rest = key.partition(".")
            name, _, variable = rest.rpartition(".")
            if section == "hook" and name:
                self.hooks.add(_usable(name))
            if section == "filter" and variable in _FILTER_KEYS:
                self._all[name, variable] = value
                if scope not in _REPOSITORY_SCOPES:
                    self._own[name, variable] = value

    def repository_filters(self) -> frozenset[str]:
        """Return the names of the drivers that are not as the person's own files define them."""
        differing = (key for key, value in self._all.items() if self._own.get(key) != value)
        return frozenset(_usable(name) for name, _ in differing)


def _settings(listed: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield (scope, name, value); a name without a value counts as true."""
    words = iter(os.fsdecode(listed).split("\0")[:-1])
    for scope, setting in zip(words, words, strict=True):
        name, has_value, value = setting.partition("\n")
        yield scope, name, value if has_value else "true"


def _usable(name: str) -> str:
    """Return a name that a setting on the command line can be given for; raises `GitRefused`."""
    if "=" in name:
        raise GitRefused(
            f"The git configuration names a filter or hook {name!r}.",
            "It cannot be switched off because of the =, so git is not run here.",
        )
    return name


def _refuse_bare(folder: Path) -> None:
    """Raise `GitRefused` if git would take a folder for a bare repository.

    A clone may contain one among its files, with a configuration that its author wrote. Looks
    at what git looks at: https://git-scm.com/docs/gitrepository-layout.
    """
    for place in (folder, *folder.parents):
        if place.name == ".git" or os.path.lexists(place / ".git"):
            return
        has = {name for name in ("objects", "refs", "commondir") if os.path.lexists(place / name)}
        if os.path.lexists(place / "HEAD") and ("commondir" in has or {"objects", "refs"} <= has):
            raise GitRefused(
                f"{place} looks like a bare git repository, which has no work tree.",
                "git is not run there: its configuration may name programs.",
            )


class _Process(subprocess.Popen[bytes]):
    """A process that does not outlive its caller when a signal interrupts its start."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(*arguments, **options)
        except BaseException:  # the process may run already
            self.end()
            raise

    def end(self) -> None:
        """Terminate the process and what it started, and wait for it."""
        if getattr(self, "pid", None) is None or self.poll() is not None:
            return
        try:
            os.killpg(self.pid, signal.SIGTERM)  # git removes its locks
        except ProcessLookupError:  # it has no session of its own yet
            self.terminate()
        self.wait()


def _run(
    arguments: Sequence[str],
    folder: Path,
    given: bytes,
    variables: Mapping[str, str],
    *,
    keeping: Sequence[int] = (),
    started: Callable[[int], None] | None = None,
) -> tuple[bytes, str]:
    """Run git without a shell, without a terminal and without questions.

    Returns its standard output and its standard error; raises `GitRefused`. Both go to files,
    not to pipes: what a hook leaves running in the background may keep them open.
    """
    program = shutil.which("git")
    if program is None:
        raise NoRepository("There is no git program here.", "Install git to commit.")
    kept = {name: text for name, text in os.environ.items() if name not in _REPOSITORY_VARIABLES}
    kept.pop("GPG_TTY", None)
    try:
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as stdout,
            tempfile.TemporaryFile() as stderr,
        ):
            stdin.write(given)
            stdin.seek(0)
            process = _Process(
                [program, *arguments],
                cwd=folder,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=kept | _NO_QUESTIONS | dict(variables),
                start_new_session=True,  # no terminal to ask on
                pass_fds=keeping,
            )
            try:
                if started is not None:
                    started(process.pid)
                code = process.wait()
            except BaseException:
                process.end()
                raise
            stdout.seek(0)
            stderr.seek(0)
            out, words = stdout.read(), stderr.read().decode("utf-8", "replace").strip()
    except OSError as error:
        raise GitRefused(f"git cannot be run: {error.strerror or error}.") from error
    if code:
        words = words or out.decode("utf-8", "replace").strip()
        raise GitRefused(gist(words) or f"git ended with {code}.", "", words)
    return out, words


def gist(words: str) -> str:
    """Return the line of a longer complaint that says most."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (telling or lines or [""])[0 if telling else -1]
