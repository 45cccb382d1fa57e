"""`newsdesk list` tells the truth, in every format, and stays small."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Make, Newsdesk, article_file


def plain_reading(folder: Path) -> list[dict[str, Any]]:
    """Read a collection with PyYAML and nothing of ours."""
    articles = []
    for file in sorted(folder.rglob("*.md")):
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        if text.startswith("---\n"):
            fields = yaml.safe_load(text[4:].split("\n---", 1)[0])
            if file.read_bytes().startswith(b"\xef\xbb\xbf") and not fields.get("published"):
                fields.pop("published", None)  # Jekyll copies the file, whatever it says
            articles.append({**fields, "path": file.relative_to(folder).as_posix()})
    return articles


def seconds(value: object) -> float | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return None


def in_order(articles: list[dict[str, Any]], *fields: str) -> list[str]:
    """Return paths in descending order, missing values last, ties by path."""

    def key(fields_of: dict[str, Any]) -> list[object]:
        keys: list[object] = []
        for name in fields:
            value = fields_of.get(name)
            number = value if isinstance(value, int) else seconds(value)
            keys += [number is None, -(number or 0)]
        return [*keys, fields_of["path"]]

    return [fields_of["path"] for fields_of in sorted(articles, key=key)]


STATUS = {True: "published", False: "unpublished"}


def status_of(fields: dict[str, Any]) -> str:
    value = fields.get("published")
    return STATUS[value] if isinstance(value, bool) else "unset"


def test_json_agrees_with_a_plain_reading(seeds: Newsdesk) -> None:
    done = seeds("list", "--json")
    listed = json.loads(done.out)
    expected = plain_reading(seeds.folder)
    assert done.code == 0
    assert done.err == ""
    assert len(listed) == len(expected) > 60
    assert [each["path"] for each in listed] == in_order(
        expected, "heat", "quality", "publishedDateTime"
    )
    by_path = {each["path"]: each for each in listed}
    for fields in expected:
        output_json = by_path[fields["path"]]
        assert output_json["status"] == status_of(fields)
        assert output_json["topics"] == list(dict.fromkeys(fields.get("topics") or []))
        assert output_json["heat"] == fields.get("heat")
        assert output_json["quality"] == fields.get("quality")
        if isinstance(fields.get("title"), str):
            assert output_json["title"] == fields["title"]
        moment = output_json["published_at"]
        assert moment is None or moment.endswith("Z")
        found = moment and datetime.fromisoformat(moment).timestamp()
        assert found == seconds(fields.get("publishedDateTime"))


def test_order_by_quality_has_ties_by_path(seeds: Newsdesk) -> None:
    expected = in_order(plain_reading(seeds.folder), "quality")
    for arguments in (["--sort", "quality"], ["sort:quality"], ["sort:heat", "--sort", "quality"]):
        assert seeds.here("list", "--paths", *arguments).lines == expected


def test_missing_numbers_are_last_in_both_directions(seeds: Newsdesk) -> None:
    listed = json.loads(seeds.here("list", "--json", "--sort", "heat-asc").out)
    heats = [each["heat"] for each in listed]
    known = [heat for heat in heats if heat is not None]
    assert heats == sorted(known) + [None] * (len(heats) - len(known))


def test_an_article_has_the_keys_of_the_contract(seeds: Newsdesk) -> None:
    (output_json,) = json.loads(seeds.here("list", "--json", "--limit", "1", "has:url").out)
    assert (
        list(output_json)
        == (
            "path title excerpt status published_at updated_at quality heat category type provider "
            "topics url urls problems"
        ).split()
    )
    assert list(output_json["provider"]) == ["name", "domain"]
    assert list(output_json["urls"]) == ["web", "original", "amp", "cdn_amp"]


def test_all_formats_have_the_same_content(seeds: Newsdesk) -> None:
    query = ("list", "is:unpublished", "topic:AI")
    paths = [each["path"] for each in json.loads(seeds.here(*query, "--json").out)]
    assert paths
    lines = seeds.here(*query, "--jsonl").lines
    assert [json.loads(line)["path"] for line in lines] == paths
    rows = list(csv.DictReader(io.StringIO(seeds.here(*query, "--csv").text)))
    assert [row["path"] for row in rows] == paths
    assert seeds.here(*query, "--paths").lines == paths
    assert [line.split("\t")[-1] for line in seeds.here(*query).lines] == paths
    assert len(seeds.here(*query, "--color=always").lines) == len(paths) + 1


def test_nothing_found_is_an_empty_answer_and_a_sentence(seeds: Newsdesk) -> None:
    done = seeds.here("list", "--json", "topic:Nonesuch")
    assert (done.code, json.loads(done.out)) == (0, [])
    assert "None of" in done.err
    assert "topic Nonesuch" in done.err
    assert seeds.here("list", "--limit", "0", "--jsonl").out == b""


def test_a_dash_excludes_and_options_stand_anywhere(seeds: Newsdesk) -> None:
    everything = set(seeds.here("list", "--paths").lines)
    robots = set(seeds.here("list", "--paths", "topic:Robotics").lines)
    assert robots
    without = set(seeds.here("list", "-topic:Robotics", "--paths").lines)
    assert without == everything - robots
    assert set(seeds.here("list", "--paths", "--", "-Camera").lines) < everything
    split = seeds.here("list", "is:published", "--paths", "-topic:Robotics", "--limit", "3")
    assert len(split.lines) == 3
    assert set(split.lines) <= without


def test_the_table_fits_the_terminal(make: Make) -> None:
    titles = {"w.md": "深圳机器人学会了在下雨天撑伞" * 9, "l.md": "word " * 60, "s.md": "s"}
    files = {path: article_file(title, heat=1000) for path, title in titles.items()}
    for columns in (40, 80, 140):
        newsdesk = make(files, COLUMNS=str(columns), NO_COLOR="")
        from rich.cells import cell_len

        for line in newsdesk.here("list", "--color=always").lines:
            plain = line.replace("\x1b[0m", "")
            for code in ("2", "31", "32", "33"):
                plain = plain.replace(f"\x1b[{code}m", "")
            assert "\x1b" not in plain
            assert cell_len(plain) <= columns


def test_more_than_a_page_is_one_array(make: Make) -> None:
    newsdesk = make({f"{number:04}.md": article_file(f"n{number}") for number in range(1203)})
    listed = json.loads(newsdesk("list", "--json", "--sort", "path").out)
    assert [each["title"] for each in listed] == [f"n{number}" for number in range(1203)]


def test_a_changed_file_is_listed_as_it_is_now(make: Make) -> None:
    newsdesk = make({"a.md": article_file("before")})
    assert "before" in newsdesk.here("list").text
    (newsdesk.folder / "a.md").write_text(article_file("after!"))
    assert "after!" in newsdesk.here("list").text
    (newsdesk.folder / "a.md").unlink()
    assert newsdesk.here("list").out == b""


def test_list_loads_neither_textual_nor_httpx(seeds: Newsdesk) -> None:
    program = (
        "import sys; from newsdesk.__main__ import main; "
        "sys.argv = ['newsdesk', 'list', '--json']; code = main(); "
        "heavy = {'textual', 'httpx', 'rapidfuzz', 'rich', 'asyncio', 'email', "
        "'importlib.metadata', 'platformdirs', 'newsdesk.tui', 'newsdesk.links'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=seeds.variables,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr.decode().strip() == "[]"


@pytest.mark.parametrize(
    ("query", "caret"),
    [
        ("topc:AI", "    ^"),
        ("is:published hete:>5", "                 ^"),
        ("深圳 quality:abc", "                 ^"),
    ],
)
def test_a_mistake_in_a_query_shows_its_place(seeds: Newsdesk, query: str, caret: str) -> None:
    done = seeds.here("list", query)
    assert (done.code, done.out) == (2, b"")
    message, shown_query, place = done.err.splitlines()
    assert message.startswith("newsdesk: ")
    assert shown_query == f"    {query}"
    assert place.startswith(caret)


def test_a_mistake_far_back_in_a_query_is_shown_in_its_surroundings(seeds: Newsdesk) -> None:
    done = seeds.here("list", "word " * 300 + "heet:>5" + " word" * 300)
    _, query, place = done.err.splitlines()
    assert len(query) < 130
    assert query[place.index("^") :].startswith("heet")


@pytest.mark.parametrize("spec", ["heet", "", "heat is:published", "heat sort:date"])
def test_an_order_that_is_none_is_refused(seeds: Newsdesk, spec: str) -> None:
    done = seeds.here("list", "--sort", spec)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("newsdesk: ")


def test_a_line_to_be_read_aloud_needs_no_columns_and_no_signs(make: Make) -> None:
    newsdesk = make(
        {
            "a.md": article_file(
                "Who knew?", heat=3, published="false", provider="{name: Courier}"
            ),
            "b.md": article_file("A title \x1b[31m", published="true"),
        }
    )
    lines = newsdesk.here("list", "--sentences", "--sort", "path").lines
    assert lines == [
        "Who knew? Unpublished, heat 3, no quality, from Courier. File a.md",
        "A title �[31m. Published, no heat, no quality, 1 problem. File b.md",
    ]


def test_decimals_are_read_found_sorted_and_printed_as_they_are(make: Make) -> None:
    values = {"a": "50.5", "b": "50", "c": "139.0", "d": "1_000.25", "e": ".inf", "f": "5e1"}
    newsdesk = make({f"{n}.md": article_file(n, quality=v, heat=0.001) for n, v in values.items()})
    output_json = json.loads(newsdesk.here("list", "--json", "sort:quality").out)
    assert [(each["path"], each["quality"]) for each in output_json] == [
        ("d.md", 1000.25),
        ("c.md", 139),
        ("a.md", 50.5),
        ("b.md", 50),
        ("e.md", None),
        ("f.md", None),
    ]
    assert [problem["code"] for each in output_json for problem in each["problems"]] == [
        "number"
    ] * 2
    for query, paths in {
        "quality:>50": ["d.md", "c.md", "a.md"],
        "quality:50.5": ["a.md"],
        "quality:40.5..60": ["a.md", "b.md"],
        "quality:139.0": ["c.md"],
    }.items():
        assert newsdesk.here("list", query, "--paths").lines == paths
    table = newsdesk.here("list", "--color", "always", "quality:>50").text
    assert " 50.5 " in table
    assert " 1000 " in table
    assert newsdesk.here("stats", "--json").code == newsdesk.here("stats").code == 0
    assert newsdesk.here("show", "a.md").lines[4].split() == ["quality", "50.5"]


@pytest.mark.parametrize("written", ["https://a.example/a b", "https://a.example/a|b"])
def test_an_address_with_a_blank_or_a_bar_is_an_address(make: Make, written: str) -> None:
    newsdesk = make({"_news/a.md": article_file(webUrl=written)})
    url = written.replace(" ", "%20")
    (row,) = json.loads(newsdesk.here("list", "--json", "has:url").out)
    assert row["url"] == url
    shown = json.loads(newsdesk.here("show", "--json", "_news/a.md").out)
    assert shown["url"] == url


def test_csv_keeps_the_text_and_paths_that_can_be_used(make: Make) -> None:
    title = 'one\ttab,  two\nlines\r\nand "quotes"'
    names = ["a.md", "-dash.md", "=cmd.md", "a, b.md", "two  blanks.md", "tab\there.md", "ü.md"]
    article = f"---\ntitle: {json.dumps(title)}\npublished: false\n---\n"
    newsdesk = make(dict.fromkeys(names, article))
    text = newsdesk("list", "--csv").text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == [title] * len(names)
    assert {(newsdesk.folder / row["path"]).name for row in rows} == set(names)
    assert not [row for row in rows if row["path"][0] in "=+-@"]
    paths = "".join(f"{row['path']}\0" for row in rows).encode()
    assert newsdesk.here("publish", "-", given=paths).code == 0
    assert {file.read_text().count("published: true") for file in newsdesk.folder.iterdir()} == {1}
