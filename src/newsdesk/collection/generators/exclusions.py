"""Which files a site generator leaves out, by its configuration and its own folders."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from pathlib import Path

from newsdesk.collection.files import SKIPPED_FOLDERS
from newsdesk.collection.frontmatter.yaml_reader import MAX_TEXT, read_mapping
from newsdesk.collection.generators.known import rules_of
from newsdesk.collection.profile import Profile


def exclusions(root: Path, profile: Profile) -> Callable[[str], bool] | None:
    """Return what tells that a path is no article; None where there is nothing to tell.

    It takes the path of a file, or of a folder with a slash behind it.
    """
    rules = rules_of(profile)
    if rules.skipped_at_root:
        is_site = any((root / name).is_file() for name in rules.configurations)
        folders = tuple(f"{name}/" for name in sorted(rules.skipped_at_root))
        return (lambda path: path.startswith(folders)) if is_site else None
    if profile.name != "jekyll":
        return None
    excluded, included = _patterns(root)
    if not excluded:
        return None
    return lambda path: _is_among(path, excluded) and not _may_be_among(path, included)


def articles_among(
    paths: Iterable[str], root: Path, profile: Profile
) -> tuple[list[str], list[str]]:
    """Return those paths that may hold articles, and the others, as a walk tells them apart."""
    is_excluded = exclusions(root, profile)
    wanted: list[str] = []
    others: list[str] = []
    for path in paths:
        is_skipped = not SKIPPED_FOLDERS.isdisjoint(path.split("/")[:-1])
        is_other = is_skipped or (is_excluded is not None and is_excluded(path))
        (others if is_other else wanted).append(path)
    return wanted, others


def _patterns(root: Path) -> tuple[list[str], list[str]]:
    """Return `exclude` and `include` of a Jekyll configuration."""
    try:
        with open(root / "_config.yml", "rb") as file:
            text = file.read(MAX_TEXT).decode("utf-8", "replace")
    except OSError:
        return [], []
    fields = read_mapping(text).fields
    return _texts(fields.get("exclude")), _texts(fields.get("include"))


def _texts(value: object) -> list[str]:
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return [each.lstrip("/") for each in texts if each.strip("/")]


def _is_among(path: str, patterns: list[str]) -> bool:
    """Tell whether a pattern fits a path or a folder above it, as Jekyll's `glob_include?`."""
    entry = path.rstrip("/")
    entries = [entry]
    while "/" in entry:
        entry = entry.rpartition("/")[0]
        entries.append(entry)
    return any(
        fnmatch.fnmatchcase(each, pattern)
        or each.startswith(pattern)
        or (each != path and pattern == f"{each}/")
        for each in entries
        for pattern in patterns
    )


def _may_be_among(path: str, patterns: list[str]) -> bool:
    """Tell whether a path, or for a folder something in it, is included after all."""
    if path.endswith("/") and any(pattern.startswith(path) for pattern in patterns):
        return True
    return _is_among(path, patterns)
