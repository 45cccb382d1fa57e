"""Foreign text reaches a terminal only through the wrappers that make it safe."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api as mypy
from rich.console import Console

from newsdesk.cli.output import Output
from newsdesk.text import safe, safe_line, shown
from newsdesk.tui.safe_widgets import Content, Segment, Static, Text

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "newsdesk"
RUFF = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
HOSTILE = "a\x1b]52;c;AAAA\x07b\u202ec\x9bd"
SAFE = "a␛]52;c;AAAA␇b‹RLO›c‹9B›d"
TITLES = {"border_title", "border_subtitle", "title", "sub_title", "tooltip"}

UNSAFE_USES = {
    "Text of Rich": "from rich.text import Text\n\n\ndef draw(title: str) -> object:\n"
    "    return Text(title)\n",
    "Text by its module": "import rich.text\n\n\ndef draw(title: str) -> object:\n"
    "    return rich.text.Text(title)\n",
    "Content of Textual": "from textual.content import Content\n\nDRAW = Content\n",
    "Segment under another name": "from rich.segment import Segment as S\n\nDRAW = S\n",
    "a label of Textual": "from textual.widgets import Static\n\nLABEL = Static\n",
    "markup": "from rich.markup import render\n\nDRAW = render\n",
    "print": "def draw(title: str) -> None:\n    print(title)\n",
    "a stream": "import sys\n\n\ndef draw(title: str) -> None:\n    sys.stdout.write(title)\n",
}


@pytest.mark.parametrize("name", UNSAFE_USES)
@pytest.mark.parametrize("place", ["tui/widgets/planted.py", "cli/planted.py"])
def test_lint_refuses_a_bare_sink(name: str, place: str) -> None:
    done = subprocess.run(
        [*RUFF, "--stdin-filename", str(SOURCE / place), "-"],
        input=UNSAFE_USES[name],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert "TID251" in done.stdout or "T201" in done.stdout, done.stdout + done.stderr


def test_types_refuse_text_that_was_not_made_safe(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "from newsdesk.text import SafeText, shown\n"
        "def copy(text: SafeText) -> None: ...\n"
        "def safe(title: str) -> None: copy(shown(title))\n"
        "def unsafe(title: str) -> None: copy(title)\n"
        "def composed(title: str) -> None: copy(shown(title) + title)\n"
    )
    config = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    told, _, _ = mypy.run([*config, "--follow-imports=silent", str(planted)])
    lines = [int(line.split(":")[1]) for line in told.splitlines() if "error:" in line]
    assert lines == [4, 5], told


def test_every_wrapper_makes_its_text_safe() -> None:
    appended = Text()
    appended.append(HOSTILE)
    texts = [
        Text(HOSTILE).plain,
        Text.assemble((HOSTILE, "bold")).plain,
        appended.plain,
        Content(HOSTILE).plain,
        Content.assemble(HOSTILE).plain,
        Content.assemble((HOSTILE, "bold")).plain,
        Segment(HOSTILE).text,
        str(Static(HOSTILE).content),
    ]
    assert texts == [SAFE] * len(texts)


def test_the_place_of_a_style_counts_the_safe_text() -> None:
    content = Content.assemble("\x9b", ("title", "bold"))
    (span,) = content.spans
    assert content.plain[span.start : span.end] == "title"


def test_nothing_is_read_as_markup() -> None:
    console = Console(file=io.StringIO(), width=40)
    console.print(Text("[red]a[/nothing]"))
    assert "[red]a[/nothing]" in console.file.getvalue()  # type: ignore[attr-defined]
    assert str(Static("[$accent]a[/x]").content) == "[$accent]a[/x]"


def test_what_shown_returned_is_not_changed_again() -> None:
    for text in (HOSTILE, "نمی‌خواهم", "👩‍💻 ok", "a  b"):
        line = shown(text)
        assert safe(line) == safe_line(line) == line


def test_a_line_of_output_keeps_only_the_colours_of_paint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = Output()
    output.use_color("always")
    output.line(output.paint(HOSTILE, "bold", "red") + "\x1b[8mhidden")
    output.raw_message(HOSTILE)
    out, err = capsys.readouterr()
    assert out == f"\x1b[1;31m{SAFE}\x1b[0m␛[8mhidden\n"
    assert err == f"{SAFE}\n"


def unsafe_attributes(tree: ast.AST) -> list[int]:
    """Lines that set a title to anything but a literal or a wrapper, or show a toast."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names = [t.attr for t in node.targets if isinstance(t, ast.Attribute)]
            if TITLES.intersection(names) and not is_safe_title(node.value):
                lines.append(node.lineno)
        elif isinstance(node, ast.Attribute) and node.attr == "notify":
            lines.append(node.lineno)  # `post_status` shows what happened
    return lines


def is_safe_title(value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id="Content")):
            return True
        case ast.IfExp(body=body, orelse=other):
            return is_safe_title(body) and is_safe_title(other)
    return False


@pytest.mark.parametrize(
    "planted", ["self.border_title = title", "self.app.title = f'{path}'", "self.notify(title)"]
)
def test_an_unsafe_title_or_toast_is_found(planted: str) -> None:
    assert unsafe_attributes(ast.parse(planted)) == [1]


def test_titles_and_toasts_use_the_wrappers() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in (SOURCE / "tui").rglob("*.py")
        for line in unsafe_attributes(ast.parse(path.read_text("utf-8")))
    ]
    assert not found
