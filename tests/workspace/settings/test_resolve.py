"""What is in force comes from the strongest place that says something usable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import Keys as TextualKeys
from textual.keys import _character_to_key

from newsdesk.config import Config, load_config, parse_settings
from newsdesk.errors import UsageError
from newsdesk.workspace.keymap.commands import COMMANDS
from newsdesk.workspace.keymap.key_names import UnknownKey, character_key, key_named, shown_key
from newsdesk.workspace.keymap.keymap import Keys, without_clashes
from newsdesk.workspace.settings.definitions import SETTINGS
from newsdesk.workspace.settings.resolve import Settings, Source, settings_of


def in_force(config: Config, **environment: str) -> Settings:
    return settings_of(config, environment)


def where(settings: Settings, name: str) -> tuple[Source, str]:
    found = next(value for value in settings.values if value.name == name)
    return found.source, found.place


def test_a_flag_wins_over_the_environment_and_so_on_down_to_the_default(
    own: Path, shared: Path, root: Path
) -> None:
    own.write_text('\ntheme = "nord"\n')
    shared.write_text('theme = "dracula"\n')
    variable = {"NEWSDESK_THEME": "monokai"}
    config = load_config(str(root), {"theme": "gruvbox"})
    for expected, source, place in (
        ("gruvbox", Source.FLAG, "--theme"),
        ("monokai", Source.ENVIRONMENT, "$NEWSDESK_THEME"),
        ("dracula", Source.COLLECTION, ".newsdesk.toml, line 1"),
        ("nord", Source.OWN, f"{own}, line 2"),
        ("newsdesk-dark", Source.DEFAULT, "default"),
    ):
        settings = in_force(config, **variable)
        assert settings.theme == expected
        assert where(settings, "theme") == (source, place)
        assert settings.mistakes == ()
        if source is Source.FLAG:
            config = replace(config, flags=())
        elif source is Source.ENVIRONMENT:
            variable = {}
        else:
            (shared if source is Source.COLLECTION else own).unlink(missing_ok=True)
            config = load_config(str(root))


def test_every_setting_and_every_command_has_a_value_in_force(own: Path, root: Path) -> None:
    values = in_force(load_config(str(root))).values
    names = [value.name for value in values if not value.name.startswith("fields.")]
    assert names == [
        *("theme", "view", "sort", "columns", "stories", "browser", "editor", "profile", "images"),
        *(f"keys.{command.id}" for command in COMMANDS),
    ]
    assert {setting.name for setting in SETTINGS} < set(names)


def test_the_example_of_every_setting_can_be_used(own: Path, root: Path) -> None:
    own.write_text("\n".join(setting.example for setting in SETTINGS))
    settings = in_force(load_config(str(root)))
    assert settings.mistakes == ()
    assert {where(settings, setting.name)[0] for setting in SETTINGS} == {Source.OWN}
    assert settings.view.name == "Published"
    assert [key.field for key in settings.order] == ["date", "quality"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('theme = "newsprnt"', "There is no theme newsprnt. Did you mean newsprint?"),
        ("theme = 3", "This is no text. Write it in quotes:"),
        ("theme.dark = 'x'", "theme is no table. Write a line:"),
        ('veiw = "All"', "There is no setting veiw. Did you mean view?"),
        ('view = "Publishd"', "There is no view Publishd. Did you mean Published?"),
        ('sort = "hat"', "There is no order hat; there are"),
        ('sort = "topic:AI"', "There is no order topic"),
        ('sort = ""', ""),
        ('columns = ["haet", "title"]', "There is no column haet. Did you mean heat?"),
        ('columns = ["heat"]', "Nobody can work without the title."),
        ("columns = 3", "The columns are no list of names."),
        ('editor = "vim \'"', "A quote is never closed."),
        ('editor = " "', "No program is named."),
        ('keys = "p"', "keys is no table."),
        ('keys.publsh = "F5"', "There is no command publsh. Did you mean publish?"),
        ('keys.publish = "Pagedwn"', "Pagedwn is no key. Did you mean PgDn?"),
        ('keys.publish = "Ctrl+I"', "A terminal cannot tell Ctrl+I from Tab."),
        ('keys.publish = "Ctrl+C"', "Ctrl+C copies what is selected"),
        ('keys.publish = "Esc"', "Esc leads out of everything."),
        ("keys.publish = 5", "The keys of publish are no text."),
        ('keys.publish = "d"', "d is Unpublish already; Publish stays p."),
        ('profile = "hugoo"', "There is no profile hugoo. Did you mean hugo?"),
        ("profile = 1", "There is no profile 1. There are jekyll, hugo, astro."),
        ('fields = "x"', "fields is no table."),
        ('keys.theme = "F5"', "There is no command theme."),
        ('fields.titel = "x"', "There is no field titel. Did you mean title?"),
        ("fields.title = 1", "The name of title is no text."),
        ("fields.title = []", "The name of title is no text."),
        ('fields.draft = ["a", "b"]', "The name of draft is no text."),
        ("keys.quit = []", "Nobody can work without a key for quit."),
        ('keys.back = ""', "Nobody can work without a key for back."),
    ],
)
def test_a_mistake_names_its_line_and_what_is_meant_and_the_default_counts(
    own: Path, root: Path, line: str, sentence: str
) -> None:
    own.write_text(f"# mine\n{line}\n")
    settings = in_force(load_config(str(root)))
    assert len(settings.mistakes) == 1
    assert str(settings.mistakes[0]).startswith(f"{own}, line 2: {sentence}")
    assert settings.mistakes[0].remedy
    usual = in_force(replace(load_config(str(root)), raw_settings=()))
    assert replace(settings, mistakes=()) == usual


def test_a_wrong_variable_is_told_and_the_file_counts(own: Path, root: Path) -> None:
    own.write_text('theme = "nord"\n')
    settings = in_force(load_config(str(root)), NEWSDESK_THEME="dark")
    assert settings.theme == "nord"
    assert str(settings.mistakes[0]).startswith("$NEWSDESK_THEME: There is no theme dark.")


@pytest.mark.parametrize("flag", ["theme", "view", "sort"])
def test_a_wrong_flag_is_refused_at_once(own: Path, root: Path, flag: str) -> None:
    with pytest.raises(UsageError, match=f"--{flag}: There is no"):
        in_force(load_config(str(root), {flag: "nonsense"}))


def test_a_collection_names_no_program_and_binds_no_key(
    own: Path, shared: Path, root: Path
) -> None:
    shared.write_text(
        'browser = "sh -c evil %s"\neditor = "evil"\n[keys]\nunpublish = "p"\npublish = "d"\n'
    )
    settings = in_force(load_config(str(root)))
    assert (settings.browser, settings.editor, settings.keys) == ("", "", Keys())
    assert [str(mistake).partition(": ")[0] for mistake in settings.mistakes] == [
        f".newsdesk.toml, line {line}" for line in (1, 2, 4, 5)
    ]
    for mistake in settings.mistakes:
        assert "may come from strangers" in mistake.message
        assert str(own) in mistake.remedy
    own.write_text('browser = "fine"\n')
    settings = in_force(load_config(str(root)), EDITOR="nano")
    assert (settings.browser, settings.editor) == ("fine", "nano")


def test_what_links_are_checked_by_is_left_to_whoever_reads_it(own: Path, root: Path) -> None:
    own.write_text("[check]\ntimeout = 5\n")
    config = load_config(str(root))
    assert in_force(config).mistakes == ()
    assert [(written.name, written.value) for written in config.raw_settings] == [
        (("check", "timeout"), 5)
    ]


# -- keys --------------------------------------------------------------------------------------


def test_two_commands_can_change_places(own: Path, root: Path) -> None:
    own.write_text('[keys]\npublish = "d"\nunpublish = ["p", "F2"]\nzoom = ""\n')
    settings = in_force(load_config(str(root)))
    assert settings.mistakes == ()
    assert settings.keys.all_shown("publish") == ("d",)
    assert settings.keys.all_shown("unpublish") == ("p", "F2")
    assert settings.keys.key("zoom") == ": One pane"
    assert where(settings, "keys.unpublish") == (Source.OWN, f"{own}, line 3")
    assert where(settings, "keys.undo") == (Source.DEFAULT, "default")


def test_of_two_entries_the_first_keeps_the_key(own: Path, root: Path) -> None:
    own.write_text('[keys]\nstar = "F5"\nnote = "F5"\n')
    settings = in_force(load_config(str(root)))
    assert settings.keys.all_shown("star") == ("F5",)
    assert settings.keys.all_shown("note") == ("n",)
    assert str(settings.mistakes[0]).startswith(f"{own}, line 3: F5 is Star already")


_NAMES = [command.name for command in COMMANDS]
_KEYS = st.sampled_from("p d u x q z F5 Ctrl+D / ? Tab".split()).map(key_named)


@given(wanted=st.dictionaries(st.sampled_from(_NAMES), st.lists(_KEYS, max_size=2).map(tuple)))
def test_whatever_is_wanted_no_key_means_two_things(wanted: dict[str, tuple[str, ...]]) -> None:
    keys, rejected_keys = without_clashes(wanted)
    bound = [key for name in _NAMES for key in dict.fromkeys(keys.of(name))]
    assert len(bound) == len(set(bound))
    assert set(keys.changed) | set(rejected_keys) == set(wanted)


def test_names_of_keys_are_those_of_textual() -> None:
    for code in range(0x21, 0x7F):
        character = chr(code)
        assert character_key(character) == _character_to_key(character)
        assert key_named(character) == _character_to_key(character)
        assert key_named(character_key(character)) == character_key(character)
    known = {key.value for key in TextualKeys}
    for (
        written
    ) in "Up down PgUp pagedown HOME end Ins del Tab Enter esc F1 F12 Ctrl+D ctrl+up".split():
        assert key_named(written) in known, written
    assert key_named(" ") == key_named("Space") == "space"
    assert key_named("Shift+Tab") == "shift+tab"
    assert key_named("Shift+p") == "P"
    assert key_named("CTRL+P") == "ctrl+p"


@pytest.mark.parametrize(
    "text", ["", "Foo", "Ctrl+", "Ctrl+Ctrl+a", "Hyper+a", "\x1b", "\u202e", "ab"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    with pytest.raises(UnknownKey):
        key_named(text)


def test_the_keys_of_the_commands_can_be_written_as_they_are_shown() -> None:
    for command in COMMANDS:
        for key in command.keys.split(","):
            if key:
                assert key_named(shown_key(key)) == key_named(key)


def test_a_setting_may_stand_on_any_line_of_a_table(own: Path, root: Path) -> None:
    own.write_text(
        'views.A = "x"\n[ "keys" ] # mine\n# none\nstar = [\n "F5",\n]\n[keys2]\nstar = 1\n'
    )
    config = load_config(str(root))
    assert parse_settings(own.read_text())
    assert [(written.name, written.line) for written in config.raw_settings] == [
        (("keys", "star"), 4),
        (("keys2", "star"), 8),
    ]


def test_a_collection_may_switch_pictures_off_but_never_on(
    own: Path, shared: Path, root: Path
) -> None:
    assert in_force(load_config(str(root))).images == "off"
    shared.write_text('images = "on"\n')
    settings = in_force(load_config(str(root)))
    assert settings.images == "off"
    [mistake] = settings.mistakes
    assert "A collection cannot switch the images on" in str(mistake)
    own.write_text('images = "auto"\n')
    assert in_force(load_config(str(root))).images == "auto"
    shared.write_text('images = "off"\n')
    assert in_force(load_config(str(root))).images == "off"
    assert in_force(load_config(str(root)), NEWSDESK_IMAGES="on").images == "on"
    own.write_text('images = "always"\n')
    shared.unlink()
    [mistake] = in_force(load_config(str(root))).mistakes
    assert mistake.remedy == "Write off, auto or on, in quotes."
