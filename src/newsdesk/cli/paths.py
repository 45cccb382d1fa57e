"""Resolve paths of the command line and of standard input to paths in the collection."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from newsdesk.cli.quoting import unquoted_path
from newsdesk.collection import files
from newsdesk.config import Config
from newsdesk.errors import UsageError, WriteRefused
from newsdesk.workspace.workspace import Workspace

STANDARD_INPUT = "-"


def expanded_paths(words: Sequence[str], *, is_nul: bool = False) -> list[str]:
    """Return the given paths with `-` replaced by the paths on standard input.

    Standard input has one path per line, quoted as by `list --paths` and git; with `is_nul`, or
    if it contains a NUL, paths end with NUL and are not quoted. Raises `UsageError`.
    """
    paths: list[str] = []
    for word in words:
        paths += _read_paths(is_nul) if word == STANDARD_INPUT else [word]
    return paths


def _read_paths(is_nul: bool) -> list[str]:
    if sys.stdin is None:
        raise UsageError(
            "There is no standard input to read paths from.", "Give the paths as arguments."
        )
    content = os.fsdecode(sys.stdin.buffer.read())
    if is_nul or "\0" in content:
        return [path for path in content.split("\0") if path]
    lines = (line.removesuffix("\r") for line in content.split("\n"))
    return [unquoted_path(line) for line in lines if line.strip()]


def resolved_paths(config: Config, words: Sequence[str], *, is_nul: bool = False) -> list[str]:
    """Return the paths of the command line, relative to the collection.

    They are relative to a collection that was given, or to the current folder, as in git, if the
    collection was found above it. Paths on standard input are relative to the collection, as
    `list` prints them, unless they begin with `./` or `../`.
    """
    paths = []
    for word in words:
        is_input = word == STANDARD_INPUT
        from_here = config.enclosing is not None and not is_input
        for path in expanded_paths([word], is_nul=is_nul):
            is_here = config.enclosing is not None and path.startswith(("./", "../"))
            paths.append(path_in_collection(config.collection, path, from_here or is_here))
    return paths


def path_in_collection(root: Path, word: str, here_first: bool = False) -> str:
    """Return a path relative to the collection, `/`-separated.

    The path is tried relative to the collection, then to the current folder; `here_first` reverses
    the order. A path that exists in neither place is returned; opening it reports the error.
    """
    if not word or "\0" in word:
        return word
    places = [_from_root(root, word), _from_here(root, word)]
    if here_first:
        places.reverse()
    there = next((path for path in places if path and os.path.lexists(root / path)), "")
    return there or next(filter(None, places), word)


def _from_root(root: Path, word: str) -> str:
    """Return a normalized path in the collection; empty if it leads out of it."""
    path = os.path.normpath(word)
    return "" if os.path.isabs(word) or _leads_out(path) else path


def _from_here(root: Path, word: str) -> str:
    """Return the path in the collection of a path from the current folder, or empty."""
    # Only the folder is resolved, so that a symbolic link is refused later.
    folder, name = os.path.split(word)
    path = os.path.relpath(Path.cwd().joinpath(folder).resolve() / name, root)
    return "" if _leads_out(path) else path


def _leads_out(path: str) -> bool:
    return path == ".." or path.startswith("../")


def reasons_not_articles(workspace: Workspace, paths: Iterable[str]) -> dict[str, str]:
    """Return path -> reason for paths that are not articles in the refreshed index."""
    wanted = list(dict.fromkeys(paths))
    # SQLite cannot bind text that is not valid Unicode.
    indexed = workspace.ids_of(path for path in wanted if _is_text(path))
    return {
        path: _reason(workspace.config.collection, path) for path in wanted if path not in indexed
    }


def _is_text(path: str) -> bool:
    return "\0" not in path and not any(0xD800 <= ord(char) < 0xE000 for char in path)


def _reason(root: Path, path: str) -> str:
    if not path or "\0" in path or os.path.isabs(path) or _leads_out(path):
        return f"{path or 'An empty path'} is not in the collection {root}."
    if not os.path.lexists(root / path):
        return f"No file {path} in {root}. newsdesk list --paths prints the articles."
    if (root / path).is_dir():
        return f"{path} is a folder. Give its files, or use -q path:{path}"
    try:
        files.read_whole(root, path)
    except WriteRefused as refusal:
        return str(refusal)
    return f"{path} is not an article: it has no front matter, or its folder holds no articles."
