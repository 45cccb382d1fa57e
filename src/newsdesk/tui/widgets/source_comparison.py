"""Show the sources of a story side by side, or stacked on a narrow screen."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from newsdesk.collection.article import Article
from newsdesk.links.verdict import Verdict
from newsdesk.text import age_in_words, comparison_key, counted, number_text
from newsdesk.tui.safe_text import shown, shown_block
from newsdesk.tui.safe_widgets import Segment, Text
from newsdesk.tui.widgets.glyphs import (
    LATER_GLYPH,
    REJECTED_GLYPH,
    STATUS_GLYPHS,
    VERDICT_DISPLAYS,
    long_bar,
)
from newsdesk.tui.widgets.line_view import LineView
from newsdesk.workspace.editorial_state import EditorialState
from newsdesk.workspace.stories.story import Member

if TYPE_CHECKING:
    from rich.segment import Segment as AnySegment  # noqa: TID251 - only a type

_LABEL_WIDTH = 10
MIN_COLUMN_CELLS = 34  # of a source next to others
_SIDE_BY_SIDE_CELLS = 100  # a narrower pane stacks the sources
_EXCERPT_LINES = 8
_BEFORE_SPACE = {"Title", "Links", "Why same", "Excerpt"}

# Scripts without spaces are compared letter by letter.
_WORD = re.compile(r"\s*(?:[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+)")
MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class Source:
    """One source to compare. `verdicts` are those of its own URLs, by field name."""

    member: Member
    article: Article
    editorial: EditorialState
    verdicts: tuple[tuple[str, Verdict | None], ...] = ()

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.member.row.path


class SourceComparison(LineView):
    """Sources with a cursor; side by side the best source is first and always visible."""

    class Chosen(Message):
        """The source under the cursor was opened with the mouse."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._sources: tuple[Source, ...] = ()
        self._note = ""
        self._lines: list[Strip] = []
        self._columns: list[tuple[int, int, int]] = []  # source, first cell, cell after the last
        self._blocks: list[tuple[int, int]] = []  # first line of each source, line after the last

    @property
    def source(self) -> Source | None:
        """The source under the cursor."""
        return self._sources[self.cursor] if self._sources else None

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def put(self, sources: Sequence[Source], path: str, note: str = "") -> None:
        """Show sources, the recommended one first, with the cursor on the one of a path.

        `note` is shown below a single source.
        """
        self._note = note
        self._sources = tuple(sources)
        at = [number for number, source in enumerate(sources) if source.path == path]
        self.cursor = at[0] if at else max(0, min(self.cursor, len(sources) - 1))
        self._draw()

    # -- movement --------------------------------------------------------------------------

    def move(self, sources: int) -> None:
        """Move the cursor by a number of sources."""
        self.move_to(self.cursor + sources)

    def move_to(self, number: int) -> None:
        """Move the cursor to a source; a number below or above means the first or last one."""
        number = max(0, min(number, len(self._sources) - 1))
        if number != self.cursor:
            self.cursor = number
            self._draw()

    def move_pages(self, pages: float) -> None:
        """Scroll by pages or parts of one."""
        self.scroll_to_line(self.top + round((self.page - 1) * pages))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the source that was clicked; a second click opens it."""
        line, offset = self.line_at(event), event.get_content_offset(self)
        if line is None or offset is None:
            return
        for number, start, end in self._columns:
            if start <= offset.x < end:
                self.move_to(number)
        for number, (start, end) in enumerate(self._blocks):
            if start <= line < end:
                self.move_to(number)
        if event.chain == 2:
            self.post_message(self.Chosen())

    # -- drawing ---------------------------------------------------------------------------

    def draw_line(self, index: int, width: int) -> Strip:
        """Return a line that was laid out before."""
        return self._lines[index]

    def resized(self) -> None:
        """Lay out the sources for the new size."""
        self._draw()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        width = self.line_width
        if width < 20:
            return
        self._columns, self._blocks = [], []
        if width >= _SIDE_BY_SIDE_CELLS and len(self._sources) > 1:
            lines = [*self._beside(width)]
        else:
            lines = [*self._stacked(width)]
        base = self.base_style
        self._lines = [Strip(line).adjust_cell_length(width).apply_style(base) for line in lines]
        self.top = max(0, min(self.top, self.count - self.page))
        if self._blocks:
            start, end = self._blocks[self.cursor]
            self.bring_into_view(end - 1)
            self.bring_into_view(start)
        self.refresh()

    def _in_sight(self, width: int) -> list[int]:
        """Return the sources that have a column: the first, and those around the cursor."""
        room = max(2, min(len(self._sources), (width - _LABEL_WIDTH) // MIN_COLUMN_CELLS))
        start = max(1, min(self.cursor - room + 2, len(self._sources) - room + 1))
        return [0, *range(start, start + room - 1)]

    def _beside(self, width: int) -> Iterator[Sequence[AnySegment]]:
        numbers = self._in_sight(width)
        cells = (width - _LABEL_WIDTH) // len(numbers)
        self._columns = [
            (number, _LABEL_WIDTH + place * cells, _LABEL_WIDTH + (place + 1) * cells)
            for place, number in enumerate(numbers)
        ]
        facts = [dict(self._facts(number)) for number in numbers]
        for place, is_more in ((1, numbers[1] > 1), (-1, numbers[-1] < len(self._sources) - 1)):
            if is_more:
                facts[place]["Source"].append(" ←" if place == 1 else " →", self.part("strong"))
        for label in facts[0]:
            columns = [self._wrapped(fact[label], cells - 3, label) for fact in facts]
            for line in range(max(len(column) for column in columns)):
                name = label if line == 0 else ""
                segments = [Segment(f" {name:<{_LABEL_WIDTH - 1}}", self.part("muted"))]
                for number, column in zip(numbers, columns, strict=True):
                    text = column[line] if line < len(column) else Text()
                    segments += self._cell(number, text, cells)
                yield segments
            if label in _BEFORE_SPACE:
                yield [
                    Segment(" " * _LABEL_WIDTH),
                    *(part for number in numbers for part in self._cell(number, Text(), cells)),
                ]

    def _cell(self, number: int, text: Text, cells: int) -> list[Segment]:
        bar = Segment("▌ " if number == self.cursor else "  ", self.part("strong"))
        strip = Strip([*text.render(self.app.console, end="")])
        return [bar, *strip.adjust_cell_length(cells - 2)]

    def _stacked(self, width: int) -> Iterator[Sequence[AnySegment]]:
        line = 0
        for number in range(len(self._sources)):
            start = line
            for label, text in self._facts(number):
                for row, part in enumerate(self._wrapped(text, width - _LABEL_WIDTH - 3, label)):
                    bar = "▌" if number == self.cursor else " "
                    name = label if row == 0 else ""
                    line += 1
                    yield [
                        Segment(bar, self.part("strong")),
                        Segment(f"{name:<{_LABEL_WIDTH}} ", self.part("muted")),
                        *part.render(self.app.console, end=""),
                    ]
            self._blocks.append((start, line))
            line += 1
            yield []
        for line_of_note in Text(self._note).wrap(self.app.console, min(76, width - 4)):
            yield [Segment("  "), *line_of_note.render(self.app.console, end="")]

    def _wrapped(self, text: Text, width: int, label: str) -> list[Text]:
        lines = list(text.wrap(self.app.console, width, overflow="fold")) if text.plain else [text]
        if label == "Excerpt" and len(lines) > _EXCERPT_LINES:
            lines = lines[:_EXCERPT_LINES]
            lines[-1].truncate(width - 2, overflow="crop")
            lines[-1].append(" …")
        # A text without spans would be rendered without its own style.
        return [Text.assemble(line) for line in lines]

    # -- facts of a source -----------------------------------------------------------------

    def _facts(self, number: int) -> Iterator[tuple[str, Text]]:
        """Yield (label, text), the same labels for every source."""
        source, muted = self._sources[number], self.part("muted")
        article = source.article
        name = shown(article.provider.label or article.path)
        has_others = len(self._sources) > 1
        header = Text.assemble((name, self.part("strong") + Style(bold=True)))
        if has_others and number == 0:
            header.append("  recommended", self.part("good"))
        elif has_others:
            header.append(f"  {number + 1} of {len(self._sources)}", muted)
        yield "Source", header
        yield "Title", self._title(number)
        yield "Status", self._status(source)
        yield "Date", self._when(article.published_at)
        yield "Quality", self._quality(article.quality)
        yield "Image", self._image(article)
        yield "Links", self._links(source)
        if has_others:
            yield "Why best", Text(", ".join(shown(merit) for merit in source.member.merits) or "–")
            belongs = ", ".join(shown(reason) for reason in source.member.belongs)
            yield "Why same", Text(belongs or "–", muted)
        yield "Excerpt", Text(shown_block(article.excerpt).strip() or "–")
        yield "File", Text(shown(article.path), muted)

    def _title(self, number: int) -> Text:
        """Return a title; its own words are underlined, missing ones follow a minus."""
        title = shown(self._sources[number].article.title)
        best = shown(self._sources[0].article.title)
        bold = Style(bold=True)
        if number == 0:
            return Text(title or "untitled", bold)
        styles = {
            Part.SAME: bold,
            Part.OWN: self.part("match"),
            Part.MISSING: self.part("muted"),
        }
        text = Text()
        is_apart = False  # a missing part needs a space on both sides
        for part, kind in word_diff(title, best):
            is_missing = kind is Part.MISSING
            if text.plain and (is_missing or is_apart or part[:1].isspace()):
                text.append(" ")
            text.append(f"−{part}" if is_missing else part.strip(), styles[kind])
            is_apart = is_missing
        return text

    def _status(self, source: Source) -> Text:
        article, editorial = source.article, source.editorial
        text = Text(f"{STATUS_GLYPHS[article.status]} {article.status.value}")
        if editorial.rejected:
            text.append(f"  {REJECTED_GLYPH} rejected", self.part("bad"))
        if editorial.later:
            text.append(f"  {LATER_GLYPH} later", self.part("strong"))
        return text

    def _when(self, moment: datetime | None) -> Text:
        if moment is None:
            return Text("no date", self.part("warning"))
        text = Text(f"{moment.day} {moment:%b %Y %H:%M}")
        first = min(
            (m for s in self._sources if (m := s.article.published_at) is not None), default=moment
        )
        hours = round((moment - first).total_seconds() / 3600)
        if moment != first:
            delay = f"{hours} h later" if hours < 48 else f"{counted(hours // 24, 'day')} later"
            text.append(f"  {delay}", self.part("muted"))
        else:
            text.append(f"  {age_in_words(moment)}", self.part("muted"))
        return text

    def _quality(self, value: float | None) -> Text:
        filled, empty = long_bar(value)
        return Text.assemble(
            (filled, self.part("strong")),
            (empty, self.part("muted")),
            f" {'none' if value is None else number_text(value)}",
        )

    def _image(self, article: Article) -> Text:
        if not article.images:
            return Text("none", self.part("muted"))
        image = article.images[0]
        size = f"{image.width}×{image.height}" if image.width and image.height else "size unknown"
        more = len(article.images) - 1
        return Text(size + (f" and {more} more" if more else ""))

    def _links(self, source: Source) -> Text:
        if not source.verdicts:
            return Text("no URL", self.part("bad"))
        if all(verdict is None for _, verdict in source.verdicts):
            return Text("not checked", self.part("muted"))
        text = Text()
        for name, verdict in source.verdicts:
            text.append("  " if text.plain else "")
            if verdict is None:
                text.append(f"– {name}", self.part("muted"))
            else:
                glyph, part = VERDICT_DISPLAYS[verdict]
                text.append(f"{glyph} {verdict.value}", self.part(part)).append(f" {name}")
        return text


class Part(enum.Enum):
    """Whether a word is in both titles, only in this one, or only in the other."""

    SAME = "same"
    OWN = "own"
    MISSING = "missing"


def word_diff(title: str, other: str) -> list[tuple[str, Part]]:
    """Return the parts of a title, with the words that only the other one has.

    Quotes and commas at a word's ends and capitals are ignored. The parts that are not
    missing make up the title again, but for spaces at its end.
    """
    mine, theirs = _words(title), _words(other)
    matcher = SequenceMatcher(None, [*map(_key, mine)], [*map(_key, theirs)], autojunk=False)
    parts: list[tuple[str, Part]] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            parts.append(("".join(mine[start:end]), Part.SAME))
            continue
        missing = "".join(theirs[other_start:other_end]).strip()
        if missing:
            parts.append((missing, Part.MISSING))
        if start < end:
            parts.append(("".join(mine[start:end]), Part.OWN))
    return parts


def _words(title: str) -> list[str]:
    words = _WORD.findall(title)
    return [*words[:MAX_WORDS], "".join(words[MAX_WORDS:])] if words[MAX_WORDS:] else words


def _key(word: str) -> str:
    word = comparison_key(word)
    return re.sub(r"^\W+|\W+$", "", word) or word.strip()
