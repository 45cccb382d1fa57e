"""Start other programs: the browser and the editor. Articles never choose which, or an option."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from newsdesk.collection.urls import reader_url
from newsdesk.errors import NewsdeskError
from newsdesk.text import SafeText

# Textual takes NO_COLOR out of the environment when it is imported; other programs want it.
_NO_COLOR = os.environ.get("NO_COLOR")
_TMUX_SECONDS = 2.0
_EDITORS: list[subprocess.Popen[bytes]] = []  # the one that is open
HAS_COLOUR = not _NO_COLOR


def environment() -> dict[str, str]:
    """Return the environment as the person set it."""
    variables = dict(os.environ)
    if _NO_COLOR is not None:
        variables["NO_COLOR"] = _NO_COLOR
    return variables


def browser_command(url: str, configured: str = "") -> list[str]:
    """Return the argument list that opens an address; raises `NewsdeskError` if none can.

    `configured` is the person's own choice, for when there is no `$BROWSER`.
    """
    address = reader_url(url)
    if not address:
        raise NewsdeskError("This is not a URL that can be opened.", "Copy the URL.")
    if first := _words(os.environ.get("BROWSER", "").split(os.pathsep)[0]) or _words(configured):
        if any("%s" in part for part in first):
            return [part.replace("%s", address) for part in first]
        return [*first, address]
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    if shutil.which(opener) is None:
        raise NewsdeskError("No browser found.", "Set $BROWSER. Copy the URL.")
    return [opener, address]


def open_in_browser(url: str, configured: str = "") -> None:
    """Open an address in the browser and do not wait for it."""
    command = browser_command(url, configured)
    try:
        browser = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=environment(),
        )
    except OSError as error:
        raise NewsdeskError(
            f"{command[0]} cannot be started: {error.strerror}.", "Copy the URL."
        ) from error
    # Somebody has to take note of its end, or a zombie stays for as long as the desk is open.
    threading.Thread(target=browser.wait, daemon=True).start()


def is_in_tmux() -> bool:
    """Return whether newsdesk runs in tmux."""
    return bool(os.environ.get("TMUX"))


def copy_in_tmux(text: SafeText) -> bool:
    """Copy text through tmux; return whether that was done.

    Left to its defaults (`set-clipboard external`) tmux ignores what programs send for the
    clipboard. `load-buffer -w` (tmux 3.2) keeps it and sends it to the terminal outside. For
    workers.
    """
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            check=False,
            timeout=_TMUX_SECONDS,
            env=environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def edit_file(path: Path, configured: str = "") -> None:
    """Open a file in $VISUAL or $EDITOR and wait; the terminal must be free for it.

    `configured` is the person's own choice, for when neither is set.
    """
    candidates = (os.environ.get("VISUAL", ""), os.environ.get("EDITOR", ""), configured)
    chosen = next(filter(None, map(_words, candidates)), None) or _any_editor()
    if not chosen:
        raise NewsdeskError("There is no editor to open it with.", "Set $VISUAL or $EDITOR.")
    command = [*chosen, str(path)]
    try:
        with subprocess.Popen(command, env=environment()) as editor:
            _EDITORS.append(editor)
            try:
                editor.wait()
            finally:
                _EDITORS.clear()
    except OSError as error:
        raise NewsdeskError(
            f"{command[0]} cannot be started: {error.strerror}.", "Set $VISUAL or $EDITOR."
        ) from error


def end_editor() -> None:
    """Ask the editor that is open, if any, to end: newsdesk ends, and the terminal with it."""
    for editor in _EDITORS:
        editor.terminate()


def _any_editor() -> list[str]:
    return [name for name in ("nano", "vim", "vi") if shutil.which(name)][:1]


def _words(command: str) -> list[str]:
    """Split a command line as a shell does; empty if it is none."""
    try:
        return shlex.split(command)
    except ValueError:  # a quote that is never closed; the settings tell about it
        return []
