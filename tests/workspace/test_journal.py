"""Every decision is written down before it is carried out, and can be taken back."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.collection import atomic_write
from newsdesk.errors import NewsdeskError, SessionRunning
from newsdesk.workspace import journal_file
from newsdesk.workspace.editorial_state import LATER, REJECTED, YES
from newsdesk.workspace.journal import Change, Journal
from newsdesk.workspace.triage import Action, Triage

from . import old_journal

OFF = b"---\ntitle: x\nheat: 1\npublished: false\n---\n"
ON = OFF.replace(b"false", b"true")
PATHS = [f"_news/{letter}.md" for letter in "abcde"]
CHANGE = Change("_news/a.md", "published", b"false", b"true", "before", "after")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def triage(root: Path, path: Path) -> Iterator[Triage]:
    for name in PATHS:
        (root / name).write_bytes(OFF)
    triage = Triage(root, Journal(path))
    yield triage
    triage.journal.close()


def contents(root: Path) -> list[bytes]:
    return [(root / name).read_bytes() for name in PATHS if (root / name).exists()]


def strays(root: Path) -> list[str]:
    return [entry.name for entry in (root / "_news").iterdir() if entry.suffix != ".md"]


def again(triage: Triage) -> Triage:
    """What the next start, or another newsdesk, works with."""
    triage.journal.close()
    triage.journal = Journal(triage.journal.path)
    return triage


# -- decisions ------------------------------------------------------------------------------


def test_a_decision_is_in_the_journal_before_the_file_changes(
    triage: Triage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = atomic_write.replace, []

    def replace(root: Path, name: str, expected: bytes, content: bytes) -> None:
        with sqlite3.connect(path) as other:
            seen.extend(
                other.execute("SELECT verb, entries.state, path, old, new FROM entries, changes")
            )
        other.close()
        real(root, name, expected, content)

    monkeypatch.setattr(atomic_write, "replace", replace)
    triage.set_published(PATHS[:1], True)
    assert seen == [("publish", "doing", PATHS[0], b"false", b"true")]


def test_many_files_are_one_decision_and_one_undo(triage: Triage, root: Path) -> None:
    action = triage.set_published([*PATHS, PATHS[0]], True)
    assert action.changed == tuple(PATHS)
    assert contents(root) == [ON] * 5
    (entry,) = triage.journal.entries()
    assert len(entry.changes) == 5
    assert triage.undo() is not None
    assert contents(root) == [OFF] * 5
    assert triage.undo() is None


def test_undo_and_redo_go_all_the_way_across_restarts(triage: Triage, root: Path) -> None:
    steps = [contents(root)]
    for i, name in enumerate([*PATHS, *PATHS[:3]]):
        triage.set_published([name], i < 5)
        steps.append(contents(root))
    for expected in reversed(steps[:-1]):
        assert again(triage).undo() is not None
        assert contents(root) == expected
    assert again(triage).undo() is None
    for expected in steps[1:]:
        assert again(triage).redo() is not None
        assert contents(root) == expected
    assert again(triage).redo() is None


def test_undo_takes_back_what_this_newsdesk_decided_not_another_that_runs(
    triage: Triage, root: Path, path: Path
) -> None:
    other = Triage(root, Journal(path))
    triage.set_published(PATHS[:1], True)
    other.set_published(PATHS[1:2], True)
    assert triage.undo() is not None
    assert contents(root)[:2] == [OFF, ON]
    with pytest.raises(SessionRunning, match=rf"process {os.getpid()}.*{PATHS[1]}") as asked:
        triage.undo()
    assert contents(root)[:2] == [OFF, ON]
    with pytest.raises(SessionRunning):  # what the other one undid is not redone here
        other.redo()
    assert triage.undo(confirmed=asked.value.entry_id) is not None
    assert contents(root)[:2] == [OFF, OFF]
    other.set_published(PATHS[2:3], True)
    assert triage.undo(any_session=True) is not None
    assert contents(root)[2] == OFF
    other.set_published(PATHS[3:4], True)
    other.journal.close()
    assert triage.undo() is not None, "its newsdesk has ended"
    assert contents(root)[3] == OFF


def test_the_session_of_a_killed_newsdesk_has_ended_though_its_file_is_left(
    triage: Triage, root: Path, path: Path
) -> None:
    program = (
        "import os, pathlib, signal, sys; from newsdesk.workspace.journal import Journal\n"
        "from newsdesk.workspace.triage import Triage\n"
        "root, journal = map(pathlib.Path, sys.argv[1:])\n"
        "Triage(root, Journal(journal)).set_published(['_news/a.md'], True)\n"
        "print('done', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", program, str(root), str(path)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "done\n"
        with pytest.raises(SessionRunning, match=f"process {other.pid}"):
            triage.undo()
        other.kill()
    assert triage.undo() is not None
    assert contents(root)[0] == OFF


def test_redo_goes_by_the_order_of_decisions_and_not_by_the_clock(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    triage.set_published(PATHS[:1], True)
    triage.set_published(PATHS[:1], False)
    triage.undo()
    clock[0] -= 3600  # the clock is set right
    triage.undo()
    triage.redo()
    triage.redo()
    assert contents(root)[0] == OFF, "the last decision was to unpublish"
    assert triage.redo() is None


@pytest.mark.parametrize("verb", ["undo", "redo"])
def test_what_was_refused_stays_to_be_undone_or_redone(
    verb: str, triage: Triage, root: Path, tmp_path: Path
) -> None:
    triage.set_published(PATHS[:3], True)
    if verb == "redo":
        triage.undo()
    again, goal = getattr(triage, verb), OFF if verb == "undo" else ON
    (root / PATHS[0]).rename(tmp_path / "a.md")  # as `git stash -u` does for a moment
    action = again()
    assert action.changed == tuple(PATHS[1:3])
    (refused,) = action.refused
    assert f"stays to be {verb}ne" in refused.reason
    (tmp_path / "a.md").rename(root / PATHS[0])
    assert again().changed == (PATHS[0],)
    assert contents(root)[:3] == [goal] * 3
    assert again() is None


def test_a_new_decision_ends_what_could_be_redone(triage: Triage) -> None:
    triage.set_published(PATHS[:1], True)
    triage.undo()
    triage.set_published(PATHS[1:2], True)
    assert triage.redo() is None


def test_what_is_so_already_is_no_decision(triage: Triage) -> None:
    action = triage.set_published(PATHS, False)
    assert [outcome.result for outcome in action.outcomes] == ["unchanged"] * 5
    assert triage.journal.entries() == []


def test_a_missing_field_is_added_taken_out_and_added_again(triage: Triage, root: Path) -> None:
    unset = b"\xef\xbb\xbf---\r\ntitle: x\r\n\r\nnote: y\r\n---\r\n"
    (root / PATHS[0]).write_bytes(unset)
    triage.set_published(PATHS[:1], True)
    with_line = unset.replace(b"x\r\n", b"x\r\npublished: true\r\n")
    assert (root / PATHS[0]).read_bytes() == with_line
    triage.undo()
    assert (root / PATHS[0]).read_bytes() == unset
    triage.redo()
    assert (root / PATHS[0]).read_bytes() == with_line


def test_stopping_keeps_what_was_done_as_one_undo(triage: Triage, root: Path) -> None:
    done: list[int] = []
    action = triage.set_published(
        PATHS,
        True,
        on_progress=lambda number, total: done.append(number),
        is_cancelled=lambda: len(done) >= 2,
    )
    assert action.interrupted
    assert contents(root) == [ON, ON, OFF, OFF, OFF]
    triage.undo()
    assert contents(root) == [OFF] * 5


def test_the_diff_shows_what_would_change_and_changes_nothing(triage: Triage, root: Path) -> None:
    text, action = triage.diff(PATHS[:1], True)
    assert "-published: false\n+published: true\n" in text
    assert action.changed == (PATHS[0],)
    assert contents(root) == [OFF] * 5
    assert triage.journal.entries() == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("reject", "later"), ("later", "reject"), ("reject", "publish"), ("later", "publish")],
)
def test_a_new_decision_replaces_the_old_one_and_undo_brings_both_back(
    old: str, new: str, triage: Triage, root: Path
) -> None:
    values = {"reject": (REJECTED, YES), "later": (LATER, b"2999-01-01")}

    def decide(verb: str) -> Action:
        if verb == "publish":
            return triage.set_published(PATHS[:1], True)
        return triage.decide(PATHS[:1], *values[verb], verb)

    def state() -> tuple[dict[str, bytes], bytes]:
        found = triage.journal.editorial_states()
        return {field: value for _, field, value, *_ in found}, contents(root)[0]

    decide(old)
    before = state()
    authors = [(at, person) for *_, at, person in triage.journal.editorial_states()]
    assert decide(new).changed == (PATHS[0],)
    after = state()
    assert after == ((dict([values[new]]), OFF) if new in values else ({}, ON))
    assert len(triage.journal.entries()) == 2
    triage.undo()
    assert state() == before
    assert [(at, person) for *_, at, person in triage.journal.editorial_states()] == authors
    triage.redo()
    assert state() == after


def test_what_cannot_be_published_stays_rejected(triage: Triage, root: Path) -> None:
    triage.decide(PATHS[:1], REJECTED, YES, "reject")
    (root / PATHS[0]).write_bytes(OFF.replace(b"heat: 1", b"published: true"))
    assert triage.set_published(PATHS[:1], True).refused
    assert triage.journal.editorial(PATHS[0], REJECTED) == YES


# -- other people ---------------------------------------------------------------------------


def test_undo_keeps_what_a_bot_wrote_into_other_fields(triage: Triage, root: Path) -> None:
    triage.set_published(PATHS[:1], True)
    file = root / PATHS[0]
    file.write_bytes(file.read_bytes().replace(b"heat: 1", b"secured: abc\nheat: 99"))
    action = triage.undo()
    assert action is not None
    assert action.changed == (PATHS[0],)
    assert file.read_bytes() == OFF.replace(b"heat: 1", b"secured: abc\nheat: 99")


@pytest.mark.parametrize("theirs", [b"yes", b"'true'", b"false # no", b"[true]"])
def test_undo_leaves_a_field_that_somebody_else_changed(
    theirs: bytes, triage: Triage, root: Path
) -> None:
    triage.set_published(PATHS[:2], True)
    file = root / PATHS[0]
    file.write_bytes(ON.replace(b"true", theirs))
    before = file.read_bytes()
    action = triage.undo()
    assert action is not None
    assert [outcome.path for outcome in action.refused] == [PATHS[0]]
    assert action.refused[0].reason
    assert file.read_bytes() == before
    assert (root / PATHS[1]).read_bytes() == OFF


def test_a_bot_at_the_same_moment_keeps_its_lines_and_we_our_field(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = atomic_write.replace, []

    def replace(root: Path, name: str, expected: bytes, content: bytes) -> None:
        calls.append(name)
        if len(calls) == 1:
            (root / name).write_bytes(OFF.replace(b"heat: 1", b"heat: 2"))
        real(root, name, expected, content)

    monkeypatch.setattr(atomic_write, "replace", replace)
    action = triage.set_published(PATHS[:1], True)
    assert action.changed == (PATHS[0],)
    assert contents(root)[0] == ON.replace(b"heat: 1", b"heat: 2")
    assert len(calls) == 2


def test_a_field_changed_at_the_same_moment_is_a_conflict_and_stays(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = atomic_write.replace

    def replace(root: Path, name: str, expected: bytes, content: bytes) -> None:
        (root / name).write_bytes(OFF.replace(b"false", b"no"))
        real(root, name, expected, content)

    monkeypatch.setattr(atomic_write, "replace", replace)
    action = triage.set_published(PATHS[:1], True)
    assert "no by now" in action.refused[0].reason
    assert contents(root)[0] == OFF.replace(b"false", b"no")
    assert triage.undo() is None


def test_a_bot_that_never_stops_is_given_up_on(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = atomic_write.replace, []

    def replace(root: Path, name: str, expected: bytes, content: bytes) -> None:
        calls.append(name)
        (root / name).write_bytes(OFF.replace(b"heat: 1", b"heat: %d" % len(calls)))
        real(root, name, expected + b" ", content)

    monkeypatch.setattr(atomic_write, "replace", replace)
    action = triage.set_published(PATHS[:1], True)
    assert "all the time" in action.refused[0].reason
    assert len(calls) < 50


def test_a_file_that_is_gone_does_not_keep_older_decisions_from_undo(
    triage: Triage, root: Path
) -> None:
    triage.set_published(PATHS[:1], True)
    triage.set_published(PATHS[1:2], True)
    (root / PATHS[1]).unlink()
    action = triage.undo()
    assert action is not None
    assert action.refused
    assert triage.undo() is not None
    assert (root / PATHS[0]).read_bytes() == OFF


def test_an_undo_that_could_not_be_written_can_be_tried_again(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    triage.set_published(PATHS, True)
    real = os.fsync

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    action = triage.undo()
    assert action is not None
    assert len(action.refused) == 5
    assert contents(root) == [ON] * 5
    monkeypatch.setattr(os, "fsync", real)
    assert triage.undo() is not None
    assert contents(root) == [OFF] * 5
    assert strays(root) == []


def test_what_must_not_be_written_is_refused_beside_what_may(triage: Triage, root: Path) -> None:
    (root / "_news" / "link.md").symlink_to("a.md")
    (root / "_news" / "twice.md").write_bytes(OFF.replace(b"heat: 1", b"published: true"))
    odd = ["_news/link.md", "_news/twice.md", "../x.md", "_news/caf\udce9.md", "nul\0", ""]
    action = triage.set_published([*odd, *PATHS], True)
    assert [outcome.path for outcome in action.refused] == odd
    assert all(outcome.reason for outcome in action.refused)
    assert contents(root) == [ON] * 5


# -- the journal's own file -----------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 2000, b"\0" * 4096],
    ids=["text", "damaged", "zeros"],
)
def test_a_damaged_journal_is_told_and_never_replaced(content: bytes, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(NewsdeskError) as error:
        Journal(path)
    assert error.value.remedy
    assert path.read_bytes() == content


@pytest.mark.parametrize("version", [0, 1, 2])
def test_somebody_elses_database_is_not_taken_for_a_journal(version: int, path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url)")
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(NewsdeskError):
        Journal(path)
    assert path.read_bytes() == before


def test_a_newer_journal_is_left_alone(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(NewsdeskError, match="newer newsdesk"):
        Journal(path)


def test_a_journal_that_fails_to_be_written_changes_no_file(triage: Triage, root: Path) -> None:
    triage.journal._connection.execute("PRAGMA max_page_count = 1")
    many = [f"_news/{i}.md" for i in range(300)]
    for name in many:
        (root / name).write_bytes(OFF)
    with pytest.raises(NewsdeskError, match="journal"):
        triage.set_published(many, True)
    assert all((root / name).read_bytes() == OFF for name in many)
    assert triage.journal.interrupted() == []


def test_a_lock_that_cannot_be_made_is_told(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    triage.journal.path.with_suffix(".lock").unlink()
    triage.journal.path.with_suffix(".lock").mkdir()
    with pytest.raises(NewsdeskError):
        triage.set_published(PATHS, True)
    assert contents(root) == [OFF] * 5


def test_a_journal_damaged_at_work_is_told(triage: Triage, path: Path) -> None:
    triage.set_published(PATHS, True)
    triage.journal._connection.execute("DROP TABLE changes")
    with pytest.raises(NewsdeskError):
        triage.undo()


def test_many_newsdesks_may_start_on_a_new_collection_at_once(path: Path) -> None:
    program = "import sys, pathlib; from newsdesk.workspace.journal import Journal, Change\n" + (
        "journal = Journal(pathlib.Path(sys.argv[1]))\n"
        "journal.begin('publish', [Change('a', 'published', b'', b'x', '', '')]); print('ok')"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert [process.communicate()[0] for process in started] == ["ok\n"] * 6
    journal = Journal(path)
    assert len(journal.entries()) == 6
    journal.close()


def test_a_journal_of_the_first_version_keeps_all_and_stays_one_that_it_can_write(
    root: Path, path: Path
) -> None:
    old_journal.make_journal(path)
    (root / PATHS[0]).write_bytes(OFF)
    off_on, on_off = (b"false", b"true"), (b"true", b"false")
    old_journal.decide(path, "reject", PATHS[1], "@rejected", b"", b"1")
    first = old_journal.decide(path, "publish", PATHS[0], "published", *off_on)
    second = old_journal.decide(path, "unpublish", PATHS[0], "published", *on_off)
    old_journal.undo(path, second, at=2000.0)
    old_journal.undo(path, first, at=1000.0)  # its clock had stepped back
    triage = Triage(root, Journal(path))
    assert [entry.verb for entry in triage.journal.entries()] == ["unpublish", "publish", "reject"]
    (state,) = triage.journal.editorial_states()
    assert (*state[:3], state[4]) == (PATHS[1], "@rejected", b"1", "ana")
    triage.redo()
    assert contents(root)[0] == ON
    triage.redo()
    assert contents(root)[0] == OFF
    # The first version writes to the file as it is now, and its order is kept as well.
    old_journal.undo(path, second, at=3000.0)
    old_journal.undo(path, first, at=2500.0)
    (root / PATHS[0]).write_bytes(OFF)
    triage.redo()
    assert contents(root)[0] == ON
    old_journal.decide(path, "reject", PATHS[2], "@rejected", b"", b"1")
    assert triage.undo().changed == (PATHS[2],)
    triage.journal.close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)


# -- kills ----------------------------------------------------------------------------------

KILLED = """
import itertools, os, pathlib, signal, sys
from newsdesk.collection import atomic_write
from newsdesk.workspace.journal import Journal
from newsdesk.workspace.triage import Triage

root, journal, verb, step = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:]
triage = Triage(root, Journal(journal))
steps = itertools.count(1)

def counted(function):
    def call(*arguments, **options):
        if next(steps) == int(step):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call

for name in ("open", "write", "fsync", "rename", "unlink", "fchmod", "close"):
    setattr(os, name, counted(getattr(os, name)))
atomic_write._exchange = counted(atomic_write._exchange)
triage.journal.begin = counted(triage.journal.begin)
triage.journal.mark = counted(triage.journal.mark)
triage.journal.finish = counted(triage.journal.finish)
paths = ["_news/a.md", "_news/b.md"]
if verb == "publish":
    triage.set_published(paths, True)
else:
    getattr(triage, verb)()
print(next(steps))
"""


def killed_at(step: int, verb: str, root: Path, path: Path) -> bool:
    """Run a verb and kill it at its `step`th call of the system; False if there are fewer."""
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), str(path), verb, str(step)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
    return ran.returncode != 0


@pytest.mark.parametrize("verb", ["publish", "undo", "redo"])
@pytest.mark.parametrize("stride", [4, pytest.param(1, marks=pytest.mark.torture)])
def test_a_kill_at_any_step_is_finished_by_the_next_start(
    verb: str, stride: int, root: Path, path: Path
) -> None:
    goal = OFF if verb == "undo" else ON
    step, kills = 1, 0
    while True:
        for leftover in path.parent.glob("*") if path.parent.exists() else ():
            leftover.unlink()
        for name in PATHS[:2]:
            (root / name).write_bytes(OFF)
        triage = Triage(root, Journal(path))
        if verb != "publish":
            triage.set_published(PATHS[:2], True)
        if verb == "redo":
            triage.undo()
        triage.journal.close()
        was_killed = killed_at(step, verb, root, path)
        triage = Triage(root, Journal(path))
        begun = bool(triage.journal.interrupted())
        triage.recover()
        found = [(root / name).read_bytes() for name in PATHS[:2]]
        # Either it had not begun or it is finished: never half of it.
        if begun or not was_killed:
            assert found == [goal] * 2, step
        else:
            assert found in ([OFF] * 2, [ON] * 2), step
        assert strays(root) == [], step
        assert triage.journal.interrupted() == []
        while triage.undo():
            pass
        assert [(root / name).read_bytes() for name in PATHS[:2]] == [OFF] * 2, step
        triage.journal.close()
        if not was_killed:
            break
        kills += 1
        step += stride
    assert kills >= 10
    print(f"\n{verb}: killed at {kills} steps")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs an atomic exchange")
def test_what_somebody_wrote_just_before_the_kill_is_put_back(root: Path, path: Path) -> None:
    (root / PATHS[0]).write_bytes(OFF)
    program = """
        import os, pathlib, signal, sys
        from newsdesk.collection import atomic_write
        from newsdesk.workspace.journal import Journal
        from newsdesk.workspace.triage import Triage
        root = pathlib.Path(sys.argv[1])
        real = atomic_write._exchange
        def exchange(folder, one, other):
            file = root / "_news/a.md"
            file.write_bytes(file.read_bytes().replace(b"heat: 1", b"heat: 77"))
            real(folder, one, other)
            os.kill(os.getpid(), signal.SIGKILL)
        atomic_write._exchange = exchange
        Triage(root, Journal(pathlib.Path(sys.argv[2]))).set_published(["_news/a.md"], True)
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(root), str(path)], check=False
    )
    assert (root / PATHS[0]).read_bytes() == ON  # theirs is displaced, and nobody knows
    triage = Triage(root, Journal(path))
    (action,) = triage.recover()
    assert action.changed == (PATHS[0],)
    assert (root / PATHS[0]).read_bytes() == ON.replace(b"heat: 1", b"heat: 77")
    assert strays(root) == []
    triage.undo()
    assert (root / PATHS[0]).read_bytes() == OFF.replace(b"heat: 1", b"heat: 77")
    triage.journal.close()


def test_a_file_that_was_written_before_the_kill_counts_though_a_bot_changed_it_since(
    triage: Triage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage.journal, "finish", lambda *_: None)  # as a kill leaves it
    triage.set_published(PATHS[:1], True)
    monkeypatch.undo()
    (root / PATHS[0]).write_bytes(ON.replace(b"heat: 1", b"heat: 5"))
    (action,) = triage.recover()
    assert action.changed == (PATHS[0],)
    triage.undo()
    assert (root / PATHS[0]).read_bytes() == OFF.replace(b"heat: 1", b"heat: 5")


# -- two at once ----------------------------------------------------------------------------

HOLDER = """
import pathlib, sys, time
from newsdesk.workspace.journal import Journal
with Journal(pathlib.Path(sys.argv[1])).exclusively():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_newsdesk_waits_says_who_writes_and_goes_on_after_a_kill(
    triage: Triage, root: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(journal_file, "_LOCK_SECONDS", 0.05)
    with pytest.raises(NewsdeskError, match=f"process {holder.pid}"):
        triage.set_published(PATHS, True)
    assert contents(root) == [OFF] * 5
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert triage.set_published(PATHS, True).changed == tuple(PATHS)


def test_two_writing_at_once_take_turns(triage: Triage, root: Path, path: Path) -> None:
    def toggle(value: bool) -> None:
        mine = Triage(root, Journal(path))
        for _ in range(8):
            mine.set_published(PATHS, value)
        mine.journal.close()

    threads = [threading.Thread(target=toggle, args=(value,)) for value in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents(root) in ([ON] * 5, [OFF] * 5)
    while triage.undo():
        pass
    assert contents(root) == [OFF] * 5
    assert strays(root) == []


@pytest.mark.parametrize("goes_on", ["undo", "redo"])
def test_undo_and_redo_leave_an_article_that_is_another_one_now(
    triage: Triage, root: Path, goes_on: str
) -> None:
    triage.set_published(PATHS[:1], True)
    if goes_on == "redo":
        triage.undo()
    file = root / PATHS[0]
    before = file.read_bytes()
    file.write_bytes(another := before.replace(b"title: ", b"title: Another ", 1))
    action = getattr(triage, goes_on)()
    assert action is not None
    assert action.refused[0].is_outdated
    assert file.read_bytes() == another
    file.write_bytes(before)
    action = getattr(triage, goes_on)()
    assert action is not None
    assert action.changed == (PATHS[0],)
