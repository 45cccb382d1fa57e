"""The profile of a collection is found by looking at it, or set, and everything follows it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsdesk.collection.article import Status
from newsdesk.collection.profile import ASTRO, HUGO, JEKYLL, Profile
from newsdesk.config import Config, load_config
from newsdesk.workspace.review.review import Review
from newsdesk.workspace.settings.profile_choice import index_path_of, looks_like, profile_of
from newsdesk.workspace.workspace import Workspace

TOML = "+++\ntitle = 'Toml'\ndate = 2024-01-14\ndraft = true\ntags = ['a']\n+++\nBody\n"
YAML = "---\ntitle: Yaml\ndate: 2024-01-15\ndraft: true\n---\nBody\n"
MISSING = "---\r\ntitle: Missing\r\nlastmod: 2024-01-15\r\n---\r\n"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("NEWSDESK_PROFILE", raising=False)


def site(root: Path, files: dict[str, str]) -> Config:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, newline="")
    return load_config(str(root))


def hugo(root: Path) -> Config:
    return site(
        root,
        {
            "hugo.toml": "",
            "content/posts/toml.md": TOML,
            "content/posts/yaml.md": YAML,
            "content/posts/missing.md": MISSING,
        },
    )


@contextmanager
def workspace_on(config: Config) -> Iterator[Workspace]:
    workspace = Workspace(config)
    workspace.refresh()
    try:
        yield workspace
    finally:
        workspace.close()


def statuses(workspace: Workspace) -> dict[str, Status]:
    return {row.title: row.status for row in workspace.rows(workspace.search(workspace.parse("")))}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"a.md": "no front matter"}, None),
        ({"_news/a.md": "---\ntitle: a\npublished: false\n---\n"}, JEKYLL),
        ({"a.md": "---\ntitle: a\n---\n"}, JEKYLL),
        ({"_posts/2020-01-01-a.md": "---\nlayout: post\n---\n", "_config.yml": ""}, JEKYLL),
        ({"content/a.md": TOML}, HUGO),
        ({"hugo.yaml": "", "content/a.md": "---\ntitle: a\n---\n"}, HUGO),
        ({"archetypes/default.md": TOML, "content/posts/a.md": YAML}, HUGO),
        ({"content/a.md": "---\ndraft: true\nlastmod: 2024-01-01\n---\n"}, HUGO),
        ({"src/content/blog/a.md": "---\ntitle: a\ndraft: true\n---\n"}, ASTRO),
        ({"posts/a.md": "---\ntitle: a\npubDate: 2022-07-08\n---\n"}, ASTRO),
        ({"astro.config.mjs": "", "src/pages/a.md": "---\nlayout: ../a.astro\n---\n"}, ASTRO),
    ],
)
def test_a_collection_is_known_by_its_files(
    root: Path, files: dict[str, str], expected: Profile | None
) -> None:
    assert looks_like(site(root, files).collection) == expected


def test_what_was_found_is_remembered_until_somebody_looks_anew(root: Path) -> None:
    config = site(root, {"content/a.md": TOML})
    assert profile_of(config, {}).profile == HUGO
    (root / "content" / "a.md").write_text("---\npublished: true\n---\n")
    assert profile_of(config, {}).profile == HUGO
    assert profile_of(config, {}, anew=True).profile == JEKYLL
    assert profile_of(config, {}).profile == JEKYLL
    empty = site(root.parent / "other", {})
    assert profile_of(empty, {}).place == "default"


def test_what_is_set_wins_over_what_is_found(root: Path) -> None:
    config = hugo(root)
    (root / ".newsdesk.toml").write_text('profile = "astro"\n')
    config = load_config(str(root))
    assert profile_of(config, {}).profile == ASTRO
    assert profile_of(config, {"NEWSDESK_PROFILE": "jekyll"}).profile == JEKYLL
    assert index_path_of(config, JEKYLL) == config.index_path


def test_drafts_of_hugo_are_triaged_byte_by_byte(root: Path) -> None:
    config = hugo(root)
    posts = root / "content" / "posts"
    before = {file.name: file.read_bytes() for file in posts.iterdir()}
    with workspace_on(config) as workspace:
        assert workspace.profile == HUGO
        assert statuses(workspace) == {
            "Toml": Status.UNPUBLISHED,
            "Yaml": Status.UNPUBLISHED,
            "Missing": Status.UNSET,
        }
        paths = [f"content/posts/{name}" for name in before]
        action = workspace.set_published(paths, True)
        assert action.refused == ()
        assert set(statuses(workspace).values()) == {Status.PUBLISHED}
        assert {file.name: file.read_bytes() for file in posts.iterdir()} == {
            "toml.md": before["toml.md"].replace(b"draft = true", b"draft = false"),
            "yaml.md": before["yaml.md"].replace(b"draft: true", b"draft: false"),
            "missing.md": before["missing.md"]
            .replace(b"---\r\n", b"draft: false\r\n---\r\n")
            .replace(b"draft: false\r\n", b"", 1),
        }
        assert {outcome.result for outcome in workspace.set_published(paths, True).outcomes} == {
            "unchanged"
        }
        for _ in range(2):
            workspace.undo()
            assert {file.name: file.read_bytes() for file in posts.iterdir()} == before
            workspace.redo()
            assert set(statuses(workspace).values()) == {Status.PUBLISHED}


def test_a_review_of_hugo_commits_one_line_each_and_takes_back(root: Path) -> None:
    config = hugo(root)
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
        subprocess.run([*git, *command], check=True)
    for name, value in (("user.name", "a"), ("user.email", "a@example.org")):
        subprocess.run([*git, "config", name, value], check=True)
    with workspace_on(config) as workspace:
        paths = [f"content/posts/{name}.md" for name in ("toml", "yaml", "missing")]
        workspace.set_published(paths, True)
        review = Review.of(workspace)
        assert {
            file.path: [(line.old, line.new) for line in file.lines] for file in review.files
        } == {
            "content/posts/toml.md": [("draft = true", "draft = false")],
            "content/posts/yaml.md": [("draft: true", "draft: false")],
            "content/posts/missing.md": [(None, "draft: false")],
        }
        assert [file.warnings for file in review.files] == [(), (), ()]
        assert {file.verb for file in review.files} == {"publish"}
        review.revert(["content/posts/missing.md"])
        assert statuses(workspace)["Missing"] is Status.UNSET
        made = Review.of(workspace).commit()
        assert set(made.paths) == set(paths[:2])
    told = subprocess.run(
        [*git, "show", "--numstat", "--format="], check=True, capture_output=True, text=True
    ).stdout
    assert told.split("\n")[:2] == ["1\t1\tcontent/posts/toml.md", "1\t1\tcontent/posts/yaml.md"]


def test_another_profile_reads_every_file_anew(root: Path) -> None:
    config = hugo(root)
    with workspace_on(config) as workspace:
        assert statuses(workspace)["Yaml"] is Status.UNPUBLISHED
    (root / ".newsdesk.toml").write_text(
        'profile = "jekyll"\n[fields]\ntitle = "headline"\npublished = "live"\n'
    )
    with workspace_on(load_config(str(root))) as workspace:
        assert statuses(workspace) == {"missing.md": Status.UNSET, "yaml.md": Status.UNSET}
    (root / ".newsdesk.toml").unlink()
    with workspace_on(load_config(str(root))) as workspace:
        assert statuses(workspace)["Yaml"] is Status.UNPUBLISHED


def test_a_field_of_any_name_can_tell_the_status(root: Path) -> None:
    config = site(root, {"a.md": "---\nheadline: A\nhidden: yes\nscore: 7\n---\n"})
    (root / ".newsdesk.toml").write_text(
        '[fields]\ntitle = ["name", "headline"]\ndraft = "hidden"\nheat = "score"\n'
    )
    with workspace_on(load_config(str(config.collection))) as workspace:
        assert statuses(workspace) == {"A": Status.UNPUBLISHED}
        assert [row.heat for row in workspace.rows(workspace.search(workspace.parse("")))] == [7]
        workspace.set_published(["a.md"], True)
        assert b"hidden: no\n" in (root / "a.md").read_bytes()
        assert workspace.article("a.md").other == {}


def test_looking_anew_takes_the_other_index(root: Path) -> None:
    config = site(root, {"a.md": "---\ntitle: A\ndraft: true\nweight: 1\n---\n"})
    with workspace_on(config) as workspace:
        assert workspace.profile == HUGO
        (root / "a.md").write_text("---\ntitle: A\npublished: false\n---\n")
        workspace.rebuild()
        workspace.refresh()
        assert workspace.profile == JEKYLL
        assert workspace.store.path == config.index_path
        assert statuses(workspace) == {"A": Status.UNPUBLISHED}


def test_an_address_is_repaired_under_its_name_in_the_file(root: Path) -> None:
    old, new = "https://a.example/old", "https://a.example/new"
    config = site(root, {"content/a.md": f'+++\ntitle = "A"\nlink = "{old}"\n+++\n'})
    with workspace_on(config) as workspace:
        assert workspace.article("content/a.md").urls.best == old
        action = workspace.repair_url("content/a.md", "webUrl", old, new)
        assert action.refused == ()
        assert workspace.article("content/a.md").urls.best == new
        workspace.undo()
        assert workspace.article("content/a.md").urls.best == old
