"""The options of `newsdesk check` that say how links are checked."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from newsdesk.cli.arguments import unmarked


def add_policy(parser: ArgumentParser) -> None:
    """Add everything that a policy holds; what is not given is None."""
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
        help="only addresses in which this is found; may be repeated",
    )
    which.add_argument(
        "--exclude",
        metavar="REGEX",
        action="append",
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
        help="send a header to one origin and to no other, for example "
        "'https://example.com Authorization: Bearer abc'; may be repeated",
    )
    asking.add_argument(
        "--languages",
        metavar="LIST",
        help="languages to ask for, most wanted first, with commas between "
        "(default: those of the locale, en)",
    )
    for option, metavar, help_ in (
        ("--timeout", "SECONDS", "time per address in all (default: 20)"),
        ("--concurrency", "N", "requests at a time (default: 32)"),
        ("--per-host", "N", "requests at a time to one host (default: 4)"),
        ("--delay", "SECONDS", "between starts on one host (default: 0.1)"),
        (
            "--host-wait",
            "SECONDS",
            "how long to wait in all for one host that answers 429 or 503 (default: 60)",
        ),
    ):
        asking.add_argument(option, metavar=metavar, help=help_)
    asking.add_argument(
        "--max-age",
        metavar="AGE",
        help="reuse verdicts up to this old, for example 12h or 3d; 0 asks all again "
        "(default: alive and moved 7d, dead 1d)",
    )
    asking.add_argument(
        "--no-cache", action="store_true", help="neither reuse verdicts nor keep them"
    )
    asking.add_argument(
        "--allow-private",
        action=BooleanOptionalAction,
        default=None,
        help="also ask addresses of private networks and of this machine",
    )


def _add_judging(parser: ArgumentParser) -> None:
    judging = parser.add_argument_group("how to judge")
    judging.add_argument(
        "--accept",
        metavar="[HOST=]STATUS,...",
        action="append",
        help="statuses that count as a page, on hosts of a pattern or on all, for example "
        "'*.example.com=403,429'; may be repeated",
    )
    judging.add_argument(
        "--soft-404",
        action=BooleanOptionalAction,
        default=None,
        help="suspect pages that only say they are gone (asks more)",
    )
    judging.add_argument(
        "--archive",
        action=BooleanOptionalAction,
        default=None,
        help="ask the web archive for copies of dead ones",
    )


def check_flags(arguments: Namespace) -> dict[str, object]:
    """Return the options of a check that were given, by name."""
    from newsdesk.workspace.settings.link_check import CHECK_OPTIONS

    names = [option.name for option in CHECK_OPTIONS]
    given = {name: getattr(arguments, name.replace("-", "_")) for name in names}
    return {name: unmarked(value) for name, value in given.items() if value is not None}
