from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.links.http.ip_guard import why_private

from ..conftest import PUBLIC_IP, Checking, LocalServer, Names, answer

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0.0.1.",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "ｌｏｃａｌｈｏｓｔ",
    "inside.test",
    "10.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fc00::1]",
    "[fe80::1]",
    "[ff02::1]",
    "[fec0::1]",
]


@pytest.mark.parametrize(
    "ip",
    """0.0.0.0 0.1.2.3 10.9.8.7 100.64.0.1 100.127.255.255 127.0.0.1 169.254.1.1 172.31.0.1
    192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.19.0.1 198.51.100.1 203.0.113.9 224.0.0.1
    240.0.0.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::808:808 2001::1 2001:db8::1
    2002:808:808::1 3fff::1 4000::1 fc00::1 fdff::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
    2606:4700::5efe:7f00:1 2606:4700::200:5efe:7f00:1 junk""".split(),
)
def test_special_addresses_are_not_allowed(ip: str) -> None:
    assert why_private(ip)


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "93.184.215.14", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1"]
)
def test_public_addresses_are_allowed(ip: str) -> None:
    assert not why_private(ip)


@given(st.ip_addresses())
def test_no_address_that_the_standard_library_calls_local_is_allowed(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if ip.is_private or ip.is_loopback or ip.is_multicast or ip.is_reserved or ip.is_link_local:
        assert why_private(str(ip))


def test_no_spelling_of_a_private_address_is_connected_to(
    server: LocalServer, dialled: list[str], checked: Checking
) -> None:
    urls = [f"http://{spelling}:{server.port}/" for spelling in SPELLINGS]
    found = checked(*urls, allow_private=False)
    assert {outcome.verdict.value for outcome in found.values()} == {"refused"}
    assert (len(found), dialled, server.connections) == (len(SPELLINGS), [], 0)


def test_no_redirect_leads_to_a_private_address(
    server: LocalServer,
    other_server: LocalServer,
    dialled: list[str],
    checked: Checking,
    names: Names,
) -> None:
    names.known["public.test"] = [PUBLIC_IP]
    urls = []
    for number, spelling in enumerate(SPELLINGS):
        location = f"Location: http://{spelling}:{other_server.port}/"
        server.pages[f"/{number}"] = answer(302, location)
        urls.append(server.url(f"/{number}", "public.test"))
    found = checked(*urls, allow_private=False)
    assert {o.verdict.value for o in found.values()} <= {"refused", "unreachable"}
    assert sum(o.verdict.value == "refused" for o in found.values()) >= 31
    assert set(dialled) == {PUBLIC_IP}
    assert other_server.connections == 0


def test_a_host_that_later_resolves_to_a_private_address_is_not_connected_to(
    server: LocalServer, dialled: list[str], checked: Checking, names: Names
) -> None:
    names.in_turn["rebinding.test"] = [[PUBLIC_IP], ["127.0.0.1"]]
    server.pages["/a"] = answer(302, "Location: /b", "Connection: close")
    urls = [server.url(path, "rebinding.test") for path in ("/a", "/c", "/d")]
    checked(*urls, allow_private=False, per_host=1)
    assert set(dialled) == {PUBLIC_IP}


def test_a_host_that_becomes_private_before_the_check_is_refused(
    server: LocalServer, dialled: list[str], checked: Checking, names: Names
) -> None:
    names.known["public.test"] = [PUBLIC_IP]
    names.in_turn["inside.test"] = [["127.0.0.1"], [PUBLIC_IP]]
    server.pages["/a"] = answer(302, f"Location: http://inside.test:{server.port}/b")
    url = server.url("/a", "public.test")
    assert checked(url, allow_private=False)[url].verdict.value == "refused"
    assert set(dialled) == {PUBLIC_IP}


def test_of_several_addresses_only_public_ones_are_used(
    server: LocalServer, dialled: list[str], checked: Checking, names: Names
) -> None:
    names.known["both.test"] = ["127.0.0.1", "::1", PUBLIC_IP]
    url = server.url("/", "both.test")
    assert checked(url, allow_private=False)[url].verdict.value == "alive"
    assert dialled == [PUBLIC_IP]


def test_the_reason_names_the_address(checked: Checking, names: Names) -> None:
    names.known["intranet.test"] = ["10.1.2.3"]
    outcome = checked("http://intranet.test/", allow_private=False)["http://intranet.test/"]
    assert "intranet.test is 10.1.2.3 (private)" in outcome.reason
