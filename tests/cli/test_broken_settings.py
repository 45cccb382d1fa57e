"""A file of settings that cannot be read stops every command: it decides what is written."""

from __future__ import annotations

import pytest

from .conftest import Make

BROKEN = {
    ".newsdesk.toml": ('[fields]\ndraft = "hidden"\n\n[views]\nA = "open\n', "line 5"),
    "_config.yml": ("title: x\nexclude: [a\nb: c\n", "line 3"),
    "hugo.toml": ('baseURL = "https://example.org/"\ntitle = "x\n', "line 2"),
    "hugo.json": ('{"a": 1,\n"b"}', "line 2"),
}
COMMANDS = [
    ["publish", "a.md"], ["unpublish", "a.md"], ["list"], ["show", "a.md"], ["lint"], ["stats"],
    ["index"], ["undo"], ["log"], ["review"], ["publish", "--dry-run", "a.md"],
]  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_every_command_names_the_broken_file_and_its_line(name: str, make: Make) -> None:
    text, line = BROKEN[name]
    article = "---\ntitle: a\nhidden: true\ndraft: true\n---\n"
    environment = {"NEWSDESK_PROFILE": "hugo"} if name.startswith("hugo") else {}
    program = make({"a.md": article, name: text}, **environment)
    for command in COMMANDS if name == ".newsdesk.toml" else COMMANDS[:3]:
        done = program.here(*command)
        assert done.code == 2, command
        assert f"{name}, {line}" in done.err, command
    assert (program.folder / "a.md").read_text() == article


def test_lint_prints_a_kind_of_problem_once_per_file(make: Make) -> None:
    program = make({"a.md": "---\ntitle: a\nquality: x\nheat: y\nimages: 1\n---\n"})
    lines = program.here("lint").lines
    assert len(lines) == 2
    assert lines[0].startswith("a.md:")
    assert lines[0].endswith(" 1 more. (number)")
