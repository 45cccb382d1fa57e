"""Print errors: one sentence, the position in a query, and the path of the log."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.cli.output import Output
from newsdesk.errors import NewsdeskError, QueryError, UsageError
from newsdesk.text import shown, shown_block

_MAX_CHARACTERS_BEFORE, _MAX_CHARACTERS_AFTER = 60, 40  # of a query around the error
_MAX_LOG_BYTES = 1024 * 1024  # bytes


class QueryProblem(UsageError):
    """An invalid query; `query` is its text, `query_error` has the position."""

    def __init__(self, query: str, query_error: QueryError) -> None:
        super().__init__(query_error.message, query_error.remedy)
        self.query = query
        self.query_error = query_error


def print_error(error: NewsdeskError, output: Output) -> None:
    """Print an error; for a query also its text and carets under the position."""
    output.message(error)
    if isinstance(error, QueryProblem):
        for line in _pointed_at(error.query, error.query_error.start, error.query_error.end):
            output.raw_message(f"    {line}")


def _pointed_at(query: str, start: int, end: int) -> tuple[str, str]:
    """Return the query, cut around the position, and a line of carets below it."""
    from rich.cells import cell_len

    start = min(start, len(query))
    end = min(max(end, start), len(query))
    before, after = query[:start], query[end : end + _MAX_CHARACTERS_AFTER]
    if len(before) > _MAX_CHARACTERS_BEFORE:
        before = "…" + before[-_MAX_CHARACTERS_BEFORE:]
    place = query[start:end]
    if len(place) > _MAX_CHARACTERS_AFTER:
        place, after = place[:_MAX_CHARACTERS_AFTER] + "…", ""
    before, place, after = (_same_line(part) for part in (before, place, after))
    return (
        before + place + after,
        " " * cell_len(before) + "^" * max(1, cell_len(place)),
    )


def _same_line(text: str) -> str:
    # Spaces are kept, so that the carets are below the error.
    return shown_block(text).replace("\n", "␤").replace("\t", " ")


def print_unexpected_error(error: Exception, output: Output, log_path: Path, debug: bool) -> None:
    """Print an unexpected error; write its traceback to the log."""
    import traceback

    details = "".join(traceback.format_exception(error))
    if debug:
        output.raw_message(shown_block(details).rstrip())
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    where = _log(details, log_path)
    output.message(f"Unexpected error ({what}). {where}")


def _log(details: str, path: Path) -> str:
    """Append to the log; return a sentence with its path, or the reason for the failure."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.replace(path.with_name(path.name + ".old"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="replace") as log:
            log.write(f"{moment} {shown_block(details)}\n")
    except OSError as error:
        return f"Cannot write the log {shown(path)} ({error.strerror}); --debug shows more."
    return f"Details: {shown(path)}"
