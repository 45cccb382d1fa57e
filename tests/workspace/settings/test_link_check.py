"""Link check settings: precedence, errors, and the limits of a collection's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsdesk.config import load_config
from newsdesk.errors import UsageError
from newsdesk.links.extract import DEFAULT_FIELDS, IMAGE_FIELDS
from newsdesk.links.policy import Accepted, BoundHeader, Policy, Proxies
from newsdesk.links.verdict import Verdict
from newsdesk.workspace.settings.link_check import (
    CHECK_OPTIONS,
    CheckSettings,
    check_settings,
)
from newsdesk.workspace.settings.link_check_values import read_ages
from newsdesk.workspace.settings.resolve import Source
from newsdesk.workspace.workspace import Workspace


def read(root: Path, flags: dict[str, object] | None = None, **environment: str) -> CheckSettings:
    return check_settings(load_config(str(root)), flags, environment)


def test_without_settings_the_default_policy_applies(own: Path, root: Path) -> None:
    settings = read(root)
    assert settings.policy == Policy()
    assert settings.all_problems == ()
    assert {value.source for value in settings.values} == {Source.DEFAULT}


def test_flag_environment_collection_and_user_file_take_precedence_in_order(
    own: Path, shared: Path, root: Path
) -> None:
    own.write_text("[check]\ntimeout = 5\n")
    shared.write_text("\n[check]\ntimeout = 6\n")
    variable = {"NEWSDESK_CHECK_TIMEOUT": "7"}

    def effective(settings: CheckSettings) -> tuple[float, str]:
        (value,) = [each for each in settings.values if each.name == "check.timeout"]
        return settings.policy.timeout, value.place

    assert effective(read(root, {"timeout": "8"}, **variable)) == (8, "--timeout")
    assert effective(read(root, **variable)) == (7, "$NEWSDESK_CHECK_TIMEOUT")
    assert effective(read(root)) == (6, ".newsdesk.toml, line 3")
    shared.write_text("[check]\ntimeout = 'long'\n")  # the next best value counts
    assert effective(read(root)) == (5, f"{own}, line 2")
    own.unlink()
    assert effective(read(root)) == (20, "default")


def test_the_example_of_every_option_is_valid(own: Path, root: Path) -> None:
    own.write_text("[check]\n" + "\n".join(option.example for option in CHECK_OPTIONS))
    settings = read(root, https_proxy="http://proxy.example:3128")
    assert settings.all_problems == ()
    assert settings.policy == Policy(
        fields=DEFAULT_FIELDS | IMAGE_FIELDS,
        include=("^https://",),
        exclude=("^https://intranet\\.",),
        accepted=(Accepted("*.example.com", frozenset({403, 429})),),
        headers=(BoundHeader("https://example.com", "Authorization", "Bearer abc"),),
        timeout=10,
        concurrency=16,
        per_host=2,
        delay=0.5,
        host_wait=10,
        max_ages=dict.fromkeys((Verdict.ALIVE, Verdict.MOVED, Verdict.DEAD), 3 * 86_400.0),
        soft_404=True,
        archive=True,
        languages=("fr", "en"),
        allow_private=True,
        proxies=Proxies(https="http://proxy.example:3128"),
    )
    assert "abc" not in repr(settings.values), "a secret is not shown"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("allow-private = true", "A collection cannot set check.allow-private"),
        ("allow-private = false", "A collection cannot set check.allow-private"),
        ('header = "https://a.example X: y"', "A collection cannot set check.header"),
        ("concurrency = 33", "more than check.concurrency = 32"),
        ("per-host = 5", "more than check.per-host = 4"),
        ("delay = 0.05", "more than check.delay = 0.1"),
    ],
)
def test_a_collection_can_neither_lift_the_guard_nor_send_headers_nor_hammer_hosts(
    own: Path, shared: Path, root: Path, line: str, words: str
) -> None:
    own.write_text("[check]\nallow-private = true\ndelay = 0\n")
    expected = Policy(allow_private=True, delay=0)
    shared.write_text(f"[check]\n{line}\n")
    settings = read(root)
    assert settings.policy == expected, "what the person chose stays"
    (refusal,) = settings.refusals
    assert refusal.message.startswith(".newsdesk.toml, line 2: ")
    assert words in refusal.message
    assert "may come from strangers" in refusal.message
    assert str(own) in refusal.remedy
    own.write_text(f"[check]\n{line}\n")
    shared.unlink()
    assert read(root).all_problems == (), "in the user's own file it counts"


def test_a_collection_may_make_checks_slower(own: Path, shared: Path, root: Path) -> None:
    shared.write_text("[check]\nconcurrency = 8\nper-host = 1\ndelay = 1.5\n")
    settings = read(root)
    assert settings.all_problems == ()
    assert settings.policy == Policy(concurrency=8, per_host=1, delay=1.5)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("time-out = 3", "There is no setting check.time-out. Did you mean timeout?"),
        ("per_host = 3", "There is no setting check.per_host. Did you mean per-host?"),
        ("zzz = 3", "There is no setting check.zzz. Known settings: fields, include"),
        ('fields = ["webUri"]', "webUri is not a field with URLs. Did you mean webUrl?"),
        ("fields = []", "No field is given."),
        ('languages = ["de", "no language"]', "no language is not a language tag."),
        ("exclude = '('", "( is not a glob for a whole URL"),
        ("exclude = 3", "Not a list of texts."),
        ("exclude = [1]", "Not a list of texts."),
        ("accept = '200-299'", "Invalid value 200-299."),
        ("timeout = 0", "Must be more than 0 seconds."),
        ("timeout = inf", "inf is not a number of seconds."),
        ("delay = -1", "-1 is not a number of seconds."),
        ("delay = true", "True is not a number of seconds."),
        ("concurrency = 1.5", "1.5 is not a whole number from 1."),
        ("max-age = 'soon'", "soon is not an age."),
        ("max-age = nan", "nan is not an age."),
        ("archive = 'perhaps'", "perhaps is neither true nor false."),
        ("archive = 1979-05-27", "1979-05-27 is neither true nor false."),
    ],
)
def test_an_invalid_value_names_file_line_and_correction(
    own: Path, shared: Path, root: Path, line: str, words: str
) -> None:
    shared.write_text(f"[check]\n\n{line}\n")
    settings = read(root)
    assert settings.policy == Policy()
    (problem,) = settings.problems
    assert problem.message.startswith(".newsdesk.toml, line 3: ")
    assert words in str(problem)
    assert problem.remedy


def test_an_invalid_header_is_never_quoted(own: Path, root: Path) -> None:
    own.write_text('[check]\nheader = "Authorization: secret"\n')
    (problem,) = read(root).problems
    assert "secret" not in str(problem)
    with pytest.raises(UsageError) as caught:
        read(root, {"header": ["Authorization: secret"]})
    assert "secret" not in str(caught.value)


def test_a_value_in_place_of_the_table_is_reported(own: Path, shared: Path, root: Path) -> None:
    shared.write_text("check = 3\n")
    (problem,) = read(root).problems
    assert str(problem).startswith(".newsdesk.toml, line 1: check is not a table. Write [check]")


def test_an_age_is_read_in_days() -> None:
    for text, days in (("0", 0), (2, 2), ("12h", 0.5), ("3d", 3), ("2w", 14)):
        assert read_ages(text)[Verdict.DEAD] == days * 86_400


def test_the_workspace_reports_problems_and_uses_the_valid_values(
    own: Path, shared: Path, root: Path
) -> None:
    shared.write_text("[check]\nallow-private = true\ntimeout = 7\n")
    workspace = Workspace(load_config(str(root)))
    try:
        assert (workspace.link_policy.timeout, workspace.link_policy.allow_private) == (7, False)
        assert "cannot set check.allow-private" in str(workspace.setting_problems[0])
        shared.write_text("[check]\ntimeout = 9\n")
        workspace.reread_settings()
        assert workspace.link_policy.timeout == 9
        assert workspace.setting_problems == []
    finally:
        workspace.close()
