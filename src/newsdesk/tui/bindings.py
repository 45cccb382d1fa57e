"""Textual's bindings, made from the commands."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding

from newsdesk.desk.commands import COMMANDS


def bindings() -> Iterator[Binding]:
    """Yield a binding per command; its id is the command's, so that it can be rebound."""
    for command in COMMANDS:
        if not command.keys:
            continue  # only in the palette
        yield Binding(
            command.keys,
            command.name,
            command.title,
            show=False,
            id=command.name,
            tooltip=command.help,
        )


# The moves alone, for screens that are one list.
MOVES = tuple(
    binding
    for binding in bindings()
    if binding.action
    in (
        *("down", "up", "top", "bottom", "half_page_down", "half_page_up"),
        *("page_down", "page_up"),
    )
)
