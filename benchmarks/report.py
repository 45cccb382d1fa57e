"""Save measured figures, and write them as Markdown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.figures import Figure, number, table

_GROWTH = (
    "start to first rows, warm",
    "cursor move (`j`), p95",
    "page down held for 5 s, p95",
    "change of sort (`s` `q`)",
    "change of view (`3`, All)",
    "change of topic (Enter in the picker)",
    "full-text search (`/` word) to new rows",
    "publish to next row, file on disk and reported",
    "memory of newsdesk",
    "cold index",
    "refresh, nothing changed",
    "index ÷ the articles' text",
)


def save(path: Path, groups: dict[str, list[Figure]]) -> dict[str, Any]:
    """Save the figures of one size (or of the links) as JSON; return them."""
    results = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": {**machine.describe(), "others' use of it": machine.quietness()},
        "busy": machine.busy_median(),
        "groups": {name: [f.as_json() for f in figures] for name, figures in groups.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    return results


def section(title: str, results: dict[str, Any]) -> str:
    """Return one size (or the links) as Markdown."""
    parts = [f"## {title}", ""]
    parts += [
        f"- {name}: {value}"
        for name, value in {"date": results["date"], **results["machine"]}.items()
    ]
    if results["busy"] > 0.25:
        parts += [
            "",
            f"**The machine was not quiet** "
            f"(others used {results['busy']:.0%} of it in the median): "
            "the verdicts below are unreliable. Measure again before acting on them.",
        ]
    for remark in results.get("remarks", ()):
        parts += ["", remark]
    for name, figures in results["groups"].items():
        parts += ["", f"### {name}", "", table(Figure(**figure) for figure in figures)]
    return "\n".join(parts) + "\n"


def growth(saved: dict[int, dict[str, Any]]) -> str:
    """Return how cost grows with the size of the collection, as Markdown."""
    sizes = sorted(saved)
    if len(sizes) < 2:
        return ""
    values = {
        size: {f["name"]: Figure(**f) for group in results["groups"].values() for f in group}
        for size, results in saved.items()
    }
    lines = [
        "## How cost grows",
        "",
        "| | " + " | ".join(f"{size:,}" for size in sizes) + " | last ÷ first |",
        "| --- |" + " --- |" * (len(sizes) + 1),
    ]
    for name in _GROWTH:
        row = [values[size].get(name) for size in sizes]
        cells = [figure.shown_value if figure else "–" for figure in row]
        first, last = (f.value if f else None for f in (row[0], row[-1]))
        ratio = f"{number(round(last / first, 2))} ×" if first and last else "–"
        lines.append(f"| {name} | {' | '.join(cells)} | {ratio} |")
    return "\n".join(lines) + "\n"


def load(folder: Path) -> tuple[dict[int, dict[str, Any]], dict[str, Any] | None]:
    """Return the saved results: by size, and those of the links."""
    saved = {}
    for path in folder.glob("figures-*.json"):
        size = path.stem.removeprefix("figures-")
        if size.isdigit():
            saved[int(size)] = json.loads(path.read_text())
    links = folder / "figures-links.json"
    return saved, json.loads(links.read_text()) if links.exists() else None


def results(folder: Path, remarks: str) -> str:
    """Return RESULTS.md: the newest run of each size."""
    saved, links = load(folder)
    parts = ["# Results\n", remarks.strip() + "\n"]
    parts += [growth(saved)]
    parts += [section(f"{size:,} articles", saved[size]) for size in sorted(saved)]
    if links is not None:
        parts.append(section("Links", links))
    return "\n".join(part for part in parts if part)
