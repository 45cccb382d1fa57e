"""Read which topics a collection knows, and which belongs under which: `_data/topics/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from newsdesk.collection.files import Fingerprint, fingerprint, read
from newsdesk.collection.frontmatter.yaml_reader import read_mapping
from newsdesk.text import comparison_key

FOLDER = "_data/topics"
SUFFIXES = (".yaml", ".yml")
MAX_FILES = 2_000
MAX_SIZE = 64 * 1024  # bytes; a topic takes some hundred
_MAX_NAME = 200  # characters


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by the name that articles give it; `short` and `parent` are empty where missing."""

    name: str
    short: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The topics in the order of their files' names, and what was wrong, in sentences.

    No topic is its own ancestor, no name stands twice, and every parent is a topic here.
    """

    topics: tuple[Topic, ...] = ()
    problems: tuple[str, ...] = ()


Stamp = tuple[tuple[str, Fingerprint], ...]


def stamp_of(root: Path) -> Stamp:
    """Return what is another one when a file of the taxonomy was changed; empty without one."""
    try:
        names = sorted(entry.name for entry in (root / FOLDER).iterdir())
    except OSError:
        return ()
    paths = [f"{FOLDER}/{name}" for name in names if name.endswith(SUFFIXES) and name[0] != "."]
    found = ((path, fingerprint(root, path)) for path in paths[: MAX_FILES + 1])
    return tuple((path, print_) for path, print_ in found if print_ is not None)


def read_taxonomy(root: Path, stamp: Stamp) -> Taxonomy:
    """Read the files of a stamp; what cannot be read is a problem, and left out."""
    sources: dict[str, bytes | str] = {}
    for path, _ in stamp[:MAX_FILES]:
        try:
            source = read(root, path)
        except OSError as error:
            sources[path] = f"it cannot be read ({error.strerror or error})"
        else:
            is_large = source.truncated or len(source.content) > MAX_SIZE
            sources[path] = (
                f"it is larger than {MAX_SIZE // 1024} KB" if is_large else source.content
            )
    found = taxonomy_from(sources)
    if len(stamp) > MAX_FILES:
        more = f"{FOLDER} holds more than {MAX_FILES:,} files; the rest is not read."
        found = Taxonomy(found.topics, (*found.problems, more))
    return found


def taxonomy_from(sources: Mapping[str, bytes | str]) -> Taxonomy:
    """Make a taxonomy of path -> content, or why there is none, in words; never raises."""
    topics: dict[str, Topic] = {}
    problems: list[str] = []
    for path, content in sources.items():
        made = content if isinstance(content, str) else topic_from(content)
        if isinstance(made, str):
            problems.append(f"{path}: {made}; the topic is left out.")
        elif comparison_key(made.name) in topics:
            problems.append(f"{path}: {made.name} stands there a second time; it is left out.")
        else:
            topics[comparison_key(made.name)] = made
    return Taxonomy(*_with_parents(topics, problems))


def topic_from(content: bytes) -> Topic | str:
    """Return the topic of one file, or why it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    reading = read_mapping(text)
    name = _name(reading.fields.get("name"))
    if name:
        short, parent = (_name(reading.fields.get(field)) for field in ("shortname", "parent"))
        return Topic(name, short, parent)
    if reading.problems:
        problem = reading.problems[0]
        line = f"line {problem.line}: " if problem.line else ""
        return line + problem.message.rstrip(".")
    return "it has no name"


def _name(value: object) -> str:
    return value.strip()[:_MAX_NAME] if isinstance(value, str) else ""


def _with_parents(
    topics: Mapping[str, Topic], problems: Iterable[str]
) -> tuple[tuple[Topic, ...], tuple[str, ...]]:
    """Let topics stand alone whose parent there is not, or lies below themselves."""
    said = list(problems)
    parent_of = {key: comparison_key(topic.parent) for key, topic in topics.items() if topic.parent}
    for key, parent in list(parent_of.items()):
        if parent not in topics:
            topic = topics[key]
            said.append(f"{topic.name}: there is no topic {topic.parent} for it to stand under.")
            del parent_of[key]
    settled: set[str] = set()  # those from which the way up is known to end
    for start in topics:
        way: dict[str, None] = {}
        key = start
        while key in parent_of and key not in settled and key not in way:
            way[key] = None
            key = parent_of[key]
        if key in way:
            said.append(f"{topics[key].name}: it stands under itself; its parent is left out.")
            del parent_of[key]
        settled.update(way)
    kept = tuple(
        Topic(topic.name, topic.short, topics[parent_of[key]].name if key in parent_of else "")
        for key, topic in topics.items()
    )
    return kept, tuple(said)
