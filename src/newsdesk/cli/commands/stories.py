"""`newsdesk stories`: print stories, their sources and why each belongs, best first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from newsdesk.cli import formats
from newsdesk.cli.arguments import Parser, add_common, add_json, add_query, whole_number
from newsdesk.cli.output import Output
from newsdesk.cli.session import group_stories, matching_ids, opened, read_query, report_no_match
from newsdesk.text import counted, shown
from newsdesk.workspace.stories.story import Coverage, Member, Story


def parser_of(name: str) -> Parser:
    """Return the parser of `stories`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print stories with two or more sources: the best source first, then the others,\n"
        "each with why it is best and why it belongs to the story.",
        (
            ("newsdesk stories", "most sources first"),
            (
                "newsdesk stories is:unpublished 'story:>=3'",
                "of unpublished articles, in their order",
            ),
            ("newsdesk stories is:ran --json", "already published, as JSON"),
        ),
    )
    add_query(parser)
    parser.add_argument("--limit", metavar="N", type=whole_number, help="print at most N stories")
    add_json(parser, "the stories")
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print stories; return 0."""
    query = read_query(" ".join(arguments.query))
    with opened(arguments, output) as workspace:
        ids = matching_ids(workspace, query, output)
        group_stories(workspace, output)
        is_filtered = query.condition is not None or query.order
        stories = workspace.stories.all(ids if is_filtered else None)
        printed = _print(stories, arguments, output)
        if not printed:
            report_no_match(ids, query, workspace, output)
            if ids:
                output.message("No story has two or more sources.")
        else:
            output.hint(counted(printed, "story", "stories"))
    return 0


def _print(stories: Iterator[Story], arguments: Namespace, output: Output) -> int:
    number = 0
    before = "[\n"
    for story in stories:
        if arguments.limit is not None and number >= arguments.limit:
            break
        number += 1
        if arguments.json:
            output.data(before + formats.to_json(story_json(story)))
            before = ",\n"
        else:
            output.line("\n".join(_lines(story, output)))
    if arguments.json:
        output.data("\n]\n" if number else "[]\n")
    return number


def _lines(story: Story, output: Output) -> Iterator[str]:
    published = (
        f" · already published {formats.moment(story.coverage.published_at) or ''}"
        if story.coverage
        else ""
    )
    yield output.paint(f"×{story.size} {shown(story.best.title)}", "bold") + published
    for member in story.members:
        row = member.row
        cells = (row.status.value, formats.moment(row.published_at) or "-", row.provider.label)
        yield f"  {shown(row.path)}"
        yield f"    {shown(' · '.join(cells))}"
        yield f"    {shown(', '.join((*member.merits, *member.belongs)))}"
    yield ""


def story_json(story: Story) -> dict[str, object]:
    """Return a story as `stories --json` prints it."""
    return {
        "size": story.size,
        "best": story.best.path,
        "ran": _coverage_json(story.coverage),
        "sources": [_member_json(member) for member in story.members],
    }


def _member_json(member: Member) -> dict[str, object]:
    return {
        **formats.row_json(member.row),
        "merits": list(member.merits),
        "belongs": list(member.belongs),
    }


def _coverage_json(coverage: Coverage | None) -> dict[str, object] | None:
    if coverage is None:
        return None
    return {
        "path": coverage.path,
        "published_at": formats.moment(coverage.published_at),
        "decided_at": formats.moment(coverage.decided_at),
    }
