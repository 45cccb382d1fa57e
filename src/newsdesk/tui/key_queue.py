"""Handle keys one after the other, however fast they come.

Textual hands every key on at once, to whatever has the focus at that moment. Keys that arrive
together (a fast typist over a slow line, a script) would then miss the query bar or the dialog
that the first of them opens. Here the next key waits until the one before has been dealt with.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.dom import DOMNode
from textual.message import Message

_CHECK_SECONDS = (
    0.25  # seconds until it is asked what keeps a key: one whose widget went away is lost
)
_MAX_KEY_SECONDS = 3.0  # seconds that a key may take while its widget is there
_MOUNT_POLL_SECONDS = 0.005  # seconds between looks at a screen that is still being mounted


class KeyHandled(Message, bubble=True):
    """Follows a key along its way up from the focused widget, so it arrives after it."""


class KeyQueue:
    """Queue keys until the screen can take the next one.

    `forward` passes a key on, `ready` returns whether a widget can take it, `post_handled` posts
    a `KeyHandled` after the key and returns its target, `later` calls back after some seconds.
    """

    def __init__(
        self,
        forward: Callable[[events.Key], Awaitable[None]],
        ready: Callable[[], bool],
        post_handled: Callable[[], DOMNode],
        later: Callable[[float, Callable[[], Awaitable[None]]], object],
    ) -> None:
        self._forward = forward
        self._ready = ready
        self._post_handled = post_handled
        self._later = later
        self._keys: deque[events.Key] = deque()
        self._busy_since: float | None = None
        self._target: DOMNode | None = None

    async def press(self, event: events.Key) -> None:
        """Take a key, and hand it on as soon as those before it are done."""
        self._keys.append(event)
        if self._busy_since is None:
            await self._next()
        else:
            self._later(_CHECK_SECONDS, self._check)

    async def handled(self) -> None:
        """The key under way has been dealt with."""
        self._busy_since = None
        await self._next()

    async def _next(self) -> None:
        if self._busy_since is not None or not self._keys:
            return
        if not self._ready():
            self._later(_MOUNT_POLL_SECONDS, self._next)
            return
        self._busy_since = time.monotonic()
        await self._forward(self._keys.popleft())
        self._target = self._post_handled()

    async def _check(self) -> None:
        if self._busy_since is None:
            return
        busy = time.monotonic() - self._busy_since
        is_lost = (
            busy >= _CHECK_SECONDS * 0.9
            and self._target is not None
            and not self._target.is_attached
        )
        if is_lost or busy >= _MAX_KEY_SECONDS:
            await self.handled()
        elif self._keys:
            self._later(_CHECK_SECONDS, self._check)
