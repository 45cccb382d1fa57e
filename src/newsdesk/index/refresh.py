"""Bring the index up to date with the files."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from newsdesk.collection import files
from newsdesk.collection.files import Fingerprint, FoundFile, WalkReport
from newsdesk.collection.frontmatter.block import begins_front_matter
from newsdesk.collection.generators.exclusions import exclusions
from newsdesk.collection.parser import read_article, unreadable_article
from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.errors import Cancelled
from newsdesk.index.fast_reader import fast_record
from newsdesk.index.query.ast import DEFAULT_ORDER
from newsdesk.index.schema import Record, article_key, record_of
from newsdesk.index.store import CLOCK_TICK_NS, IndexedFile, Store

_BATCH = 200  # files in one task and in one transaction
_LARGEST_TRANSACTION = 3_200  # files
# Seconds that a transaction may take, for a decision has to wait for it to end. Half of it is
# short enough for the next one to be twice as large.
_LONGEST_TRANSACTION = 0.4
MIN_FILES_FOR_PROCESSES = 2_000  # files; below that, starting processes costs more than it saves
_NO_FINGERPRINT = Fingerprint(-1, 0, 0, 0)  # of a file whose state is not known
# What opening a link, a folder, a socket or a path that leads out fails with.
_NO_FILE_OF_OURS = frozenset(
    {errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.EINVAL}
    | {errno.EILSEQ, errno.ENAMETOOLONG}
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh is: files done and to do; `total` is 0 while the folder is scanned."""

    done: int
    total: int


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did. Numbers are files."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    left_alone: int = 0
    links: int = 0
    unreadable_folders: list[str] = field(default_factory=list)
    leftovers: set[str] = field(default_factory=set)  # folders with temporary files of ours
    seconds: float = 0.0

    @property
    def anything_changed(self) -> bool:
        """Whether the list may look different now."""
        return bool(self.added or self.changed or self.removed)


class TooManyFiles(Exception):
    """So many files differ that they had better be read elsewhere."""


def refresh(
    root: Path,
    store: Store,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    processes: int | None = None,
    max_files: int | None = None,
    profile: Profile = JEKYLL,
) -> RefreshReport:
    """Compare folder and index and read what differs; what was read stays if it is cancelled.

    Raises `CollectionError` if the folder cannot be listed, `Cancelled` when asked to stop,
    `TooManyFiles` as soon as `max_files` files are found to differ, before any of them is read.
    """
    started = time.perf_counter()
    files.check_folder(root)
    report, walked = RefreshReport(), WalkReport()
    is_excluded = exclusions(root, profile)
    tasted = 0
    if max_files is None and store.is_empty():
        # A large folder is looked through for seconds before it is known what there is to read.
        tasted = _foretaste(root, store, profile, is_excluded)
        if on_progress:
            on_progress(Progress(tasted, 0))
    compared = _compare(
        files.walk(root, walked, is_excluded), store.indexed_files(), is_cancelled, max_files
    )
    outdated, doubtful = compared.outdated, compared.doubtful
    report.unchanged = compared.unchanged
    report.changed = len(compared.known_before)
    report.added = len(outdated) - report.changed
    report.left_alone, report.links = walked.left_alone, walked.links
    report.unreadable_folders = walked.unreadable
    report.leftovers = walked.leftovers
    # An unreadable folder's articles are not gone, they cannot be seen just now.
    hidden = tuple("" if folder == "." else f"{folder}/" for folder in walked.unreadable)
    gone = [path for path in compared.gone if not (hidden and path.startswith(hidden))]
    report.unchanged -= tasted
    report.added += tasted
    done = tasted - len(doubtful) if tasted else 0
    total = done + len(outdated)
    with store.bulk_writing() if len(outdated) >= MIN_FILES_FOR_PROCESSES else nullcontext():
        for records, not_articles in _gathered(_read_all(root, outdated, processes, profile)):
            same = store.unchanged_paths(r for r in records if r.values[0] in doubtful)
            report.unchanged += len(same)
            report.changed -= len(same)
            store.apply(records, not_articles)
            done += len(records) + len(not_articles)
            report.left_alone += len(not_articles)
            no_longer = len(compared.known_before.intersection(not_articles))
            report.removed += no_longer
            report.changed -= no_longer
            report.added -= len(not_articles) - no_longer
            if on_progress:
                on_progress(Progress(done, total))
            if is_cancelled():
                raise Cancelled("Refreshing was stopped; what was read is kept.")
        for _, paths in _gathered(([], batch) for batch in _batches(gone)):
            store.apply((), paths)
        report.removed += len(gone)
        store.complete()
        store.save_order(DEFAULT_ORDER)
    report.seconds = time.perf_counter() - started
    return report


def _foretaste(
    root: Path, store: Store, profile: Profile, is_excluded: Callable[[str], bool] | None
) -> int:
    """Read the first few files, so that there is something to look at; return how many."""
    paths = [found.path for found in islice(files.walk(root, is_excluded=is_excluded), _BATCH)]
    records, _ = read_batch(root, paths, profile)
    store.apply(records)
    return len(records)


@dataclass(slots=True)
class _Compared:
    """What differs between folder and index, by path.

    `known_before` are those of `outdated` that the index holds; `doubtful` those that look as
    they did, but were read too soon after they were written to be sure.
    """

    outdated: list[str] = field(default_factory=list)
    known_before: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    unchanged: int = 0


def _compare(
    there: Iterable[FoundFile],
    known: Iterator[IndexedFile],
    is_cancelled: Callable[[], bool],
    max_files: int | None,
) -> _Compared:
    """Go through files and index side by side, both in the order of their paths."""
    compared = _Compared()
    entry = next(known, None)
    for found in there:
        path = found.path
        while entry is not None and entry[0] < path:
            compared.gone.append(entry[0])
            entry = next(known, None)
        if entry is None or entry[0] != path:
            compared.outdated.append(path)
        else:
            is_same = entry[:5] == found
            if is_same and max(entry[2], entry[3]) < entry[5] - CLOCK_TICK_NS:
                compared.unchanged += 1
            else:
                compared.outdated.append(path)
                compared.known_before.add(path)
                if is_same:
                    compared.doubtful.add(path)
            entry = next(known, None)
        if max_files is not None and len(compared.outdated) >= max_files:
            raise TooManyFiles
        if is_cancelled():
            raise Cancelled("Refreshing was stopped.")
    if entry is not None:
        compared.gone.append(entry[0])
        compared.gone += (entry[0] for entry in known)
    return compared


def _gathered(
    batches: Iterable[tuple[list[Record], list[str]]],
) -> Iterator[tuple[list[Record], list[str]]]:
    """Put batches together: small ones first, so that a list fills at once, then large ones.

    A transaction writes every page that it touches, and articles lie all over the index: few
    large transactions write far less than many small ones. But where the disk makes them long,
    as for a million articles, they become smaller again.
    """
    records: list[Record] = []
    not_articles: list[str] = []
    enough = _BATCH
    for more, others in batches:
        records += more
        not_articles += others
        if len(records) + len(not_articles) >= enough:
            began = time.monotonic()
            yield records, not_articles
            took = time.monotonic() - began
            if took > _LONGEST_TRANSACTION:
                enough = max(enough // 2, _BATCH)
            elif took < _LONGEST_TRANSACTION / 2:
                enough = min(enough * 2, _LARGEST_TRANSACTION)
            records, not_articles = [], []
    if records or not_articles:
        yield records, not_articles


def _batches(paths: list[str]) -> list[list[str]]:
    return [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]


def _read_all(
    root: Path, paths: list[str], processes: int | None, profile: Profile
) -> Iterator[tuple[list[Record], list[str]]]:
    """Yield (records, paths that hold no article) batch by batch."""
    batches = _batches(paths)
    workers = min(processes or os.cpu_count() or 1, len(batches))
    if workers <= 1 or len(paths) < MIN_FILES_FOR_PROCESSES:
        yield from (read_batch(root, batch, profile) for batch in batches)
        return
    from newsdesk.index.process_pool import map_in_processes

    yield from map_in_processes(partial(read_batch, root, profile=profile), batches, workers)


def read_batch(
    root: Path, paths: Iterable[str], profile: Profile = JEKYLL
) -> tuple[list[Record], list[str]]:
    """Read files into records; also return the paths that hold no article (any more)."""
    records, not_articles = [], []
    with files.Reader(root) as reader:
        for path in paths:
            record = _read_record(reader, path, profile)
            if record is None:
                not_articles.append(path)
            else:
                records.append(record)
    return records, not_articles


def read_record(root: Path, path: str, profile: Profile = JEKYLL) -> Record | None:
    """Read one file into a record; None if it is gone or has no front matter.

    A file that is there but cannot be read becomes a record with a problem; what is no file of
    the collection (a link, a folder, a path that leads out) becomes none.
    """
    with files.Reader(root) as reader:
        return _read_record(reader, path, profile)


def _read_record(reader: files.Reader, path: str, profile: Profile) -> Record | None:
    read_at_ns = time.time_ns()
    try:
        source = reader.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in _NO_FILE_OF_OURS:
            return None
        return record_of(unreadable_article(path, error), _NO_FINGERPRINT, read_at_ns)
    content = source.content
    if not begins_front_matter(content, has_toml=profile.has_toml) and not _is_wide(content):
        return None
    if profile.has_fast_reader:
        quick = fast_record(path, content, source.fingerprint, read_at_ns)
        if quick is not None:
            return quick
    article = read_article(path, content, profile, truncated=source.truncated)
    return record_of(article, source.fingerprint, read_at_ns)


def content_key_of(path: str, content: bytes, profile: Profile = JEKYLL) -> bytes:
    """Return the `content_key` that the index would keep of a file with this content."""
    if profile.has_fast_reader:
        quick = fast_record(path, content, _NO_FINGERPRINT, 0)
        if quick is not None:
            return quick.content_key
    return article_key(read_article(path, content, profile))


def _is_wide(content: bytes) -> bool:
    """Tell whether a front matter was saved as UTF-16, which nobody means to do."""
    return content[:8] in (b"\xff\xfe-\0-\0-\0", b"\xfe\xff\0-\0-\0-")
