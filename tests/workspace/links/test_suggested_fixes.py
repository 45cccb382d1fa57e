"""One URL is replaced: byte-exact, through the journal, and only in unambiguous values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdesk.collection import files
from newsdesk.collection.frontmatter.block import find_block, splice_back, splice_text
from newsdesk.config import Config
from newsdesk.errors import FieldChanged, WriteRefused
from newsdesk.links.cache import FileLinks
from newsdesk.links.extract import Link
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome, Redirect, Verdict
from newsdesk.workspace.links.findings import LinkFinding, NoSuggestedFix, SuggestedFix
from newsdesk.workspace.workspace import Workspace

OLD, NEW = "https://old.example/a?b=c#d", "https://new.example/x-y_z/?q=1,2&r=%20#top"
WRITTEN = {
    "plain": OLD,
    "double": f'"{OLD}"',
    "single": f"'{OLD}'",
    "with a comment": f"{OLD}  # said the bot",
    "far away": f"   '{OLD}'   ",
}


def file_with(value: str, end: str = "\n", before: str = "title: ünï “x”") -> bytes:
    lines = ["---", before, f"webUrl: {value}", f"originalUrl: {OLD}", "related:",
             f"- webUrl: {OLD}", "---", OLD, ""]  # fmt: skip
    return end.join(lines).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize("value", WRITTEN.values(), ids=WRITTEN.keys())
def test_only_the_bytes_of_the_value_change_and_undo_restores_them(value: str, end: str) -> None:
    source = file_with(value, end)
    splice = splice_text(source, "webUrl", OLD, NEW)
    assert splice is not None
    assert splice.result == file_with(value.replace(OLD, NEW), end)
    undone = splice_back(splice.result, "webUrl", splice.old, splice.new)
    assert undone.result == source
    assert splice_back(source, "webUrl", splice.new, splice.old).result == splice.result


_PARTS = st.text(st.sampled_from("abcXYZ019-._~/?&=%+,;:@!$()*#[]é"), max_size=20)
_QUOTES = st.sampled_from(["", '"', "'"])
_FOREIGN = st.sampled_from(
    ["a: 1", "b: [x, y]", "# webUrl: no", "c: |\n  webUrl: https://x.example\n", "d: 'it''s'",
     'e: "\\u00e9"', "", "g: {webUrl: https://y.example}", "h: !!str 5", "i: &x 1", "j: *x",
     "webUrl: https://twice.example", "k: 🦆", "  l: 1", "- m", "n: é"]
)  # fmt: skip


@settings(max_examples=400)
@given(
    old=_PARTS.map(lambda part: f"https://old.example/{part}"),
    new=_PARTS.map(lambda part: f"https://new.example/{part}"),
    quote=_QUOTES,
    before=st.lists(_FOREIGN, max_size=3),
    after=st.lists(_FOREIGN, max_size=3),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_new_url_is_written_exactly_or_refused(
    old: str, new: str, quote: str, before: list[str], after: list[str], end: str
) -> None:
    lines = ["---", *before, f"webUrl: {quote}{old}{quote}", *after, "---", f"body {old}", ""]
    source = end.join(lines).encode()
    try:
        splice = splice_text(source, "webUrl", old, new)
    except WriteRefused:
        return
    assert splice is not None
    place = source.index(f"webUrl: {quote}{old}".encode()) + len("webUrl: ")
    written = f"{quote}{new}{quote}".encode()
    rest = source[place + len(f"{quote}{old}{quote}".encode()) :]
    assert splice.result == source[:place] + written + rest
    block, was = find_block(splice.result), find_block(source)
    assert block is not None
    assert was is not None
    now = yaml.safe_load(splice.result[block.start : block.end].decode())
    assert now == yaml.safe_load(source[was.start : was.end].decode()) | {"webUrl": new}
    assert splice_back(splice.result, "webUrl", splice.old, splice.new).result == source


REFUSED = {
    "escapes": '"https://old.example/\\u0061?b=c#d"'.replace("\\u0061", "\\x61"),
    "two lines": f'"{OLD[:12]}\n  {OLD[12:]}"',
    "a block": f"|-\n  {OLD}",
    "a tag": f"!!str {OLD}",
    "a list": f"[{OLD}]",
    "an anchor": f"&a {OLD}",
    "a duplicate": f"{OLD}\nwebUrl: {OLD}",
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
def test_a_value_in_another_syntax_is_refused(value: str) -> None:
    with pytest.raises(WriteRefused):
        splice_text(file_with(value), "webUrl", OLD, NEW)


@pytest.mark.parametrize(
    "new",
    ["", "x", "javascript:alert(1)", "https://a.example/'", 'https://a.example/"', "https://a b",
     "https://a.example/\\", "https://a.example/\n", "https://u:p@a.example/", " " + NEW],
)  # fmt: skip
def test_only_an_http_url_is_written(new: str) -> None:
    with pytest.raises(WriteRefused):
        splice_text(file_with(OLD), "webUrl", OLD, new)


def test_a_file_that_changed_meanwhile_is_not_written() -> None:
    for value in ("https://theirs.example", "", "[]", "12"):
        with pytest.raises(FieldChanged):
            splice_text(file_with(value), "webUrl", OLD, NEW)
    with pytest.raises(FieldChanged):
        splice_text(b"---\ntitle: x\n---\n", "webUrl", OLD, NEW)
    assert splice_text(file_with(OLD), "webUrl", OLD, OLD) is None


# -- through the workspace -------------------------------------------------------------------


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(Config(root, tmp_path / "cache", tmp_path / "state"))
    yield workspace
    workspace.close()


def put(workspace: Workspace, name: str, **fields: object) -> str:
    lines = [f"{key}: {json.dumps(value)}" for key, value in fields.items()]
    body = str(fields.get("body", ""))
    path = f"_news/{name}.md"
    text = "\n".join(["---", *lines, "---", body, ""])
    (workspace.config.collection / path).write_text(text, encoding="utf-8")
    workspace.reread([path])
    return path


def judge(workspace: Workspace, **verdicts: tuple[str, Verdict, str]) -> None:
    """Keep verdicts as a check does; each is (url, verdict, final address)."""
    now = datetime.now(UTC) - timedelta(days=3)
    outcomes = [
        Outcome(url, verdict, 404 if verdict is Verdict.DEAD else 200, f"{name} says so",
                final or url, (Redirect(301, final),) if final else (), 0.1, now)
        for name, (url, verdict, final) in verdicts.items()
    ]  # fmt: skip
    workspace.links.cache.store(outcomes, Policy())


def store_links(workspace: Workspace, *paths: str) -> None:
    workspace.link_findings.store_links(
        workspace.link_findings.read(path, Policy())[1] for path in paths
    )


def ids(workspace: Workspace, query: str) -> list[str]:
    return [row.path for row in workspace.rows(workspace.search(workspace.parse(query)))]


def test_a_fix_is_journalled_undone_and_redone(workspace: Workspace) -> None:
    path = put(workspace, "a", title="x", webUrl=OLD, originalUrl=OLD)
    file = workspace.config.collection / path
    before = file.read_bytes()
    action = workspace.repair_url(path, "webUrl", OLD, NEW)
    assert action.changed == (path,)
    after = file.read_bytes()
    assert after == before.replace(OLD.encode(), NEW.encode(), 1)
    (entry,) = workspace.log()
    assert (entry.verb, entry.changes[0].field) == ("repair", "webUrl")
    undone = workspace.undo()
    assert undone is not None
    assert undone.changed == (path,)
    assert file.read_bytes() == before
    assert workspace.redo() is not None
    assert file.read_bytes() == after
    file.write_bytes(after.replace(NEW.encode(), b"https://theirs.example/", 1))
    overtaken = workspace.undo()
    assert overtaken is not None
    assert overtaken.refused
    assert b"https://theirs.example/" in file.read_bytes()


def test_queries_find_articles_by_the_verdicts_on_any_of_their_links(workspace: Workspace) -> None:
    missing, moved, fine = (f"https://{word}.example/" for word in ("missing", "moved", "fine"))
    own = put(workspace, "own", title="a", webUrl=missing + "#part")
    related = put(workspace, "related", title="b", webUrl=fine, related=[{"webUrl": missing}])
    body = put(workspace, "body", title="c", body=f"[there]({missing})")
    other = put(workspace, "other", title="d", webUrl=moved)
    put(workspace, "none", title="e", webUrl="https://missing.example/other")
    assert ids(workspace, "link:dead") == []
    assert not workspace.config.verdicts_path.exists()  # asking makes no file
    judge(
        workspace,
        a=(missing, Verdict.DEAD, ""),
        b=(fine, Verdict.ALIVE, ""),
        c=(moved, Verdict.MOVED, fine),
    )
    assert ids(workspace, "link:dead") == [own]  # other fields are known after reading
    store_links(workspace, own, related, body, other)
    assert set(ids(workspace, "link:dead")) == {own, related, body}
    assert ids(workspace, "link:moved") == [other]
    assert ids(workspace, "link:dead link:alive") == [related]
    rows = workspace.rows(workspace.search(workspace.parse("")))
    assert workspace.link_badges(rows) == {
        own: Verdict.DEAD, related: Verdict.DEAD, body: Verdict.DEAD, other: Verdict.MOVED
    }  # fmt: skip
    # Somebody took the link out: nothing is said that is not so any more.
    put(workspace, "body", title="c", body="no link")
    assert set(ids(workspace, "link:dead")) == {own, related}
    (workspace.config.collection / related).unlink()
    workspace.reread([related])
    assert ids(workspace, "link:dead") == [own]


def test_links_stored_by_an_older_version_are_reread(workspace: Workspace) -> None:
    missing = "https://missing.example/"
    path = put(workspace, "a", title="a", body=f"`{missing}`")
    judge(workspace, a=(missing, Verdict.DEAD, ""))
    status = (workspace.config.collection / path).lstat()
    stamp = ":".join(map(str, files.Fingerprint.of(status)))
    workspace.link_findings.store_links([FileLinks(path, stamp, [Link(missing, path, "body", 5)])])
    assert ids(workspace, "link:dead") == []


def test_findings_are_grouped_by_urgency_and_name_field_and_line(workspace: Workspace) -> None:
    missing, moved = "https://missing.example/", "https://moved.example/"
    path = put(workspace, "a", title="a", webUrl=moved, originalUrl=missing)
    judge(workspace, a=(missing, Verdict.DEAD, ""), b=(moved, Verdict.MOVED, NEW))
    store_links(workspace, path)
    found = [(f.outcome.verdict, f.field, f.line) for f in workspace.link_findings.findings()]
    assert found == [(Verdict.DEAD, "originalUrl", 4), (Verdict.MOVED, "webUrl", 3)]
    assert workspace.link_findings.findings(frozenset()) == []
    workspace.repair_url(path, "webUrl", moved, NEW)
    assert [f.field for f in workspace.link_findings.findings()] == ["originalUrl"]
    workspace.undo()
    assert len(workspace.link_findings.findings()) == 2


def findings(workspace: Workspace) -> dict[str, LinkFinding]:
    return {finding.field: finding for finding in workspace.link_findings.findings()}


@pytest.mark.parametrize(
    ("redirect", "repaired"), [("", "#part"), ("#own", "#own"), ("#part2", "#part2"), ("#", "")]
)
def test_a_moved_url_keeps_its_fragment_unless_the_redirect_has_one(
    workspace: Workspace, redirect: str, repaired: str
) -> None:
    old, new = "https://moved.example/#part", "https://new.example/"
    path = put(workspace, "a", title="a", webUrl=old)
    judge(workspace, a=("https://moved.example/", Verdict.MOVED, new + redirect))
    store_links(workspace, path)
    fix = workspace.link_findings.suggested_fix(findings(workspace)["webUrl"])
    assert fix == SuggestedFix(path, "webUrl", old, new + repaired, "moved permanently")


def test_the_fix_of_a_dead_web_url_is_the_next_working_one(workspace: Workspace) -> None:
    missing, amp = "https://missing.example/", "https://amp.example/"
    fields = {"webUrl": missing, "originalUrl": "https://also-missing.example/", "ampWebUrl": amp}
    path = put(workspace, "a", title="a", **fields, related=[{"webUrl": missing}])
    judge(
        workspace,
        a=(missing, Verdict.DEAD, ""),
        b=("https://also-missing.example/", Verdict.DEAD, ""),
    )
    store_links(workspace, path)
    found = findings(workspace)
    assert isinstance(workspace.link_findings.suggested_fix(found["webUrl"]), NoSuggestedFix)
    judge(workspace, c=(amp, Verdict.ALIVE, ""))
    fix = workspace.link_findings.suggested_fix(found["webUrl"])
    assert isinstance(fix, SuggestedFix)
    assert (fix.field, fix.old, fix.new) == ("webUrl", missing, amp)
    for field in ("originalUrl", "related[].webUrl"):
        assert isinstance(workspace.link_findings.suggested_fix(found[field]), NoSuggestedFix)
    put(workspace, "a", title="a", webUrl="https://theirs.example/")
    assert isinstance(workspace.link_findings.suggested_fix(found["webUrl"]), NoSuggestedFix)


def test_listing_by_verdict_loads_no_http_client(workspace: Workspace) -> None:
    path = put(workspace, "a", title="Here it is", webUrl="https://missing.example/")
    judge(workspace, a=("https://missing.example/", Verdict.DEAD, ""))
    store_links(workspace, path)
    program = (
        "import sys\n"
        "from newsdesk.config import Config\n"
        "from newsdesk.workspace.workspace import Workspace\n"
        "from pathlib import Path\n"
        "workspace = Workspace(Config(*map(Path, sys.argv[1:])))\n"
        "print(len(workspace.search(workspace.parse('link:dead'))))\n"
        "workspace.close()\n"
        "print({'httpx', 'httpcore', 'textual', 'asyncio'} & set(sys.modules))\n"
    )
    folders = (
        workspace.config.collection,
        workspace.config.cache_folder,
        workspace.config.state_folder,
    )
    command = [sys.executable, "-c", program, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["1", "set()"]
