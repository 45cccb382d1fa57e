"""Keep what was measured, and write it down as Markdown."""

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
    "publish to next row, file safely on disk and said",
    "memory of the desk",
    "cold index",
    "refresh, nothing changed",
    "index ÷ the articles' text",
)


def save(path: Path, groups: dict[str, list[Figure]]) -> dict[str, Any]:
    """Keep the figures of one size (or of the links) as JSON; return what was kept."""
    told = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": {**machine.describe(), "others' use of it": machine.quietness()},
        "busy": machine.busy_median(),
        "groups": {name: [f.as_json() for f in figures] for name, figures in groups.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False))
    return told


def section(title: str, told: dict[str, Any]) -> str:
    """Return one size (or the links) as Markdown."""
    parts = [f"## {title}", ""]
    parts += [
        f"- {name}: {value}" for name, value in {"date": told["date"], **told["machine"]}.items()
    ]
    if told["busy"] > 0.25:
        parts += [
            "",
            f"**The machine was not quiet** (others used {told['busy']:.0%} of it in the median): "
            "the verdicts below say little about the program. Measure again before acting on them.",
        ]
    for remark in told.get("remarks", ()):
        parts += ["", remark]
    for name, figures in told["groups"].items():
        parts += ["", f"### {name}", "", table(Figure(**figure) for figure in figures)]
    return "\n".join(parts) + "\n"


def growth(kept: dict[int, dict[str, Any]]) -> str:
    """Return how cost grows with the size of the collection, as Markdown."""
    sizes = sorted(kept)
    if len(sizes) < 2:
        return ""
    values = {
        size: {f["name"]: Figure(**f) for group in told["groups"].values() for f in group}
        for size, told in kept.items()
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
    """Return what was kept: by size, and the links."""
    kept = {}
    for path in folder.glob("figures-*.json"):
        size = path.stem.removeprefix("figures-")
        if size.isdigit():
            kept[int(size)] = json.loads(path.read_text())
    links = folder / "figures-links.json"
    return kept, json.loads(links.read_text()) if links.exists() else None


def results(folder: Path, remarks: str) -> str:
    """Return RESULTS.md: all that was kept, newest run of each size."""
    kept, links = load(folder)
    parts = ["# Results\n", remarks.strip() + "\n"]
    parts += [growth(kept)]
    parts += [section(f"{size:,} articles", kept[size]) for size in sorted(kept)]
    if links is not None:
        parts.append(section("Links", links))
    return "\n".join(part for part in parts if part)
