"""The classes that put text on the screen, each of which makes its text safe itself.

Use these instead of those of Rich and Textual, which ruff bans elsewhere (`banned-api`). Text
that passed `shown` stays as it is. Text that did not cannot reach the terminal: what a terminal
obeys, and what shows text in another order, is replaced. Nothing is read as markup.
"""

from __future__ import annotations

from typing import Any, cast

from rich import segment as rich_segment
from rich import text as rich_text
from rich.style import Style, StyleType
from textual import content as textual_content
from textual import widgets

from newsdesk.text import safe, safe_line
from newsdesk.tui.safe_text import pasted


class Segment(rich_segment.Segment):
    """A run of text in a line that is drawn, with one style."""

    def __new__(cls, text: str, style: Style | None = None) -> Segment:
        """Return a segment of safe text."""
        return super().__new__(cls, safe_line(text), style)


class Text(rich_text.Text):
    """Text with styles for a pane that draws its own lines."""

    def __init__(self, text: str = "", style: StyleType = "", **options: Any) -> None:
        super().__init__(safe(text), style, **options)

    def append(self, text: rich_text.Text | str, style: StyleType | None = None) -> rich_text.Text:
        """Append text, which is made safe."""
        return super().append(safe(text) if isinstance(text, str) else text, style)

    @classmethod
    def assemble(cls, *parts: str | rich_text.Text | tuple[str, StyleType], **options: Any) -> Text:
        """Join parts; `append` makes each safe."""
        return cast(Text, super().assemble(*parts, **options))


class Content(textual_content.Content):
    """Text with styles for a widget of Textual."""

    def __init__(self, text: str = "", *rest: Any, **options: Any) -> None:
        super().__init__(safe(text), *rest, **options)

    @classmethod
    def assemble(  # type: ignore[override]  # these parts are all that newsdesk passes
        cls, *parts: str | textual_content.Content | tuple[str, str]
    ) -> Content:
        """Join parts, of which each is made safe before the places of styles are counted."""
        made_safe: list[str | textual_content.Content | tuple[str, str]] = []
        for part in parts:
            if isinstance(part, str):
                made_safe.append(safe(part))
            elif isinstance(part, tuple):
                made_safe.append((safe(part[0]), part[1]))
            else:
                made_safe.append(part)
        return cast(Content, super().assemble(*made_safe))


class Static(widgets.Static):
    """A label."""

    def __init__(self, content: Any = "", **options: Any) -> None:
        options["markup"] = False
        super().__init__(_visual(content), **options)

    def update(self, content: Any = "", *, layout: bool = True) -> None:
        """Replace what is shown."""
        super().update(_visual(content), layout=layout)


class Input(widgets.Input):
    """A line to type in; the text that it opens with is made safe, and no longer than one types."""

    def __init__(self, value: str | None = None, **options: Any) -> None:
        super().__init__(pasted(value) if value else value, **options)


def _visual(content: Any) -> Any:
    return Content(content) if isinstance(content, str) else content
