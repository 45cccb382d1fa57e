"""The article pane: all fields and the body of one article, drawn as lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from rich.console import Console
from rich.style import Style
from textual import work
from textual.message import Message
from textual.strip import Strip

from newsdesk.collection.article import Article, Status
from newsdesk.collection.urls import host_of, reader_url
from newsdesk.links.http.url import url_key
from newsdesk.links.verdict import Outcome, Verdict
from newsdesk.text import age_in_words, counted, number_text
from newsdesk.tui.messages import ImageRequested
from newsdesk.tui.safe_text import MAX_ITEMS, shown, shown_block, shown_middle
from newsdesk.tui.safe_widgets import Segment, Text
from newsdesk.tui.widgets.article_body import (
    MAX_BODY_AT_ONCE,
    BodyLook,
    body_strips,
    body_styles,
    body_text,
)
from newsdesk.tui.widgets.glyphs import (
    COVERED_GLYPH,
    LATER_GLYPH,
    NOTE_GLYPH,
    REJECTED_GLYPH,
    STAR_GLYPH,
    STATUS_GLYPHS,
    VERDICT_DISPLAYS,
    level,
    long_bar,
    matches,
)
from newsdesk.tui.widgets.half_block_image import Picture, Place, place_for
from newsdesk.tui.widgets.line_view import LineView
from newsdesk.tui.widgets.url_lines import url_lines
from newsdesk.workspace.editorial_state import SOMEDAY, EditorialState

if TYPE_CHECKING:
    from newsdesk.links.extract import Link
    from newsdesk.workspace.stories.story import Coverage, Story

_LABEL_WIDTH = 10
MAX_LINKS = 8  # related and body links that are listed with their verdicts
_STATUS_WORDS = {
    Status.PUBLISHED: ("published", "good"),
    Status.UNPUBLISHED: ("unpublished", "warning"),
    Status.UNSET: ("status unset", "muted"),
}
_URL_NAMES = {
    "webUrl": "web",
    "originalUrl": "original",
    "ampWebUrl": "AMP",
    "cdnAmpWebUrl": "CDN AMP",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value with its label; further lines are indented."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Facts:
    """Short facts in a row, each kept on one line."""

    facts: tuple[Text, ...]
    gap: Text


BodyWanted: TypeAlias = tuple[str, int, BodyLook]  # text, width, colours
Paragraph: TypeAlias = Text | Labelled | Facts | Place


class ArticleView(LineView):
    """Shows the article that `show` sets; the screen's commands scroll it."""

    class BodyLaidOut(Message):
        """The lines of a long body; none if it could not be laid out."""

        def __init__(self, wanted: BodyWanted, lines: list[Strip]) -> None:
            super().__init__()
            self.wanted = wanted
            self.lines = lines

    def __init__(self, edit_key: str, results_key: str, *, id: str) -> None:
        super().__init__(id=id)
        self._edit_key = edit_key
        self._results_key = results_key
        self._article: Article | None = None
        self._words: tuple[str, ...] = ()
        self._verdicts: Mapping[str, Outcome] = {}
        self._pending: frozenset[str] = frozenset()
        self._editorial = EditorialState()
        self._story: Story | None = None  # of several sources
        self._whole_story: Story | None = None
        self._links: tuple[Link, ...] = ()
        self._lines: list[Strip] = []
        self._body: tuple[BodyWanted | None, list[Strip]] = (None, [])  # laid out last
        self._wanted_body: BodyWanted | None = None
        self._is_laying_out = False
        self.shows_images = False
        self._picture: Picture | None = None

    @property
    def article(self) -> Article | None:
        """The article that is shown."""
        return self._article

    @property
    def ran(self) -> Coverage | None:
        """The published article of the same story, unless it is this one."""
        article, story = self._article, self._story
        if article is None or story is None or article.status is not Status.UNPUBLISHED:
            return None
        return (
            story.coverage
            if story.coverage is not None and story.coverage.path != article.path
            else None
        )

    @property
    def story(self) -> Story | None:
        """The story of the shown article, also one with a single source."""
        return self._whole_story

    def show(
        self,
        article: Article | None,
        words: Iterable[str] = (),
        verdicts: Mapping[str, Outcome] | None = None,
        pending: Iterable[str] = (),
        *,
        editorial: EditorialState | None = None,
        links: Sequence[Link] = (),
        picture: Picture | None = None,
        story: Story | None = None,
    ) -> None:
        """Show an article from its start; the same one keeps its scroll position.

        `picture` is what is known of its own already.
        `words` are lit up; `verdicts` stand beside their addresses, `pending` ones are asked,
        both by `url_key`. `links` says where all of its addresses stand, `story` of which
        story it is a source.
        """
        is_other = article is None or self._article is None or article.path != self._article.path
        if is_other or picture is not None:
            self._picture = picture
        self._article = article
        self._words = tuple(words)
        self._editorial = editorial or EditorialState()
        self._story = story if story is not None and story.size > 1 else None
        self._whole_story = story
        self.show_verdicts(verdicts or {}, pending, links)
        if is_other:
            self.scroll_to_line(0)

    def show_verdicts(
        self,
        verdicts: Mapping[str, Outcome],
        pending: Iterable[str],
        links: Sequence[Link] = (),
    ) -> None:
        """Show verdicts next to the URLs; `pending` ones are being checked."""
        self._links = tuple(links)
        self._verdicts = verdicts
        self._pending = frozenset(pending)
        self._draw()

    def switch_images(self, shows_images: bool) -> None:
        """Reserve an area for images, or stop that."""
        self.shows_images = shows_images
        self._picture = None
        self._draw()

    def show_image(self, picture: Picture) -> None:
        """Show an image in the reserved area, or why there is none."""
        self._picture = picture
        self._draw()

    # -- scrolling -------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def move(self, rows: int) -> None:
        """Scroll by lines."""
        self.scroll_to_line(self.top + rows)

    def move_pages(self, pages: float) -> None:
        """Scroll by pages or parts of one."""
        self.move(round((self.page - 1) * pages))

    def move_to(self, line: int) -> None:
        """Scroll to a line."""
        self.scroll_to_line(line)

    # -- drawing ---------------------------------------------------------------------------

    def draw_line(self, index: int, width: int) -> Strip:
        """Return a line that was laid out before."""
        # Here and not before: a long body has thousands of lines.
        return self._lines[index].adjust_cell_length(width).apply_style(self.base_style)

    def resized(self) -> None:
        """Wrap the text for the new width."""
        self._draw()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        width = self.line_width - 2
        if width < 10:
            return
        self._lines = [
            line for paragraph in self._paragraphs(width) for line in self._strips(paragraph, width)
        ]
        self._lines += self._body_lines(width)
        self.top = max(0, min(self.top, self.count - self.page))
        self.refresh()

    def _strips(self, paragraph: Paragraph, width: int) -> Iterator[Strip]:
        if isinstance(paragraph, Place):
            yield from self._picture_lines(paragraph)
            return
        console = self.app.console
        for line in _wrapped(paragraph, width, console):
            yield Strip([Segment(" "), *line.render(console, end="")])

    def _place(self, article: Article, width: int) -> Place | None:
        """Return the area of the image, at most a third of the pane; None without an image."""
        if not self.shows_images or not article.images:
            return None
        lead, picture = article.images[0], self._picture
        if picture is not None and picture.url == lead.url and picture.place is None:
            return None
        return place_for(lead, width, self.page // 3)

    def _picture_lines(self, place: Place) -> Iterator[Strip]:
        """Yield the image, or lines that reserve its area; request it if it is missing."""
        assert self._article is not None
        url, picture = self._article.images[0].url, self._picture
        if picture is None or (picture.url, picture.place) != (url, place):
            self.post_message(ImageRequested(url, place))
            picture = None
        lines = picture.lines if picture else ()
        word = "no image" if picture and picture.reason else "…"
        for row in range(place.rows):
            if lines:
                yield Strip([Segment(" "), *(lines[row] if row < len(lines) else ())])
            else:
                text = word if row == place.rows // 2 else ""
                ground = self.whole_part("cursor-unfocused") + self.part("muted")
                yield Strip([Segment(" "), Segment(f"{text:^{place.columns}}", ground)])

    def _paragraphs(self, width: int) -> Iterator[Paragraph]:
        article = self._article
        if article is None:
            return
        yield self._marked(shown(article.title), self.part("strong") + Style(bold=True))
        yield self._source(article)
        yield Text("")
        yield self._state(article)
        if article.topics:
            yield self._labelled("Topics", Text(_listed(article.topics)))
        yield from self._decided()
        yield from self._told()
        yield Text("")
        if place := self._place(article, width):
            yield place
            yield Text("")
        for problem in article.problems[:MAX_ITEMS]:
            yield Text(f"! {shown(problem)}", self.part("bad"))
        if len(article.problems) > MAX_ITEMS:
            more = counted(len(article.problems) - MAX_ITEMS, "more problem")
            yield Text(f"! and {more}", self.part("bad"))
        if article.problems:
            yield Text("")
        if article.excerpt.strip():
            yield self._marked(shown_block(article.excerpt).strip(), Style.null())
            yield Text("")
        yield from self._addresses(article, width - _LABEL_WIDTH)
        yield from self._other_links(article, width - _LABEL_WIDTH)
        yield from self._images(article, width)
        yield from self._rest(article)
        yield self._labelled("File", Text(shown(article.path), self.part("muted")))

    def _decided(self) -> Iterator[Paragraph]:
        """Yield the editorial state."""
        editorial = self._editorial
        if editorial.rejected:
            yield self._labelled("Decided", Text(f"{REJECTED_GLYPH} rejected", self.part("bad")))
        if editorial.later:
            until = "some day" if editorial.later == SOMEDAY else f"until {editorial.later}"
            words = Text(f"{LATER_GLYPH} later, {shown(until)}", self.part("strong"))
            yield self._labelled("Decided", words)
        if editorial.starred:
            yield self._labelled("Star", Text(STAR_GLYPH, self.part("match")))
        if editorial.note:
            yield self._labelled("Note", Text(f"{NOTE_GLYPH} {shown(editorial.note)}"))

    def _told(self) -> Iterator[Paragraph]:
        """Yield the story, and its article that is already published."""
        article, story = self._article, self._story
        if article is None or story is None:
            return
        words = Text.assemble((f"×{story.size} ", self.part("strong")))
        if story.best.path == article.path:
            merits = ", ".join(shown(merit) for merit in story.members[0].merits)
            words.append("the best source")
            words.append(f": {merits}" if merits else "", self.part("muted"))
        else:
            words.append("better: ")
            name = story.best.provider.label or story.best.path
            words.append(shown(name), self._goes_to(story.best.path))
        yield self._labelled("Story", words)
        if ran := self.ran:
            words = Text.assemble((f"{COVERED_GLYPH} ", self.part("good")))
            words.append(_day(ran.published_at) or "without a date")
            if ran.decided_at is not None:
                words.append(f", published here {_day(ran.decided_at)}, a draft again")
            words.append("  ")
            words.append(shown(ran.path), self._goes_to(ran.path))
            yield self._labelled("Covered", words)

    def _goes_to(self, path: str) -> Style:
        """Return the style of a path that can be clicked; the path is passed as data."""
        return self.part("match").without_color + Style.from_meta(
            {"@click": ("screen.go_to", (path,))}
        )

    def _marked(self, text: str, style: Style) -> Text:
        match = self.part("match")
        parts = matches(text, self._words)
        return Text.assemble(*((part, style + match if hit else style) for part, hit in parts))

    def _labelled(self, label: str, value: Text) -> Labelled:
        return Labelled(Text(f"{label:<{_LABEL_WIDTH}}", self.part("muted"), end=""), value)

    def _source(self, article: Article) -> Facts:
        muted = self.part("muted")
        facts = [Text(shown(article.provider.domain or article.provider.name or "no source"))]
        if article.provider.domain and article.provider.name:
            facts.append(Text(shown(article.provider.name), muted))
        when = _date(article.published_at)
        if article.published_at:
            when += f", {age_in_words(article.published_at)}"
        facts.append(Text(when, muted))
        if article.updated_at:
            facts.append(Text(f"updated {_date(article.updated_at)}", muted))
        return Facts(tuple(facts), Text(" · ", muted))

    def _state(self, article: Article) -> Facts:
        word, part = _STATUS_WORDS[article.status]
        facts = [Text(f"{STATUS_GLYPHS[article.status]} {word}", self.part(part))]
        for name, value, colour in (
            ("heat", article.heat, "bad" if level(article.heat) == "high" else "warning"),
            ("quality", article.quality, "strong"),
        ):
            filled, empty = long_bar(value)
            facts.append(
                Text.assemble(
                    (f"{name} ", self.part("muted")),
                    (filled, self.part(colour)),
                    (empty, self.part("muted")),
                    f" {'none' if value is None else number_text(value)}",
                )
            )
        kinds = " · ".join(shown(kind) for kind in (article.type, article.category) if kind)
        if kinds:
            facts.append(Text(kinds, self.part("muted")))
        return Facts(tuple(facts), Text("   "))

    def _addresses(self, article: Article, width: int) -> Iterator[Paragraph]:
        seen: dict[str, str] = {}
        for field, url in article.urls.named():
            name = _URL_NAMES[field]
            if url in seen:
                yield self._labelled(name, Text(f"same as {seen[url]}", self.part("muted")))
                continue
            seen[url] = name
            yield self._labelled(name, self._address(url, width))
            yield from self._verdict(url)
        if not article.urls.named():
            yield self._labelled("URL", Text("none", self.part("warning")))

    def _address(self, url: str, width: int) -> Text:
        line = Text("\n".join(url_lines(shown_middle(url), width)))
        usable = reader_url(url)
        if not usable:
            line.stylize(self.part("bad"))
            line.append("  not a URL", self.part("bad"))
            return line
        host = host_of(usable)
        if not host.isascii():
            line.append(f"  ({_punycode(host)})", self.part("warning"))
        # The URL is passed as data, never as part of an action's text.
        line.stylize(Style.from_meta({"@click": ("screen.open_url", (usable,))}))
        return line

    def _verdict(self, url: str) -> Iterator[Labelled]:
        key = url_key(url)
        if key in self._pending:
            yield self._labelled("", Text("checking …", self.part("muted")))
        elif outcome := self._verdicts.get(key):
            yield self._labelled("", self._outcome(outcome))

    def _outcome(self, outcome: Outcome) -> Text:
        """Return verdict, reason, new URL if it moved, and when it was checked."""
        glyph, part = VERDICT_DISPLAYS[outcome.verdict]
        line = Text(f"{glyph} {outcome.verdict.value}", self.part(part))
        line.append(f"  {shown(outcome.reason)}", self.part("muted"))
        if outcome.verdict is Verdict.MOVED and outcome.final_url:
            line.append(f" → {shown(outcome.final_url)}")
        line.append(f" · checked {age_in_words(outcome.checked_at)}", self.part("muted"))
        if outcome.archived_url:
            line.append(f" · a copy: {shown(outcome.archived_url)}", self.part("muted"))
        return line

    def _other_links(self, article: Article, width: int) -> Iterator[Paragraph]:
        """Yield the related and body links with problems, which explain the badge in the list."""
        own = {url_key(url) for _, url in article.urls.named()}
        found = {
            key: link
            for link in self._links
            if (key := url_key(link.url)) not in own
            and (outcome := self._verdicts.get(key)) is not None
            and outcome.verdict is not Verdict.ALIVE
        }
        for number, (key, link) in enumerate(found.items()):
            if number == MAX_LINKS:
                more = f"and {counted(len(found) - number, 'more link')} with a verdict"
                message = f"{more}; {self._results_key} lists them"
                yield self._labelled("", Text(message, self.part("muted")))
                return
            place = "body" if link.index is None else f"related {link.index + 1}"
            lines = url_lines(shown_middle(link.url), width)
            yield self._labelled(place, Text("\n".join(lines)))
            yield self._labelled("", self._outcome(self._verdicts[key]))

    def _images(self, article: Article, width: int) -> Iterator[Paragraph]:
        for number, image in enumerate(article.images[:6]):
            size = (
                f"{image.width}×{image.height}" if image.width and image.height else "size unknown"
            )
            facts = [size, "cached" if image.is_cached else "", shown(image.title)]
            text = Text(" · ".join(fact for fact in facts if fact))
            text.append(f"  {shown(host_of(image.url) or image.url)}", self.part("muted"))
            text.truncate(max(10, width - _LABEL_WIDTH), overflow="ellipsis")
            yield self._labelled("" if number else "Image", text)
            if self._picture is not None and self._picture.url == image.url and not number:
                yield from self._no_picture(self._picture)
        if len(article.images) > 6:
            more = counted(len(article.images) - 6, "more image")
            yield self._labelled("", Text(f"and {more}", self.part("muted")))

    def _no_picture(self, picture: Picture) -> Iterator[Labelled]:
        if picture.reason:
            text = f"no image: {shown(picture.reason)}"
            yield self._labelled("", Text(text, self.part("warning")))

    def _rest(self, article: Article) -> Iterator[Paragraph]:
        if article.featured_content:
            text = shown(article.featured_content)
            yield self._labelled("Embeds", Text(text[:200] + "…" * (len(text) > 200)))
        if article.secured:
            form = "well formed" if article.secured.well_formed else "not well formed"
            yield self._labelled("Secured", Text(f"{article.secured.bytes:,} bytes, {form}"))
        for name, value in islice(article.other.items(), MAX_ITEMS):
            text = shown(value if isinstance(value, str) else _as_json(value))
            label: str = shown(name)
            value_text = Text(text[:300] + "…" * (len(text) > 300))
            if len(label) >= _LABEL_WIDTH:
                yield Text(label, self.part("muted"))
                label = ""
            yield self._labelled(label, value_text)
        if len(article.other) > MAX_ITEMS:
            more = counted(len(article.other) - MAX_ITEMS, "more field")
            yield self._labelled("", Text(f"and {more}", self.part("muted")))

    # -- the body --------------------------------------------------------------------------

    def _body_lines(self, width: int) -> list[Strip]:
        """Return the lines of the body; a long one is laid out by a thread first."""
        article = self._article
        if article is None or not article.body.strip():
            return []
        wanted = (body_text(article.body), width, self._body_look())
        known, lines = self._body
        if known == wanted:
            return lines
        if len(wanted[0]) <= MAX_BODY_AT_ONCE:
            self._body = (wanted, body_strips(*wanted, self._edit_key))
            return self._body[1]
        self._wanted_body = wanted
        if not self._is_laying_out:
            self._is_laying_out = True
            self._lay_out_body(wanted)
        return [Strip.blank(0), Strip([Segment(" Laying out the body …", self.part("muted"))])]

    @work(thread=True, group="body", exit_on_error=False)
    def _lay_out_body(self, wanted: BodyWanted) -> None:
        lines: list[Strip] = []
        try:
            lines = body_strips(*wanted, self._edit_key)
        finally:
            self.post_message(self.BodyLaidOut(wanted, lines))

    def on_article_view_body_laid_out(self, message: BodyLaidOut) -> None:
        """Show the body, or lay out the one that is shown now."""
        self._is_laying_out = False
        self._body = (message.wanted, message.lines)
        if self._wanted_body is not None:
            self._wanted_body = None
            self._draw()

    def _body_look(self) -> BodyLook:
        muted = self.part("muted")
        styles = body_styles(self.part("match").without_color, self.part("strong"), muted)
        # Named colours: code uses those of the theme.
        code_theme = "ansi_dark" if self.app.current_theme.dark else "ansi_light"
        return BodyLook(styles, code_theme, muted)


def _wrapped(paragraph: Paragraph, width: int, console: Console) -> Iterator[Text]:
    """Yield the lines of a paragraph; further lines of a labelled one are indented."""
    if isinstance(paragraph, Facts):
        yield from _flowed(paragraph, width, console)
        return
    text, label, indent = paragraph, None, 0
    if isinstance(paragraph, Labelled):
        text, label, indent = paragraph.value, paragraph.label, _LABEL_WIDTH
    assert isinstance(text, Text)
    lines = text.wrap(console, width - indent, overflow="fold") if text.plain else [text]
    for number, line in enumerate(lines):
        start = label if label is not None and number == 0 else Text(" " * indent)
        yield Text.assemble(start, line)


def _flowed(facts: Facts, width: int, console: Console) -> Iterator[Text]:
    """Yield lines with as many facts as fit; a fact is broken only if it exceeds a line."""
    line = Text()
    for fact in facts.facts:
        if line.plain and line.cell_len + facts.gap.cell_len + fact.cell_len > width:
            yield from cast("list[Text]", list(line.wrap(console, width, overflow="fold")))
            line = Text()
        line = Text.assemble(line, facts.gap, fact) if line.plain else fact
    if line.plain:
        yield from cast("list[Text]", list(line.wrap(console, width, overflow="fold")))


def _listed(names: Sequence[str]) -> str:
    """Return names separated by dots, the first ones of a long list."""
    text = " · ".join(shown(name) for name in names[:MAX_ITEMS])
    more = len(names) - MAX_ITEMS
    return f"{shown(text)} and {more:,} more" if more > 0 else shown(text)


def _date(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%b %Y %H:%M} UTC" if moment else "no date"


def _day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%b %Y}" if moment else ""


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _punycode(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "no valid host name"
