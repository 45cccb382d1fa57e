"""Read the dates that front matters hold, as the site generator of the collection reads them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

_MAX_TEXT = 64  # characters of a date
# Ruby's `Time.parse` knows these names of zones (RFC 822), in hours from UTC.
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_ZONES |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_JEKYLL = re.compile(
    r"(?:(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<day_first>\d{1,2})[-/.](?P<month_next>\d{1,2})[-/.](?P<year_last>\d{4}))"
    r"(?:[Tt \t]+(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?)?"
    r"[ \t]*(?P<half>[AaPp][Mm])?)?"
    r"[ \t]*(?P<zone>[A-Za-z/_]+|[+-]\d{2}:?\d{2})?"
)
_IN_WORDS = tuple(
    f"{date}{time}"
    for date in ("%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")
    for time in ("", " %H:%M", " %H:%M:%S")
)
_UNIX = ("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y", "%A, %d-%b-%y %H:%M:%S %Z")
# What Hugo 0.168 takes of the forms that begin with a number.
_HUGO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[ ]?[+-]\d{2}:?\d{2})?)?"
    r"|\d{2} [A-Z][a-z]{2} \d{4}"
)
_HUGO_IN_WORDS = re.compile(r"[A-Z][a-z]+, \d{2}[ -]|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d")
_FILE_NAME = re.compile(r"(?:^|/)(\d{2,4}-\d{1,2}-\d{1,2})-[^/]*\.[^./]+$")


def read_iso(text: str) -> datetime:
    """Read ISO 8601 or RFC 3339, whose `t` and `z` may be small; raises ValueError."""
    return datetime.fromisoformat(text.upper() if text[-1:] == "z" or "t" in text else text)


def read_date(text: str, generator: str) -> datetime:
    """Read the date of a blog post; `generator` is the name of a profile.

    Jekyll takes whatever Ruby's `Time.parse` makes something of, Hugo a list of forms. Zones
    that are not known count as UTC, as they do for Ruby. Raises ValueError.
    """
    if len(text) > _MAX_TEXT:
        raise ValueError(text)
    if generator == "hugo" and not (_HUGO.fullmatch(text) or _HUGO_IN_WORDS.match(text)):
        raise ValueError(text)
    with suppress(ValueError):
        return read_iso(text)
    if match := _JEKYLL.fullmatch(text):
        return _from_parts(match)
    for form in (*_IN_WORDS, *_UNIX):
        with suppress(ValueError):
            return datetime.strptime(text, form)
    from email.utils import parsedate_to_datetime  # few dates need it

    with suppress(ValueError, TypeError):
        return parsedate_to_datetime(text)  # RFC 1123
    raise ValueError(text)


def _from_parts(match: re.Match[str]) -> datetime:
    part = match.groupdict()
    year, month, day = (
        int(part[name] or part[other])
        for name, other in (("year", "year_last"), ("month", "month_next"), ("day", "day_first"))
    )
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = hour % 12 + 12 * (part["half"].lower() == "pm")
    moment = datetime(year, month, day, hour, int(part["minute"] or 0), int(part["second"] or 0))
    return moment.replace(tzinfo=_zone_of(part["zone"] or ""))


def _zone_of(name: str) -> timezone:
    if name[:1] in ("+", "-"):
        offset = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
        return timezone(-offset if name[0] == "-" else offset)
    return timezone(timedelta(hours=_ZONES.get(name.upper(), 0)))


def date_of_file_name(path: str) -> datetime | None:
    """Return the date that Jekyll reads in the name of a post: `_posts/2024-01-02-title.md`.

    A file right in the collection's folder counts as a post: that folder may be `_posts`.
    """
    folders = path.split("/")[:-1]
    if folders and "_posts" not in folders:
        return None
    match = _FILE_NAME.search(path)
    if match is None:
        return None
    year, month, day = map(int, match[1].split("-"))
    if year < 100:  # as Ruby completes them
        year += 2000 if year < 69 else 1900
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
