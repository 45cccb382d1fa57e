"""Format articles as a table for a terminal, with wide characters measured."""

from __future__ import annotations

from newsdesk.cell_widths import count_spacing_marks
from newsdesk.cli.output import Output
from newsdesk.collection.article import Status
from newsdesk.index.schema import Row
from newsdesk.text import age, number_text, shown

STATUS_GLYPHS = {Status.PUBLISHED: "●", Status.UNPUBLISHED: "○", Status.UNSET: "◌"}
STATUS_STYLES = {Status.PUBLISHED: "green", Status.UNPUBLISHED: "yellow", Status.UNSET: "dim"}
LEGEND = "● published  ○ unpublished  ◌ unset  ! problems"
_NUMBERS_CELLS = 18  # glyph, problem mark, heat, quality, age and the spaces between them


def cells(text: str) -> int:
    """Return the width of a line of text in terminal cells."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    count_spacing_marks()

    return cell_len(text)


def fit(text: str, width: int) -> str:
    """Return text padded, or cut with an ellipsis, to exactly `width` cells."""
    if cells(text) <= width:
        return text + " " * (width - cells(text))
    if text.isascii():
        return text[: width - 1] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1) + "…"


class ArticleTable:
    """Format articles as lines for a terminal of `width` columns."""

    def __init__(self, output: Output, width: int) -> None:
        self._output = output
        self._domain = 0 if width < 60 else min(26, width // 4)
        self._title = max(8, width - _NUMBERS_CELLS - self._domain - (2 if self._domain else 0))

    def header(self) -> str:
        """Return the column names."""
        line = f"   {'heat':>4} {'qual':>4} {'age':>3}  {fit('title', self._title)}"
        if self._domain:
            line += "  domain"
        return self._output.paint(line.rstrip(), "dim")

    def line(self, row: Row) -> str:
        """Return the line of one article, safe to show."""
        paint = self._output.paint
        glyph = paint(STATUS_GLYPHS[row.status], STATUS_STYLES[row.status])
        mark = paint("!", "red") if row.problems else " "
        title = fit(shown(row.title), self._title)
        numbers = f"{_number(row.heat)} {_number(row.quality)} {age(row.published_at):>3}"
        line = f"{glyph}{mark} {numbers}  {title}"
        if self._domain:
            domain = fit(shown(row.provider.label), self._domain).rstrip()
            line += f"  {paint(domain, 'dim')}"
        return line.rstrip()


def _number(value: float | None) -> str:
    text = "–" if value is None else number_text(value, 4)
    return f"{text:>4}" if len(text) <= 4 else ("-" if text[0] == "-" else "") + "999+"[-4:]
