"""What is wrong with the configuration of a site: the files that its generator reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from newsdesk.collection.frontmatter.yaml_reader import read_mapping
from newsdesk.collection.generators.known import rules_of
from newsdesk.collection.profile import Profile
from newsdesk.config import ConfigProblem, SettingsError, parse_settings, read_settings

_REMEDY = "Correct it: its generator cannot build the site either."


def site_problems(root: Path, profile: Profile) -> list[ConfigProblem]:
    """Return what keeps the site's own configuration from being read, with file and line.

    Only files that the profile's generator reads are looked at. Never raises.
    """
    return list(_mistakes(root, profile))


def _mistakes(root: Path, profile: Profile) -> Iterator[ConfigProblem]:
    for name in rules_of(profile).configurations:
        try:
            text = read_settings(root / name)
            if text is not None:
                _READERS[name.rpartition(".")[2]](text)
        except SettingsError as error:
            place = f"{name}, line {error.line}" if error.line else name
            yield ConfigProblem(f"{place}: {error}", _REMEDY, blocks_writing=True)


def _read_yaml(text: str) -> None:
    for problem in read_mapping(text).problems:
        if problem.code == "yaml":
            raise SettingsError(problem.message, _REMEDY, problem.line or 0)


def _read_json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingsError(f"This is no JSON: {error.msg}.", _REMEDY, error.lineno) from None
    except RecursionError:
        raise SettingsError("It is nested too deeply.", _REMEDY) from None


_READERS: dict[str, Callable[[str], object]] = {
    "yml": _read_yaml,
    "yaml": _read_yaml,
    "toml": parse_settings,
    "json": _read_json,
}
