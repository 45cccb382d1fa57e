"""Say what is known about the links of articles, without asking the network."""

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

# The fields of an article's own addresses: the ones that can be repaired with one key.
OWN_FIELDS = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
_BADGES = {verdict: rank for rank, verdict in enumerate(BY_URGENCY[:5])}
_MAX_REREAD_FILES = 300  # files that changed since their check; the rest waits for the next check


@dataclass(frozen=True, slots=True)
class LinkFinding:
    """An address that is not simply alive, where it stands; `line` is 1-based or None."""

    path: str
    field: str
    line: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SuggestedFix:
    """What one key can put right: in `field`, `old` is replaced by `new`; `why` in words."""

    path: str
    field: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True)
class NoSuggestedFix:
    """Why there is nothing that one key could put right, and what to do instead."""

    why: str


class LinkFindings:
    """Verdicts of earlier checks, by article. Safe to use from several threads."""

    def __init__(self, root: Path, store: Store, links: LinkService, profile: Profile) -> None:
        self._root = root
        self._profile = profile
        self._store = store
        self._links = links

    # -- readings --------------------------------------------------------------------------

    def read(self, path: str, policy: Policy) -> tuple[Article, FileLinks]:
        """Read an article and its links with their lines; raises OSError."""
        return read_links(self._root, path, policy, self._profile)

    def store_links(self, readings: Iterable[FileLinks]) -> None:
        """Keep where addresses stand."""
        self._links.cache.store_links(readings)

    def reread_changed(self, paths: Sequence[str]) -> bool:
        """Note anew where addresses stand in files that changed since; False if none has."""
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
                    readings.append(FileLinks(path, "", ()))  # it is gone, and its links with it
        if readings:
            self.store_links(readings)
        return bool(readings)

    def _stamp_of(self, path: str) -> str:
        try:
            status = (self._root / path).lstat()
        except OSError:
            return ""
        return stamp_of(files.Fingerprint.of(status))

    # -- answers ---------------------------------------------------------------------------

    def outcomes(self, urls: Iterable[str]) -> dict[str, Outcome]:
        """Return what is known about addresses, however old, by `url_key`."""
        if not self._links.has_verdicts:
            return {}
        return self._links.cache.latest_outcomes(url_key(url) for url in urls)

    def badges(self, rows: Sequence[Row]) -> dict[str, Verdict]:
        """Return path -> the worst verdict on any link, where there is one that wants an eye.

        Answers nothing until the verdicts were opened: it is called while a list is drawn.
        """
        if not self._links.is_open:
            return {}
        owned = {row.path: _own_keys(row) for row in rows}
        verdict_of = self._links.cache.verdicts_of(
            dict.fromkeys(key for keys in owned.values() for key in keys)
        )
        found = [
            (path, verdict_of[key])
            for path, keys in owned.items()
            for key in keys
            if key in verdict_of
        ]
        # The row's own addresses are those of now; of the others the last reading tells.
        for path, field, verdict in self._links.cache.verdicts_at(owned):
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
        # Articles that were never read for a check may cite the same address.
        urls = set(cache.urls_with(verdict))
        others = [id_ for id_ in self._store.ids_owning(urls) if id_ not in ids]
        for id_, row in self._store.rows(others).items():
            if not urls.isdisjoint(_own_keys(row)):
                ids.add(id_)
        return ids

    def unreachable(self, rows: Iterable[Row], verdicts: Collection[Verdict]) -> set[str]:
        """Return the paths whose reader's address has one of these last verdicts."""
        if not self._links.has_verdicts:
            return set()
        keys = {row.path: url_key(row.url) for row in rows if row.url}
        verdict_of = self._links.cache.verdicts_of(dict.fromkeys(keys.values()))
        return {path for path, key in keys.items() if verdict_of.get(key) in verdicts}

    def findings(self, paths: frozenset[str] | None = None) -> list[LinkFinding]:
        """Return what wants an editor's eye, most urgent first; of some files or of all."""
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
        """Return how many addresses have which last verdict."""
        return self._links.cache.count_verdicts() if self._links.has_verdicts else {}

    # -- repairs ---------------------------------------------------------------------------

    def suggested_fix(self, finding: LinkFinding) -> SuggestedFix | NoSuggestedFix:
        """Return how a finding can be put right by replacing one address; reads the file."""
        outcome = finding.outcome
        if finding.field not in OWN_FIELDS:
            return NoSuggestedFix("Related entries and the body are edited by hand: Enter, then e.")
        try:
            article, _ = self.read(finding.path, Policy())
        except OSError as error:
            return NoSuggestedFix(f"The file cannot be read: {error.strerror or error}.")
        written = dict(article.urls.named()).get(finding.field, "")
        if url_key(written) != outcome.url:
            return NoSuggestedFix(f"{finding.field} holds another address by now.")
        if outcome.verdict is Verdict.MOVED:
            new = outcome.final_url.removesuffix("#")
            # A redirect without a fragment keeps the one there was (RFC 9110, 10.2.2).
            if "#" not in outcome.final_url and (fragment := _fragment(written)):
                new += f"#{fragment}"
            if not reader_url(new):
                return NoSuggestedFix("The new address is none that could be written down.")
            return SuggestedFix(finding.path, finding.field, written, new, "moved permanently")
        if outcome.verdict is not Verdict.DEAD:
            return NoSuggestedFix(
                "Nothing is proven here that could be put right: look at it with o."
            )
        if finding.field != "webUrl":
            return NoSuggestedFix(
                f"Readers do not follow {finding.field}; take it out by hand with e."
            )
        known = self._links.cache.verdicts_of(url_key(url) for _, url in article.urls.named())
        rung = find_fallback_url(article.urls, known)
        if rung is None:
            return NoSuggestedFix("No other address of this article is known to be alive.")
        return SuggestedFix(finding.path, "webUrl", written, rung.url, f"{rung.field} is alive")


def _own_keys(row: Row) -> list[str]:
    return [url_key(url) for _, url in row.urls.named()]


def _fragment(url: str) -> str:
    return url.partition("#")[2].strip()
