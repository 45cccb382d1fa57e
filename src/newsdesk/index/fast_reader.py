"""Read the one shape that bots write in a single match; anything else is somebody else's job.

A whole parse of an article costs some 200 µs, most of it for parts that a list never shows. The
pattern below accepts only front matters whose meaning in YAML cannot be doubted: known fields in
the usual order, double-quoted text without a backslash, plain words, numbers, UTC times.
What it accepts therefore means the same as the whole parse would say (the tests compare the two);
what it does not accept is read whole.
"""

from __future__ import annotations

import functools
import re
from datetime import datetime

from newsdesk.collection.article import Status, as_number
from newsdesk.collection.files import Fingerprint
from newsdesk.collection.urls import reader_url
from newsdesk.index.schema import (
    HAS_BODY,
    HAS_IMAGE,
    HAS_RELATED,
    HAS_SECURED,
    HAS_URL,
    IS_MISLEADING,
    LISTED_URL,
    OWN_URL,
    STATUS_CODES,
    Record,
    content_key,
    names_as_text,
    page_key,
    urls_as_text,
)
from newsdesk.text import is_misleading

_LONGEST = 64 * 1024  # bytes; what bots write is a few KB

_QUOTED = r'"[^"\\\n]*+"'
# Begins with a letter and holds nothing that YAML could take for more than text. Words such
# as `no`, which mean something else, are told apart below.
_PLAIN = r"[A-Za-z](?:[^\n:#\"'\\]*[^\n:#\"'\\ \t])?"
_TEXT = rf"(?:{_QUOTED}|{_PLAIN})"
_NUMBER = r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_BOOLEAN = r"(?:true|false)"


def _image(indent: str) -> str:
    return (
        rf"{indent}- url: {_QUOTED}\n"
        rf"(?:{indent}  width: {_NUMBER}\n)?(?:{indent}  height: {_NUMBER}\n)?"
        rf"(?:{indent}  title: {_QUOTED}\n)?(?:{indent}  isCached: {_BOOLEAN}\n)?"
    )


_RELATED = (
    rf"  - title: {_QUOTED}\n(?:    excerpt: {_QUOTED}\n)?"
    rf"(?:    publishedDateTime: {_TIME}\n)?(?:    webUrl: {_QUOTED}\n)?"
    rf"(?:    ampWebUrl: {_QUOTED}\n)?(?:    cdnAmpWebUrl: {_QUOTED}\n)?(?:    type: {_TEXT}\n)?"
    rf"(?:    provider:\n      name: {_TEXT}\n      domain: {_TEXT}\n"
    rf"(?:      images:\n(?:{_image('        ')})+)?)?"
    rf"(?:    quality: {_NUMBER}\n)?(?:    images:\n(?:{_image('      ')})+)?"
)
_SHAPE = (
    rf"(?:category: (?P<category>{_PLAIN})\n)?"
    rf"title: (?P<title>{_QUOTED})\n"
    rf"(?:excerpt: (?P<excerpt>{_QUOTED})\n)?"
    rf"(?:publishedDateTime: (?P<published_at>{_TIME})\n)?"
    rf"(?:updatedDateTime: (?P<updated_at>{_TIME})\n)?"
    rf"(?:originalUrl: (?P<original>{_QUOTED})\n)?"
    rf"(?:webUrl: (?P<web>{_QUOTED})\n)?"
    rf"(?:ampWebUrl: (?P<amp>{_QUOTED})\n)?"
    rf"(?:cdnAmpWebUrl: (?P<cdn_amp>{_QUOTED})\n)?"
    rf"(?:type: (?P<type>{_PLAIN})\n)?"
    rf"(?:quality: (?P<quality>{_NUMBER})\n)?"
    rf"(?:heat: (?P<heat>{_NUMBER})\n)?"
    rf"(?:published: (?P<status>{_BOOLEAN})\n)?"
    r"\n*"
    rf"(?:provider:\n  name: (?P<provider>{_TEXT})\n  domain: (?P<domain>{_TEXT})\n"
    rf"(?:  images:\n(?:{_image('    ')})+)?\n*)?"
    rf"(?:topics:\n(?P<topics>(?:  - {_TEXT}\n)+)\n*)?"
    rf"(?:images:\n(?P<images>(?:{_image('  ')})+)\n*)?"
    rf"(?:related:\n(?P<related>(?:{_RELATED})+)\n*)?"
    rf"(?:secured: (?P<secured>{_QUOTED})\n)?"
)
# Plain words that YAML 1.1 takes for something else.
_NO_TEXT = frozenset("yes no on off true false null".split())
_STATUS_CODES = {
    "": STATUS_CODES[Status.UNSET],
    "false": STATUS_CODES[Status.UNPUBLISHED],
    "true": STATUS_CODES[Status.PUBLISHED],
}
# Of related entries, whose first lines hold none of these. That each begins with a line end lets
# the module search for that alone, which is three times as fast.
_RELATED_URL = re.compile(r'\n    (?:webUrl|ampWebUrl|cdnAmpWebUrl): "([^"]*)"')
_RELATED_TIME = re.compile(r"\n    publishedDateTime: ([^\n]*)")
_NESTED_PLAIN = re.compile(r"\n +(?:type|name|domain): ([A-Za-z][^\n]*)")
# What YAML does not allow, takes for a line end, or reads in its own way. No letter, mark or sign
# is among it, so that of texts without controls (`str.isprintable`) nothing is to be feared.
_DOUBTFUL = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_OPENING = b"---\n"
_CLOSING = b"\n---\n"


def fast_record(
    path: str, source: bytes, fingerprint: Fingerprint, read_at_ns: int
) -> Record | None:
    """Return the record of a file in the usual shape, equal to what the whole parse gives.

    None for every other file, which means nothing about it.
    """
    if len(source) > _LONGEST:
        return None
    if b"\r" in source:
        if source.count(b"\r") != source.count(b"\r\n"):
            return None
        source = source.replace(b"\r\n", b"\n")
    end = source.find(_CLOSING)
    if not source.startswith(_OPENING) or end < 0:
        return None
    try:
        text = source[4 : end + 1].decode("utf-8")
    except UnicodeDecodeError:
        return None
    match = _shape().fullmatch(text)
    if match is None or (
        not text.replace("\n", "").isprintable() and _DOUBTFUL.search(text) is not None
    ):
        return None
    return _record(match, path, source[end + 5 :], fingerprint, read_at_ns)


@functools.cache
def _shape() -> re.Pattern[str]:
    """Compile the pattern when the first file is read: it takes ten milliseconds."""
    return re.compile(_SHAPE)


def _record(
    match: re.Match[str], path: str, body: bytes, fingerprint: Fingerprint, read_at_ns: int
) -> Record | None:
    (category, title, excerpt, published_at, updated_at, original, web, amp, cdn_amp, type_,
     quality, heat, status, provider, domain, topics, images, related, secured,
     ) = match.groups("")  # fmt: skip
    names = _topics(topics)
    plain = [category, type_, provider, domain]
    if related:
        plain += _NESTED_PLAIN.findall(related)
    title, excerpt, provider, domain = map(_unquoted, (title, excerpt, provider, domain))
    web, original, amp, cdn_amp = map(_unquoted, (web, original, amp, cdn_amp))
    if not title.strip() or names is None or not _NO_TEXT.isdisjoint(map(str.lower, plain)):
        return None
    try:
        first_seconds, last_seconds = _seconds(published_at), _seconds(updated_at)
        if related:
            for moment in _RELATED_TIME.findall(related):
                datetime.fromisoformat(moment)
    except ValueError:  # the 31st of June
        return None
    own = [key for key in map(page_key, dict.fromkeys((web, original, amp, cdn_amp))) if key]
    theirs = [key for key in map(page_key, _RELATED_URL.findall(related)) if key]
    flags = (
        HAS_IMAGE * (images != "")
        | HAS_RELATED * (related != "")
        | HAS_SECURED * (secured != "")
        | HAS_BODY * bool(body.strip())
        | HAS_URL * (bool(own) or any(map(reader_url, (web, original, amp, cdn_amp))))
        | IS_MISLEADING * (is_misleading(title) or is_misleading(domain or provider))
    )
    topics_text, urls = names_as_text(names), urls_as_text(web, original, amp, cdn_amp)
    return Record(
        (
            path,
            fingerprint.size,
            fingerprint.mtime_ns,
            fingerprint.ctime_ns,
            fingerprint.inode,
            read_at_ns,
            title,
            excerpt,
            _STATUS_CODES[status],
            first_seconds,
            last_seconds,
            _number(quality),
            _number(heat),
            category,
            type_,
            provider,
            domain,
            flags,
            topics_text,
            urls,
            "[]",
            content_key(title, excerpt, urls, topics_text, body.decode("utf-8", "replace")),
        ),
        tuple(names),
        (
            *((key, OWN_URL) for key in dict.fromkeys(own)),
            *((key, LISTED_URL) for key in dict.fromkeys(theirs)),
        ),
    )


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] == '"' else text


def _topics(lines: str) -> list[str] | None:
    """Return the names of a list of topics, once each; None if one is no text to YAML."""
    names = [line[4:] for line in lines.splitlines()]
    if not _NO_TEXT.isdisjoint(map(str.lower, names)):
        return None
    stripped = (_unquoted(name).strip() for name in names)
    return list(dict.fromkeys(filter(None, stripped)))


def _number(text: str) -> float | None:
    return (as_number(float(text)) if "." in text else int(text)) if text else None


def _seconds(moment: str) -> int | None:
    """Return seconds since 1970; raises ValueError for a moment that never was."""
    return int(datetime.fromisoformat(moment).timestamp()) if moment else None
