"""What a sitting changed: each file with its line and its warnings, and one commit of just that."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Literal

from newsdesk.collection import files
from newsdesk.collection.article import Article, Problem, Status
from newsdesk.collection.frontmatter.block import (
    Splice,
    begins_front_matter,
    find_block,
    splice_back,
)
from newsdesk.collection.frontmatter.yaml_reader import read_mapping
from newsdesk.collection.parser import read_article
from newsdesk.collection.profile import JEKYLL, Profile
from newsdesk.collection.status import splice_status, status_name, status_of_fields
from newsdesk.collection.unified_diff import unified_diff
from newsdesk.errors import ContentChanged, NewsdeskError, WriteRefused
from newsdesk.index.schema import article_key
from newsdesk.text import counted, shown
from newsdesk.workspace.index_updates import reread
from newsdesk.workspace.journal import Change
from newsdesk.workspace.journal_file import who
from newsdesk.workspace.outcomes import Action, Outcome
from newsdesk.workspace.reader import Reader
from newsdesk.workspace.review.git import Differing, Repository
from newsdesk.workspace.review.git_command import GitRefused, NoRepository
from newsdesk.workspace.review.git_commit import Committed, Edit, commit
from newsdesk.workspace.triage import Seen, Triage

WITHOUT_GIT = timedelta(days=1)  # how far back a review looks where no commit bounds it
MAX_TITLES = 20  # in the message of a commit
_LONGEST_TITLE = 100  # characters
_ALL_ENTRIES = 1_000_000
_LARGEST_DIFF = 2_000  # lines; beyond it a change is shown as one block
_JUNK_PROVIDER = re.compile(
    r"(www\d*\.?|home(page)?|index|default|untitled|none|null|n/a)?"
    r"|home\s*[|:–—-].*|index of\b.*"
    r"|[\w-]+\.(html?|xhtml|php\d?|aspx?|jspx?|cfm|cgi|xml|rss|json|txt|pdf)",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\n|\r")
_ASSIGNS = re.compile(rb"[:=]")

Kind = Literal["decision", "changed", "new", "removed"]


@dataclass(frozen=True, slots=True)
class LineChange:
    """One line: its 1-based number in the file as it stands, and what it was and is.

    `old` is None for a new line, `new` for one that is gone, whose number is that of the line
    now in its place. Line endings are left out.
    """

    number: int
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """One file of the review. `article` is what it says now, or said before it was removed.

    A `decision` is this person's and about the one field; `has_other_changes` says that other
    lines differ from the last commit too, which stay out of the commit. The other kinds are
    somebody's changes to the whole file.
    """

    path: str
    kind: Kind
    article: Article
    before: Status
    after: Status
    lines: tuple[LineChange, ...]
    warnings: tuple[Problem, ...]
    has_other_changes: bool = False

    @property
    def title(self) -> str:
        """The title, not yet safe to show."""
        return self.article.title

    @property
    def verb(self) -> str:
        """What happened to the file: publish, unpublish, unset, add, remove or change."""
        if self.kind == "new":
            return "add"
        if self.kind == "removed":
            return "remove"
        if self.before == self.after:
            return "change"
        verbs = {Status.PUBLISHED: "publish", Status.UNPUBLISHED: "unpublish"}
        return verbs.get(self.after, "unset")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that this person changed but that the commit cannot take, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of a review: files by verb, topics and providers with their counts, most first."""

    verbs: tuple[tuple[str, int], ...]
    topics: tuple[tuple[str, int], ...]
    providers: tuple[tuple[str, int], ...]
    published: int
    unpublished: int
    warnings: int


@dataclass(frozen=True, slots=True)
class CommitResult:
    """A commit that was made: its id, its first line, its files and those left out.

    `words` is what git and its hooks said, in lines, not yet safe to show; `notes` are sentences.
    """

    id: str
    subject: str
    paths: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    words: str
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What is found while a review is put together."""

    files: list[ReviewedFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, what: ReviewedFile | LeftOut | None) -> None:
        """Put a file where it belongs."""
        if isinstance(what, ReviewedFile):
            self.files.append(what)
        elif what is not None:
            self.left_out.append(what)


class Review:
    """What differs from the last commit, or what was decided lately where there is no git.

    Made by `Review.of`; a picture of one moment, so make a new one after anything changed.
    `notes` are sentences for the person; `obstacle` says why no commit can be made, or is None.
    """

    def __init__(
        self,
        reader: Reader,
        found: _Found,
        repository: Repository | None,
        obstacle: GitRefused | None,
        notes: Sequence[str],
    ) -> None:
        self._reader = reader
        self._repository = repository
        self.files = tuple(sorted(found.files, key=lambda file: file.path))
        self.left_out = tuple(sorted(found.left_out, key=lambda left: left.path))
        self.obstacle = obstacle
        self.notes = tuple(notes)

    @classmethod
    def of(
        cls, reader: Reader, *, since: datetime | None = None, everything: bool = False
    ) -> Review:
        """Look at what this person's decisions changed since the last commit; writes nothing.

        `since`, an aware moment, leaves older decisions out; `everything` takes in whatever
        differs in the articles of the collection, whoever changed it. Without git the journal
        alone tells, and without `since` the last day of it.
        """
        found = _Found()
        histories = _histories(reader, since)
        try:
            repository = Repository(reader.config.collection)
            differing = repository.differing()
            obstacle = repository.why_not_commit()
        except GitRefused as refusal:
            _from_journal(reader, histories, found)
            return cls(reader, found, None, refusal, [_without_git(refusal)])
        if differing.head:
            differing = _with_flagged(reader, repository, differing, histories)
            _from_commit(reader, repository, differing, histories, found, everything=everything)
        else:
            _from_journal(reader, histories, found)
        notes = _notes(differing, obstacle, repository.superproject)
        notes += _flag_notes(found.files, differing.flagged)
        return cls(reader, found, repository, obstacle, notes)

    def summary(self) -> Summary:
        """Return the totals."""
        articles = [file.article for file in self.files]
        statuses = Counter(file.after for file in self.files if file.kind != "removed")
        return Summary(
            _most_first(Counter(file.verb for file in self.files)),
            _most_first(Counter(topic for article in articles for topic in article.topics)),
            _most_first(Counter(article.provider.label for article in articles)),
            statuses[Status.PUBLISHED],
            statuses[Status.UNPUBLISHED],
            sum(len(file.warnings) for file in self.files),
        )

    def message(self) -> str:
        """Return a message for the commit: what was done in the first line, then titles."""
        verbs = self.summary().verbs
        if not verbs:
            return ""
        counts = ", ".join(f"{verb} {number:,}" for verb, number in verbs)
        noun = "article" if verbs[-1][1] == 1 else "articles"
        lines = [f"{counts[0].upper()}{counts[1:]} {noun}", ""]
        for file in self.files[:MAX_TITLES]:
            title: str = shown(file.title)
            title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
            lines.append(f"- {title}" if len(verbs) == 1 else f"- {file.verb}: {title}")
        if len(self.files) > MAX_TITLES:
            lines.append(f"- and {len(self.files) - MAX_TITLES:,} more")
        return "\n".join(lines) + "\n"

    def commit(self, message: str = "", *, whole_paths: Collection[str] = ()) -> CommitResult:
        """Commit the files of this review: of a decision its one line, else the whole file.

        An empty message means the generated one. What changed since the review was made is
        left out, but for files in `whole_paths`: they are taken whole, as they are now, if the
        field still is what the review shows. Raises `GitRefused`, with git's words, when
        nothing was committed.
        """
        self._reader.check_settings_for_writing()
        if self.obstacle is not None:
            raise self.obstacle
        assert self._repository is not None  # else there is an obstacle
        if not self.files:
            raise NewsdeskError("There is nothing to commit.")
        message = message or self.message()
        edits: dict[str, Edit] = {}
        whole, left_out = [], []
        for file in self.files:
            if file.kind == "removed" or (file.path in whole_paths and self._has_status(file)):
                whole.append(file.path)
            elif not _is_as_reviewed(file, self._reader.article(file.path)):
                left_out.append(LeftOut(file.path, "It was changed after this review."))
            elif file.kind != "decision":
                whole.append(file.path)
            else:
                edits[file.path] = partial(
                    _with_status, file.path, status=file.after, profile=self._reader.profile
                )
        record = self._reader.config.commit_path
        made = commit(self._repository, message, edits, whole, record=record)
        return _result(message, made, left_out, self.notes)

    def _has_status(self, file: ReviewedFile) -> bool:
        return self._reader.article(file.path).status == file.after

    def revert(self, paths: Iterable[str] | None = None) -> Action:
        """Give the field of these files, or of all, the value it had before.

        One entry in the journal and one undo for all. Only decisions are reverted, and only
        where the field still is what the review shows; other lines stay as they are.
        """
        self._reader.check_settings_for_writing()
        known = {file.path: file for file in self.files}
        outcomes: dict[str, Outcome] = {}
        changes = []
        seen: dict[str, bytes] = {}
        for path in dict.fromkeys(known if paths is None else paths):
            try:
                source, splice = _reverting(self._reader, path, known.get(path))
                changes.append(_change(self._reader, path, source, splice))
                seen[path] = article_key(known[path].article)
            except WriteRefused as refusal:
                outcomes[path] = Outcome.refused(path, refusal)
        if changes:
            self._carry_out("revert", changes, outcomes, seen)
        return Action("revert", tuple(outcomes.values()))

    def preview_revert(self, paths: Iterable[str] | None = None) -> tuple[str, Action]:
        """Return the diff that `revert` would make, and what it would do."""
        known = {file.path: file for file in self.files}
        diff, outcomes = "", []
        for path in dict.fromkeys(known if paths is None else paths):
            try:
                source, splice = _reverting(self._reader, path, known.get(path))
            except WriteRefused as refusal:
                outcomes.append(Outcome.refused(path, refusal))
            else:
                diff += unified_diff(path, source, splice.result)
                outcomes.append(Outcome(path, "changed"))
        return diff, Action("revert", tuple(outcomes))

    def preview_commit(self, whole_paths: Collection[str] = ()) -> str:
        """Return what `commit` would commit as a diff to the last commit; see there.

        Raises `GitRefused` if no commit can be made.
        """
        if self.obstacle is not None:
            raise self.obstacle
        assert self._repository is not None  # else there is an obstacle
        tracked = self._repository.tracked()
        ids = {file.path: tracked[file.path].id for file in self.files if file.path in tracked}
        contents = self._repository.contents(ids.values())
        diff = ""
        for file in self.files:
            before = contents[ids[file.path]] if file.path in ids else None
            if file.kind == "decision" and file.path not in whole_paths and before is not None:
                after: bytes | None = _with_status(
                    file.path, before, file.after, self._reader.profile
                )
            else:
                source = _source(self._reader, file.path)
                after = None if isinstance(source, LeftOut) else source
            diff += unified_diff(file.path, before, after)
        return diff

    def _carry_out(
        self, verb: str, changes: list[Change], outcomes: dict[str, Outcome], seen: Seen
    ) -> None:
        reader = self._reader
        triage = Triage(reader.config.collection, reader.journal, reader.profile)
        for outcome in triage.apply(verb, changes, seen=seen).outcomes:
            outcomes[outcome.path] = outcome
        reread(reader, (change.path for change in changes))


# -- what was decided --------------------------------------------------------------------------


@dataclass(slots=True)
class _History:
    """What the journal says about the field of one file: its value before and now.

    `first` is the value before the very first decision.
    """

    first: Status
    before: Status
    after: Status
    is_recent: bool = False

    @property
    def is_taken_back(self) -> bool:
        """Whether nothing is left of all that was decided."""
        return self.after == self.first


def _histories(reader: Reader, since: datetime | None) -> dict[str, _History]:
    """Return path -> history for every file this person decided about, undone or not.

    What was undone counts too: taking back what is committed already is a change to commit.
    """
    if not reader.config.journal_path.exists():  # opening it would make one
        return {}
    person, profile = who(), reader.profile
    edge = since or datetime.now(UTC) - WITHOUT_GIT
    histories: dict[str, _History] = {}
    for entry in reversed(reader.log(_ALL_ENTRIES)):
        for change in entry.changes if entry.who == person else ():
            is_status = bool(profile.names_of(profile.status_field, {change.field: None}))
            if not is_status or change.state not in ("done", "undone"):
                continue
            before = _status_of(change.old, profile)
            history = histories.setdefault(change.path, _History(before, before, before))
            if not history.is_recent:
                history.before = history.after
                history.is_recent = entry.at >= edge
            if change.state == "done":
                history.after = _status_of(change.new, profile)
    if since is None:
        return histories
    return {path: history for path, history in histories.items() if history.is_recent}


def _status_of(value: bytes, profile: Profile) -> Status:
    """Return what the journal's bytes of the field mean: a word, a whole line, or nothing."""
    if not value:
        return Status.UNSET
    word = _ASSIGNS.split(value)[-1].strip().decode("utf-8", "replace")
    read = read_mapping(f"{profile.status_field}: {word}")
    return status_of_fields(read.fields, profile, written=read.written, lines={}).status


def _from_journal(reader: Reader, histories: Mapping[str, _History], found: _Found) -> None:
    """Find what was decided since a moment, or in the last day, by the journal alone."""
    for path, history in histories.items():
        if history.is_recent and history.before != history.after:
            found.add(_decision(reader, path, history, history.before, None))


# -- what differs from the last commit ---------------------------------------------------------


def _from_commit(
    reader: Reader,
    repository: Repository,
    differing: Differing,
    histories: Mapping[str, _History],
    found: _Found,
    *,
    everything: bool,
) -> None:
    candidates = filter(_is_candidate, differing.changed) if everything else ()
    new = tuple(filter(_is_candidate, differing.new)) if everything else ()
    wanted = {*(path for path in differing.changed if path in histories), *candidates}
    filtered = repository.repository_filters((*wanted, *new)) if everything else {}
    contents = repository.contents(differing.changed[path].id for path in wanted)
    for path in wanted:
        committed = contents[differing.changed[path].id]
        if path in histories:
            before = read_article(path, committed, reader.profile).status
            decision = _decision(reader, path, histories[path], before, committed)
            is_line = path in filtered or path in differing.flagged or _is_whole(decision)
            if is_line or not everything:
                found.add(decision)
                continue
        found.add(_unfiltered(path, filtered) or _whole(reader, path, committed))
    for path in new:
        found.add(_unfiltered(path, filtered) or _whole(reader, path, None))
    found.left_out += _passed_over(reader, repository, differing, histories, everything)
    if everything:
        found.left_out += _hidden(reader, repository, differing, histories)


def _with_flagged(
    reader: Reader,
    repository: Repository,
    differing: Differing,
    histories: Mapping[str, _History],
) -> Differing:
    """Add to what differs the files that were decided about and that git does not look at."""
    paths = differing.flagged.keys() & histories.keys()
    paths = {path for path in paths if (reader.config.collection / path).exists()}
    tracked = repository.tracked() if paths else {}
    flagged = {path: tracked[path] for path in paths if path in tracked}
    return replace(differing, changed={**flagged, **differing.changed})


def _hidden(
    reader: Reader,
    repository: Repository,
    differing: Differing,
    histories: Mapping[str, _History],
) -> Iterator[LeftOut]:
    """Yield the changed files that nobody decided about and that git does not look at.

    Whoever set the flag wants to keep their changes out of commits.
    """
    paths = [path for path in differing.flagged.keys() - histories.keys() if _is_candidate(path)]
    tracked = repository.tracked() if paths else {}
    present = {path: reader.config.collection / path for path in paths if path in tracked}
    present = {path: file for path, file in present.items() if file.is_file()}
    contents = repository.contents(tracked[path].id for path in present)
    for path in present:
        source = _source(reader, path)
        committed = contents[tracked[path].id]
        if isinstance(source, bytes) and _without_endings(source) != _without_endings(committed):
            yield LeftOut(path, f"It is flagged {differing.flagged[path]} in git's index.")


def _unfiltered(path: str, filtered: Mapping[str, str]) -> LeftOut | None:
    """Return why a file cannot be committed whole if git would have to run its filter."""
    if path not in filtered:
        return None
    return LeftOut(path, f"Filter {filtered[path]} is set in this repository only: use git commit.")


def _is_whole(decision: ReviewedFile | LeftOut | None) -> bool:
    return isinstance(decision, ReviewedFile) and not decision.has_other_changes


def _passed_over(
    reader: Reader,
    repository: Repository,
    differing: Differing,
    histories: Mapping[str, _History],
    everything: bool,
) -> Iterator[LeftOut]:
    """Yield the files that were decided about but that no commit can take."""
    unknown = []
    for path in histories.keys() - differing.changed.keys():
        if path in differing.conflicts:
            yield LeftOut(path, "It is in conflict after a merge; settle that first.")
        elif path in differing.new:
            if not everything and not histories[path].is_taken_back:
                yield LeftOut(path, "It is new to git: it can only be committed whole.")
        elif histories[path].is_taken_back or not histories[path].is_recent:
            continue
        elif (reader.config.collection / path).exists():
            unknown.append(path)
    tracked = repository.tracked() if unknown else {}
    for path in unknown:
        if path not in tracked:
            yield LeftOut(path, "git ignores it, or it belongs to another repository.")


def _is_candidate(path: str) -> bool:
    *folders, name = path.split("/")
    return (
        files.has_suffix(name)
        and not name.startswith(".")
        and not any(part.startswith(".") or part in files.SKIPPED_FOLDERS for part in folders)
        and not any("\ud800" <= char <= "\udfff" for char in path)
    )


def _decision(
    reader: Reader, path: str, history: _History, before: Status, committed: bytes | None
) -> ReviewedFile | LeftOut | None:
    """Return a file whose field is what this person made it, or None if nothing of it differs.

    `committed` is the file in the last commit, where there is one, and `before` its status.
    """
    source = _source(reader, path)
    if source is None or isinstance(source, LeftOut):
        return source or LeftOut(path, "It is no longer there.")
    article = read_article(path, source, reader.profile)
    if article.status == before:
        return None
    if article.status != history.after or not article.writable:
        return LeftOut(path, f"{reader.profile.status_field} was changed by somebody else since.")
    try:
        lines = line_changes(_with_status(path, source, before, reader.profile), source)
        ours = source
        if committed is not None:
            ours = _with_status(path, committed, article.status, reader.profile)
    except WriteRefused as refusal:
        return LeftOut(path, str(refusal))
    return ReviewedFile(
        path,
        "decision",
        article,
        before,
        article.status,
        lines,
        warnings_of(article, profile=reader.profile),
        _without_endings(ours) != _without_endings(source),
    )


def _whole(reader: Reader, path: str, committed: bytes | None) -> ReviewedFile | LeftOut | None:
    """Return a file with all that differs, None if it is no article.

    `committed` is None for one that is new.
    """
    source, profile = _source(reader, path), reader.profile
    if isinstance(source, LeftOut):
        return source
    versions = [each for each in (source, committed) if each is not None]
    if not versions or not begins_front_matter(versions[0], has_toml=profile.has_toml):
        return None
    article = read_article(path, versions[0], profile)
    before = Status.UNSET
    if committed is not None:
        before = read_article(path, committed, profile).status
    if source is None:
        return ReviewedFile(path, "removed", article, before, Status.UNSET, (), ())
    kind: Kind = "new" if committed is None else "changed"
    lines = () if committed is None else line_changes(committed, source)
    warnings = warnings_of(article, profile=profile)
    return ReviewedFile(path, kind, article, before, article.status, lines, warnings)


def _source(reader: Reader, path: str) -> bytes | LeftOut | None:
    """Return the bytes of a file, None if it is gone, or why they cannot be had."""
    try:
        return reader.source(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return LeftOut(path, f"It cannot be read: {error.strerror or error}.")


def _without_git(refusal: GitRefused) -> str:
    if isinstance(refusal, NoRepository):
        return f"{refusal.message} Shown is what the journal knows."
    return f"git will not read this repository: {refusal} Shown is what the journal knows."


def _notes(differing: Differing, obstacle: GitRefused | None, superproject: str) -> list[str]:
    notes = [] if obstacle is None else [f"No commit can be made now. {obstacle}"]
    if not differing.branch:
        notes.append(
            "HEAD is detached: a commit made now is on no branch until git switch -c NAME."
        )
    if superproject:
        notes.append(
            f"This repository is a submodule: {superproject} needs a commit of its own afterwards."
        )
    return notes


def _flag_notes(files: Iterable[ReviewedFile], flagged: Mapping[str, str]) -> list[str]:
    names = [file.path for file in files if file.path in flagged]
    if not names:
        return []
    more = f" and {counted(len(names) - 1, 'more file')}" if names[1:] else ""
    return [f"git status does not show {names[0]}{more}: flagged {flagged[names[0]]} in its index."]


def _result(
    message: str, made: Committed, left_out: Sequence[LeftOut], notes: Sequence[str]
) -> CommitResult:
    more = (LeftOut(path, reason) for path, reason in made.left_out.items())
    return CommitResult(
        made.id,
        message.strip().split("\n", 1)[0],
        made.paths,
        (*left_out, *more),
        made.words,
        (*notes, *made.notes),
    )


# -- values and lines --------------------------------------------------------------------------


def _with_status(path: str, source: bytes, status: Status, profile: Profile) -> bytes:
    """Return a file's bytes with that status; raises `WriteRefused`."""
    splice = _splice_status(path, source, status, profile)
    return source if splice is None else splice.result


def _splice_status(path: str, source: bytes, status: Status, profile: Profile) -> Splice | None:
    if status is not Status.UNSET:
        return splice_status(path, source, status is Status.PUBLISHED, profile)
    name = status_name(source, profile)
    block = find_block(source)
    pattern = rb"^%b[ \t]*[:=][^\r\n]*(?:\r\n|\n|\r)" % re.escape(name.encode())
    line = block and re.compile(pattern, re.MULTILINE).search(source, block.start, block.end)
    if not line:
        return None
    return splice_back(source, name, b"", line[0])


def line_changes(before: bytes, after: bytes) -> tuple[LineChange, ...]:
    """Return the lines that differ, whatever their endings are."""
    old, new = _lines(before), _lines(after)
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    return tuple(
        LineChange(start + at + 1 + min(offset, len(new_part)), was, now)
        for old_part, new_part, at in _blocks(old, new)
        for offset, (was, now) in enumerate(zip_longest(old_part, new_part))
    )


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str], int]]:
    if len(old) > _LARGEST_DIFF or len(new) > _LARGEST_DIFF:
        yield old, new, 0
        return
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if what != "equal":
            yield old[old_start:old_end], new[new_start:new_end], new_start


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    number = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        number += 1
    return number


def _lines(source: bytes) -> list[str]:
    return _LINE_END.split(source.decode("utf-8", "replace"))


def _without_endings(source: bytes) -> bytes:
    return source.replace(b"\r\n", b"\n")


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


# -- warnings ----------------------------------------------------------------------------------


def warnings_of(
    article: Article, now: datetime | None = None, profile: Profile = JEKYLL
) -> tuple[Problem, ...]:
    """Return what an editor should know before an article goes out, its problems first."""
    lines = article.lines
    warnings = list(article.problems)
    if profile.is_news and not article.urls.best:
        warnings.append(Problem("no-address", "There is no usable URL.", lines.get("webUrl")))
    if profile.is_news and not any(image.url.strip() for image in article.images):
        warnings.append(Problem("no-image", "There is no image.", lines.get("images")))
    if article.published_at is not None and article.published_at > (now or datetime.now(UTC)):
        where = lines.get("publishedDateTime")
        warnings.append(Problem("future-date", "The publication date is in the future.", where))
    name = article.provider.name.strip()
    if profile.is_news and _JUNK_PROVIDER.fullmatch(name):
        what = f"The provider's name says nothing: {name}." if name else "The provider has no name."
        warnings.append(Problem("junk-provider", what, lines.get("provider")))
    return tuple(warnings)


# -- taking back -------------------------------------------------------------------------------


def _is_as_reviewed(file: ReviewedFile, article: Article) -> bool:
    """Tell whether an article still says what the review shows of it."""
    return article.status == file.after and article_key(article) == article_key(file.article)


def _reverting(reader: Reader, path: str, file: ReviewedFile | None) -> tuple[bytes, Splice]:
    """Return a file and what gives its field the value of before; raises `WriteRefused`."""
    if file is None:
        raise WriteRefused(f"{path} is not among the files of this review.")
    if file.kind != "decision":
        raise WriteRefused(
            f"{path} was changed outside of newsdesk.", "Only decisions are reverted here."
        )
    source = files.read_whole(reader.config.collection, path)
    profile = reader.profile
    article = read_article(path, source, profile)
    if article_key(article) != article_key(file.article):
        raise ContentChanged(path)
    if article.status != file.after:
        raise WriteRefused(f"{path} was changed after this review; it is left as it is.")
    splice = _splice_status(path, source, file.before, profile)
    if splice is None:
        raise WriteRefused(f"The line of {profile.status_field} in {path} cannot be found.")
    return source, splice


def _change(reader: Reader, path: str, source: bytes, splice: Splice) -> Change:
    return Change(
        path,
        status_name(source, reader.profile),
        splice.old,
        splice.new,
        hashlib.sha256(source).hexdigest(),
        hashlib.sha256(splice.result).hexdigest(),
    )
