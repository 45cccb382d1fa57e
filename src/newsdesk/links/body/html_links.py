"""Find the links in HTML within a body."""

from __future__ import annotations

import contextlib
import re
from html.entities import html5
from html.parser import HTMLParser

from newsdesk.links.body.bare_url import START, bare_urls

_LINKED = re.compile(rf"\b(?:href|src)\s*=|{START}", re.I)
# Text in these is code, or the label of a link with its own URL.
_NO_TEXT = frozenset({"a", "code", "kbd", "pre", "samp", "script", "style", "textarea", "tt"})
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*)(?=([=;]?))")


Found = tuple[str, int, bool]  # URL, 0-based line, whether it is an image


def links_of_html(html: str) -> list[Found]:
    """Return each `href`, `src` and bare URL of an HTML fragment, which may be incomplete.

    Lines are counted from the start of the fragment.
    """
    if not _LINKED.search(html):
        return []
    parser = _LinkParser()
    # The library raises AssertionError for some declarations; links before them are kept.
    with contextlib.suppress(AssertionError):
        parser.feed(_NAMED.sub(_escaped_name, html))
    return parser.found


class _LinkParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[Found] = []
        self._open: list[str] = []  # elements whose text is not read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links of one start tag."""
        line = self.getpos()[0] - 1
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.found.append((value.strip(), line, tag == "img"))
        if tag in _NO_TEXT and tag not in self._open:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links of a self-closing tag, which HTML treats as a start tag."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Record the end of code or of a link."""
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        """Collect the bare URLs of text."""
        if self._open:
            return
        for url, offset in bare_urls(data):
            line = self.getpos()[0] - 1 + data.count("\n", 0, offset)
            self.found.append((url, line, False))


def _escaped_name(match: re.Match[str]) -> str:
    """Keep `&section=` unchanged: a name before `=` or a letter needs a semicolon.

    HTML Standard, 13.2.5.73 (named character reference state).
    """
    name, follows = match[1], match[2]
    if follows == ";":
        return match[0] if f"{name};" in html5 else f"&amp;{name}"
    return f"&amp;{name}" if follows == "=" or name not in html5 else match[0]
