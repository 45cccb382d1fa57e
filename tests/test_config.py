"""Settings come from two files, and what is wrong with a file is a sentence with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk.config import MAX_BYTES, Config, load_config


def views(config: Config) -> dict[str, str]:
    return {view.name: view.query for view in config.views}


def test_without_files_there_is_nothing_and_no_toml_is_loaded(own: Path, root: Path) -> None:
    code = (
        "import sys; from newsdesk.config import load_config; config = load_config(sys.argv[1]);"
        "print(config.views, config.problems, 'tomllib' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(root)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == "() () False\n"


def test_the_collection_wins_over_the_user_on_the_same_name(
    own: Path, shared: Path, root: Path
) -> None:
    own.write_text('[views]\nHot = "heat:>=90"\nMine = "is:starred"\n')
    shared.write_text('# ours\n[views]\n"Hot" = "heat:>=70"\n"Ours" = ""\n')
    config = load_config(str(root))
    assert views(config) == {"Hot": "heat:>=70", "Mine": "is:starred", "Ours": ""}
    assert [(view.name, view.place) for view in config.views if not view.is_own] == [
        ("Hot", ".newsdesk.toml, line 3"),
        ("Ours", ".newsdesk.toml, line 4"),
    ]
    assert config.problems == ()


def test_the_user_file_lies_in_the_home_without_the_variable(
    own: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/does/not/count")
    file = tmp_path / "home" / ".config" / "newsdesk" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('views.Hot = "heat:>=90"')
    if sys.platform == "linux":
        assert views(load_config(str(root))) == {"Hot": "heat:>=90"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'[views]\n\nHot = "a\n', ".newsdesk.toml, line 3: This is no TOML: "),
        (b"[views]\nHot =", ".newsdesk.toml, line 2: This is no TOML: "),
        (b'[views]\nA = "a"\nHot = 3\n', ".newsdesk.toml, line 3: The view Hot is no text."),
        (b'views.Hot = ["a",\n "b"]\n', ".newsdesk.toml, line 1: The view Hot is no text."),
        (b"views = 3\n", ".newsdesk.toml: views is no table."),
        (b"# fine\n# \xff\n", ".newsdesk.toml, line 2: It is no UTF-8."),
        (b"#" * (MAX_BYTES + 1), ".newsdesk.toml: It is too large"),
        (b"a = " + b"[" * 20_000, ".newsdesk.toml: It is nested too deeply."),
        (b"a = " + b"9" * 20_000, ".newsdesk.toml, line 1: This is no TOML"),
    ],
)
def test_a_mistake_names_file_line_and_view(
    own: Path, shared: Path, root: Path, content: bytes, sentence: str
) -> None:
    shared.write_bytes(content)
    config = load_config(str(root))
    assert len(config.problems) == 1
    assert str(config.problems[0]).startswith(sentence)
    assert config.problems[0].remedy
    assert config.problems[0].view == ("Hot" if "The view Hot" in sentence else "")


def test_a_mistaken_view_is_not_replaced_by_another_of_its_name(
    own: Path, shared: Path, root: Path
) -> None:
    own.write_text('[views]\nHot = "heat:>=90"\n')
    shared.write_text("[views]\nHot = true\n")
    assert views(load_config(str(root))) == {}


def test_what_is_no_file_is_told_and_never_waited_for(own: Path, shared: Path, root: Path) -> None:
    shared.mkdir()
    own.symlink_to(own.parent / "nowhere")
    assert [str(mistake) for mistake in load_config(str(root)).problems] == [
        ".newsdesk.toml: It is no regular file. It is ignored."
    ]
    shared.rmdir()
    os.mkfifo(shared)
    assert len(load_config(str(root)).problems) == 1
