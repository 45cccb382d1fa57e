"""The numbers of a query are those of a plain count over the rows it finds."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsdesk.collection.article import Status
from newsdesk.config import Config
from newsdesk.index.schema import Row
from newsdesk.index.stats import StatusCounts
from newsdesk.workspace import editorial_state
from newsdesk.workspace.views import ALL, REJECTED, UNPUBLISHED
from newsdesk.workspace.workspace import Workspace

QUERIES = (
    "",
    "is:unpublished -is:rejected -is:later",
    "is:published",
    "is:unset",
    "quality:>=50 heat:<60",
    "quality:none OR date:none",
    "topic:AI",
    "-topic:AI",
    "moon",
    "-title:moon",
    "domain:b.example is:published",
    "date:>=1970-01-01 has:image",
    "path:1",
    "nonesuch",
)


def article(chance: random.Random) -> str:
    published = chance.choice(["true", "false", "false", "perhaps", None])
    some_day = f"2020-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T23:59:59Z"
    early = ("1969-12-31T23:59:59Z", "1960-02-29T12:00:00Z", "2020-11-18T00:00:00Z")
    moment = chance.choice([*early, some_day, some_day, some_day, None])
    provider = chance.choice(
        [
            {"name": "A", "domain": "a.example"},
            {"name": "Also A", "domain": "a.example"},
            {"name": "B", "domain": "b.example"},
            {"name": "Only a name"},
            None,
        ]
    )
    fields = {
        "title": chance.choice(["Moon dust", "Tides", "Chips"]),
        "published": published,
        "publishedDateTime": moment,
        "quality": chance.choice([None, 0, 50, 51, 100]),
        "heat": chance.choice([None, -1, 0, 60, 250]),
        "provider": provider,
        "topics": chance.sample(["AI", "Art", "ai", "Law"], chance.randint(0, 3)),
        "images": chance.choice([[], [{"url": "https://a.example/i.jpg"}]]),
    }
    lines = [
        f"{name}: {value if name in ('published', 'publishedDateTime') else json.dumps(value)}"
        for name, value in fields.items()
        if value is not None
    ]
    return "\n".join(["---", *lines, "---", ""])


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Iterator[Workspace]:
    chance = random.Random(8)
    for number in range(160):
        (root / "_news" / f"{number}.md").write_text(article(chance), encoding="utf-8")
    workspace = Workspace(Config(root, tmp_path / "cache", tmp_path / "state"))
    workspace.refresh()
    yield workspace
    workspace.close()


def tally(rows: list[Row]) -> StatusCounts:
    statuses = Counter(row.status for row in rows)
    return StatusCounts(
        statuses[Status.PUBLISHED], statuses[Status.UNPUBLISHED], statuses[Status.UNSET]
    )


def day_of(row: Row) -> int | None:
    return None if row.published_at is None else row.published_at.date().toordinal()


@pytest.mark.parametrize("text", QUERIES)
def test_the_numbers_are_those_of_a_plain_count(workspace: Workspace, text: str) -> None:
    paths = ["_news/1.md", "_news/2.md"]
    workspace.decide(paths, editorial_state.REJECTED, editorial_state.YES, "reject")
    query = workspace.parse(text)
    rows = workspace.rows(workspace.search(query))
    numbers = workspace.numbers(query)

    assert numbers.total == tally(rows)
    days = {day: [row for row in rows if day_of(row) == day] for day in set(map(day_of, rows))}
    assert numbers.days == {day: tally(found) for day, found in days.items()}
    assert numbers.scores == Counter((row.quality, row.heat) for row in rows)
    for named, names_of in (
        # However it is spelled, a topic counts once, as `topic:` finds it.
        (numbers.topics, lambda row: {topic.casefold() for topic in row.topics} or {""}),
        (numbers.providers, lambda row: {row.provider.label.casefold()}),
    ):
        everybody = Counter(name for row in rows for name in names_of(row))
        published = Counter(
            name for row in rows if row.status is Status.PUBLISHED for name in names_of(row)
        )
        assert {each.name.casefold(): each.articles for each in named} == everybody
        assert {each.name.casefold(): each.published for each in named} == {
            name: published[name] for name in everybody
        }
        order = [(-each.articles, each.name) for each in named]
        assert order == sorted(order)


@pytest.mark.parametrize("text", QUERIES)
def test_every_topic_in_use_is_counted_also_with_none(workspace: Workspace, text: str) -> None:
    query = workspace.parse(text)
    found = Counter(
        topic for row in workspace.rows(workspace.search(query)) for topic in set(row.topics)
    )
    counts = workspace.topic_counts(query)
    assert {name for name, _ in counts} == {"AI", "Art", "ai", "Law"}
    assert all(number == found[name] for name, number in counts)
    assert counts == sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def test_a_topic_that_nobody_has_any_more_is_gone(workspace: Workspace) -> None:
    path = workspace.config.collection / "_news" / "0.md"
    path.write_text("---\ntitle: x\ntopics: [Once]\n---\n")
    workspace.reread(["_news/0.md"])
    assert "Once" in dict(workspace.topic_counts(workspace.parse("")))
    path.write_text("---\ntitle: x\ntopics: [Art]\n---\n")
    workspace.reread(["_news/0.md"])
    assert "Once" not in dict(workspace.topic_counts(workspace.parse("")))
    assert "Once" not in {each.name for each in workspace.numbers(workspace.parse("")).topics}


def test_the_day_of_a_moment_is_that_of_utc(workspace: Workspace) -> None:
    days = workspace.numbers(workspace.parse("date:<1970-01-01")).days
    assert set(days) == {date(1969, 12, 31).toordinal(), date(1960, 2, 29).toordinal()}
    assert datetime.fromtimestamp(-1, UTC).date() == date(1969, 12, 31)


# -- counts of the views -----------------------------------------------------------------------


def test_views_are_counted_once_until_somebody_writes(workspace: Workspace) -> None:
    asked: list[str] = []
    count = workspace.store.count
    workspace.store.count = lambda query, **kw: asked.append(query.text) or count(query, **kw)  # type: ignore[method-assign,func-returns-value]
    first = workspace.view_counts()
    assert len(asked) == 5
    assert workspace.view_counts() == first
    assert len(asked) == 5

    unpublished = [
        row.path for row in workspace.rows(workspace.search(workspace.parse("is:unpublished")))
    ]
    workspace.set_published(unpublished[:1], True)
    second = workspace.view_counts()
    assert second[UNPUBLISHED] == first[UNPUBLISHED] - 1
    workspace.decide(unpublished[1:2], editorial_state.REJECTED, editorial_state.YES, "reject")
    third = workspace.view_counts()
    assert third[REJECTED] == second[REJECTED] + 1
    workspace.undo()
    assert workspace.view_counts() == second


def test_views_are_counted_anew_when_another_newsdesk_writes(workspace: Workspace) -> None:
    before = workspace.view_counts()[ALL]
    other = Workspace(workspace.config)
    (workspace.config.collection / "_news" / "new.md").write_text("---\ntitle: new\n---\n")
    other.refresh()
    assert workspace.view_counts()[ALL] == before + 1
    path = "_news/3.md"
    rejected = workspace.view_counts()[REJECTED]
    other.decide([path], editorial_state.REJECTED, editorial_state.YES, "reject")
    other.close()
    assert workspace.view_counts()[REJECTED] == rejected + 1


def test_views_are_counted_anew_after_the_index_was_rebuilt(workspace: Workspace) -> None:
    before = workspace.view_counts()
    workspace.rebuild()
    assert workspace.view_counts()[ALL] == 0
    workspace.refresh()
    assert workspace.view_counts() == before
