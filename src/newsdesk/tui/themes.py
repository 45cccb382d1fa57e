"""Themes of our own: a desk at night, newsprint, one of high contrast, one without colour."""

from __future__ import annotations

from textual.theme import Theme

from newsdesk.tui.monochrome import MONOCHROME

NEWSDESK_DARK = Theme(
    name="newsdesk-dark",
    dark=True,
    background="#15171c",
    surface="#1b1e25",
    panel="#282c36",
    foreground="#dcdbd5",
    primary="#e3a857",  # the lamp
    secondary="#7fa7c9",
    accent="#e3a857",
    success="#8fc27a",
    warning="#e0c26a",
    error="#e8836f",
    variables={
        "border": "#3a404d",
        "input-cursor-background": "#e3a857",
        "input-selection-background": "#e3a857 35%",
        "scrollbar": "#363c48",
        "scrollbar-background": "#15171c",
        "scrollbar-corner-color": "#15171c",
    },
)

NEWSPRINT = Theme(
    name="newsprint",
    dark=False,
    background="#f7f3ea",
    surface="#f0eadd",
    panel="#e2d9c6",
    foreground="#2a2622",
    primary="#8c2f1b",  # the red of a masthead
    secondary="#2f5673",
    accent="#8c2f1b",
    success="#2f6130",
    warning="#7d5200",
    error="#a3242b",
    variables={
        "border": "#b9ad97",
        "input-cursor-background": "#8c2f1b",
        "input-selection-background": "#8c2f1b 25%",
        "scrollbar": "#cdc2ad",
        "scrollbar-background": "#f7f3ea",
        "scrollbar-corner-color": "#f7f3ea",
    },
)

HIGH_CONTRAST = Theme(
    name="high-contrast",
    dark=True,
    background="#000000",
    surface="#000000",
    panel="#202020",
    foreground="#ffffff",
    primary="#ffd400",
    secondary="#8fd6ff",
    accent="#ffd400",
    success="#86f286",
    warning="#ffd75f",
    error="#ff9d8f",
    variables={
        "border": "#9a9a9a",
        "input-cursor-background": "#ffd400",
        "input-selection-background": "#ffd400 35%",
        "scrollbar": "#9a9a9a",
        "scrollbar-background": "#000000",
        "scrollbar-corner-color": "#000000",
    },
)

OWN_THEMES = (NEWSDESK_DARK, NEWSPRINT, HIGH_CONTRAST, MONOCHROME)
