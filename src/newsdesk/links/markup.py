"""Find the links of a Markdown body, HTML included, in time that grows with its length only."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*$", re.M)
_CODE_TICKS = re.compile(r"`+")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9-]*)(\s[^<>]*)?>")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>")
_BRACKETS = re.compile(r"\\.|!\[|\[|\]\(|\]", re.S)
_DEFINITION = re.compile(
    r"^ {0,3}\[[^\]\n]{1,999}\]:[ \t]*(?:\n[ \t]*)?(?:<([^<>\n]*)>|(\S+))", re.M
)
_BARE = re.compile(r"(?<![\w/])https?://(?:[^\s<>\"`\x00\]]|\](?!\()){1,8000}", re.I)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TRAILING = "?!.,:;*_~'\"|"
_DEEPEST = 8  # parentheses in a destination; CommonMark asks for three


@dataclass(frozen=True, slots=True)
class Mention:
    """An address as a body has it, with its offset in characters."""

    url: str
    offset: int
    is_image: bool = False


def mentions(body: str) -> list[Mention]:
    """Return the addresses that a body links to, in their order; code is no link."""
    text = _without_code(body)
    found: list[Mention] = []
    text = _taken(text, _TAG, found, _from_tag)
    text = _taken(text, _AUTOLINK, found, _from_autolink)
    text = _inline(text, found)
    text = _taken(text, _DEFINITION, found, _from_definition)
    for match in _BARE.finditer(text):
        found.append(Mention(_trimmed(match[0]), match.start()))
    return sorted(found, key=lambda mention: mention.offset)


def _blank(text: str) -> str:
    return re.sub(r"[^\n\r]", "\x00", text)


def _without_code(text: str) -> str:
    """Blank out comments, fenced blocks and code spans; every offset stays."""
    if "<!--" in text:
        # Without an end there is no comment, and looking for one again would cost.
        end = text.rfind("-->") + 3
        text = _COMMENT.sub(lambda match: _blank(match[0]), text[:end]) + text[end:]
    if "`" not in text and "~~~" not in text:
        return text
    pieces = []
    at = 0
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            if fence[1][0] == "`" and "`" in fence[0].lstrip(" ").lstrip("`"):
                continue  # a code span at the beginning of a line
            pieces.append(_without_spans(text[at : fence.start()]))
            opened = fence
            at = fence.start()
        elif fence[0].strip() == fence[1] and fence[1].startswith(opened[1]):
            pieces.append(_blank(text[at : fence.end()]))
            opened = None
            at = fence.end()
    pieces.append(_without_spans(text[at:]) if opened is None else _blank(text[at:]))
    return "".join(pieces)


def _without_spans(text: str) -> str:
    """Blank out what stands between two runs of equally many backticks."""
    runs = list(_CODE_TICKS.finditer(text))
    last_of_length = {len(run[0]): run.start() for run in runs}
    pieces = []
    at = 0
    opened: re.Match[str] | None = None
    for run in runs:
        if opened is None:
            if run.start() >= at and last_of_length[len(run[0])] > run.start():
                opened = run
        elif len(run[0]) == len(opened[0]):
            pieces += [text[at : opened.start()], _blank(text[opened.start() : run.end()])]
            at = run.end()
            opened = None
    return "".join([*pieces, text[at:]])


def _taken(
    text: str,
    pattern: re.Pattern[str],
    found: list[Mention],
    read: Callable[[re.Match[str]], Iterator[Mention]],
) -> str:
    """Read every match into `found` and blank it out, so that nothing is found twice."""

    def take(match: re.Match[str]) -> str:
        found.extend(read(match))
        return _blank(match[0])

    return pattern.sub(take, text)


def _from_tag(match: re.Match[str]) -> Iterator[Mention]:
    for attribute in _ATTRIBUTE.finditer(match[2] or ""):
        value = html.unescape(attribute[2] or attribute[3] or attribute[4] or "").strip()
        is_image = match[1].lower() == "img"
        yield Mention(value, match.start(2) + attribute.start(), is_image)


def _from_autolink(match: re.Match[str]) -> Iterator[Mention]:
    yield Mention(html.unescape(match[1]), match.start())


def _from_definition(match: re.Match[str]) -> Iterator[Mention]:
    yield Mention(_plain(match[1] or match[2] or ""), match.start())


def _inline(text: str, found: list[Mention]) -> str:
    """Read `[text](address)` and `![text](address)`."""
    pieces = []
    at = 0
    opened: list[bool] = []  # for each open bracket, whether it is an image's
    position = 0
    while (token := _BRACKETS.search(text, position)) is not None:
        position = token.end()
        if token[0] in ("[", "!["):
            opened.append(token[0] == "![")
        elif token[0][0] == "]" and opened:
            is_image = opened.pop()
            if token[0] == "](":
                url, end = _destination(text, token.end())
                if end:
                    found.append(Mention(url, token.end(), is_image))
                    pieces += [text[at : token.end()], _blank(text[token.end() : end])]
                    at = position = end
    return "".join([*pieces, text[at:]])


def _destination(text: str, start: int) -> tuple[str, int]:
    """Return the destination that begins at `start` and where it ends; 0 if there is none."""
    while start < len(text) and text[start] in " \t\n":
        start += 1
    if text[start : start + 1] == "<":
        end = text.find(">", start, start + 8_000)
        return (_plain(text[start + 1 : end]), end + 1) if end > 0 else ("", 0)
    depth = 0
    at = start
    while at < len(text) and at - start < 8_000:
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            if depth == 0:
                break
            depth -= 1
        elif char <= " ":
            break
        if depth > _DEEPEST:
            return "", 0
        at += 1
    return _plain(text[start:at]), at


def _plain(url: str) -> str:
    return html.unescape(_ESCAPED.sub(r"\1", url)).strip()


def _trimmed(url: str) -> str:
    """Cut what belongs to the sentence, as GitHub's autolinks do."""
    end = len(url)
    too_many = url.count(")") - url.count("(")
    has_bracket = "[" in url
    while end:
        last = url[end - 1]
        if last == ")" and too_many > 0:
            too_many -= 1
        elif last not in _TRAILING and (last != "]" or has_bracket):
            break
        end -= 1
    return html.unescape(url[:end])
