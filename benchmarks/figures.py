"""One measured figure beside what it is to reach, and tables of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured; `value` is None where it could not be, and `note` says why.

    `target` is the limit, from above or (`at_least`) from below; None where there is none.
    """

    name: str
    value: float | None
    unit: str = ""
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether it reaches its target: `reached`, how far off it is, or an empty string."""
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        reached = self.value >= self.target if self.at_least else self.value <= self.target
        if reached:
            return "reached"
        if not self.target or not self.value:
            return "**missed**"
        share = self.value / self.target
        return f"**missed** ({share:.2f} of it)" if self.at_least else f"**missed** ({share:.1f} ×)"

    @property
    def shown_value(self) -> str:
        """The value as a person reads it."""
        return "–" if self.value is None else f"{number(self.value)} {self.unit}".rstrip()

    @property
    def shown_target(self) -> str:
        """The target as a person reads it."""
        if self.target is None:
            return ""
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {number(self.target)} {self.unit}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """Return what `Figure(**...)` takes."""
        return asdict(self)


def number(value: float) -> str:
    """Write three significant digits: 0.41, 16.3, 1,234."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float], scale: float = 1.0) -> str:
    """Say how far the values lie apart and how many there are."""
    low, high = min(values) * scale, max(values) * scale
    return f"{number(round(low, 3))} to {number(round(high, 3))}, n = {len(values)}"


def median_of(
    name: str,
    values: Sequence[float],
    unit: str = "ms",
    target: float | None = None,
    *,
    scale: float = 1000.0,
    note: str = "",
) -> Figure:
    """Return the median of values in seconds as a figure, with their spread as its note."""
    if not values:
        return Figure(name, None, unit, target, note=note or "nothing came in time")
    text = f"{spread(values, scale)}{'; ' + note if note else ''}"
    return Figure(name, round(statistics.median(values) * scale, 3), unit, target, note=text)


def p95_of(
    name: str, values: Sequence[float], target: float | None = None, *, note: str = ""
) -> Figure:
    """Return the 95th percentile of values in seconds as a figure in ms."""
    if not values:
        return Figure(name, None, "ms", target, note=note or "nothing came in time")
    text = f"{spread(values, 1000)}{'; ' + note if note else ''}"
    return Figure(name, round(percentile(values, 0.95) * 1000, 3), "ms", target, note=text)


def table(figures: Iterable[Figure]) -> str:
    """Return figures as a Markdown table."""
    lines = [
        "| | measured | to reach | verdict | spread and remarks |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {f.name} | {f.shown_value} | {f.shown_target} | {f.verdict} | {f.note} |".replace(
            "\n", " "
        )
        for f in figures
    ]
    return "\n".join(lines)
