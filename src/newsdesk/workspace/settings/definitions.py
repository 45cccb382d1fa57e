"""Every setting that there is: its name, what it does, and how its value is read."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from newsdesk.config import Config
from newsdesk.errors import QueryError, UsageError
from newsdesk.index.query.ast import ASCENDING_BY_NATURE, SortKey
from newsdesk.index.query.parser import parse
from newsdesk.suggest import nearest
from newsdesk.workspace.editorial_state import QUERY_SETS
from newsdesk.workspace.settings.aliases import Kind, current_word

THEMES = (
    "newsdesk-dark newsprint high-contrast monochrome textual-dark textual-light nord gruvbox "
    "catppuccin-mocha dracula "
    "tokyo-night monokai flexoki catppuccin-latte catppuccin-frappe catppuccin-macchiato "
    "solarized-light solarized-dark rose-pine rose-pine-moon rose-pine-dawn atom-one-dark "
    "atom-one-light ansi-dark ansi-light"
).split()
COLUMNS = "heat quality age date story title source topics category type path".split()
IMAGES = ("off", "auto", "on")
DEFAULT_COLUMNS = ("heat", "quality", "age", "story", "title", "source")
STORIES = ("collapsed", "articles")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set at the top of a file of settings.

    `variables` are those of the environment, the strongest first; `example` is a line that
    works. What a collection's file may set is in `newsdesk.workspace.settings.trust`.
    """

    name: str
    help: str
    example: str
    variables: tuple[str, ...] = ()
    has_flag: bool = False


SETTINGS = (
    Setting(
        "theme",
        "The theme: colours of the screen.",
        'theme = "newsprint"',
        ("NEWSDESK_THEME",),
        has_flag=True,
    ),
    Setting(
        "view",
        "The view that newsdesk opens: a built-in one, or one of [views].",
        'view = "Published"',
        ("NEWSDESK_VIEW",),
        has_flag=True,
    ),
    Setting(
        "sort",
        "The order of the list on start.",
        'sort = "date,quality"',
        ("NEWSDESK_SORT",),
        has_flag=True,
    ),
    Setting(
        "columns",
        "The columns of the list, in their order.",
        'columns = ["age", "heat", "title", "topics"]',
        ("NEWSDESK_COLUMNS",),
    ),
    Setting(
        "profile",
        "The site generator, if it is not recognised: jekyll, hugo or astro.",
        'profile = "hugo"',
        ("NEWSDESK_PROFILE",),
    ),
    Setting(
        "stories",
        "What is one row of the list: a story (collapsed), or each of its articles (articles).",
        'stories = "articles"',
        ("NEWSDESK_STORIES",),
    ),
    Setting(
        "browser",
        "The program that opens URLs; %s is replaced by the URL.",
        'browser = "firefox --new-tab %s"',
        ("BROWSER",),
    ),
    Setting(
        "editor",
        "The program that edits files.",
        'editor = "nano"',
        ("VISUAL", "EDITOR"),
    ),
    Setting(
        "images",
        "Whether images are fetched and shown: off, on, or auto, on except over SSH.",
        'images = "on"',
        ("NEWSDESK_IMAGES",),
    ),
)
# Tables of the files; `check` is read where links are checked.
TABLES = {
    "keys": "Commands and their keys.",
    "views": "Queries of your own, by name.",
    "fields": "What fields are called in this collection.",
    "check": "How links are checked.",
}
SETTING_OF = {setting.name: setting for setting in SETTINGS}


class Unusable(Exception):
    """A value that cannot be used: what is wrong with it, and what to write."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


# -- reading values ----------------------------------------------------------------------------


def _text(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise Unusable("This is no text.", f"Write it in quotes: {example}")
    return value


def read_theme(value: object) -> str:
    """Return the name of a theme; raises `Unusable`."""
    name = current_word(Kind.THEME, _text(value, SETTING_OF["theme"].example))
    if name not in THEMES:
        near = nearest(name, THEMES)
        remedy = f"Did you mean {near}?" if near else f"There are {', '.join(THEMES)}."
        raise Unusable(f"There is no theme {name or 'without a name'}.", remedy)
    return name


def read_stories(value: object) -> str:
    """Return one of `STORIES`; raises `Unusable`."""
    text = current_word(Kind.STORIES, _text(value, SETTING_OF["stories"].example))
    if text not in STORIES:
        raise Unusable(f"Stories cannot be {text or 'nothing'}.", f"Write {' or '.join(STORIES)}.")
    return text


def read_view(config: Config, value: object) -> str:
    """Return the name of a view, as it is spelled where it is defined; raises `Unusable`."""
    from newsdesk.workspace.settings.saved_views import view_named  # only who chose one pays for it

    try:
        return view_named(config, _text(value, SETTING_OF["view"].example)).name
    except UsageError as error:
        raise Unusable(error.message, error.remedy) from None


def read_sort(value: object) -> str:
    """Return an order as text, all of it; raises `Unusable`."""
    example = SETTING_OF["sort"].example
    text = _text(value, example)
    try:
        order = order_of(text)
    except QueryError as error:
        remedy = error.remedy.replace("sort:", "") or f"Write for example {example}."
        raise Unusable(error.message, remedy) from None
    if not order:
        raise Unusable(f"{text or 'An empty text'} is no order.", f"Write for example {example}.")
    return order_text_of(order)


def order_of(text: str) -> tuple[SortKey, ...]:
    """Return the order that a text asks for; raises `QueryError`."""
    query = parse(f"sort:{text}", sets=QUERY_SETS)
    return query.order if query.condition is None else ()


def order_text_of(order: tuple[SortKey, ...]) -> str:
    """Return an order as it is written in a setting: `heat,quality-asc`."""
    return ",".join(
        key.field
        if key.descending != (key.field in ASCENDING_BY_NATURE)
        else f"{key.field}-{'desc' if key.descending else 'asc'}"
        for key in order
    )


def read_columns(value: object) -> tuple[str, ...]:
    """Return the names of columns; a text names them with commas between; raises `Unusable`."""
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        example = f"Write for example {SETTING_OF['columns'].example}."
        raise Unusable("The columns are no list of names.", example)
    for name in value:
        if name not in COLUMNS:
            near = nearest(name, COLUMNS)
            remedy = f"Did you mean {near}?" if near else f"There are {', '.join(COLUMNS)}."
            raise Unusable(f"There is no column {name or 'without a name'}.", remedy)
    if "title" not in value:
        raise Unusable("Nobody can work without the title.", "Add title to the columns.")
    return tuple(dict.fromkeys(value))


def read_images(value: object) -> str:
    """Return whether pictures are shown, one of `IMAGES`; raises `Unusable`."""
    if isinstance(value, bool):
        value = "on" if value else "off"
    if value not in IMAGES:
        remedy = f"Write {', '.join(IMAGES[:-1])} or {IMAGES[-1]}, in quotes."
        raise Unusable(f"{str(value)[:60] or 'An empty text'} is not a value of images.", remedy)
    return str(value)


def read_program(value: object) -> str:
    """Return a command line that names a program; raises `Unusable`."""
    text = _text(value, 'editor = "nano"')
    try:
        words = shlex.split(text)
    except ValueError:
        raise Unusable("A quote is never closed.", "Close it.") from None
    if not words:
        raise Unusable("No program is named.", "Name one, or take the line away.")
    return text
