"""Every key and the query language, made from the commands themselves."""

from __future__ import annotations

import textwrap

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from newsdesk.desk.commands import COMMANDS, Group
from newsdesk.desk.keys import Keys
from newsdesk.index.query_tree import FIELDS
from newsdesk.tui.looks import PROBLEM_GLYPH, STATUS_GLYPHS

_SIGNS = (
    (" ".join(STATUS_GLYPHS.values()), "published, unpublished, unset (no usable published field)"),
    ("✕ ◷ ★ ✎", "rejected, later, starred, with a note"),
    (PROBLEM_GLYPH, "something is wrong with the file; the detail says what"),
    ("◆ ◇", "related, and in this collection; related, elsewhere"),
    ("→ ← ↔", "this article lists it; it lists this article; both"),
    ("▲", "scores higher than this article"),
    ("✗ → ~ ? ▣", "a link is dead, moved for good, suspect, unreachable, behind a wall"),
    ("✓ … ⊘", "a link is alive; the host asked for a pause; it was not asked"),
)


class HelpScreen(ModalScreen[None]):
    """A page that scrolls; Esc, q or the key that opened it closes it."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("escape,q,question_mark", "dismiss", "Close"),
        Binding("j,down", "scroll_page(1)", show=False),
        Binding("k,up", "scroll_page(-1)", show=False),
    ]

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys
        for key in keys.of("help"):
            self._bindings.bind(key, "dismiss", show=False)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(id="help-text")

    def on_mount(self) -> None:
        """Name the page."""
        page = self.query_one("#help")
        page.border_title = "Help"
        page.border_subtitle = "Esc closes"
        page.focus()

    def action_scroll_page(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)

    def on_resize(self) -> None:
        """Wrap the page to the width there is."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        width = self.query_one("#help").scrollable_content_region.width
        self.query_one("#help-text", Static).update(_page(width, self._keys))


def _page(width: int, keys: Keys) -> Content:
    """Return the whole page, wrapped to `width` cells; explanations hang in their column."""
    parts: list[tuple[str, str] | str] = []

    def heading(text: str) -> None:
        parts.append(("\n" * bool(parts) + f"{text}\n", "bold $text-accent"))

    def entry(term: str, explanation: str, column: int) -> None:
        indent = " " * (column + 2)
        lines = textwrap.wrap(explanation, max(20, width - len(indent)))
        parts.append((f"  {term:<{column}}", "bold"))
        parts.append((f"\n{indent}".join(lines) + "\n", "$foreground 85%"))

    for group in Group:
        heading(group.value)
        for command in COMMANDS:
            if command.group is group and (shown_keys := keys.all_shown(command.name)):
                told = f"{command.title}. {keys.fill(command.help)}"
                entry(" ".join(shown_keys), told, 11)
    heading("Queries")
    for field in FIELDS.values():
        entry(field.example, field.help, 26)
    entry("A OR B, ( … ), -A", "either, grouping, not", 26)
    heading("Signs")
    for sign, meaning in _SIGNS:
        entry(sign, meaning, 11)
    return Content.assemble(*parts)
