"""`newsdesk check`: check the links of articles."""

from __future__ import annotations

import time
from argparse import Namespace
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from newsdesk.cli.arguments import Parser, add_common, add_query
from newsdesk.cli.check_options import add_policy, check_flags
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Interrupt, Output, interruptible
from newsdesk.cli.session import matching_ids, opened, pages, read_query, report_no_match
from newsdesk.errors import UsageError
from newsdesk.index.store import FoundIds
from newsdesk.text import counted
from newsdesk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from newsdesk.cli.check_report import CheckedUrl, JsonArray
    from newsdesk.links.cache import FileLinks
    from newsdesk.links.extract import Link
    from newsdesk.links.policy import Policy
    from newsdesk.links.progress import Progress
    from newsdesk.links.verdict import Outcome
    from newsdesk.workspace.links.service import LinkService

_INTERRUPTED = 130
_FIRST_LINE_SECONDS = 5.0  # before the first progress line without a terminal
_MAX_LINE_SECONDS = 60.0  # longest time between two such lines
_EXAMPLES = (
    ("newsdesk check is:published 'date:<7d'", "links of articles published in the last 7 days"),
    ("newsdesk check --markdown > links.md", "report on the whole collection"),
    ("newsdesk check --jsonl --max-age 0", "check all again, print results as they arrive"),
    ("newsdesk check --junit links.xml", "for a build server"),
    ("newsdesk check --exclude '^https://intranet\\.'", "skip some URLs"),
)


def parser_of(name: str) -> Parser:
    """Return the parser of `check`."""
    parser = Parser(
        f"newsdesk {name}",
        "Check the links of the articles that match a query, each distinct URL once.\n"
        "Exit code 1: dead or suspect links; 4: undecided links only (walled, throttled,\n"
        "unreachable, refused). Ctrl+C stops and prints the results so far.",
        _EXAMPLES,
    )
    add_query(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON array")
    form.add_argument("--jsonl", action="store_true", help="print JSON Lines while results arrive")
    form.add_argument("--markdown", action="store_true", help="print a Markdown report")
    parser.add_argument(
        "--junit",
        metavar="FILE",
        help="also write a JUnit report to FILE; - prints it instead of the text",
    )
    add_policy(parser)
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Check links and print the results; return 0, 1, 4 or 130 (interrupted)."""
    from newsdesk.cli import check_report

    query = read_query(" ".join(arguments.query))
    flags = check_flags(arguments)
    is_junit_printed = arguments.junit == "-"
    if is_junit_printed and (arguments.json or arguments.jsonl or arguments.markdown):
        raise UsageError("Only one report can be printed.", "Name a file for --junit.")
    with opened(arguments, output) as workspace, ExitStack() as stack:
        policy = _policy(workspace, flags, output)
        junit = None
        if arguments.junit and not is_junit_printed:
            junit = stack.enter_context(_opened_report(arguments.junit))
        ids = matching_ids(workspace, query, output)
        report_no_match(ids, query, workspace, output)
        with interruptible() as interrupt:
            check = _Check(arguments, policy, interrupt, output, check_report.JsonArray(output))
            links = check.links(workspace, ids)
            checked = check.check_urls(workspace.links, links)
        output.end_progress()
        checked.sort(key=check_report.sort_key)
        if arguments.json:
            check.array.end()
        elif is_junit_printed:
            output.data(check_report.as_junit(checked))
        elif arguments.markdown:
            output.data(check_report.as_markdown(checked))
        elif not arguments.jsonl:
            check_report.print_text(checked, output)
        if junit is not None:
            _write_report(junit, check_report.as_junit(checked))
        for report in workspace.links.cache.problems if not arguments.no_cache else ():
            output.message(report)
        if interrupt.requested:
            output.message(_stopped_message(len(checked), len(links)))
            return _INTERRUPTED
    return check_report.exit_code(checked)


def _policy(workspace: Workspace, flags: dict[str, object], output: Output) -> Policy:
    """Return the policy; print settings that are refused. Raises `UsageError`."""
    from newsdesk.workspace.settings.link_check import check_settings

    settings = check_settings(workspace.config, flags)
    if settings.problems:  # no request is better than requests that were not wanted
        first = settings.problems[0]
        raise UsageError(first.message, first.remedy)
    for refusal in settings.refusals:
        output.message(refusal)
    return settings.policy


def _stopped_message(done: int, total: int) -> str:
    if not total:
        return "Interrupted before the first request."
    return f"Interrupted: {done:,} of {counted(total, 'URL')} checked."


def _opened_report(name: str) -> TextIO:
    # Opened before the check: an invalid name is reported before an hour of requests.
    try:
        return open(name, "w", encoding="utf-8", errors="replace")
    except OSError as error:
        raise _unwritable(name, error) from None


def _write_report(report: TextIO, text: str) -> None:
    try:
        report.write(text)
        report.flush()
    except OSError as error:
        raise _unwritable(report.name, error) from None


def _unwritable(name: str, error: OSError) -> UsageError:
    return UsageError(f"Cannot write the report {name}: {error.strerror}.", "Give another file.")


@dataclass(frozen=True, slots=True)
class _Check:
    """One check: its options, policy and output."""

    arguments: Namespace
    policy: Policy
    interrupt: Interrupt
    output: Output
    array: JsonArray

    def links(self, workspace: Workspace, ids: FoundIds) -> dict[str, list[Link]]:
        """Return URL -> the places that use it; reads the files of the articles."""
        from newsdesk.links.extract import group_by_url

        found: list[Link] = []
        readings: list[FileLinks] = []
        shows_from = time.monotonic() + 1.0
        rows = (row for page in pages(workspace, ids) for row in page)
        # A user's regular expression may run for minutes and cannot check `requested`.
        self.interrupt.raises = True
        with suppress(KeyboardInterrupt):  # `requested` is set
            for done, row in enumerate(rows):
                if time.monotonic() > shows_from:
                    self.output.progress(f"reading {done:,} of {counted(len(ids), 'article')}")
                try:
                    _, reading = workspace.link_findings.read(row.path, self.policy)
                except OSError:  # removed or unreadable: lint reports it
                    continue
                found += reading.links
                readings.append(reading)
        self.interrupt.raises = False
        is_whole = not self.policy.is_narrowed
        if readings and is_whole and not self.arguments.no_cache:
            workspace.link_findings.store_links(readings)
        return group_by_url(found)

    def check_urls(
        self, link_service: LinkService, links: dict[str, list[Link]]
    ) -> list[CheckedUrl]:
        """Check the URLs and return the results; JSON is printed while they arrive."""
        from newsdesk.cli.check_report import CheckedUrl

        checked: list[CheckedUrl] = []
        progress = _ProgressReport(self.output)

        def on_outcome(outcome: Outcome) -> None:
            checked.append(CheckedUrl(outcome, tuple(links.get(outcome.url, ()))))
            if self.arguments.json:
                self.array.add(checked[-1])
            elif self.arguments.jsonl:
                self.output.raw_line(to_json(checked[-1].as_json()))
                self.output.flush()

        link_service.check(
            links,
            self.policy,
            use_cache=not self.arguments.no_cache,
            on_outcome=on_outcome,
            on_progress=progress.show,
            is_cancelled=self.interrupt.is_requested,
        )
        return checked


class _ProgressReport:
    """Show the progress of a check: one line on a terminal, else a new line at intervals."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._was_offline = False
        self._interval = _FIRST_LINE_SECONDS
        self._next_line_at = time.monotonic() + self._interval

    def show(self, progress: Progress) -> None:
        """Print progress on standard error, and once that there is no network."""
        if progress.is_offline and not self._was_offline:
            self._output.message("DNS failed for every host: offline?")
        self._was_offline = progress.is_offline
        if self._output.is_error_terminal:
            self._output.progress(_progress_text(progress))
        elif time.monotonic() >= self._next_line_at and progress.done < progress.total:
            self._output.message(_progress_text(progress))
            self._interval = min(2 * self._interval, _MAX_LINE_SECONDS)
            self._next_line_at = time.monotonic() + self._interval


def _progress_text(progress: Progress) -> str:
    parts = [f"{progress.done:,} of {counted(progress.total, 'URL')}"]
    parts += [f"{number:,} {verdict.value}" for verdict, number in progress.counts.items()]
    if progress.hosts_waiting:
        first, *others = progress.hosts_waiting
        parts.append(f"waiting for {first}" + (f" and {len(others)} more" if others else ""))
    if progress.seconds_left is not None:
        parts.append(f"{progress.seconds_left:.0f} s left")
    return " · ".join(parts)
