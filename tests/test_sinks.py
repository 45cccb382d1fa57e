"""Nobody forgets the door: whatever is shown, sent or logged passed `newsdesk.text`, or is ours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sinks

SOURCE = Path(__file__).parent.parent / "src" / "newsdesk"
_KEY = "a name of a key: letters and signs that can be printed"
_OWN_WORD = "a word of ours, out of a closed set"
_LOOKED_UP = "is looked up or drawn from, each part passes the door where it is drawn"
_AS_DATA = "leaves as data for another program, escaped as its format wants"
# File and expression -> why it is no danger.
ALLOWED = {
    ("cli/check.py", "link.field"): _AS_DATA,
    ("cli/check.py", "link.path"): _AS_DATA,
    ("cli/check.py", "LOOK_OF[verdict].meaning"): _OWN_WORD,
    ("cli/check_report.py", "look.meaning"): _OWN_WORD,
    ("cli/completions.py", "script.read_text(encoding='utf-8')"): "a script of ours",
    ("cli/lint.py", "problem.code"): _OWN_WORD,
    ("cli/list.py", "text.getvalue()"): "the cells of the CSV passed table_cell",
    ("cli/list.py", "c_escaped(char)"): "a character as an escape",
    ("cli/publish.py", "desk.diff(writable, value)"): "print_diff shows or writes it as it is",
    (
        "cli/undo.py",
        "desk.preview_undo(number, redo=arguments.command == 'redo', "
        "any_session=arguments.any_session)",
    ): "the same",
    ("cli/list.py", "row.path"): "--paths in a pipe: another program opens them as they are",
    ("cli/list.py", "_printer(arguments, output)(pages(desk, ids))"): "each printer is looked at",
    ("cli/list.py", "found"): _LOOKED_UP,
    ("cli/log.py", "entry.state"): _OWN_WORD,
    ("cli/log.py", "entry.verb"): _OWN_WORD,
    ("cli/main.py", "wanted.message_and_remedy"): "our own help",
    ("cli/mistakes.py", "error.query"): "passes shown_block in _same_line, spaces kept",
    ("cli/mistakes.py", "error.mistake.start"): "a number",
    ("cli/outcomes.py", "outcome.result"): _OWN_WORD,
    ("cli/config.py", "check.values"): "name, value and place pass shown in _print",
    ("cli/config.py", "settings.values"): "name, value and place pass shown in _print",
    (
        "cli/config.py",
        "Effective(f'views.{view.name}', view.query, source, view.place)",
    ): "name, value and place pass shown in _print",
    (
        "cli/review.py",
        "review.preview_commit(whole_paths)",
    ): "print_diff shows or writes it as it is",
    ("cli/review.py", "review.preview_revert(paths)"): "print_diff shows or writes it as it is",
    ("cli/review.py", "result.id"): "git's name of a commit, hexadecimal",
    ("cli/review.py", "totals.verbs"): _OWN_WORD,
    ("cli/review.py", "problem.code"): _OWN_WORD,
    ("cli/show.py", "article.other"): "name and value pass shown in _facts",
    ("cli/stats.py", "each.label"): "a number, as the label of an axis",
    ("cli/stats.py", "line.axis_labels(step)"): _OWN_WORD,
    ("tui/plot_panes.py", "each.label"): "a number, as the label of an axis",
    ("tui/plot_panes.py", "self.line.axis_labels(self._step)"): _OWN_WORD,
    ("tui/plot_panes.py", "self.line_width"): "a number",
    ("tui/plot_panes.py", "self.pointer"): "two numbers",
    ("tui/app.py", "number.name"): "the name of a signal",
    ("tui/app.py", "type(error).__name__"): "the name of a class",
    ("tui/app.py", "self.console.capture()"): "SafeFormatter is the door of the log",
    (
        "tui/app.py",
        "logging.FileHandler(path, encoding='utf-8', errors='backslashreplace', delay=True)",
    ): "a handler is added to the logger, nothing is said",
    ("tui/article_detail.py", "host.encode('idna').decode('ascii')"): "a host, checked before",
    ("tui/article_detail.py", "link.index"): "a number",
    ("tui/article_detail.py", "place.columns"): "a number",
    (
        "tui/article_detail.py",
        "Place(min(columns, round(fitting * 2 * shape)), fitting)",
    ): "two numbers",
    ("tui/article_detail.py", "paragraph.label"): "a Text already",
    ("tui/article_detail.py", "paragraph.value"): "a Text already",
    ("tui/column_heads.py", "column.head"): _OWN_WORD,
    ("tui/article_list.py", "look.glyph"): _OWN_WORD,
    ("tui/article_list.py", "look.meaning"): _OWN_WORD,
    ("tui/status_line.py", "self._keys.fill(COMMAND_OF[name].help)"): _KEY,
    ("tui/article_body.py", "edit_key"): _KEY,
    ("tui/view_tabs.py", "COMMAND_OF[command_of(view)].help"): _OWN_WORD,
    ("tui/desk_screen.py", "self.keys.key('edit')"): _KEY,
    ("tui/desk_screen.py", "self.keys.key('link_results')"): _KEY,
    ("tui/fusing.py", "segment.text"): "a part of a strip that was drawn",
    ("tui/fusing.py", "segments[-1].text"): "a part of a strip that was drawn",
    (
        "tui/empty_states.py",
        "keys.fill('newsdesk shows .md, .markdown, .html and .txt files whose first line is ---. "
        "Leave with {quit} and open another folder: newsdesk FOLDER')",
    ): _KEY,
    ("tui/empty_states.py", "keys.fill('{back} clears the query')"): _KEY,
    (
        "tui/empty_states.py",
        "keys.fill('{undo} takes the last one back · {view_published} Published · {view_all} All')",
    ): _KEY,
    ("tui/empty_states.py", "keys.key(command_of(view))"): _KEY,
    ("tui/triaging.py", "self.keys.fill('{back} stops')"): _KEY,
    ("tui/empty_states.py", "view.name"): "one of VIEWS",
    ("tui/finding.py", "self.filter.view"): _LOOKED_UP,
    ("tui/finding.py", "self.sitting_summary"): "numbers and verbs",
    ("tui/finding.py", "message.lines"): _LOOKED_UP,
    ("tui/finding.py", "message.counts"): _LOOKED_UP,
    ("tui/key_menu.py", "choice.key"): _OWN_WORD,
    ("tui/key_menu.py", "choice.sign"): _OWN_WORD,
    ("tui/key_menu.py", "choice.title"): _OWN_WORD,
    ("tui/link_check.py", "message.scope"): _LOOKED_UP,
    ("tui/link_results.py", "row.field"): _OWN_WORD,
    ("tui/collection_chooser.py", "len"): "a function",
    ("tui/help_page.py", "groupby(entries, key=lambda entry: entry.section)"): _OWN_WORD,
    ("tui/palette.py", "offer.text"): "passed shown where the offer is made",
    (
        "tui/query_bar.py",
        "complete(text, cursor, self._values_of, sets=QUERY_SETS)",
    ): _LOOKED_UP,
    ("tui/picture_screen.py", "message.picture"): "its reason passes shown in PictureView.word",
    ("tui/query_bar.py", "describe_order(chosen.order)"): _OWN_WORD,
    ("tui/query_bar.py", "describe_order(chosen.order[:1])"): _OWN_WORD,
    (
        "tui/reading.py",
        "Hit(max(score, by_help) * weight, lit, offer.run, offer.text, escape(offer.help))",
    ): _LOOKED_UP,
    (
        "tui/reading.py",
        "Hit(score, matcher.highlight(text), run, help=self._help(command))",
    ): _LOOKED_UP,
    ("tui/reading.py", "message.article"): _LOOKED_UP,
    ("tui/reading.py", "message.neighbours"): _LOOKED_UP,
    ("tui/compare_screen.py", "self._desk_screen.keys.fill(_KEYS)"): _KEY,
    ("tui/compare_screen.py", "found.sources"): _LOOKED_UP,
    ("tui/source_grid.py", "source.verdicts"): _OWN_WORD,
    ("tui/source_grid.py", "self.app.console"): "lays texts out, and is none",
    ("tui/source_grid.py", "_WORD.findall(title)"): "both titles passed it before",
    ("tui/review_screen.py", "file.verb"): _OWN_WORD,
    ("tui/review_screen.py", "summary.topics"): "each name passes shown; the rest are numbers",
    ("tui/review_screen.py", "summary.verbs"): _OWN_WORD,
    ("tui/review_screen.py", "review.files"): _LOOKED_UP,
    ("tui/status_line.py", "command.label"): _OWN_WORD,
    ("tui/status_line.py", "self._keys.key(name)"): _KEY,
    ("tui/status_line.py", "command.title"): _OWN_WORD,
    ("tui/triaging.py", "message.name"): _OWN_WORD,
    ("tui/view_tabs.py", "view.key"): "passes shown in _label",
    ("tui/view_tabs.py", "view.name"): "passes shown in _label",
}


def offences_in(snippet: str) -> list[sinks.Offence]:
    return sinks.Finder({"tui/planted.py": snippet}, {}).offences()


def test_whatever_reaches_a_sink_passed_the_door() -> None:
    facts = sinks.sources_under(*(SOURCE / n for n in ("collection", "desk", "index", "links")))
    finder = sinks.Finder(sinks.sources_under(SOURCE / "tui", SOURCE / "cli"), facts)
    offences = [
        offence
        for offence in finder.offences()
        if (offence.place.partition(":")[0], offence.expression) not in ALLOWED
    ]
    assert not offences, (
        "Pass it through shown, shown_block or table_cell, or say in ALLOWED why it is ours:\n"
        + "\n".join(map(str, offences))
    )
    assert finder.sinks_seen > 200, "the sinks are still found"


PLANTED = {
    "Content": "def show(self, article: Article): self.update(Content(article.title))",
    "a part of a Content": "def show(a: Article): return Content.assemble('x', (a.title, 'bold'))",
    "Text": "def show(article: Article): return Text(f'Title: {article.title}')",
    "text appended": "def show(a: Article):\n line = Text()\n line.append(a.excerpt)",
    "Segment": "def show(row: Row): return [Segment(fit(row.title, 20))]",
    "Static": "def compose(self): yield Static(self.article.title)",
    "Static updated": "def f(self, a): self.query_one('#x', Static).update(a.title)",
    "a toast": "def f(self, path: str): self.notify(path)\ndef g(s, a): s.f(a.path)",
    "a title of a border": "def f(self, article: Article): self.border_title = article.title",
    "the title of the window": "def f(self, path: Path): self.app.title = str(path)",
    "standard output": "def f(row: Row, output: Output): output.line(row.title)",
    "raw data": "def f(row: Row, output: Output): output.data(row.title + '\\n')",
    "print": "def f(error: OSError): print(f'failed: {error}')",
    "an exception": "def f():\n try: g()\n except OSError as error: return Text(str(error))",
    "a log": "def f(path): _log.warning('cannot read %s', path)\nf(sys.argv[1])",
    "progress": "def f(self, path): self.status.show_work('x', self.desk.path)",
    "through a helper": "def mine(t: str): return Text(t)\ndef f(a: Article): return mine(a.title)",
    "through an attribute": (
        "class A:\n def __init__(self, a: Article): self._t = a.title\n"
        " def render(self): return Content(self._t)"
    ),
    "through a name": "def f(a):\n one = a.title\n two = one.upper()\n return Text(two)",
    "through a list": "def f(a):\n p = [t for t in a.topics]\n return Text(' '.join(p))",
    "one of two ways": "def f(a): return Text(shown(a.title) if a.ok else a.path)",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_offender_is_found(name: str) -> None:
    assert offences_in(PLANTED[name])


@pytest.mark.parametrize(
    "snippet",
    [
        "def f(a): return Text(shown(a.title))",
        "def f(a): return [Segment(fit(shown(a.title), 20)), Segment(f'{a.number:,}')]",
        "def f(a):\n t = shown(a.title)\n return Content.assemble(t, ('·', 'dim'), age(x))",
        "def f(self, a): self.border_title = f' {shown(a.title)} '",
        "def mine(t: str): return Text(t)\ndef f(a): return mine(shown(a.title))",
        "def f(row, output): output.line(f'{shown(row.title)} {age(row.at)}')",
        "X = 'ours'\ndef f(): return Static(X, markup=False)",
    ],
)
def test_what_passed_the_door_is_no_offence(snippet: str) -> None:
    assert not offences_in(snippet)


@pytest.mark.parametrize(
    ("file", "owner", "method"),
    [
        ("tui/status_line.py", "StatusLine", "say"),
        ("tui/link_results.py", "LinkResults", "say"),
        ("tui/desk_base.py", "DeskBase", "say"),
        ("tui/app.py", "SafeFormatter", "format"),
        ("cli/output.py", "Output", "message"),
        ("cli/output.py", "Output", "hint"),
        ("cli/output.py", "Output", "progress"),
    ],
)
def test_what_has_a_door_of_its_own_has_one(file: str, owner: str, method: str) -> None:
    tree = ast.parse((SOURCE / file).read_text("utf-8"))
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == owner]
    bodies = [n for c in classes for n in c.body if getattr(n, "name", "") == method]
    assert bodies
    assert all("shown" in ast.unparse(body) for body in bodies)
