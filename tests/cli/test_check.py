"""`newsdesk check` against a server on this machine: verdicts, formats, exit codes, Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import Make, Newsdesk

STATUS_OF_PATH = {"/gone": 404, "/wall": 403, "/moved": 301, "/elsewhere": 302}
VERDICT_OF_PATH = {
    "/ok": "alive",
    "/gone": "dead",
    "/wall": "walled",
    "/moved": "moved",
    "/elsewhere": "alive",
}


@dataclass
class Server:
    """A web server whose answers go by the path; it counts what it is asked."""

    origin: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    never: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked[self.path] += 1
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            if self.path == "/never":
                state.never.wait(30)
            self.send_response(STATUS_OF_PATH.get(self.path, 200))
            if self.path in ("/moved", "/elsewhere"):
                self.send_header("Location", "/ok")
            self.send_header("Content-Length", "2")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(b"ok")

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.origin = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield state
        state.never.set()
        http.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def linked(make: Make, server: Server) -> Newsdesk:
    origin = server.origin
    return make(
        {
            "all.md": (
                f"---\ntitle: all\nwebUrl: {origin}/ok#part\noriginalUrl: {origin}/gone\n"
                f"ampWebUrl: {origin}/moved\nrelated:\n  - title: x\n    webUrl: {origin}/wall\n"
                f"---\n\nThe [page]({origin}/gone) and {origin}/elsewhere.\n"
            ),
            "good.md": f"---\ntitle: good\nwebUrl: {origin}/ok\n---\n",
            "never.md": f"---\ntitle: never\nwebUrl: {origin}/never\n---\n",
        }
    )


PLAIN = ("check", "--allow-private", "--delay", "0")


def test_json_has_verdicts_and_where_the_links_are(linked: Newsdesk, server: Server) -> None:
    done = linked(*PLAIN, "--json", "-title:never")
    output_json = {each["url"].removeprefix(server.origin): each for each in json.loads(done.out)}
    assert done.code == 1
    assert done.err == ""
    assert {path: each["verdict"] for path, each in output_json.items()} == VERDICT_OF_PATH
    assert set(output_json["/gone"]) == set(
        "url verdict status reason final_url redirects seconds checked_at cached used_by".split()
    )
    assert output_json["/gone"]["used_by"] == [
        {"path": "all.md", "field": "originalUrl", "line": 4},
        {"path": "all.md", "field": "body", "line": 11},
    ]
    assert output_json["/wall"]["used_by"] == [
        {"path": "all.md", "field": "related[].webUrl", "line": 8}
    ]
    assert {each["path"] for each in output_json["/ok"]["used_by"]} == {"all.md", "good.md"}
    assert output_json["/moved"]["final_url"] == f"{server.origin}/ok"
    assert output_json["/moved"]["redirects"] == [{"status": 301, "url": f"{server.origin}/ok"}]


def test_json_lines_have_the_same_content(linked: Newsdesk, server: Server) -> None:
    lines = linked.here(*PLAIN, "--jsonl", "title:all").lines
    output_json = {json.loads(line)["url"]: json.loads(line)["verdict"] for line in lines}
    assert output_json == {
        server.origin + path: verdict for path, verdict in VERDICT_OF_PATH.items()
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["title:good"], 0),
        (["title:all", "--exclude", "/gone"], 4),
        (["title:all", "--exclude", "/gone", "--accept", "127.0.0.1=403"], 0),
        (["title:all", "--exclude", "/gone", "--accept", "*.example=403"], 4),
        (["title:all", "--include", "/(ok|moved)$"], 0),
        (["title:all", "--fields", "webUrl,ampWebUrl"], 0),
        (["title:all", "--fields", "images"], 0),
        (["title:all"], 1),
        (["title:nonesuch"], 0),
    ],
)
def test_exit_codes(linked: Newsdesk, options: list[str], code: int) -> None:
    assert linked.here(*PLAIN, *options).code == code


def test_private_addresses_are_refused_unless_allowed(linked: Newsdesk, server: Server) -> None:
    before = server.asked.total()
    done = linked.here("check", "title:good", "--json")
    assert done.code == 4
    assert [each["verdict"] for each in json.loads(done.out)] == ["refused"]
    assert server.asked.total() == before


def test_verdicts_are_reused_unless_not_wanted(linked: Newsdesk, server: Server) -> None:
    def asks(*options: str) -> int:
        before = server.asked["/ok"]
        assert linked.here(*PLAIN, "title:good", *options).code == 0
        return server.asked["/ok"] - before

    asks("--max-age", "0")
    assert asks() == 0
    assert asks("--max-age", "3d") == 0
    assert asks("--max-age", "0") == 1
    assert asks("--no-cache") == 1


def test_the_text_groups_by_verdict_and_counts(linked: Newsdesk, server: Server) -> None:
    lines = linked.here(*PLAIN, "title:all").lines
    assert lines[0].startswith("dead: ")
    assert lines[1] == f"  {server.origin}/gone"
    assert "    all.md:4 originalUrl" in lines
    assert f"    now {server.origin}/ok" in lines
    assert lines[-1] == "5 URLs: 1 dead, 1 moved, 1 walled, 2 alive"


def test_markdown_and_junit_have_the_same_content(linked: Newsdesk, server: Server) -> None:
    report = linked.home / "links.xml"
    done = linked.here(*PLAIN, "title:all", "--markdown", "--junit", str(report))
    assert done.code == 1
    assert "## Dead: the page no longer exists" in done.lines
    assert f"| <{server.origin}/gone> | 404 Not Found" in done.text
    suite = ET.fromstring(report.read_text()).find("testsuite")
    assert_jenkins_reads(report.read_text())
    assert suite is not None
    counts = [suite.get(name) for name in ("tests", "failures", "skipped")]
    assert counts == ["5", "1", "1"]
    failed = [case for case in suite if case.find("failure") is not None]
    assert [case.get("name") for case in failed] == [f"{server.origin}/gone"]


# What the schema of Jenkins' xUnit plugin (junit-10.xsd) allows: required and other attributes.
JUNIT_ATTRIBUTES = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"time", "skipped", "timestamp"}),
    "testcase": ({"name"}, {"classname", "time", "group"}),
    "failure": (set(), {"type", "message"}),
    "skipped": (set(), {"type", "message"}),
}


def assert_jenkins_reads(report: str) -> None:
    for element in ET.fromstring(report).iter():
        required, other = JUNIT_ATTRIBUTES[element.tag]
        assert required <= set(element.attrib) <= required | other, element.tag


def test_a_junit_report_can_be_printed(linked: Newsdesk, server: Server) -> None:
    done = linked.here(*PLAIN, "title:all", "--junit", "-")
    assert (done.code, done.err) == (1, "")
    assert_jenkins_reads(done.text)
    asked = server.asked.total()
    done = linked.here(*PLAIN, "--no-cache", "--json", "--junit", "-")
    assert (done.code, done.out) == (2, b"")
    assert server.asked.total() == asked


def test_reports_hold_hostile_text_harmlessly(make: Make) -> None:
    newsdesk = make(
        {"a|<b>`&\x1b[31m.md": '---\ntitle: x\nwebUrl: "java|script:<b>\\e[31m\\u202E`]] &"\n---\n'}
    )
    report = newsdesk.home / "links.xml"
    done = newsdesk.here("check", "--markdown", "--junit", str(report))
    assert done.code == 4
    assert "\x1b" not in done.text + report.read_text()
    (row,) = (line for line in done.lines if "script" in line)
    assert row.replace(r"\|", "").count("|") == 4
    assert "<b>" not in row.replace(r"\<b\>", "")
    ET.fromstring(report.read_text())


def test_a_header_goes_to_its_origin(linked: Newsdesk, server: Server) -> None:
    for origin, expected in ((server.origin, "abc: d"), ("https://example.com", None)):
        server.headers.clear()
        header = f"{origin} X-Token: abc: d"
        assert linked.here(*PLAIN, "--no-cache", "title:good", "--header", header).code == 0
        assert [each.get("x-token") for each in server.headers] == [expected]


@pytest.mark.parametrize(
    "options",
    [
        ["--fields", "nonesuch"],
        ["--fields", ","],
        ["--include", "("],
        ["--accept", "200-299"],
        ["--accept", "example.com"],
        ["--header", "Authorization: secret"],
        ["--timeout", "0"],
        ["--concurrency", "0"],
        ["--per-host", "x"],
        ["--delay", "nan"],
        ["--max-age", "soon"],
        ["--json", "--markdown"],
    ],
)
def test_options_that_make_no_sense_are_refused(linked: Newsdesk, options: list[str]) -> None:
    done = linked.here("check", *options)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("newsdesk: ")
    assert "secret" not in done.err


def test_a_report_that_cannot_be_written_is_reported_before_the_check(
    linked: Newsdesk, server: Server
) -> None:
    before = server.asked.total()
    done = linked.here(*PLAIN, "--no-cache", "title:good", "--junit", "/nonesuch/links.xml")
    assert (done.code, done.out) == (2, b"")
    assert "Cannot write" in done.err
    assert server.asked.total() == before


def test_ctrl_c_prints_what_is_known(linked: Newsdesk, server: Server) -> None:
    server.asked.clear()
    with linked.start(*PLAIN, "--max-age", "0", "--json", "title:good OR title:never") as process:
        while not (server.asked["/ok"] and server.asked["/never"]):
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(1.5)  # the answer is on its way
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert [each["verdict"] for each in json.loads(out)] == ["alive"]
    assert err.decode() == "newsdesk: Interrupted: 1 of 2 URLs checked.\n"


def test_json_is_printed_as_verdicts_come(linked: Newsdesk, server: Server) -> None:
    query = "title:good OR title:never"
    with linked.start(*PLAIN, "--max-age", "0", "--json", query, bufsize=0) as process:
        assert process.stdout is not None
        first = b""
        while not first.endswith(b"}"):
            first += (more := os.read(process.stdout.fileno(), 65_536))
            assert more
        assert [each["verdict"] for each in json.loads(first + b"]")] == ["alive"]
        assert process.poll() is None, "the other one is not known yet"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert (process.returncode, rest) == (130, b"\n]\n")


def test_without_a_network_that_is_said(
    linked: Newsdesk, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    async def fail(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("newsdesk.links.http.connect.look_up", fail)
    newsdesk = make({"a.md": "---\ntitle: a\nwebUrl: https://a.example/\n---\n"})
    done = newsdesk.here("check", "--json")
    assert done.code == 4
    assert done.err == "newsdesk: DNS failed for every host: offline?\n"
    assert [each["verdict"] for each in json.loads(done.out)] == ["unreachable"]


def test_progress_is_printed_without_a_terminal_too(
    linked: Newsdesk, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsdesk.cli.commands.check._FIRST_LINE_SECONDS", 0.0)
    done = linked.here(*PLAIN, "--no-cache", "--json", "title:good")
    assert done.err.splitlines()[0] == "newsdesk: 0 of 1 URL"
    json.loads(done.out)


@pytest.fixture
def files(linked: Newsdesk) -> Iterator[tuple[Path, Path]]:
    """The person's own file of settings and that of the collection, not written yet."""
    own = linked.home / ".config" / "newsdesk" / "config.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    shared = linked.folder / ".newsdesk.toml"
    yield own, shared
    own.unlink(missing_ok=True)
    shared.unlink(missing_ok=True)


def test_a_collection_lifts_no_guard(
    linked: Newsdesk, server: Server, files: tuple[Path, Path]
) -> None:
    own, shared = files
    asked = server.asked.total()
    shared.write_text("[check]\nallow-private = true\n")
    done = linked.here("check", "title:good", "--no-cache", "--json")
    assert [each["verdict"] for each in json.loads(done.out)] == ["refused"]
    assert ".newsdesk.toml, line 2: A collection cannot set check.allow-private" in done.err
    assert server.asked.total() == asked
    own.write_text("[check]\nallow-private = true\n")
    done = linked.here("check", "title:good", "--no-cache", "--no-allow-private", "--json")
    assert [each["verdict"] for each in json.loads(done.out)] == ["refused"]
    assert server.asked.total() == asked


def test_settings_count_and_a_mistake_in_them_asks_nothing(
    linked: Newsdesk, server: Server, files: tuple[Path, Path]
) -> None:
    own, shared = files
    own.write_text("[check]\nallow-private = true\ndelay = 0\n")
    shared.write_text("[check]\nexclude = ['*/gone*', '*/wall*', '*/moved*', '*never*']\n")
    done = linked.here("check", "--no-cache", "--json")
    others = [each for each in json.loads(done.out) if each["verdict"] != "alive"]
    assert (others, done.code, done.err) == ([], 0, "")
    assert b"check.exclude" in linked.here("config").out
    asked = server.asked.total()
    shared.write_text("[check]\n# ours\nexclud = ['/gone']\n")
    done = linked.here("check", "--no-cache")
    assert (done.code, done.out) == (2, b"")
    sentence = ".newsdesk.toml, line 3: There is no setting check.exclud. Did you mean exclude?"
    assert done.err == f"newsdesk: {sentence}\n"
    assert server.asked.total() == asked


def test_ctrl_c_ends_even_a_regular_expression_that_never_would(
    linked: Newsdesk, files: tuple[Path, Path]
) -> None:
    own, _ = files
    own.write_text("[check]\nexclude = ['^(([^/]|/)+)+#$']\n")
    source = (
        "import sys; from newsdesk.__main__ import main; from newsdesk.links.policy import Policy\n"
        "includes = Policy.includes\n"
        "Policy.includes = lambda *a: (print('asked', file=sys.stderr, flush=1), includes(*a))[1]\n"
        "sys.exit(main())"
    )
    command = [sys.executable, "-c", source, "check", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=linked.variables, **pipes) as process:  # type: ignore[call-overload]
        assert process.stderr.readline() == b"asked\n"
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130
    assert err.decode().endswith("newsdesk: Interrupted before the first request.\n")
