"""Every error a person can meet: what happened, what to do next, which exit code.

NewsdeskError                exit 1
├── UsageError               exit 2   the command line, a query or a setting does not parse
│   └── QueryError                    ... with the place of the mistake
├── CollectionError          exit 3   the folder cannot be read as a collection
├── WriteRefused             exit 1   a file was left as it is, and why
│   ├── FileChanged                   ... because somebody else wrote it meanwhile
│   ├── FieldChanged                  ... because somebody else changed the very field
│   └── ContentChanged                ... because it is not what the person saw any more
├── SessionRunning           exit 1   what was to be undone belongs to a newsdesk that still runs
└── Cancelled                exit 130 the person asked to stop
"""

from __future__ import annotations


class NewsdeskError(Exception):
    """What went wrong in one sentence, and the next step.

    `message` and `remedy` may quote foreign text; whoever prints them passes them
    through `newsdesk.text.shown`.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(NewsdeskError):
    """The command line, a query or a setting does not parse."""

    exit_code = 2


class QueryError(UsageError):
    """A query does not parse.

    `start` and `end` are character offsets into the query text; `hint` is the nearest
    valid word, or empty.
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message, f"Did you mean {hint}?" if hint else "")
        self.start = start
        self.end = end
        self.hint = hint


class CollectionError(NewsdeskError):
    """The folder is missing, is no folder, or cannot be read."""

    exit_code = 3


class WriteRefused(NewsdeskError):
    """A file was left untouched; the message says why."""


class FileChanged(WriteRefused):
    """Somebody else wrote the file between our reading and our writing."""


class FieldChanged(WriteRefused):
    """The very field that was to be changed holds something else by now."""


class SessionRunning(NewsdeskError):
    """What is to be undone or redone is a decision of another newsdesk that still runs.

    `entry_id` is the journal entry, to be confirmed; `paths` are its articles.
    """

    def __init__(self, message: str, entry_id: int, paths: tuple[str, ...]) -> None:
        super().__init__(message, "It was left as it is.")
        self.entry_id = entry_id
        self.paths = paths


class ContentChanged(WriteRefused):
    """Title, excerpt, URLs, topics or body differ from what the person saw."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed since you saw it.", "Read it again, then repeat.")


class Cancelled(NewsdeskError):
    """The person asked to stop; what was finished stays finished."""

    exit_code = 130
