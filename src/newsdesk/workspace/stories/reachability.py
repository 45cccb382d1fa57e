"""Find the sources of a story whose pages readers cannot open, by earlier link checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from newsdesk.links.verdict import Verdict
from newsdesk.workspace.reader import Reader

if TYPE_CHECKING:
    from newsdesk.workspace.links.findings import LinkFindings

_UNREACHABLE = frozenset({Verdict.DEAD, Verdict.SUSPECT, Verdict.UNREACHABLE})


class Reachability:
    """The reachability of articles. `findings` opens the link verdicts, if any were stored."""

    def __init__(self, reader: Reader, findings: Callable[[], LinkFindings]) -> None:
        self._reader = reader
        self._findings = findings

    def unreachable(self, ids: Iterable[int]) -> set[str]:
        """Return the paths of those articles that cannot be reached; no request is sent."""
        if not self._reader.config.verdicts_path.exists():
            return set()
        return self._findings().unreachable(self._reader.rows(list(ids)), _UNREACHABLE)
