"""The review: what a sitting changed, and one commit of exactly that."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsdesk.collection.article import Status
from newsdesk.collection.parser import read_article
from newsdesk.errors import NewsdeskError
from newsdesk.workspace.review import git_command, git_index
from newsdesk.workspace.review.git_command import GitRefused, NoRepository
from newsdesk.workspace.review.git_commit import CommitRefused
from newsdesk.workspace.review.review import MAX_TITLES, LineChange, line_changes, warnings_of

from .git_site import Site, opened, text


def paths(found: Sequence[object]) -> list[str]:
    return [each.path for each in found]  # type: ignore[attr-defined]


# -- looking -----------------------------------------------------------------------------------


def test_a_decision_is_shown_as_its_one_line(committed: Site) -> None:
    committed.publish("_news/a.md")
    index = (committed.top / ".git" / "index").read_bytes()
    review = committed.review()
    (file,) = review.files
    assert (file.path, file.title, file.verb) == ("_news/a.md", "First", "publish")
    assert file.lines == (LineChange(5, "published: false", "published: true"),)
    assert (file.before, file.after) == (Status.UNPUBLISHED, Status.PUBLISHED)
    assert not file.has_other_changes
    assert not file.warnings
    assert review.notes == ()
    assert review.obstacle is None
    totals = review.summary()
    assert totals.verbs == (("publish", 1),)
    assert totals.topics == (("AI", 1),)
    assert totals.providers == (("example.com", 1),)
    assert (totals.published, totals.unpublished, totals.warnings) == (1, 0, 0)
    assert (committed.top / ".git" / "index").read_bytes() == index
    committed.git("fsck", "--strict", "--unreachable")


def test_what_others_changed_is_not_shown_unless_asked_for(committed: Site) -> None:
    committed.publish("_news/a.md")
    committed.write("_news/b.md", text("Second, rewritten"))
    committed.write("_news/c.md", text("New"))
    committed.write("notes.md", "no front matter\n")
    assert paths(committed.review().files) == ["_news/a.md"]
    kinds = {file.path: file.kind for file in committed.review(everything=True).files}
    assert kinds == {"_news/a.md": "decision", "_news/b.md": "changed", "_news/c.md": "new"}


def test_what_was_undone_is_not_shown(committed: Site) -> None:
    committed.publish("_news/a.md")
    committed.workspace.undo()
    assert committed.review().files == ()


def test_undoing_what_is_committed_is_a_change_to_commit(committed: Site) -> None:
    committed.write("_news/c.md", text("Without", status=""))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    committed.publish("_news/a.md", "_news/c.md")
    committed.review().commit()
    assert committed.review().files == ()
    committed.workspace.undo()
    review = committed.review()
    assert [(file.path, file.verb) for file in review.files] == [
        ("_news/a.md", "unpublish"),
        ("_news/c.md", "unset"),
    ]
    review.commit()
    assert committed.numstat() == ["0\t1\t_news/c.md", "1\t1\t_news/a.md"]
    assert committed.status() == []
    assert committed.git("diff", "HEAD~2") == ""


def test_older_decisions_are_left_out_since_a_moment(committed: Site) -> None:
    committed.publish("_news/a.md")
    now = datetime.now(UTC)
    committed.publish("_news/b.md")
    assert paths(committed.review(since=now).files) == ["_news/b.md"]
    assert paths(committed.review(since=now - timedelta(hours=1)).files) == [
        "_news/a.md",
        "_news/b.md",
    ]


def test_a_commit_in_between_hides_no_decision(committed: Site) -> None:
    committed.publish("_news/a.md")
    committed.write("_news/b.md", text("By the bot"))
    committed.git("commit", "-qm", "bot", "_news/b.md")
    assert paths(committed.review().files) == ["_news/a.md"]


def test_a_field_that_somebody_else_changed_is_left_out(committed: Site) -> None:
    committed.publish("_news/a.md", "_news/b.md")
    committed.write("_news/a.md", text("First", status=""))
    committed.write("_news/b.md", text("Second"))  # as it was: nothing to say
    review = committed.review()
    assert review.files == ()
    assert paths(review.left_out) == ["_news/a.md"]
    assert "somebody else" in review.left_out[0].reason


def test_without_git_the_journal_tells_and_nothing_can_be_committed(site: Site) -> None:
    site.write("_news/a.md", text("First"))
    site.write("_news/b.md", text("Without", status=""))
    site.publish("_news/a.md", "_news/b.md")
    site.workspace.set_published(["_news/a.md"], False)
    site.workspace.set_published(["_news/a.md"], True)
    review = site.review()
    assert [file.lines for file in review.files] == [
        (LineChange(5, "published: false", "published: true"),),
        (LineChange(5, None, "published: true"),),
    ]
    assert "is in no git repository" in review.notes[0]
    with pytest.raises(NoRepository, match="no git repository"):
        review.commit()
    assert set(review.revert().changed) == {"_news/a.md", "_news/b.md"}
    assert site.review().files == ()


def test_without_a_journal_there_is_nothing_and_none_is_made(committed: Site) -> None:
    assert committed.review().files == ()
    assert not committed.workspace.config.journal_path.exists()
    with pytest.raises(NewsdeskError, match="nothing to commit"):
        committed.review().commit()


# -- the commit --------------------------------------------------------------------------------


def test_the_commit_takes_one_line_per_file_and_leaves_a_clean_tree(committed: Site) -> None:
    committed.publish("_news/a.md", "_news/b.md")
    result = committed.review().commit()
    assert committed.status() == []
    assert committed.git("diff-files") == ""
    assert committed.numstat() == ["1\t1\t_news/a.md", "1\t1\t_news/b.md"]
    assert committed.git("rev-parse", "main").strip() == result.id
    assert result.subject == "Publish 2 articles"
    assert result.paths == ("_news/a.md", "_news/b.md")
    assert committed.git("show", "-s", "--format=%B").startswith(
        "Publish 2 articles\n\n- First\n- Second\n"
    )
    committed.assert_sound()


def test_somebody_elses_lines_in_the_same_file_stay_uncommitted(committed: Site) -> None:
    committed.publish("_news/a.md")
    file = committed.folder / "_news/a.md"
    file.write_bytes(file.read_bytes().replace(b"quality: 70", b"quality: 71"))
    before = file.read_bytes()
    review = committed.review()
    assert review.files[0].has_other_changes
    review.commit()
    assert file.read_bytes() == before
    assert committed.numstat() == ["1\t1\t_news/a.md"]
    assert "+published: true" in committed.git("show")
    assert committed.status() == [" M _news/a.md"]
    rest = committed.git("diff", "-U0")
    assert "+quality: 71" in rest
    assert "published" not in rest.split("@@", 2)[2]


def test_staged_and_unstaged_changes_of_others_stay_what_they_are(committed: Site) -> None:
    committed.write("_news/c.md", text("Third"))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    committed.publish("_news/a.md")
    committed.write("_news/b.md", text("Staged"))
    committed.write("_news/new.md", text("Staged too"))
    committed.git("add", "_news/b.md", "_news/new.md")
    committed.write("_news/b.md", text("Staged and changed again"))
    committed.write("_news/c.md", text("Unstaged"))
    committed.write("_news/loose.md", text("Untracked"))
    before = committed.status()
    staged = committed.git("diff", "--cached", "--", "_news/b.md", "_news/new.md")
    committed.review().commit()
    assert committed.numstat() == ["1\t1\t_news/a.md"]
    assert committed.status() == [line for line in before if "a.md" not in line]
    assert committed.git("diff", "--cached", "--", "_news/b.md", "_news/new.md") == staged
    committed.assert_sound()


def test_another_staged_version_of_the_file_gets_the_line_too(committed: Site) -> None:
    file = committed.write("_news/a.md", text("First, staged"))
    committed.git("add", "-A")
    committed.publish("_news/a.md")
    committed.review().commit()
    assert committed.numstat() == ["1\t1\t_news/a.md"]
    staged = committed.git("diff", "--cached", "-U0")
    assert "staged" in staged
    assert "published" not in staged.split("@@", 2)[2]  # their next commit takes nothing back
    assert committed.status() == ["M  _news/a.md"]
    assert b"First, staged" in file.read_bytes()


def test_a_decision_that_is_staged_already_is_committed(committed: Site) -> None:
    committed.publish("_news/a.md")
    committed.git("add", "-A")
    committed.review().commit()
    assert committed.status() == []
    assert committed.numstat() == ["1\t1\t_news/a.md"]


@pytest.mark.parametrize("setting", ["false", "true", "input"])
@pytest.mark.parametrize("attributes", ["", "* text=auto\n", "* -text\n", "*.md text eol=crlf\n"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_make_no_whole_file_change(
    site: Site, setting: str, attributes: str, ending: str
) -> None:
    site.write("_news/a.md", text().replace("\n", ending))
    site.write("_news/b.md", text(status="").replace("\n", ending))
    site.git("init", "-q")
    site.git("add", "-A")  # as they are, before anybody thought of attributes
    site.git("commit", "-qm", "before")
    site.git("config", "core.autocrlf", setting)
    if attributes:
        (site.top / ".git" / "info").mkdir(exist_ok=True)
        (site.top / ".git" / "info" / "attributes").write_text(attributes)
    site.publish("_news/a.md", "_news/b.md")
    site.review().commit()
    assert site.numstat() == ["1\t0\t_news/b.md", "1\t1\t_news/a.md"]


def test_crlf_files_are_clean_after_the_commit(site: Site) -> None:
    site.write("_news/a.md", text().replace("\n", "\r\n"))
    site.write("_news/b.md", text(status="").replace("\n", "\r\n"))
    site.init("core.autocrlf=true")
    site.publish("_news/a.md", "_news/b.md")
    review = site.review()
    assert [file.has_other_changes for file in review.files] == [False, False]
    review.commit()
    assert site.status() == []
    assert site.numstat() == ["1\t0\t_news/b.md", "1\t1\t_news/a.md"]


def test_a_collection_in_a_subfolder_is_all_that_is_looked_at(
    environment: None, tmp_path: Path
) -> None:
    site = opened(tmp_path / "repo" / ":(glob)*" / "site", tmp_path / "repo", tmp_path)
    site.write("_news/a.md", text("Here"))
    (site.top / "outside.md").write_text(text("Outside"))
    site.init()
    site.publish("_news/a.md")
    (site.top / "outside.md").write_text(text("Outside, changed"))
    review = site.review(everything=True)
    assert paths(review.files) == ["_news/a.md"]
    review.commit()
    assert site.numstat() == ["1\t1\t:(glob)*/site/_news/a.md"]
    assert site.status() == [" M outside.md"]
    site.workspace.close()


def test_unusual_names_are_taken_literally(site: Site) -> None:
    names = ["a b.md", "-dash.md", "quo\"te's.md", "new\nline.md", "*.md", ":!x.md", "ü\\.md"]
    for name in names:
        site.write(name, text(name.replace('"', "").replace("\n", " ").replace("\\", "")))
    site.write("left.md", text("Not decided"))
    site.init()
    site.publish(*names)
    site.write("left.md", text("Changed by another"))
    review = site.review()
    assert sorted(paths(review.files)) == sorted(names)
    result = review.commit()
    assert sorted(result.paths) == sorted(names)
    assert site.numstat() == sorted(f"1\t1\t{name}" for name in names)
    assert site.status() == [" M left.md"]
    site.assert_sound()


def test_names_that_are_no_text_disturb_nothing(committed: Site) -> None:
    odd = os.fsencode(committed.folder) + b"/_news/\xff.md"
    try:
        Path(os.fsdecode(odd)).write_text(text("Odd"))
    except OSError:
        pytest.skip("the system wants UTF-8")
    committed.publish("_news/a.md")
    review = committed.review(everything=True)
    assert paths(review.files) == ["_news/a.md"]
    review.commit()
    assert committed.numstat() == ["1\t1\t_news/a.md"]


def test_all_changes_are_committed_whole(committed: Site) -> None:
    committed.write("_news/gone.md", text("Gone"))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    committed.publish("_news/a.md")
    committed.write("_news/b.md", text("Rewritten", more="category: news\n"))
    committed.write("_news/new.md", text("New"))
    committed.git("add", "_news/new.md")
    (committed.folder / "_news/gone.md").unlink()
    committed.write("style.css", "body {}\n")
    review = committed.review(everything=True)
    assert [(file.path, file.verb) for file in review.files] == [
        ("_news/a.md", "publish"),
        ("_news/b.md", "change"),
        ("_news/gone.md", "remove"),
        ("_news/new.md", "add"),
    ]
    assert review.files[1].lines == (
        LineChange(2, 'title: "Second"', 'title: "Rewritten"'),
        LineChange(14, None, "category: news"),
    )
    review.commit()
    assert committed.status() == ["?? style.css"]
    assert committed.git("show", "-s", "--format=%s").strip() == (
        "Add 1, change 1, publish 1, remove 1 article"
    )
    committed.assert_sound()


def test_a_new_or_ignored_file_is_left_out_with_the_reason(committed: Site) -> None:
    committed.write(".gitignore", "ignored.md\n")
    for name in ("new.md", "staged.md", "ignored.md"):
        committed.write(f"_news/{name}", text())
    committed.git("add", "_news/staged.md")
    committed.publish("_news/a.md", "_news/new.md", "_news/staged.md", "_news/ignored.md")
    review = committed.review()
    assert paths(review.files) == ["_news/a.md"]
    reasons = {left.path: left.reason for left in review.left_out}
    assert "new to git" in reasons["_news/new.md"]
    assert "new to git" in reasons["_news/staged.md"]
    assert "ignores" in reasons["_news/ignored.md"]


def test_what_changed_after_the_review_is_not_committed(committed: Site) -> None:
    committed.publish("_news/a.md", "_news/b.md")
    review = committed.review()
    committed.workspace.set_published(["_news/b.md"], False)
    result = review.commit()
    assert result.paths == ("_news/a.md",)
    assert paths(result.left_out) == ["_news/b.md"]
    assert committed.numstat() == ["1\t1\t_news/a.md"]


def test_the_mode_of_a_file_stays(committed: Site) -> None:
    (committed.folder / "_news/a.md").chmod(0o755)
    committed.git("commit", "-qam", "mode")
    committed.publish("_news/a.md")
    committed.review().commit()
    assert committed.git("ls-tree", "HEAD", "_news/a.md").startswith("100755")
    assert committed.status() == []


FLAGS = ["assume-unchanged", "skip-worktree"]


@pytest.mark.parametrize("flag", FLAGS)
def test_a_file_that_git_does_not_look_at_is_shown_named_and_committed(
    committed: Site, flag: str
) -> None:
    committed.write("_news/c.md", text("Third"))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    committed.git("update-index", f"--{flag}", "_news/a.md", "_news/c.md")
    committed.publish("_news/a.md", "_news/b.md")
    committed.write("_news/c.md", text("Kept out of commits"))
    flags = committed.git("ls-files", "-v")
    review = committed.review()
    assert paths(review.files) == ["_news/a.md", "_news/b.md"]
    assert f"_news/a.md: flagged {flag}" in review.notes[0]
    whole = committed.review(everything=True)
    assert paths(whole.files) == ["_news/a.md", "_news/b.md"]
    assert [(left.path, flag in left.reason) for left in whole.left_out] == [("_news/c.md", True)]
    assert set(review.commit().paths) == {"_news/a.md", "_news/b.md"}
    assert committed.numstat() == ["1\t1\t_news/a.md", "1\t1\t_news/b.md"]
    assert committed.git("ls-files", "-v") == flags
    assert committed.git("diff", "--cached") == ""
    assert committed.review().files == ()
    committed.git("update-index", f"--no-{flag}", "_news/a.md", "_news/c.md")
    assert committed.status() == [" M _news/c.md"]


def test_what_was_published_and_undone_is_no_reason_to_warn(committed: Site) -> None:
    committed.write(".gitignore", "ignored.md\n")
    names = ["_news/new.md", "_news/staged.md", "_news/ignored.md"]
    for name in names:
        committed.write(name, text())
    committed.git("add", "_news/staged.md")
    committed.publish(*names)
    assert sorted(paths(committed.review().left_out)) == sorted(names)
    committed.workspace.undo()
    assert committed.review().left_out == ()
    committed.publish("_news/new.md")
    committed.workspace.set_published(["_news/new.md"], False)
    assert committed.review().left_out == ()


# What the pre-commit framework does with a hook that fixes files: it puts unstaged changes away,
# runs the hook, brings them back, throwing away fixes that are in conflict with them.
FIXING = r"""
names=$(git diff --cached --name-only)
git diff --binary > .git/unstaged
if [ -s .git/unstaged ]; then git checkout -q -- .; fi
before=$(cat $names | cksum)
sed -i 's/[ \t]*$//' $names
after=$(cat $names | cksum)
if [ -s .git/unstaged ]; then
    git apply .git/unstaged 2> /dev/null || { git checkout -q -- .; git apply .git/unstaged; }
fi
if [ "$before" != "$after" ]; then echo "files were modified by this hook" >&2; exit 1; fi
"""


def test_what_a_hook_made_of_the_files_can_be_committed(committed: Site) -> None:
    committed.write("_news/a.md", text("First").replace("Body.", "Body.  "))
    committed.git("commit", "-qam", "white space at the end of a line")
    committed.hook("pre-commit", FIXING)
    committed.publish("_news/a.md", "_news/b.md")
    for _ in range(2):  # once more does not help: the fix is a change that stays out of it
        with pytest.raises(CommitRefused, match="did not commit") as told:
            committed.review().commit()
    assert "modified by this hook" in told.value.words
    committed.write("_news/a.md", text("First", "published: true\n").replace("Body.", "Body.  "))
    review = committed.review()
    with pytest.raises(CommitRefused) as told:
        review.commit()
    assert told.value.changed == ("_news/a.md",)
    assert "Body.  " not in (committed.folder / "_news/a.md").read_text()
    made = review.commit(whole_paths=told.value.changed)
    assert made.left_out == ()
    assert committed.numstat() == ["1\t1\t_news/b.md", "2\t2\t_news/a.md"]
    assert committed.status() == []


# -- the message -------------------------------------------------------------------------------


def test_the_message_counts_and_names_what_was_done(site: Site) -> None:
    for number in range(MAX_TITLES + 3):
        site.write(f"{number:02}.md", text(f"Story {number} \\e]52;c;x\\a"))
    site.write("on.md", text("On", status="published: true\n"))
    site.init()
    site.publish(*(f"{number:02}.md" for number in range(MAX_TITLES + 3)))
    site.workspace.set_published(["on.md"], False)
    lines = site.review().message().split("\n")
    assert lines[0] == f"Publish {MAX_TITLES + 3}, unpublish 1 article"
    assert lines[1] == ""
    assert lines[2] == "- publish: Story 0 ␛]52;c;x␇"
    assert lines[-2:] == ["- and 4 more", ""]
    assert len(lines) == MAX_TITLES + 4


def test_a_message_is_kept_as_it_was_written(committed: Site) -> None:
    committed.publish("_news/a.md")
    committed.review().commit("#1 story – “gone out”\n\n# not a comment\n-F\n")
    assert committed.git("show", "-s", "--format=%B").rstrip("\n") == (
        "#1 story – “gone out”\n\n# not a comment\n-F"
    )


def test_an_empty_message_is_refused(committed: Site) -> None:
    committed.publish("_news/a.md")
    with pytest.raises(NewsdeskError, match="empty"):
        committed.review().commit(" \n")


# -- what git may say --------------------------------------------------------------------------


def snapshot(site: Site) -> tuple[str, bytes, list[str], bytes]:
    return (
        site.git("rev-parse", "HEAD"),
        (site.top / ".git" / "index").read_bytes(),
        site.status(),
        (site.folder / "_news/a.md").read_bytes(),
    )


@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg", "prepare-commit-msg"])
def test_a_hook_that_fails_leaves_everything_as_it_was(committed: Site, hook: str) -> None:
    committed.hook(hook, "echo 'no: \033[31mthe house style' >&2; echo 'see line 5' >&2; exit 3")
    committed.publish("_news/a.md")
    committed.write("_news/b.md", text("Staged"))
    committed.git("add", "_news/b.md")
    before = snapshot(committed)
    with pytest.raises(GitRefused) as told:
        committed.review().commit()
    assert "no: \033[31mthe house style\nsee line 5" in told.value.words
    assert "Nothing was committed" in told.value.remedy
    assert snapshot(committed) == before
    committed.assert_sound()


def test_hooks_see_our_change_and_nothing_else(committed: Site) -> None:
    committed.hook(
        "pre-commit", "git diff --cached --name-only > seen; git diff --cached --stat >&2"
    )
    committed.hook("commit-msg", 'echo "Reviewed-by: hook" >> "$1"')
    committed.write("_news/b.md", text("Staged"))
    committed.git("add", "_news/b.md")
    committed.publish("_news/a.md")
    result = committed.review().commit()
    assert (committed.top / "seen").read_text() == "_news/a.md\n"
    assert "Reviewed-by: hook" in committed.git("show", "-s", "--format=%B")
    assert "1 insertion(+), 1 deletion(-)" in result.words


def test_what_a_hook_adds_is_in_the_commit_and_the_index(committed: Site) -> None:
    committed.write("count.txt", "1\n")
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    committed.hook("pre-commit", "echo 2 > count.txt; git add count.txt")
    committed.publish("_news/a.md")
    committed.review().commit()
    assert committed.numstat() == ["1\t1\t_news/a.md", "1\t1\tcount.txt"]
    assert committed.status() == []


def test_a_hook_that_leaves_something_running_does_not_hold_us_up(committed: Site) -> None:
    committed.hook("post-commit", "sleep 20 &")
    committed.publish("_news/a.md")
    begun = datetime.now(UTC)
    committed.review().commit()
    assert datetime.now(UTC) - begun < timedelta(seconds=10)


def test_a_hook_finds_no_terminal_to_ask_on(committed: Site) -> None:
    committed.hook("pre-commit", "read answer < /dev/tty || exit 1")
    committed.publish("_news/a.md")
    with pytest.raises(GitRefused, match="did not commit"):
        committed.review().commit()


def test_signing_that_fails_is_told_in_gits_words(committed: Site) -> None:
    committed.git("config", "commit.gpgSign", "true")
    committed.git("config", "gpg.program", "false")
    committed.publish("_news/a.md")
    before = snapshot(committed)
    with pytest.raises(GitRefused, match="gpg failed to sign"):
        committed.review().commit()
    assert snapshot(committed) == before


def test_a_merge_under_way_is_not_concluded(committed: Site) -> None:
    committed.git("checkout", "-qb", "other")
    committed.write("_news/b.md", text("Theirs"))
    committed.git("commit", "-qam", "theirs")
    committed.git("checkout", "-q", "main")
    committed.write("_news/b.md", text("Ours"))
    committed.git("commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        committed.git("merge", "other")
    committed.publish("_news/a.md")
    before = snapshot(committed)
    review = committed.review()
    assert paths(review.files) == ["_news/a.md"]
    assert "git merge --abort" in review.notes[0]
    with pytest.raises(GitRefused, match="A merge is under way"):
        review.commit()
    assert snapshot(committed) == before


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (["rebase", "other"], "A rebase"),
        (["cherry-pick", "other"], "A cherry-pick"),
        (["revert", "HEAD~1"], "A git revert"),
        (["merge", "--squash", "apart"], "A squash merge"),
    ],
)
def test_other_work_under_way_is_told(committed: Site, start: list[str], name: str) -> None:
    committed.git("checkout", "-qb", "other")
    committed.write("_news/b.md", text("Theirs"))
    committed.git("commit", "-qam", "theirs")
    committed.git("checkout", "-qb", "apart", "main")
    committed.write("_news/c.md", text("Apart"))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "apart")
    committed.git("checkout", "-q", "main")
    for title in ("Ours", "Ours again"):
        committed.write("_news/b.md", text(title))
        committed.git("commit", "-qam", title)
    try:
        committed.git(*start)
    except subprocess.CalledProcessError:
        assert start[0] != "merge"
    committed.publish("_news/a.md")
    with pytest.raises(GitRefused, match=f"{name} is under way"):
        committed.review().commit()


def test_a_file_in_conflict_is_left_out(committed: Site) -> None:
    committed.publish("_news/a.md", "_news/b.md")
    for title in ("Stashed", "Meanwhile"):
        file = committed.folder / "_news/b.md"
        file.write_bytes(file.read_bytes().replace(b"Second", title.encode()))
        if title == "Stashed":
            committed.git("stash", "push", "-q", "--", "_news/b.md")
    committed.git("commit", "-qm", "meanwhile", "_news/b.md")
    with pytest.raises(subprocess.CalledProcessError):
        committed.git("stash", "pop")
    review = committed.review()
    assert paths(review.files) == ["_news/a.md"]
    assert "in conflict" in review.left_out[0].reason
    review.commit()
    assert committed.numstat() == ["1\t1\t_news/a.md"]
    assert "UU _news/b.md" in committed.status()


def test_a_detached_head_is_committed_to_and_said(committed: Site) -> None:
    committed.git("checkout", "-q", "--detach")
    committed.publish("_news/a.md")
    review = committed.review()
    result = review.commit()
    assert "HEAD is detached" in result.notes[0]
    assert committed.git("rev-parse", "HEAD").strip() == result.id
    assert committed.git("rev-parse", "main").strip() != result.id
    assert committed.status() == []


def test_a_missing_identity_is_told_in_gits_words(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed.publish("_news/a.md")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    committed.git("config", "user.useConfigOnly", "true")
    review = committed.review()
    assert paths(review.files) == ["_news/a.md"]
    with pytest.raises(GitRefused, match="who you are") as told:
        review.commit()
    assert "git config" in told.value.remedy
    assert told.value.words


def test_a_locked_index_is_told_before_anything_is_committed(
    committed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_index, "LOCK_WAIT_SECONDS", 0.05)
    committed.publish("_news/a.md")
    lock = committed.top / ".git" / "index.lock"
    lock.write_bytes(b"theirs")
    review = committed.review()
    with pytest.raises(GitRefused, match=r"index\.lock") as told:
        review.commit()
    assert "Another git process seems to be running" in told.value.words
    assert lock.read_bytes() == b"theirs"
    assert committed.git("rev-list", "--count", "HEAD").strip() == "1"
    lock.unlink()
    review.commit()
    assert committed.status() == []


def test_no_commit_yet(site: Site) -> None:
    site.write("_news/a.md", text("First"))
    site.git("init", "-q")
    site.publish("_news/a.md")
    review = site.review()
    assert paths(review.files) == ["_news/a.md"]
    with pytest.raises(GitRefused, match="no commit yet"):
        review.commit()


def test_a_submodule_gets_the_commit_and_the_superproject_is_named(
    environment: None, tmp_path: Path
) -> None:
    origin = opened(tmp_path / "origin", tmp_path / "origin", tmp_path)
    origin.write("_news/a.md", text("First"))
    origin.init()
    origin.workspace.close()
    outer = tmp_path / "outer"
    subprocess.run(["git", "init", "-q", str(outer)], check=True)
    add = ["git", "-C", str(outer), "-c", "protocol.file.allow=always", "submodule", "--quiet"]
    subprocess.run([*add, "add", str(tmp_path / "origin"), "site"], check=True)
    site = opened(outer / "site", outer / "site", tmp_path)
    site.publish("_news/a.md")
    result = site.review().commit()
    assert "submodule" in result.notes[0]
    assert site.numstat() == ["1\t1\t_news/a.md"]
    assert site.status() == []
    site.workspace.close()


def test_a_linked_worktree_has_an_index_of_its_own(committed: Site, tmp_path: Path) -> None:
    committed.git("worktree", "add", "-q", "-b", "desk", str(tmp_path / "linked"))
    site = opened(tmp_path / "linked", tmp_path / "linked", tmp_path)
    site.publish("_news/a.md")
    site.review().commit()
    assert site.status() == committed.status() == []
    assert site.numstat() == ["1\t1\t_news/a.md"]
    site.workspace.close()


def test_a_bare_repository_and_a_missing_git_fall_back_to_the_journal(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.git("init", "-q", "--bare")
    site.write("_news/a.md", text("First"))
    site.publish("_news/a.md")
    review = site.review()
    assert paths(review.files) == ["_news/a.md"]
    with pytest.raises(GitRefused, match="work tree"):
        review.commit()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    review = site.review()
    assert paths(review.files) == ["_news/a.md"]
    with pytest.raises(NoRepository, match="no git program"):
        review.commit()


@pytest.mark.skipif(os.getuid() != 0, reason="needs the right to give files away")
def test_a_repository_of_somebody_else_is_told_in_gits_words(committed: Site) -> None:
    committed.publish("_news/a.md")
    for place in (committed.top, committed.top / ".git"):
        os.chown(place, 12345, 12345)
    review = committed.review()
    assert paths(review.files) == ["_news/a.md"]
    with pytest.raises(GitRefused) as told:
        review.commit()
    assert "safe.directory" in told.value.words


def test_variables_of_another_repository_do_not_lead_astray(
    committed: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    committed.publish("_news/a.md")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_NOGLOB_PATHSPECS", "1")
    committed.review().commit()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_NOGLOB_PATHSPECS"):
        monkeypatch.delenv(name)
    assert committed.numstat() == ["1\t1\t_news/a.md"]


@pytest.mark.parametrize("theirs", ["the same file", "nothing", "nothing, and other lines differ"])
def test_a_commit_that_slips_in_between_is_not_taken_back(
    committed: Site, monkeypatch: pytest.MonkeyPatch, theirs: str
) -> None:
    committed.publish("_news/a.md")
    if "differ" in theirs:
        committed.write("_news/a.md", text("Other", status="published: true\n"))
    real = git_command.Git.commit

    def slipped(self: git_command.Git, *arguments: str, **options: Any) -> str:
        other = committed.top / "other-index"
        git = ["git", "-C", str(committed.top)]
        given = text("Theirs") if theirs == "the same file" else text("First")
        variables = os.environ | {"GIT_INDEX_FILE": str(other)}

        def run(*words: str) -> str:
            done = subprocess.run(
                [*git, *words],
                env=variables,
                check=True,
                capture_output=True,
                text=True,
                input=given,
            )
            return done.stdout.strip()

        run("read-tree", "HEAD")
        id_ = run("hash-object", "-w", "--stdin")
        run("update-index", "--cacheinfo", f"100644,{id_},_news/a.md")
        commit = run("commit-tree", "-p", "HEAD", "-m", "theirs", run("write-tree"))
        committed.git("update-ref", "HEAD", commit)
        other.unlink()
        return real(self, *arguments, **options)

    monkeypatch.setattr(git_command.Git, "commit", slipped)
    if theirs == "nothing":  # nothing of it would be lost
        committed.review().commit()
        assert committed.numstat() == ["1\t1\t_news/a.md"]
        assert committed.git("show", "-s", "--format=%s", "HEAD^").strip() == "theirs"
        assert committed.status() == []
    else:
        with pytest.raises(GitRefused, match="same moment"):
            committed.review().commit()
        assert committed.git("show", "-s", "--format=%s").strip() == "theirs"
    committed.assert_sound()


@pytest.mark.parametrize("setting", ["core.splitIndex=true", "core.fileMode=false"])
def test_kinds_of_index(site: Site, setting: str) -> None:
    site.write("_news/a.md", text("First"))
    site.write("_news/b.md", text("Second"))
    site.init(setting)
    site.git("update-index", "--split-index" if "split" in setting else "--refresh")
    site.publish("_news/a.md")
    (site.folder / "_news/b.md").unlink()
    site.review(everything=True).commit()
    assert site.status() == []
    site.assert_sound()


def test_ids_of_another_length(site: Site) -> None:
    site.write("_news/a.md", text("First"))
    site.write("_news/b.md", text("Second"))
    site.git("init", "-q", "--object-format=sha256")
    site.init()
    site.publish("_news/a.md")
    (site.folder / "_news/b.md").unlink()
    result = site.review(everything=True).commit()
    assert len(result.id) == 64
    assert site.status() == []


def test_the_index_keeps_its_mode(committed: Site) -> None:
    index = committed.top / ".git" / "index"
    index.chmod(0o664)
    committed.publish("_news/a.md")
    committed.review().commit()
    assert stat.S_IMODE(index.stat().st_mode) == 0o664


# -- taking back -------------------------------------------------------------------------------


def test_reverting_restores_every_byte_and_is_one_undo(committed: Site) -> None:
    committed.write("_news/c.md", text("Without", status=""))
    committed.git("add", "-A")
    committed.git("commit", "-qm", "more")
    before = {path: (committed.folder / path).read_bytes() for path in ("_news/a.md", "_news/c.md")}
    committed.publish("_news/a.md", "_news/b.md", "_news/c.md")
    action = committed.review().revert(["_news/a.md", "_news/c.md", "_news/x.md"])
    assert set(action.changed) == {"_news/a.md", "_news/c.md"}
    assert paths(action.refused) == ["_news/x.md"]
    assert {path: (committed.folder / path).read_bytes() for path in before} == before
    assert paths(committed.review().files) == ["_news/b.md"]
    undone = committed.workspace.undo()
    assert undone is not None
    assert set(undone.changed) == {"_news/a.md", "_news/c.md"}
    assert len(committed.review().files) == 3


def test_reverting_keeps_the_edits_of_others(committed: Site) -> None:
    committed.publish("_news/a.md", "_news/b.md")
    file = committed.folder / "_news/a.md"
    file.write_bytes(file.read_bytes().replace(b"quality: 70", b"quality: 71"))
    review = committed.review()
    committed.workspace.set_published(["_news/b.md"], False)
    action = review.revert()
    assert action.changed == ("_news/a.md",)
    assert paths(action.refused) == ["_news/b.md"]
    article = read_article("_news/a.md", file.read_bytes())
    assert (article.status, article.quality) == (Status.UNPUBLISHED, 71)


def test_changes_of_others_are_not_reverted(committed: Site) -> None:
    committed.write("_news/a.md", text("Rewritten"))
    before = (committed.folder / "_news/a.md").read_bytes()
    action = committed.review(everything=True).revert()
    assert paths(action.refused) == ["_news/a.md"]
    assert (committed.folder / "_news/a.md").read_bytes() == before


# -- lines and warnings ------------------------------------------------------------------------


def test_lines_are_numbered_as_they_stand() -> None:
    before, after = b"a\nb\nc\nd\n", b"a\r\nB\r\nd\r\ne\r\n"
    assert line_changes(before, after) == (
        LineChange(2, "b", "B"),
        LineChange(3, "c", None),
        LineChange(4, None, "e"),
    )
    assert line_changes(b"a\n", b"a\r\n") == ()
    many = b"".join(b"%d\n" % number for number in range(5000))
    assert len(line_changes(many, many.replace(b"1", b"x"))) > 1000


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ("webUrl: javascript:alert(1)", {"no-address", "no-image", "junk-provider"}),
        ("provider: {name: www}", {"junk-provider"}),
        ("provider: {name: 'Home | The Example'}", {"junk-provider"}),
        ("provider: {name: Index of /news}", {"junk-provider"}),
        ("provider: {name: default.aspx}", {"junk-provider"}),
        ("provider: {name: The Index}", set()),
        ("provider: {name: Homeland News}", set()),
        ("publishedDateTime: 2999-01-01T00:00:00Z", {"future-date"}),
        ("publishedDateTime: 2020-01-01T00:00:00Z", set()),
        ("published: 'false'", {"published-not-boolean"}),
    ],
)
def test_warnings_name_what_an_editor_should_know(fields: str, codes: set[str]) -> None:
    rest = "" if "webUrl" in fields else "webUrl: https://example.com/\nimages: [https://e.com/i]\n"
    rest += "" if "provider" in fields or not rest else "provider: {name: Example}\n"
    article = read_article("a.md", f"---\ntitle: A\n{rest}{fields}\n---\n".encode())
    assert {problem.code for problem in warnings_of(article)} == codes


# -- a commit that was interrupted elsewhere ---------------------------------------------------


def test_a_commit_of_another_computer_is_named_and_left_alone(committed: Site) -> None:
    committed.publish("_news/a.md")
    record = committed.workspace.config.commit_path
    told = {"host": "elsewhere", "pid": 1, "folder": str(committed.folder), "head": "0" * 40}
    record.write_text(json.dumps(told | {"lock": "newsdesk elsewhere 1\n"}) + "\n")
    lock = committed.top / ".git" / "index.lock"
    lock.write_text("newsdesk elsewhere 1\n")
    committed.workspace.recover()
    assert committed.workspace.notices == ["newsdesk on elsewhere has not finished a commit here."]
    with pytest.raises(GitRefused, match="newsdesk on elsewhere"):
        committed.review().commit()
    assert record.exists()
    assert lock.exists()


def test_a_record_that_was_cut_off_is_removed(committed: Site) -> None:
    committed.publish("_news/a.md")
    record = committed.workspace.config.commit_path
    for content in ("", "{", '{"host": "x"}\n'):
        record.write_text(content)
        committed.workspace.recover()
        assert not record.exists()
    committed.review().commit()
    assert committed.status() == []


def test_the_locks_of_a_killed_git_are_removed_and_older_ones_are_not(committed: Site) -> None:
    committed.publish("_news/a.md")
    with subprocess.Popen(["true"]) as ended:
        pass
    git_folder = committed.top / ".git"
    old, new = git_folder / "packed-refs.lock", git_folder / "refs" / "heads" / "main.lock"
    index = git_folder / "index.lock"
    for lock in (old, new, index):
        lock.touch()
    os.utime(old, (1, 1))
    told = {"host": socket.gethostname(), "pid": ended.pid, "git": ended.pid, "locking": True}
    told |= {"folder": str(committed.folder), "head": committed.git("rev-parse", "HEAD").strip()}
    told |= {"lock": f"newsdesk x {ended.pid}\n", "began": 2.0}
    committed.workspace.config.commit_path.write_text(json.dumps(told) + "\n")
    committed.workspace.recover()
    assert [lock.exists() for lock in (old, new, index)] == [True, False, False]
