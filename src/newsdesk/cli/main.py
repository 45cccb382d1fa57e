"""Parse the command line and run one command."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from newsdesk.config import Config, load_config
from newsdesk.errors import NewsdeskError
from newsdesk.text import shown


def run(argv: Sequence[str], open_desk: Callable[[Config], int]) -> int:
    """Run a command; return the exit code."""
    try:
        return open_desk(load_config(argv[0] if argv else None))
    except NewsdeskError as error:
        print(f"newsdesk: {shown(error)}", file=sys.stderr)
        return error.exit_code
