from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.links.failure import Failure
from newsdesk.links.verdict import (
    Attempt,
    Outcome,
    Redirect,
    Verdict,
    are_similar_pages,
    ends_on_home_page,
    next_request,
    reach_verdict,
    retry_after_seconds,
)

URL = "https://example.com/a"
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

statuses = st.one_of(
    st.sampled_from([200, 204, 206, 301, 304, 401, 403, 404, 405, 408, 410, 429, 500, 503, 999]),
    st.integers(100, 999),
)
redirects = st.lists(
    st.builds(Redirect, st.sampled_from([301, 302, 303, 307, 308]), st.just(URL)), max_size=4
).map(tuple)
answers = st.builds(
    Attempt,
    method=st.sampled_from(["HEAD", "GET"]),
    final_url=st.just(URL),
    status=statuses,
    redirects=redirects,
    retry_after=st.none() | st.floats(0, 100),
    is_accepted=st.booleans(),
)
failures = st.builds(
    Attempt,
    method=st.sampled_from(["HEAD", "GET"]),
    final_url=st.just(URL),
    failure=st.sampled_from(Failure),
    redirects=redirects,
)
attempts = st.lists(answers | failures, min_size=1, max_size=6)


def got(method: str, status: int, **more: object) -> Attempt:
    return Attempt(method, URL, status, **more)


def failed(failure: Failure, method: str = "HEAD") -> Attempt:
    return Attempt(method, URL, failure=failure)


@given(attempts)
def test_dead_needs_a_confirmed_status_or_a_missing_name(tried: list[Attempt]) -> None:
    if reach_verdict(tried).verdict is not Verdict.DEAD:
        return
    last = tried[-1]
    by_status = last.method == "GET" and last.status in (404, 410) and last.failure is None
    by_name = sum(attempt.failure is Failure.NO_SUCH_NAME for attempt in tried) >= 2
    assert by_status or by_name


@given(attempts)
def test_a_page_is_never_called_dead_or_unreachable(tried: list[Attempt]) -> None:
    if tried[-1].has_page:
        assert reach_verdict(tried).verdict in (Verdict.ALIVE, Verdict.MOVED)


@given(attempts)
def test_every_verdict_has_a_reason(tried: list[Attempt]) -> None:
    assert reach_verdict(tried).reason.strip()


@given(answers)
def test_moved_means_that_every_hop_is_permanent(attempt: Attempt) -> None:
    permanent = bool(attempt.redirects) and all(h.status in (301, 308) for h in attempt.redirects)
    is_moved = reach_verdict([attempt]).verdict is Verdict.MOVED
    assert is_moved == (permanent and attempt.has_page)


@given(st.data())
def test_attempts_end_and_wait_in_between(data: st.DataObject) -> None:
    tried: list[Attempt] = []
    while (ask := next_request(tried)) is not None:
        attempt = data.draw(answers | failures)
        tried.append(
            Attempt(
                ask.method,
                URL,
                attempt.status,
                attempt.failure,
                redirects=attempt.redirects,
                retry_after=attempt.retry_after,
            )
        )
        assert len(tried) <= 10
        assert ask.wait >= 0
    assert tried[0].method == "HEAD"
    # A 404 is never believed of HEAD alone.
    if tried[-1].failure is None and tried[-1].status in (404, 410):
        assert tried[-1].method == "GET"


@given(st.integers(0, 5))
def test_temporary_failures_are_retried_after_1_2_4_seconds(retries: int) -> None:
    tried: list[Attempt] = [failed(Failure.TIMEOUT)]
    waits = []
    while (ask := next_request(tried, retries)) is not None:
        waits.append(ask.wait)
        tried.append(failed(Failure.TIMEOUT, ask.method))
        assert ask.method == "HEAD"  # no GET after a timeout
    assert waits == [2.0**n for n in range(retries)]
    assert reach_verdict(tried).verdict is Verdict.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.ALIVE),
        (204, Verdict.ALIVE),
        (299, Verdict.ALIVE),
        (300, Verdict.UNREACHABLE),
        (304, Verdict.UNREACHABLE),
        (400, Verdict.UNREACHABLE),
        (401, Verdict.WALLED),
        (403, Verdict.WALLED),
        (999, Verdict.WALLED),
        (404, Verdict.DEAD),
        (410, Verdict.DEAD),
        (418, Verdict.UNREACHABLE),
        (429, Verdict.THROTTLED),
        (503, Verdict.THROTTLED),
        (500, Verdict.UNREACHABLE),
        (502, Verdict.UNREACHABLE),
    ],
)
def test_each_status_has_its_verdict(status: int, verdict: Verdict) -> None:
    assert reach_verdict([got("GET", status)]).verdict is verdict


def test_a_missing_name_is_dead_only_after_two_lookups() -> None:
    once = [failed(Failure.NO_SUCH_NAME)]
    assert next_request(once) is not None
    assert reach_verdict(once).verdict is Verdict.UNREACHABLE
    twice = [*once, failed(Failure.NO_SUCH_NAME)]
    assert next_request(twice) is None
    assert reach_verdict(twice).verdict is Verdict.DEAD


def test_an_accepted_status_is_a_page() -> None:
    attempt = got("HEAD", 403, is_accepted=True)
    assert next_request([attempt]) is None
    assert reach_verdict([attempt]).verdict is Verdict.ALIVE


def test_a_busy_host_sets_the_wait() -> None:
    ask = next_request([got("HEAD", 429, retry_after=17.0)])
    assert ask is not None
    assert (ask.method, ask.wait) == ("GET", 17.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Thursday, 01-Jan-26 12:00:09 GMT", 9.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or seconds >= 0


def test_a_redirect_to_the_home_page_differs_from_a_link_to_it() -> None:
    assert ends_on_home_page("https://a.example/2020/story", "https://a.example/")
    assert ends_on_home_page("https://a.example/?p=7", "https://a.example/index.html")
    assert not ends_on_home_page("https://a.example/", "https://www.a.example/")
    assert not ends_on_home_page("https://a.example/2020/story", "https://a.example/story")


def test_pages_are_similar_if_nearly_all_words_are_shared() -> None:
    words = b" ".join(b"word%d" % n for n in range(100))
    assert are_similar_pages(words, words + b" more")
    assert not are_similar_pages(words, b"a page of its own")


def test_the_json_has_the_promised_members() -> None:
    outcome = Outcome(
        URL, Verdict.MOVED, 200, "moved permanently", URL, (Redirect(301, URL),), 0.12345, NOW
    )
    assert outcome.as_json() == {
        "url": URL,
        "verdict": "moved",
        "status": 200,
        "reason": "moved permanently",
        "final_url": URL,
        "redirects": [{"status": 301, "url": URL}],
        "seconds": 0.123,
        "checked_at": "2026-01-01T12:00:00Z",
        "cached": False,
    }
