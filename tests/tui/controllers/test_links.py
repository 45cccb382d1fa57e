"""Links are checked in the background; results appear in list, article, results and queries."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from links.conftest import LocalServer, Request, answer
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Verdict
from newsdesk.tui.controllers import links as links_controller
from newsdesk.tui.messages import LinksAdvanced
from newsdesk.workspace.links import reader
from newsdesk.workspace.links.reader import links_to_check
from newsdesk.workspace.links.worker import CheckAdvanced, _Batches
from newsdesk.workspace.workspace import Workspace

from ..conftest import Make, contents
from ..driving import Session, workspace_on
from ..terminal import NEWSDESK, Terminal


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """A local web server: `/gone…` is 404, `/moved…` moved to `/new`, `/wall` is 403."""
    monkeypatch.setattr(Workspace, "link_policy", Policy(allow_private=True, delay=0))
    server = LocalServer()
    for number in range(10):
        server.pages[f"/gone{number}"] = answer(404)
        server.pages[f"/moved{number}"] = answer(301, f"Location: /new{number}")
    server.pages["/wall"] = answer(403)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mixed(make: Make, site: LocalServer) -> Path:
    """Five articles, hottest first: moved, dead with a living AMP, alive, walled in its body,
    dead among the related."""
    url = site.url
    return make(
        [
            {"title": "Moved house", "heat": 9, "published": False, "webUrl": url("/moved1")},
            {"title": "Gone", "heat": 8, "published": False, "webUrl": url("/gone1"),
             "ampWebUrl": url("/amp")},
            {"title": "Fine", "heat": 7, "published": False, "webUrl": url("/fine")},
            {"title": "Walled", "heat": 6, "published": False, "body": f"[x]({url('/wall')})"},
            {"title": "Neighbour", "heat": 5, "published": False, "webUrl": url("/fine"),
             "related": [{"title": "r", "webUrl": url("/gone2")}]},
        ]
    )  # fmt: skip


def badges(workspace: Session) -> str:
    return "".join(
        line[4] for line in workspace.region("#articles")[: workspace.screen.articles.count]
    )


async def test_checking_all_shown_articles_opens_the_results(mixed: Path) -> None:
    async with workspace_on(mixed) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        assert workspace.said == "6 links checked: 2 dead, 1 moved, 1 walled, 2 alive"
        await workspace.until(lambda: "Neighbour" in "".join(workspace.region("#link-result-list")))
        summary = "".join(workspace.region("#link-summary"))
        for sizes in ("✗ 2 dead", "→ 1 moved", "▣ 1 walled", "✓ 2 alive"):
            assert sizes in summary
        rows = [line.strip() for line in workspace.region("#link-result-list") if line.strip()]
        assert [row.split()[0].strip("▌") for row in rows] == [
            *("Dead", "✗", "✗", "Moved", "→", "Walled", "▣")
        ]
        assert "Gone" in rows[1]
        assert rows[1].endswith("web")
        assert "/new1" in rows[4]
        assert "body" in rows[6]
        await workspace.press("escape")
        assert badges(workspace) == "→✗ ▣✗"
    # The next session shows it without requests.
    async with workspace_on(mixed) as workspace:
        await workspace.until(lambda: badges(workspace) == "→✗ ▣✗")
        await workspace.press("j")
        await workspace.settled()
        detail = "\n".join(workspace.region("#detail"))
        assert "✗ dead" in detail
        assert "checked just now" in detail
        await workspace.press("G")
        await workspace.settled()
        assert "related 1" in "\n".join(workspace.region("#detail"))
        await workspace.press("slash", '"link:dead', "enter")
        await workspace.until(lambda: workspace.screen.articles.count == 2)


async def test_a_fix_changes_one_value_and_undo_restores_the_bytes(mixed: Path) -> None:
    before = contents(mixed)
    async with workspace_on(mixed) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        about = lambda: "\n".join(workspace.region("#link-about"))  # noqa: E731
        await workspace.press("a")  # the dead reader's address: the AMP page is alive
        await workspace.until(lambda: "Fix written" in about())
        after = contents(mixed)
        changed = {path for path in before if before[path] != after[path]}
        assert changed == {"_news/001.md"}
        assert after["_news/001.md"] == before["_news/001.md"].replace(b"/gone1", b"/amp", 1)
        await workspace.press("u")
        await workspace.until(lambda: contents(mixed) == before, "the bytes are back")
        await workspace.until(lambda: "Dead ·" in about())
        await workspace.press("j")  # a related entry: by hand
        assert "by hand" in about()
        await workspace.press("a")
        await workspace.until(lambda: "No fix for" in "".join(workspace.region("#link-said")))
        await workspace.press("j", "a")
        await workspace.until(lambda: b"/new1" in contents(mixed)["_news/000.md"])
        assert workspace.screen.articles.count == 5
        await workspace.press("q")
        await workspace.until(lambda: badges(workspace) == " ✗ ▣✗")
        await workspace.press("u")
        await workspace.until(lambda: contents(mixed) == before)
        await workspace.until(lambda: badges(workspace) == "→✗ ▣✗")


async def test_enter_selects_the_article_even_in_another_view(mixed: Path) -> None:
    async with workspace_on(mixed) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        await workspace.press("escape", "j", "p")
        await workspace.settled()
        await workspace.press("1", "K")
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        await workspace.press("enter")
        await workspace.until(lambda: workspace.path == "_news/001.md")
        await workspace.until(lambda: not workspace.dialog)
        assert workspace.screen.filter.view.name == "All"


async def test_the_saved_view_shows_articles_with_broken_links(mixed: Path) -> None:
    async with workspace_on(mixed) as workspace:
        await workspace.press("K")
        await workspace.until(lambda: "No links checked yet" in workspace.said)
        await workspace.press("L")
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        await workspace.press("q")
        await workspace.screen.run_action("view('Broken')")
        await workspace.until(lambda: workspace.paths == ["_news/001.md", "_news/004.md"])
        assert "Broken" in workspace.region("#view-tabs")[0]


async def test_escape_stops_the_check_and_saves_the_outcomes(
    make: Make, site: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    async def slow(request: object, writer: object) -> None:
        await asyncio.to_thread(release.wait, 20)

    site.pages["/slow"] = slow
    urls = [site.url("/gone1"), *(site.url(f"/slow?{number}", "localhost") for number in range(20))]
    folder = make(
        [{"title": f"A {n}", "heat": 99 - n, "published": False, "webUrl": u}
         for n, u in enumerate(urls)]
    )  # fmt: skip
    async with workspace_on(folder) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: "links 1 of 21" in workspace.region("#status-line")[0])
        await workspace.until(lambda: "✗ 1" in workspace.region("#status-line")[0])
        await workspace.press("L")
        await workspace.until(lambda: "already" in workspace.said)
        await workspace.press("j", "p", "enter")  # triage goes on meanwhile
        await workspace.until(lambda: "Published" in workspace.said)
        await workspace.press("escape")  # out of the detail; the check goes on
        assert workspace.focus == "articles"
        assert "links 1 of 21" in workspace.region("#status-line")[0]
        await workspace.press("escape")
        await workspace.until(lambda: "1 of 21 checked" in workspace.said)
        release.set()
        await workspace.until(lambda: badges(workspace)[0] == "✗")
        assert workspace.screen.workspace.link_findings.counts()  # saved for the next session


async def test_a_killed_check_process_is_reported_and_outcomes_are_saved(
    make: Make, site: LocalServer
) -> None:
    release = threading.Event()

    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(release.wait, 20)
        await answer(200)(request, writer)

    site.pages["/slow"] = slow
    urls = [site.url("/gone1"), site.url("/slow", "localhost")]
    folder = make([{"title": u[-5:], "published": False, "webUrl": u} for u in urls])
    async with workspace_on(folder) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: "links 1 of 2" in workspace.region("#status-line")[0])
        (pid,) = checkers_of(os.getpid())
        os.kill(pid, signal.SIGKILL)
        await workspace.until(lambda: "was ended by SIGKILL" in workspace.said)
        assert workspace.screen.workspace.link_findings.counts() == {Verdict.DEAD: 1}
        assert "✗ dead" in "\n".join(workspace.region("#detail"))
        release.set()
        await workspace.press("L")  # the rest; known verdicts are reused
        await workspace.until(lambda: workspace.dialog == "LinkResults")
        assert site.count("/gone1", "GET") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGHUP, None])
def test_no_worker_process_outlives_newsdesk(
    make: Make, site: LocalServer, tmp_path: Path, ending: signal.Signals | None
) -> None:
    async def slow(request: object, writer: object) -> None:
        await asyncio.sleep(20)

    # Neither private nor public addresses may be requested: a proxy is.
    site.pages["http://93.184.215.14:80/"] = slow
    folder = make([{"title": "a", "published": False, "webUrl": "http://93.184.215.14/"}])
    proxy = {"http_proxy": site.url("")}
    with Terminal([*NEWSDESK, str(folder)], tmp_path / "own", environment=proxy) as terminal:
        terminal.until("▌ ○")
        terminal.send("l")
        terminal.until(lambda: site.requests)
        # The worker process that groups stories may still run.
        terminal.until(lambda: len(checkers_of(terminal.process.pid)) == 1)
        (pid,) = checkers_of(terminal.process.pid)
        if ending is None:
            terminal.send("q")
        else:
            terminal.process.send_signal(ending)
        terminal.wait()
        end = time.monotonic() + 10
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < end, "the process has ended"
            time.sleep(0.02)


def checkers_of(pid: int) -> list[int]:
    """The processes for checks that a process has started."""
    # A thread that ends hands its children to another one, which then lists them a second time.
    children = {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    }
    return [
        child for child in children if b"serve_job()" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def test_links_are_checked_in_a_worker_process(make: Make, site: LocalServer) -> None:
    folder = make([{"title": "a", "published": False, "webUrl": site.url("/gone1")}])
    code = (
        "import sys; from pathlib import Path; from newsdesk.config import load_config;"
        "from newsdesk.workspace.workspace import Workspace;"
        "from newsdesk.links.policy import Policy;"
        "import newsdesk.tui.controllers.links; workspace = Workspace(load_config(sys.argv[1]));"
        "news = list(workspace.links.check_articles(sys.argv[2:], Policy(allow_private=True)));"
        "print(news[-1].outcomes or news[-2].outcomes);"
        "print([name for name in ('httpx', 'httpcore') if name in sys.modules])"
    )
    home = {f"XDG_{name}_HOME": str(folder.parent / name) for name in ("CACHE", "STATE", "CONFIG")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), "_news/000.md"],
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=True,
    )
    outcomes, imported = done.stdout.splitlines()
    assert "Verdict.DEAD" in outcomes
    assert imported == "[]"


async def test_many_urls_need_a_confirmation(
    make: Make, site: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links_controller, "MAX_LINKS_UNASKED", 3)
    folder = make(
        [{"title": f"A {n}", "published": False, "webUrl": site.url(f"/{n}")} for n in range(5)]
    )
    async with workspace_on(folder) as workspace:
        await workspace.press("L")
        await workspace.until(lambda: "5 links of 5 articles" in workspace.text)
        await workspace.press("n")
        await workspace.until(lambda: workspace.screen.links._job is None)
        assert not site.requests
        await workspace.press("L")
        await workspace.until(lambda: workspace.dialog == "Confirm")
        await workspace.press("y")
        await workspace.until(lambda: "5 links checked: 5 alive" in workspace.said)
        assert {request.path for request in site.requests} == {f"/{n}" for n in range(5)}
        request_count = len(site.requests)
        await workspace.press("l")  # the cached verdict is recent
        await workspace.until(lambda: "1 link checked: 1 alive" in workspace.said)
        assert len(site.requests) == request_count


async def test_outcomes_are_sent_in_batches() -> None:
    sizes: list[int] = []

    class Line:
        def send(self, news: CheckAdvanced) -> None:
            sizes.append(len(news.outcomes))

    batches = _Batches(Line(), are_stored=True)  # type: ignore[arg-type]
    for number in range(20_000):
        batches.add(number)  # type: ignore[arg-type]
    batches.flush()
    assert sum(sizes) == 20_000
    assert len(sizes) < 100
    assert max(sizes) <= 250, "no batch blocks the screen for long"


async def test_keys_work_while_the_links_of_an_article_are_read(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    is_started, release = threading.Event(), threading.Event()

    def slow(*arguments: object) -> object:  # as for a body of a million brackets
        threads.append(threading.current_thread())
        is_started.set()
        release.wait(5)
        return links_to_check(*arguments)  # type: ignore[arg-type]

    async with workspace_on(mixed) as workspace:
        await workspace.settled()
        monkeypatch.setattr(reader, "links_to_check", slow)
        await workspace.press("l")
        await workspace.until(is_started.is_set)
        assert threading.current_thread() not in threads
        await workspace.press("j")
        await workspace.until(lambda: workspace.path == "_news/001.md")
        release.set()
        await workspace.until(lambda: "1 link checked: 1 moved" in workspace.said)


async def test_a_stale_message_of_an_earlier_check_is_dropped(mixed: Path) -> None:
    async with workspace_on(mixed) as workspace:
        workspace.screen.post_message(LinksAdvanced(99, (), None, (1, 2)))
        await workspace.drain()
        assert "reading links" not in workspace.text
