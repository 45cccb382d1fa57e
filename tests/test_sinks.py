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
    ("commands/check.py", "link.field"): _AS_DATA,
    ("commands/check.py", "link.path"): _AS_DATA,
    ("commands/check.py", "VERDICTS[verdict].meaning"): _OWN_WORD,
    ("cli/check_report.py", "look.meaning"): _OWN_WORD,
    ("commands/completions.py", "script.read_text(encoding='utf-8')"): "a script of ours",
    ("commands/lint.py", "problem.code"): _OWN_WORD,
    ("commands/list.py", "text.getvalue()"): "the cells of the CSV passed table_cell",
    ("commands/list.py", "c_escaped(char)"): "a character as an escape",
    (
        "commands/publish.py",
        "workspace.diff(writable, value)",
    ): "print_diff shows or writes it as it is",
    (
        "commands/undo.py",
        "workspace.preview_undo(number, redo=arguments.command == 'redo', "
        "any_session=arguments.any_session)",
    ): "the same",
    ("commands/list.py", "row.path"): "--paths in a pipe: another program opens them as they are",
    (
        "commands/list.py",
        "_printer(arguments, output)(pages(workspace, ids))",
    ): "each printer is looked at",
    ("commands/list.py", "found"): _LOOKED_UP,
    ("commands/log.py", "entry.state"): _OWN_WORD,
    ("commands/log.py", "entry.verb"): _OWN_WORD,
    ("cli/main.py", "wanted.message_and_remedy"): "our own help",
    ("cli/errors.py", "error.query"): "passes shown_block in _same_line, spaces kept",
    ("cli/errors.py", "error.query_error.start"): "a number",
    ("cli/outcomes.py", "outcome.result"): _OWN_WORD,
    ("commands/config.py", "check.values"): "name, value and place pass shown in _print",
    ("commands/config.py", "settings.values"): "name, value and place pass shown in _print",
    (
        "commands/config.py",
        "Effective(f'views.{view.name}', view.query, source, view.place)",
    ): "name, value and place pass shown in _print",
    (
        "commands/review.py",
        "review.preview_commit(whole_paths)",
    ): "print_diff shows or writes it as it is",
    (
        "commands/review.py",
        "review.preview_revert(paths)",
    ): "print_diff shows or writes it as it is",
    ("commands/review.py", "result.id"): "git's name of a commit, hexadecimal",
    ("commands/review.py", "totals.verbs"): _OWN_WORD,
    ("commands/review.py", "problem.code"): _OWN_WORD,
    ("commands/show.py", "article.other"): "name and value pass shown in _facts",
    ("commands/stats.py", "each.label"): "a number, as the label of an axis",
    ("commands/stats.py", "line.axis_labels(step)"): _OWN_WORD,
    ("widgets/charts.py", "each.label"): "a number, as the label of an axis",
    ("widgets/charts.py", "self.line.axis_labels(self._step)"): _OWN_WORD,
    ("widgets/charts.py", "self.line_width"): "a number",
    ("widgets/charts.py", "self.pointer"): "two numbers",
    ("tui/app.py", "number.name"): "the name of a signal",
    ("tui/app.py", "type(error).__name__"): "the name of a class",
    ("tui/app.py", "self.console.capture()"): "SafeFormatter is the door of the log",
    (
        "tui/app.py",
        "logging.FileHandler(path, encoding='utf-8', errors='backslashreplace', delay=True)",
    ): "a handler is added to the logger, nothing is said",
    ("widgets/article_view.py", "host.encode('idna').decode('ascii')"): "a host, checked before",
    ("widgets/article_view.py", "link.index"): "a number",
    ("widgets/article_view.py", "place.columns"): "a number",
    (
        "widgets/article_view.py",
        "Place(min(columns, round(fitting * 2 * shape)), fitting)",
    ): "two numbers",
    ("widgets/article_view.py", "paragraph.label"): "a Text already",
    ("widgets/article_view.py", "paragraph.value"): "a Text already",
    ("lists/column_header.py", "column.head"): _OWN_WORD,
    ("lists/article_list.py", "look.glyph"): _OWN_WORD,
    ("lists/article_list.py", "look.meaning"): _OWN_WORD,
    ("widgets/status_bar.py", "self._keys.fill(COMMAND_OF[name].help)"): _KEY,
    ("widgets/article_body.py", "edit_key"): _KEY,
    ("widgets/view_tabs.py", "COMMAND_OF[command_for_view(view)].help"): _OWN_WORD,
    ("screens/main.py", "self.keys.key('edit')"): _KEY,
    ("screens/main.py", "self.keys.key('link_results')"): _KEY,
    ("lists/strips.py", "segment.text"): "a part of a strip that was drawn",
    ("lists/strips.py", "segments[-1].text"): "a part of a strip that was drawn",
    (
        "widgets/empty_states.py",
        "keys.fill('newsdesk shows .md, .markdown, .html and .txt files whose first line is ---. "
        "Leave with {quit} and open another folder: newsdesk FOLDER')",
    ): _KEY,
    ("widgets/empty_states.py", "keys.fill('{back} clears the query')"): _KEY,
    (
        "widgets/empty_states.py",
        "keys.fill('{undo} takes the last one back · {view_published} Published · {view_all} All')",
    ): _KEY,
    ("widgets/empty_states.py", "keys.key(command_for_view(view))"): _KEY,
    ("controllers/triage.py", "self.keys.fill('{back} stops')"): _KEY,
    ("widgets/empty_states.py", "view.name"): "one of VIEWS",
    ("controllers/search.py", "self.filter.view"): _LOOKED_UP,
    ("controllers/search.py", "self.session_summary"): "numbers and verbs",
    ("controllers/search.py", "message.lines"): _LOOKED_UP,
    ("controllers/search.py", "message.counts"): _LOOKED_UP,
    ("dialogs/key_menu.py", "choice.key"): _OWN_WORD,
    ("dialogs/key_menu.py", "choice.sign"): _OWN_WORD,
    ("dialogs/key_menu.py", "choice.title"): _OWN_WORD,
    ("controllers/links.py", "message.scope"): _LOOKED_UP,
    ("screens/link_results.py", "row.field"): _OWN_WORD,
    ("dialogs/collection_picker.py", "len"): "a function",
    ("screens/help_page.py", "groupby(entries, key=lambda entry: entry.section)"): _OWN_WORD,
    ("tui/palette.py", "offer.text"): "passed shown where the offer is made",
    (
        "widgets/query_bar.py",
        "complete(text, cursor, self._values_of, sets=QUERY_SETS)",
    ): _LOOKED_UP,
    ("screens/image.py", "message.picture"): "its reason passes shown in ImageView.word",
    ("widgets/query_bar.py", "describe_order(chosen.order)"): _OWN_WORD,
    ("widgets/query_bar.py", "describe_order(chosen.order[:1])"): _OWN_WORD,
    (
        "controllers/article.py",
        "Hit(max(score, by_help) * weight, lit, offer.run, offer.text, escape(offer.help))",
    ): _LOOKED_UP,
    (
        "controllers/article.py",
        "Hit(score, matcher.highlight(text), run, help=self._help(command))",
    ): _LOOKED_UP,
    ("controllers/article.py", "message.article"): _LOOKED_UP,
    ("controllers/article.py", "message.related_items"): _LOOKED_UP,
    ("screens/compare.py", "self._main_screen.keys.fill(_KEYS)"): _KEY,
    ("screens/compare.py", "found.sources"): _LOOKED_UP,
    ("widgets/source_comparison.py", "source.verdicts"): _OWN_WORD,
    ("widgets/source_comparison.py", "self.app.console"): "lays texts out, and is none",
    ("widgets/source_comparison.py", "_WORD.findall(title)"): "both titles passed it before",
    ("screens/review.py", "file.verb"): _OWN_WORD,
    ("screens/review.py", "summary.topics"): "each name passes shown; the rest are numbers",
    ("screens/review.py", "summary.verbs"): _OWN_WORD,
    ("screens/review.py", "review.files"): _LOOKED_UP,
    ("widgets/status_bar.py", "command.label"): _OWN_WORD,
    ("widgets/status_bar.py", "self._keys.key(name)"): _KEY,
    ("widgets/status_bar.py", "command.title"): _OWN_WORD,
    ("controllers/triage.py", "message.name"): _OWN_WORD,
    ("widgets/view_tabs.py", "view.key"): "passes shown in _label",
    ("widgets/view_tabs.py", "view.name"): "passes shown in _label",
}


def offences_in(snippet: str) -> list[sinks.Offence]:
    return sinks.Finder({"tui/planted.py": snippet}, {}).offences()


def test_whatever_reaches_a_sink_passed_the_door() -> None:
    facts = sinks.sources_under(
        *(SOURCE / n for n in ("collection", "workspace", "index", "links"))
    )
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
        ("tui/widgets/status_bar.py", "StatusBar", "post_status"),
        ("tui/screens/link_results.py", "LinkResults", "post_status"),
        ("tui/controllers/main_screen_base.py", "MainScreenBase", "post_status"),
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
