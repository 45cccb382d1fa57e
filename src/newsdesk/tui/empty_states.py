"""What stands in a list that has no rows: why, and what to press."""

from __future__ import annotations

from rich.text import Text

from newsdesk.desk.views import UNPUBLISHED, VIEWS, Filter
from newsdesk.text import counted, shown


def words_for_empty(
    chosen: Filter, *, in_view: int, in_collection: int, is_reading: bool, sitting: str
) -> list[Text]:
    """Return the lines for an empty list; the numbers are articles.

    `sitting` says what was decided since the desk opened.
    """
    if not in_collection:
        if is_reading:
            return [Text("Reading the collection …", "bold")]
        return [
            Text("There are no articles here.", "bold"),
            Text(""),
            Text(
                "newsdesk shows .md, .markdown, .html and .txt files whose first line is ---. "
                "Leave with q and open another folder: newsdesk FOLDER"
            ),
        ]
    if chosen.narrows:
        hidden = f"{counted(in_view, 'article')} in {shown(chosen.view.name)}"
        return [
            Text("Nothing matches.", "bold"),
            Text(""),
            Text(f"{hidden} {'is' if in_view == 1 else 'are'} hidden. Esc clears the query."),
        ]
    if chosen.view == UNPUBLISHED and sitting:
        return [
            Text("The queue is done.", "bold"),
            Text(""),
            Text(f"This sitting: {sitting}."),
            Text("u takes the last one back · 2 Published · 3 All"),
        ]
    others = " · ".join(f"{view.key} {view.name}" for view in VIEWS if view != chosen.view)
    name = shown(chosen.view.name)
    what = f"Nothing is {name.lower()}." if chosen.view.key else f"Nothing is in {name}."
    return [Text(what, "bold"), Text(""), Text(others)]
