"""Read the links of one article's file with their lines."""

from __future__ import annotations

from pathlib import Path

from newsdesk.collection import files
from newsdesk.collection.article import Article
from newsdesk.collection.parser import read_article
from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.links.cache import FileLinks
from newsdesk.links.extract import Link, links_of
from newsdesk.links.policy import Policy

_READING_VERSION = 2  # a new number makes files be reread by new link rules


def links_to_check(article: Article, policy: Policy, source: bytes = b"") -> list[Link]:
    """Return the links of an article that the policy includes; `source` gives their lines."""
    return [link for link in links_of(article, policy.fields, source) if policy.includes(link.url)]


def read_links(
    root: Path, path: str, policy: Policy, profile: Profile = JEKYLL
) -> tuple[Article, FileLinks]:
    """Read an article and its links with their lines; raises `OSError`."""
    source = files.read(root, path)
    article = read_article(path, source.content, profile, truncated=source.truncated)
    links = links_to_check(article, policy, source.content)
    return article, FileLinks(path, stamp_of(source.fingerprint), links)


def stamp_of(fingerprint: files.Fingerprint) -> str:
    """Return a text that is equal for equal files read by the same link rules."""
    return ":".join(map(str, (_READING_VERSION, *fingerprint)))
