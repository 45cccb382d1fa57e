"""Detect error pages with status 200, and find archived copies of dead pages."""

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
    """The part of `transport.HttpResponse` that these checks read."""

    @property
    def status(self) -> int: ...  # noqa: D102

    @property
    def body(self) -> bytes: ...  # noqa: D102


SendRequest = Callable[[str, Target], Awaitable[Page]]
"""Takes a method and a target, returns a page; raises `RequestFailed`."""


async def suspicion(outcome: Outcome, send: SendRequest, catch_all_folders: dict[str, bool]) -> str:
    """Return why an existing page may not be the one that is cited, or empty.

    `catch_all_folders` caches which folders of a site return a page for any path, so that a
    page in another folder costs one request.
    """
    if ends_on_home_page(outcome.url, outcome.final_url):
        return "redirects to the home page"
    try:
        target = parse(outcome.final_url)
        folder = target.path.partition("?")[0].rpartition("/")[0]
        if target.path == "/" or catch_all_folders.get(target.origin + folder) is False:
            return ""
        sibling = replace(target, path=f"{folder}/{secrets.token_hex(8)}")
        other = await send("GET", sibling)
        catch_all_folders[target.origin + folder] = 200 <= other.status < 300
        if not 200 <= other.status < 300:
            return ""
        page = await send("GET", target)
    except RequestFailed:
        return ""  # without proof the verdict stays
    if are_similar_pages(page.body, other.body):
        return "a URL that cannot exist returns the same page"
    return ""


async def find_archived_copy(url: str, api: str, send: SendRequest) -> str:
    """Return the URL of a web archive's copy of a page, or empty.

    `api` is a URL to which the percent-encoded URL of the page is appended, as archive.org's
    "Wayback Availability JSON API" expects it.
    """
    try:
        response = await send("GET", parse(api + quote(url, safe="")))
        data = json.loads(response.body)
        copy = str(data["archived_snapshots"]["closest"]["url"])
    except (RequestFailed, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return reader_url(copy)
