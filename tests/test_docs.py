"""The documents agree with the program: problem codes, settings, commands, keys."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from newsdesk import __version__
from newsdesk.cli.main import all_parsers
from newsdesk.collection.frontmatter.block import splice_boolean
from newsdesk.collection.parser import read_article
from newsdesk.config import load_config
from newsdesk.errors import WriteRefused
from newsdesk.workspace.settings.definitions import TABLES
from newsdesk.workspace.settings.resolve import settings_of
from newsdesk.workspace.settings.saved_views import usable_views

ROOT = Path(__file__).parent.parent
_SPEC = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
assert _SPEC is not None
assert _SPEC.loader is not None
reference = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(reference)
_MAKERS = frozenset({"TomlError", "Problem", "_add", "_problem", "_stop"})
_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def codes_in(source: str) -> Iterator[str]:
    """Yield the problem codes that a module creates."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        made = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        code = node.args[0]
        text = code.value if isinstance(code, ast.Constant) else None
        if made in _MAKERS and isinstance(text, str) and _CODE.fullmatch(text):
            yield text


def test_every_problem_is_documented_and_no_other() -> None:
    files = (ROOT / "src" / "newsdesk").rglob("*.py")
    made = {code for path in files for code in codes_in(path.read_text("utf-8"))}
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    documented = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == made


def test_a_problem_is_called_read_only_where_it_is() -> None:
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    read_only = set(re.findall(r"^\| `([a-z-]+)` \| yes \|", text, re.MULTILINE))
    lines = [
        "a: &a 1", "a: \x07", "publishedDateTime: x", "a: 1\na: 2", "images: 1", "excerpt: []",
        "quality: x", "provider: []", "published: x", "a: !x 1", "a: '", "quality: 2020-13-45",
        "a: " + "[" * 70 + "]" * 70, "a: " + "x" * 300_000,
    ]  # fmt: skip
    sources = [f"---\n{line}\n---\n".encode() for line in lines]
    sources += [
        b"+++\na =\n+++\n",
        b"",
        b"---\na: 1\n",
        b"---\na: \xff\n---\n",
        b"---\n{a: 1}\n---\n",
    ]
    seen = set()
    for source in sources:
        article = read_article("a.md", source)
        seen |= {problem.code for problem in article.problems}
        assert refuses(source) == bool({problem.code for problem in article.problems} & read_only)
    assert len(seen) >= 18


def refuses(source: bytes) -> bool:
    try:
        splice_boolean(source, "published", True)
    except WriteRefused:
        return True
    return False


@pytest.mark.parametrize("name", reference.GENERATED_FILES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    generated = reference.GENERATED_FILES[name]()
    assert (ROOT / name).read_text("utf-8") == generated, "run `make docs`"


@pytest.mark.parametrize(("name", "part"), reference.GENERATED_PARTS)
def test_a_generated_part_is_up_to_date(name: str, part: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    generated = reference.GENERATED_PARTS[name, part]()
    assert text == reference.with_part(text, part, generated), "run `make docs`"


def test_every_command_and_option_is_documented_on_the_page_and_in_the_manual() -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    manual = (ROOT / "docs" / "newsdesk.1").read_text("utf-8").replace("\\-", "-")
    everywhere = {"help", "collection", "color", "debug"}
    for name, parser in all_parsers():
        is_top = name == "newsdesk"
        part = page.partition(f"## {parser.prog}\n")[2].partition("\n## ")[0]
        section = manual if is_top else manual.partition(f".SS {parser.prog}\n")[2]
        section = section if is_top else section.partition("\n.SS")[0]
        for option, action in parser._option_string_actions.items():
            if action.dest not in everywhere or (is_top and action.dest != "help"):
                assert re.search(rf"^\| `[^`]*{option}\b", part, re.MULTILINE), (name, option)
                assert re.search(rf"^\.B .*{option}\b", section, re.MULTILINE), (name, option)


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_manual_is_sound() -> None:
    manual = ROOT / "docs" / "newsdesk.1"
    command = ["groff", "-man", "-Tutf8", "-ww", str(manual)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    assert "quality:>=50" in done.stdout.decode()


CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")


def test_every_table_of_the_settings_is_documented() -> None:
    for table in TABLES:
        assert f"[{table}]" in CONFIGURATION


def test_the_examples_of_the_configuration_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "newsdesk").mkdir()
    blocks = re.findall(r"```toml\n(.*?)```", CONFIGURATION, re.DOTALL)
    for block in blocks:
        (tmp_path / "newsdesk" / "config.toml").write_text(block, "utf-8")
        config = load_config(str(tmp_path))
        assert usable_views(config)[1] == []
        assert settings_of(config, {}).mistakes == ()
    assert len(blocks) >= 3


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_the_recording_is_small_and_shows_the_main_screen() -> None:
    recording = (ROOT / "docs" / "tour.svg").read_text("utf-8")
    assert len(recording) < 600_000
    frames = ElementTree.fromstring(recording).findall(".//*[@class='film']/*")
    assert len(frames) >= 12
    assert "Unpublished" in recording
    assert "prefers-reduced-motion" in recording
    assert not re.search(r"""(href|src)=["'](?!#)|@import|url\(""", recording), "fetches nothing"


def test_the_changelog_begins_with_this_version_or_what_follows_it() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\S+)", changes, re.MULTILINE)
    assert next(name for name in versions if name != "Unreleased") == __version__
    assert "Unreleased" not in versions[1:]


def test_what_the_documents_point_at_exists() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
        for command in re.findall(r"tests/[\w/]+(?:\.py)?", path.read_text("utf-8")):
            assert (ROOT / command).exists(), f"{path.name}: {command}"
