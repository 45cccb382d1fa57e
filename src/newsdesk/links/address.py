"""Read a web address the way browsers do, so that what is judged is what is asked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from newsdesk.collection.addresses import percent_encoded
from newsdesk.links.failure import Failed, Failure

_LONGEST = 8_000  # characters; servers refuse longer request lines
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACES = " \t\r\n\f\x00"
_UNSAFE_IN_PATH = re.compile(r"[^!$%&'()*+,\-./0-9:;=?@A-Z\[\\\]_a-z|~^]")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?:", re.I)
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: lower-case ASCII host (IPv6 without brackets), path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port where it is not the usual one: `https://example.com`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The whole address, in ASCII and without a fragment."""
        return self.origin + self.path


def address_key(url: str) -> str:
    """Return what one check is made for: the address without outer spaces and fragment.

    Of a web address, blanks and what else no URL may hold are percent-encoded.
    """
    key = url.strip(_SPACES).partition("#")[0]
    return percent_encoded(key) if _WEB.match(key) else key


def parse(url: str) -> Target:
    """Return what an address asks for; raises `Failed` with NOT_AN_ADDRESS and the reason."""
    url = address_key(url)
    if not url:
        raise _no_address("it is empty")
    if len(url) > _LONGEST:
        raise _no_address(f"it is longer than {_LONGEST:,} characters")
    if _CONTROL.search(url):
        raise _no_address("it contains a control character or a line break")
    head, question, query = url.partition("?")
    head = head.replace("\\", "/")  # browsers read it so; nobody must read it otherwise
    try:
        parts = urlsplit(head + question + query)
        port = parts.port
    except ValueError as error:
        raise _no_address(str(error)) from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        named = f"{scheme}: is neither http nor https" if scheme else "http:// is missing"
        raise _no_address(named)
    if "@" in parts.netloc:
        raise _no_address("it carries a user name or a password")
    if port == 0:
        raise _no_address("port 0 does not exist")
    host = _host(_host_part(parts.netloc))
    path = _encoded(parts.path or "/") + (f"?{_encoded(parts.query)}" if parts.query else "")
    return Target(scheme, host, port or _DEFAULT_PORTS[scheme], path)


def joined(base: Target, location: str) -> Target:
    """Return where a `Location` header leads from `base` (RFC 9110, 10.2.2).

    Raises `Failed` with BAD_REDIRECT if that is no web address.
    """
    location = location.strip(_SPACES)
    if not location:
        raise Failed(Failure.BAD_REDIRECT, "the Location header is empty")
    try:
        # `urljoin` takes "http://" for the base itself; a scheme stands for itself.
        return parse(location if _SCHEME.match(location) else urljoin(base.url, location))
    except ValueError as error:
        raise Failed(Failure.BAD_REDIRECT, str(error)) from None
    except Failed as failed:
        raise Failed(Failure.BAD_REDIRECT, f"{location[:200]}: {failed.detail}") from None


def _no_address(detail: str) -> Failed:
    return Failed(Failure.NOT_AN_ADDRESS, detail)


def _host_part(netloc: str) -> str:
    if netloc.startswith("["):
        return netloc[: netloc.find("]") + 1]
    return netloc.partition(":")[0]


def _encoded(path: str) -> str:
    if not _UNSAFE_IN_PATH.search(path):
        return path
    return _UNSAFE_IN_PATH.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), path)


def _host(written: str) -> str:
    """Return the host as it is looked up: ASCII, lower case, IPv4 in its usual spelling."""
    if written.startswith("["):
        try:
            if "%" in written:
                raise ValueError("a zone is for this machine only")
            return str(ipaddress.IPv6Address(written.strip("[]")))
        except ValueError:
            raise _no_address(f"{written} is no IPv6 address") from None
    # What is not UTF-8 becomes U+FFFD, which no host name holds.
    host = _ascii(unquote(written) if "%" in written else written).removesuffix(".")
    if not host:
        raise _no_address("there is no host")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise _no_address(f"{written[:100]} is no host name")
    if _NUMERIC.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    import idna

    try:
        # Nameprep turns full-width digits and dots into plain ones, as browsers do.
        return idna.encode(host, uts46=True, std3_rules=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, IndexError):
        pass
    try:  # emoji and other names of the older standard
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _no_address(f"{host[:100]} is no international host name") from None


def _ipv4(host: str) -> str:
    """Return the dotted form of any spelling of an IPv4 address (WHATWG URL, 3.5)."""
    parts = host.split(".")
    numbers = [_number(part, host) for part in parts]
    last = numbers.pop()
    if len(numbers) > 3 or any(n > 255 for n in numbers) or last >= 256 ** (4 - len(numbers)):
        raise _no_address(f"{host} is no IPv4 address")
    value = last + sum(n * 256 ** (3 - place) for place, n in enumerate(numbers))
    return str(ipaddress.IPv4Address(value))


def _number(part: str, host: str) -> int:
    try:
        if part.startswith("0x"):
            return int(part[2:] or "0", 16)
        return int(part, 8) if len(part) > 1 and part.startswith("0") else int(part)
    except ValueError:
        raise _no_address(f"{host} is no IPv4 address") from None
