"""Check links in the background, show the progress, and open the results."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from newsdesk.collection.article import Article
from newsdesk.errors import NewsdeskError
from newsdesk.links.http.url import url_key
from newsdesk.links.verdict import BY_URGENCY, Outcome, Verdict
from newsdesk.text import counted
from newsdesk.tui.controllers.main_view import LinkResultsView, MainView
from newsdesk.tui.dialogs.confirm import Confirm
from newsdesk.tui.messages import (
    LinkResultsRead,
    LinksAdvanced,
    LinksCounted,
    LinksEnded,
    LinksFound,
    LinksGathered,
    LinksOpened,
)
from newsdesk.tui.widgets.article_view import ArticleView
from newsdesk.tui.widgets.glyphs import VERDICT_DISPLAYS
from newsdesk.workspace.workspace import Workspace

# Imported late: a start without a link check must not load them.
if TYPE_CHECKING:
    from newsdesk.links.extract import Link
    from newsdesk.workspace.links.findings import LinkFinding
    from newsdesk.workspace.outcomes import Action

_log = logging.getLogger(__name__)
MAX_LINKS_UNASKED = 500  # distinct URLs; more need a confirmation
_BADGES_SECONDS = 4.0  # between reloads of the list's verdicts while a check runs
_WIDE_CELLS = 100  # a narrower screen shows the progress in short


@dataclass(slots=True)
class _Job:
    """One check: of one article (`is_single`), or of all in the list."""

    number: int
    ids: Sequence[int] = ()
    generation: int = 0  # of the ids
    paths: list[str] = field(default_factory=list)
    is_single: bool = False
    path: str = ""  # of the article whose links are shown
    place: object = None  # screen, focus, filter and cursor at the start
    keys: frozenset[str] = frozenset()
    counts: Counter[Verdict] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    agreed: threading.Event = field(default_factory=threading.Event)


class LinksController:
    """Holds the verdicts of the shown article, the running check and its results."""

    def __init__(self, screen: MainView, workspace: Workspace) -> None:
        self._screen = screen
        self._workspace = workspace
        self._number = 0
        self._job: _Job | None = None
        self._fresh: dict[str, Outcome] = {}  # verdicts of the last check, by URL
        self._kept: Mapping[str, Outcome] = {}  # earlier ones, of the article that is shown
        self._links: Sequence[Link] = ()  # of the article that is shown
        self._badges_at = 0.0
        self._last: _Job | None = None  # the last check of a whole list
        self._results: LinkResultsView | None = None

    # -- the article that is shown ---------------------------------------------------------

    @property
    def verdicts(self) -> dict[str, Outcome]:
        """The verdicts on the URLs of the shown article."""
        fresh = {key: self._fresh[key] for key in self._keys if key in self._fresh}
        return {**self._kept, **fresh}

    @property
    def pending(self) -> frozenset[str]:
        """The URLs of the shown article that are being checked."""
        job = self._job
        if job is None:
            return frozenset()
        return frozenset(key for key in self._keys if key in job.keys and key not in self._fresh)

    @property
    def links(self) -> Sequence[Link]:
        """The links of the shown article."""
        return self._links

    def _wanted_links(self, article: Article) -> list[Link]:
        from newsdesk.workspace.links.reader import links_to_check

        # A pattern may never end: it is applied in the process, which can be stopped.
        return links_to_check(article, replace(self._workspace.link_policy, include=(), exclude=()))

    @property
    def _keys(self) -> list[str]:
        return [url_key(link.url) for link in self._links]

    def cached_results(self, article: Article) -> tuple[Sequence[Link], Mapping[str, Outcome]]:
        """Return an article's links and earlier verdicts, without the network. For workers."""
        if not self._workspace.links.has_verdicts:
            return (), {}
        self._workspace.link_findings.reread_changed([article.path])
        links = self._wanted_links(article)
        return links, self._workspace.link_findings.outcomes(link.url for link in links)

    def article_read(self, links: Sequence[Link], outcomes: Mapping[str, Outcome]) -> None:
        """Set the links and earlier verdicts of the shown article."""
        self._links, self._kept = links, outcomes

    def show_on(self, detail: ArticleView) -> None:
        """Show the verdicts in the article pane."""
        detail.show_verdicts(self.verdicts, self.pending, self._links)

    def open_verdicts(self) -> None:
        """Open the cache of verdicts in the background; the list shows them then."""
        if self._workspace.config.verdicts_path.exists():
            self._screen.start_worker(self._open, "link verdicts")

    def _open(self) -> None:
        if self._workspace.links.cache:
            self._screen.post_message(LinksOpened())

    # -- start and stop --------------------------------------------------------------------

    def start(self, path: str) -> None:
        """Check the links of one article."""
        if self._is_busy():
            return
        self._begin(_Job(self._number, paths=[path], is_single=True, path=path))
        self._show_work("reading links")

    def start_all(self, ids: Sequence[int], generation: int) -> None:
        """Check the links of many articles, after a confirmation above `MAX_LINKS_UNASKED`."""
        if self._is_busy():
            return
        if not ids:
            self._screen.post_no_article("No articles to check")
            return
        shown = self._screen.detail.article
        path = shown.path if shown else ""
        self._screen.is_opening_dialog = True  # until the number of links is counted
        self._begin(_Job(self._number, list(ids), generation, path=path, place=self._place))

    def _is_busy(self) -> bool:
        if self._job is None:
            return False
        self._screen.post_status(
            self._screen.keys.fill("Link check already running · {back} in the list stops it")
        )
        return True

    def _begin(self, job: _Job) -> None:
        self._number += 1
        job.number = self._number
        self._job = job
        self._fresh = {}
        self._screen.start_worker(partial(self._run, job), "links")

    @property
    def _place(self) -> tuple[object, ...]:
        screen = self._screen
        return screen.app.screen, screen.focused, screen.filter, screen.articles.cursor

    @property
    def is_checking_article(self) -> bool:
        """Whether the links of a single article are being checked."""
        return self._job is not None and self._job.is_single

    def cancel(self) -> bool:
        """Stop the running check; False if there is none."""
        if self._job is None or self._job.stop.is_set():
            return False
        self._job.stop.set()
        return True

    # -- in the worker thread --------------------------------------------------------------

    def _run(self, job: _Job) -> None:
        post = self._screen.post_message
        worker = get_current_worker()
        error: NewsdeskError | None = None

        def is_stopped() -> bool:
            return job.stop.is_set() or worker.is_cancelled

        try:
            has_links = self._read_links(job) if job.path else True
            if has_links if job.is_single else self._may_read(job, is_stopped):
                self._check(job, is_stopped)
        except NewsdeskError as known:
            error = known
        except Exception as unknown:
            _log.exception("A check of links failed")
            reason = f"The link check failed: {unknown}."
            error = NewsdeskError(reason, "See the log.")
        finally:
            post(LinksEnded(job.number, error))

    def _read_links(self, job: _Job) -> bool:
        """Read the links of the shown article; return whether it has any."""
        # A long body takes seconds to read, which would block the event loop.
        links = self._wanted_links(self._workspace.article(job.path))
        self._screen.post_message(LinksFound(job.number, job.path, links))
        return bool(links)

    def _may_read(self, job: _Job, is_stopped: Callable[[], bool]) -> bool:
        """Look up the files, and ask at once if the index counts many links."""
        job.paths = self._workspace.paths_of(job.ids, job.generation)
        about = self._workspace.count_pages(job.ids)
        if about > MAX_LINKS_UNASKED and not self._agrees(job, is_stopped, about):
            return False
        self._screen.post_message(LinksAdvanced(job.number, (), None, (0, len(job.paths))))
        return True

    def _check(self, job: _Job, is_stopped: Callable[[], bool]) -> None:
        from newsdesk.workspace.links.worker import CheckAdvanced, FilesRead, UrlsFound

        post = self._screen.post_message
        keys: set[str] = set()
        for news in self._workspace.links.check_articles(
            job.paths,
            self._workspace.link_policy,
            # The index does not count the links in bodies.
            max_unconfirmed=None if job.is_single else MAX_LINKS_UNASKED,
            agrees=partial(self._agrees, job, is_stopped),
            is_cancelled=is_stopped,
        ):
            match news:
                case FilesRead(done, total):
                    post(LinksAdvanced(job.number, (), None, (done, total)))
                case UrlsFound(some, is_last):
                    keys.update(some)
                    if is_last:
                        post(LinksGathered(job.number, frozenset(keys)))
                case CheckAdvanced(outcomes, progress):
                    post(LinksAdvanced(job.number, outcomes, progress))

    def _agrees(self, job: _Job, is_stopped: Callable[[], bool], about: int) -> bool:
        """Ask once, and wait for the answer."""
        if not job.agreed.is_set():
            self._screen.post_message(LinksCounted(job.number, about, len(job.paths)))
            while not job.agreed.wait(0.1):
                if is_stopped():
                    return False
        return True

    # -- messages of the worker, on the event loop -----------------------------------------

    def counted(self, message: LinksCounted) -> None:
        """Ask before many links are checked."""
        job = self._job
        if job is None or message.number != job.number:
            return
        self._screen.is_opening_dialog = False

        def answered(yes: bool | None) -> None:
            if yes:
                job.place = self._place
                job.agreed.set()
            else:
                job.stop.set()

        policy = self._workspace.link_policy
        links = counted(message.addresses, "link")
        articles = counted(message.articles, "article")
        notes = (
            f"At most {policy.concurrency} at a time and {policy.per_host} per host; "
            "recent results are used again.",
            self._screen.keys.fill(
                "You can keep working. {back} in the list stops it and keeps the results."
            ),
        )
        question = f"Check {links} of {articles}?"
        self._screen.app.push_screen(Confirm(question, notes, len(notes)), answered)

    def found(self, message: LinksFound) -> None:
        """Show which links of the shown article are being checked."""
        job = self._job
        if job is None or message.number != job.number:
            return
        if job.is_single:
            job.keys = frozenset(url_key(link.url) for link in message.links)
            self._show_counts(0, len(job.keys), {})
        shown = self._screen.detail.article
        if shown is not None and shown.path == message.path:
            self.article_read(message.links, self._kept)
            self.show_on(self._screen.detail)

    def gathered(self, message: LinksGathered) -> None:
        """Note the URLs that are checked."""
        job = self._job
        if job is None or message.number != job.number:
            return
        self._screen.is_opening_dialog = False
        job.keys = message.keys
        self._show_counts(0, len(job.keys), {})
        self.show_on(self._screen.detail)

    def advanced(self, message: LinksAdvanced) -> None:
        """Add verdicts, and show the progress."""
        job = self._job
        if job is None or message.number != job.number:
            return
        self._screen.is_opening_dialog = False
        if message.reading is not None:
            done, total = message.reading
            self._show_work(f"reading links of {done:,} of {counted(total, 'article')}")
            return
        for outcome in message.outcomes:
            self._fresh[outcome.url] = outcome
            job.counts[outcome.verdict] += 1
        if not {outcome.url for outcome in message.outcomes}.isdisjoint(self._keys):
            self.show_on(self._screen.detail)
        progress = message.progress
        if progress is None:
            self._show_counts(len(self._fresh), len(job.keys), job.counts)
            return
        self._show_counts(
            progress.done,
            progress.total,
            progress.counts,
            len(progress.hosts_waiting),
            progress.seconds_left,
        )
        if time.monotonic() - self._badges_at >= _BADGES_SECONDS and job.counts.keys() - {
            Verdict.ALIVE
        }:
            self._badges_at = time.monotonic()
            self._screen.articles.reload_badges()

    def _show_counts(
        self,
        done: int,
        total: int,
        counts: Mapping[Verdict, int],
        hosts_waiting: int = 0,
        seconds_left: float | None = None,
    ) -> None:
        is_wide = self._screen.size.width >= _WIDE_CELLS
        parts = [f"links {done:,} of {total:,}"]
        shown = (Verdict.ALIVE, *BY_URGENCY) if is_wide else BY_URGENCY[:2]
        signs = [f"{VERDICT_DISPLAYS[v][0]} {counts[v]:,}" for v in shown if counts.get(v)]
        parts += [" ".join(signs)] if signs else []
        if hosts_waiting and is_wide:
            parts.append(f"{counted(hosts_waiting, 'host')} waiting")
        if seconds_left and seconds_left >= 1:
            parts.append(f"{_duration(seconds_left)} left")
        self._show_work(" · ".join(parts))

    def _show_work(self, text: str) -> None:
        self._screen.status.show_work("links", text)

    def ended(self, message: LinksEnded) -> None:
        """Report the end; open the results if the user did nothing else meanwhile."""
        job = self._job
        if job is None or message.number != job.number:
            return
        self._job = None
        self._screen.is_opening_dialog = False
        self._show_work("")
        self.show_on(self._screen.detail)
        self._screen.articles.reload_badges()
        known = len(self._fresh)
        if not job.is_single and known:
            self._last = job
        if message.error is not None:
            self._screen.post_error(message.error)
        elif job.stop.is_set():
            if known:
                lists = self._screen.keys.fill("{link_results} results")
                self._screen.post_status(
                    f"Link check stopped: {known:,} of {len(job.keys):,} checked · {lists}"
                )
        elif not job.keys:
            self._screen.post_no_url("check")
        else:
            self._post_summary(job)

    def _post_summary(self, job: _Job) -> None:
        links = counted(len(self._fresh), "link")
        words = [
            f"{job.counts[verdict]:,} {verdict.value}"
            for verdict in (*BY_URGENCY, Verdict.ALIVE)
            if job.counts[verdict]
        ]
        sentence = f"{links} checked: {', '.join(words)}"
        if job.is_single or not job.counts.keys() - {Verdict.ALIVE}:
            self._screen.post_status(sentence)
        elif job.place == self._place:
            self._screen.post_status(sentence)
            self.open_results()
        else:  # a screen must not open while the user works on
            self._screen.post_status(
                self._screen.keys.fill(f"{sentence} · {{link_results}} results")
            )

    # -- results ---------------------------------------------------------------------------

    def open_results(self) -> None:
        """Show the problems of the last check of this session, else of all checks."""
        if not self._workspace.links.has_verdicts:
            self._screen.post_status(
                self._screen.keys.fill(
                    "No links checked yet · {check_links} article · {check_shown} all shown"
                )
            )
            return
        self._screen.is_opening_dialog = True
        self._screen.start_worker(self._read_results, "link results")

    def _read_results(self) -> None:
        known, last = self._workspace.link_findings, self._last
        if last is None:
            findings, counts = known.findings(), known.counts()
            scope = "all results"
        else:
            findings, counts = known.findings(frozenset(last.paths)), last.counts
            scope = f"last check, {counted(len(last.paths), 'article')}"
        rows = self._workspace.rows_at({finding.path for finding in findings})
        titles = {path: row.title for path, row in rows.items()}
        self._screen.post_message(LinkResultsRead(findings, titles, counts, scope))

    def results_read(self, message: LinkResultsRead) -> None:
        """Open the results, or report that there is no problem."""
        self._screen.is_opening_dialog = False
        if not message.findings:
            alive = message.counts.get(Verdict.ALIVE, 0)
            self._screen.post_status(f"No link problems: {alive:,} alive")
            return

        def left(path: str | None) -> None:
            self._results = None
            if path:
                self._screen.show_article(path)

        self._results = self._screen.open_link_results(message, left)

    def accept(self, finding: LinkFinding) -> None:
        """Write the suggested fix of a finding; it can be undone."""

        from newsdesk.workspace.links.findings import NoSuggestedFix
        from newsdesk.workspace.triage import REPAIR

        def decide(*_: object) -> Action:
            repair = self._workspace.link_findings.suggested_fix(finding)
            if isinstance(repair, NoSuggestedFix):
                raise NewsdeskError(repair.reason)
            return self._workspace.repair_url(repair.path, repair.field, repair.old, repair.new)

        self._screen.carry_out(decide, name=REPAIR)

    def decided(self, action: Action) -> None:
        """Mark in the results what was fixed or undone."""
        from newsdesk.workspace.triage import REPAIR

        if action.verb.endswith(REPAIR) and action.changed:
            self._screen.articles.reload_rows()  # their URLs changed
            if self._results is not None:
                self._results.repaired(action.changed, is_undo=action.verb != REPAIR)

    def post_on_results(self, sentence: str, state: str) -> None:
        """Show a message on the results screen, if it is open."""
        if self._results is not None:
            self._results.post_status(sentence, state)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
