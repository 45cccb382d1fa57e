"""`show`, `lint` and `stats`: what they tell of articles."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter

import pytest

from .conftest import Make, Newsdesk, article_file
from .test_list import plain_reading

MARIGOLD = "_news/2020-11-18-introducing-marigold.md"


def test_show_has_the_keys_of_the_contract(seeds: Newsdesk) -> None:
    path = seeds.here("list", "has:image has:related has:secured", "--paths").lines[0]
    output_json = json.loads(seeds("show", path, "--json").out)
    listed = json.loads(seeds.here("list", "--json", f"path:{path}").out)[0]
    assert {name: output_json[name] for name in listed} == listed
    assert list(output_json)[len(listed) :] == ["images", "related", "secured", "body", "other"]
    assert list(output_json["images"][0]) == ["url", "width", "height", "title", "is_cached"]
    assert set(output_json["secured"]) == {"bytes", "well_formed"}
    assert set(output_json["related"][0]) == set(
        "title excerpt published_at url type provider quality images path".split()
    )


def test_related_articles_of_this_collection_are_found(seeds: Newsdesk) -> None:
    everything = set(seeds.here("list", "--paths").lines)
    found = 0
    for path in seeds.here("list", "has:related", "--paths", "--limit", "8").lines:
        for entry in json.loads(seeds.here("show", path, "--json").out)["related"]:
            found += entry["path"] is not None
            assert entry["path"] is None or entry["path"] in everything - {path}
    assert found


def test_show_reads_well(seeds: Newsdesk) -> None:
    done = seeds.here("show", MARIGOLD)
    assert done.code == 0
    assert done.lines[0] == "Introducing Marigold"
    assert done.lines[1] == MARIGOLD
    assert "topics        Language Models, AI" in done.lines
    assert seeds.here("show", "-", given=MARIGOLD.encode()).out == done.out
    assert seeds.here("show", "-", given=b"a\nb\n").code == 2


def test_values_that_json_has_no_word_for_become_text(make: Make) -> None:
    newsdesk = make(
        {
            "a.md": article_file(
                infinite=".inf",
                nothing=".nan",
                huge="0x" + "f" * 5000,
                day="2020-01-02",
                first="0001-01-01T00:00:00+14:00",
                binary="!!binary aGVsbG8=",
                many="!!set {a, b}",
                nested="{1: {true: [null]}}",
            )
        }
    )
    done = newsdesk.here("show", "a.md", "--json")
    other = json.loads(done.out)["other"]
    assert done.code == 0
    if other:  # some of it may be beyond what is read at all
        assert other["day"] == "2020-01-02"
        assert newsdesk.here("show", "a.md").code == 0


def test_lint_finds_problems_and_says_so(make: Make) -> None:
    files = {
        "good.md": article_file(published="true"),
        "bad.md": article_file(published='"false"', quality="high"),
        "broken.md": '---\ntitle: "open\n---\n',
    }
    newsdesk = make(files)
    done = newsdesk("lint", "--json")
    output_json = json.loads(done.out)
    assert done.code == 1
    assert all(list(each) == ["path", "code", "message", "line"] for each in output_json)
    assert [each["path"] for each in output_json] == ["bad.md", "bad.md", "broken.md"]
    by_code = {each["code"]: each for each in output_json}
    assert by_code["published-not-boolean"]["line"] == 3
    lines = newsdesk.here("lint", "path:bad").lines
    assert len(lines) == 2
    assert any(line.startswith("bad.md:3: published is neither") for line in lines)
    clean = newsdesk.here("lint", "path:good", "--json")
    assert (clean.code, json.loads(clean.out)) == (0, [])
    assert newsdesk.here("lint", "(title:A OR path:bad)", "path:good").code == 0


def test_stats_agree_with_a_plain_reading(seeds: Newsdesk) -> None:
    output_json = json.loads(seeds("stats", "--json").out)
    expected = plain_reading(seeds.folder)
    assert output_json["articles"] == len(expected)
    topics = Counter(topic for each in expected for topic in set(each.get("topics") or [None]))
    assert {each["name"]: each["articles"] for each in output_json["topics"]} == topics
    published = sum(each.get("published") is True for each in expected)
    assert output_json["status"]["published"] == published
    assert sum(output_json["status"].values()) == len(expected)
    assert sum(each["articles"] for each in output_json["providers"]) == len(expected)
    assert sum(each["articles"] for each in output_json["months"]) == len(expected)
    for name in ("quality", "heat"):
        numbers = [each[name] for each in expected if each.get(name) is not None]
        spread = output_json[name]
        assert spread["count"] == len(numbers)
        assert (spread["min"], spread["max"]) == (min(numbers), max(numbers))
        assert spread["median"] == statistics.median(numbers)
        assert spread["mean"] == pytest.approx(statistics.mean(numbers), abs=0.01)


def test_stats_count_what_is_published_of_each_topic_day_and_score(seeds: Newsdesk) -> None:
    output_json = json.loads(seeds("stats", "--json").out)
    expected = plain_reading(seeds.folder)
    accepted = Counter(
        topic
        for each in expected
        if each.get("published") is True
        for topic in set(each.get("topics") or [None])
    )
    assert {
        each["name"]: each["published"] for each in output_json["topics"] if each["published"]
    } == (accepted)
    scores = Counter((each.get("quality"), each.get("heat")) for each in expected)
    assert {
        (each["quality"], each["heat"]): each["articles"] for each in output_json["scores"]
    } == scores
    for days in (output_json["days"], output_json["months"]):
        for status in ("published", "unpublished", "unset"):
            assert sum(each[status] for each in days) == output_json["status"][status]
    assert (
        sum(each["articles"] for each in output_json["queue"])
        == output_json["status"]["unpublished"]
    )


def test_stats_draw_the_dashboard_as_text(seeds: Newsdesk) -> None:
    text = seeds.here("stats").text
    for title in ("per day", "unpublished since", "heat (up) by quality (across)", "topic"):
        assert title in text
    output_json = json.loads(seeds.here("stats", "--json").out)
    first = output_json["topics"][0]
    share = f"{first['public'] / first['articles']:.0%}"
    assert re.search(rf"{first['name']} +{first['articles']} +{share}  █", text)
    assert "\x1b[" not in text


def test_stats_read_well_and_survive_nothing(seeds: Newsdesk, make: Make) -> None:
    text = seeds.here("stats", "is:unpublished").text
    assert "○ unpublished" in text
    assert "⣿" in text
    assert "█" in seeds.here("stats", "is:published").text
    nothing = json.loads(seeds.here("stats", "--json", "topic:Nonesuch").out)
    assert (nothing["articles"], nothing["heat"], nothing["topics"]) == (0, None, [])
    bare = make({"a.md": article_file()})
    output_json = json.loads(bare.here("stats", "--json").out)
    for named in ("topics", "months", "providers"):
        assert [(each["name"], each["articles"]) for each in output_json[named]] == [(None, 1)]
    assert "(none)" in bare.here("stats").text


def test_a_typing_mistake_glues_no_columns_of_the_statistics(make: Make) -> None:
    files = {
        f"{number}.md": article_file(heat=number, quality=50, topics="[AI]") for number in range(9)
    }
    files["typo.md"] = article_file(heat=2026112020261120, topics="[ai]")
    lines = make(files).here("stats").lines
    (heat,) = [line for line in lines if line.startswith("  heat ")]
    assert len(heat.split()) == 6
    assert heat.split()[4] == "2026112020261120"
    topics = [line.split() for line in lines if line.startswith(("  AI ", "  ai "))]
    assert [words[:2] for words in topics] == [["AI", "10"]]
