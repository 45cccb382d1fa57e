"""What a check of links found, grouped by verdict: go there, or accept a repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from newsdesk.links.verdict import BY_URGENCY, Verdict
from newsdesk.text import age_in_words, counted
from newsdesk.tui.bindings import MOVES, rebind
from newsdesk.tui.controllers.main_screen_base import MainScreenBase
from newsdesk.tui.messages import LinkResultsRead
from newsdesk.tui.safe_text import shown
from newsdesk.tui.safe_widgets import Content, Segment, Static
from newsdesk.tui.textual_compat import bindings_of_node
from newsdesk.tui.widgets.glyphs import VERDICT_DISPLAYS, fit
from newsdesk.tui.widgets.lists.line_list import HeadedList, LineList
from newsdesk.tui.widgets.movement import MovementActions
from newsdesk.workspace.links.findings import OWN_FIELDS, LinkFinding

_FIELD_WIDTH = 8
_FIELD_NAMES = {
    "webUrl": "web",
    "originalUrl": "original",
    "ampWebUrl": "AMP",
    "cdnAmpWebUrl": "CDN AMP",
}
_ADVICE = {
    Verdict.DEAD: "Dead · a replaces it by another URL of the article",
    Verdict.MOVED: "Moved permanently · a writes the new URL into the file",
    Verdict.SUSPECT: "It answers, but perhaps not with what was cited: look at it with o.",
    Verdict.UNREACHABLE: "It may be back tomorrow: ask again before you give it up.",
    Verdict.WALLED: "The site blocks automatic checks · o opens it",
    Verdict.THROTTLED: "The host limits requests · check again later",
    Verdict.REFUSED: "Not checked: not a public URL",
}
_BY_HAND = " Related entries and the body are edited by hand: e."


class ResultList(HeadedList):
    """Findings under the headings of their verdicts; the cursor passes headings by."""

    def __init__(self, findings: Sequence[LinkFinding], titles: Mapping[str, str]) -> None:
        super().__init__(id="link-result-list")
        self._titles = titles
        self._accepted: set[tuple[str, str]] = set()
        self._rows: list[LinkFinding | tuple[Verdict, int]] = []
        for verdict in BY_URGENCY:
            group = [finding for finding in findings if finding.outcome.verdict is verdict]
            if group:
                self._rows += [(verdict, len(group)), *group]

    def on_mount(self) -> None:
        """Begin on the first finding."""
        self.set_count(len(self._rows), 1)

    @property
    def finding(self) -> LinkFinding | None:
        """The finding under the cursor."""
        row = self._rows[self.cursor] if self._rows else None
        return row if isinstance(row, LinkFinding) else None

    def is_accepted(self, finding: LinkFinding) -> bool:
        """Tell whether its repair was accepted."""
        return (finding.path, finding.field) in self._accepted

    def mark_accepted(self, keys: Iterable[tuple[str, str]]) -> None:
        """Mark findings as repaired."""
        self._accepted.update(keys)
        self.redraw()

    def unmark_accepted(self, paths: Iterable[str]) -> None:
        """Their repairs were taken back."""
        gone = set(paths)
        self._accepted = {key for key in self._accepted if key[0] not in gone}
        self.redraw()

    def is_heading(self, index: int) -> bool:
        """Tell a verdict's heading from a finding."""
        return not isinstance(self._rows[index], LinkFinding)

    def draw_row(self, index: int, width: int, is_cursor: bool) -> list[Segment]:
        """Draw a heading or a finding."""
        row = self._rows[index]
        muted = self.part("muted")
        if not isinstance(row, LinkFinding):
            verdict, number = row
            part = VERDICT_DISPLAYS[verdict][1]
            return [
                Segment(
                    f" {verdict.value.capitalize()} · {counted(number, 'place')}", self._bold(part)
                )
            ]
        outcome = row.outcome
        glyph, part = VERDICT_DISPLAYS[outcome.verdict]
        is_accepted = self.is_accepted(row)
        what = outcome.final_url if outcome.verdict is Verdict.MOVED else outcome.reason
        what_width = max(12, (width - 6 - _FIELD_WIDTH) * 9 // 20)
        title_width = max(4, width - 6 - _FIELD_WIDTH - what_width)
        title = self._titles.get(row.path, row.path)
        return [
            Segment("▌" if is_cursor else " ", self.part("strong")),
            Segment(
                "✓ " if is_accepted else f"{glyph} ", self.part("good" if is_accepted else part)
            ),
            Segment(fit(shown(what), what_width), muted if is_accepted else Style.null()),
            Segment("  "),
            Segment(fit(shown(title), title_width), muted if is_accepted else Style.null()),
            Segment(" "),
            Segment(fit(field_name(row.field), _FIELD_WIDTH), muted),
        ]

    def _bold(self, part: str) -> Style:
        return self.part(part) + Style(bold=True)


class LinkResults(MovementActions, ModalScreen[str]):
    """Returns the path of the article to go to, or nothing."""

    BINDINGS: ClassVar = [
        *MOVES,
        Binding("enter", "go_to_article", "Go there"),
        Binding("a", "accept", "Accept the repair"),
        Binding("u", "undo", "Undo"),
        Binding("o", "browse", "Open in the browser"),
        Binding("e", "edit", "Edit the file"),
        Binding("question_mark", "help", "Help"),
        Binding("escape,q", "leave", "Close"),
    ]
    AUTO_FOCUS = "#link-result-list"

    def __init__(
        self,
        results: LinkResultsRead,
        screen: MainScreenBase,
    ) -> None:
        super().__init__()
        self._results = results
        self._main_screen = screen
        rebind(bindings_of_node(self), screen.keys)
        self._asked: list[tuple[str, str]] = []  # repairs that are being written

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        with Vertical(id="link-results", classes="dialog"):
            yield Static(self._summary(), id="link-summary")
            yield ResultList(self._results.findings, self._results.titles)
            yield Static(id="link-about", markup=False)
            yield Static(id="link-said", markup=False)
            keys = "Enter go there   a accept   u undo   o browser   e edit   ? help   Esc close"
            yield Static(keys, id="link-keys", markup=False)

    def on_mount(self) -> None:
        """Name the screen."""
        self.query_one("#link-results").border_title = Content(
            f" Links: {shown(self._results.scope)} "
        )

    def _summary(self) -> Content:
        """Return all numbers in a line; alive ones are only a number."""
        parts: list[str | tuple[str, str]] = []
        for verdict in (*BY_URGENCY, Verdict.ALIVE):
            if number := self._results.counts.get(verdict, 0):
                style = "bold $text-error" if verdict is Verdict.DEAD else ""
                parts.append(
                    (f"{VERDICT_DISPLAYS[verdict][0]} {number:,} {verdict.value}   ", style)
                )
        return Content.assemble(*parts)

    @property
    def pane(self) -> ResultList:
        """The list: the one thing that moves."""
        return self.query_one(ResultList)

    def on_line_list_highlighted(self, message: LineList.Highlighted) -> None:
        """Tell more about the finding under the cursor."""
        message.stop()
        self._show_details()

    def on_resize(self) -> None:
        """Fit the lines below the list."""
        self.call_after_refresh(self._show_details)

    def _show_details(self) -> None:
        finding = self.pane.finding
        if finding is None:
            return
        outcome = finding.outcome
        width = max(20, self.query_one("#link-about").size.width)
        where = f"{finding.path}:{finding.line}" if finding.line else finding.path
        after = "" if outcome.verdict is not Verdict.MOVED else f" → {outcome.final_url}"
        advice = _ADVICE[outcome.verdict]
        if finding.field not in OWN_FIELDS and outcome.verdict in (Verdict.DEAD, Verdict.MOVED):
            advice = advice.split(". ")[0] + "." + _BY_HAND
        elif finding.field != "webUrl" and outcome.verdict is Verdict.DEAD:
            advice = f"Dead · readers do not see {finding.field} · e edits the file"
        if self.pane.is_accepted(finding):
            advice = "Fix written · u undo"
        age = f"{outcome.reason} · checked {age_in_words(outcome.checked_at)}"
        lines = (f"{outcome.url}{after}", f"{age} · {finding.field} in {where}", advice)
        text = "\n".join(fit(shown(line), width).rstrip() for line in lines)
        self.query_one("#link-about", Static).update(Content(text))

    def post_status(self, sentence: str, state: str = "") -> None:
        """Say what happened."""
        style = {"good": "$text-success", "bad": "bold $text-error"}.get(state, "")
        self.query_one("#link-said", Static).update(Content.assemble((shown(sentence), style)))

    def repaired(self, paths: Iterable[str], *, is_undo: bool) -> None:
        """Mark what was repaired, or what was taken back."""
        changed = set(paths)
        if is_undo:
            self.pane.unmark_accepted(changed)
        else:
            self.pane.mark_accepted(key for key in self._asked if key[0] in changed)
            self._asked = [key for key in self._asked if key[0] not in changed]
        self._show_details()

    # -- keys ------------------------------------------------------------------------------

    def action_accept(self) -> None:
        """Write the repair of the finding under the cursor."""
        finding = self.pane.finding
        if finding is None or self.pane.is_accepted(finding):
            return
        self._asked.append((finding.path, finding.field))
        self._main_screen.links.accept(finding)

    async def action_undo(self) -> None:
        """Take back the newest decision."""
        await self._main_screen.run_action("undo")

    def action_go_to_article(self) -> None:
        """Close and go to the article."""
        finding = self.pane.finding
        if finding is not None:
            self.dismiss(finding.path)

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        """A double click goes there, as Enter does."""
        message.stop()
        self.action_go_to_article()

    def action_browse(self) -> None:
        """Open the address in the browser."""
        if (finding := self.pane.finding) is not None:
            self._main_screen.open_url(finding.outcome.url)

    def action_edit(self) -> None:
        """Open the file in the editor."""
        if (finding := self.pane.finding) is not None:
            self._main_screen.edit_article(finding.path)
            self.refresh()

    def action_help(self) -> None:
        """Say what the keys do, those of this screen first."""
        from newsdesk.tui.screens.help import HelpScreen
        from newsdesk.tui.screens.help_page import entries_of_bindings

        here = entries_of_bindings(bindings_of_node(self), "In the link results")
        self.app.push_screen(HelpScreen(self._main_screen.keys, tuple(here)))

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)


def field_name(field: str) -> str:
    """Return a field as a person calls it: web, AMP, related, body."""
    return _FIELD_NAMES.get(field) or ("related" if field.startswith("related") else field)
