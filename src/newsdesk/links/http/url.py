"""Parse URLs as browsers do, so that the URL that is checked is the one a reader opens."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote

from newsdesk.collection.urls import percent_encoded
from newsdesk.links.failure import Failure, RequestFailed

_MAX_URL_CHARACTERS = 8_000  # characters; servers refuse longer request lines
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACES = " \t\r\n\f\x00"
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_TAB_OR_NEWLINE = re.compile(r"[\t\r\n]")
# Everything outside the percent-encode sets of WHATWG URL, 1.3.
_UNSAFE_IN_PATH = re.compile(r"[^!$%&'()*+,\-./0-9:;=@A-Z\[\\\]_a-z|~]")
_UNSAFE_IN_QUERY = re.compile(r"[^!$%&()*+,\-./0-9:;=?@A-Z\[\\\]^_`a-z{|}~]")
_UNSAFE_IN_FRAGMENT = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\\\]^_a-z{|}~]")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CITED_AUTHORITY = re.compile(r"[\\/]{2}([^\\/?]+)")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_WEB = re.compile(r"https?:", re.I)
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV4_NUMBER = re.compile(r"0x[0-9a-f]*|0[0-7]*|[1-9][0-9]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """A request URL in parts: lower-case ASCII host (IPv6 without brackets), path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port unless it is the default: `https://example.com`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The whole URL, in ASCII and without a fragment."""
        return self.origin + self.path


def url_key(url: str) -> str:
    """Return the key of a URL in checks and caches: without outer spaces and fragment.

    In an HTTP URL, spaces and other characters that no URL may contain are percent-encoded.
    """
    key = url.strip(_SPACES).partition("#")[0]
    return percent_encoded(key) if _WEB.match(key) else key


def parse(url: str) -> Target:
    """Return the request target of a URL in an article.

    Browsers resolve a URL with a missing slash relative to its page, so such a URL is refused,
    and so are user names and control characters. Raises `RequestFailed` with
    NOT_A_URL and the reason.
    """
    url = url_key(url)
    if not url:
        raise _invalid("empty")
    if len(url) > _MAX_URL_CHARACTERS:
        raise _invalid(f"longer than {_MAX_URL_CHARACTERS:,} characters")
    if _CONTROL.search(url):
        raise _invalid("contains a control character or a line break")
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise _invalid("http:// is missing")
    authority = _CITED_AUTHORITY.match(url, scheme.end())
    if authority is None and scheme[1].lower() in _DEFAULT_PORTS:
        raise _invalid("no host")
    if authority is not None and "@" in authority[1]:
        raise _invalid("contains a user name or a password")
    return _parsed(url, None)


def joined(base: Target, location: str) -> Target:
    """Resolve a `Location` header relative to `base` (WHATWG URL, 4.4).

    A user name and a password in it are dropped. Raises `RequestFailed` with BAD_REDIRECT if
    it is not an HTTP URL.
    """
    location = _stripped(location)
    if not location:
        raise RequestFailed(Failure.BAD_REDIRECT, "empty Location header")
    try:
        if len(location) > _MAX_URL_CHARACTERS:
            raise _invalid(f"longer than {_MAX_URL_CHARACTERS:,} characters")
        return _parsed(location.partition("#")[0], base)
    except RequestFailed as failed:
        raise RequestFailed(Failure.BAD_REDIRECT, f"{location[:200]}: {failed.detail}") from None


def fragment_of(location: str) -> str:
    """Return the fragment of a `Location` header with its `#`; empty if it has none."""
    _, mark, fragment = _stripped(location).partition("#")
    return mark + _encoded(fragment, _UNSAFE_IN_FRAGMENT)


def _stripped(location: str) -> str:
    return _TAB_OR_NEWLINE.sub("", location.strip(_C0_AND_SPACE))


def _invalid(detail: str) -> RequestFailed:
    return RequestFailed(Failure.NOT_A_URL, detail)


def _parsed(text: str, base: Target | None) -> Target:
    """Parse a URL without a fragment, which may be relative to a base."""
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else base.scheme if base else ""
    if scheme not in _DEFAULT_PORTS:
        raise _invalid(f"{scheme}: is neither http nor https")
    path, question, query = text[found.end() if found else 0 :].partition("?")
    path = path.replace("\\", "/")
    if base is None or scheme != base.scheme or path.startswith("//"):
        authority, slash, path = path.lstrip("/").partition("/")
        host, port = _host_and_port(authority, _DEFAULT_PORTS[scheme])
        path = slash + path
    else:
        host, port = base.host, base.port
        base_path, base_question, base_query = base.path.partition("?")
        if not path and not question:
            question, query = base_question, base_query
        if not path.startswith("/"):
            folder = base_path.rpartition("/")[0]
            path = f"{folder}/{path}" if path else base_path
    path = _encoded(_without_dots(path or "/"), _UNSAFE_IN_PATH)
    return Target(scheme, host, port, path + question + _encoded(query, _UNSAFE_IN_QUERY))


def _without_dots(path: str) -> str:
    """Return a path without the segments `.` and `..`, which may be written with `%2e`."""
    if not _DOT_SEGMENT.search(path):
        return path
    result: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments, 1):
        dots = segment.lower().replace("%2e", ".")
        if dots == ".." and result:
            result.pop()
        if dots not in (".", ".."):
            result.append(segment)
        elif number == len(segments):
            result.append("")
    return "/" + "/".join(result)


def _encoded(text: str, unsafe: re.Pattern[str]) -> str:
    if not unsafe.search(text):
        return text
    return unsafe.sub(
        lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "surrogatepass")), text
    )


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    authority = authority.rpartition("@")[2]
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise _invalid(f"{authority[:100]} is not a host")
    port = (found[2] or "").lstrip("0")
    if found[2] and not port:
        raise _invalid("port 0 does not exist")
    if len(port) > 5 or int(port or 0) > 65_535:
        raise _invalid(f"port {port[:20]} is out of range")
    return _host(found[1]), int(port or default_port)


def _host(written: str) -> str:
    """Return the host in the form for DNS: ASCII, lower case, IPv4 in dotted form."""
    if written.startswith("["):
        return _ipv6(written[1:-1])
    # Invalid UTF-8 becomes U+FFFD, which no host name contains.
    host = _ascii(unquote(written) if "%" in written else written).removesuffix(".")
    if not host:
        raise _invalid("no host")
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise _invalid(f"{written[:100]} is not a host name")
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
    try:  # emoji and other names that browsers accept, though IDNA 2008 does not
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(map(_punycode, mapped.split(".")))
    except (idna.IDNAError, UnicodeError):
        raise _invalid(f"{host[:100]} is not a valid international host name") from None


def _punycode(label: str) -> str:
    if label.isascii():
        return label
    if label.startswith("xn--"):
        raise UnicodeError("not a valid encoded label")
    return "xn--" + label.encode("punycode").decode("ascii")


def _ipv6(written: str) -> str:
    try:
        if "%" in written:
            raise ValueError("a zone is valid on one machine only")
        address = ipaddress.IPv6Address(written)
    except ValueError:
        raise _invalid(f"[{written[:100]}] is not an IPv6 address") from None
    if (mapped := address.ipv4_mapped) is not None:  # its text form depends on the Python version
        return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"
    return str(address)


def _ipv4(host: str) -> str:
    """Return the dotted form of any spelling of an IPv4 address (WHATWG URL, 3.5)."""
    parts = host.split(".")
    numbers = [_number(part, host) for part in parts]
    last = numbers.pop()
    if len(numbers) > 3 or any(n > 255 for n in numbers) or last >= 256 ** (4 - len(numbers)):
        raise _invalid(f"{host} is not an IPv4 address")
    value = last + sum(n * 256 ** (3 - place) for place, n in enumerate(numbers))
    return str(ipaddress.IPv4Address(value))


def _number(part: str, host: str) -> int:
    if not _IPV4_NUMBER.fullmatch(part):
        raise _invalid(f"{host} is not an IPv4 address")
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
