"""List the ways in which requesting a URL can fail, each with its message."""

from __future__ import annotations

import enum


class Failure(enum.Enum):
    """Why there is no response to judge; the value is shown to the user."""

    TIMEOUT = "no response in time"
    NO_SUCH_NAME = "the host name does not exist"
    NO_ADDRESS = "the host name has no IP address"
    DNS = "DNS lookup failed"
    OFFLINE = "DNS failed for every host: offline?"
    TLS_EXPIRED = "the TLS certificate has expired"
    TLS_NOT_YET = "the TLS certificate is not valid yet"
    TLS_WRONG_HOST = "the TLS certificate is for another host"
    TLS_SELF_SIGNED = "the TLS certificate is self-signed"
    TLS_UNTRUSTED = "the TLS certificate comes from an unknown authority"
    TLS = "the TLS handshake failed"
    CONNECTION_REFUSED = "connection refused"
    NO_ROUTE = "no route to the host"
    RESET = "the connection was closed early"
    TRUNCATED = "the response is incomplete"
    PROTOCOL = "the response is not valid HTTP"
    TOO_MANY_REDIRECTS = "too many redirects"
    REDIRECT_LOOP = "redirect loop"
    BAD_REDIRECT = "redirect to an invalid URL"
    PROXY = "the proxy failed"
    HOST_BUSY = "skipped: the host kept asking to slow down"
    UNEXPECTED = "unexpected error"
    NOT_A_URL = "not a valid URL"
    PRIVATE = "the IP address belongs to a private network"

    @property
    def is_refusal(self) -> bool:
        """Whether newsdesk did not send the request."""
        return self in (Failure.NOT_A_URL, Failure.PRIVATE)

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed a few seconds later."""
        return self in (Failure.TIMEOUT, Failure.DNS, Failure.RESET, Failure.TRUNCATED)


class RequestFailed(Exception):
    """A request failed. `detail` adds to the failure's message and may quote foreign text.

    `status` is the HTTP status if a response had begun, else None.
    """

    def __init__(self, failure: Failure, detail: str = "", status: int | None = None) -> None:
        super().__init__(f"{failure.value}: {detail}" if detail else failure.value)
        self.failure = failure
        self.detail = detail
        self.status = status
