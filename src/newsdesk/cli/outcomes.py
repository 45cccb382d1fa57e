"""Print the result for each file: changed, unchanged, or refused with a reason."""

from __future__ import annotations

from newsdesk.cli.formats import to_json
from newsdesk.cli.output import Output
from newsdesk.text import counted, shown, shown_block
from newsdesk.workspace.triage import Action, Outcome

_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_STYLES = {"changed": "green", "unchanged": "dim"}


def print_outcomes(action: Action, output: Output) -> None:
    """Print one line per file; a refusal goes to standard error."""
    for outcome in action.outcomes:
        if outcome.result == "refused":
            output.message(refusal_text(outcome))
        else:
            word = output.paint(f"{outcome.result:<9}", _STYLES[outcome.result])
            output.line(f"{word}  {shown(outcome.path)}")


def print_outcomes_json(action: Action, output: Output) -> None:
    """Print an array of path, result and reason."""
    results = [
        {"path": each.path, "result": each.result, "reason": each.reason or None}
        for each in action.outcomes
    ]
    output.raw_line(to_json(results, indent=2))


def print_diff(diff: str, action: Action, output: Output) -> None:
    """Print a diff: escaped on a terminal, else byte for byte. Refusals go to standard error."""
    if output.wants_table:
        for line in diff.split("\n")[:-1]:
            is_name = line.startswith(("+++ ", "--- "))
            style = "bold" if is_name else _DIFF_STYLES.get(line[:1], "")
            # In a diff, a carriage return before the line feed belongs to the content.
            text = shown_block(line.removesuffix("\r"))
            output.line(output.paint(text, style) if style else text)
    else:
        output.data(diff)
    for refusal in action.refused:
        output.message(refusal_text(refusal))


def refusal_text(outcome: Outcome) -> str:
    """Return the reason of a refusal, preceded by the path unless it contains it."""
    has_path = outcome.path in outcome.reason
    return outcome.reason if has_path else f"{outcome.path}: {outcome.reason}"


def summary(action: Action) -> str:
    """Return a summary of an action: `publish: 3 files changed, 1 refused`."""
    text = f"{action.verb}: {counted(len(action.changed), 'file')} changed"
    return f"{text}, {len(action.refused)} refused" if action.refused else text


def exit_code(action: Action) -> int:
    """Return 130 if the action was interrupted, 1 if a file was refused, else 0."""
    if action.interrupted:
        return 130
    return 1 if action.refused else 0
