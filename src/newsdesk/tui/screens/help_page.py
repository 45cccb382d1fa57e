"""What the help says: every key and the query language, the place in front first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.binding import BindingsMap

from newsdesk.index.query.ast import FIELDS
from newsdesk.text import comparison_key
from newsdesk.tui.bindings import MOVES
from newsdesk.tui.safe_widgets import Content
from newsdesk.tui.widgets.glyphs import PROBLEM_GLYPH, STATUS_GLYPHS, matches
from newsdesk.workspace.keymap.commands import COMMAND_OF, COMMANDS, Group
from newsdesk.workspace.keymap.key_names import shown_key
from newsdesk.workspace.keymap.keymap import Keys

_KEY_COLUMN, _QUERY_COLUMN = 11, 26  # cells
_SIGNS = (
    (" ".join(STATUS_GLYPHS.values()), "published, unpublished, unset (no usable published field)"),
    ("✕ ◷ ★ ✎", "rejected, later, starred, with a note"),
    (PROBLEM_GLYPH, "something is wrong with the file; the detail says what"),
    ("◆ ◇", "related, and in this collection; related, elsewhere"),
    ("→ ← ↔", "this article lists it; it lists this article; both"),
    ("× ≈", "same story; similar"),
    ("×4 ●×4", "a story of four sources; one of them is out already"),
    ("▲", "scores higher than this article"),
    ("✗ → ~ ? ▣", "a link is dead, moved permanently, suspect, unreachable, behind a wall"),
    ("✓ … ⊘", "link alive; host throttles checks; not checked"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One explanation: its section, the term, what it means, and how wide terms stand there."""

    section: str
    term: str
    text: str
    column: int = _KEY_COLUMN

    def has(self, words: Iterable[str]) -> bool:
        """Tell whether all of these folded words are in it."""
        own = comparison_key(f"{self.section} {self.term} {self.text}")
        return all(word in own for word in words)


def entries_of(names: Iterable[str], section: str, keys: Keys) -> Iterator[Entry]:
    """Yield the commands of these names that have a key."""
    for name in names:
        if shown_keys := keys.all_shown(name):
            command = COMMAND_OF[name]
            told = f"{command.title}. {keys.fill(command.help)}"
            yield Entry(section, " ".join(shown_keys), told)


def entries_of_bindings(bound: BindingsMap, section: str) -> Iterator[Entry]:
    """Yield what a screen of its own is told by keys, but for the moves."""
    moves = {move.action for move in MOVES}
    keys_of: dict[str, list[str]] = {}
    for key, found in bound.key_to_bindings.items():
        for binding in found:
            is_own = not binding.action.startswith(("app.", "screen."))  # not Textual's
            if is_own and binding.description and binding.action not in moves:
                keys_of.setdefault(binding.description, []).append(shown_key(key))
    for description, keys in keys_of.items():
        yield Entry(section, " ".join(keys), f"{description}.")


def help_entries(keys: Keys, here: Sequence[Entry] = ()) -> list[Entry]:
    """Return all there is to say, what is true `here` first and not again."""
    entries = list(here)
    said = {(entry.term, entry.text) for entry in here}
    for group in Group:
        names = (command.name for command in COMMANDS if command.group is group)
        entries += [
            entry
            for entry in entries_of(names, group.value, keys)
            if (entry.term, entry.text) not in said
        ]
    for field in FIELDS.values():
        entries.append(Entry("Queries", field.example, field.help, _QUERY_COLUMN))
    entries.append(Entry("Queries", "A OR B, ( … ), -A", "either, grouping, not", _QUERY_COLUMN))
    return entries + [Entry("Signs", sign, meaning) for sign, meaning in _SIGNS]


def page_of(entries: Iterable[Entry], width: int, words: Sequence[str] = ()) -> Content:
    """Return entries below the heads of their sections, wrapped to `width` cells.

    Explanations hang in their column; `words` are lit up.
    """
    parts: list[tuple[str, str] | str] = []

    def lit(text: str, style: str) -> None:
        for part, is_hit in matches(text, words):
            parts.append((part, "bold underline $text-accent" if is_hit else style))

    for section, members in groupby(entries, key=lambda entry: entry.section):
        parts.append(("\n" * bool(parts) + f"{section}\n", "bold $text-accent"))
        for entry in members:
            indent = " " * (entry.column + 2)
            lines = textwrap.wrap(entry.text, max(20, width - len(indent)))
            lit(f"  {entry.term:<{entry.column}}", "bold")
            lit(f"\n{indent}".join(lines) + "\n", "$foreground 85%")
    if not parts:
        parts.append(("No match", "$foreground 85%"))
    return Content.assemble(*parts)
