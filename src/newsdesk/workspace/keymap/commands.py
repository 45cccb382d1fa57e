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
    Command("next_pane", "tab", "Next pane", "List, detail, related, and round.", _M),
    Command("previous_pane", "shift+tab", "Previous pane", "The other way round.", _M),
    Command(
        "choose",
        "enter",
        "Open",
        "From the list to the detail; from related to that article, if it is here.",
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
        "Unfold",
        "Shows the other sources of the story in the list; Enter does so too.",
        _M,
        needs_article=True,
    ),
    Command("collapse", "left", "Fold", "Puts a story back into one line.", _M, needs_article=True),
    Command("search", "slash", "Search", "Words and fields; results as you type.", _F, "search"),
    Command("topics", "t", "Topics", "Choose topics; counts are of what is shown.", _F, "topics"),
    Command(
        "dashboard",
        "i",
        "Dashboard",
        "Numbers and plots of what is shown; Enter or a click on a bar or cell shows its articles.",
        _F,
        "numbers",
    ),
    Command(
        "toggle_stories",
        "F",
        "Stories or files",
        "A line for every story, or one for every file; again turns it round.",
        _F,
    ),
    Command(
        "sort",
        "s",
        "Sort",
        "Then h heat, q quality, d date, t title, p provider; again turns the order round.",
        _F,
        "sort",
    ),
    Command("view('1')", "1", "View: Unpublished", "What waits for an editor.", _F),
    Command("view('2')", "2", "View: Published", "What goes out.", _F),
    Command("view('3')", "3", "View: All", "Everything in the collection.", _F),
    Command("view('4')", "4", "View: Later", "What was put off and has not come back yet.", _F),
    Command("view('5')", "5", "View: Rejected", "What was rejected.", _F),
    Command(
        "save_view",
        "S",
        "Save view",
        "Keeps what is shown under a name; the palette opens it again.",
        _F,
    ),
    Command("view('Broken')", "", "View: Broken", "Articles with a link that is dead.", _F),
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
        "Back to draft: writes published: false (or draft: true), then goes to the next row.",
        _C,
        "draft",
        needs_article=True,
    ),
    Command(
        "publish_best",
        "P",
        "Publish the best",
        "Publishes the best source of the story and retires the others: they are rejected, and "
        "drafts again if they were out. One undo.",
        _C,
        "best",
        needs_article=True,
    ),
    Command(
        "compare",
        "c",
        "Compare",
        "The sources of the story side by side; - takes a wrong one out, + joins another.",
        _C,
        "compare",
        needs_article=True,
    ),
    Command(
        "reject",
        "x",
        "Reject",
        "Out of the queue; the file stays as it is. Again takes it back.",
        _C,
        "reject",
        needs_article=True,
    ),
    Command(
        "later",
        "space",
        "Later",
        "Out of the queue for now; the file stays as it is. Again takes it back.",
        _C,
        "later",
        needs_article=True,
    ),
    Command(
        "later_until",
        "b",
        "Bring back on",
        "Later, until tomorrow, Monday, or in a week.",
        _C,
        needs_article=True,
    ),
    Command(
        "star", "f", "Star", "A star for your own use; again takes it off.", _C, needs_article=True
    ),
    Command("note", "n", "Note", "A line of your own about the article.", _C, needs_article=True),
    Command(
        "mark",
        "m",
        "Mark",
        "Marks the article; a verb then acts on all marked.",
        _C,
        needs_article=True,
    ),
    Command("mark_range", "v", "Mark a range", "From the last mark to the cursor.", _C),
    Command("mark_all", "asterisk", "Mark all shown", "All that is shown; again: none.", _C),
    Command("repeat", "full_stop", "Repeat", "The last verb again.", _C),
    Command(
        "review",
        "W",
        "Review",
        "What this sitting changed: each line, its warnings, and one commit.",
        _C,
        "review",
    ),
    Command("publish_shown", "", "Publish all shown", "Asks first.", _C),
    Command(
        "undo", "u", "Undo", "Takes back the last decision, also one of yesterday.", _C, "undo"
    ),
    Command("redo", "ctrl+r", "Redo", "Does again what was undone last.", _C),
    Command(
        "browse",
        "o",
        "Open in the browser",
        "Opens the reader's address, or that of the related entry under the cursor.",
        _R,
        "browser",
        needs_article=True,
    ),
    Command(
        "copy",
        "y",
        "Copy the address",
        "Puts the address on the clipboard.",
        _R,
        needs_article=True,
    ),
    Command(
        "edit",
        "e",
        "Edit the file",
        "Opens the file in $VISUAL or $EDITOR and reads it again afterwards.",
        _R,
        "edit",
        needs_article=True,
    ),
    Command(
        "check_links",
        "l",
        "Check links",
        "Asks this article's addresses whether they still answer.",
        _R,
        "links",
        needs_article=True,
    ),
    Command(
        "check_shown",
        "L",
        "Check all links",
        "Asks the addresses of all that is shown, in the background; {back} stops, and keeps "
        "what is known.",
        _R,
    ),
    Command(
        "link_results",
        "K",
        "Link results",
        "What checks found, by verdict; Enter goes to the article, a accepts a repair.",
        _R,
    ),
    Command(
        "image",
        "I",
        "Picture",
        "The article's picture on the whole screen, fetched from its server; {back} goes back.",
        _R,
        needs_article=True,
    ),
    Command(
        "toggle_images",
        "",
        "Pictures on or off",
        "Shows the picture of each article where the cursor rests, fetched from its server.",
        _R,
    ),
    Command("zoom", "z", "One pane", "One pane at a time over the whole screen, and back.", _R),
    Command("palette", "colon,ctrl+p", "Commands", "Type what you want to do.", _D, "commands"),
    Command("reload", "r", "Refresh", "Reads what changed on disk and sorts anew.", _D),
    Command("help", "question_mark", "Help", "Every key and the query language.", _D, "help"),
    Command("suspend", "ctrl+z", "To the shell", "Steps aside; fg comes back.", _D),
    Command("quit", "q", "Quit", "Leaves; what is being written is finished first.", _D, "quit"),
)

COMMAND_OF = {command.name: command for command in COMMANDS}


def command_for_view(view: View) -> str:
    """Return the name of the command that opens a built-in view."""
    return f"view('{view.key or view.name}')"
