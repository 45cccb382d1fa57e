"""Decisions beside the files, from the command line."""

from __future__ import annotations

import json

from newsdesk.desk.standing import LATER, NOTE, REJECTED, STARRED, YES

from .conftest import Make, article_file


def test_decisions_travel_to_another_journal_and_back(make: Make) -> None:
    here = make({"a.md": article_file("A"), "b.md": article_file("B")})
    lines = [
        {"path": "a.md", "decision": "rejected"},
        {"path": "a.md", "decision": "note", "text": "ask «Ana» 😀"},
        {"path": "b.md", "decision": "later", "until": "2999-12-31"},
        {"path": "b.md", "decision": "starred"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    taken = here("decisions", "import", given=text.encode())
    assert (taken.code, taken.err) == (0, "newsdesk: 4 decisions taken in.\n")
    told = [json.loads(line) for line in here("decisions", "export").lines]
    kept = [{k: v for k, v in entry.items() if k not in ("at", "who")} for entry in told]
    assert sorted(map(str, kept)) == sorted(map(str, lines))
    assert here("list", "is:rejected", "--paths").lines == ["a.md"]
    assert here("list", "is:later", "--paths").lines == ["b.md"]
    assert here("list", "has:note", "-is:starred", "--paths").lines == ["a.md"]
    here("undo", "-n", "4")
    assert here("decisions", "export").text == ""


def test_a_line_that_is_no_decision_changes_nothing(make: Make) -> None:
    here = make({"a.md": article_file("A")})
    good = json.dumps({"path": "a.md", "decision": "starred"})
    done = here("decisions", "import", given=f"{good}\n{{}}\n".encode())
    assert done.code == 2
    assert "Line 2" in done.err
    assert here("decisions", "export").text == ""


def test_a_later_article_comes_back_on_its_day(make: Make) -> None:
    here = make({"a.md": article_file("A")})
    line = json.dumps({"path": "a.md", "decision": "later", "until": "2020-01-01"})
    here("decisions", "import", given=line.encode())
    assert here("list", "is:later", "--paths").lines == []


def test_the_names_of_the_fields_are_those_of_old_journals() -> None:
    assert (REJECTED, LATER, STARRED, NOTE) == ("@rejected", "@later", "@starred", "@note")
    assert YES == b"1"


def test_decisions_are_printed_as_text_that_can_be_read(make: Make) -> None:
    path = "_news/größe-日本.md"
    newsdesk = make({path: article_file()})
    given = json.dumps({"path": path, "decision": "note", "text": "schön \u202e"}).encode()
    assert newsdesk.here("decisions", "import", given=given).code == 0
    printed = newsdesk.here("decisions", "export").text
    assert path in printed
    assert '"schön \\u202e"' in printed
