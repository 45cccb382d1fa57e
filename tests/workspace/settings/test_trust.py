"""What a collection's own file may do is decided in one place, shown in one table, and holds."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from newsdesk.config import load_config
from newsdesk.workspace.settings.definitions import SETTINGS, TABLES
from newsdesk.workspace.settings.link_check import CHECK_OPTIONS, check_settings
from newsdesk.workspace.settings.link_check_values import glob_for
from newsdesk.workspace.settings.resolve import Source, settings_of
from newsdesk.workspace.settings.trust import RULES, Trust, confirm, is_confirmed

SAFETY = Path(__file__).parents[3] / "docs" / "safety.md"
# A line for everything that can be set; what a table holds has the table's name.
LINES = {
    **{setting.name: setting.example for setting in SETTINGS},
    "keys": '[keys]\npublish = "F5"',
    "views": '[views]\n"Hot" = "heat:>50"',
    "fields": '[fields]\ntitle = "headline"',
    **{f"check.{option.name}": f"[check]\n{option.example}" for option in CHECK_OPTIONS},
    "images": 'images = "on"',
    "check.concurrency": "[check]\nconcurrency = 1000",
    "check.per-host": "[check]\nper-host = 1000",
    "check.delay": "[check]\ndelay = 0",
}


def test_every_setting_has_a_rule_and_a_line_in_the_table() -> None:
    tables = set(TABLES) - {"check"}
    known = {setting.name for setting in SETTINGS} | tables
    known |= {f"check.{option.name}" for option in CHECK_OPTIONS}
    assert set(RULES) == known == set(LINES)
    table = SAFETY.read_text()
    for name in known:
        assert f"| `{name}` | {RULES[name].trust.value}" in table


@pytest.mark.parametrize("name", LINES)
def test_a_setting_of_a_collection_counts_as_its_rule_says(
    name: str, own: Path, shared: Path, root: Path
) -> None:
    shared.write_text(LINES[name])
    config = load_config(str(root))
    settings, check = settings_of(config, {}), check_settings(config, environment={})
    sources = {value.source for value in (*settings.values, *check.values)}
    sources |= {Source.COLLECTION for view in config.views if not view.is_own}
    counts = RULES[name].trust is Trust.COLLECTION
    assert (Source.COLLECTION in sources) == counts
    mistakes = [str(mistake) for mistake in (*settings.mistakes, *check.all_problems)]
    if counts:
        assert mistakes == []
    else:
        (told,) = set(mistakes)
        assert ".newsdesk.toml, line " in told


def test_confirmed_content_counts_until_it_changes(own: Path, root: Path) -> None:
    config, file = load_config(str(root)), root / "rules.toml"
    assert not is_confirmed(config, file, b"a")
    confirm(config, file, b"a")
    confirm(config, file, b"a")
    assert is_confirmed(config, file, b"a")
    assert not is_confirmed(config, file, b"b")
    assert not is_confirmed(config, root / "other.toml", b"a")


# -- patterns ----------------------------------------------------------------------------------

REGEXES = ("(a+)+$", "^https://intranet\\.", "/login", "https?://x.example", "a|b", "x.*y")


@pytest.mark.parametrize("pattern", REGEXES)
def test_a_regular_expression_of_a_collection_is_told_with_the_glob_to_write(
    pattern: str, own: Path, shared: Path, root: Path
) -> None:
    shared.write_text(f"[check]\ntimeout = 3\nexclude = ['{pattern}']\n")
    config = load_config(str(root))
    (mistake,) = check_settings(config, environment={}).problems
    assert mistake.message.startswith(".newsdesk.toml, line 3: check.exclude: ")
    assert f'"{glob_for(pattern)}"' in mistake.remedy
    # What is proposed can be written.
    shared.write_text(f'[check]\nexclude = ["{glob_for(pattern)}"]\n')
    assert check_settings(load_config(str(root)), environment={}).all_problems == ()
    own.write_text(f"[check]\nexclude = ['{pattern}']\n")
    shared.unlink()
    assert check_settings(load_config(str(root)), environment={}).all_problems == ()


@pytest.mark.parametrize(
    ("glob", "url", "is_matched"),
    [
        ("*/login*", "https://a.example/login?x=1", True),
        ("https://intranet.*", "https://intranet.example/", True),
        ("https://intranet.*", "https://a.example/?u=https://intranet.x", False),
        ("http*://a.example/", "https://a.example/b", False),
    ],
)
def test_a_glob_matches_the_whole_address(
    glob: str, url: str, is_matched: bool, own: Path, shared: Path, root: Path
) -> None:
    shared.write_text(f'[check]\nexclude = ["{glob}"]\n')
    policy = check_settings(load_config(str(root)), environment={}).policy
    assert policy.includes(url) is not is_matched


def test_no_glob_of_a_collection_takes_longer_than_its_address_is_long(
    own: Path, shared: Path, root: Path
) -> None:
    glob = "http*" + "a*" * 10_000 + "b"
    shared.write_text(f'[check]\nexclude = ["{glob}"]\n')
    policy = check_settings(load_config(str(root)), environment={}).policy
    signal.setitimer(signal.ITIMER_REAL, 20)  # its usual action ends the test run
    try:
        assert policy.includes("http" + "a" * 100_000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
