"""Names of keys: as a person writes and reads them, and as Textual calls them."""

from __future__ import annotations

import string
import unicodedata

from newsdesk.suggest import nearest

_REPLACED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_SHOWN = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "insert": "Ins",
    "delete": "Del",
    "backspace": "Backspace",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}
_MODIFIERS = {"ctrl": "Ctrl", "alt": "Alt", "shift": "Shift"}  # in the order of Textual's names
# What a terminal sends for both keys is the same.
_SAME_IN_A_TERMINAL = {
    "ctrl+i": "Tab",
    "ctrl+m": "Enter",
    "ctrl+j": "Enter",
    "ctrl+h": "Backspace",
}


class UnknownKey(ValueError):
    """A text names no key that could be bound; `remedy` says what to write instead."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def character_key(character: str) -> str:
    """Return Textual's name of the key that types a character: `p`, `slash`, `question_mark`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _REPLACED.get(name, name)


_CHARACTERS = {character_key(c): c for c in string.punctuation}
_NAMES = {
    **{name: name for name in (*_SHOWN, *_CHARACTERS)},
    **{shown.lower(): name for name, shown in _SHOWN.items()},
    "return": "enter",
    "page_up": "pageup",
    "page_down": "pagedown",
}


def key_named(text: str) -> str:
    """Return Textual's name of a key written by a person: `Ctrl+D`, `PgDn`, `/`, `question_mark`.

    Raises `UnknownKey` for what is no key, and for keys that a terminal cannot tell apart.
    """
    *modifiers, last = text.rsplit("+") if len(text) > 1 else [text]
    held = [modifier.strip().lower() for modifier in modifiers]
    if text != " ":
        last = last.strip()
    if not set(held) <= set(_MODIFIERS) or len(set(held)) < len(held):
        raise _unknown(text)
    if len(last) == 1 and last not in "↑↓←→":
        key = _character(last, held, text)
    elif last.lower() in _NAMES:
        key = _NAMES[last.lower()]
    else:
        raise _unknown(text)
    name = "+".join([*(m for m in _MODIFIERS if m in held), key])
    if name in _SAME_IN_A_TERMINAL:
        same = _SAME_IN_A_TERMINAL[name]
        raise UnknownKey(f"A terminal cannot tell {text} from {same}.", "Choose another key.")
    return name


def _character(character: str, held: list[str], text: str) -> str:
    """Return the name of the key of a character, with Shift taken into the character."""
    if not (character.isprintable() and not unicodedata.combining(character)):
        raise _unknown(text)
    if not held:
        return character_key(character)
    letter = character.lower()
    if letter not in string.ascii_lowercase:
        raise UnknownKey(f"A terminal does not know {text}.", "Choose another key.")
    if held == ["shift"]:
        held.clear()
        return letter.upper()
    return letter


def _unknown(text: str) -> UnknownKey:
    near = nearest(text, _NAMES)
    hint = (
        f"Did you mean {shown_key(_NAMES[near])}?" if near else "Write P, /, Space, F5 or Ctrl+D."
    )
    return UnknownKey(f"{text or 'An empty text'} is no key.", hint)


def shown_key(key: str) -> str:
    """Return a key's name as a person reads it: `Ctrl+D`, `↓`, `?`."""
    *modifiers, last = key.split("+")
    name = _SHOWN.get(last) or _CHARACTERS.get(last) or last
    if modifiers and len(name) == 1:
        name = name.upper()
    return "+".join([*(_MODIFIERS.get(modifier, modifier) for modifier in modifiers), name])
