"""Define the options of `newsdesk check` that set how links are checked."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from newsdesk.cli.arguments import unmarked


def add_policy(parser: ArgumentParser) -> None:
    """Add an option for every field of `Policy`; an option that is not given is None."""
    which = parser.add_argument_group("URLs")
    which.add_argument(
        "--fields",
        metavar="LIST",
        help="comma-separated fields to read URLs from; default, images and all name groups of "
        "fields (default: webUrl, originalUrl, ampWebUrl, cdnAmpWebUrl, related[].webUrl, body)",
    )
    which.add_argument(
        "--include",
        metavar="REGEX",
        action="append",
        help="check only URLs that match; may be repeated",
    )
    which.add_argument(
        "--exclude",
        metavar="REGEX",
        action="append",
        help="skip URLs that match; may be repeated",
    )
    _add_requests(parser)
    _add_verdicts(parser)


def _add_requests(parser: ArgumentParser) -> None:
    requests = parser.add_argument_group("requests")
    requests.add_argument(
        "--header",
        metavar="'ORIGIN NAME: VALUE'",
        action="append",
        help="send a header to one origin only, for example "
        "'https://example.com Authorization: Bearer abc'; may be repeated",
    )
    requests.add_argument(
        "--languages",
        metavar="LIST",
        help="comma-separated languages for Accept-Language, preferred first "
        "(default: the locale's, then en)",
    )
    for option, metavar, help_ in (
        (
            "--timeout",
            "SECONDS",
            "time limit per URL, redirects and retries included (default: 20)",
        ),
        ("--concurrency", "N", "concurrent requests (default: 32)"),
        ("--per-host", "N", "concurrent requests to one host (default: 4)"),
        ("--delay", "SECONDS", "time between requests to one host (default: 0.1)"),
        (
            "--host-wait",
            "SECONDS",
            "total time to wait for a host that answers 429 or 503 (default: 60)",
        ),
    ):
        requests.add_argument(option, metavar=metavar, help=help_)
    requests.add_argument(
        "--max-age",
        metavar="AGE",
        help="reuse verdicts up to this age, for example 12h or 3d; 0 checks all again "
        "(default: alive and moved 7d, dead 1d)",
    )
    requests.add_argument(
        "--no-cache", action="store_true", help="do not read or write saved verdicts"
    )
    requests.add_argument(
        "--allow-private",
        action=BooleanOptionalAction,
        default=None,
        help="also check URLs in private networks and on this computer",
    )


def _add_verdicts(parser: ArgumentParser) -> None:
    verdicts = parser.add_argument_group("verdicts")
    verdicts.add_argument(
        "--accept",
        metavar="[HOST=]STATUS,...",
        action="append",
        help="HTTP statuses that count as alive, for all hosts or a pattern, for example "
        "'*.example.com=403,429'; may be repeated",
    )
    verdicts.add_argument(
        "--soft-404",
        action=BooleanOptionalAction,
        default=None,
        help="report pages whose text says that nothing was found (sends more requests)",
    )
    verdicts.add_argument(
        "--archive",
        action=BooleanOptionalAction,
        default=None,
        help="search the web archive for copies of dead URLs",
    )


def check_flags(arguments: Namespace) -> dict[str, object]:
    """Return the options of a check that were given: name -> value."""
    from newsdesk.workspace.settings.link_check import CHECK_OPTIONS

    names = [option.name for option in CHECK_OPTIONS]
    given = {name: getattr(arguments, name.replace("-", "_")) for name in names}
    return {name: unmarked(value) for name, value in given.items() if value is not None}
