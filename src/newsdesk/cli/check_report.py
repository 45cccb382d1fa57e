"""Format the results of `newsdesk check` as text, JSON, Markdown and JUnit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output
from newsdesk.collection.urls import reader_url
from newsdesk.links.extract import Link
from newsdesk.links.verdict import VERDICTS, CheckResult, Outcome, Tone, Verdict
from newsdesk.text import counted, shown

_COLOURS = {Tone.BAD: "red", Tone.WARNING: "yellow", Tone.MUTED: "cyan", Tone.GOOD: "green"}
_ORDER = {verdict: place for place, verdict in enumerate(VERDICTS)}
_WRONG = frozenset(v for v, record in VERDICTS.items() if record.result is CheckResult.FAILED)
_UNDECIDED = frozenset(v for v, record in VERDICTS.items() if record.result is CheckResult.SKIPPED)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&-])")
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """The result for one URL and every place where articles use it."""

    outcome: Outcome
    used_by: tuple[Link, ...]

    def as_json(self) -> dict[str, object]:
        """Return the JSON of `check`."""
        used_by = [
            {"path": link.path, "field": link.field, "line": link.line} for link in self.used_by
        ]
        return {**self.outcome.as_json(), "used_by": used_by}


def sort_key(checked: CheckedUrl) -> tuple[int, str]:
    """Return the sort key: worst verdict first, then by URL."""
    return _ORDER[checked.outcome.verdict], checked.outcome.url


def exit_code(checked: Iterable[CheckedUrl]) -> int:
    """Return 1 for a dead or suspect link, else 4 for an undecided one, else 0.

    A permanent redirect is no problem: the link still works.
    """
    found = {each.outcome.verdict for each in checked}
    if found & _WRONG:
        return CheckResult.FAILED.value
    return CheckResult.SKIPPED.value if found & _UNDECIDED else CheckResult.PASSED.value


class JsonArray:
    """Print a JSON array object by object, one per line, while results arrive."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._is_empty = True

    def add(self, checked: CheckedUrl) -> None:
        """Print an element; raise what `Output.data` raises."""
        self._output.data(("[\n" if self._is_empty else ",\n") + to_json(checked.as_json()))
        self._output.flush()
        self._is_empty = False

    def end(self) -> None:
        """End the array."""
        self._output.data("[]\n" if self._is_empty else "\n]\n")


def print_text(checked: Sequence[CheckedUrl], output: Output) -> None:
    """Print every URL that is not alive, grouped by verdict, then the counts."""
    for verdict, group in _grouped(checked):
        if verdict is Verdict.ALIVE:
            continue
        look = VERDICTS[verdict]
        name = output.paint(verdict.value, _COLOURS[look.tone], "bold")
        output.line(f"{name}: {look.meaning}")
        for each in group:
            _print_one(each, output)
        output.line()
    output.line(_counts(checked))


def _print_one(checked: CheckedUrl, output: Output) -> None:
    outcome = checked.outcome
    output.line(f"  {shown(outcome.url)}")
    output.line(f"    {shown(outcome.reason)}")
    if outcome.final_url != outcome.url:
        output.line(f"    now {shown(outcome.final_url)}")
    if outcome.archived_url:
        output.line(f"    archived at {shown(outcome.archived_url)}")
    for link in checked.used_by:
        output.line(output.paint(f"    {_place(link)}", "dim"))


def _place(link: Link) -> str:
    line = f":{link.line}" if link.line else ""
    return f"{shown(link.path)}{line} {shown(link.field)}"


def _grouped(checked: Sequence[CheckedUrl]) -> Iterator[tuple[Verdict, Iterator[CheckedUrl]]]:
    return groupby(sorted(checked, key=sort_key), key=lambda each: each.outcome.verdict)


def _counts(checked: Sequence[CheckedUrl]) -> str:
    counts = Counter(each.outcome.verdict for each in checked)
    parts = [f"{counts[verdict]:,} {verdict.value}" for verdict in VERDICTS if counts[verdict]]
    return f"{counted(len(checked), 'URL')}: {', '.join(parts) or 'none to check'}"


# -- Markdown ------------------------------------------------------------------------------


def as_markdown(checked: Sequence[CheckedUrl]) -> str:
    """Return a Markdown report; text from articles and servers is escaped."""
    lines = ["# Links", "", _counts(checked), ""]
    for verdict, group in _grouped(checked):
        if verdict is Verdict.ALIVE:
            continue
        lines += [f"## {verdict.value.capitalize()}: {VERDICTS[verdict].meaning}", ""]
        lines += ["| URL | reason | where |", "| --- | --- | --- |"]
        lines += [_markdown_row(each) for each in group]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _markdown_row(checked: CheckedUrl) -> str:
    outcome = checked.outcome
    reason = _markdown(outcome.reason)
    if outcome.final_url != outcome.url:
        reason += f"; now {_markdown_link(outcome.final_url)}"
    if outcome.archived_url:
        reason += f"; archived at {_markdown_link(outcome.archived_url)}"
    where = "<br>".join(_markdown(_place(link)) for link in checked.used_by)
    return f"| {_markdown_link(outcome.url)} | {reason} | {where} |"


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", shown(text))


def _markdown_link(url: str) -> str:
    # Only a URL that a browser may open becomes a link; a bar would end the table cell.
    link = reader_url(url).replace("|", "%7C")
    return f"<{shown(link)}>" if link else _markdown(url)


# -- JUnit ---------------------------------------------------------------------------------


def as_junit(checked: Sequence[CheckedUrl]) -> str:
    """Return a JUnit report: failures for dead and suspect, skipped for undecided."""
    wrong = sum(each.outcome.verdict in _WRONG for each in checked)
    skipped = sum(each.outcome.verdict in _UNDECIDED for each in checked)
    seconds = sum(each.outcome.seconds for each in checked)
    counts = f'tests="{len(checked)}" failures="{wrong}" errors="0" skipped="{skipped}"'
    suite = f'name="newsdesk check" {counts} time="{seconds:.3f}"'
    # Jenkins' schema has no `skipped` there.
    suites = suite.replace(f' skipped="{skipped}"', "")
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<testsuites {suites}>",
            f"<testsuite {suite}>",
            *(_junit_case(each) for each in sorted(checked, key=sort_key)),
            "</testsuite>",
            "</testsuites>\n",
        )
    )


def _junit_case(checked: CheckedUrl) -> str:
    outcome = checked.outcome
    first = checked.used_by[0].path if checked.used_by else "newsdesk"
    head = (
        f'<testcase classname="{_xml(first)}" name="{_xml(outcome.url)}" '
        f'time="{outcome.seconds:.3f}"'
    )
    message = _xml(f"{outcome.verdict.value}: {outcome.reason}")
    if outcome.verdict in _WRONG:
        places = "\n".join(_xml(_place(link)) for link in checked.used_by)
        kind = outcome.verdict.value
        return f'{head}><failure type="{kind}" message="{message}">{places}</failure></testcase>'
    if outcome.verdict in _UNDECIDED:
        return f'{head}><skipped message="{message}"/></testcase>'
    return f"{head}/>"


def _xml(text: str) -> str:
    # XML forbids control characters, which `shown` replaces, and U+FFFE and U+FFFF.
    return shown(text).replace("\ufffe", "�").replace("\uffff", "�").translate(_XML)
