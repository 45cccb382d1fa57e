"""Start Python processes that import nothing from the folder they are started in."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Request = TypeVar("Request")
News = TypeVar("News")
_LOOK = 0.1  # seconds between looks at whether to stop
_PATIENCE = 3.0  # seconds that a process has to end by itself
# Nothing may come before Python's own modules: hence `-P`, and our folder at the end. Left to
# itself Python looks first into the folder it is started in, and a collection that came from
# strangers could hold a `pickle.py` (https://docs.python.org/3/using/cmdline.html#cmdoption-P).
_BOOTSTRAP = "import sys; sys.path.append(sys.argv[1]); from {0} import {1}; {1}()"


@dataclass(frozen=True, slots=True)
class Question:
    """Told by a process that waits for a yes; `about` is what is asked."""

    about: Any


@dataclass(frozen=True, slots=True)
class _Done:
    """The last message of a process; `fault` is the traceback if it crashed."""

    fault: str = ""


class ProcessEnded(Exception):
    """A process ended before its work was done, said in words that go on from "the process".

    `fault` is the traceback if it crashed, else empty.
    """

    def __init__(self, how: str, fault: str = "") -> None:
        super().__init__(how)
        self.traceback_text = fault


# -- on the side that has something to do --------------------------------------------------


def run_in_process(
    work: Callable[[Request, JobConnection[News]], None],
    request: Request,
    *,
    is_stopped: Callable[[], bool],
    confirm: Callable[[Any], bool],
) -> Iterator[News]:
    """Do `work(request, line)` in a process of its own; yield what it tells, until it is done.

    `work` is a function of a module; it, the request and the messages go through a socket as
    pickles, so that nothing is on the command line. `is_stopped` is asked ten times a second,
    `agrees` when the process has a question. Once stopped, the process has three seconds left.
    Raises `ProcessEnded` if it cannot be started, is killed or falls over. Leaves no process
    behind, and none outlives this one, whatever ends it.
    """
    with started_process(serve_job) as (connection, process):
        with suppress(OSError):  # it ended at once: told below
            connection.send((work, request))
        give_up_at = 0.0
        while not give_up_at or time.monotonic() < give_up_at:
            if not give_up_at and is_stopped():
                give_up_at = time.monotonic() + _PATIENCE
                with suppress(OSError):
                    connection.send(False)
            try:
                message = connection.recv() if connection.poll(_LOOK) else None
            except (EOFError, OSError):
                raise _ended(process) from None
            if isinstance(message, _Done):
                if message.fault:
                    raise ProcessEnded("crashed", message.fault)
                return
            if isinstance(message, Question):
                connection.send(confirm(message.about))
            elif message is not None:
                yield cast("News", message)


@contextmanager
def started_process(
    function: Callable[[], NoReturn],
) -> Iterator[tuple[Connection, subprocess.Popen[bytes]]]:
    """Start a process that calls a module's function; its standard input is our connection to it.

    At the end the connection is closed, and a process that does not end then is killed after
    three seconds. Raises `ProcessEnded` if none can be started.
    """
    from multiprocessing.connection import Connection

    ours, theirs = socket.socketpair()
    with theirs:
        home = str(Path(__file__).parent.parent)
        bootstrap = _BOOTSTRAP.format(function.__module__, function.__name__)
        try:
            # A session of its own: what a terminal sends (Ctrl+C, Ctrl+Z) is not meant for it.
            # Every stream is named, because the desk's standard error has no number to inherit.
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", bootstrap, home],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            ours.close()
            raise ProcessEnded(f"could not be started: {error}") from None
    connection: Connection = Connection(ours.detach())
    try:
        yield connection, process
    finally:
        connection.close()  # which tells it to end
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ended(process: subprocess.Popen[bytes]) -> ProcessEnded:
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return ProcessEnded("hung up")
    if code >= 0:
        return ProcessEnded(f"ended with code {code}")
    with suppress(ValueError):
        return ProcessEnded(f"was ended by {signal.Signals(-code).name}")
    return ProcessEnded(f"was ended by signal {-code}")


# -- on the side that does it --------------------------------------------------------------


class JobConnection(Generic[News]):
    """What the work in a process has of the one that it is done for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stopped = threading.Event()
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()
        threading.Thread(target=self._listen, daemon=True).start()

    def is_set(self) -> bool:
        """Tell whether to stop."""
        return self._stopped.is_set()

    def send(self, message: News) -> None:
        """Send a message. Returns at once: the other side may be suspended for hours."""
        self._messages.put(message)

    def confirm(self, about: object) -> bool:
        """Ask the other side, wait for the answer."""
        self._messages.put(Question(about))
        return self._answers.get()

    def finish(self, fault: str) -> None:
        """Say that all is done, wait until everything was sent."""
        self._messages.put(_Done(fault))
        self._writer.join()

    def _write(self) -> None:
        with suppress(OSError):  # nobody is there any more: `_listen` ends the process
            while True:
                message = self._messages.get()
                self._connection.send(message)
                if isinstance(message, _Done):
                    return

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                answer = self._connection.recv()
                if not answer:
                    self._stopped.set()
                self._answers.put(answer)
        self._stopped.set()
        self._answers.put(False)
        time.sleep(_PATIENCE)
        os._exit(1)


def serve_job() -> NoReturn:
    """Do the work that waits on standard input, as `run_in_process` began it."""
    from multiprocessing.connection import Connection

    connection: Connection = Connection(0)
    line: JobConnection[Any] | None = None
    fault = ""
    try:
        work, request = connection.recv()
        line = JobConnection(connection)
        work(request, line)
    except BaseException:
        fault = traceback.format_exc()
    (line or JobConnection(connection)).finish(fault)
    os._exit(0)  # without waiting for threads that may still look names up
