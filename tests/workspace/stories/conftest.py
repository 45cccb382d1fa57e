"""Print what the judged pairs found at the end of a run, on however many processes it ran."""

from __future__ import annotations

import pytest

JUDGED = "judged stories"  # the property that a test tells its figures in


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, figures in report.user_properties:
                if name == JUDGED:
                    terminalreporter.write_line(f"stories, {figures}")
