"""Find the links of Markdown with markdown-it.

Emphasis, headings and the like are not parsed: they change no link and take half of the time.

This module imports markdown-it; import it only where a body is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, autolink, html_inline, image, link
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from newsdesk.links.body import bare_url
from newsdesk.links.body.html_links import Found, links_of_html
from newsdesk.links.body.templates import LINE, first_lines

Rule = Callable[[StateInline, bool], bool]

_MAX_NESTING = 20  # of lists, quotations, brackets, as in the library's own CommonMark setting
# The budget of one text, in units of about a microsecond: large real texts use half of it.
_BUDGET = 100_000
_BUDGET_PER_CHARACTER = 2
_LOOK_AHEAD, _UNMATCHED, _BLOCK = 1, 25, 25
_NEEDS_READING = re.compile(r"[\[<]|://|www\.", re.I)
_STOP = re.compile(rf"[\\`\[\]!<]|{bare_url.START}", re.I)
# A line that starts with one of these may end a paragraph, or make it a heading or a table.
_MARKS = frozenset("`~>#*+-=_<[|:0123456789")
# kramdown's attribute for Markdown inside a tag.
_AS_MARKDOWN = re.compile(r"<[^<>]*\smarkdown\s*=\s*[\"']?(?:1|block|span)\b", re.I)
_CODE_TAG = re.compile(r"<(/?)(?:code|pre|kbd|samp|tt|var|script|style|textarea)[\s>/]", re.I)


class TooCostlyError(Exception):
    """Reading a text takes longer than its length allows."""


def _spend(env: MutableMapping[str, Any], cost: int) -> None:
    env["budget"] -= cost
    if env["budget"] < 0:
        raise TooCostlyError


class _BoundedInline(ParserInline):
    """An inline parser that stops at brackets which would take quadratic time."""

    def skipToken(self, state: StateInline) -> None:  # noqa: N802  # the library's name
        _spend(state.env, _LOOK_AHEAD)
        super().skipToken(state)


class LinkReader:
    """Finds the links of Markdown texts; one instance can be used by all threads."""

    def __init__(self) -> None:
        markdown = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING, "store_labels": True})
        markdown.inline = _BoundedInline()
        markdown.enable("table")
        markdown.use(footnote_plugin, inline=False, move_to_end=False)
        rules = ["text", "escape", "backticks", "link", "image", "footnote_ref"]
        markdown.inline.ruler.enableOnly([*rules, "autolink", "html_inline"])
        markdown.inline.ruler.push("unmatched", _unmatched)
        markdown.inline.ruler2.enableOnly([])
        for name, rule in (("link", link), ("image", image), ("autolink", autolink)):
            markdown.inline.ruler.at(name, _with_offset(rule))
        markdown.inline.ruler.at("text", _text_or_bare_url)
        markdown.inline.ruler.at("html_inline", _html_tag)
        markdown.block.ruler.before("table", "plain_paragraph", _plain_paragraph)
        chains = ["paragraph", "reference", "blockquote", "list"]
        markdown.block.ruler.before("plain_paragraph", "spend", _block, {"alt": chains})
        # URLs are returned as they are written; the caller decides which of them to check.
        markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]
        markdown.validateLink = lambda url: True  # type: ignore[method-assign]
        self._markdown = markdown

    def read(self, text: str) -> Iterator[Found]:
        """Yield all links of a text without templates, with their lines in the body.

        URLs in code, and definitions that are never used, are not links. In blocks that exceed
        the budget only bare URLs are found.
        """
        env: dict[str, Any] = {"budget": _BUDGET + _BUDGET_PER_CHARACTER * len(text)}
        line_of = first_lines(text)
        tokens: list[Token] = []
        try:
            self._markdown.block.parse(text, self._markdown, env, tokens)
        except TooCostlyError:
            yield from _bare_urls(text, 0)
            return
        in_notes: dict[str, list[Found]] = {}
        note: str | None = None
        line = 0
        for token in tokens:
            line = token.map[0] if token.map else line
            if token.type == "footnote_reference_open":
                note = token.meta["label"]
            elif token.type == "footnote_reference_close":
                note = None
            elif token.type in ("inline", "html_block"):
                links = self._links(token, line, env, line_of)
                if note is None:
                    yield from links
                else:
                    in_notes.setdefault(note, []).extend(links)
        shown = env.get("footnotes", {}).get("refs", {})
        for label, links in in_notes.items():
            if shown.get(f":{label}", -1) >= 0:
                yield from links

    def _links(
        self, block: Token, line: int, env: dict[str, Any], line_of: Sequence[int]
    ) -> list[Found]:
        text = block.content
        if block.type == "html_block" and not _AS_MARKDOWN.search(text):
            return [
                (url, line_of[line + at], is_image) for url, at, is_image in links_of_html(text)
            ]
        if not _NEEDS_READING.search(text):
            return []
        tokens: list[Token] = []
        try:
            self._markdown.inline.parse(text, self._markdown, env, tokens)
        except TooCostlyError:
            return list(_bare_urls(text, line_of[line]))
        lines = _Lines(text, line_of[line])
        links: list[Found] = []
        for token in sorted((each for each in tokens if "at" in each.meta), key=_offset):
            if token.type == "html_inline":
                found = links_of_html(token.content)
                links += [(url, lines.at(_offset(token)), is_image) for url, _, is_image in found]
            else:
                url = str(token.attrs["src" if token.type == "image" else "href"])
                label = token.meta.get("label")
                at = lines.at(_offset(token))
                if label:
                    at = line_of[env["references"][label]["map"][0]]
                links.append((url, at, token.type == "image"))
        return links


def _offset(token: Token) -> int:
    return int(token.meta["at"])


def _bare_urls(text: str, line: int) -> Iterator[Found]:
    lines = _Lines(text, line)
    for url, offset in bare_url.bare_urls(text):
        yield url, lines.at(offset), False


class _Lines:
    """Counts lines up to increasing offsets."""

    def __init__(self, text: str, line: int) -> None:
        self._text, self._line, self._counted = text, line, 0

    def at(self, offset: int) -> int:
        """Return the line of an offset, which must not be less than the one before."""
        for line_end in ("\n", LINE):
            self._line += self._text.count(line_end, self._counted, offset)
        self._counted = offset
        return self._line


def _with_offset(rule: Rule) -> Rule:
    """Wrap a rule so that its token stores the offset of the URL."""

    def with_offset(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if not silent:
            target = state.src.rfind("](", start, state.pos)
            for token in state.tokens[before:]:
                if token.type in ("link_open", "image"):
                    token.meta["at"] = target + 2 if target >= 0 else start
                    break
        return True

    return with_offset


def _html_tag(state: StateInline, silent: bool) -> bool:
    """Parse one tag; text in `<code>` and similar elements is not searched for URLs."""
    start, level = state.pos, state.linkLevel
    if not html_inline(state, silent):
        return False
    _spend(state.env, _UNMATCHED)
    if not silent:
        state.tokens[-1].meta["at"] = start
        if match := _CODE_TAG.match(state.src, start, state.pos):
            state.linkLevel = level + (-1 if match[1] else 1)
        state.linkLevel = max(0, state.linkLevel)
    return True


def _text_or_bare_url(state: StateInline, silent: bool) -> bool:
    match = _STOP.search(state.src, state.pos, state.posMax)
    end = match.start() if match else state.posMax
    if match is not None and end == state.pos:
        if len(match[0]) == 1:
            return False
        end = match.end()
        if not silent and state.linkLevel == 0:
            url, length = bare_url.bare_url(state.src, state.pos, state.posMax)
            if length:
                token = Token("link_open", "a", 1)
                token.attrs = {"href": url}
                token.meta["at"] = state.pos
                state.tokens.append(token)
                end = state.pos + length
    state.pos = end
    return True


def _unmatched(state: StateInline, silent: bool) -> bool:
    """Charge for a mark that starts nothing, because the search for its end takes time."""
    _spend(state.env, _UNMATCHED)
    return False


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Charge for each line that is tried as the start of a block."""
    _spend(state.env, _BLOCK)
    return False


def _plain_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a paragraph without special line starts, which is faster than the library.

    All other paragraphs are parsed by the library.
    """
    if silent or state.is_code_block(start):
        return False
    src, line = state.src, start
    while line < end and not state.isEmpty(line):
        if (
            state.sCount[line] < state.blkIndent
            or src[state.bMarks[line] + state.tShift[line]] in _MARKS
        ):
            return False
        line += 1
    state.line = line
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, False)
    token.map = [start, line]
    return True
