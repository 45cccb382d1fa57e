"""`newsdesk config` tells what is in force, where it comes from, and what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from newsdesk.cli.main import run
from newsdesk.config import Config


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own file of settings, not written yet."""
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("VISUAL", "EDITOR", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config" / "newsdesk").mkdir(parents=True)
    return tmp_path / "config" / "newsdesk" / "config.toml"


def output_json(
    arguments: list[str], capsys: pytest.CaptureFixture[str], root: Path
) -> tuple[int, list[str], str]:
    code = run(["config", "-C", str(root), *arguments], lambda _: pytest.fail("opens the desk"))
    printed = capsys.readouterr()
    return code, printed.out.splitlines(), printed.err


def test_every_line_is_name_value_and_place_in_columns(
    own: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text('editor = "nano"\n[keys]\npublish = ["F5", "F6"]\nzoom = ""\n')
    (root / ".newsdesk.toml").write_text('[views]\nHot = "heat:>=70"\n')
    monkeypatch.setenv("BROWSER", "lynx")
    code, lines, errors = output_json(["--theme", "nord"], capsys, root)
    assert (code, errors) == (0, "")
    words = {line.split()[0]: re.split(" {2,}", line)[1:] for line in lines}
    assert words["theme"] == ["nord", "--theme"]
    assert words["browser"] == ["lynx", "$BROWSER"]
    assert words["editor"] == ["nano", f"{own}, line 1"]
    assert words["columns"] == ["heat,quality,age,story,title,source", "default"]
    assert words["keys.publish"] == ["F5 F6", f"{own}, line 3"]
    assert words["keys.zoom"] == ["–", f"{own}, line 4"]
    assert words["views.Hot"] == ["heat:>=70", ".newsdesk.toml, line 2"]
    starts = {line.rindex("default") for line in lines if line.endswith("default")}
    assert len(starts) == 1
    assert "\x1b" not in "".join(lines)


def test_a_mistake_goes_to_standard_error_and_the_exit_code_is_2(
    own: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".newsdesk.toml").write_text('theme = "nrod"\n[views]\nOdd = "topc:AI"\n')
    code, lines, errors = output_json([], capsys, root)
    assert code == 2
    assert any(line.startswith("theme ") and line.endswith("default") for line in lines)
    first, second = sorted(errors.splitlines())
    assert first == ("newsdesk: .newsdesk.toml, line 1: There is no theme nrod. Did you mean nord?")
    assert second.startswith("newsdesk: .newsdesk.toml, line 3: The view Odd does not parse")
    (root / ".newsdesk.toml").write_text("theme =\n")
    code, _, errors = output_json([], capsys, root)
    assert code == 2
    assert errors.startswith("newsdesk: .newsdesk.toml, line 1: This is no TOML")


def test_as_json_it_says_the_same(
    own: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text('theme = "nord"\nbrwser = "x"\n')
    code, lines, _ = output_json(["--json"], capsys, root)
    facts = json.loads("\n".join(lines))
    assert code == 2
    assert facts["collection"] == str(root)
    assert facts["files"] == [
        {"path": str(own), "own": True, "exists": True},
        {"path": str(root / ".newsdesk.toml"), "own": False, "exists": False},
    ]
    assert facts["settings"][0] == {
        "name": "theme",
        "value": "nord",
        "source": "own",
        "place": f"{own}, line 1",
    }
    assert facts["mistakes"] == [
        {
            "message": f"{own}, line 2: There is no setting brwser.",
            "remedy": "Did you mean browser?",
        }
    ]


def test_hostile_text_in_a_file_harms_no_terminal(
    own: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / ".newsdesk.toml").write_text('[views]\n"a\\u001b]52;c;x\\u0007" = "b\\u009bm"\n')
    for arguments in ([], ["--json"]):
        _, lines, errors = output_json(arguments, capsys, root)
        for character in "\x1b\x07\x9b":
            assert character not in errors + "".join(lines)


def test_a_missing_folder_is_reported(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, errors = output_json([], capsys, tmp_path / "nowhere")
    assert code == 3
    assert "There is no folder" in errors


def test_flags_reach_the_desk_before_and_behind_the_folder(own: Path, root: Path) -> None:
    for arguments in (
        ["--theme", "nord", "--sort", "date", str(root)],
        [str(root), "--theme", "nord", "--sort=date"],
    ):
        opened: list[Config] = []
        assert run(arguments, lambda config, opened=opened: opened.append(config) or 0) == 0
        assert opened[0].collection == root
        assert dict(opened[0].flags) == {"theme": "nord", "sort": "date"}
