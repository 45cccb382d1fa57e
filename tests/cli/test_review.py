"""`review`: what is printed, committed and reverted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Make, Newsdesk, article_file

IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{
        f"GIT_{role}_{what}": f"{what.lower()}@example.com"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}
GOOD = {"webUrl": "https://example.com/", "images": "[https://example.com/a.png]"}


def git(newsdesk: Newsdesk, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(newsdesk.folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=newsdesk.variables,
    ).stdout


@pytest.fixture
def site(make: Make) -> Newsdesk:
    """Two articles in a repository, the first one decided about."""
    newsdesk = make(
        {
            "_news/a.md": article_file(
                "First \\e]52;c;x\\a", published="false", provider="{name: Example}", **GOOD
            ),
            "_news/b.md": article_file("Second", published="true", provider="{name: www}", **GOOD),
        },
        **IDENTITY,
    )
    git(newsdesk, "init", "-q")
    git(newsdesk, "add", "-A")
    git(newsdesk, "commit", "-qm", "before")
    assert newsdesk.here("publish", "_news/a.md").code == 0
    return newsdesk


def test_the_review_prints_lines_warnings_and_counts(site: Newsdesk) -> None:
    done = site("review")
    assert done.code == 0
    assert done.lines == [
        "_news/a.md:3  First ␛]52;c;x␇",
        "  - published: false",
        "  + published: true",
        "1 file: publish 1; 0 warnings",
        "  providers Example 1",
    ]
    assert site.here("unpublish", "_news/b.md").code == 0
    warned = site.here("review")
    assert warned.code == 1
    assert "  ! line 4: The provider's name says nothing: www. (junk-provider)" in warned.lines
    assert git(site, "log", "--format=%s") == "before\n"


def test_the_review_as_json(site: Newsdesk) -> None:
    output_json = json.loads(site.here("review", "--json").out)
    (file,) = output_json["files"]
    assert file["lines"] == [{"line": 3, "old": "published: false", "new": "published: true"}]
    assert (file["path"], file["kind"], file["verb"]) == ("_news/a.md", "decision", "publish")
    assert output_json["counts"]["published"] == 1
    assert output_json["message"].startswith("Publish 1 article\n\n- First")
    assert output_json["obstacle"] is None


def test_the_commit_has_one_line_and_the_message_given(site: Newsdesk) -> None:
    done = site("review", "--commit", "-m", "Morning round")
    assert (done.code, done.err) == (0, "")
    head = git(site, "rev-parse", "HEAD").strip()
    assert done.lines == [f"{head[:12]}  Morning round  (1 file)"]
    assert git(site, "show", "--numstat", "--format=%s") == "Morning round\n\n1\t1\t_news/a.md\n"
    assert git(site, "status", "--porcelain") == ""
    again = site.here("review")
    assert (again.code, again.out) == (0, b"")
    assert "Nothing to review" in again.err


def test_everything_is_committed_whole_when_asked_for(site: Newsdesk) -> None:
    (site.folder / "_news" / "c.md").write_text(article_file("Third", **GOOD))
    output_json = json.loads(site.here("review", "--all", "--commit", "--json").out)
    assert output_json["files"] == ["_news/a.md", "_news/c.md"]
    assert output_json["commit"] == git(site, "rev-parse", "HEAD").strip()
    assert git(site, "status", "--porcelain") == ""


def test_a_failing_hook_is_quoted_line_by_line(site: Newsdesk) -> None:
    hook = site.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nprintf 'one\\n\\033[31mtwo\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    done = site.here("review", "--commit")
    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith("    one\n    ␛[31mtwo\nnewsdesk: git did not commit: ")
    assert git(site, "log", "--format=%s") == "before\n"


def test_a_hook_that_fixes_files_is_named_and_whole_files_get_past_it(site: Newsdesk) -> None:
    fix = "grep -q Fixed _news/a.md && exit 0; sed -i 's/First/Fixed/' _news/a.md; exit 1"
    hook(site, "pre-commit", fix)
    done = site.here("review", "--commit")
    assert (done.code, done.out) == (1, b"")
    assert "A hook changed _news/a.md: newsdesk review --commit --whole commits" in done.err
    hook(site, "pre-commit", "git diff --cached | grep -q '^+.*Fixed'")
    done = site.here("review", "--commit")
    assert done.code == 1
    assert "Other lines of _news/a.md are not in the commit" in done.err
    assert site.here("review", "--commit", "--whole").code == 0
    assert git(site, "status", "--porcelain") == ""
    assert git(site, "show", "--numstat", "--format=") == "2\t2\t_news/a.md\n"


def test_decisions_are_reverted_by_path_or_all(site: Newsdesk) -> None:
    assert site.here("unpublish", "_news/b.md").code == 0
    done = site.here("review", "--revert", "_news/a.md")
    assert (done.code, done.lines) == (0, ["changed    _news/a.md"])
    assert git(site, "status", "--porcelain") == " M _news/b.md\n"
    unknown = site.here("review", "--revert", "_news/a.md", "--json")
    assert unknown.code == 1
    assert json.loads(unknown.out)[0]["result"] == "refused"
    assert site.here("review", "--revert-all").code == 0
    assert git(site, "status", "--porcelain") == ""
    assert site.here("undo").code == 0
    assert git(site, "status", "--porcelain") == " M _news/b.md\n"


def test_since_takes_ages_and_times(site: Newsdesk) -> None:
    assert site.here("review", "--since", "2h").lines[0].startswith("_news/a.md")
    assert site.here("review", "--since", "2000-01-01").lines[0].startswith("_news/a.md")
    assert site.here("review", "--since", "2999-01-01T09:00").out == b""
    assert site.here("review", "--since", "soon").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "words"),
        ("--commit", "-m", " "),
        ("--whole",),
        ("--commit", "--revert-all"),
        ("--revert",),
        ("_news/a.md",),
    ],
)
def test_what_does_not_fit_together_is_a_usage_error(
    site: Newsdesk, arguments: tuple[str, ...]
) -> None:
    assert site.here("review", *arguments).code == 2


def test_without_git_there_is_a_review_and_no_commit(make: Make, tmp_path: Path) -> None:
    newsdesk = make({"a.md": article_file("First", published="false")}, **IDENTITY)
    assert newsdesk.here("publish", "a.md").code == 0
    done = newsdesk.here("review")
    assert "a.md:3  First" in done.lines
    assert "no git repository" in done.err
    assert newsdesk.here("review", "--commit").code == 1


def test_a_dry_run_of_the_commit_is_the_diff_that_it_will_have(site: Newsdesk) -> None:
    first = site.folder / "_news" / "a.md"
    first.write_text(first.read_text().replace("Example", "Other"))
    (site.folder / "_news" / "new ü.md").write_text("---\ntitle: New\n---\nno line end")
    git(site, "rm", "-q", "--cached", "_news/b.md")
    (site.folder / "_news" / "b.md").unlink()
    git(site, "reset", "-q")
    for options in ([], ["--whole"], ["--all"]):
        arguments = ["review", "--commit", *options]
        before = git(site, "status", "--porcelain")
        diff = site(*arguments, "--dry-run").out
        assert git(site, "status", "--porcelain") == before
        planned = json.loads(site.here(*arguments, "--dry-run", "--json").out)
        other = site.home / f"other{''.join(options)}"
        for name, take in (("git", ["git", "apply"]), ("patch", ["patch", "-sp1"])):
            clone = other.with_name(f"{other.name}-{name}")
            git(site, "clone", "-q", str(site.folder), str(clone))
            subprocess.run(take, cwd=clone, input=diff, check=True, env=site.variables)
        made = json.loads(site.here(*arguments, "--json").out)
        assert planned == made | {"commit": None}
        for name in ("git", "patch"):
            clone = other.with_name(f"{other.name}-{name}")
            run = ["git", "-C", str(clone)]
            subprocess.run([*run, "add", "-A"], check=True, env=site.variables)
            tree = subprocess.run(
                [*run, "write-tree"], check=True, capture_output=True, text=True, env=site.variables
            )
            assert tree.stdout == git(site, "rev-parse", "HEAD^{tree}")
        git(site, "reset", "-q", "HEAD~1")


def test_a_dry_run_of_a_revert_writes_nothing_and_applies(site: Newsdesk) -> None:
    file = site.folder / "_news" / "a.md"
    before = file.read_bytes()
    for what in (["--revert-all"], ["--revert", "_news/a.md"]):
        diff = site("review", *what, "--dry-run").out
        assert file.read_bytes() == before
        outcomes = json.loads(site.here("review", *what, "--dry-run", "--json").out)
        assert [each["result"] for each in outcomes] == ["changed"]
        take = ["git", "apply"]
        subprocess.run(take, cwd=site.folder, input=diff, check=True, env=site.variables)
        assert git(site, "status", "--porcelain") == ""
        file.write_bytes(before)


def test_nothing_committed_or_reverted_is_an_empty_array(site: Newsdesk) -> None:
    assert site.here("review", "--revert-all").code == 0
    for arguments in (["--commit"], ["--commit", "--dry-run"], ["--revert-all"]):
        done = site.here("review", *arguments, "--json")
        assert json.loads(done.out) == []
        assert "othing to" in done.err


# -- commits that end before their time --------------------------------------------------------


def hook(newsdesk: Newsdesk, name: str, script: str) -> None:
    file = newsdesk.folder / ".git" / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("mixed", [False, True], ids=["one line", "lines of others too"])
def test_a_signal_in_a_slow_hook_leaves_the_commit_made(
    site: Newsdesk, number: signal.Signals, mixed: bool
) -> None:
    if mixed:
        file = site.folder / "_news" / "a.md"
        file.write_text(file.read_text().replace("Example", "Other"))
    hook(site, "post-commit", "echo > reached; sleep 1.5")
    with site.start("review", "--commit") as process:
        wait_until((site.folder / "reached").exists)
        process.send_signal(number)
        process.wait(10)
    (site.folder / "reached").unlink()
    rest = " M _news/a.md\n" if mixed else ""
    if number != signal.SIGKILL:
        assert git(site, "status", "--porcelain") == rest
    assert site("review").code == 0  # one start
    assert git(site, "status", "--porcelain") == rest
    assert git(site, "show", "--numstat", "--format=") == "1\t1\t_news/a.md\n"
    assert not list((site.folder / ".git").glob("*.lock"))


def test_a_signal_before_the_commit_leaves_everything_as_it_was(site: Newsdesk) -> None:
    hook(site, "pre-commit", "echo > reached; sleep 20")
    with site.start("review", "--commit") as process:
        wait_until((site.folder / "reached").exists)
        process.terminate()
        assert process.wait(10) == 143
    (site.folder / "reached").unlink()
    assert git(site, "status", "--porcelain") == " M _news/a.md\n"
    assert not list((site.folder / ".git").glob("*.lock"))
    hook(site, "pre-commit", "")
    assert site.here("review", "--commit").code == 0


def test_a_lock_of_a_git_that_newsdesk_did_not_start_is_named_and_stays(site: Newsdesk) -> None:
    lock = site.folder / ".git" / "index.lock"
    lock.touch()
    done = site.here("review", "--commit")
    assert done.code == 1
    assert "Another git (of " in done.err
    assert f"remove {lock}" in done.err
    assert lock.exists()
    lock.write_text("newsdesk elsewhere.example.org 4711\n")
    assert "newsdesk on elsewhere.example.org (process 4711" in site.here("review", "--commit").err
    assert lock.exists()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
