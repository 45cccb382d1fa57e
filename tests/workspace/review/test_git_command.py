"""A repository that a stranger wrote runs no program: not for a review, not before a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from newsdesk.errors import NewsdeskError
from newsdesk.workspace.review import git_command
from newsdesk.workspace.review.review import Review

from .git_site import Site, opened, text

HOOKS = """
    applypatch-msg commit-msg fsmonitor-watchman post-checkout post-commit post-index-change
    post-rewrite pre-auto-gc pre-commit prepare-commit-msg reference-transaction
""".split()
# Every key of git-config(1) up to git 2.55 whose value git executes, from the sections of the
# commands that they belong to. `*` stands for a script of the test's own.
KEYS = """
    alias.config=!* alias.status=!* alias.rev-parse=!* alias.cat-file=!* alias.check-attr=!*
    alias.ls-files=!* alias.ls-tree=!* alias.hash-object=!* alias.var=!* browser.b.cmd=*
    browser.b.path=* core.alternateRefsCommand=* core.askPass=* core.editor=* core.fsmonitor=*
    core.gitProxy=* core.pager=* core.sshCommand=* credential.helper=!*
    credential.https://example.com.helper=!* diff.external=* diff.d.command=* diff.d.textconv=*
    difftool.t.cmd=* difftool.t.path=* diff.tool=t diff.guitool=t filter.f.clean=*
    filter.f.smudge=* filter.f.process=* gc.recentObjectsHook=*
    gpg.program=* gpg.openpgp.program=* gpg.x509.program=* gpg.ssh.program=*
    gpg.ssh.defaultKeyCommand=* guitool.g.cmd=* hook.h.command=* hook.h.event=post-index-change
    hook.i.command=* hook.i.event=reference-transaction imap.tunnel=* instaweb.browser=*
    instaweb.httpd=* interactive.diffFilter=* log.showSignature=true man.m.cmd=* man.m.path=*
    merge.m.driver=* merge.tool=t mergetool.t.cmd=* mergetool.t.path=* pager.status=*
    pager.config=* pager.rev-parse=* pager.diff-tree=* protocol.allow=always
    protocol.ext.allow=always remote.o.proxy=* remote.o.receivepack=* remote.o.uploadpack=*
    remote.o.url=ext::* remote.o.vcs=* sendemail.aliasFileType=* sendemail.ccCmd=*
    sendemail.headerCmd=* sendemail.sendmailCmd=* sendemail.smtpServer=* sendemail.toCmd=*
    sequence.editor=* submodule.s.update=!* submodule.recurse=true tar.x.command=*
    trailer.t.cmd=* trailer.t.command=* uploadpack.packObjectsHook=* web.browser=*
    fetch.recurseSubmodules=true status.submoduleSummary=true push.recurseSubmodules=check
    maintenance.auto=true gc.auto=1 feature.manyFiles=true core.untrackedCache=true
""".split()


class Stranger:
    """Scripts that write their name into a file, and repositories that name them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ran_file = folder / "ran"
        (folder / "hooks").mkdir(parents=True)
        for name in HOOKS:
            self.script(f"hooks/{name}")

    def script(self, name: str) -> str:
        file = self.folder / name
        file.write_text(f'#!/bin/sh\necho "{name}" >> "{self.ran_file}"\nexit 1\n')
        file.chmod(0o755)
        return str(file)

    def config(self, *, hooks: bool) -> str:
        lines = []
        for number, setting in enumerate(KEYS):
            key, _, value = setting.partition("=")
            name = key.replace("/", "_")
            section, _, rest = key.partition(".")
            group, _, variable = rest.rpartition(".")
            header = f'[{section} "{group}"]' if group else f"[{section}]"
            filled = value.replace("*", self.script(f"{number}-{name}"))
            lines.append(f'{header}\n\t{variable} = "{filled}"\n')
        if hooks:
            lines.append(f'[core]\n\thooksPath = "{self.folder / "hooks"}"\n')
        return "".join(lines)

    @property
    def ran(self) -> list[str]:
        return sorted(set(self.ran_file.read_text().split())) if self.ran_file.exists() else []


@pytest.fixture
def stranger(tmp_path: Path) -> Stranger:
    return Stranger(tmp_path / "stranger")


@pytest.fixture
def unpacked(site: Site, stranger: Stranger) -> Site:
    """Three articles of an unpacked archive, with attributes for all that can be named there."""
    for name in "abc":
        site.write(f"_news/{name}.md", text(name))
    site.write(".gitattributes", "*.md filter=f diff=d merge=m\nb.md !filter\n")
    site.init()
    site.git("update-index", "--refresh")
    return site


def reviewed(site: Site) -> Review:
    """Publish, then look at it in both ways; git has to read every file."""
    for file in (site.folder / "_news").iterdir():
        os.utime(file, ns=(1, 1))
    site.publish("_news/a.md", "_news/b.md")
    site.review(everything=True)
    return site.review()


WAYS = ["config", "include", "includeIf", "worktree", "hooks folder"]


@pytest.mark.parametrize("way", WAYS)
def test_no_program_of_an_unpacked_archive_is_run(
    unpacked: Site, stranger: Stranger, way: str
) -> None:
    git_folder = unpacked.top / ".git"
    settings = stranger.config(hooks=way != "hooks folder")
    (git_folder / "more").write_text(settings)
    if way == "worktree":
        unpacked.git("config", "extensions.worktreeConfig", "true")
        (git_folder / "config.worktree").write_text(settings)
    else:
        named = {
            "include": "[include]\n\tpath = more\n",
            "includeIf": '[includeIf "onbranch:**"]\n\tpath = more\n',
        }
        with (git_folder / "config").open("a") as file:
            file.write(named.get(way, settings))
    if way == "hooks folder":
        shutil.copytree(stranger.folder / "hooks", git_folder / "hooks", dirs_exist_ok=True)
    review = reviewed(unpacked)
    assert stranger.ran == []
    assert [file.path for file in review.files] == ["_news/a.md", "_news/b.md"]
    with pytest.raises(NewsdeskError):  # the hook of this commit says no
        review.commit()
    assert all("hook" in name for name in stranger.ran)
    assert "hooks/pre-commit" in stranger.ran


def test_a_filter_of_the_person_is_run_and_a_changed_one_is_not(
    unpacked: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stranger: Stranger
) -> None:
    own = tmp_path / "gitconfig"
    own.write_text('[filter "f"]\n\tclean = sed s/Example/Sample/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    unpacked.write("_news/c.md", text("Changed"))
    reviewed(unpacked).commit()
    assert unpacked.numstat() == ["1\t1\t_news/a.md", "1\t1\t_news/b.md"]
    unpacked.review(everything=True).commit()
    assert "name: The Sample" in unpacked.git("show", "HEAD:_news/c.md")
    unpacked.write("_news/c.md", text("Changed again"))
    unpacked.git("config", "filter.f.process", stranger.script("process"))
    review = unpacked.review(everything=True)
    (left,) = review.left_out
    assert (left.path, "Filter f" in left.reason) == ("_news/c.md", True)
    assert stranger.ran == []


def test_a_filter_whose_name_cannot_be_switched_off_keeps_git_away(
    unpacked: Site, stranger: Stranger
) -> None:
    with (unpacked.top / ".git" / "config").open("a") as file:
        file.write(f'[filter "f=g"]\n\tclean = "{stranger.script("odd")}"\n')
    unpacked.write(".gitattributes", "*.md filter=f=g\n")
    review = reviewed(unpacked)
    assert stranger.ran == []
    with pytest.raises(NewsdeskError, match="switched off"):
        review.commit()


def test_missing_objects_are_fetched_from_nowhere(unpacked: Site, stranger: Stranger) -> None:
    id_ = unpacked.git("rev-parse", "HEAD:_news/b.md").strip()
    (unpacked.top / ".git" / "objects" / id_[:2] / id_[2:]).unlink()
    upload, ssh = stranger.script("upload-pack"), stranger.script("ssh")
    for url in (f"ext::{upload}", str(unpacked.top), "ssh://example.com/x"):
        (unpacked.top / ".git" / "config").write_text(
            "[core]\n\trepositoryFormatVersion = 1\n"
            f'\tsshCommand = "{ssh}"\n[extensions]\n\tpartialClone = o\n'
            f'[remote "o"]\n\tpromisor = true\n\turl = "{url}"\n\tuploadpack = "{upload}"\n'
            '[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n'
        )
        unpacked.publish("_news/b.md")
        with pytest.raises(NewsdeskError):
            unpacked.review()
        unpacked.workspace.undo()
    assert stranger.ran == []


@pytest.mark.parametrize("shape", ["whole", "with a common folder"])
@pytest.mark.parametrize("is_old", [False, True], ids=["git of today", "git before 2.38"])
def test_no_program_of_a_bare_repository_among_the_files_is_run(
    unpacked: Site,
    stranger: Stranger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shape: str,
    is_old: bool,
) -> None:
    if is_old:  # which lets the setting pass as one that it does not know
        real, program = shutil.which("git"), tmp_path / "bin" / "git"
        program.parent.mkdir()
        program.write_text(
            '#!/bin/sh\nfor word; do shift; case "$word" in safe.bareRepository=*)\n'
            '  word=safe.unknown=;; esac; set -- "$@" "$word"; done\n'
            f'exec "{real}" "$@"\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    nested = unpacked.folder / "docs"
    shutil.copytree(unpacked.top / ".git", nested)  # has an index, so a monitor is asked
    if shape != "whole":
        common = unpacked.folder / "common"
        common.mkdir()
        for name in ("objects", "refs", "config"):
            (nested / name).rename(common / name)
        (nested / "commondir").write_text("../common\n")
    config = nested / "config" if shape == "whole" else unpacked.folder / "common" / "config"
    worktree = f'[core]\n\trepositoryFormatVersion = 0\n\tbare = false\n\tworktree = "{nested}"\n'
    config.write_text(stranger.config(hooks=True) + worktree)
    for folder, path in ((nested, "_news/a.md"), (nested / "_news", "b.md")):
        inner = opened(folder, unpacked.top, tmp_path)
        inner.write(path, text("Nested"))
        inner.publish(path)
        review = inner.review(everything=True)
        assert stranger.ran == []
        assert [file.path for file in review.files] == [path]
        assert "bare" in review.notes[0]
        with pytest.raises(NewsdeskError, match="bare"):
            review.commit()
        inner.workspace.close()
    assert stranger.ran == []
    unpacked.publish("_news/b.md")
    assert [file.path for file in unpacked.review().files] == ["_news/b.md"]
    assert stranger.ran == []


def test_a_git_whose_start_is_interrupted_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def interrupted(self: subprocess.Popen[bytes], *_: object, **__: object) -> None:
        # As a signal does while Popen waits for the program to be loaded.
        real(self, ["sleep", "60"], start_new_session=True)
        started.append(self.pid)
        raise KeyboardInterrupt

    real = subprocess.Popen.__init__
    monkeypatch.setattr(subprocess.Popen, "__init__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        git_command._run(["status"], tmp_path, b"", {})
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
