"""The index finds what a plain search through a list finds, in the same order."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.collection.article import Article, Provider, Status
from newsdesk.collection.files import Fingerprint
from newsdesk.errors import QueryError
from newsdesk.index import schema, search
from newsdesk.index.query import sql
from newsdesk.index.query.ast import (
    DEFAULT_ORDER,
    FIELDS,
    SORT_FIELDS,
    STORY,
    Kind,
    Query,
    SortKey,
)
from newsdesk.index.query.parser import parse
from newsdesk.text import comparison_key

from .evaluator import Entry, Evaluator

NOW = datetime(2020, 11, 20, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
DAY = 86400
SETS = frozenset({"is:marked", "is:later", "has:note", "link"})
FLAGS = {
    "image": schema.HAS_IMAGE,
    "related": schema.HAS_RELATED,
    "secured": schema.HAS_SECURED,
    "body": schema.HAS_BODY,
    "url": schema.HAS_URL,
    "problems": schema.HAS_PROBLEMS,
}
STATUS = {status.value: code for status, code in schema.STATUS_CODES.items()}


def opened(entries: Sequence[Entry]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    sql.register_functions(connection)
    connection.executescript(schema.SCHEMA)
    for entry in entries:
        values = (
            entry.id,
            *(entry.path, 0, 0, 0, 0, 0, entry.title, entry.excerpt, STATUS[entry.status]),
            *(entry.date, None, entry.quality, entry.heat, entry.category, entry.type),
            *(entry.provider, entry.domain, sum(FLAGS[name] for name in entry.carries)),
            *(json.dumps(entry.topics), "[]", "[]", b""),
        )
        marks = ",".join("?" * len(values))
        connection.execute(
            f"INSERT INTO articles (id, {','.join(schema.COLUMNS)}) VALUES ({marks})", values
        )
        for topic in set(entry.topics):
            connection.execute(
                "INSERT OR IGNORE INTO topics (name, folded) VALUES (?, ?)",
                (topic, comparison_key(topic)),
            )
            connection.execute(
                "INSERT INTO article_topics SELECT id, ? FROM topics WHERE name = ?",
                (entry.id, topic),
            )
        if entry.story > 1:
            connection.execute("INSERT INTO stories VALUES (?, 0, ?, 0)", (entry.id, entry.story))
    connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
    return connection


def answer(
    connection: sqlite3.Connection,
    text: str,
    prefix: bool = False,
    members: dict[str, frozenset[int]] | None = None,
) -> list[int]:
    query = parse(text, sets=SETS)
    sets = members or {}
    wanted = {
        "now": NOW,
        "last_word_is_prefix": prefix,
        "members": lambda name: sets.get(name, frozenset()),
    }
    statement = sql.select_ids(query, **wanted)
    ids = [row[0] for row in connection.execute(statement.sql, statement.parameters)]
    counted = sql.count(query, **wanted)
    assert connection.execute(counted.sql, counted.parameters).fetchone() == (len(ids),)
    assert list(looked_up(connection, query, wanted)) == ids
    return ids


def looked_up(connection: sqlite3.Connection, query: Query, wanted: dict[str, Any]) -> array[int]:
    """Ask the search that keeps what it reads: first without anything, then with all of it."""
    ask = (NOW, wanted["last_word_is_prefix"], wanted["members"])
    finder = search.Search(connection, search.Kept(), 1, *ask)
    first = finder.find(query)
    assert finder.count(query.condition) == len(first)
    connection.execute("SAVEPOINT before")
    finder.keep(query.order or DEFAULT_ORDER)
    for again in (finder, search.Search(connection, search.Kept(), 2, *ask)):
        assert again.is_kept(query.order or DEFAULT_ORDER)
        assert again.find(query) == first
        assert again.count(query.condition) == len(first)
    connection.execute("ROLLBACK TO before")
    return first


def found(text: str, *entries: Entry, prefix: bool = False, **members: frozenset[int]) -> list[int]:
    with closing(opened(entries)) as connection:
        sets = {name.replace("_", ":"): ids for name, ids in members.items()}
        return sorted(answer(connection, text, prefix, sets))


def titled(*titles: str) -> list[Entry]:
    return [Entry(number, f"{number}.md", title) for number, title in enumerate(titles, 1)]


# ---- words -----------------------------------------------------------------------------------


def test_all_words_must_occur_anywhere_in_title_excerpt_and_provider():
    entry = Entry(1, "a.md", "Police", "use face recognition", provider="The Verge")
    assert found("verge police face", entry) == [1]
    assert found("verge police car", entry) == []


def test_a_phrase_needs_its_words_next_to_each_other():
    entries = titled("face recognition", "recognition of a face")
    assert found('"face recognition"', *entries) == [1]
    assert found("face recognition", *entries) == [1, 2]


def test_case_and_accents_do_not_matter_in_words():
    assert found("CAFE zürich", *titled("Café Zurich")) == [1]


SPELLINGS = [
    ("weiss", "weiß"),
    ("WEISS", "Weiß"),
    ("STRASSE", "Straße"),
    ("kunst", "künst"),
    ("kunst", "ku\u0308nst"),
    ("final", "ﬁnal"),
    ("istanbul", "İstanbul"),
    ("diyarbakir", "Diyarbakır"),
    ("οδοσ", "ΟΔΟΣ"),
    ("οδος", "οδός"),
    ("Lodz", "Łódź"),
    ("smorrebrod", "smørrebrød"),
    ("Dang", "Đặng"),
    ("aether", "Æther"),
    ("oeuvre", "œuvre"),
    ("еще", "ещё"),
    ("abc", "ＡＢＣ"),
]


@pytest.mark.parametrize(("plain", "written"), SPELLINGS)
@pytest.mark.parametrize("form", ["{}", "title:{}", "path:{}", "topic:{}"])
def test_a_word_is_found_however_its_letters_are_written(
    plain: str, written: str, form: str
) -> None:
    both = titled("x", plain, written, f"before {written} behind")
    entries = [replace(each, path=each.title, topics=(each.title[:30],)) for each in both]
    expected = [2, 3] if form.startswith("topic") else [2, 3, 4]
    for typed in (plain, written):
        assert found(form.format(typed), *entries) == expected


def test_only_the_word_still_being_typed_matches_as_a_prefix():
    entries = titled("police face", "policeman face", "face pol")
    assert found("face pol", *entries, prefix=True) == [1, 2, 3]
    assert found("face pol ", *entries, prefix=True) == [3]
    assert found('face "pol"', *entries, prefix=True) == [3]
    assert found("pol face", *entries, prefix=True) == [3]
    assert found("face pol", *entries, prefix=False) == [3]
    assert found("face -pol", *entries, prefix=True) == [1, 2]


@pytest.mark.parametrize(
    "text",
    ['"a" OR', "NEAR(a b)", "title:x", "a*", "^a", "{title}", "a + b", "-a", "'", ";--", "\\", "*"],
)
def test_no_syntax_of_the_full_text_engine_is_obeyed(text: str):
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert found(quoted, *titled("nothing")) in ([], [1])


def test_a_star_in_a_word_is_no_wildcard():
    assert found("polic*", *titled("police")) == []


@pytest.mark.parametrize("text", ["...", '"…"', "-...", "&", '""', "— /"])
def test_punctuation_alone_is_ignored(text: str):
    entries = titled("police", "face")
    assert found(text, *entries) == [1, 2]
    assert found(f"{text} police", *entries) == [1]
    assert found(f"police OR {text}", *entries) == [1]


@pytest.mark.parametrize("word", ["認識", "ワー", "국어", "วันนี้", "ai技"])
def test_scripts_without_spaces_are_searched_inside_a_run(word: str):
    assert found(word, *titled("x", "顔認識タワー한국어 ข่าววันนี้AI技術")) == [2]
    assert found(f"-{word}", *titled("x", "顔認識タワー한국어 ข่าววันนี้AI技術")) == [1]


def test_an_emoji_can_be_searched_for():
    assert found("🚀", *titled("To the moon 🚀", "moon")) == [1]


def test_excluded_words_are_excluded():
    entries = titled("police car", "police", "car")
    assert found("police -car", *entries) == [2]
    assert found("-police", *entries) == [3]
    assert found("-police -car", *entries) == []
    assert found("-(police car)", *entries) == [2, 3]


def test_words_next_to_each_other_become_one_match():
    clause = sql.where(parse('a "b c" (d OR e) -f -g').condition, now=NOW)
    assert clause.parameters == ('("a" AND "b c" AND ("d" OR "e")) NOT ("f" OR "g")',)


# ---- fields ----------------------------------------------------------------------------------


def test_a_topic_is_equal_without_case_and_accents():
    entries = [
        Entry(1, "1", topics=("AI", "Robótica")),
        Entry(2, "2", topics=("ai",)),
        Entry(3, "3", topics=("AI Builder",)),
    ]
    assert found("topic:Ai", *entries) == [1, 2]
    assert found("topic:robotica", *entries) == [1]
    assert found('topic:robotica,"ai builder"', *entries) == [1, 3]
    assert found("-topic:ai", *entries) == [3]


def test_text_fields_contain_without_case():
    entry = Entry(1, "_news/a.md", "100% ÉCOLE_x", type="Video", category="news", provider="BBC")
    for text in (
        "title:école",
        "title:100%",
        "type:vid",
        "category:EW",
        "path:NEWS/",
        "provider:b",
    ):
        assert found(text, entry) == [1], text


def test_the_wildcards_of_like_are_plain_characters():
    entries = titled("50%", "50 percent", "a_b", "axb", "c\\d")
    assert found("title:50%", *entries) == [1]
    assert found("title:a_b", *entries) == [3]
    assert found("title:c\\d", *entries) == [5]


def test_a_letter_spelled_in_two_ways_is_one_letter():
    assert found("path:café", Entry(1, "cafe\u0301.md")) == [1]


def test_a_domain_with_a_dot_is_the_domain_and_its_subdomains():
    domains = ("microsoft.com", "blog.Microsoft.com", "notmicrosoft.com", "microsoft.com.evil.org")
    entries = [Entry(n, str(n), domain=domain) for n, domain in enumerate(domains)]
    assert found("domain:microsoft.com", *entries) == [0, 1]
    assert found("domain:.com", *entries) == [0, 1, 2]
    assert found("domain:microsoft", *entries) == [0, 1, 2, 3]
    assert found("domain:microsoft.", *entries) == [0, 1, 2, 3]
    assert found("domain:bücher.de", Entry(1, "1", domain="www.BÜCHER.de")) == [1]


def test_status_has_three_values():
    entries = [Entry(n, str(n), status=status) for n, status in enumerate(STATUS)]
    for number, status in enumerate(STATUS):
        assert found(f"is:{status}", *entries) == [number]
    assert len(found("is:published,unset", *entries)) == 2


def test_what_an_article_carries_is_found_one_by_one():
    entries = [Entry(n, str(n), carries=frozenset({name})) for n, name in enumerate(FLAGS)]
    for number, name in enumerate(FLAGS):
        assert found(f"has:{name}", *entries) == [number]
        assert number not in found(f"-has:{name}", *entries)


def numbered(*numbers: float | None) -> list[Entry]:
    return [Entry(n, str(n), quality=number) for n, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quality:50", [2]),
        ("quality:=50", [2]),
        ("quality:>50", [3]),
        ("quality:>=50", [2, 3]),
        ("quality:<0", [0]),
        ("quality:-1..50", [0, 1, 2]),
        ("quality:50..", [2, 3]),
        ("quality:..0", [0, 1]),
        ("quality:none", [4]),
        ("quality:none,0", [1, 4]),
        ("-quality:none", [0, 1, 2, 3]),
        ("-quality:>=50", [0, 1, 4]),
        ("-quality:0..50", [0, 3, 4]),
    ],
)
def test_numbers_compare_and_missing_ones_never_do(text: str, expected: list[int]):
    assert found(text, *numbered(-1, 0, 50, 51, None)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quality:>50", [2, 3]),
        ("quality:50.5", [2]),
        ("quality:50.50", [2]),
        ("quality:40.5..60", [1, 2]),
        ("quality:<-0.2", [0]),
        ("-quality:>50", [0, 1, 4]),
        ("quality:139.0", [3]),
    ],
)
def test_decimals_are_numbers(text: str, expected: list[int]):
    assert found(text, *numbered(-0.25, 50, 50.5, 139, None)) == expected


def at(*moments: str) -> list[Entry]:
    return [
        Entry(n, str(n), date=int(datetime.fromisoformat(moment + "+00:00").timestamp()))
        for n, moment in enumerate(moments)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date:2020-11", [1, 2]),
        ("date:>=2020-11", [1, 2, 3, 4]),
        ("date:>2020-11", [3, 4]),
        ("date:<2020-11", [0]),
        ("date:<=2020-11", [0, 1, 2]),
        ("date:2020", [0, 1, 2, 3]),
        ("date:2020-11-30", [2]),
        ("date:2020-10..2020-11", [0, 1, 2]),
        ("date:2020-12-31..", [3, 4]),
        ("date:..2020-11-01", [0, 1]),
        ("date:none", []),
    ],
)
def test_dates_mean_the_whole_year_month_or_day(text: str, expected: list[int]):
    entries = at(
        "2020-10-31T23:59:59",
        "2020-11-01T00:00:00",
        "2020-11-30T23:59:59",
        "2020-12-31T23:59:59",
        "2021-01-01T00:00:00",
    )
    assert found(text, *entries) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date:<7d", [0, 1]),
        ("date:<=7d", [0, 1, 2]),
        ("date:>7d", [3]),
        ("date:>=1w", [2, 3]),
        ("date:1d..7d", [1, 2]),
        ("date:7d..1d", [1, 2]),
        ("date:7d..", [2, 3]),
        ("date:..24h", [0, 1]),
        ("-date:<7d", [2, 3, 4]),
    ],
)
def test_ages_count_back_from_now(text: str, expected: list[int]):
    ages = (-60, DAY, 7 * DAY, 7 * DAY + 1)
    entries = [Entry(n, str(n), date=SECONDS - age) for n, age in enumerate(ages)]
    assert found(text, *entries, Entry(4, "4")) == expected


def test_sets_are_asked_for_by_name():
    entries = titled("a", "b", "c")
    assert found("is:marked", *entries, is_marked=frozenset({1, 3})) == [1, 3]
    assert found("-is:marked", *entries, is_marked=frozenset({1, 3})) == [2]
    assert found("link:dead", *entries, link_dead=frozenset({2})) == [2]
    assert found("has:note", *entries) == []


def test_rows_made_from_an_article_are_found():
    article = Article(
        "_news/a.md",
        "Police",
        status=Status.UNPUBLISHED,
        published_at=NOW - timedelta(days=1),
        heat=-1,
        provider=Provider("BBC", "bbc.co.uk"),
    )
    record = schema.record_of(article, Fingerprint(0, 0, 0, 0), 0)
    with closing(opened([])) as connection:
        marks = ",".join("?" * len(record.values))
        connection.execute(
            f"INSERT INTO articles ({','.join(schema.COLUMNS)}) VALUES ({marks})", record.values
        )
        connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
        text = "is:unpublished date:<2d heat:<0 domain:bbc.co.uk quality:none police -has:image"
        assert answer(connection, text) == [1]


# ---- order -----------------------------------------------------------------------------------


def ordered(text: str, *entries: Entry) -> list[int]:
    with closing(opened(entries)) as connection:
        return answer(connection, text)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("name", SORT_FIELDS)
def test_missing_values_come_last_in_both_directions(name: str, direction: str):
    there = Entry(1, "b", title="x", provider="p", domain="d", quality=-5, heat=-5, date=-5)
    missing = Entry(2, "a")
    if name != "path":
        assert ordered(f"sort:{name}-{direction}", missing, there) == [1, 2]


def test_ties_go_by_path_even_when_descending():
    entries = [Entry(1, "b", heat=1), Entry(2, "a", heat=1), Entry(3, "c", heat=1)]
    assert ordered("sort:heat", *entries) == [2, 1, 3]
    assert ordered("sort:heat-asc", *entries) == [2, 1, 3]


def test_without_sort_the_order_is_heat_quality_date():
    entries = [
        Entry(1, "a", heat=1, quality=1, date=1),
        Entry(2, "b", heat=1, quality=1, date=2),
        Entry(3, "c", heat=1, quality=2, date=0),
        Entry(4, "d", heat=2, quality=0, date=0),
        Entry(5, "e"),
    ]
    assert ordered("", *entries) == [4, 3, 2, 1, 5]


def test_the_default_order_follows_the_index_without_sorting():
    with closing(opened([])) as connection:
        statement = sql.select_ids(parse(""), now=NOW)
        plan = connection.execute("EXPLAIN QUERY PLAN " + statement.sql).fetchall()
        assert "articles_by_heat" in str(plan)
        assert "TEMP B-TREE" not in str(plan)


def test_what_the_order_index_does_not_hold_is_not_looked_up_along_it():
    with closing(opened([])) as connection:
        for text in ("title:a", "技術", "is:unset category:a", "a type:b OR topic:c"):
            statement = sql.select_ids(parse(text), now=NOW)
            plan = connection.execute("EXPLAIN QUERY PLAN " + statement.sql, statement.parameters)
            assert "USING INDEX articles_by_heat" not in str(plan.fetchall()), text


def test_every_field_that_can_be_asked_for_or_sorted_by_has_sql():
    for field in FIELDS.values():
        if field.kind is not Kind.SORT:
            sql.where(parse(field.example, sets=SETS).condition, now=NOW)
        if field.kind not in (Kind.SORT, Kind.CHOICE, Kind.TOPIC):
            assert field.column in schema.COLUMNS or field.name == STORY
    for name in SORT_FIELDS:
        assert sql.order_by([SortKey(name, True)]) != sql.order_by([SortKey(name, False)])


# ---- limits ----------------------------------------------------------------------------------

NESTED = {
    "to the left": ("(", "日", " OR heat:1 quality:1)"),
    "to the right": ("(quality:1 OR heat:1 ", "日", ")"),
    "excluded": ("-(", "日", " OR -heat:1 x)"),
    "in the middle": ("(-本 -date:<7d is:unset OR heat:1 ", "日", " OR x -y title:é topic:a)"),
}


@pytest.mark.parametrize("shape", NESTED)
def test_the_deepest_query_that_parses_can_be_answered(shape: str):
    before, core, after = NESTED[shape]
    assert found(before * 50 + core + after * 50, *titled("a")) in ([], [1])


@pytest.mark.parametrize("term", ["a ", "-a ", "本 ", "-本 ", "a OR ", "heat:1 OR ", "(a -b) OR "])
def test_the_longest_query_that_parses_can_be_answered(term: str):
    text = (term * 20_000)[: 20_000 // len(term) * len(term) - len(term)] + "a"
    assert found(text, *titled("a")) in ([], [1])


# ---- against the plain evaluator -------------------------------------------------------------

PIECES = [
    *("police", "Police", "policeman", "face", "recognition", "x", "AI", "ai", "Straße", "STRASSE"),
    *("café", "CAFÉ", "Łódź", "ﬁne", "cafe", "cafe\u0301", "naïve", "Αθήνα", "Москва", "москва"),
    *("50%", "a_b", "C:\\x", 'say "hi"', "🚀", "—", "..."),
    *(
        "顔認識",
        "技術",
        "技",
        "ai技術",
        "東京タワー",
        "ニュース",
        "한국어",
        "국어",
        "ข่าววันนี้",
        "วันนี้",
    ),
]
TOPICS = ("AI", "ai", "Computer Vision", "Robótica", "robotica", "技術")
DOMAINS = ("bbc.co.uk", "news.bbc.co.uk", "BBC.com", "bücher.de", "www.Bücher.de", "co.uk", "")

pieces = st.sampled_from(PIECES)


def test_an_article_in_no_story_is_a_story_of_one():
    entries = [Entry(n, str(n), story=size) for n, size in enumerate((1, 2, 3, 4), 1)]
    assert found("story:>=3", *entries) == [3, 4]
    assert found("story:<3", *entries) == [1, 2]
    assert found("story:none", *entries) == found("story:1", *entries) == [1]
    assert found("-story:none", *entries) == [2, 3, 4]
    assert found("story:2..3", *entries) == [2, 3]


texts = st.builds(
    lambda words, glue: glue.join(words), st.lists(pieces, max_size=4), st.sampled_from(" -'")
)
numbers = st.none() | st.sampled_from([-2, -1, -0.5, 0, 1, 40, 40.25, 50, 50.5, 100])
dates = st.none() | st.sampled_from(
    [SECONDS + 60, SECONDS, SECONDS - DAY, SECONDS - 7 * DAY, SECONDS - 40 * DAY, 0, -5]
    + [int(datetime(2020, 11, 1, tzinfo=UTC).timestamp()) + offset for offset in (-1, 0)]
)
entries_without_names = st.builds(
    Entry,
    id=st.just(0),
    path=st.just(""),
    title=texts,
    excerpt=texts,
    status=st.sampled_from(list(STATUS)),
    date=dates,
    quality=numbers,
    heat=numbers,
    category=st.sampled_from(["news", "News", ""]),
    type=st.sampled_from(["article", "video"]),
    provider=texts,
    domain=st.sampled_from(DOMAINS),
    topics=st.lists(st.sampled_from(TOPICS), max_size=3, unique=True).map(tuple),
    carries=st.frozensets(st.sampled_from(list(FLAGS)), max_size=3),
    story=st.integers(1, 4),
)


@st.composite
def collections(draw: st.DrawFn) -> list[Entry]:
    bare = draw(st.lists(entries_without_names, max_size=10))
    names = draw(st.permutations([f"{letter}{tail}" for letter in "aBé技" for tail in "12345"]))
    return [
        Entry(**{name: getattr(entry, name) for name in Entry.__slots__} | {"id": n, "path": path})
        for n, (entry, path) in enumerate(zip(bare, names, strict=False), 1)
    ]


def as_value(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


NUMBERS = (
    "50",
    "50.5",
    ">40.25",
    "..50.0",
    ">=40",
    "<0",
    ">0",
    "<=50",
    "0..50",
    "40..",
    "..0",
    "none",
    "none,1",
)
DATES = (
    *("2020-11", ">=2020-11", ">2020-11", "<2020-11", "2020", "2020-11-01..2020-11-13", "..2020"),
    *("<7d", ">7d", "<=1w", ">=1d", "1d..2m", "..24h", "none", "2019,<12h", "<=1970"),
)
values = pieces | pieces.map(lambda piece: piece[:2]) | texts.filter(str.strip)
terms = st.one_of(
    pieces.filter(lambda piece: ":" not in piece and '"' not in piece),
    texts.map(as_value),
    st.builds(
        lambda name, value: f"{name}:{as_value(value)}",
        st.sampled_from(["title", "provider", "path", "category", "type", "domain"]),
        values,
    ),
    st.lists(st.sampled_from(TOPICS), min_size=1, max_size=2).map(
        lambda topics: "topic:" + ",".join(map(as_value, topics))
    ),
    st.sampled_from([domain for domain in DOMAINS if domain] + ["bbc", ".uk", "BBC."]).map(
        lambda domain: f"domain:{domain}"
    ),
    st.builds("{}:{}".format, st.sampled_from(["quality", "heat"]), st.sampled_from(NUMBERS)),
    st.sampled_from(["1", "none", ">=3", "<3", "2..3", "0", "..4"]).map("story:{}".format),
    st.sampled_from(DATES).map(lambda date: f"date:{date}"),
    st.sampled_from([*STATUS, "marked", "later"]).map(lambda name: f"is:{name}"),
    st.sampled_from([*FLAGS, "note"]).map(lambda name: f"has:{name}"),
    st.just("link:dead"),
)
conditions = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"-({part})"),
    ),
    max_leaves=8,
)
sort_keys = st.builds(
    str.__add__, st.sampled_from(SORT_FIELDS), st.sampled_from(["", "-asc", "-desc"])
)
sorts = st.lists(sort_keys, max_size=3, unique_by=lambda key: key.partition("-")[0]).map(
    lambda keys: f"sort:{','.join(keys)} " if keys else ""
)
sets_of_ids = st.frozensets(st.integers(1, 10), max_size=5)


@settings(max_examples=250, deadline=None, database=None)
@given(
    collections(),
    st.lists(st.builds(str.__add__, sorts, conditions), min_size=1, max_size=6),
    st.booleans(),
    st.fixed_dictionaries(
        dict.fromkeys(("is:marked", "is:later", "has:note", "link:dead"), sets_of_ids)
    ),
)
def test_the_index_and_a_plain_list_give_the_same_ids_in_the_same_order(
    entries, queries, prefix, members
):
    evaluator = Evaluator(SECONDS, prefix, members)
    with closing(opened(entries)) as connection:
        for text in queries:
            expected = evaluator.ids(parse(text, sets=SETS), entries)
            assert answer(connection, text, prefix, members) == expected, text


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(max_size=30), st.booleans())
def test_whatever_parses_can_be_answered(text, prefix):
    with closing(opened(titled("police"))) as connection, suppress(QueryError):
        answer(connection, text, prefix)


def test_nothing_that_is_typed_reaches_the_sql_text():
    text = "zebra -owl topic:gnu title:yak domain:z.yx (path:é OR heat:77) date:2020 is:marked 日"
    clause = sql.where(parse(text, sets=SETS).condition, now=NOW)
    typed = ("zebra", "owl", "gnu", "yak", "z.y", "é", "77", "日", "marked")
    assert not any(word in clause.sql for word in typed)
