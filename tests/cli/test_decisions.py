"""Decisions beside the files, from the command line."""

from __future__ import annotations

import json

from newsdesk.workspace.editorial_state import LATER, NOTE, REJECTED, STARRED, YES

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
    assert (taken.code, taken.err) == (0, "newsdesk: Imported 4 decisions.\n")
    output_json = [json.loads(line) for line in here("decisions", "export").lines]
    kept = [{k: v for k, v in entry.items() if k not in ("at", "who")} for entry in output_json]
    assert sorted(map(str, kept)) == sorted(map(str, lines))
    assert here("list", "is:rejected", "--paths").lines == ["a.md"]
    assert here("list", "is:later", "--paths").lines == ["b.md"]
    assert here("list", "has:note", "-is:starred", "--paths").lines == ["a.md"]
    here("undo")
    assert here("decisions", "export").text == ""


def test_an_import_is_one_entry_and_keeps_who_decided_and_when(make: Make) -> None:
    here = make({"a.md": article_file("A"), "b.md": article_file("B")})
    lines = [
        {"path": "a.md", "decision": "rejected", "at": "2020-01-02T03:04:05Z", "who": "ana"},
        {"path": "b.md", "decision": "starred", "at": "2021-01-02T03:04:05Z", "who": "ben"},
    ]
    given = "".join(json.dumps(line) + "\n" for line in lines).encode()
    later = json.dumps({"path": "a.md", "decision": "later", "until": "2999-12-31"}).encode()
    here("decisions", "import", given=later)
    before = here("decisions", "export").text
    tried = here("decisions", "import", "--dry-run", "--json", given=given)
    assert [(each["path"], each["result"]) for each in json.loads(tried.out)] == [
        *(("a.md", "changed"), ("b.md", "changed")),
    ]
    assert here("decisions", "export").text == before
    here("decisions", "import", given=given)
    assert [json.loads(line) for line in here("decisions", "export").lines] == lines
    assert len(json.loads(here("log", "--json").out)) == 2
    assert here("decisions", "import", given=given).code == 0
    assert len(json.loads(here("log", "--json").out)) == 2, "it is decided already"
    here("undo")
    assert here("decisions", "export").text == before


def test_an_import_refuses_what_is_no_article_of_the_collection(make: Make) -> None:
    here = make({"a.md": article_file("A")})
    (here.home / "x.md").write_text(article_file("X"))
    paths = ["../x.md", "gone.md", "a.md", str(here.home / "x.md")]
    given = "".join(json.dumps({"path": path, "decision": "starred"}) + "\n" for path in paths)
    done = here("decisions", "import", "--json", given=given.encode())
    assert done.code == 1
    output_json = {each["path"]: each for each in json.loads(done.out)}
    assert [output_json[path]["result"] for path in paths] == [
        "refused",
        "refused",
        "changed",
        "refused",
    ]
    assert all(output_json[path]["reason"] for path in paths if path != "a.md")
    assert [json.loads(line)["path"] for line in here("decisions", "export").lines] == ["a.md"]


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
