"""Temporary folders for a benchmark, so that it touches no index or journal of yours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from newsdesk.config import Config


@dataclass(frozen=True, slots=True)
class Home:
    """A collection, and the temporary folder that is used as the home folder."""

    collection: Path
    folder: Path

    @property
    def config(self) -> Config:
        """The settings that a program started with `env` has."""
        return Config(
            self.collection.resolve(),
            self.folder / "cache" / "newsdesk",
            self.folder / "state" / "newsdesk",
        )

    @property
    def env(self) -> dict[str, str]:
        """The environment for a program."""
        import newsdesk

        package = str(Path(newsdesk.__file__).parent.parent)
        return {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONPATH": os.pathsep.join([package, str(Path(__file__).parent.parent)]),
        }

    @property
    def command(self) -> list[str]:
        """The command that opens the main screen."""
        return [sys.executable, "-m", "newsdesk", str(self.collection)]

    def python(self, *arguments: str, limit: float = 600.0) -> str:
        """Run this Python with arguments; return what it printed. Raises `BenchmarkFailed`."""
        return run([sys.executable, *arguments], self.env, limit)


class BenchmarkFailed(Exception):
    """A program that was to be measured did not do what it should."""


def run(
    command: Sequence[str], env: dict[str, str], limit: float, folder: Path | None = None
) -> str:
    """Run a program to its end; return its output. Raises `BenchmarkFailed`."""
    try:
        done = subprocess.run(
            command,
            check=False,
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise BenchmarkFailed(f"{command[0]} took longer than {limit:g} s") from None
    except OSError as error:
        raise BenchmarkFailed(f"{command[0]}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise BenchmarkFailed(f"{Path(command[0]).name} ended with {done.returncode}: {last}")
    return done.stdout
