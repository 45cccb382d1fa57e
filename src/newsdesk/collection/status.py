"""The status of a file as its site generator reads it, and the change that sets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsdesk.collection.article import Problem, Status
from newsdesk.collection.frontmatter.block import (
    FrontMatter,
    Splice,
    read_front_matter,
    splice_boolean,
)
from newsdesk.collection.generators.known import rules_of
from newsdesk.collection.generators.rules import Meaning, Unread
from newsdesk.collection.profile import Profile
from newsdesk.errors import WriteRefused

_NOT_BOOLEAN = "published-not-boolean"
_STATUSES = {
    Meaning.BUILT: Status.PUBLISHED,
    Meaning.HELD_BACK: Status.UNPUBLISHED,
    Meaning.AS_IF_UNSET: Status.UNSET,
    Meaning.UNCLEAR: Status.UNSET,
}
_HEAD_BYTES = 64 * 1024  # of a file whose front matter cannot be read


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A status, what is wrong with it, and the name of its field in the file.

    `is_definite` says that another value can be written without guessing what was meant,
    `unread` why the generator does not read the front matter.
    """

    status: Status
    problems: tuple[Problem, ...]
    name: str
    is_definite: bool = True
    unread: Unread | None = None


def status_of_fields(
    fields: Mapping[str, object],
    profile: Profile,
    *,
    written: Mapping[str, str],
    lines: Mapping[str, int],
    problems: tuple[Problem, ...] = (),
) -> FileStatus:
    """Return the status that a front matter says, as the profile's generator reads the value.

    `written`, `lines` and `problems` are those of the front matter.
    """
    names = profile.names_of(profile.status_field, fields)
    if not names:
        return FileStatus(Status.UNSET, (), profile.status_field)
    name = names[-1]
    value, line = fields[name], lines.get(name)
    if len(names) > 1:
        message = f"{names[0]} and {name} are the same field to {profile.generator}; delete one."
        problem = Problem("duplicate-key", message, line, blocks_writing=True)
        return FileStatus(Status.UNSET, (problem,), name, is_definite=False)
    if value is None and any(each.code == "alias" for each in problems):
        return FileStatus(Status.UNSET, (), name, is_definite=False)
    rules = rules_of(profile)
    is_known = value is not None or name in written  # else nobody knows what stands there
    if profile.status_field == rules.status_field and is_known:
        meaning = rules.meaning_of(value, written.get(name, ""))
    elif isinstance(value, bool):
        meaning = Meaning.BUILT if profile.is_published(value) else Meaning.HELD_BACK
    else:
        meaning = Meaning.UNCLEAR
    is_text = _is_text_elsewhere(profile, written.get(name, ""))
    if isinstance(value, bool) and meaning is not Meaning.UNCLEAR and not is_text:
        return FileStatus(_STATUSES[meaning], (), name)
    is_definite = meaning is not Meaning.UNCLEAR or isinstance(value, bool)
    return FileStatus(
        _STATUSES[meaning],
        (_not_boolean(name, line, meaning, profile, blocks=not is_definite),),
        name,
        is_definite,
    )


def _is_text_elsewhere(profile: Profile, written: str) -> bool:
    """Tell whether `yes` or `off` stands there, which YAML 1.2 reads as text."""
    return rules_of(profile).reads_yaml_12 and written.lower() in ("yes", "no", "on", "off")


def _not_boolean(
    name: str, line: int | None, meaning: Meaning, profile: Profile, *, blocks: bool
) -> Problem:
    if meaning is Meaning.UNCLEAR:
        message = f"{name} is neither true nor false, so {profile.generator} may publish it. "
    else:
        message = f"{name} is neither true nor false; {profile.generator} {meaning.value}. "
    return Problem(
        "published-not-boolean",
        message + "Write true or false, without quotes.",
        line,
        blocks_writing=blocks,
    )


def read_status(path: str, source: bytes, front: FrontMatter, profile: Profile) -> FileStatus:
    """Return the status of a file: what it says, unless its generator does not read that.

    A file that says that it is held back, and is not, has the status `unset` and a problem
    with the code `live`.
    """
    said = status_of_fields(
        front.fields,
        profile,
        written=front.written,
        lines=front.lines,
        problems=front.problems,
    )
    unread = rules_of(profile).unread(path, source, front.block, front)
    if unread is None:
        return _in_other_case(said, front, profile)
    says_held = said.status is Status.UNPUBLISHED or (
        said.status is Status.UNSET and _says_held_back(source, profile)
    )
    status = Status.UNSET if says_held else said.status
    field = f"{profile.status_field}: {str(profile.value_of(False)).lower()}"
    problems = said.problems
    if says_held and unread.is_live:
        message = f"Readers see this although it says {field}: {unread.reason}."
        line = front.lines.get(said.name, 1)
        problems = (Problem("live", message, line, blocks_writing=not unread.is_copied),)
    elif not any(problem.blocks_writing for problem in front.problems):
        message = f"{profile.generator} does not read this front matter: {unread.reason}."
        problem = Problem("not-read", message, 1, blocks_writing=not unread.is_copied)
        problems = (problem, *said.problems)
    return FileStatus(status, problems, said.name, is_definite=False, unread=unread)


def _in_other_case(said: FileStatus, front: FrontMatter, profile: Profile) -> FileStatus:
    """Add a problem where the field stands there in a case that the generator does not read."""
    if said.status is not Status.UNSET or said.problems or profile.ignores_case:
        return said
    wanted = profile.status_field.lower()
    for name, value in front.fields.items():
        if name.lower() == wanted and name != said.name and value is profile.value_of(False):
            message = (
                f"Readers see this although it says {name}: {str(value).lower()}: "
                f"{profile.generator} reads {profile.status_field} only."
            )
            problem = Problem("live", message, front.lines.get(name))
            return FileStatus(Status.UNSET, (problem,), said.name)
    return said


def status_name(source: bytes, profile: Profile) -> str:
    """Return the name that the status field has in a file, or would have."""
    fields = read_front_matter(source).fields
    return [profile.status_field, *profile.names_of(profile.status_field, fields)][-1]


def _says_held_back(source: bytes, profile: Profile) -> bool:
    """Tell whether a line of a file that cannot be read says that it is held back."""
    words = rb"false|no|off" if profile.value_of(False) is False else rb"true|yes|on"
    pattern = rb"(?:^|[\r\n])%b[ \t]*[:=][ \t]*(?:%b)[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)"
    name = re.escape(profile.status_field.encode())
    head = source[:_HEAD_BYTES]
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.replace(b"\0", b"")
    return bool(re.search(pattern % (name, words), head, re.IGNORECASE))


def splice_status(path: str, source: bytes, published: bool, profile: Profile) -> Splice | None:
    """Set the status of a file, touching no other byte; None if the generator reads it already.

    Raises `WriteRefused` as `splice_boolean` does, and where the generator would not read what
    is written.
    """
    wanted = Status.PUBLISHED if published else Status.UNPUBLISHED
    front = read_front_matter(source)
    for problem in front.problems:
        if problem.blocks_writing or problem.code == "flow":
            raise WriteRefused(str(problem), "Correct it in an editor first.")
    said = read_status(path, source, front, profile)
    if said.unread is not None and not (published and said.unread.is_copied):
        reason = f"{profile.generator} does not read its front matter: {said.unread.reason}."
        raise WriteRefused(reason, "Correct it in an editor first.")
    for problem in said.problems:
        if problem.blocks_writing and problem.code != "published-not-boolean":
            raise WriteRefused(str(problem), "Correct it in an editor first.")
    if said.status is wanted:
        return None
    splice = splice_boolean(
        source,
        said.name,
        profile.value_of(published),
        rewrites=said.is_definite and _NOT_BOOLEAN in {p.code for p in said.problems},
    )
    result = source if splice is None else splice.result
    after = read_status(path, result, read_front_matter(result), profile)
    if after.status is not wanted:
        raise WriteRefused(
            f"{profile.generator} would not read {path} as {wanted.value} afterwards.",
            "Correct it in an editor.",
        )
    return splice
