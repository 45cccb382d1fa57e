"""The text of a list without rows: the reason, and the next keys."""

from __future__ import annotations

from pathlib import Path

from newsdesk.text import counted
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Text
from newsdesk.workspace.keymap.commands import command_for_view
from newsdesk.workspace.keymap.keymap import Keys
from newsdesk.workspace.views import UNPUBLISHED, VIEWS, Filter


def empty_list_lines(
    chosen: Filter,
    *,
    in_view: int,
    in_collection: int,
    folder: Path,
    is_reading: bool,
    session_stats: str,
    keys: Keys,
) -> list[Text]:
    """Return the lines for an empty list; the numbers are articles.

    `session_stats` is what was decided in this session, in words.
    """
    if not in_collection:
        if is_reading:
            return [Text("Reading the collection …", "bold")]
        return [
            Text(f"No articles in {shown(folder.name) or '/'}", "bold"),
            Text(""),
            Text(
                keys.fill(
                    "newsdesk shows .md, .markdown, .html and .txt files whose first line is ---. "
                    "{quit} quits; open another folder with: newsdesk FOLDER"
                )
            ),
        ]
    if chosen.narrows:
        clears = keys.fill("{back} clears the search")
        hidden = f"{counted(in_view, 'article')} in {shown(chosen.view.name)}"
        return [
            Text("No match", "bold"),
            Text(""),
            Text(f"{hidden} {'is' if in_view == 1 else 'are'} hidden. {clears}."),
        ]
    if chosen.view == UNPUBLISHED and session_stats:
        return [
            Text("All articles are decided", "bold"),
            Text(""),
            Text(f"This session: {session_stats}"),
            Text(keys.fill("{undo} undo · {view_published} Published · {view_all} All")),
        ]
    others = " · ".join(
        f"{keys.key(command_for_view(view))} {view.name}" for view in VIEWS if view != chosen.view
    )
    name = shown(chosen.view.name)
    what = f"No {name.lower()} articles" if chosen.view.key else f"No articles in {name}"
    return [Text(what, "bold"), Text(""), Text(others)]
