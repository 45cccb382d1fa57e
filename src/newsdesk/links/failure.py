"""Name every way in which asking for an address can fail, in words for an editor."""

from __future__ import annotations

import enum


class Failure(enum.Enum):
    """Why there is no answer to judge; the value is what an editor reads."""

    TIMEOUT = "no answer in time"
    NO_SUCH_NAME = "the host name does not exist"
    NO_ADDRESS = "the host name has no address"
    DNS = "the host name could not be looked up"
    OFFLINE = "there is no network: no host name can be looked up; are you offline?"
    TLS_EXPIRED = "the TLS certificate has expired"
    TLS_NOT_YET = "the TLS certificate is not valid yet"
    TLS_WRONG_HOST = "the TLS certificate is for another host"
    TLS_SELF_SIGNED = "the TLS certificate is self-signed"
    TLS_UNTRUSTED = "the TLS certificate comes from an unknown authority"
    TLS = "the TLS handshake failed"
    CONNECTION_REFUSED = "the connection was refused"
    NO_ROUTE = "there is no way to the host"
    RESET = "the connection was cut off"
    TRUNCATED = "the page breaks off"
    PROTOCOL = "the answer is no valid HTTP"
    TOO_MANY_REDIRECTS = "too many redirects"
    REDIRECT_LOOP = "the redirects run in a circle"
    BAD_REDIRECT = "it redirects to something that is no web address"
    PROXY = "the proxy failed"
    HOST_BUSY = "the host keeps asking for a pause, so it was left alone"
    UNEXPECTED = "something unexpected happened"
    NOT_A_URL = "this is no web address"
    PRIVATE = "the address belongs to a private network"

    @property
    def is_refusal(self) -> bool:
        """Whether it was us who would not ask."""
        return self in (Failure.NOT_A_URL, Failure.PRIVATE)

    @property
    def is_temporary(self) -> bool:
        """Whether it may well be gone a second later, so that asking again makes sense."""
        return self in (Failure.TIMEOUT, Failure.DNS, Failure.RESET, Failure.TRUNCATED)


class RequestFailed(Exception):
    """Asking failed. `detail` adds to the failure's words and may quote foreign text.

    `status` is the HTTP status where an answer had begun, else None.
    """

    def __init__(self, failure: Failure, detail: str = "", status: int | None = None) -> None:
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
        self.failure = failure
        self.detail = detail
        self.status = status
