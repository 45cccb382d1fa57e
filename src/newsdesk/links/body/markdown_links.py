"""Find the links of a body: CommonMark, HTML, Liquid and shortcodes.

The time is bounded. Templates, bare URLs and HTML take time linear in the length, which is at
most `block.MAX_BODY`. The extra cost of Markdown (brackets, tags and lines that start nothing) is
counted against a budget; once it is spent, only bare URLs are found.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdesk.links.body.templates import without_templates

if TYPE_CHECKING:
    from newsdesk.links.body.commonmark import LinkReader

# A scheme, two slashes, or an encoded form of one: `http&#58;//`, `http\://`, `www.`.
_MAY_HOLD_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]|//|www\.|&(?:#|colon|sol)|\\[:/]", re.I)
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A URL in a body, as written there, with its 0-based line."""

    url: str
    line: int
    is_image: bool = False


def mentions(body: str) -> list[Mention]:
    """Return the links of a body in the order of lines; URLs in code are not links.

    A reference link has the line of its definition. Unused definitions and footnotes are not
    shown, so they are not links.
    """
    if not _MAY_HOLD_URL.search(body):
        return []
    cut = without_templates(_LINE_END.sub("\n", body).replace("\0", "\ufffd"))
    found = [Mention(each.url, each.line, each.is_image) for each in cut.arguments]
    found += [Mention(*each) for each in _reader().read(cut.text)]
    return sorted(found, key=lambda mention: mention.line)


@functools.cache
def _reader() -> LinkReader:
    from newsdesk.links.body.commonmark import LinkReader

    return LinkReader()
