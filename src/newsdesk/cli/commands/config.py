"""`newsdesk config`: every setting, its value and where it comes from."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from newsdesk.cli.arguments import Parser, add_common, add_json, add_settings, flags_of
from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output, report_collection
from newsdesk.collection.files import check_folder
from newsdesk.config import Config, ConfigProblem, load_config, settings_files
from newsdesk.text import shown
from newsdesk.workspace.settings.link_check import check_settings
from newsdesk.workspace.settings.resolve import Effective, Source, settings_of
from newsdesk.workspace.settings.saved_views import usable_views

_INVALID = 2  # exit code


def parser_of(name: str) -> Parser:
    """Return the parser of `config`."""
    parser = Parser(
        f"newsdesk {name}",
        "Print every setting with its value and where the value comes from: an option,\n"
        "an environment variable, a line of a file, or the default. Invalid settings are\n"
        "reported on standard error, and the exit code is 2.",
        (
            ("newsdesk config", "the settings in this folder"),
            ("newsdesk config | grep -v default", "settings that are not the default"),
            ("newsdesk config --json", "for another program"),
        ),
    )
    add_json(parser, "the settings")
    add_settings(parser)
    add_common(parser)
    return parser


def run(arguments: Namespace, output: Output) -> int:
    """Print the settings; return 2 if one in a file or a variable is invalid."""
    config = load_config(arguments.collection, flags_of(arguments))
    report_collection(config, output)
    check_folder(config.collection)
    settings = settings_of(config, reads_again=True)
    check = check_settings(config)
    values = [*settings.values, *check.values, *_views(config)]
    problems = [*usable_views(config)[1], *settings.mistakes, *check.all_problems]
    if arguments.json:
        output.raw_line(to_json(_as_json(config, values, problems), indent=2))
    else:
        _print(values, output)
        for file, is_own in settings_files(config.collection):
            output.hint(f"{'user:' if is_own else 'collection:'} {_file(file.exists())}{file}")
    for problem in problems:
        output.message(problem)
    return _INVALID if problems else 0


def _views(config: Config) -> Iterator[Effective]:
    for view in sorted(config.views, key=lambda view: view.name.casefold()):
        source = Source.OWN if view.is_own else Source.COLLECTION
        yield Effective(f"views.{view.name}", view.query, source, view.place)


def _print(values: list[Effective], output: Output) -> None:
    """Print one setting per line; columns are as wide as their longest value."""
    rows = [(shown(value.name), _written(value), shown(value.place)) for value in values]
    name_width = max(len(name) for name, _, _ in rows)
    value_width = min(72, max(len(value) for _, value, _ in rows))
    for (name, value, place), effective in zip(rows, values, strict=True):
        style = "dim" if effective.source is Source.DEFAULT else "bold"
        where = output.paint(place, style)
        output.line(f"{name:<{name_width}}  {value:<{value_width}}  {where}")


def _written(value: Effective) -> str:
    """Return a value as one line; a dash if it is empty."""
    parts = (value.value,) if isinstance(value.value, str) else value.value
    gap = " " if value.name.startswith("keys.") else ","
    return gap.join(shown(part) for part in parts) or "–"


def _file(exists: bool) -> str:
    return "" if exists else "(does not exist) "


def _as_json(
    config: Config, values: list[Effective], problems: list[ConfigProblem]
) -> dict[str, object]:
    return {
        "collection": str(config.collection),
        "files": [
            {"path": str(file), "own": is_own, "exists": file.exists()}
            for file, is_own in settings_files(config.collection)
        ],
        "settings": [
            {
                "name": value.name,
                "value": value.value,
                "source": value.source.value,
                "place": value.place,
            }
            for value in values
        ],
        "mistakes": [
            {"message": problem.message, "remedy": problem.remedy} for problem in problems
        ],
    }
