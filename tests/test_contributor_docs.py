"""What CONTRIBUTING.md and the pages for contributors say about the code is so."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.index.store import Store
from newsdesk.links.cache import VerdictCache
from newsdesk.workspace.journal import Journal

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "newsdesk"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
OLD_NAMES = (ROOT / "docs" / "old-names.md").read_text("utf-8")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*(?:\.(?:py|tcss|md|toml|txt)|/)")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[a-z_]\w*)?")
# Tables that SQLite makes for FTS5, sequences and statistics.
_OF_SQLITE = re.compile(r"words_\w+|sqlite_\w+")


def section(text: str, title: str) -> str:
    """Return the text below a heading up to the next one of the same level."""
    level = title.partition(" ")[0]
    _, found, rest = text.partition(f"\n{title}\n")
    assert found, title
    return re.split(rf"^{level} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def in_backticks(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))


def paths_in(text: str) -> list[str]:
    """Return the files and folders that are named in backticks."""
    return [name for name in in_backticks(text) if _PATH.fullmatch(name)]


def file_of(path: str) -> Path:
    """Return the file that a path in a document means: below the sources, else below the root."""
    inside = SOURCE / path
    return inside if inside.exists() else ROOT / path


@pytest.mark.parametrize("text", [CONTRIBUTING, ARCHITECTURE], ids=["contributing", "architecture"])
def test_every_file_that_is_named_exists(text: str) -> None:
    paths = paths_in(text)
    assert len(paths) > 30
    own = {".newsdesk.toml", "pictures/", "pyproject.toml"}  # below a collection or the cache
    assert [path for path in paths if path not in own and not file_of(path).exists()] == []


def test_every_package_is_described_and_no_other() -> None:
    rows = re.findall(r"^\|[^|]*\| `([\w/]+)` \| (.*) \|$", ARCHITECTURE, re.MULTILINE)
    packages = {
        str(file.parent.relative_to(SOURCE)) for file in SOURCE.rglob("__init__.py")
    } - {"."}  # fmt: skip
    assert sorted(package for package, _ in rows) == sorted(packages)
    assert all(text for _, text in rows)


def steps_of_recipes() -> Iterator[str]:
    for step in re.split(r"^(?=\d+\. |### )", section(CONTRIBUTING, "## Recipes"), flags=re.M):
        if step[0].isdigit():
            yield step.split("\n\n")[0]


def test_every_name_in_a_recipe_is_in_a_file_of_its_step() -> None:
    checked = 0
    for step in steps_of_recipes():
        files = [file_of(path) for path in paths_in(step)]
        files = [
            each for file in files for each in (file.rglob("*.py") if file.is_dir() else [file])
        ]
        names = [name for name in in_backticks(step) if _NAME.fullmatch(name)]
        sources = "".join(file.read_text("utf-8") for file in files)
        for name in names:
            if name == "action_NAME" or name.startswith("test_"):
                continue
            assert re.search(rf"\b{name.split('.')[-1]}\b", sources), f"{name}: {step}"
            checked += 1
    assert checked > 25


def tables_of(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in found if not _OF_SQLITE.fullmatch(name)}


def test_every_table_of_the_three_databases_is_described_and_no_other(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("index", "journal", "verdicts")}
    with closing(Store(files["index"])), closing(Journal(files["journal"])):
        pass
    with closing(VerdictCache(files["verdicts"])):
        pass
    databases = section(ARCHITECTURE, "## Databases")
    for title, file in zip(("Index", "Journal", "Verdicts"), files.values(), strict=True):
        (part,) = re.findall(rf"^### {title}: .*?(?=^###|\Z)", databases, re.M | re.S)
        rows = re.findall(r"^\| (`[^|]+`) \|", part, re.MULTILINE)
        assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == tables_of(file)


def test_every_thread_is_in_the_module_that_is_said_to_start_it() -> None:
    threads = section(ARCHITECTURE, "## Threads")
    checked = 0
    for names, modules in re.findall(r"^\| ([^|]*`[^|]+) \| ([^|]*`[^|]+) \|", threads, re.M):
        sources = "".join(file_of(path).read_text("utf-8") for path in paths_in(modules))
        for name in in_backticks(names):
            assert f'"{name}"' in sources, name
            checked += 1
    assert checked > 8


def test_every_make_target_is_described_and_no_other_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    named = {
        target
        for page in pages
        for command in re.findall(r"(?:^|`)make ([^`#\n]+)", page.read_text("utf-8"), re.MULTILINE)
        for target in command.split()
        if target.isalpha()
    }
    assert named <= targets
    described = set(re.findall(r"(?:^|`)make (?:\S+=\S+ )*(\w+)", CONTRIBUTING, re.MULTILINE))
    assert described >= targets


def test_old_names_lead_to_what_exists() -> None:
    modules = re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \|", OLD_NAMES, re.MULTILINE)
    assert len(modules) > 100
    source = "".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    words = set(re.findall(r"\w+", source))
    for old, new in modules:
        if "." in new:
            file = SOURCE / new.replace(".", "/")
            assert file.with_suffix(".py").exists() or file.is_dir(), (old, new)
        else:
            assert new in words, (old, new)


PAGES = sorted(
    {ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")},
    key=lambda page: page.name,
)


def test_every_page_begins_with_who_it_is_for_and_what_they_can_do_afterwards() -> None:
    for page in PAGES:
        title, first, *_ = page.read_text("utf-8").split("\n\n")
        assert title.startswith("# "), page.name
        assert re.match(r"For \w+", first), page.name
        assert "After reading this page" in first.replace("\n", " "), page.name


# Words of an older vocabulary; the glossary in CONTRIBUTING.md has those that replace them.
_OLD_WORDS = re.compile(
    r"\b(?:told|tells?|stands|gone|anew|sittings?|standings?|errands?|ledgers?|gates?|folded"
    r"|retires?|retired|the desk)\b",
    re.IGNORECASE,
)


def test_documents_use_the_words_of_the_glossary() -> None:
    for page in {*ROOT.glob("*.md"), *PAGES} - {
        ROOT / "docs" / name for name in ("old-names.md", "commands.md")
    }:
        text = page.read_text("utf-8")
        if page.name == "CONTRIBUTING.md":
            text = text.replace(section(text, "### Glossary"), "")
        # `standings` is a table, and a table keeps its name. Generated parts are the program's.
        text = re.sub(r"`standings`|<!-- [\w ]+: generated .*?<!-- end", "", text, flags=re.S)
        found = [line for line in text.splitlines() if _OLD_WORDS.search(line)]
        assert found == [], page.name
