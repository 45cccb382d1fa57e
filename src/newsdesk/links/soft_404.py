"""Ask on where a verdict alone does not tell: is the page real, is there a copy of a dead one?"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol
from urllib.parse import quote

from newsdesk.collection.urls import reader_url
from newsdesk.links.failure import RequestFailed
from newsdesk.links.http.url import Target, parse
from newsdesk.links.verdict import Outcome, are_similar_pages, ends_on_home_page


class Page(Protocol):
    """What a second look reads; `transport.HttpResponse` is one."""

    @property
    def status(self) -> int: ...  # noqa: D102

    @property
    def body(self) -> bytes: ...  # noqa: D102


SendRequest = Callable[[str, Target], Awaitable[Page]]
"""Method and target in, a page out; raises `RequestFailed`."""


async def suspicion(outcome: Outcome, ask: SendRequest, catch_all_folders: dict[str, bool]) -> str:
    """Return why a page that is there may not be the one that is cited; empty if it seems real.

    `catch_all_folders` remembers which folders of a site answer whatever is asked for, so that
    a real one is found out with one question.
    """
    if ends_on_home_page(outcome.url, outcome.final_url):
        return "it ends on the home page"
    try:
        target = parse(outcome.final_url)
        folder = target.path.partition("?")[0].rpartition("/")[0]
        if target.path == "/" or catch_all_folders.get(target.origin + folder) is False:
            return ""
        sibling = replace(target, path=f"{folder}/{secrets.token_hex(8)}")
        other = await ask("GET", sibling)
        catch_all_folders[target.origin + folder] = 200 <= other.status < 300
        if not 200 <= other.status < 300:
            return ""
        page = await ask("GET", target)
    except RequestFailed:
        return ""  # no proof, no suspicion
    if are_similar_pages(page.body, other.body):
        return "an address that cannot exist answers with the same page"
    return ""


async def find_archived_copy(url: str, api: str, ask: SendRequest) -> str:
    """Return the address of a web archive's copy of a page, or empty.

    `api` is the beginning of an address that takes the page's own, as archive.org's
    "Wayback Availability JSON API" does.
    """
    try:
        answer = await ask("GET", parse(api + quote(url, safe="")))
        told = json.loads(answer.body)
        copy = str(told["archived_snapshots"]["closest"]["url"])
    except (RequestFailed, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return reader_url(copy)
