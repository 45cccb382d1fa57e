"""Every block of code in the documents is run, parsed, or marked with a reason why not.

A `console` block contains commands after `$ ` and their output; a line `…` matches any lines. An
`sh` block contains commands only. The blocks of a page run one after the other in a copy of the
demo collection that is a git repository with a remote; for the README in the folder above it.
`<!-- not run: reason -->` in the line before a block gives the reason why it cannot run here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from newsdesk.index.query.parser import parse
from newsdesk.workspace.editorial_state import QUERY_SETS

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")], key=lambda page: page.name.lower()
)
MAX_NOT_RUN = 8
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n+)?"
    r"^(?P<fence>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (.*(?:\n> .*)*)\n?((?:(?!\$ ).*\n?)*)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code; `reason` why it cannot run, or empty."""

    page: Path
    line: int
    language: str
    text: str
    reason: str

    @property
    def place(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("fence")) + 1
        yield Block(page, line, found["language"], found["text"], found["reason"] or "")


ALL = [block for page in PAGES for block in blocks_of(page)]


class Shell:
    """Runs commands as a reader would, in a temporary folder."""

    def __init__(self, folder: Path, page: Path) -> None:
        self.home = folder
        self.site = folder / "seeds"
        shutil.copytree(ROOT / "seeds", self.site)
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        program = bin_folder / "newsdesk"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m newsdesk "$@"\n')
        program.chmod(0o755)
        self.variables = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            **{f"GIT_{who}_{what}": "editor@localhost" for who in ("AUTHOR", "COMMITTER")
               for what in ("NAME", "EMAIL")},
            "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        self.cwd = folder if page.name == "README.md" else self.site

    def with_git(self) -> None:
        commands = "git init -qb main . && git add -A && git commit -qm Begin"
        remote = "git clone -q --bare . ../origin.git && git remote add origin ../origin.git"
        before = self.cwd
        self.run(f"cd {self.site} && {commands} && {remote} && git fetch -q && "
                 "git branch -q -u origin/main")  # fmt: skip
        self.cwd = before

    def run(self, command: str) -> tuple[int, str]:
        """Return the exit code and the output of both streams."""
        # A new shell for each command, in the folder where the previous one ended.
        script = f"set -o pipefail\n{command}\ncode=$?\npwd >{self.home}/.cwd\nexit $code"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.cwd,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        if (self.home / ".cwd").exists():
            self.cwd = Path((self.home / ".cwd").read_text().strip())
        return done.returncode, done.stdout.decode()


def matches(expected: str, output: str) -> bool:
    """Return whether an output is the one that a page shows.

    `…` alone in a line matches any lines, within a line any text of that line.
    """
    parts = []
    for part in re.split(r"^…\n?", expected, flags=re.MULTILINE):
        lines = [re.escape(line).replace("…", ".*") for line in part.splitlines()]
        parts.append("".join(f"{line} *\n" for line in lines))
    return re.fullmatch(r"(?:.*\n)*?".join(parts), output) is not None


def run_console(block: Block, shell: Shell) -> None:
    commands = _COMMAND.findall(block.text)
    assert commands, f"{block.place}: no command"
    for command, expected in commands:
        code, output = shell.run(command.replace("\n> ", "\n"))
        where = f"{block.place}: {command}\n{output}"
        assert code in (0, 1, 2) if expected else code in (0, 1), where
        assert "Traceback" not in output, where
        if expected.strip():
            assert matches(expected, output), f"{where}\nis not\n{expected}"


def check(block: Block, shell: Shell) -> None:
    if block.language == "console":
        run_console(block, shell)
    elif block.language == "sh":
        code, output = shell.run(f"set -e\n{block.text}")
        assert code == 0, f"{block.place}:\n{output}"
    elif block.language == "toml":
        assert tomllib.loads(block.text), block.place
    elif block.language == "yaml":
        assert yaml.safe_load(block.text), block.place
    elif block.language == "json":
        assert json.loads(block.text), block.place
    elif block.language == "query":
        for line in block.text.splitlines():
            parse(line, sets=QUERY_SETS)
    else:
        pytest.fail(f"{block.place}: no check for the language `{block.language}`")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(blocks_of(page))], ids=lambda page: page.name
)
def test_the_code_of_a_page_works_as_shown(page: Path, tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(page) if not block.reason]
    text = "".join(block.text for block in blocks)
    for program in ("jq", "git"):
        if re.search(rf"\b{program} ", text) and shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    shell = Shell(tmp_path, page)
    if "git " in text or "review" in text:
        shell.with_git()
    for block in blocks:
        check(block, shell)


def test_few_blocks_are_not_run_and_each_has_a_reason() -> None:
    not_run = [block for block in ALL if block.reason]
    assert len(not_run) <= MAX_NOT_RUN, [block.place for block in not_run]
    for block in not_run:
        assert len(block.reason.split()) >= 3, block.place
        if block.language in ("console", "sh"):
            done = subprocess.run(["bash", "-n", "-c", block.text.replace("$ ", "")], check=False)
            assert done.returncode == 0, block.place
    assert len(ALL) >= 3 * len(not_run)


def test_no_fence_is_missed() -> None:
    for page in PAGES:
        fences = re.findall(r"^```", page.read_text("utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(list(blocks_of(page))), page.name


@pytest.mark.parametrize(
    ("expected", "output", "is_match"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n", "a\nb\n", False),
        ("a\n…\n", "a\nb\nc\n", True),
        ("…\nc\n", "a\nb\nc\n", True),
        ("a\n…\nc\n", "a\nb\n", False),
        ("a\n…\n", "b\na\n", False),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b\nc\n", False),
    ],
)
def test_an_output_that_differs_is_detected(expected: str, output: str, is_match: bool) -> None:
    assert matches(expected, output) is is_match
