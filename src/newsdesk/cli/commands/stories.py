"""`newsdesk stories`: articles that tell the same story, the best source first, and why."""

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
        "Print the stories that two or more articles tell: the recommended source first, then\n"
        "the others, each with why it belongs and what speaks for it.",
        (
            ("newsdesk stories", "those with most sources first"),
            ("newsdesk stories is:unpublished 'story:>=3'", "those that wait, in their order"),
            ("newsdesk stories is:ran --json", "what ran already, as JSON"),
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
        asked = query.condition is not None or query.order
        stories = workspace.stories.all(ids if asked else None)
        printed = _print(stories, arguments, output)
        if not printed:
            report_no_match(ids, query, workspace, output)
            if ids:
                output.message("No two articles here tell the same story.")
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
    ran = f" · ran {formats.moment(story.coverage.published_at) or ''}" if story.coverage else ""
    yield output.paint(f"×{story.size} {shown(story.best.title)}", "bold") + ran
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
        "ran": _ran_json(story.coverage),
        "sources": [_member_json(member) for member in story.members],
    }


def _member_json(member: Member) -> dict[str, object]:
    return {
        **formats.row_json(member.row),
        "merits": list(member.merits),
        "belongs": list(member.belongs),
    }


def _ran_json(ran: Coverage | None) -> dict[str, object] | None:
    if ran is None:
        return None
    return {
        "path": ran.path,
        "published_at": formats.moment(ran.published_at),
        "decided_at": formats.moment(ran.decided_at),
    }
