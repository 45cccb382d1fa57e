"""Decide whether a URL in an article may make this machine connect to an IP address."""

from __future__ import annotations

import ipaddress

# IANA's special-purpose registries (RFC 6890 and its updates), each with its name.
_SPECIAL_V4 = [
    (ipaddress.IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
    )
]
_SPECIAL_V6 = [
    (ipaddress.IPv6Network(network), name)
    for network, name in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("::ffff:0:0/96", "embedded IPv4"),
        ("::/96", "embedded IPv4"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
]
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")


def why_private(ip: str) -> str:
    """Return why connections to an IP address are not allowed; empty if it is public.

    Text that is not an IP address is not allowed either.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "not an IP address"
    if isinstance(address, ipaddress.IPv4Address):
        return next((name for network, name in _SPECIAL_V4 if address in network), "")
    if address.scope_id is not None:
        return "link-local"
    name = next((name for network, name in _SPECIAL_V6 if address in network), "")
    if name:
        return name
    # Interface identifiers of ISATAP (RFC 5214) carry an IPv4 address as well.
    if address.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
        return "embedded IPv4"
    # Addresses that IANA has not allocated for global unicast are not allowed either.
    return "" if address in _GLOBAL_V6 else "reserved"
