"""Every text on every screen stands out from its ground, in each theme of our own."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color

from newsdesk.tui.themes import OWN_THEMES

from .driving import Session, workspace_on

LEAST = 4.5  # WCAG 2.2, 1.4.3: text against its ground
LEAST_OF_HIGH = 7.0  # 1.4.6, for the theme that promises more
# What leads to a screen from the desk, and back.
SCREENS = {
    "desk": (),
    "the second row marked": ("down", "m"),
    "detail": ("tab",),
    "related": ("tab",),
    "back in the list": ("tab",),
    "query": ("slash", '"marigold'),
    "completions": ("escape", "escape", "slash", '"top'),
    "values": ('"ic:A',),
    "mistake": ('"x qualty:5',),
    "nothing found": ("escape", "escape", "slash", '"nothingthere', "enter"),
    "topics": ("escape", "t", "down", "space"),
    "sort": ("escape", "escape", "escape", "s"),
    "help": ("escape", "question_mark"),
    "dashboard": ("escape", "i"),
    "dashboard, next": ("tab", "down"),
    "published": ("escape", "2"),
    "all": ("3", "asterisk"),
    "note": ("asterisk", "n"),
    "save view": ("escape", "S"),
    "link results": ("escape", "K"),
    "review": ("escape", "W"),
    "palette": ("escape", "colon"),
}


def pairs(workspace: Session) -> Iterator[tuple[str, Color, Color]]:
    """Yield each text on the screen with its colour and that of its ground.

    What lies dimmed behind a dialog is not to be read, and is left out.
    """
    regions = [widget.region for widget in workspace.app.screen.displayed_children]
    for y, strip in enumerate(workspace.app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            style, start = segment.style, x
            x += segment.cell_length
            if not any(region.contains(start, y) for region in regions):
                continue
            text = "".join(char for char in segment.text if is_text(char))
            if not text or style is None or style.color is None or style.bgcolor is None:
                continue
            front, ground = style.color, style.bgcolor
            yield f"{y}: {text.strip()}", *((ground, front) if style.reverse else (front, ground))


def is_text(char: str) -> bool:
    """Tell whether a character is read; lines, bars and blocks are looked at."""
    return not char.isspace() and not "─" <= char <= "▟" and unicodedata.category(char) != "Co"


def contrast(one: Color, other: Color) -> float:
    """Return the ratio of luminances, as WCAG 2.2 defines it."""

    def luminance(colour: Color) -> float:
        parts = [part / 255 for part in colour.get_truecolor()]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [theme.name for theme in OWN_THEMES if not theme.ansi])
async def test_every_text_stands_out_from_its_ground(seeds_to_read: Path, theme: str) -> None:
    least = LEAST_OF_HIGH if theme.startswith("high") else LEAST
    faint: dict[tuple[str, str], str] = {}
    seen = 0
    async with workspace_on(seeds_to_read, size=(120, 30), theme=theme) as workspace:
        for name, keys in SCREENS.items():
            await workspace.press(*keys)
            await workspace.settled()
            for text, front, ground in pairs(workspace):
                seen += 1
                if (ratio := contrast(front, ground)) < least:
                    key = (str(front.triplet), str(ground.triplet))
                    faint.setdefault(key, f"{name}, line {text[:40]}: {ratio:.2f}")
    assert not faint, "\n".join(f"{key}: {where}" for key, where in faint.items())
    assert seen > 1_000


async def text_at_rest(workspace: Session) -> str:
    """What a screen says once nothing behind its dialog changes any more."""
    before = None
    while before != workspace.text:
        before = workspace.text
        await asyncio.sleep(0.1)
        await workspace.settled()
    return before or ""


async def test_without_colour_every_screen_says_the_same(seeds_to_read: Path) -> None:
    """What is meant stands in signs and words, whatever the colours."""
    said: dict[str, list[str]] = {}
    for theme in ("newsdesk-dark", "monochrome"):
        async with workspace_on(seeds_to_read, size=(120, 30), theme=theme) as workspace:
            for name, keys in list(SCREENS.items())[:12]:
                await workspace.press(*keys)
                said.setdefault(name, []).append(await text_at_rest(workspace))
    for name, (one, other) in said.items():
        assert one == other, name
