"""The options of `newsdesk check`, and the policy that they add up to."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from newsdesk.cli.arguments import counting_number, seconds
from newsdesk.errors import UsageError

if TYPE_CHECKING:
    from newsdesk.links.policy import Accepted, BoundHeader, Policy

_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)([hdw]?)", re.ASCII)
_HEADER = re.compile(r"(https?://[^\s/]+)/?\s+([^\s:]+):\s*(.*)", re.DOTALL)
_STATUS = re.compile(r"[1-9]\d\d", re.ASCII)


def add_policy(parser: ArgumentParser) -> None:
    """Add everything that a policy holds."""
    which = parser.add_argument_group("which addresses")
    which.add_argument(
        "--fields",
        metavar="LIST",
        help="fields to look into, with commas between; default, images and all are lists of "
        "fields (default: webUrl, originalUrl, ampWebUrl, cdnAmpWebUrl, related[].webUrl, body)",
    )
    which.add_argument(
        "--include",
        metavar="REGEX",
        action="append",
        default=[],
        help="only addresses in which this is found; may be repeated",
    )
    which.add_argument(
        "--exclude",
        metavar="REGEX",
        action="append",
        default=[],
        help="no addresses in which this is found; may be repeated",
    )
    _add_asking(parser)
    _add_judging(parser)


def _add_asking(parser: ArgumentParser) -> None:
    asking = parser.add_argument_group("how to ask")
    asking.add_argument(
        "--header",
        metavar="'ORIGIN NAME: VALUE'",
        action="append",
        default=[],
        help="send a header to one origin and to no other, for example "
        "'https://example.com Authorization: Bearer abc'; may be repeated",
    )
    for option, metavar, kind, help_ in (
        ("--timeout", "SECONDS", seconds, "time per address in all (default: 20)"),
        ("--concurrency", "N", counting_number, "requests at a time (default: 32)"),
        ("--per-host", "N", counting_number, "requests at a time to one host (default: 4)"),
        ("--delay", "SECONDS", seconds, "between starts on one host (default: 0.1)"),
    ):
        asking.add_argument(option, metavar=metavar, type=kind, help=help_)
    asking.add_argument(
        "--max-age",
        metavar="AGE",
        type=age_in_days,
        help="reuse verdicts up to this old, for example 12h or 3d; 0 asks all again "
        "(default: alive and moved 7d, dead 1d)",
    )
    asking.add_argument(
        "--no-cache", action="store_true", help="neither reuse verdicts nor keep them"
    )
    asking.add_argument(
        "--allow-private",
        action="store_true",
        help="also ask addresses of private networks and of this machine",
    )


def _add_judging(parser: ArgumentParser) -> None:
    judging = parser.add_argument_group("how to judge")
    judging.add_argument(
        "--accept",
        metavar="[HOST=]STATUS,...",
        action="append",
        default=[],
        help="statuses that count as a page, on hosts of a pattern or on all, for example "
        "'*.example.com=403,429'; may be repeated",
    )
    judging.add_argument(
        "--soft-404",
        action="store_true",
        help="suspect pages that only say they are gone (asks more)",
    )
    judging.add_argument(
        "--archive", action="store_true", help="ask the web archive for copies of dead ones"
    )


def policy_of(arguments: Namespace) -> Policy:
    """Return the policy that the arguments ask for; raises `UsageError`."""
    from newsdesk.links.cache import ages_for
    from newsdesk.links.policy import MAX_AGES, Policy, proxies_from

    default = Policy()

    def given(name: str) -> float:
        value = getattr(arguments, name)
        return float(getattr(default, name) if value is None else value)

    age = arguments.max_age
    return Policy(
        fields=_fields(arguments.fields),
        include=tuple(arguments.include),
        exclude=tuple(arguments.exclude),
        accepted=tuple(_accepted(text) for text in arguments.accept),
        headers=tuple(_header(text) for text in arguments.header),
        timeout=given("timeout"),
        connect_timeout=min(default.connect_timeout, given("timeout")),
        concurrency=int(given("concurrency")),
        per_host=int(given("per_host")),
        delay=given("delay"),
        max_ages=MAX_AGES if age is None else ages_for(age),
        allow_private=arguments.allow_private,
        soft_404=arguments.soft_404,
        archive=arguments.archive,
        proxies=proxies_from(os.environ),
    )


def _fields(text: str | None) -> frozenset[str]:
    from newsdesk.links.extract import ALL_FIELDS, DEFAULT_FIELDS, IMAGE_FIELDS

    lists = {"default": DEFAULT_FIELDS, "images": IMAGE_FIELDS, "all": ALL_FIELDS}
    if text is None:
        return DEFAULT_FIELDS
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--fields names no field.", f"There are {', '.join(sorted(ALL_FIELDS))}.")
    return frozenset().union(*(lists.get(name, frozenset({name})) for name in names))


def _accepted(text: str) -> Accepted:
    from newsdesk.links.policy import Accepted

    host, _, statuses = text.rpartition("=")
    numbers = [number.strip() for number in statuses.split(",")]
    if not all(_STATUS.fullmatch(number) for number in numbers):
        raise UsageError(
            f"--accept {text} does not parse.", "Write statuses: 403 or *.example.com=403,429."
        )
    return Accepted(host.strip() or "*", frozenset(map(int, numbers)))


def _header(text: str) -> BoundHeader:
    from newsdesk.links.policy import BoundHeader

    found = _HEADER.fullmatch(text.strip())
    if found is None:
        # The text may hold a secret: it is not repeated.
        raise UsageError(
            "A --header does not parse.", "Write 'https://example.com Name: value', in quotes."
        )
    return BoundHeader(*found.groups())


def age_in_days(text: str) -> float:
    """Read `12h`, `3d`, `2w` or days; raises what argparse expects."""
    found = _AGE.fullmatch(text)
    if found is None:
        raise ArgumentTypeError(f"{text} is no age; write for example 12h, 3d or 0")
    return float(found[1]) * _HOURS[found[2] or "d"] / 24
