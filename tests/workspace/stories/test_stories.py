"""Stories of a collection of files: made, told apart, decided about, published from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsdesk.config import Config
from newsdesk.errors import Cancelled, UsageError
from newsdesk.workspace.import_export import exported, imported
from newsdesk.workspace.stories.related import Relation
from newsdesk.workspace.workspace import Workspace

NOON = datetime(2020, 11, 18, 12, tzinfo=UTC)
TITLE = "Kestrel Harbour airport scans faces at every gate"
EXCERPT = "Cameras at all gates replace the passport check in Kestrel Harbour."


class Collection:
    """A folder of articles and the desk on it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "site"
        (self.root / "_news").mkdir(parents=True)
        self.workspace = Workspace(Config(self.root, folder / "cache", folder / "state"))

    def write(
        self,
        name: str,
        title: str = TITLE,
        *,
        hours: float = 0,
        excerpt: str = EXCERPT,
        published: str = "false",
        quality: int | None = 50,
        url: str | None = None,
        image: bool = False,
        related: str = "",
        domain: str = "",
    ) -> str:
        moment = NOON + timedelta(hours=hours)
        address = f"https://{name}.example/2020/{name}-story" if url is None else url
        lines = [
            "---",
            f'title: "{title}"',
            f'excerpt: "{excerpt}"',
            f"publishedDateTime: {moment:%Y-%m-%dT%H:%M:%SZ}",
            *([f'webUrl: "{address}"'] if address else []),
            *([f"quality: {quality}"] if quality is not None else []),
            *([f"published: {published}"] if published else []),
            f"provider:\n  name: {name}\n  domain: {domain or name + '.example'}",
            "topics:\n  - Airports",
            *(['images:\n  - url: "https://i.example/1.jpg"'] if image else []),
            *([f'related:\n  - title: "x"\n    webUrl: "{related}"'] if related else []),
            "---",
            "",
        ]
        path = f"_news/{name}.md"
        (self.root / path).write_text("\n".join(lines), encoding="utf-8")
        return path

    def made(self) -> Workspace:
        self.workspace.refresh()
        self.workspace.stories.group()
        return self.workspace

    def stories(self) -> list[set[str]]:
        self.made()
        return [set(story.paths) for story in self.workspace.stories.all()]

    def found(self, query: str) -> set[str]:
        return {
            row.path
            for row in self.workspace.rows(self.workspace.search(self.workspace.parse(query)))
        }


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Collection]:
    collection = Collection(tmp_path)
    yield collection
    collection.workspace.close()


# ---- making them -----------------------------------------------------------------------------


def test_the_same_story_from_several_sources_is_one_and_says_why(site: Collection) -> None:
    a = site.write("alpha")
    b = site.write("beta", hours=3, related="https://alpha.example/2020/alpha-story")
    site.write("gamma", "A ferry runs aground off Sandholm", excerpt="Nobody was hurt.")
    assert site.stories() == [{a, b}]
    story = site.workspace.stories.story(b)
    assert story is not None
    for member in story.members:
        assert member.belongs[:2] == ("listed as related", "same title")
        assert "3 h apart" in member.belongs


def test_an_excerpt_that_many_articles_of_a_source_have_proves_nothing(site: Collection) -> None:
    about = "Subscribe to our letter and get all the news of the day from the desk in Corran."
    title = "Corran markets today: shares, bonds and coins"
    for day in range(3):
        site.write(f"day{day}", title, hours=24 * day, excerpt=about, domain="corran.example")
    assert site.stories() == []
    same = {site.write(name, hours=1) for name in ("alpha", "beta")}
    assert site.stories() == [same], "other sources may share the text of an agency"


def test_a_correction_is_of_the_story_and_preferred(site: Collection) -> None:
    wrong = site.write("alpha", "Brenning recalls 80,000 cars over brakes", quality=90, image=True)
    right = site.write(
        "beta", "Correction: Brenning recalls 90,000 cars over brakes", hours=2, quality=40
    )
    assert site.stories() == [{wrong, right}]
    story = site.workspace.stories.story(wrong)
    assert story is not None
    assert story.members[0].row.path == right
    assert "a correction" in story.members[0].merits


def test_numbers_keep_alike_titles_apart(site: Collection) -> None:
    site.write("alpha", "Corvid Forms 2020 wave 1 overview")
    site.write("beta", "Corvid Forms 2020 wave 2 overview")
    assert site.stories() == []


def test_one_address_is_one_story_whatever_the_title(site: Collection) -> None:
    url = "https://paper.example/2020/11/18/ferry-aground"
    a = site.write("alpha", "Ferry aground", url=url)
    b = site.write("beta", "Captain had left the bridge", url=f"{url}/?utm_source=x", hours=30)
    assert site.stories() == [{a, b}]
    assert site.workspace.stories.of([a])[a].members[1].belongs == ("same URL",)


def test_a_home_page_that_many_share_proves_nothing(site: Collection) -> None:
    site.write("alpha", "Whale song written down", url="https://paper.example/", excerpt="a")
    site.write("beta", "Coral nursery doubles harvest", url="https://paper.example", excerpt="b")
    assert site.stories() == []


def test_likeness_does_not_chain(site: Collection) -> None:
    """A is like B and B is like C, but A and C name different numbers."""
    a = site.write("alpha", f"{TITLE} with 500 cameras")
    b = site.write("beta", TITLE, hours=1)
    c = site.write("gamma", f"{TITLE} with 600 cameras", hours=2)
    (story,) = site.stories()
    assert b in story
    assert len(story & {a, c}) == 1


def test_what_is_new_joins_without_a_pass_over_everything(site: Collection) -> None:
    a = site.write("alpha")
    assert site.stories() == []
    b = site.write("beta", hours=2)
    site.workspace.refresh()
    report = site.workspace.stories.group()
    assert report.looked_at <= 2  # a file that was written just now is read once more
    assert not report.whole
    assert [set(story.paths) for story in site.workspace.stories.all()] == [{a, b}]
    assert not site.workspace.stories.needs_grouping()


@pytest.mark.parametrize("step", ["one by one", "at once"])
def test_one_by_one_and_at_once_make_the_same_stories(site: Collection, step: str) -> None:
    titles = [
        TITLE,
        "北浜市、全小学校に自動翻訳機を導入",
        "В Тарне беспилотный трамвай вышел на линию",
    ]
    for number, title in enumerate(titles):
        for copy in "ab":
            site.write(f"s{number}{copy}", title, excerpt=title)
            if step == "one by one":
                site.made()
    assert sorted(map(sorted, site.stories())) == [
        [f"_news/s{number}a.md", f"_news/s{number}b.md"] for number in range(3)
    ]


def test_a_story_ends_with_its_second_article(site: Collection) -> None:
    site.write("alpha")
    b = site.write("beta")
    assert site.stories()
    (site.root / b).unlink()
    assert site.stories() == []
    site.write("alpha", "Something else entirely happened", excerpt="Else.")
    site.write("beta")
    assert site.stories() == []


def test_cancelling_leaves_stories_as_they_were(site: Collection) -> None:
    site.write("alpha")
    site.write("beta")
    site.workspace.refresh()
    with pytest.raises(Cancelled):
        site.workspace.stories.group(is_cancelled=lambda: True)
    assert not list(site.workspace.stories.all())
    assert site.workspace.stories.needs_grouping()
    site.workspace.stories.group()
    assert len(list(site.workspace.stories.all())) == 1


# ---- the best source -------------------------------------------------------------------------


def test_the_best_source_has_quality_then_an_image_then_was_first(site: Collection) -> None:
    late = site.write("late", quality=60, hours=2)
    first = site.write("first", quality=60)
    pictured = site.write("pictured", quality=60, image=True, hours=3)
    best = site.write("best", quality=70, hours=4)
    nowhere = site.write("nowhere", quality=90, url="", hours=5)
    site.made()
    story = site.workspace.stories.known(late)
    assert story.paths == (best, pictured, first, late, nowhere)
    merits = {member.row.path: member.merits for member in story.members}
    assert "has an image" in merits[pictured]
    assert "first to publish" in merits[first]
    assert merits[nowhere][0] == "no URL"


# ---- lists and queries -----------------------------------------------------------------------


def test_a_list_is_folded_to_the_best_that_is_in_it(site: Collection) -> None:
    a = site.write("alpha", quality=10)
    b = site.write("beta", quality=90, published="true")
    c = site.write("gamma", quality=50)
    d = site.write("delta", "A ferry runs aground off Sandholm", excerpt="Nobody was hurt.")
    site.made()
    id_of = site.workspace.ids_of([a, b, c, d])
    ids = [id_of[a], id_of[d], id_of[c]]
    folded = site.workspace.collapsed_stories.collapsed(ids)
    assert list(folded.ids) == [id_of[c], id_of[d]]
    assert folded.members == {id_of[c]: (id_of[a], id_of[c])}
    at_best = site.workspace.collapsed_stories.collapsed(ids, at_first=False)
    assert (list(at_best.ids), at_best.members) == ([id_of[d], id_of[c]], folded.members)
    places = site.workspace.collapsed_stories.places(ids)
    assert list(places.sizes) == [3, 1, 3]
    assert list(places.ranks) == [2, 0, 1]
    assert places.stories[0] == places.stories[2] != places.stories[1]


def test_queries_know_stories(site: Collection) -> None:
    a = site.write("alpha", quality=10)
    b = site.write("beta", quality=90, published="true")
    d = site.write("delta", "A ferry runs aground off Sandholm", excerpt="Nobody was hurt.")
    site.made()
    assert site.found("story:2") == {a, b}
    assert site.found("story:none") == {d}
    assert site.found("is:duplicate") == {a}
    assert site.found("is:ran") == {a}
    assert site.found("-is:ran") == {b, d}


# ---- what ran --------------------------------------------------------------------------------


def test_what_is_out_has_run_for_the_others(site: Collection) -> None:
    a = site.write("alpha")
    b = site.write("beta", published="true", hours=2)
    site.made()
    (row,) = site.workspace.rows(list(site.workspace.ids_of([a]).values()))
    ran = site.workspace.stories.coverage([row])[a]
    assert (ran.path, ran.published_at, ran.decided_at) == (b, NOON + timedelta(hours=2), None)


def test_a_file_that_says_nothing_is_out_too(site: Collection) -> None:
    a = site.write("alpha")
    site.write("beta", published="")
    site.made()
    assert site.found("is:ran") == {a}


def test_what_an_editor_published_and_the_bot_took_back_ran_lately(site: Collection) -> None:
    a, b = site.write("alpha"), site.write("beta", hours=1)
    site.made()
    site.workspace.set_published([b], True)
    site.write("beta", hours=1)
    site.made()
    assert site.found("is:ran") == {a}
    (row,) = site.workspace.rows(list(site.workspace.ids_of([a]).values()))
    assert site.workspace.stories.coverage([row])[a].decided_at is not None


# ---- decisions -------------------------------------------------------------------------------


def test_a_member_that_was_taken_out_stays_out_until_undone(site: Collection) -> None:
    a, b, c = (site.write(name, hours=h) for h, name in enumerate(("alpha", "beta", "gamma")))
    assert site.stories() == [{a, b, c}]
    site.workspace.split_story(b)
    assert [set(s.paths) for s in site.workspace.stories.all()] == [{a, c}]
    site.write("beta", hours=1, quality=99)
    d = site.write("delta", hours=4)
    stories = site.stories()
    assert len(stories) == 1
    assert b not in stories[0]
    assert {a, c, d} == stories[0]
    site.workspace.undo()
    assert site.stories() == [{a, b, c, d}]
    site.workspace.redo()
    assert site.stories() == [{a, c, d}]


def test_an_editor_joins_what_no_rule_would(site: Collection) -> None:
    a = site.write("alpha")
    b = site.write("beta", hours=1)
    c = site.write("gamma", "Something else entirely happened 3 times", excerpt="Else.")
    site.made()
    site.workspace.join_story(c, b)
    story = site.workspace.stories.known(a)
    assert set(story.paths) == {a, b, c}
    assert {m.belongs for m in story.members if m.row.path == c} == {("joined by an editor",)}
    site.workspace.split_story(c)
    assert set(site.workspace.stories.known(a).paths) == {a, b}
    site.workspace.join_story(c, a)
    assert set(site.workspace.stories.known(a).paths) == {a, b, c}
    site.workspace.undo()
    site.workspace.undo()
    site.workspace.undo()
    assert set(site.workspace.stories.known(c).paths) == {c}


def test_decisions_travel(site: Collection, tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        site.write(name)
    site.made()
    site.workspace.split_story("_news/beta.md")
    lines = [json.dumps(decision) for decision in exported(site.workspace.all_editorial_states())]
    other = Collection(tmp_path / "elsewhere")
    for name in ("alpha", "beta", "gamma"):
        other.write(name)
    other.made()
    other.workspace.join_story("_news/gamma.md", "_news/beta.md")
    action, _ = imported(other.workspace.journal, other.workspace.apply, lines)
    assert action.changed
    stories = other.stories()
    assert not any({"_news/alpha.md", "_news/beta.md"} <= story for story in stories)
    assert {"_news/gamma.md", "_news/beta.md"} in stories
    other.workspace.close()


def test_nothing_is_decided_about_what_is_not_here(site: Collection) -> None:
    site.made()
    with pytest.raises(UsageError):
        site.workspace.split_story("_news/none.md")
    with pytest.raises(UsageError):
        site.workspace.publish_best("_news/none.md")


# ---- P ---------------------------------------------------------------------------------------


def test_the_best_is_published_and_the_others_retired_in_one_undo(site: Collection) -> None:
    best = site.write("best", quality=90)
    out = site.write("out", quality=20, published="true", hours=1)
    waiting = site.write("waiting", quality=50, hours=2)
    before = {path: (site.root / path).read_bytes() for path in (best, out, waiting)}
    site.made()
    action = site.workspace.publish_best(waiting)
    assert set(action.changed) == {best, out, waiting}
    assert site.found("is:published") == {best}
    assert site.found("is:rejected") == {out, waiting}
    assert site.found("is:unpublished -is:rejected") == set()
    assert (site.root / waiting).read_bytes() == before[waiting]
    assert len(site.workspace.log()) == 1
    site.workspace.undo()
    assert {path: (site.root / path).read_bytes() for path in before} == before
    assert site.found("is:rejected") == set()


def test_nothing_is_retired_if_the_best_cannot_be_published(site: Collection) -> None:
    best = site.write("best", quality=90, published='"maybe"')
    waiting = site.write("waiting", quality=50, hours=2)
    site.made()
    action = site.workspace.publish_best(waiting)
    assert [outcome.path for outcome in action.refused] == [best]
    assert site.found("is:rejected") == set()
    assert not site.workspace.log()


# ---- the related pane ------------------------------------------------------------------------


def test_neighbours_come_in_order_each_with_its_reason(site: Collection) -> None:
    a = site.write("alpha", related="https://beta.example/2020/beta-story")
    b = site.write("beta", hours=1, quality=80)
    c = site.write("gamma", hours=2, related="https://alpha.example/2020/alpha-story")
    d = site.write("delta", hours=3)
    e = site.write(
        "epsilon", "Other airport scans luggage at Kestrel Harbour", hours=900, excerpt="Bags."
    )
    site.made()
    lines = site.workspace.stories.related_items(site.workspace.article(a))
    assert [(line.relation, line.path) for line in lines] == [
        (Relation.LISTED, b),
        (Relation.POINTS_HERE, c),
        (Relation.SAME_STORY, d),
        (Relation.LIKE, e),
    ]
    assert [line.same_story for line in lines] == [True, True, True, False]
    assert lines[0].outscores
    assert all(line.reason for line in lines)
    assert "topic Airports" in lines[3].reason
