"""Check an article's links from the desk: in the background, verdicts as they come."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from newsdesk.collection.article import Article
from newsdesk.desk.checking import same_page
from newsdesk.desk.desk import Desk
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import Outcome
from newsdesk.text import counted
from newsdesk.tui.article_detail import VERDICT_LOOKS, ArticleDetail

if TYPE_CHECKING:
    from newsdesk.tui.desk_base import DeskBase


_POLICY = Policy()


class LinkCheck:
    """The verdicts of this sitting, and the check that is under way, if any."""

    def __init__(self, screen: DeskBase, desk: Desk) -> None:
        self._screen = screen
        self._desk = desk
        self._verdicts: dict[str, Outcome] = {}
        self._pending: set[str] = set()
        self._stop: threading.Event | None = None

    @property
    def verdicts(self) -> dict[str, Outcome]:
        """What is known, by address."""
        return self._verdicts

    @property
    def pending(self) -> set[str]:
        """The addresses that are being asked."""
        return self._pending

    def show_on(self, detail: ArticleDetail) -> None:
        """Put what is known beside the addresses of a detail pane."""
        detail.show_verdicts(self._verdicts, self._pending)

    def start(self, article: Article) -> None:
        """Ask the addresses of an article; a check that is under way goes first."""
        if self._stop is not None:
            self._screen.say("Links are being checked; Esc stops that.")
            return
        links = self._desk.links.links_of(article, _POLICY)
        if not links:
            self._screen.say("This article has no web address to check.")
            return
        self._pending = {link.url for link in links}
        self._stop = threading.Event()
        self._progress(0, len(self._pending))
        self.show_on(self._screen.detail)
        self._screen.run_worker(
            lambda: self._run(self._pending.copy(), self._stop),
            thread=True,
            group="links",
            exit_on_error=False,
        )

    def cancel(self) -> bool:
        """Stop what is under way; False if there was nothing."""
        if self._stop is None or self._stop.is_set():
            return False
        self._stop.set()
        return True

    def _run(self, urls: Iterable[str], stop: threading.Event | None) -> None:
        app = self._screen.app
        wanted = list(urls)
        try:
            self._desk.links.check(
                wanted,
                _POLICY,
                on_outcome=lambda outcome: app.call_from_thread(
                    self._answered, outcome, len(wanted)
                ),
                is_cancelled=lambda: stop is None or stop.is_set(),
            )
        finally:
            app.call_from_thread(self._ended)

    def _answered(self, outcome: Outcome, total: int) -> None:
        for url in [url for url in self._pending if same_page(url, outcome.url)]:
            self._pending.discard(url)
            self._verdicts[url] = outcome
        self._progress(total - len(self._pending), total)
        self.show_on(self._screen.detail)

    def _progress(self, done: int, total: int) -> None:
        self._screen.status.show_work("links", f"links {done} of {total}")

    def _ended(self) -> None:
        stopped = self._stop is not None and self._stop.is_set()
        self._stop = None
        self._pending = set()
        self._screen.status.show_work("links", "")
        self.show_on(self._screen.detail)
        if not stopped:
            self._screen.say(self._summary())

    def _summary(self) -> str:
        article = self._screen.detail.article
        urls = (
            {link.url for link in self._desk.links.links_of(article, _POLICY)} if article else set()
        )
        known = [self._verdicts[url] for url in urls if url in self._verdicts]
        counts = {
            verdict: number
            for verdict in VERDICT_LOOKS
            if (number := sum(outcome.verdict is verdict for outcome in known))
        }
        words = ", ".join(f"{number} {verdict.value}" for verdict, number in counts.items())
        return f"{counted(len(known), 'address', 'addresses')} checked: {words}."
