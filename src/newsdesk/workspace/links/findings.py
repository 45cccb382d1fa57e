"""Answer queries about earlier link checks, without network access."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.collection import files
from newsdesk.collection.article import Article
from newsdesk.collection.profile import Profile
from newsdesk.collection.urls import reader_url
from newsdesk.index.schema import Row
from newsdesk.index.store import Store
from newsdesk.links.cache import FileLinks
from newsdesk.links.fallback_url import find_fallback_url
from newsdesk.links.http.url import url_key
from newsdesk.links.policy import Policy
from newsdesk.links.verdict import BY_URGENCY, Outcome, Verdict
from newsdesk.workspace.links.reader import read_links, stamp_of
from newsdesk.workspace.links.service import LinkService

# The fields of an article's own URLs, for which fixes can be suggested.
OWN_FIELDS = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_BADGES = {verdict: rank for rank, verdict in enumerate(BY_URGENCY[:5])}
_MAX_REREAD_FILES = 300  # changed files; the others are reread by the next check


@dataclass(frozen=True, slots=True)
class LinkFinding:
    """A link whose verdict is not alive; `line` is 1-based or None."""

    path: str
    field: str
    line: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SuggestedFix:
    """A replacement of the URL `old` by `new` in a field; `reason` is shown to the user."""

    path: str
    field: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoSuggestedFix:
    """Why no fix can be suggested, and what to do instead."""

    reason: str


class LinkFindings:
    """Results of earlier checks, by article. Thread-safe."""

    def __init__(self, root: Path, store: Store, links: LinkService, profile: Profile) -> None:
        self._root = root
        self._profile = profile
        self._store = store
        self._links = links

    # -- reading files ---------------------------------------------------------------------

    def read(self, path: str, policy: Policy) -> tuple[Article, FileLinks]:
        """Read an article and its links with their lines; raises `OSError`."""
        return read_links(self._root, path, policy, self._profile)

    def store_links(self, readings: Iterable[FileLinks]) -> None:
        """Store the links of files."""
        self._links.cache.store_links(readings)

    def reread_changed(self, paths: Sequence[str]) -> bool:
        """Reread the links of files that changed since their check; return whether any did."""
        if not self._links.has_verdicts:
            return False
        stamps = self._links.cache.stamps(paths)
        readings: list[FileLinks] = []
        for path in paths:
            if len(readings) >= _MAX_REREAD_FILES:
                break
            if path in stamps and stamps[path] != self._stamp_of(path):
                try:
                    readings.append(self.read(path, Policy())[1])
                except OSError:
                    readings.append(FileLinks(path, "", ()))  # the file was deleted
        if readings:
            self.store_links(readings)
        return bool(readings)

    def _stamp_of(self, path: str) -> str:
        try:
            status = (self._root / path).lstat()
        except OSError:
            return ""
        return stamp_of(files.Fingerprint.of(status))

    # -- queries ---------------------------------------------------------------------------

    def outcomes(self, urls: Iterable[str]) -> dict[str, Outcome]:
        """Return the last outcomes of URLs, at any age, by `url_key`."""
        if not self._links.has_verdicts:
            return {}
        return self._links.cache.latest_outcomes(url_key(url) for url in urls)

    def badges(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        """Return path -> the most urgent verdict on a link of the article, if it has a badge.

        Returns nothing until the cache is open, because it is called while a list is drawn.
        """
        if not self._links.is_open:
            return {}
        own_keys = {row.path: _own_keys(row) for row in rows}
        verdict_of = self._links.cache.verdicts_of(
            dict.fromkeys(key for keys in own_keys.values() for key in keys)
        )
        found = [
            (path, verdict_of[key])
            for path, keys in own_keys.items()
            for key in keys
            if key in verdict_of
        ]
        # The article's own URLs come from the index, the others from the last reading.
        for path, field, verdict in self._links.cache.verdicts_at(own_keys):
            if field not in OWN_FIELDS:
                found.append((path, verdict))
        worst: dict[str, Verdict] = {}
        for path, verdict in found:
            rank = _BADGES.get(verdict)
            if rank is not None and (path not in worst or rank < _BADGES[worst[path]]):
                worst[path] = verdict
        return worst

    def ids_with(self, verdict: Verdict) -> set[int]:
        """Return the ids of the articles that have a link with this last verdict."""
        if not self._links.has_verdicts:
            return set()
        cache = self._links.cache
        paths = cache.paths_with(verdict)
        if self.reread_changed(paths):
            paths = cache.paths_with(verdict)
        ids = set(self._store.ids_of(paths).values())
        # Articles that were never read for a check may have the same URL.
        urls = set(cache.urls_with(verdict))
        others = [id_ for id_ in self._store.ids_of_urls(urls) if id_ not in ids]
        for id_, row in self._store.rows(others).items():
            if not urls.isdisjoint(_own_keys(row)):
                ids.add(id_)
        return ids

    def unreachable(self, rows: Iterable[Row], verdicts: Collection[Verdict]) -> set[str]:
        """Return the paths of articles whose `webUrl` has one of these last verdicts."""
        if not self._links.has_verdicts:
            return set()
        keys = {row.path: url_key(row.url) for row in rows if row.url}
        verdict_of = self._links.cache.verdicts_of(dict.fromkeys(keys.values()))
        return {path for path, key in keys.items() if verdict_of.get(key) in verdicts}

    def findings(self, paths: frozenset[str] | None = None) -> list[LinkFinding]:
        """Return the links that are not alive, most urgent first; None means all files."""
        if not self._links.has_verdicts:
            return []
        self.reread_changed(list({finding.path: None for finding in self._all_findings()}))
        found = [f for f in self._all_findings() if paths is None or f.path in paths]
        found.sort(key=lambda f: BY_URGENCY.index(f.outcome.verdict))  # stable: by file, as read
        return found

    def _all_findings(self) -> Iterator[LinkFinding]:
        for use, outcome in self._links.cache.locations_with(BY_URGENCY):
            yield LinkFinding(use.path, use.field, use.line, outcome)

    def counts(self) -> Mapping[Verdict, int]:
        """Return the number of linked URLs by last verdict."""
        return self._links.cache.count_verdicts() if self._links.has_verdicts else {}

    # -- suggested fixes -------------------------------------------------------------------

    def suggested_fix(self, finding: LinkFinding) -> SuggestedFix | NoSuggestedFix:
        """Return the fix for a finding, or why there is none; reads the file."""
        outcome = finding.outcome
        if finding.field not in OWN_FIELDS:
            return NoSuggestedFix("No fix for this field · Enter, then e edits the file")
        try:
            article, _ = self.read(finding.path, Policy())
        except OSError as error:
            return NoSuggestedFix(f"Cannot read the file: {error.strerror or error}")
        written = dict(article.urls.named()).get(finding.field, "")
        if url_key(written) != outcome.url:
            return NoSuggestedFix(f"{finding.field} has changed · l checks it again")
        if outcome.verdict is Verdict.MOVED:
            new = outcome.final_url.removesuffix("#")
            # A redirect without a fragment keeps the one there was (RFC 9110, 10.2.2).
            if "#" not in outcome.final_url and (fragment := _fragment(written)):
                new += f"#{fragment}"
            if not reader_url(new):
                return NoSuggestedFix("The new URL cannot be written to the file")
            return SuggestedFix(finding.path, finding.field, written, new, "moved permanently")
        if outcome.verdict is not Verdict.DEAD:
            return NoSuggestedFix("No fix without a proven cause · o opens the page")
        if finding.field != "webUrl":
            return NoSuggestedFix(f"No fix for {finding.field} · e edits the file")
        verdicts = self._links.cache.verdicts_of(url_key(url) for _, url in article.urls.named())
        fallback = find_fallback_url(article.urls, verdicts)
        if fallback is None:
            return NoSuggestedFix("No other working URL is known · e edits the file")
        return SuggestedFix(
            finding.path, "webUrl", written, fallback.url, f"{fallback.field} works"
        )


def _own_keys(row: Row) -> list[str]:
    return [url_key(url) for _, url in row.urls.named()]


def _fragment(url: str) -> str:
    return url.partition("#")[2].strip()
