from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsdesk.links.cache import VerdictCache, ages_for
from newsdesk.links.policy import Accepted, Policy
from newsdesk.links.verdict import Outcome, Redirect, Verdict

NOW = datetime(2026, 1, 10, tzinfo=UTC)
POLICY = Policy()


def outcome(verdict: Verdict = Verdict.ALIVE, url: str = "https://a.test/", days: float = 0):  # type: ignore[no-untyped-def]
    hops = (Redirect(301, "https://b.test/ü"),)
    return Outcome(url, verdict, 200, "200 OK", url, hops, 0.5, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("verdict", "days", "is_reused"),
    [
        (Verdict.ALIVE, 6.9, True),
        (Verdict.ALIVE, 7.1, False),
        (Verdict.MOVED, 6.9, True),
        (Verdict.MOVED, 7.1, False),
        (Verdict.DEAD, 0.9, True),
        (Verdict.DEAD, 1.1, False),
        (Verdict.WALLED, 0.0, False),
        (Verdict.THROTTLED, 0.0, False),
        (Verdict.UNREACHABLE, 0.0, False),
        (Verdict.SUSPECT, 0.0, False),
        (Verdict.REFUSED, 0.0, False),
        (Verdict.ALIVE, -1.0, False),
    ],
)
def test_only_proven_verdicts_are_reused_until_their_age_limit(
    verdict: Verdict, days: float, is_reused: bool
) -> None:
    with VerdictCache(None) as cache:
        cache.store([outcome(verdict, days=days)], POLICY)
        assert bool(cache.reusable_outcomes(["https://a.test/"], POLICY, NOW)) == is_reused
        assert cache.latest_outcomes(["https://a.test/"])["https://a.test/"].verdict is verdict


def test_a_stored_outcome_is_returned_unchanged(tmp_path: Path) -> None:
    kept = outcome(Verdict.MOVED)
    with VerdictCache(tmp_path / "deep" / "verdicts.db") as cache:
        cache.store([kept, replace(kept, url="https://\ud800.test/")], POLICY)
    with VerdictCache(tmp_path / "deep" / "verdicts.db") as cache:
        assert cache.reusable_outcomes([kept.url], POLICY, NOW) == {
            kept.url: replace(kept, is_cached=True)
        }
        assert len(cache.latest_outcomes([kept.url, "https://?.test/"])) == 2
        assert cache.problems == []


def test_verdicts_of_another_policy_are_not_reused() -> None:
    other = Policy(accepted=(Accepted("*", frozenset({403})),))
    with VerdictCache(None) as cache:
        cache.store([outcome()], POLICY)
        assert not cache.reusable_outcomes(["https://a.test/"], other, NOW)


def test_ages_can_be_chosen_for_proven_verdicts() -> None:
    policy = Policy(max_ages=ages_for(0.5))
    with VerdictCache(None) as cache:
        cache.store([outcome(days=0.6), outcome(url="b", days=0.4)], policy)
        cache.store([outcome(Verdict.WALLED, url="c")], policy)
        assert list(cache.reusable_outcomes(["https://a.test/", "b", "c"], policy, NOW)) == ["b"]


def test_a_cached_outcome_is_not_stored_as_a_new_one() -> None:
    with VerdictCache(None) as cache:
        cache.store([replace(outcome(), is_cached=True)], POLICY)
        assert not cache.latest_outcomes(["https://a.test/"])


@pytest.mark.parametrize("kind", ["junk", "truncated", "overwritten", "foreign", "old"])
def test_a_file_that_is_not_a_cache_is_set_aside_and_reported(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "verdicts.db"
    with VerdictCache(path) as cache:
        cache.store([outcome(url=f"https://a.test/{n}") for n in range(2_000)], POLICY)
    good = path.read_bytes()
    if kind == "junk":
        path.write_bytes(b"not a database at all " * 100)
    elif kind == "truncated":
        path.write_bytes(good[: len(good) // 2])
    elif kind == "overwritten":
        path.write_bytes(good[:4096] + b"\xff" * (len(good) - 4096))
    else:
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE verdicts (recipe TEXT)")
        connection.close()
    before = path.read_bytes()
    with VerdictCache(path) as cache:
        assert any("replaced" in report for report in cache.problems)
        cache.store([outcome()], POLICY)
        assert len(cache.latest_outcomes(["https://a.test/"])) == 1
    assert (tmp_path / "verdicts.db.set-aside").read_bytes() == before


def test_an_empty_file_is_a_new_cache(tmp_path: Path) -> None:
    (tmp_path / "verdicts.db").touch()
    with VerdictCache(tmp_path / "verdicts.db") as cache:
        assert cache.problems == []


def test_an_unwritable_path_means_a_cache_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with VerdictCache(tmp_path / "file" / "verdicts.db") as cache:
        cache.store([outcome()], POLICY)
        assert len(cache.latest_outcomes(["https://a.test/"])) == 1
        assert any("memory" in report for report in cache.problems)


def test_twenty_thousand_urls_are_reused_in_one_call(tmp_path: Path) -> None:
    urls = [f"https://host{n % 500}.test/{n}" for n in range(20_000)]
    with VerdictCache(tmp_path / "verdicts.db") as cache:
        cache.store([outcome(url=url) for url in urls], POLICY)
        assert len(cache.reusable_outcomes(urls, POLICY, NOW)) == 20_000
