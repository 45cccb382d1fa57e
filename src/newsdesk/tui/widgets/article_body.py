"""Lay out the body of an article, Markdown, as lines of a given width."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.segment import Segment
from rich.style import Style, StyleType
from rich.theme import Theme as RichTheme
from textual.strip import Strip

from newsdesk.tui.safe_text import shown_block

MAX_BODY = 60_000  # characters laid out; `e` opens the rest
MAX_BODY_LINES = 4_000
# Longer bodies are laid out in a thread: up to a second, without blocking keys.
MAX_BODY_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class BodyLook:
    """The colours of a body: Markdown's parts, code, and what newsdesk adds."""

    styles: Mapping[str, StyleType]
    code_theme: str
    muted: Style


def body_text(body: str) -> str:
    """Return the safe part of a body that is laid out; one character more if it is cut."""
    return shown_block(body, MAX_BODY, MAX_BODY).strip()


def body_strips(text: str, width: int, look: BodyLook, edit_key: str) -> list[Strip]:
    """Return the lines of a text of `body_text`, below a rule.

    Uses nothing of the screen, so that it can run in a thread.
    """
    from rich.markdown import Markdown  # late: with Pygments a tenth of the start time

    markdown = Markdown(text[:MAX_BODY], hyperlinks=False, code_theme=look.code_theme)
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="truecolor",
        theme=RichTheme(dict(look.styles)),
    )
    lines = console.render_lines(markdown, pad=False)
    blank = Strip.blank(1)
    strips = [
        Strip.blank(0),
        Strip.join([blank, Strip([Segment("─" * width, look.muted)])]),
        Strip.blank(0),
        *(Strip.join([blank, Strip(line).discard_meta()]) for line in lines[:MAX_BODY_LINES]),
    ]
    if len(text) > MAX_BODY or len(lines) > MAX_BODY_LINES:
        more = f" Body cut here · {edit_key} opens the file"
        strips.append(Strip([Segment(more, look.muted)]))
    return strips


def body_styles(accent: Style, strong: Style, muted: Style) -> dict[str, StyleType]:
    """Return the styles of Markdown's parts in the colours of the theme."""
    bold = strong + Style(bold=True)
    return {
        **{f"markdown.h{level}": bold for level in range(1, 7)},
        "markdown.h1.border": muted,
        "markdown.link": strong,
        "markdown.link_url": muted,
        "markdown.block_quote": muted + Style(italic=True),
        "markdown.code": strong,
        "markdown.code_block": muted,
        "markdown.item.bullet": strong,
        "markdown.item.number": strong,
        "markdown.hr": muted,
        "markdown.strong": Style(bold=True),
        "markdown.em": Style(italic=True),
        "markdown.table.header": bold,
        "markdown.table.border": muted,
        "markdown.kbd": accent,
    }
