"""What people type parses to what they mean, and mistakes are shown at their place."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsdesk.errors import QueryError
from newsdesk.index.query.ast import (
    DEFAULT_ORDER,
    FIELDS,
    Age,
    And,
    Condition,
    Kind,
    Match,
    Member,
    Missing,
    Not,
    Or,
    Query,
    Range,
    SortKey,
    Word,
    highlighted_words,
)
from newsdesk.index.query.completion import Completion, complete
from newsdesk.index.query.parser import MAX_LENGTH, parse
from newsdesk.index.query.printer import all_of, describe, unparse

SETS = frozenset({"is:marked", "is:rejected", "is:later", "is:starred", "has:note", "link"})
A, B, C, D = Word("a"), Word("b"), Word("c"), Word("d")
DAY = 86400


def tree(text: str) -> Condition | None:
    return parse(text, sets=SETS).condition


def mistake(text: str, sets: frozenset[str] = SETS) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text, sets=sets)
    return caught.value


# ---- grammar ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u3000"])
def test_nothing_typed_means_everything(text: str):
    assert parse(text) == Query(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a OR b", Or((A, B))),
        ("a b OR c d", Or((And((A, B)), And((C, D))))),
        ("a (b OR c) d", And((A, Or((B, C)), D))),
        ("(a b) c", And((A, B, C))),
        ("(a OR b) OR c", Or((A, B, C))),
        ("((((a))))", A),
        ("-a b", And((Not(A), B))),
        ("NOT a", Not(A)),
        ("--a", A),
        ("-(a b)", Not(And((A, B)))),
        ("-(-a)", A),
        ("a-b", Word("a-b")),
        ("a or b", And((A, Word("or"), B))),
        ('a "OR" b', And((A, Word("OR", True), B))),
        ("a(b)c", And((A, B, C))),
        ('"a b" c', And((Word("a b", True), C))),
        (r'"a \"b\" \\ \n"', Word('a "b" \\ \\n', True)),
        ('5" b', And((Word('5"'), B))),
        ("a ... b", And((A, B))),
        ("a OR ...", A),
        ("-...", None),
        ("🚀", Word("🚀")),
    ],
)
def test_the_grammar_reads(text: str, expected: Condition | None):
    assert tree(text) == expected


@pytest.mark.parametrize(
    "text", ["http://a.b/c?d=e:f", "16:45", "https://a", ":a", "mailto:a@b.c", "标题:新闻", "a.b:c"]
)
def test_addresses_and_times_are_plain_words(text: str):
    assert tree(text) == Word(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("topic:AI", Match("topic", "AI")),
        ("TOPIC:AI", Match("topic", "AI")),
        ('topic:" Computer Vision "', Match("topic", "Computer Vision")),
        ("topic:AI,B", Or((Match("topic", "AI"), Match("topic", "B")))),
        ('topic:"a,b",c', Or((Match("topic", "a,b"), Match("topic", "c")))),
        ("-topic:AI,B", Not(Or((Match("topic", "AI"), Match("topic", "B"))))),
        ("title:16:45", Match("title", "16:45")),
        ("provider:x", Match("provider", "x")),
        ("is:Published", Match("is", "published")),
        ("is:marked", Member("is:marked")),
        ("is:unset,later", Or((Match("is", "unset"), Member("is:later")))),
        ("has:image", Match("has", "image")),
        ("has:note", Member("has:note")),
        ("link:dead", Member("link:dead")),
        ("quality:50", Range("quality", 50, 50)),
        ("quality:=50", Range("quality", 50, 50)),
        ("quality:>50", Range("quality", 50, None, excludes_ends=True)),
        ("quality:50.5", Range("quality", 50.5, 50.5)),
        ("quality:139.0", Range("quality", 139, 139)),
        ("quality:40.5..60", Range("quality", 40.5, 60)),
        ("heat:<-0.25", Range("heat", None, -0.25, excludes_ends=True)),
        ("heat:<=-1", Range("heat", None, -1)),
        ("heat:\u22121", Range("heat", -1, -1)),
        ("quality:40..60", Range("quality", 40, 60)),
        ("quality:40..", Range("quality", 40, None)),
        ("quality:..60", Range("quality", None, 60)),
        ("quality:none", Missing("quality")),
        ("date:none", Missing("date")),
        ("date:1970-01-01", Range("date", 0, DAY - 1)),
        ("date:1970-01", Range("date", 0, 31 * DAY - 1)),
        ("date:1970", Range("date", 0, 365 * DAY - 1)),
        ("date:>=1970-02", Range("date", 31 * DAY, None)),
        ("date:>1970-01", Range("date", 31 * DAY, None)),
        ("date:<1970-01", Range("date", None, -1)),
        ("date:1970-12..1971-01", Range("date", 334 * DAY, 396 * DAY - 1)),
        ("date:1972-02", Range("date", 761 * DAY, 790 * DAY - 1)),
        ("date:<7d", Age("date", "", "7d", False)),
        ("date:>=12H", Age("date", "12h", "", True)),
        ("date:7d..2w", Age("date", "7d", "2w", True)),
        ("date:2w..7d", Age("date", "7d", "2w", True)),
        ("date:1y..", Age("date", "1y", "", True)),
        ("date:..3m", Age("date", "", "3m", True)),
    ],
)
def test_fields_read(text: str, expected: Condition):
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sort:heat", (SortKey("heat", True),)),
        ("sort:heat-asc", (SortKey("heat", False),)),
        ("sort:title", (SortKey("title", False),)),
        ("sort:title-desc", (SortKey("title", True),)),
        (
            "sort:Heat,quality-asc,path",
            tuple(
                SortKey(name, down)
                for name, down in [("heat", True), ("quality", False), ("path", False)]
            ),
        ),
    ],
)
def test_sort_gives_an_order(text: str, expected: tuple[SortKey, ...]):
    assert parse(text).order == expected
    assert parse(text).condition is None
    assert parse(f"a {text} b") == Query(f"a {text} b", And((A, B)), expected)


def test_without_sort_no_order_is_given_and_the_default_is_heat_quality_date():
    assert parse("a").order == ()
    assert [(key.field, key.descending) for key in DEFAULT_ORDER] == [
        ("heat", True),
        ("quality", True),
        ("date", True),
    ]


def unfinished(text: str) -> list[str]:
    found: list[str] = []

    def visit(condition: Condition | None) -> None:
        match condition:
            case And(parts) | Or(parts):
                for part in parts:
                    visit(part)
            case Not(part):
                visit(part)
            case Word():
                found.extend([condition.text] * condition.unfinished)

    visit(tree(text))
    return found


@pytest.mark.parametrize("text", ["a pol", "is:unset OR pol", "pol"])
def test_a_bare_word_at_the_very_end_is_unfinished(text: str):
    assert unfinished(text) == ["pol"]


@pytest.mark.parametrize(
    "text", ["a pol ", '"pol"', "pol sort:heat", "(pol)", "-pol", "title:pol", "pol ..."]
)
def test_no_other_word_is_unfinished(text: str):
    assert unfinished(text) == []


# ---- mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a topik:AI", "topik:", "topic:"),
        ("xyzzy:AI", "xyzzy:", ""),
        ("Breaking: a", "Breaking:", ""),
        ("a is:publishd", "publishd", "published"),
        ("is:markd", "markd", "marked"),
        ("has:imgae", "imgae", "image"),
        ("link:ded", "ded", "dead"),
        ("quality:high a", "high", ""),
        ("quality:none,non", "non", "none"),
        ("quality:5e1", "5e1", "quality:50"),
        ("heat:>1_000", ">1_000", "heat:>1000"),
        ("quality:80%", "80%", "quality:80"),
        ("quality:80+", "80+", "quality:>=80"),
        ("quality:nan", "nan", ""),
        ("quality:inf", "inf", ""),
        ("quality:>=", ">=", "quality:>=50"),
        ("quality:40-60", "40-60", "quality:40..60"),
        ("quality:60..40", "60..40", "quality:40..60"),
        ("quality:..", "..", ""),
        ("quality:1...", "1...", "quality:1"),
        ("quality:9999999999999999999", "9999999999999999999", ""),
        ("quality:٥", "٥", ""),
        ("quality>=50", "quality>=50", "quality:>=50"),
        ("date:2020-13", "2020-13", "date:2020"),
        ("date:2020-02-30", "2020-02-30", "date:2020-02"),
        ("date:>=2020/2/3", ">=2020/2/3", "date:>=2020-02-03"),
        ("date:>7days", ">7days", "date:>7d"),
        ("date:0000", "0000", ""),
        ("date:>9999", ">9999", ""),
        ("date:<0001-01-01", "<0001-01-01", ""),
        ("date:2021..2020", "2021..2020", "date:2020..2021"),
        ("date:7d", "7d", "date:<7d"),
        ("date:7d..2020", "7d..2020", "date:2020"),
        ("date:2020..7d", "2020..7d", "date:2020"),
        ("a topic: b", "topic:", "topic:AI,Robotics"),
        ('topic:""', 'topic:""', "topic:AI,Robotics"),
        ("topic:AI, b", ",", "topic:AI,Robotics"),
        ("topic:(a)", "topic:", "topic:AI,Robotics"),
        ('a "b c', '"b c', ""),
        ('topic:"b c', '"b c', ""),
        ("a (b", "(", ""),
        ("a (b (c)", "(", ""),
        ("a) b", ")", ""),
        ("a ()", "()", ""),
        ("a OR", "OR", ""),
        ("OR", "OR", ""),
        ("OR a", "OR", ""),
        ("(OR a)", "OR", ""),
        ("a OR sort:heat", "OR", ""),
        ("a AND", "AND", ""),
        ("AND a", "AND", ""),
        ("a NOT", "NOT", ""),
        ("a -", "-", ""),
        ("a - b", "-", ""),
        ("(-)", "-", ""),
        ("-OR", "-", ""),
        ("-sort:heat", "-sort:heat", ""),
        ("(a sort:heat)", "sort:heat", ""),
        ("sort:heat a sort:date", "sort:date", ""),
        ("sort:heta", "heta", "sort:heat"),
        ("sort:heat-up", "heat-up", "sort:heat"),
        ("sort:heat,heat-asc", "heat-asc", ""),
        ("a \x00 b", "\x00", ""),
        ("a \udcff b", "\udcff", ""),
    ],
)
def test_a_mistake_is_shown_at_its_place_with_the_nearest_valid_word(
    text: str, place: str, hint: str
):
    error = mistake(text)
    assert text[error.start : error.end] == place
    assert error.hint == hint
    assert error.exit_code == 2


def test_the_first_of_two_equal_mistakes_is_the_one_shown():
    assert mistake("topik:a topik:b").start == 0


@pytest.mark.parametrize("text", ["is:marked", "has:note"])
def test_sets_that_do_not_exist_are_no_valid_words(text: str):
    assert mistake(text, frozenset()).start == text.index(":") + 1


def test_before_links_were_checked_asking_for_them_says_so():
    assert "No links have been checked" in mistake("link:dead", frozenset()).message


def test_parentheses_may_be_nested_fifty_deep_and_no_deeper():
    assert tree("(" * 50 + "a" + ")" * 50) == A
    assert mistake("(" * 51 + "a" + ")" * 51).start == 50
    assert mistake("(" * 9_000).start == 50


def test_a_query_that_is_too_long_is_refused():
    assert mistake("a" * (MAX_LENGTH + 1)).start == MAX_LENGTH


LIKELY = st.sampled_from(
    [
        '"',
        "(",
        ")",
        "-",
        ":",
        ",",
        "..",
        ">=",
        "<",
        " ",
        "\\",
        "OR",
        "AND",
        "NOT",
        "none",
        "7d",
        "a",
    ]
    + [name + ":" for name in FIELDS]
    + [*SETS, "2020-11", "50", "is:unset", "\x00", "\udcff", "🚀", "技", "é"]
)
ANYTHING = st.text(max_size=40) | st.lists(LIKELY, max_size=14).map("".join)


@settings(max_examples=800, deadline=None, database=None)
@given(ANYTHING)
def test_arbitrary_text_parses_or_is_a_mistake_within_the_text(text: str):
    try:
        query = parse(text, sets=SETS)
    except QueryError as mistaken:
        error: QueryError | None = mistaken
    else:
        error = None
        assert query.text == text
        assert isinstance(describe(query), str)
        assert isinstance(highlighted_words(query), list)
    assert error is None or (error.message and 0 <= error.start < error.end <= len(text))


@settings(max_examples=500, deadline=None, database=None)
@given(ANYTHING, st.integers(0, 60))
def test_completing_arbitrary_text_never_fails(text: str, cursor: int):
    for offer in complete(text, min(cursor, len(text)), lambda name: [('a "b"', 1)], sets=SETS):
        assert 0 <= offer.start <= min(cursor, len(text)) <= offer.end <= len(text)


# ---- texts from trees ------------------------------------------------------------------------

names = st.text(min_size=1, max_size=8).filter(lambda text: text.strip() and "\x00" not in text)
names = names.filter(lambda text: text.isprintable())


def in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


NUMBERS = st.integers(-20, 120).map(str) | st.decimals(-9, 120, places=5).map(str)
MOMENTS = st.dates().map(str) | st.sampled_from(["2020", "2020-02", "0001", "9999", "9999-12"])
AGES = st.builds("{}{}".format, st.integers(0, 400), st.sampled_from("hdwmy"))
OPERATORS = st.sampled_from([">=", "<=", "<", ">"])


def fielded(name: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(value, min_size=1, max_size=3).map(lambda them: f"{name}:{','.join(them)}")


def spans(ends: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, OPERATORS, ends) | st.builds("{}..{}".format, ends, ends)


terms = st.one_of(
    st.sampled_from(["a", "b", "OR", "x-y", 'q"', "16:45", "http://a", "技術"]).filter("OR".__ne__),
    names.map(in_quotes),
    *(fielded(name, names.map(in_quotes)) for name in ("topic", "title", "domain", "path")),
    *(fielded(name, NUMBERS | spans(NUMBERS) | st.just("none")) for name in ("quality", "heat")),
    fielded("date", MOMENTS | spans(MOMENTS) | spans(AGES) | st.just("none")),
    fielded("is", st.sampled_from(["unset", "published", "marked", "later"])),
    fielded("has", st.sampled_from(["image", "body", "note"])),
    fielded("link", st.sampled_from(["dead", "alive"])),
)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" OR ".join),
        inner.map(lambda part: f"({part})"),
        inner.map(lambda part: f"-({part})"),
    ),
    max_leaves=10,
)
orders = st.sampled_from(["", " sort:heat", " sort:title-desc,heat-asc", " sort:path,date"])


@settings(max_examples=600, deadline=None, database=None)
@given(st.builds(str.__add__, queries, orders))
@example('topic:"//x"')  # without the quotes it would be read as a URL
def test_a_text_made_from_a_query_means_the_same(text: str):
    try:
        query = parse(text, sets=SETS)
    except QueryError:  # a range that ends before it begins
        return
    again = parse(unparse(query), sets=SETS)
    assert (again.condition, again.order) == (query.condition, query.order)
    assert unparse(again) == unparse(query)


@pytest.mark.parametrize(
    "text",
    [
        "a b OR c",
        "a (b OR c)",
        "-(a b) -c",
        'topic:AI,"Computer Vision" -is:unset,marked',
        '"a b" "OR" title:"x,y" title:a"b path:"\\"q"',
        "quality:>=50 heat:none,3 date:<7d,7d..2w,>=1y sort:title-desc,heat",
        "a=b c>d",
    ],
)
def test_a_plain_text_comes_back_as_it_was(text: str):
    assert unparse(parse(text, sets=SETS)) == text


def test_a_text_that_ends_in_a_backslash_stays_inside_its_quotes():
    for value in ("a b\\", 'a "\\', "\\"):
        again = parse(unparse(Query(condition=Match("title", value))) + " c").condition
        assert again == And((Match("title", value), C))


def test_queries_are_joined_by_and_and_the_last_order_wins():
    view = parse("a OR b sort:heat")
    typed = parse("c sort:title")
    both = all_of(view, typed, parse(""))
    assert both == Query("(a OR b) c sort:title", And((Or((A, B)), C)), typed.order)
    assert all_of(view, parse("c")).order == view.order
    assert all_of() == Query()


def test_the_word_being_typed_stays_so_when_joined_with_a_view():
    joined = all_of(parse("pol"), parse("is:unset")).condition
    assert isinstance(joined, And)
    assert joined.parts[0] == Word("pol")
    assert getattr(joined.parts[0], "unfinished", False)


def test_the_words_to_highlight_are_those_a_match_shows():
    query = parse('police "face recognition" (a OR -b) -c title:d police')
    assert highlighted_words(query) == ["police", "face recognition", "a"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "everything"),
        ("is:unset topic:AI sort:heat,title", "unset, topic AI, by heat, title"),
        ("a (b OR c) -d", "“a”, (“b” or “c”), not “d”"),
        ("quality:>=50 heat:1..2 date:none", "quality from 50, heat from 1 to 2, no date"),
        ("date:<7d -has:image", "less than 7d old, not has image"),
        ("sort:heat-asc", "everything, by heat asc"),
    ],
)
def test_a_query_is_described_in_words(text: str, words: str):
    assert describe(parse(text)) == words


# ---- fields and completion -------------------------------------------------------------------


def test_every_field_has_help_and_an_example_that_parses():
    for name, field in FIELDS.items():
        assert field.name == name
        assert field.help
        query = parse(field.example, sets=SETS)
        assert query.condition or query.order


COUNTS = {
    "topic": [("AI", 9), ("Computer Vision", 5), ("Main", 1), ('say "hi"', 1)],
    "domain": [("bbc.co.uk", 3)],
}


def offers(text: str, cursor: int | None = None) -> list[Completion]:
    where = len(text) if cursor is None else cursor
    return complete(text, where, lambda name: COUNTS.get(name, []), sets=SETS)


def completed(text: str, cursor: int | None = None) -> list[str]:
    return [text[: o.start] + o.text + text[o.end :] for o in offers(text, cursor)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to", ["topic:"]),
        ("a -(TO", ["a -(topic:"]),
        ("is:un", ["is:unpublished", "is:unset"]),
        ("is:unset,l", ["is:unset,later"]),
        ("has:n", ["has:note"]),
        ("link:d", ["link:dead"]),
        ("sort:heat,d", ["sort:heat,date"]),
        ("sort:heat-", ["sort:heat-asc", "sort:heat-desc"]),
        ("quality:n", ["quality:none"]),
        ("topic:ai", ["topic:AI", "topic:Main"]),
        ("topic:comp", ['topic:"Computer Vision"']),
        ('topic:"computer v', ['topic:"Computer Vision"']),
        ("topic:AI,say", [r'topic:AI,"say \"hi\""']),
        ("domain:b", ["domain:bbc.co.uk"]),
        ("xyzzy:a", []),
        ('"to', []),
        ("http://to", []),
    ],
)
def test_completion_offers_what_fits(text: str, expected: list[str]):
    assert completed(text) == expected


def test_completion_replaces_the_value_under_the_cursor_only():
    assert completed("topic:Mai,AI b", 9) == ["topic:Main,AI b"]
    assert completed("topic:ma b", 8) == ["topic:Main b"]
    assert completed("top b", 2) == ["topic: b"]


def test_between_terms_every_field_is_offered_with_its_help():
    assert [offer.text for offer in offers("a ")] == [f"{name}:" for name in FIELDS]
    assert offers("")[0] == Completion(0, 0, "topic:", FIELDS["topic"].help)


def test_values_come_with_the_number_of_their_articles():
    assert offers("topic:a")[0] == Completion(6, 7, "AI", "AI", 9)


def test_the_text_of_every_offered_value_parses():
    for name, field in FIELDS.items():
        if field.kind is Kind.TEXT:
            continue
        for text in completed(f"{name}:"):
            parse(text, sets=SETS)


def test_parsing_loads_neither_sqlite_nor_difflib_until_a_mistake():
    script = (
        "import sys; from newsdesk.index.query.parser import parse; parse('topic:AI a');"
        "print([m for m in ('sqlite3', 'difflib', 'textual', 'httpx', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
