"""Start the real program, or run it here, on small collections with folders of their own."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsdesk.cli.main import run
from newsdesk.config import Config

SEEDS = Path(__file__).parents[2] / "seeds"


@dataclass(frozen=True)
class Done:
    """What a run of the program left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@dataclass(frozen=True)
class Newsdesk:
    """The program on one collection; `folder` is the collection."""

    folder: Path
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "NEWSDESK_COLLECTION": str(self.folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            **self.environment,
        }

    def start(self, *arguments: str | bytes, **options: object) -> subprocess.Popen[bytes]:
        """Start the real program, all its streams in pipes."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [sys.executable, "-W", "error", "-m", "newsdesk", *arguments],
            env=self.variables,
            **(pipes | {"cwd": self.home} | options),
        )

    def __call__(
        self, *arguments: str | bytes, given: bytes = b"", cwd: Path | None = None
    ) -> Done:
        """Run the real program to its end."""
        with self.start(*arguments, cwd=cwd or self.home) as process:
            out, err = process.communicate(given, timeout=60)
        done = Done(process.returncode, out, err.decode("utf-8"))
        assert "Traceback" not in done.err
        return done

    def here(self, *arguments: str, given: bytes = b"") -> Done:
        """Run the program in this process, which is faster and proves the same about output."""
        before = (sys.stdin, sys.stdout, sys.stderr, dict(os.environ))
        out, err = io.BytesIO(), io.BytesIO()
        sys.stdin = io.TextIOWrapper(io.BytesIO(given))
        sys.stdout = io.TextIOWrapper(out, encoding="utf-8")
        sys.stderr = io.TextIOWrapper(err, encoding="utf-8")
        os.environ.update(self.variables)
        try:
            code = run(arguments, _no_desk)
            sys.stdout.flush()
            sys.stderr.flush()
            done = Done(code, out.getvalue(), err.getvalue().decode("utf-8"))
        finally:
            streams = (sys.stdin, sys.stdout, sys.stderr)
            sys.stdin, sys.stdout, sys.stderr = before[:3]
            os.environ.clear()
            os.environ.update(before[3])
            for stream in streams:
                stream.close()
        assert "Traceback" not in done.err
        return done


def _no_desk(config: Config) -> int:
    print(f"desk on {config.collection}")
    return 0


Make = Callable[..., Newsdesk]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that makes a collection: path -> text or bytes of its files."""

    def made(articles: Mapping[str, str | bytes] | None = None, **environment: str) -> Newsdesk:
        home = tmp_path_factory.mktemp("home")
        folder = home / "site"
        folder.mkdir()
        for path, content in (articles or {}).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return Newsdesk(folder, home, environment)

    return made


@pytest.fixture(scope="module")
def seeds(make: Make) -> Newsdesk:
    """The demo collection, for tests that change nothing."""
    newsdesk = make()
    shutil.copytree(SEEDS, newsdesk.folder, dirs_exist_ok=True)
    return newsdesk


@pytest.fixture
def seeds_to_write(make: Make) -> Newsdesk:
    """A copy of the demo collection for one test."""
    newsdesk = make()
    shutil.copytree(SEEDS, newsdesk.folder, dirs_exist_ok=True)
    return newsdesk


def article_file(title: str = "A title", **fields: object) -> str:
    """Return a file with these fields as they stand."""
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f'---\ntitle: "{title}"\n{lines}---\n'
