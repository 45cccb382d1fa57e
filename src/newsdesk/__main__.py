"""`newsdesk` and `python -m newsdesk`: the one place that knows both front ends."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False  # `typing` takes milliseconds in which Ctrl+C could not be caught
if TYPE_CHECKING:
    from newsdesk.config import Config

_INTERRUPTED = 130


def main() -> int:
    """Run a command, or open the desk; return the exit code."""
    try:
        gc.disable()  # nothing that is made while modules are loaded is garbage
        # Loaded here, so that Ctrl+C while they are ends as it does later.
        from newsdesk.cli.main import run

        gc.enable()
        return run(sys.argv[1:], open_workspace)
    except KeyboardInterrupt:
        return _INTERRUPTED


def open_workspace(config: Config) -> int:
    """Open the desk in this terminal; return the exit code.

    Textual is imported here and nowhere sooner, so that commands start fast.
    """
    # Nothing that is made while the desk opens is garbage; looking for some takes a tenth of the
    # time. It begins when the first rows are shown.
    gc.disable()
    # Textual draws at most once per frame; at its 60 frames a second a key would wait up to
    # 17 ms to be seen. Nothing is drawn while nothing changes, so this costs nothing.
    os.environ.setdefault("TEXTUAL_FPS", "250")
    # Pages jump: nobody waits for one that glides, and some cannot bear to watch it.
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

    _say_what_takes_long()
    from newsdesk.config import load_config
    from newsdesk.workspace.workspace import Workspace

    while True:
        workspace = Workspace(config)
        try:
            workspace.warm_up()
            from newsdesk.tui.app import run_main_screen

            code, folder = run_main_screen(workspace)
            workspace.keep_order()
        finally:
            workspace.close()
        if folder is None:
            return code
        config = load_config(str(folder), dict(config.flags))


def _say_what_takes_long() -> None:
    """Say why this start is slow where the libraries were never compiled, as after `uvx`."""
    from importlib.util import cache_from_source, find_spec
    from pathlib import Path

    textual = find_spec("textual")
    if textual is None or textual.origin is None or not sys.stderr.isatty():
        return
    if not Path(cache_from_source(textual.origin)).exists():
        print("newsdesk: Python compiles the libraries of the desk; once.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
