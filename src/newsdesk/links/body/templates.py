"""Remove Liquid tags and Hugo shortcodes from a body, so that Markdown remains.

Jekyll runs Liquid and Hugo runs shortcodes before the Markdown is parsed, also within code. The
output of a tag is not known here. These rules apply:

- `{{ output }}`, and a tag within a line that prints something, become `UNKNOWN`: a URL that
  contains it is completed by the generator and cannot be checked.
- A tag alone on its line leaves a blank line; `if`, `for` and the like leave nothing.
- Text between opening and closing tags is Markdown, except in code and comments.
- A whole `http` URL as an argument (`{{< figure src="https://…" >}}`) is a link of the body, or an
  image of it as `src` of `figure`, `img`, `image` or `picture`. Other arguments are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

UNKNOWN = "\ufdd0"  # template output; texts do not contain this noncharacter
LINE = "\ufdd1"  # a line end inside a removed tag

_OPENING = re.compile(r"\{\{[<%]|\{\{|\{%")
_CLOSING = {"{{<": ">}}", "{{%": "%}}", "{{": "}}", "{%": "%}"}
_MAX_CONTEXT = 200  # characters examined around a tag, to bound the cost of long lines
_MAX_OUTPUT = 1_000  # characters, on one line: longer text is not Liquid
_RAW_END = re.compile(r"\{%-?\s*endraw\s*-?%\}")
_NAME = re.compile(r"[\s<%\-/]*([\w./-]*)")
_ARGUMENT = re.compile(
    r"""(?:(?<![\w-])([\w-]+)\s*=\s*)?(?:"(https?://[^"\s]+)"|'(https?://[^'\s]+)'"""
    r"""|`(https?://[^`\s]+)`|(?<![^\s=])(https?://[^\s"'`<>%{}]+))""",
    re.I,
)
_CODE = frozenset(
    "code code-block code-toggle codeblock comment highlight katex math mermaid".split()
)
_IMAGES = frozenset({"figure", "img", "image", "picture"})
# Liquid tags that print nothing themselves; all closing tags start with `end`.
_SILENT = re.compile(
    r"(?:end\w*|if|unless|elsif|else|case|when|for|tablerow|assign|capture|increment|decrement"
    r"|break|continue|cycle|raw|liquid|echo|#)$"
)


@dataclass(frozen=True, slots=True)
class Argument:
    """A URL among the arguments of a tag, with its 0-based line in the body."""

    url: str
    line: int
    is_image: bool


@dataclass(slots=True)
class Cut:
    """A body without its templates; each line end is kept, unchanged or as `LINE`."""

    text: str
    arguments: list[Argument] = field(default_factory=list)


def without_templates(body: str) -> Cut:
    """Return the Markdown of a body whose line ends are `\\n`, in time linear to its length."""
    body = body.replace(UNKNOWN, "\ufffd").replace(LINE, "\ufffd")
    if "{{" not in body and "{%" not in body:
        return Cut(body)
    cut = Cut("")
    pieces: list[str] = []
    at = line = counted = 0
    unclosed: set[str] = set()
    for opening, start, end in _tags(body):
        if start < at:
            continue  # inside removed code or a removed comment
        pieces.append(body[at:start])
        inner = body[start + len(opening) : end - len(_CLOSING[opening])]
        match = _NAME.match(inner)
        name = match[1] if match else ""
        is_comment = inner.startswith("/*")
        is_closing = opening != "{%" and inner.lstrip().startswith("/")
        line += body.count("\n", counted, start)
        counted = start
        at = end
        if opening != "{{" and not is_comment and not is_closing and not _SILENT.match(name):
            cut.arguments += _arguments(name, inner, line)
        is_open = not is_comment and not is_closing and not inner.rstrip().endswith("/")
        if is_open and name in _CODE and opening + name not in unclosed:
            at = _end_of_code(body, opening, name, end)
            if at == end:
                unclosed.add(opening + name)
        pieces.append(_replacement(body, opening, name, start, at))
    cut.text = "".join([*pieces, body[at:]])
    return cut


def first_lines(text: str) -> Sequence[int]:
    """Return the line of the body at which each line of a cut text starts."""
    lines = text.split("\n")
    if LINE not in text:
        return range(len(lines))
    return list(accumulate((1 + line.count(LINE) for line in lines), initial=0))


def _tags(body: str) -> Iterator[tuple[str, int, int]]:
    """Yield the opening, start and end of every tag outside `{% raw %}`."""
    ends: dict[str, int] = {}  # the next closing mark of each kind
    last_raw = body.rfind("endraw")
    position = 0
    while match := _OPENING.search(body, position):
        opening, start = match[0], match.start()
        position = match.end()
        closing = _CLOSING[opening]
        if ends.get(closing, 0) >= 0 and ends.get(closing, 0) < position:
            ends[closing] = body.find(closing, position)
        end = ends[closing]
        if end < 0 or (opening == "{{" and not _is_output(body, start, end)):
            continue
        position = end + len(closing)
        yield opening, start, position
        if opening == "{%" and last_raw > position and _is_raw(body[match.end() : end]):
            raw_end = _RAW_END.search(body, position)
            position = raw_end.start() if raw_end else position


def _is_output(body: str, start: int, end: int) -> bool:
    return end - start < _MAX_OUTPUT and "\n" not in body[start:end]


def _is_raw(inner: str) -> bool:
    return len(inner) < _MAX_CONTEXT and inner.strip("- \t") == "raw"


def _arguments(name: str, inner: str, line: int) -> Iterator[Argument]:
    shortcode = name.rpartition("/")[2].partition(".")[0]
    for match in _ARGUMENT.finditer(inner):
        url = match[2] or match[3] or match[4] or match[5]
        is_image = (match[1] or "src").lower() == "src" and shortcode in _IMAGES
        yield Argument(url, line + inner.count("\n", 0, match.start()), is_image)


def _end_of_code(body: str, opening: str, name: str, end: int) -> int:
    """Return the end of the tag that closes code or a comment, or `end` without one."""
    if opening == "{%":
        closing = re.compile(rf"\{{%-?\s*end{re.escape(name)}\s*-?%\}}").search(body, end)
    else:
        closing = re.compile(rf"\{{\{{[<%]\s*/\s*{re.escape(name)}\s*[>%]\}}\}}").search(body, end)
    return closing.end() if closing else end


def _replacement(body: str, opening: str, name: str, start: int, end: int) -> str:
    """Return the replacement of a tag in the text."""
    lines = body.count("\n", start, end)
    before = body[max(0, start - _MAX_CONTEXT) : start].rpartition("\n")[2]
    after = body[end : end + _MAX_CONTEXT].partition("\n")[0]
    if opening != "{{" and not before.strip() and not after.strip():
        return "\n" * lines
    is_silent = opening == "{%" and _SILENT.match(name)
    return ("" if is_silent else UNKNOWN) + LINE * lines
