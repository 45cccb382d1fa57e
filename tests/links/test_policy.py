from __future__ import annotations

import pytest

from newsdesk.errors import UsageError
from newsdesk.links.http.url import parse
from newsdesk.links.policy import BoundHeader, Policy, Proxies, languages_from, proxies_from


@pytest.mark.parametrize(
    "choice",
    [
        {"include": ("(",)},
        {"exclude": ("[",)},
        {"fields": frozenset({"nonsense"})},
        {"timeout": 0.0},
        {"timeout": float("nan")},
        {"concurrency": 0},
        {"per_host": -1},
        {"delay": -0.1},
        {"retries": -1},
        {"contact": "a\r\nX: y"},
        {"languages": ("en\r\nX: y",)},
    ],
)
def test_invalid_options_raise_a_usage_error(choice: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Policy(**choice)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("origin", "name", "value"),
    [
        ("nonsense", "A", "b"),
        ("https://a.test", "A B", "c"),
        ("https://a.test", "A", "b\r\nC: d"),
        ("https://a.test", "", "b"),
    ],
)
def test_headers_that_cannot_be_sent_raise_a_usage_error(
    origin: str, name: str, value: str
) -> None:
    with pytest.raises(UsageError):
        BoundHeader(origin, name, value)


def test_a_header_is_bound_to_scheme_host_and_port() -> None:
    policy = Policy(headers=(BoundHeader("HTTPS://A.test:443/x", "A", "b"),))
    assert policy.headers_for(parse("https://a.test/y").origin) == [("A", "b")]
    for url in ("http://a.test/", "https://a.test:444/", "https://b.a.test/", "https://a.test.b/"):
        assert policy.headers_for(parse(url).origin) == []


def test_proxies_come_from_the_environment() -> None:
    proxies = proxies_from(
        {
            "http_proxy": "proxy.test:3128",
            "HTTPS_PROXY": "http://s.test",
            "NO_PROXY": ".in.test, b.test",
        }
    )
    assert proxies.for_target(parse("http://a.test/")) == "http://proxy.test:3128"
    assert proxies.for_target(parse("https://a.test/")) == "http://s.test"
    for url in ("http://x.in.test/", "https://b.test/", "http://c.b.test/"):
        assert proxies.for_target(parse(url)) == ""
    assert proxies_from({}) == Proxies()
    assert proxies_from({"all_proxy": "http://p.test"}).https == "http://p.test"
    assert proxies_from({"HTTP_PROXY": "http://stranger.test"}) == Proxies()


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({}, ["en"]),
        ({"LANG": "C.UTF-8"}, ["en"]),
        ({"LANG": "POSIX", "LANGUAGE": "fr"}, ["en"]),
        ({"LANG": "de_AT.UTF-8"}, ["de-AT", "de", "en"]),
        ({"LANG": "en_GB.UTF-8"}, ["en-GB", "en"]),
        ({"LANG": "de_DE", "LC_MESSAGES": "fr_CA@euro", "LC_ALL": ""}, ["fr-CA", "fr", "en"]),
        ({"LANG": "de_DE", "LC_ALL": "pt"}, ["pt", "en"]),
        ({"LANG": "de_DE", "LANGUAGE": "it:en"}, ["it", "en", "de-DE", "de"]),
        ({"LANG": "../x\r\nA: b"}, ["en"]),
    ],
)
def test_languages_are_those_of_the_locale_then_english(
    environment: dict[str, str], languages: list[str]
) -> None:
    assert list(languages_from(environment)) == languages


def test_an_unsupported_proxy_raises_a_usage_error() -> None:
    with pytest.raises(UsageError):
        Proxies(http="socks5://a.test:1080")


def test_what_changes_verdicts_changes_the_fingerprint() -> None:
    header = BoundHeader("https://a.test", "A", "b")
    policies = [
        Policy(),
        Policy(soft_404=True),
        Policy(headers=(header,)),
        Policy(allow_private=True),
    ]
    assert len({policy.fingerprint for policy in policies}) == len(policies)
    assert Policy(timeout=3).fingerprint == Policy().fingerprint
