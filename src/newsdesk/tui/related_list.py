"""What belongs to an article: its related entries, and the articles that point at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from newsdesk.collection.article import Article
from newsdesk.index.schema import Row
from newsdesk.text import age, shown
from newsdesk.tui.line_list import LineList
from newsdesk.tui.looks import fit, fit_right, number, small_bar


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One line of the pane. `path` is set where the collection holds the article.

    `direction` is `→` for an entry of the article's own list, `←` for an article that lists
    this one, `↔` for both.
    """

    direction: str
    title: str
    source: str
    url: str
    published_at: datetime | None
    quality: int | None
    path: str | None
    outscores: bool


class RelatedList(LineList):
    """The related pane: Enter goes to the article where the collection holds it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._neighbours: list[Neighbour] = []

    @property
    def neighbour(self) -> Neighbour | None:
        """The line under the cursor."""
        return self._neighbours[self.cursor] if self._neighbours else None

    def show(
        self, article: Article | None, paths: dict[str, str], pointing_here: Sequence[Row]
    ) -> None:
        """Show what belongs to an article; `paths` maps related addresses to articles here."""
        self._neighbours = neighbours_of(article, paths, pointing_here) if article else []
        self.set_count(len(self._neighbours), 0)
        own = sum(n.direction != "←" for n in self._neighbours)
        self.border_title = f" Related {own} " if own else " Related "
        self.say_empty(Text("Nothing is listed as related.", self.part("muted")))

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw one neighbour."""
        neighbour = self._neighbours[index]
        muted = self.part("muted")
        source_width = 0 if width < 60 else min(24, width // 4)
        title_width = max(8, width - 17 - (source_width + 2 if source_width else 0))
        here = neighbour.path is not None
        segments = [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment(f"{neighbour.direction} ", muted),
            Segment("◆ " if here else "◇ ", self.part("good" if here else "muted")),
            Segment(small_bar(neighbour.quality), self.part("strong")),
            Segment(number(neighbour.quality, 3)),
            Segment("▲ " if neighbour.outscores else "  ", self.part("warning")),
            Segment(fit_right(age(neighbour.published_at), 3), muted),
            Segment(" "),
            Segment(
                fit(shown(neighbour.title) or shown(neighbour.url) or "untitled", title_width),
                Style.null() if here else muted,
            ),
        ]
        if source_width:
            segments += [Segment("  "), Segment(fit(shown(neighbour.source), source_width), muted)]
        return segments


def neighbours_of(
    article: Article, paths: dict[str, str], pointing_here: Sequence[Row]
) -> list[Neighbour]:
    """Return the lines of the pane: own entries first, then the articles that point here."""

    def outscores(quality: int | None) -> bool:
        return quality is not None and quality > (article.quality or 0)

    pointing = {row.path: row for row in pointing_here}
    lines = []
    for entry in article.related:
        path = next((paths[url] for _, url in entry.urls.named() if url in paths), None)
        is_mutual = path is not None and pointing.pop(path, None) is not None
        lines.append(
            Neighbour(
                "↔" if is_mutual else "→",
                entry.title,
                entry.provider.label,
                entry.urls.best,
                entry.published_at,
                entry.quality,
                path,
                outscores(entry.quality),
            )
        )
    lines += [
        Neighbour(
            "←",
            row.title,
            row.provider.label,
            row.url,
            row.published_at,
            row.quality,
            row.path,
            outscores(row.quality),
        )
        for row in pointing.values()
    ]
    return lines
