"""What newsdesk says of a file, and makes of it, is what the site generator does with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsdesk.collection.article import Status
from newsdesk.config import load_config
from newsdesk.workspace.views import VIEWS
from newsdesk.workspace.workspace import Workspace

from .generator_answers import (
    HELD,
    HUGO_ANSWERS,
    JEKYLL_ANSWERS,
    LIVE,
    STOPS,
    Case,
    digest,
)

RESULTS = (Path(__file__).parent / "generator_results.txt").read_text("utf-8")
ANSWERS = {"jekyll": JEKYLL_ANSWERS, "hugo": HUGO_ANSWERS}
EMPTY = [b"---\n---\nB\n", b"---\n# c\n---\n", b"---\n\n---\n", b"---\r\n---\r\n", b"---\n---"]

generators = pytest.mark.parametrize("generator", ["jekyll", "hugo"])
verbs = pytest.mark.parametrize("verb", ["publish", "unpublish"])


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def workspace(
    tmp_path: Path, generator: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """Open a collection that holds a file for each recorded answer."""
    monkeypatch.setenv("NEWSDESK_PROFILE", generator)
    folder = tmp_path / "site" / ("_news" if generator == "jekyll" else "content")
    folder.mkdir(parents=True)
    for number, case in enumerate(ANSWERS[generator]):
        (folder / f"{number:03}.md").write_bytes(case.source)
    workspace = Workspace(load_config(str(folder.parent)))
    workspace.refresh()
    yield workspace
    workspace.close()


def path_of(workspace: Workspace, case: Case) -> str:
    folder = "_news" if workspace.profile.name == "jekyll" else "content"
    return f"{folder}/{ANSWERS[workspace.profile.name].index(case):03}.md"


@generators
def test_nothing_that_is_live_is_called_held_back(workspace: Workspace, generator: str) -> None:
    rows = {row.path: row for row in workspace.rows(workspace.search(workspace.parse("")))}
    wrong, told = [], 0
    for case in ANSWERS[generator]:
        row = rows.get(path_of(workspace, case))
        if row is None:
            # A YAML list is left out: it says nothing that would be untrue.
            assert case.name == "a list" or case.answer == STOPS, f"{case.name} is not listed"
            continue
        codes = {problem.code for problem in row.problems}
        is_held = row.status is Status.UNPUBLISHED
        told += is_held
        if (case.answer == LIVE and is_held) or (
            case.answer == HELD and row.status is Status.PUBLISHED
        ):
            wrong.append((case.name, row.status))
        elif case.answer == HELD and not is_held and not codes:
            wrong.append((case.name, "not told, and no problem"))
        says_held = b"\npublished: false\n" in case.source and row.status is Status.UNSET
        if case.answer == LIVE and says_held and "live" not in codes:
            wrong.append((case.name, "not told to be live"))
    assert wrong == []
    assert told >= 0.85 * sum(case.answer == HELD for case in ANSWERS[generator])


@generators
@verbs
def test_a_status_that_is_written_is_read_by_the_generator(
    workspace: Workspace, generator: str, verb: str
) -> None:
    wanted = LIVE if verb == "publish" else HELD
    paths = {path_of(workspace, case): case for case in ANSWERS[generator]}
    action = workspace.set_published(list(paths), verb == "publish")
    outcomes = {outcome.path: outcome.result for outcome in action.outcomes}
    wrong = []
    for path, case in paths.items():
        source = workspace.source(path)
        if outcomes[path] == "unchanged" and case.answer not in (STOPS, wanted):
            wrong.append((case.name, "left as it is, which is not what was asked for"))
        if outcomes[path] == "changed":
            if f"{generator} {verb} {digest(source)} " not in RESULTS:
                wrong.append((case.name, source))
        elif source != case.source:
            wrong.append((case.name, "changed, and not said"))
    assert wrong == []
    assert list(outcomes.values()).count("changed") > 10
    workspace.undo()
    assert [
        case.name for path, case in paths.items() if workspace.source(path) != case.source
    ] == []


@generators
@verbs
def test_a_front_matter_without_fields_gets_its_first_one(
    workspace: Workspace, generator: str, verb: str
) -> None:
    for number, source in enumerate(EMPTY):
        path = f"empty{number}.md"
        (workspace.config.collection / path).write_bytes(source)
        workspace.refresh()
        assert workspace.set_published([path], verb == "publish").changed == (path,), source
        status = Status.PUBLISHED if verb == "publish" else Status.UNPUBLISHED
        assert workspace.article(path).status is status
        workspace.undo()
        assert workspace.source(path) == source


@pytest.mark.parametrize("generator", ["jekyll"])
def test_what_says_nothing_is_public_in_the_view_and_in_the_shares(
    workspace: Workspace, generator: str
) -> None:
    silent, held = workspace.config.collection / "silent", workspace.config.collection / "held"
    for folder, line in ((silent, ""), (held, "published: false\n")):
        folder.mkdir()
        (folder / "a.md").write_text(f"---\ntitle: x\ntags: [one]\n{line}---\n")
    workspace.refresh()
    published = next(view for view in VIEWS if view.name == "Published")
    shown = {row.path for row in workspace.rows(workspace.search(workspace.parse(published.query)))}
    assert "silent/a.md" in shown
    assert "held/a.md" not in shown
    strict = {row.path for row in workspace.rows(workspace.search(workspace.parse("is:published")))}
    assert "silent/a.md" not in strict
    (one,) = workspace.numbers(workspace.parse("topic:one")).topics
    assert (one.articles, one.published, one.acceptance) == (2, 0, 0.5)
