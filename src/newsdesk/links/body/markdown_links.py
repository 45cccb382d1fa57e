"""Find the links of a body: Markdown as CommonMark reads it, HTML, Liquid and shortcodes.

How long a body takes is bounded. Templates, bare URLs and HTML are read in time linear to the
length, which is at most `frontmatter.MAX_BODY`. What Markdown costs beyond that (brackets, tags and
lines that begin nothing) is counted, and where the count is used up, bare URLs alone are read.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdesk.links.body.templates import without_templates

if TYPE_CHECKING:
    from newsdesk.links.body.commonmark import LinkReader

# A scheme, two slashes, or what might become one of them: `http&#58;//`, `http\://`, `www.`.
_MAY_HOLD_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]|//|www\.|&(?:#|colon|sol)|\\[:/]", re.I)
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Mention:
    """A URL as a body has it, with its 0-based line in the body."""

    url: str
    line: int
    is_image: bool = False


def mentions(body: str) -> list[Mention]:
    """Return the URLs that a body links to, line by line; code is no link.

    A link by reference has the line of its definition; a definition or a footnote that is never
    used is not shown, and so no link.
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
