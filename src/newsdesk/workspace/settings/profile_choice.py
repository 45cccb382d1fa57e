"""Which profile a collection is read by: the one that was set, else the one its files look like."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from newsdesk.collection.profile import DRAFT, JEKYLL, KNOWN_FIELDS, PROFILES, STATUS, Profile
from newsdesk.config import Config, ConfigProblem, RawSetting
from newsdesk.suggest import nearest

VARIABLE = "NEWSDESK_PROFILE"
FIELDS = (STATUS, DRAFT, *KNOWN_FIELDS)  # what [fields] may name
_LOOKED_THROUGH = 2_000  # files whose names are looked at
_READ = 24  # files of them that are read
_MARKS = (  # files and folders of a site's own, and whose they are
    ("_config.yml", "jekyll"),
    ("_posts", "jekyll"),
    *((f"hugo.{ending}", "hugo") for ending in ("toml", "yaml", "json")),
    ("archetypes", "hugo"),
    *((f"astro.config.{ending}", "astro") for ending in ("mjs", "ts", "js")),
    ("src/content", "astro"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A profile, and why it is this one. `named` are the names of [fields]: field -> where.

    `place` is where it was set, for a person, or what it was told by; `written` is the setting
    in a file, if it was set in one.
    """

    profile: Profile
    place: str
    written: RawSetting | None = None
    named: tuple[tuple[str, RawSetting], ...] = ()
    mistakes: tuple[ConfigProblem, ...] = ()


def profile_of(
    config: Config, environment: Mapping[str, str] = os.environ, *, anew: bool = False
) -> Chosen:
    """Return the profile of a collection. Never raises.

    What its files look like is found out once and remembered beside the index; `anew` looks
    again.
    """
    mistakes: list[ConfigProblem] = []
    base, place, written = _set(config, environment, mistakes)
    if base is None:
        base, place = _looked_up(config, anew)
    names, named = _names(config, mistakes)
    if not names:
        return Chosen(base, place, written, mistakes=tuple(mistakes))
    status, is_inverted = base.status_field, base.is_inverted
    for field, inverted in ((STATUS, False), (DRAFT, True)):
        if field in names:
            (status, *_), is_inverted = names.pop(field), inverted
    profile = base.with_names(names.items(), status, is_inverted)
    return Chosen(profile, place, written, tuple(named.items()), tuple(mistakes))


def index_path_of(config: Config, profile: Profile) -> Path:
    """Return the index file for a profile: another one reads every file anew."""
    if profile == JEKYLL:
        return config.index_path
    digest = hashlib.sha256(repr(profile).encode()).hexdigest()[:8]
    return config.index_path.with_suffix(f".{profile.name}-{digest}.db")


# -- what was set ------------------------------------------------------------------------------


def _set(
    config: Config, environment: Mapping[str, str], mistakes: list[ConfigProblem]
) -> tuple[Profile | None, str, RawSetting | None]:
    """Return the profile that was set, where, and the setting; None if none was."""
    if name := environment.get(VARIABLE, ""):
        if name in PROFILES:
            return PROFILES[name], f"${VARIABLE}", None
        mistakes.append(_no_profile(f"${VARIABLE}", name))
    for written in reversed(config.raw_settings):
        if written.name == ("profile",):
            if isinstance(written.value, str) and written.value in PROFILES:
                return PROFILES[written.value], written.place, written
            mistakes.append(_no_profile(written.place, written.value))
    return None, "", None


def _no_profile(place: str, name: object) -> ConfigProblem:
    near = nearest(str(name), PROFILES)
    remedy = f"Did you mean {near}?" if near else f"There are {', '.join(PROFILES)}."
    return ConfigProblem(f"{place}: There is no profile {name or 'without a name'}.", remedy)


def _names(
    config: Config, mistakes: list[ConfigProblem]
) -> tuple[dict[str, tuple[str, ...]], dict[str, RawSetting]]:
    """Return our field -> its names in this collection, and where that stands."""
    names: dict[str, tuple[str, ...]] = {}
    named: dict[str, RawSetting] = {}
    for written in config.raw_settings:
        if written.name[0] != "fields":
            continue
        told = _wrong(written)
        if told is not None:
            mistakes.append(told)
            continue
        field = written.name[1]
        value = written.value
        names[field] = (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
        named[field] = written
    if STATUS in names and DRAFT in names:
        place = named[DRAFT].place
        remedy = "Keep the one that your site generator reads."
        mistakes.append(ConfigProblem(f"{place}: Both published and draft are named.", remedy))
        del names[DRAFT], named[DRAFT]
    return names, named


def _wrong(written: RawSetting) -> ConfigProblem | None:
    """Return what is wrong with a line of [fields], or None."""
    if len(written.name) == 1:
        return ConfigProblem(
            f"{written.place}: fields is no table.", 'Write [fields], then lines: title = "name".'
        )
    field, value = written.name[1], written.value
    if field not in FIELDS:
        near = nearest(field, FIELDS)
        remedy = f"Did you mean {near}?" if near else f"There are {', '.join(FIELDS)}."
        return ConfigProblem(f"{written.place}: There is no field {field}.", remedy)
    values = [value] if isinstance(value, str) else value
    is_list = isinstance(values, list) and all(isinstance(each, str) and each for each in values)
    if not is_list or not values or (field in (STATUS, DRAFT) and len(values) > 1):  # type: ignore[arg-type]
        return ConfigProblem(
            f"{written.place}: The name of {field} is no text.", f'Write {field} = "name".'
        )
    return None


# -- what the files look like ------------------------------------------------------------------


def _looked_up(config: Config, anew: bool) -> tuple[Profile, str]:
    """Return the profile that the files look like, remembered or found out, and how it is told."""
    told = "found by looking at the files"
    memory = config.index_path.with_suffix(".profile")
    if not anew:
        with suppress(OSError, UnicodeDecodeError):
            name = memory.read_text("ascii").strip()
            if name in PROFILES:
                return PROFILES[name], told
    found = looks_like(config.collection)
    if found is None:
        return JEKYLL, "default"
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(f"{found.name}\n", "ascii")
    return found, told


def looks_like(root: Path) -> Profile | None:
    """Return the profile that a collection looks like; None where there is no article to tell.

    A sample of the front matters counts, and the files that a site generator has of its own.
    """
    votes: Counter[str] = Counter()
    sample = 0
    for source in _sample(root):
        sample += 1
        votes.update(_votes_of(source))
    if not sample:
        return None
    for mark, name in _MARKS:
        if (root / mark).exists():
            votes[name] += sample
    most = max(votes.values(), default=0)
    # Jekyll comes first in PROFILES: where nothing tells, it is the default.
    return next((PROFILES[name] for name in PROFILES if votes[name] == most), JEKYLL)


def _sample(root: Path) -> Iterator[bytes]:
    """Yield the bytes of some articles, taken from all over the collection."""
    from newsdesk.collection import files
    from newsdesk.collection.frontmatter.block import begins_front_matter

    found = [each.path for each in islice(files.walk(root), _LOOKED_THROUGH)]
    for path in found[:: max(1, len(found) // _READ)][: _READ + 1]:
        with suppress(OSError):
            source = files.read(root, path).content
            if begins_front_matter(source, has_toml=True):
                yield source


def _votes_of(source: bytes) -> Iterator[str]:
    """Yield the names of the profiles that a front matter speaks for."""
    from newsdesk.collection.frontmatter.block import find_block, read_front_matter

    block = find_block(source)
    fields = read_front_matter(source).fields
    if block is not None and block.is_toml:
        yield "hugo"
    if isinstance(fields.get(STATUS), bool) or "publishedDateTime" in fields:
        yield "jekyll"
    if "/" not in str(fields.get("layout", "/")):  # `post`; Astro has the path of a component
        yield "jekyll"
    if isinstance(fields.get(DRAFT), bool):
        yield "hugo"
        yield "astro"
    if fields.keys() & {"pubDate", "pubDatetime", "heroImage"}:
        yield "astro"
    if fields.keys() & {"lastmod", "weight", "publishDate"}:
        yield "hugo"
