"""`newsdesk review`: print what changed since the last commit, commit or revert it."""

from __future__ import annotations

import argparse
import re
import signal
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from newsdesk.cli.arguments import Parser, add_common, add_json, add_nul
from newsdesk.cli.formats import problem_json, to_json
from newsdesk.cli.outcomes import (
    exit_code,
    print_diff,
    print_outcomes,
    print_outcomes_json,
    summary,
)
from newsdesk.cli.output import Output
from newsdesk.cli.paths import resolved_paths
from newsdesk.cli.session import opened, print_notices
from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.text import counted, shown, shown_block
from newsdesk.workspace.outcomes import Action
from newsdesk.workspace.review.git_command import GitRefused
from newsdesk.workspace.review.git_commit import CommitRefused
from newsdesk.workspace.review.review import CommitResult, LeftOut, LineChange, Review, ReviewedFile
from newsdesk.workspace.workspace import Workspace

_MAX_LINES = 10  # per file, and of topics and providers, in the text; JSON has all
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_KINDS = {"new": "(new file)", "removed": "(removed)"}


def parser_of(name: str) -> Parser:
    """Return the parser of `review`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print what your decisions changed since the last commit: each file with its\n"
        "changed lines and warnings, then counts. Nothing is written without --commit,\n"
        "--revert or --revert-all. The commit has exactly those lines; other changes, also\n"
        "staged ones, stay as they are.\n"
        "In a folder without git: the decisions of the last 24 hours.",
        (
            ("newsdesk review", "print the changes"),
            ("newsdesk review --commit", "commit them with a generated message"),
            ("newsdesk review --commit -m 'Morning round'", "commit them with your own message"),
            ("newsdesk review --since 2h", "decisions of the last two hours"),
            (
                "newsdesk review --revert _news/2020-11-18-marigold.md",
                "revert the decisions on one file",
            ),
        ),
    )
    parser.add_argument(
        "--all",
        dest="everything",
        action="store_true",
        help="all changes of every article that differs from the last commit",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=_moment,
        help="decisions since TIME: 2h, 3d, 2026-11-18 or 2026-11-18T09:00 (local time)",
    )
    actions = parser.add_mutually_exclusive_group()
    actions.add_argument("--commit", action="store_true", help="make one commit")
    actions.add_argument(
        "--revert",
        nargs="+",
        metavar="PATH",
        help="revert the decisions on these files; - reads paths from standard input",
    )
    actions.add_argument(
        "--revert-all", action="store_true", help="revert all changes that review prints"
    )
    add_nul(parser)
    parser.add_argument(
        "--whole",
        action="store_true",
        help="commit whole files, other changes included",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the diff of the commit or of the revert; change nothing",
    )
    parser.add_argument("-m", "--message", metavar="MESSAGE", help="the commit message")
    add_json(parser, "the review, the commit, or the result for each path")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print, commit or revert; return 0, or 1 for warnings, omitted or refused files."""
    if arguments.message is not None and not arguments.commit:
        raise UsageError("-m needs --commit.", "Add --commit.")
    if arguments.message is not None and not arguments.message.strip():
        raise UsageError("The message is empty.", "Omit -m for a generated message.")
    if arguments.whole and not arguments.commit:
        raise UsageError("--whole needs --commit.", "Add --commit.")
    with opened(arguments, output) as workspace:
        acts = arguments.commit or arguments.revert or arguments.revert_all
        if acts and not arguments.dry_run:
            workspace.recover()
            print_notices(workspace, output)
        review = Review.of(workspace, since=arguments.since, everything=arguments.everything)
        if arguments.commit:
            try:
                return _commit(review, arguments, output)
            except NewsdeskError:
                if arguments.json:  # a reader of JSON needs valid JSON
                    output.raw_line("[]")
                raise
        if arguments.revert or arguments.revert_all:
            return _revert(workspace, review, arguments, output)
        for note in review.notes:
            output.message(note)
        if arguments.json:
            output.raw_line(to_json(_review_json(review), indent=2))
        else:
            _print(review, output)
        return 1 if review.left_out or review.summary().warnings else 0


def _moment(text: str) -> datetime:
    """Return the time of an age or a local time; raise `ArgumentTypeError` if invalid."""
    text = text.removeprefix("\0").strip()
    try:
        if age := re.fullmatch(r"(\d{1,5})([mhdw])", text):
            return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text} is not a time; write 2h, 3d or 2026-11-18T09:00"
        ) from None


def _commit(review: Review, arguments: Namespace, output: Output) -> int:
    paths = [file.path for file in review.files] if arguments.whole else []
    if arguments.dry_run:
        return _preview_commit(review, paths, arguments, output)
    try:
        with _ending_signals_raised():
            result = review.commit(arguments.message or "", whole_paths=paths)
    except GitRefused as refusal:
        _print_git_output(refusal.words, output)
        if remedy := _whole_remedy(review, arguments, refusal):
            raise GitRefused(refusal.message, remedy, refusal.words) from None
        raise
    _print_git_output(result.words, output)
    for note in result.notes:
        output.message(note)
    left_out = (*review.left_out, *result.left_out)
    _report_left_out(left_out, output)
    if arguments.json:
        output.raw_line(to_json(_commit_json(result, left_out), indent=2))
    else:
        id_ = output.paint(result.id[:12], "yellow")
        output.line(f"{id_}  {shown(result.subject)}  ({counted(len(result.paths), 'file')})")
    return 1 if left_out else 0


def _preview_commit(
    review: Review, whole_paths: list[str], arguments: Namespace, output: Output
) -> int:
    diff = review.preview_commit(whole_paths)
    if not review.files:
        raise NewsdeskError("Nothing to commit.")
    for note in review.notes:
        output.message(note)
    _report_left_out(review.left_out, output)
    if arguments.json:
        message = arguments.message or review.message()
        names = tuple(file.path for file in review.files)
        planned = CommitResult("", message.strip().split("\n")[0], names, (), "", review.notes)
        output.raw_line(to_json(_commit_json(planned, review.left_out), indent=2))
    else:
        print_diff(diff, Action("commit", ()), output)
    return 1 if review.left_out else 0


def _whole_remedy(review: Review, arguments: Namespace, refusal: GitRefused) -> str:
    """Return the next step if a hook may need lines that are not in the commit, or empty."""
    if not isinstance(refusal, CommitRefused):
        return ""
    step = "newsdesk review --commit --whole commits the whole files."
    if changed := refusal.changed:
        more = f" and {counted(len(changed) - 1, 'more file')}" if changed[1:] else ""
        return f"Nothing was committed. A hook changed {changed[0]}{more}: {step}"
    others = [file.path for file in review.files if file.has_other_changes]
    if others and not arguments.whole:
        return f"Nothing was committed. Other lines of {others[0]} are not in the commit: {step}"
    return ""


@contextmanager
def _ending_signals_raised() -> Iterator[None]:
    """Raise `SystemExit` on SIGTERM and SIGHUP, so that a commit is completed or reverted."""

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    is_main = threading.current_thread() is threading.main_thread()
    for number in numbers if is_main else ():
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers if is_main else ():
            signal.signal(number, signal.SIG_DFL)


def _print_git_output(words: str, output: Output) -> None:
    if words:
        output.raw_message("\n".join(f"    {line}" for line in shown_block(words).split("\n")))


def _revert(workspace: Workspace, review: Review, arguments: Namespace, output: Output) -> int:
    paths = None
    if not arguments.revert_all:
        paths = resolved_paths(workspace.config, arguments.revert, is_nul=arguments.is_nul)
    if arguments.dry_run:
        diff, action = review.preview_revert(paths)
    else:
        diff, action = "", review.revert(paths)
    if arguments.json:
        print_outcomes_json(action, output)
    elif arguments.dry_run:
        print_diff(diff, action, output)
    else:
        print_outcomes(action, output)
    if not action.outcomes:
        output.message("Nothing to revert.")
    elif action.changed and not arguments.dry_run:
        output.hint(f"{summary(action)} · newsdesk undo takes it back")
    return exit_code(action)


# -- as text -----------------------------------------------------------------------------------


def _print(review: Review, output: Output) -> None:
    for file in review.files:
        _print_file(file, output)
    _report_left_out(review.left_out, output)
    if not review.files:
        output.message("Nothing to review: no decision since the last commit.")
        return
    totals = review.summary()
    verbs = ", ".join(f"{verb} {number:,}" for verb, number in totals.verbs)
    warnings = counted(totals.warnings, "warning")
    output.line(output.paint(f"{counted(len(review.files), 'file')}: {verbs}; {warnings}", "bold"))
    _print_counts("topics", totals.topics, output)
    _print_counts("providers", totals.providers, output)
    if review.obstacle is None:
        output.hint("newsdesk review --commit commits this")


def _print_file(file: ReviewedFile, output: Output) -> None:
    number = f":{file.lines[0].number}" if file.lines else ""
    place = output.paint(f"{shown(file.path)}{number}", "bold")
    kind = output.paint(f"  {_KINDS[file.kind]}", "cyan") if file.kind in _KINDS else ""
    output.line(f"{place}  {shown(file.title)}{kind}")
    for line in file.lines[:_MAX_LINES]:
        _print_line(line, output)
    if len(file.lines) > _MAX_LINES:
        more = counted(len(file.lines) - _MAX_LINES, "more line", "more lines")
        output.line(output.paint(f"  {more}", "dim"))
    if file.has_other_changes:
        output.line(output.paint("  other changed lines are not included", "dim"))
    for problem in file.warnings:
        code = output.paint(f"({problem.code})", "dim")
        output.line(f"  {output.paint('!', 'yellow')} {shown(problem)} {code}")


def _print_line(line: LineChange, output: Output) -> None:
    if line.old is not None:
        output.line(output.paint(f"  - {shown(line.old)}", "red"))
    if line.new is not None:
        output.line(output.paint(f"  + {shown(line.new)}", "green"))


def _print_counts(title: str, counts: tuple[tuple[str, int], ...], output: Output) -> None:
    named = [f"{shown(name) or '(none)'} {number:,}" for name, number in counts[:_MAX_LINES]]
    if len(counts) > _MAX_LINES:
        named.append(f"{len(counts) - _MAX_LINES:,} more")
    if named:
        output.line(f"  {output.paint(f'{title:<9}', 'dim')} {' · '.join(named)}")


def _report_left_out(left_out: tuple[LeftOut, ...], output: Output) -> None:
    for left in left_out:
        where = "" if left.path in left.reason else f"{left.path}: "
        output.message(f"Not included: {where}{left.reason}")


# -- as JSON -----------------------------------------------------------------------------------


def _review_json(review: Review) -> dict[str, object]:
    totals = review.summary()
    return {
        "files": [_file_json(file) for file in review.files],
        "left_out": [_left_json(left) for left in review.left_out],
        "counts": {
            "verbs": dict(totals.verbs),
            "topics": _counts_json(totals.topics),
            "providers": _counts_json(totals.providers),
            "published": totals.published,
            "unpublished": totals.unpublished,
            "warnings": totals.warnings,
        },
        "message": review.message(),
        "obstacle": None if review.obstacle is None else str(review.obstacle),
        "notes": list(review.notes),
    }


def _file_json(file: ReviewedFile) -> dict[str, object]:
    return {
        "path": file.path,
        "title": file.title,
        "kind": file.kind,
        "verb": file.verb,
        "before": file.before.value,
        "after": file.after.value,
        "lines": [{"line": each.number, "old": each.old, "new": each.new} for each in file.lines],
        "has_other_changes": file.has_other_changes,
        "warnings": [problem_json(problem) for problem in file.warnings],
    }


def _counts_json(counts: tuple[tuple[str, int], ...]) -> list[dict[str, object]]:
    return [{"name": name or None, "articles": number} for name, number in counts]


def _left_json(left: LeftOut) -> dict[str, object]:
    return {"path": left.path, "reason": left.reason}


def _commit_json(result: CommitResult, left_out: tuple[LeftOut, ...]) -> dict[str, object]:
    return {
        "commit": result.id or None,
        "subject": result.subject,
        "files": list(result.paths),
        "left_out": [_left_json(left) for left in left_out],
        "notes": list(result.notes),
    }
