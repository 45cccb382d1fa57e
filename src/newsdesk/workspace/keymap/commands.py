"""Every command, declared once: bindings, key bar, palette, help and README come from here."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from newsdesk.workspace.keymap.key_names import shown_key
from newsdesk.workspace.views import View


class Group(enum.Enum):
    """The headings under which help and README list the commands."""

    MOVE = "Move"
    FIND = "Find"
    DECIDE = "Decide"
    READ = "Read"
    PROGRAM = "The desk"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    `name` is also the action; `keys` are Textual's key names, separated by commas; `label` is
    the word in the key bar, empty for commands that are only in help and palette.
    `needs_article` says that it works on the article under the cursor.
    """

    name: str
    keys: str
    title: str
    help: str
    group: Group
    label: str = ""
    needs_article: bool = False

    @property
    def id(self) -> str:
        """The name under which a person rebinds it: `publish`, `view_published`, `quit`."""
        if self.name.startswith("view("):
            return "view_" + self.title.removeprefix("View: ").lower().replace(" ", "_")
        return self.name

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys as a person reads them: `Ctrl+D`, `↓`, `?`."""
        return tuple(shown_key(key) for key in self.keys.split(",") if key)


_M, _F, _C, _R, _D = Group.MOVE, Group.FIND, Group.DECIDE, Group.READ, Group.PROGRAM

COMMANDS: tuple[Command, ...] = (
    Command("down", "j,down", "Down", "To the next row; scrolls text.", _M),
    Command("up", "k,up", "Up", "To the row before; scrolls text.", _M),
    Command("top", "g,home", "Top", "To the first row.", _M),
    Command("bottom", "G,end", "Bottom", "To the last row.", _M),
    Command("half_page_down", "ctrl+d", "Half a page down", "By half a screen.", _M),
    Command("half_page_up", "ctrl+u", "Half a page up", "By half a screen.", _M),
    Command("page_down", "pagedown", "Page down", "By a screen.", _M),
    Command("page_up", "pageup", "Page up", "By a screen.", _M),
    Command("next_pane", "tab", "Next pane", "List → article → related.", _M),
    Command("previous_pane", "shift+tab", "Previous pane", "Related → article → list.", _M),
    Command(
        "choose",
        "enter",
        "Open",
        "From the list to the article; from related to that article, if the collection has it.",
        _M,
        "open",
    ),
    Command(
        "back",
        "escape",
        "Back",
        "Leaves a pane or the query bar; in the list it clears the query, then the topics.",
        _M,
    ),
    Command(
        "expand",
        "right",
        "Expand",
        "Shows the other sources of the story in the list, as Enter does.",
        _M,
        needs_article=True,
    ),
    Command(
        "collapse", "left", "Collapse", "Shows the story as one row again.", _M, needs_article=True
    ),
    Command("search", "slash", "Search", "Words and fields; results as you type.", _F, "search"),
    Command("topics", "t", "Topics", "Choose topics; counts are of what is shown.", _F, "topics"),
    Command(
        "dashboard",
        "i",
        "Dashboard",
        "Counts and charts of what is shown; Enter or a click on a bar or cell shows its articles.",
        _F,
        "numbers",
    ),
    Command(
        "toggle_stories",
        "F",
        "Stories or articles",
        "One row for each story, or one for each article; press again to switch back.",
        _F,
    ),
    Command(
        "sort",
        "s",
        "Sort",
        "Then h heat, q quality, d date, t title, p provider; press again to reverse.",
        _F,
        "sort",
    ),
    Command("view('1')", "1", "View: Unpublished", "Articles that wait for a decision.", _F),
    Command("view('2')", "2", "View: Published", "Published articles.", _F),
    Command("view('3')", "3", "View: All", "All articles of the collection.", _F),
    Command("view('4')", "4", "View: Later", "Articles put off until later.", _F),
    Command("view('5')", "5", "View: Rejected", "Rejected articles.", _F),
    Command(
        "save_view",
        "S",
        "Save view",
        "Saves the query and the order under a name; the palette opens it.",
        _F,
    ),
    Command("view('Broken')", "", "View: Broken", "Articles with a dead link.", _F),
    Command(
        "publish",
        "p",
        "Publish",
        "Writes published: true (or draft: false) into the file, then goes to the next row.",
        _C,
        "publish",
        needs_article=True,
    ),
    Command(
        "unpublish",
        "d",
        "Unpublish",
        "Writes published: false (or draft: true) into the file, then goes to the next row.",
        _C,
        "draft",
        needs_article=True,
    ),
    Command(
        "publish_best",
        "P",
        "Publish the best",
        "Publishes the best source of the story, and rejects and unpublishes the others. One undo.",
        _C,
        "best",
        needs_article=True,
    ),
    Command(
        "compare",
        "c",
        "Compare",
        "The sources of the story side by side; - removes one, + adds another.",
        _C,
        "compare",
        needs_article=True,
    ),
    Command(
        "reject",
        "x",
        "Reject",
        "Removes the article from the queue; the file stays as it is. Press again to undo.",
        _C,
        "reject",
        needs_article=True,
    ),
    Command(
        "later",
        "space",
        "Later",
        "Puts the article off; the file stays as it is. Press again to undo.",
        _C,
        "later",
        needs_article=True,
    ),
    Command(
        "later_until",
        "b",
        "Bring back on",
        "Puts the article off until tomorrow, Monday, or in a week.",
        _C,
        needs_article=True,
    ),
    Command(
        "star",
        "f",
        "Star",
        "Adds a star for your own use; press again to remove it.",
        _C,
        needs_article=True,
    ),
    Command("note", "n", "Note", "Adds a note of your own to the article.", _C, needs_article=True),
    Command(
        "mark",
        "m",
        "Mark",
        "Marks the article; a command then acts on all marked ones.",
        _C,
        needs_article=True,
    ),
    Command(
        "mark_range", "v", "Mark a range", "Marks all rows from the last mark to the cursor.", _C
    ),
    Command(
        "mark_all", "asterisk", "Mark all shown", "Marks all shown; press again to unmark them.", _C
    ),
    Command("repeat", "full_stop", "Repeat", "Runs the last command again.", _C),
    Command(
        "review",
        "W",
        "Review",
        "Changed in this session: each line, its warnings, and one commit.",
        _C,
        "review",
    ),
    Command(
        "publish_shown",
        "",
        "Publish all shown",
        "Publishes all shown articles, after a question.",
        _C,
    ),
    Command(
        "undo", "u", "Undo", "Undoes the last decision, also one of an earlier session.", _C, "undo"
    ),
    Command("redo", "ctrl+r", "Redo", "Repeats what was undone last.", _C),
    Command(
        "browse",
        "o",
        "Open in the browser",
        "Opens the article's URL, or that of the related entry under the cursor.",
        _R,
        "browser",
        needs_article=True,
    ),
    Command(
        "copy",
        "y",
        "Copy the URL",
        "Copies the URL to the clipboard.",
        _R,
        needs_article=True,
    ),
    Command(
        "edit",
        "e",
        "Edit the file",
        "Opens the file in $VISUAL or $EDITOR, and reloads it afterwards.",
        _R,
        "edit",
        needs_article=True,
    ),
    Command(
        "check_links",
        "l",
        "Check links",
        "Checks this article's links over HTTP.",
        _R,
        "links",
        needs_article=True,
    ),
    Command(
        "check_shown",
        "L",
        "Check all links",
        "Checks the links of all shown articles in the background; {back} stops, and keeps "
        "the results.",
        _R,
    ),
    Command(
        "link_results",
        "K",
        "Link results",
        "Results of link checks by verdict; Enter goes to the article, a accepts a suggested fix.",
        _R,
    ),
    Command(
        "image",
        "I",
        "Image",
        "The article's image on the whole screen, fetched from its server; {back} goes back.",
        _R,
        needs_article=True,
    ),
    Command(
        "toggle_images",
        "",
        "Images on or off",
        "Shows the image of the selected article, fetched from its server.",
        _R,
    ),
    Command(
        "zoom", "z", "One pane", "Shows one pane on the whole screen; press again to show all.", _R
    ),
    Command("palette", "colon,ctrl+p", "Commands", "Type what you want to do.", _D, "commands"),
    Command("reload", "r", "Reload", "Reads what changed on disk, and sorts again.", _D),
    Command("help", "question_mark", "Help", "Every key and the query language.", _D, "help"),
    Command("suspend", "ctrl+z", "Suspend", "Suspends newsdesk; fg resumes.", _D),
    Command("quit", "q", "Quit", "Quits, after pending writes.", _D, "quit"),
)

COMMAND_OF = {command.name: command for command in COMMANDS}


def command_for_view(view: View) -> str:
    """Return the name of the command that opens a built-in view."""
    return f"view('{view.key or view.name}')"
