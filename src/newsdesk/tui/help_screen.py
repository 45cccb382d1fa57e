"""Every key and the query language, made from the commands themselves."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from newsdesk.index.query import FIELDS
from newsdesk.tui.commands import COMMANDS, Group
from newsdesk.tui.looks import PROBLEM_GLYPH, STATUS_GLYPHS

_SIGNS = (
    (" ".join(STATUS_GLYPHS.values()), "published, unpublished, unset (no usable published field)"),
    (PROBLEM_GLYPH, "something is wrong with the file; the detail says what"),
    ("◆ ◇", "related, and in this collection; related, elsewhere"),
    ("→ ← ↔", "this article lists it; it lists this article; both"),
    ("▲", "scores higher than this article"),
    ("✓ → ✗ ? ▣", "link alive, moved, dead, unreachable, behind a wall"),
)


class HelpScreen(ModalScreen[None]):
    """A page that scrolls; Esc, q or ? closes it."""

    BINDINGS = [  # noqa: RUF012 - Textual's way
        Binding("escape,q,question_mark", "dismiss", "Close"),
        Binding("j,down", "page.scroll_down", show=False),
        Binding("k,up", "page.scroll_up", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll(id="help", classes="dialog"):
            yield Static(_page(), id="help-text")

    def on_mount(self) -> None:
        """Name the page."""
        page = self.query_one("#help")
        page.border_title = "Help"
        page.border_subtitle = "Esc closes"
        page.focus()

    def action_dismiss_help(self) -> None:
        """Close."""
        self.dismiss(None)


def _page() -> Content:
    parts: list[tuple[str, str] | str] = []
    for group in Group:
        parts.append((f"{group.value}\n", "bold $text-accent"))
        for command in COMMANDS:
            if command.group is group:
                keys = " ".join(command.shown_keys)
                parts += [
                    (f"  {keys:<14}", "bold"),
                    f"{command.title}. ",
                    (f"{command.help}\n", "$foreground 80%"),
                ]
        parts.append("\n")
    parts.append(("Queries\n", "bold $text-accent"))
    for field in FIELDS.values():
        parts += [(f"  {field.example:<28}", "bold"), (f"{field.help}\n", "$foreground 80%")]
    parts += [
        (f"  {'A OR B, ( … ), -A':<28}", "bold"),
        ("either, grouping, not\n\n", "$foreground 80%"),
        ("Signs\n", "bold $text-accent"),
    ]
    for sign, meaning in _SIGNS:
        parts += [(f"  {sign:<14}", "bold"), (f"{meaning}\n", "$foreground 80%")]
    return Content.assemble(*parts)
