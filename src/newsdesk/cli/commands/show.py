"""`newsdesk show`: print one article with all its fields."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping

from newsdesk.cli.arguments import Parser, add_common, add_json, add_nul
from newsdesk.cli.formats import article_json, path_here, plain, to_json
from newsdesk.cli.output import Output, terminal_width
from newsdesk.cli.paths import reasons_not_articles, resolved_paths
from newsdesk.cli.session import opened, refresh_index
from newsdesk.cli.table import STATUS_GLYPHS, STATUS_STYLES
from newsdesk.collection.article import Article, Related
from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.text import age_in_words, counted, number_text, shown, shown_block

_MAX_COLUMNS = 100  # longer lines are hard to read
_NAME_CELLS = 14  # width of a field name


def parser_of(name: str) -> Parser:
    """Return the parser of `show`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print one article with all its fields, its related entries and its body.",
        (
            ("newsdesk show _news/2020-11-18-marigold.md", "as text"),
            ("newsdesk show _news/2020-11-18-marigold.md --json", "for another program"),
            ("newsdesk list --limit 1 --paths | newsdesk show -", "the hottest article"),
        ),
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        help="the article, relative to the current folder, or to the collection with -C; - reads "
        "the path from standard input, relative to the collection",
    )
    add_nul(parser)
    add_json(parser, "the article")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print the article; return 0. Raises `NewsdeskError` if the path is not an article."""
    with opened(arguments, output) as workspace:
        paths = resolved_paths(workspace.config, [arguments.path], is_nul=arguments.is_nul)
        if len(paths) != 1:
            raise UsageError(f"show prints one article, not {len(paths)}.", "Give one path.")
        refresh_index(workspace, output)
        (path,) = paths
        for reason in reasons_not_articles(workspace, [path]).values():
            raise NewsdeskError(reason)
        article = workspace.article(path)
        path_of = workspace.paths_of_related(article)
    if arguments.json:
        output.raw_line(to_json(article_json(article, path_of), indent=2))
    else:
        for line in _lines(article, path_of, output):
            output.line(line)
    return 0


def _lines(article: Article, path_of: Mapping[str, str], output: Output) -> Iterator[str]:
    width = min(terminal_width(), _MAX_COLUMNS) if output.is_terminal else _MAX_COLUMNS
    yield from (output.paint(line, "bold") for line in _wrapped(article.title, width))
    yield output.paint(shown(article.path), "dim")
    yield ""
    for name, text, style in _facts(article, has_signs=output.wants_table):
        label = output.paint(f"{name:<{_NAME_CELLS}}", "dim")
        yield f"{label}{output.paint(text, style) if style else text}".rstrip()
    if article.excerpt.strip():
        yield ""
        yield from _wrapped(article.excerpt, width)
    if article.related:
        yield ""
        yield output.paint("related", "dim")
        for entry in article.related:
            yield from _related_lines(entry, path_of)
    if article.body.strip():
        yield ""
        yield from shown_block(article.body.strip("\r\n")).split("\n")


def _facts(article: Article, *, has_signs: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (name, text that is safe to show, style) of every field that has a value.

    `has_signs` adds the status glyph, which screen readers cannot read, before the word.
    """
    status = article.status
    sign = f"{STATUS_GLYPHS[status]} " if has_signs else ""
    yield "status", f"{sign}{status.value}", STATUS_STYLES[status]
    for problem in article.problems:
        yield "problem", shown(problem), "red"
    yield "quality", _number(article.quality), ""
    yield "heat", _number(article.heat), ""
    for name, moment in (("published", article.published_at), ("updated", article.updated_at)):
        if moment is not None:
            text = f"{moment:%Y-%m-%d %H:%M} UTC, {age_in_words(moment)}"
            yield name, text, ""
    provider = " · ".join(filter(None, (article.provider.name, article.provider.domain)))
    for name, value in (
        ("provider", provider),
        ("topics", ", ".join(article.topics)),
        ("category", article.category),
        ("type", article.type),
    ):
        if value.strip():
            yield name, shown(value), ""
    for name, url in article.urls.named():
        yield name, shown(url), ""
    for image in article.images:
        size = f"{image.width}×{image.height}" if image.width or image.height else "size unknown"
        cached = ", cached" if image.is_cached else ""
        yield "image", f"{shown(image.url)} ({size}{cached})", ""
    if article.secured:
        shape = "" if article.secured.well_formed else ", not well formed"
        yield "secured", f"{counted(article.secured.bytes, 'byte')}{shape}", ""
    if article.featured_content:
        yield "featured", shown(article.featured_content), ""
    for field, other in article.other.items():
        text = other if isinstance(other, str) else to_json(plain(other))
        yield shown(field)[: _NAME_CELLS - 1], shown(text), ""


def _related_lines(entry: Related, path_of: Mapping[str, str]) -> Iterator[str]:
    date = "" if entry.published_at is None else f"{entry.published_at:%Y-%m-%d}"
    parts = [shown(entry.provider.label), date]
    if entry.quality is not None:
        parts.append(f"quality {number_text(entry.quality)}")
    yield f"  {shown(entry.title)} ({', '.join(filter(None, parts))})"
    if path := path_here(entry, path_of):
        yield f"    here: {shown(path)}"
    elif url := entry.urls.best:
        yield f"    {shown(url)}"


def _number(value: float | None) -> str:
    return "none" if value is None else number_text(value)


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(shown(text), width, break_long_words=False, break_on_hyphens=False)
