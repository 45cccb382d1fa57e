"""Which keys the commands have: the usual ones, and what the person changed about them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsdesk.suggest import nearest
from newsdesk.workspace.keymap.commands import COMMAND_OF, COMMANDS, Command, Group
from newsdesk.workspace.keymap.key_names import UnknownKey, key_named, shown_key

_BY_ID = {command.id: command for command in COMMANDS}
_REQUIRED = frozenset({"down", "up", "choose", "back", "palette", "help", "quit"})
_RESERVED = {
    "ctrl+c": "copies what is selected and says how to leave",
    "ctrl+q": "ends the program, whatever happens",
}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_WORDS = {"in an editor": "edit", "Reload the list": "reload", "Copy the URL": "copy"}


class KeyProblem(ValueError):
    """What is wrong with an entry of `[keys]`, and what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of every command. `changed`: command's name -> Textual's names, maybe none."""

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[str, ...]:
        """Return Textual's names of a command's keys."""
        return self.changed.get(name, default_keys(COMMAND_OF[name]))

    def all_shown(self, name: str) -> tuple[str, ...]:
        """Return a command's keys as a person reads them."""
        return tuple(shown_key(key) for key in self.of(name))

    def key(self, name: str) -> str:
        """Return what to press for a command: its first key, or the way through the palette."""
        if keys := self.all_shown(name):
            return keys[0]
        return f"{self.key('palette')} {COMMAND_OF[name].title}"

    def fill(self, sentence: str) -> str:
        """Put keys in the place of `{undo}` and its like, in sentences of our own."""
        return _PLACEHOLDER.sub(
            lambda found: self.key(_BY_ID[found[1]].name) if found[1] in _BY_ID else found[0],
            sentence,
        )

    def with_keys(self, sentence: str) -> str:
        """Put keys behind the words for commands in a refusal: `in an editor (e)`."""
        for words, name in _WORDS.items():
            sentence = sentence.replace(words, f"{words} ({self.key(name)})")
        return sentence


def default_keys(command: Command) -> tuple[str, ...]:
    """Return the keys that a command has unless the person says otherwise."""
    return tuple(key for key in command.keys.split(",") if key)


def read_entry(id_: str, value: object) -> tuple[str, tuple[str, ...]]:
    """Read one line of `[keys]`: a command's id, and a key or a list of keys.

    Returns the command's name and Textual's names of the keys; raises `KeyProblem`.
    """
    command = _BY_ID.get(id_)
    if command is None:
        near = nearest(id_, _BY_ID)
        remedy = f"Did you mean {near}?" if near else "`newsdesk config` lists the commands."
        raise KeyProblem(f"There is no command {id_}.", remedy)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise KeyProblem(f"The keys of {id_} are no text.", f'Write {id_} = "F5", or ["F5", "z"].')
    try:
        keys = tuple(dict.fromkeys(key_named(text) for text in texts if text))
    except UnknownKey as mistake:
        raise KeyProblem(str(mistake), mistake.remedy) from None
    for key in keys:
        if key in _RESERVED:
            raise KeyProblem(f"{shown_key(key)} {_RESERVED[key]}.", "Choose another key.")
        if key == "escape" and command.name != "back":
            raise KeyProblem("Esc leads out of everything.", "Choose another key.")
    if command.name in _REQUIRED and not keys:
        raise KeyProblem(f"Nobody can work without a key for {id_}.", "Give it one.")
    return command.name, keys


def without_clashes(
    wanted: Mapping[str, tuple[str, ...]],
) -> tuple[Keys, dict[str, tuple[str, str]]]:
    """Return the keys that can be had, and what was given up: name -> (key, name that has it).

    No key may mean two things, and none is taken from a command in silence: of two entries the
    first keeps the key, and an entry gives way to a command that was not changed.
    """
    kept = dict(wanted)
    rejected_keys: dict[str, tuple[str, str]] = {}
    while clash := _clash(kept):
        key, owner, loser = clash
        del kept[loser]  # which then has its usual keys, and those may clash with another entry
        rejected_keys[loser] = (key, owner)
    return Keys(kept), rejected_keys


def _clash(changed: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """Return (key, who has it, which entry has to give way) of the first clash there is."""
    keys = Keys(changed)
    owner_of: dict[str, str] = {}
    unchanged = [command.name for command in COMMANDS if command.name not in changed]
    for name in (*unchanged, *changed):
        for key in keys.of(name):
            if key in owner_of:
                return key, owner_of[key], name
            owner_of[key] = name
    return None


def keys_table() -> str:
    """Return all commands as a Markdown table, as the README shows it."""
    lines = ["| key | does |", "| --- | --- |"]
    usual = Keys()
    for group in Group:
        lines.append(f"| **{group.value}** | |")
        for command in COMMANDS:
            if command.group is group and command.keys:
                keys = " ".join(f"`{key}`" for key in usual.all_shown(command.name))
                lines.append(f"| {keys} | {command.title}: {usual.fill(command.help)} |")
    return "\n".join(lines) + "\n"


def names_of_commands() -> str:
    """Return the ids of all commands as lines of Markdown, as the documentation shows them."""
    ids = ", ".join(f"`{command.id}`" for command in COMMANDS)
    return "\n".join(textwrap.wrap(f"{ids}.", 98, break_on_hyphens=False)) + "\n"
