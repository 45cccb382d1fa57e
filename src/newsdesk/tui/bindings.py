"""Textual's bindings, made from the commands."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding, BindingsMap

from newsdesk.workspace.keymap.commands import COMMAND_OF, COMMANDS, Command
from newsdesk.workspace.keymap.keymap import Keys


def bindings() -> Iterator[Binding]:
    """Yield a binding per command; its id is the command's, so that it can be rebound."""
    for command in COMMANDS:
        if command.keys:  # else it is only in the palette
            yield _binding(command, command.keys)


def _binding(command: Command, keys: str) -> Binding:
    return Binding(
        keys, command.name, command.title, show=False, id=command.name, tooltip=command.help
    )


def bindings_of(*names: str) -> tuple[Binding, ...]:
    """Return the bindings of some commands, for screens that have them too."""
    return tuple(binding for binding in bindings() if binding.action in names)


# The moves alone, for screens that are one list.
MOVES = bindings_of(
    *("down", "up", "top", "bottom", "half_page_down", "half_page_up"),
    *("page_down", "page_up"),
)


def rebind(bound: BindingsMap, keys: Keys, *, is_main_screen: bool = False) -> None:
    """Give the commands among a screen's bindings the keys that the person chose.

    On the desk itself also those that have no key otherwise.

    Textual's own keymap (`App.set_keymap`) can take no key away, and takes one from whatever
    has it without a word: a screen's own keys stay what its last line says they are.
    """
    here = {each.id for found in bound.key_to_bindings.values() for each in found}
    changed = [name for name in keys.changed if is_main_screen or name in here]
    own = {
        key
        for key, found in bound.key_to_bindings.items()
        if any(each.id is None for each in found)
    }
    for name in changed:
        free = [key for key in keys.of(name) if key not in own]
        if keys.of(name) and not free:
            continue
        for key, found in list(bound.key_to_bindings.items()):
            bound.key_to_bindings[key] = [each for each in found if each.id != name]
        for key in free:
            bound.key_to_bindings.setdefault(key, []).append(_binding(COMMAND_OF[name], key))
    for key in [key for key, found in bound.key_to_bindings.items() if not found]:
        del bound.key_to_bindings[key]
