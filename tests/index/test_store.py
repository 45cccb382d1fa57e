"""The index is a cache: whatever happens to its file, it is made anew and nobody is hurt."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsdesk.collection.parser import article_from
from newsdesk.config import Config
from newsdesk.errors import NewsdeskError, UsageError
from newsdesk.index import store as store_module
from newsdesk.index.query import sql
from newsdesk.index.query.ast import DEFAULT_ORDER
from newsdesk.index.query.parser import parse
from newsdesk.index.schema import APPLICATION_ID, Fingerprint, Record, Row, record_of
from newsdesk.index.store import IndexDamaged, IndexReplaced, Store
from newsdesk.workspace.workspace import Workspace

EVERYTHING = parse("")
NUMBER = 60


def record(number: int, **fields: object) -> Record:
    article = article_from(
        f"_news/{number:03}.md",
        {"title": f"Title {number} of many", "excerpt": "words " * 20, "topics": ["AI", "Law"],
         "webUrl": f"https://example.org/{number}", "published": False, **fields},
    )  # fmt: skip
    return record_of(article, Fingerprint(1, 2, 3, number), 5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as store:
        yield store


@pytest.fixture
def config(root: Path, tmp_path: Path) -> Config:
    for i in range(NUMBER):
        text = f"---\ntitle: Title {i}\nexcerpt: {'words ' * 30}\ntopics: [AI]\n"
        text += "published: false\n---\n"
        (root / "_news" / f"{i:03}.md").write_text(text)
    return Config(root, tmp_path / "cache", tmp_path / "state")


def test_ids_stay_when_a_file_is_written_again(store: Store) -> None:
    first = store.apply([record(i) for i in range(20)])
    second = store.apply([record(i, title="Another") for i in reversed(range(20))])
    assert second == first[::-1]
    assert len(store.search(EVERYTHING)) == 20
    assert {row.title for row in store.rows(first).values()} == {"Another"}
    store.apply([], ["_news/000.md"])
    assert len(store.search(EVERYTHING)) == 19
    assert store.ids_of(["_news/001.md"]) == {"_news/001.md": first[1]}
    assert store.paths_of([first[3], first[0], first[1]]) == ["_news/003.md", "_news/001.md"]


def test_words_topics_and_addresses_follow_a_rewritten_file(store: Store) -> None:
    store.apply([record(1, topics=["AI"], webUrl="https://old.example/")])
    store.apply([record(1, title="Fresh words", topics=["Law"], webUrl="https://new.example/")])
    assert len(store.search(parse("fresh"))) == 1
    assert len(store.search(parse("title"))) == 0
    assert dict(store.topic_counts(EVERYTHING)) == {"Law": 1}
    assert store.paths_of_urls(["https://old.example"]) == {}
    assert store.paths_of_urls(["https://new.example"]) == {"https://new.example": "_news/001.md"}


def test_a_failed_write_leaves_nothing_of_its_batch(store: Store) -> None:
    store.apply([record(1)])
    bad = Record(("_news/x.md", *([None] * 21)), (), ())
    with pytest.raises(IndexDamaged):
        store.apply([record(2), bad])
    assert [row.path for row in store.rows(store.search(EVERYTHING)).values()] == ["_news/001.md"]


def test_half_a_character_in_a_question_does_not_cost_the_index(store: Store) -> None:
    store.apply([record(1)])
    with pytest.raises(UsageError):
        store.search(parse("provider:\ud800"))
    assert len(store.search(EVERYTHING)) == 1


def test_a_thread_goes_on_when_another_one_begins_the_index_anew(store: Store) -> None:
    store.apply([record(i) for i in range(NUMBER)])
    stopped, raised = threading.Event(), []

    def search() -> None:
        while not stopped.is_set():
            try:
                store.rows(store.search(EVERYTHING))
            except Exception as error:
                raised.append(error)
                return

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(15):
        store.reset()
        store.apply([record(i) for i in range(NUMBER)])
    stopped.set()
    for thread in threads:
        thread.join()
    assert raised == []
    assert len(store.search(EVERYTHING)) == NUMBER


def test_many_newsdesks_may_start_on_a_new_collection_at_once(path: Path) -> None:
    program = (
        "import sys, pathlib; from newsdesk.index.store import Store\n"
        "store = Store(pathlib.Path(sys.argv[1])); print(store.path, store.notice); store.close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert {process.communicate()[0].strip() for process in started} == {str(path)}


def test_a_busy_index_is_not_thrown_away(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.apply([record(1)])
    store._connection().execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(NewsdeskError) as error:
        store.apply([record(2)])
    assert not isinstance(error.value, IndexDamaged)
    other.close()
    assert len(store.search(EVERYTHING)) == 1


# -- sixty kinds of damage ------------------------------------------------------------------


def _cut(share: float) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def _cut_to(size: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size)


def _flipped(seed: int, number: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        chance, content = random.Random(seed), bytearray(path.read_bytes())
        for _ in range(number):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)

    return flip


def _page(number: int, content: bytes) -> Callable[[Path], None]:
    def overwrite(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(number * 4096)
            file.write((content * 4096)[:4096])

    return overwrite


def _written(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _sql(*statements: str) -> Callable[[Path], None]:
    def execute(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            sql.register_functions(connection)
            for statement in statements:
                connection.execute(statement)

    return execute


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "something").touch()


def _foreign(path: Path) -> None:
    path.unlink()
    _sql("CREATE TABLE bookmarks (url)", "INSERT INTO bookmarks VALUES ('x')")(path)


def _foreign_wearing_our_marks(path: Path) -> None:
    _foreign(path)
    _sql(f"PRAGMA application_id = {APPLICATION_ID}", "PRAGMA user_version = 1")(path)


def _wal(content: bytes) -> Callable[[Path], None]:
    return lambda path: Path(f"{path}-wal").write_bytes(content) and None


DAMAGES: dict[str, Callable[[Path], None]] = {
    **{f"cut to {share:.0%}": _cut(share) for share in (0.01, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99)},
    **{f"cut to {size} bytes": _cut_to(size) for size in (0, 1, 15, 16, 99, 100, 4095, 4096, 8192)},
    **{f"{n} bits flipped, {seed}": _flipped(seed, n) for n in (1, 50, 5000) for seed in range(4)},
    **{f"page {n} of zeros": _page(n, b"\0") for n in range(10)},
    **{f"page {n} of ones": _page(n, b"\xff") for n in (0, 1, 2, 5, 9)},
    "text": _written(b"this is no database\n" * 50),
    "zeros": _written(b"\0" * 10_000),
    "a foreign database": _foreign,
    "a foreign database that wears our marks": _foreign_wearing_our_marks,
    "an older version": _sql("PRAGMA user_version = 0"),
    "a newer version": _sql("PRAGMA user_version = 99"),
    "another application": _sql("PRAGMA application_id = 7"),
    "no articles table": _sql("DROP TABLE articles"),
    "no words table": _sql("DROP TABLE words"),
    "no topics": _sql("DROP TABLE topics"),
    "a column too few": _sql("ALTER TABLE articles RENAME COLUMN heat TO warmth"),
    "another status": _sql("UPDATE articles SET status = 9"),
    "no JSON": _sql("UPDATE articles SET topics = 'x'"),
    "other JSON": _sql("UPDATE articles SET urls = '7', problems = '[[1]]'"),
    "text for numbers": _sql("UPDATE articles SET published_at = 'soon'"),
    "numbers without end": _sql("UPDATE articles SET published_at = 9223372036854775807"),
    "bytes for text": _sql("UPDATE articles SET problems = x'ff00'"),
    "a text that is none": _sql(
        "DROP TRIGGER articles_updated", "UPDATE articles SET title = CAST(x'ff' AS TEXT)"
    ),
    "a folder in the way": _folder,
    "a foreign write-ahead log": _wal(b"x" * 5000),
    "a torn write-ahead log": _wal(b"\x37\x7f\x06\x82" + b"\0" * 100),
}  # fmt: skip


def test_there_are_sixty_kinds_of_damage() -> None:
    assert len(DAMAGES) >= 60


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_index_is_rebuilt_and_no_decision_is_lost(
    damage: Callable[[Path], None], config: Config
) -> None:
    workspace = Workspace(config)
    workspace.refresh()
    workspace.set_published(["_news/001.md"], True)
    workspace.close()
    with closing(sqlite3.connect(config.index_path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(config.index_path)
    workspace = Workspace(config)
    rows = workspace.rows(workspace.search(parse("")))
    workspace.view_counts()
    workspace.refresh()
    rows = workspace.rows(workspace.search(parse("")))
    assert len(rows) == NUMBER
    workspace.rebuild()  # a flipped bit in a title cannot be told from a title
    workspace.refresh()
    rows = workspace.rows(workspace.search(parse("sort:path")))
    assert {row.title for row in rows} == {f"Title {i}" for i in range(NUMBER)}
    assert len(workspace.search(parse("title is:published"))) == 1
    assert len(workspace.log()) == 1
    assert workspace.undo() is not None
    assert len(workspace.search(parse("is:published"))) == 0
    workspace.close()


@pytest.mark.parametrize(
    "kind",
    ["an older version", "a newer version", "another application", "a foreign database",
     "a foreign database that wears our marks", "text", "page 0 of ones", "no articles table"],
)  # fmt: skip
def test_an_index_of_another_kind_is_rebuilt_at_the_start_and_said(kind: str, path: Path) -> None:
    with closing(Store(path)) as store:
        store.apply([record(1)])
    DAMAGES[kind](path)
    with closing(Store(path)) as store:
        assert "rebuilt" in store.notice
        assert store.path == path
        assert len(store.search(EVERYTHING)) == 0
    with closing(Store(path)) as store:
        assert store.notice == ""


@pytest.mark.parametrize("kind", ["text", "page 0 of ones"])
def test_a_damaged_index_leaves_no_connection_open(
    kind: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(path)) as store:
        store.apply([record(1)])
    DAMAGES[kind](path)
    connect = sqlite3.connect
    made: list[sqlite3.Connection] = []

    def connecting(*arguments: Any, **options: Any) -> sqlite3.Connection:
        made.append(connect(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(sqlite3, "connect", connecting)
    with closing(Store(path)) as store:
        assert store.notice
    assert len(made) > 1
    for connection in made:
        with pytest.raises(sqlite3.ProgrammingError):
            _ = connection.total_changes


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_folder_is_done_without_and_said(exists: bool, config: Config) -> None:
    for parent in (config.collection, *config.collection.parents):
        parent.chmod(parent.stat().st_mode | 0o055)
    if exists:
        Workspace(config).close()
        config.index_path.chmod(0o444)
    config.cache_folder.mkdir(exist_ok=True)
    config.cache_folder.chmod(0o555)
    os.seteuid(65534)
    try:
        with closing(Store(config.index_path)) as store:
            assert "made anew" in store.notice
            assert store.path != config.index_path
            assert len(store.apply([record(1)])) == 1
            store.reset()
            assert len(store.search(EVERYTHING)) == 0
        assert not store.path.exists()
    finally:
        os.seteuid(0)


def test_a_disk_that_fills_up_is_done_without_and_said(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect

    def connect(database: Path, **options: object) -> sqlite3.Connection:
        connection = real(database, **options)  # type: ignore[call-overload]
        if Path(database) == path:
            connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(store_module.sqlite3, "connect", connect)
    store.close()
    with suppress(IndexDamaged):
        store.apply([record(i, excerpt="x" * 9000) for i in range(50)])
    store.reset()
    assert "cannot be kept" in store.notice
    assert len(store.apply([record(i) for i in range(50)])) == 50


def test_an_order_that_is_kept_follows_what_is_written(store: Store, path: Path) -> None:
    store.apply([record(i, heat=i) for i in range(5)])

    def titles(of: Store, text: str) -> list[str]:
        return [row.title[6] for row in rows_in_order(of, text)]

    assert titles(store, "") == titles(store, "many") == list("43210")
    store.apply([record(0, heat=9)])
    assert titles(store, "") == titles(store, "many") == list("04321")
    with closing(Store(path)) as another:  # as another process would
        another.apply([record(1, heat=10)], ["_news/004.md"])
        assert titles(store, "") == titles(store, "many") == list("1032")
    store.reset()
    store.apply([record(2)])
    assert titles(store, "") == titles(store, "many") == ["2"]


def test_an_order_is_kept_for_the_next_start_until_something_is_written(
    store: Store, path: Path
) -> None:
    store.apply([record(i, heat=i % 7) for i in range(2_500)])
    everything, unpublished = parse(""), parse("is:unpublished")

    def is_read_from_what_is_kept(of: Store) -> bool:
        """Tell whether an order is taken for true that nothing but `kept` says."""
        connection = sqlite3.connect(path, isolation_level=None)
        (before,) = connection.execute("SELECT data FROM kept WHERE name <> 'statuses'").fetchone()
        change = "UPDATE kept SET data = ? WHERE name <> 'statuses'"
        connection.execute(change, (before[:400],))
        found = len(of.search(everything)) == 100
        connection.execute(change, (before,))
        connection.close()
        return found

    store.save_order(DEFAULT_ORDER)
    expected = store.search(everything), store.search(unpublished), store.count(unpublished)
    with closing(Store(path)) as another:
        assert is_read_from_what_is_kept(another)
    with closing(Store(path)) as another:
        found = another.search(everything), another.search(unpublished), another.count(unpublished)
        assert found == expected
        another.apply([record(0, heat=9)])
    with closing(Store(path)) as another:
        assert not is_read_from_what_is_kept(another)
        assert (another.search(everything)[0], expected[0][0]) == (1, 7)
        another.save_order(DEFAULT_ORDER)
    with closing(Store(path)) as another:
        assert is_read_from_what_is_kept(another)


def test_a_damaged_order_is_damage(store: Store, path: Path) -> None:
    store.apply([record(i) for i in range(2_500)])
    store.save_order(DEFAULT_ORDER)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE kept SET data = x'010203'")
        connection.commit()
    with closing(Store(path)) as another, pytest.raises(IndexDamaged):
        another.search(parse(""))


def rows_in_order(store: Store, text: str) -> list[Row]:
    ids = store.search(parse(text))
    rows = store.rows(ids)
    return [rows[id_] for id_ in ids]


@pytest.mark.parametrize("field", ["heat", "quality", "provider", "title", "date"])
@pytest.mark.parametrize("turns", [("", "-asc"), ("-asc", ""), ("-asc", "", "-asc")])
def test_an_order_that_is_turned_round_is_the_one_that_is_asked_for(
    store: Store, path: Path, field: str, turns: tuple[str, ...]
) -> None:
    values: dict[str, tuple[object, ...]] = {
        "heat": (5, None, 7, 5, -1),
        "quality": (None, 3, 3, 90),
        "provider": ({"domain": "B.example"}, {"name": "b.EXAMPLE"}, None, {"name": "A"}),
    }
    store.apply(
        record(number, **{name: every[number % len(every)] for name, every in values.items()})
        for number in range(60)
    )
    for turn in turns:
        order = parse(f"sort:{field}{turn},path")
        found = store.search(order)
        with closing(Store(path)) as fresh:
            assert found == fresh.search(order)
    assert sorted(found) == sorted(store.search(parse("")))


def test_the_late_indexes_are_made_once_and_bring_the_order(store: Store) -> None:
    store.apply([record(i) for i in range(5)])
    store.complete()
    store.complete()
    connection = sqlite3.connect(store.path)
    for field in ("title", "provider"):
        query = parse(f"is:unpublished sort:{field},heat,quality,date")
        statement = sql.select_ids(query, now=datetime.now(UTC))
        plan = f"EXPLAIN QUERY PLAN {statement.sql}"
        (step,) = connection.execute(plan, statement.parameters).fetchall()  # no step that sorts
        assert f"INDEX articles_by_{field}" in step[3]
    connection.close()


@pytest.mark.parametrize("fails", [False, True])
def test_memory_for_writing_much_is_given_back(store: Store, fails: bool) -> None:
    def limits() -> tuple[int, int]:
        with store.reading() as connection:
            (cache,) = connection.execute("PRAGMA cache_size").fetchone()
            (log,) = connection.execute("PRAGMA wal_autocheckpoint").fetchone()
        return cache, log

    before = limits()
    with suppress(NewsdeskError), store.bulk_writing():
        assert limits() == (-32_000, 8_000)
        if fails:
            raise NewsdeskError("Stopped.")
    assert limits() == before


def test_no_id_is_used_twice(store: Store) -> None:
    first = store.apply([record(1), record(2)])
    store.apply([], ["_news/002.md"])
    (again,) = store.apply([record(3)])
    assert again not in first


def test_ids_of_an_index_that_was_made_anew_elsewhere_name_nothing(store: Store) -> None:
    store.apply([record(1), record(2)])
    ids = store.search(EVERYTHING)
    with closing(Store(store.path)) as other:
        other.clear()
        other.apply([record(9), record(8)])
    with pytest.raises(IndexReplaced), store.snapshot(ids.generation):
        store.rows(ids)
    assert set(store.rows_at(["_news/001.md", "_news/009.md"])) == {"_news/009.md"}
    assert store.search(EVERYTHING).generation != ids.generation


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_file_that_was_taken_away_is_noticed_at_once(store: Store, is_replaced: bool) -> None:
    store.apply([record(1)])
    for suffix in ("", "-wal", "-shm"):
        store.path.with_name(store.path.name + suffix).unlink(missing_ok=True)
    if not is_replaced:
        with pytest.raises(IndexDamaged):
            store.search(EVERYTHING)
        return
    with closing(Store(store.path)) as other:
        other.apply([record(9)])
        assert set(store.rows_at(["_news/001.md", "_news/009.md"])) == {"_news/009.md"}
        store.apply([record(8)])
        assert set(other.rows_at(["_news/001.md", "_news/008.md", "_news/009.md"])) == {
            "_news/008.md",
            "_news/009.md",
        }


def test_a_thread_that_reads_after_the_end_leaves_no_connection_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", counted)
    store = Store(path)
    store.apply([record(1)])
    store.close()
    assert len(store.search(parse(""))) == 1
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.execute("SELECT 1")
