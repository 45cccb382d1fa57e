"""Read the judged pairs, and turn them into what the rules compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from newsdesk.index.schema import page_key
from newsdesk.index.story_tables import StoryFacts

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of articles with the editor's judgement; `line` is where it stands in the file."""

    line: int
    same: bool
    shape: str
    one: StoryFacts
    other: StoryFacts

    def __str__(self) -> str:
        return f"{self.line}: {self.shape}: {self.one.title} | {self.other.title}"


def judged(half: str) -> list[Judged]:
    """Return the pairs of a half: `tuned` or `held`."""
    pairs = []
    lines = (HERE / f"{half}.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("= "):
            _, answer, shape, *links = line.split()
            if answer not in ("yes", "no"):
                raise ValueError(f"{half}.txt:{number}: {answer}")
            places = [_page(lines[number + step], f"{half}-{number}-{step}") for step in (0, 1)]
            one = _facts(2 * number, lines[number], places, "a>b" in links)
            other = _facts(2 * number + 1, lines[number + 1], places[::-1], "b>a" in links)
            pairs.append(Judged(number, answer == "yes", shape, one, other))
    return pairs


def _page(line: str, slug: str) -> str:
    """Return the address of an article; one that none is given for has its own."""
    place = line.split(" | ", maxsplit=1)[0].split()[2]
    return f"https://{place}" if "/" in place else f"https://{place}/2021/an-article-{slug}"


def _facts(id_: int, line: str, places: list[str], lists_other: bool) -> StoryFacts:
    head, title, excerpt = (*line.split(" | ")[:2], line.rsplit(" | ", maxsplit=1)[-1])
    if line.count(" | ") > 2:  # the source's name stands behind the title
        title = " | ".join(line.split(" | ")[1:-1])
    day, time, place = head.split()
    moment = datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=UTC)
    domain = place.split("/")[0].removeprefix("www.")
    return StoryFacts(
        id_,
        title,
        excerpt,
        int(moment.timestamp()),
        domain,
        domain,
        (places[0],),
        frozenset({page_key(places[0])}),
        frozenset({page_key(places[1])} if lists_other else ()),
    )
