"""Words of earlier versions mean what they meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsdesk.config import load_config
from newsdesk.workspace.keymap.commands import COMMANDS
from newsdesk.workspace.recent import Recent
from newsdesk.workspace.settings.aliases import ALIASES, Alias, Kind
from newsdesk.workspace.settings.definitions import SETTING_OF
from newsdesk.workspace.settings.resolve import settings_of


def rows(*kinds: Kind) -> pytest.MarkDecorator:
    """Parametrise with the rows of the table that are of some kinds."""
    found = [alias for alias in ALIASES if alias.kind in kinds]
    return pytest.mark.parametrize("alias", found, ids=lambda alias: alias.old)


def test_every_row_of_the_table_is_tested() -> None:
    assert {alias.kind for alias in ALIASES} == {Kind.COMMAND, Kind.THEME, Kind.STORIES}


@rows(Kind.COMMAND)
def test_a_key_bound_to_the_old_id_of_a_command_still_works(
    alias: Alias, own: Path, root: Path
) -> None:
    own.write_text(f'[keys]\n{alias.old} = "F9"\n')
    settings = settings_of(load_config(str(root)), {})
    assert settings.mistakes == ()
    assert settings.keys.of(alias.new) == ("f9",)
    assert [each.name for each in settings.values if each.value == ("F9",)] == [f"keys.{alias.new}"]


@rows(Kind.COMMAND)
def test_a_command_in_the_history_under_its_old_id_is_offered_again(
    alias: Alias, root: Path
) -> None:
    config = load_config(str(root))
    config.state_folder.mkdir(parents=True, exist_ok=True)
    config.commands_path.write_text(f"{json.dumps(alias.old)}\n{json.dumps('publish')}\n")
    recent = Recent(config)
    assert recent.commands() == ["publish", alias.new]
    recent.remember_command(alias.new)
    assert recent.commands() == [alias.new, "publish"]
    assert alias.new in {command.id for command in COMMANDS}


@rows(Kind.THEME, Kind.STORIES)
def test_an_old_value_of_a_setting_still_works_wherever_it_is_written(
    alias: Alias, own: Path, shared: Path, root: Path
) -> None:
    setting = SETTING_OF[alias.kind.value]
    for file in (own, shared):
        file.write_text(f'{setting.name} = "{alias.old}"\n')
        assert in_force(root, setting.name, {}) == alias.new
        file.unlink()
    assert in_force(root, setting.name, {setting.variables[0]: alias.old}) == alias.new
    if setting.has_flag:
        assert in_force(root, setting.name, {}, {setting.name: alias.old}) == alias.new


def in_force(
    root: Path, name: str, environment: dict[str, str], flags: dict[str, str] | None = None
) -> object:
    """Return the value of a setting as `newsdesk config` shows it."""
    settings = settings_of(load_config(str(root), flags), environment)
    assert settings.mistakes == ()
    return next(each.value for each in settings.values if each.name == name)


def test_the_new_id_of_a_command_wins_over_the_old_one(own: Path, root: Path) -> None:
    for lines in ('fold = "F8"\ncollapse = "F9"\n', 'collapse = "F9"\nfold = "F8"\n'):
        own.write_text(f"[keys]\n{lines}")
        settings = settings_of(load_config(str(root)), {})
        assert settings.mistakes == ()
        assert settings.keys.of("collapse") == ("f9",)
