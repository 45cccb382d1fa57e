"""What can stand at the cursor of a shell, asked here, and pressed Tab for in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsdesk.cli import main
from newsdesk.cli.completer import split_line
from tui.terminal import Terminal

from .conftest import Make, Newsdesk, article_file


def answers(newsdesk: Newsdesk, *words: str) -> dict[str, str]:
    """Return word -> meaning of what fits the last of the words."""
    given = "".join(f"{word}\0" for word in words).encode()
    done = newsdesk.here("completions", "zsh", "--answer", given=given)
    assert (done.code, done.err) == (0, "")
    return dict(line.partition("\t")[::2] for line in done.lines)


def test_every_command_is_offered_with_what_it_does(seeds: Newsdesk) -> None:
    offered = answers(seeds, "")
    assert {
        name: output_json for name, (_, output_json) in main.COMMANDS.items()
    }.items() <= offered.items()
    assert ":directories" in offered
    assert list(answers(seeds, "unp")) == ["unpublish", ":directories"]


def test_every_option_of_every_command_is_offered(seeds: Newsdesk) -> None:
    for name, parser in main.all_parsers():
        words = [] if name == "newsdesk" else [name]
        offered = answers(seeds, *words, "-")
        options = parser._option_string_actions
        assert {option: action.help for option, action in options.items()}.items() <= (
            offered.items()
        )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--color", ""), ["auto", "always", "never"]),
        (("list", "--color=al"), ["--color=always"]),
        (("--theme", "newsp"), ["newsprint"]),
        (("list", "-C", ""), [":directories"]),
        (("check", "--junit", ""), [":files"]),
        (("list", "--view", "Rej"), ["Rejected"]),
        (("list", "--sort", "qual"), ["quality", "quality-asc", "quality-desc"]),
        (("decisions", ""), ["export", "import"]),
        (("decisions", "export", ""), []),
        (("completions", "f"), ["fish"]),
        (("list", "is:unp"), ["is:unpublished"]),
        (("list", "police", "-is:unp"), ["-is:unpublished"]),
        (("list", "topic:AI", "qual"), ["quality:"]),
        (("list", "topic:AI", "OR", "topic:Comp"), ['topic:"Computer Vision"']),
        (("publish", "-q", "domain:perig"), ["domain:perigeedaily.example"]),
        (("show", "_da"), ["_data/"]),
        (("show", "_news/2020-11-16-b"), None),
        (("publish", "_news/a.md", "_arch"), ["_archive/"]),
        (("show", "../"), []),
        (("show", "/etc/"), []),
        (("no-folder-of-mine", ""), []),
    ],
)
def test_what_fits_the_word_that_is_typed(
    seeds: Newsdesk, words: tuple[str, ...], expected: list[str] | None
) -> None:
    seeds.here("index")
    found = list(answers(seeds, *words))
    if expected is None:
        assert found
        assert all((seeds.folder / path).is_file() for path in found)
    else:
        assert found == expected


def test_the_folder_that_is_named_is_the_one_that_is_asked(make: Make, tmp_path: Path) -> None:
    newsdesk = make()
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / ".newsdesk.toml").write_text('[views]\n"Hot AI" = "topic:AI"\n')
    (tmp_path / "views" / "one.md").write_text(article_file())
    folder = str(tmp_path / "views")
    assert answers(newsdesk, "list", "-C", folder, "--view", "Ho") == {"Hot AI": "topic:AI"}
    assert answers(newsdesk, "-C", folder, "show", "") == {"one.md": "article"}


def test_what_cannot_be_shown_as_it_is_is_not_offered(make: Make) -> None:
    newsdesk = make({"a\x1b[31m.md": article_file(), "b.md": article_file()})
    assert list(answers(newsdesk, "show", "")) == ["b.md"]
    assert answers(newsdesk, "list", "-C", "/nonesuch", "topic:") == {}


@pytest.mark.parametrize("settings", [{}, {"hugo.toml": ""}], ids=["jekyll", "hugo"])
def test_values_are_offered_without_an_index_and_none_is_made(
    settings: dict[str, str], make: Make
) -> None:
    newsdesk = make({"content/a.md": article_file(topics="[AI]"), **settings})
    assert list(answers(newsdesk, "list", "topic:")) == ["topic:AI"]
    assert not list(newsdesk.home.rglob("*.db"))
    newsdesk.here("index")
    assert list(answers(newsdesk, "list", "topic:")) == ["topic:AI"]


def test_what_is_offered_in_an_open_quote_of_bash_is_read_back_by_it(make: Make) -> None:
    newsdesk = make({"a.md": article_file(topics="['it''s a $HOME `x`']")})
    for quote in "\"'":
        line = f"newsdesk list {quote}topic:it"
        (answer,) = newsdesk.here("completions", "bash", "--answer", given=line.encode()).lines
        value = answer.partition("\t")[0]
        printed = f"printf %s {quote}{value}{'' if value.endswith(quote) else quote}"
        read = subprocess.run(["bash", "-c", printed], capture_output=True, check=True).stdout
        assert read.decode() == 'topic:"it\'s a $HOME `x`"'


@pytest.mark.parametrize(
    ("line", "words", "quote"),
    [
        ("newsdesk li", ["newsdesk", "li"], ""),
        ("newsdesk list ", ["newsdesk", "list", ""], ""),
        ("newsdesk list 'topic:Comp", ["newsdesk", "list", "topic:Comp"], "'"),
        (r"newsdesk list a\ b topic:\"C", ["newsdesk", "list", "a b", 'topic:"C'], ""),
        ("ls | newsdesk list 'a'\"b", ["", "newsdesk", "list", "ab"], '"'),
        ("newsdesk '", ["newsdesk", ""], "'"),
    ],
)
def test_a_line_is_cut_as_a_shell_cuts_it(line: str, words: list[str], quote: str) -> None:
    found, left_open = split_line(line)
    assert (found[-len(words) :], left_open) == (words, quote) or found == words[1:]


START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
# The prompt is written in two halves, so that it is not seen before it is there.
PREPARE = {
    "bash": "PS1='rea''dy> '; source <(newsdesk completions bash)\n",
    "zsh": "autoload -Uz compinit; compinit -D; source <(newsdesk completions zsh);"
    " PS1='rea''dy> '\n",
    "fish": "newsdesk completions fish | source; function fish_prompt; echo 'rea''dy> '; end\n",
}


@pytest.mark.parametrize("shell", START)
def test_tab_completes_in_the_shell_itself(
    shell: str, seeds_to_write: Newsdesk, tmp_path: Path
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    seeds = seeds_to_write  # a copy without an index
    shutil.copytree(seeds.folder, copy := seeds.home / "copy")
    query = 'topic:"Computer Vision"'
    about = seeds.here("-C", str(copy), "list", query, "--paths", "--limit", "3").text
    assert about.count("\n") == 3
    program = tmp_path / "newsdesk"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m newsdesk "$@"\n')
    program.chmod(0o755)
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TERM": "xterm"}
    environment = {**seeds.variables, **variables}
    with Terminal(START[shell], seeds.home, environment=environment) as terminal:
        terminal.settle(0.3)
        terminal.send(PREPARE[shell])
        terminal.until("ready>")
        terminal.settle(0.5)
        terminal.send("newsdesk unpu\t")
        terminal.until("newsdesk unpublish")
        terminal.send("\x15newsdesk list --jsonl is:unp\t")
        terminal.until("--jsonl is:unpublished")
        terminal.send("\x15newsdesk list topic:Comp\t --limit 1 --paths\n")
        terminal.until(".md")
        for place, quote in enumerate("\"'"):
            found = tmp_path / f"found-{place}"
            typed = f"\x15newsdesk list {quote}topic:Comp\t --paths --limit 3"
            terminal.send(f"{typed} > {found}.part; mv {found}.part {found}\n")
            terminal.until(found.exists)
            assert found.read_text() == about
        terminal.send("\x15newsdesk show _archive/_ne\t")
        terminal.until("newsdesk show _archive/_news/")
        for name in ("a folder", "first"):
            (seeds.home / name).mkdir()
        terminal.send("\x15cd\n")
        terminal.until(lambda: terminal.text.rstrip().endswith("ready>"))
        terminal.send('newsdesk list -C "a f\t')
        terminal.until('-C "a folder')  # bash closes the quote before the slash
