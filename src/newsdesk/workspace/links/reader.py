"""Read the links of one article's file, with the lines on which they stand."""

from __future__ import annotations

from pathlib import Path

from newsdesk.collection import files
from newsdesk.collection.article import Article
from newsdesk.collection.parser import read_article
from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.links.cache import FileLinks
from newsdesk.links.extract import Link, links_of
from newsdesk.links.policy import Policy

_READING_VERSION = 2  # another number lets files be read again by new rules of what is a link


def links_to_check(article: Article, policy: Policy, source: bytes = b"") -> list[Link]:
    """Return the links of an article that the policy checks; `source` finds their lines."""
    return [link for link in links_of(article, policy.fields, source) if policy.includes(link.url)]


def read_links(
    root: Path, path: str, policy: Policy, profile: Profile = JEKYLL
) -> tuple[Article, FileLinks]:
    """Read an article and its links with their lines; raises OSError."""
    source = files.read(root, path)
    article = read_article(path, source.content, profile, truncated=source.truncated)
    links = links_to_check(article, policy, source.content)
    return article, FileLinks(path, stamp_of(source.fingerprint), links)


def stamp_of(fingerprint: files.Fingerprint) -> str:
    """Return a text that is equal for equal files read by the same rules, without reading."""
    return ":".join(map(str, (_READING_VERSION, *fingerprint)))
