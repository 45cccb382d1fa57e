"""Install the wheel in a new environment and use it; print sizes and times.

usage: python tests/dist.py FOLDER      where `make dist` has left the wheel and the sdist
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from pathlib import Path

from newsdesk import __version__
from tui.terminal import Terminal

ROOT = Path(__file__).parent.parent
EXTRAS = ("images",)
IN_WHEEL = (
    "newsdesk/tui/newsdesk.tcss",
    "newsdesk/cli/shells/newsdesk.bash",
    "newsdesk/cli/shells/newsdesk.zsh",
    "newsdesk/cli/shells/newsdesk.fish",
    "newsdesk/py.typed",
    ".data/data/share/man/man1/newsdesk.1",
    ".data/data/share/bash-completion/completions/newsdesk",
    ".data/data/share/zsh/site-functions/_newsdesk",
    ".data/data/share/fish/vendor_completions.d/newsdesk.fish",
    "licenses/LICENSE",
)
IN_SDIST = (
    "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "Makefile", "constraints.txt",
    "docs/commands.md", "docs/main-screen.svg", "docs/newsdesk.1", "CONTRIBUTING.md",
    "tests/test_docs.py", "tests/tui/test_pty.py", "seeds/README.md", "src/newsdesk/__main__.py",
)  # fmt: skip


def main() -> None:
    """Look into both files, install the wheel, use it."""
    folder = Path(sys.argv[1])
    (wheel,) = folder.glob(f"newsdesk-{__version__}-*.whl")
    (sdist,) = folder.glob(f"newsdesk-{__version__}.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        must_hold(wheel, names, IN_WHEEL)
        assert not [name for name in names if name.startswith("tests")], "tests are installed"
    with tarfile.open(sdist) as archive:
        must_hold(sdist, archive.getnames(), IN_SDIST)
    with tempfile.TemporaryDirectory(prefix="newsdesk-dist-") as home:
        use(wheel, Path(home))
    for file in (wheel, sdist):
        print(f"{file.name}: {file.stat().st_size / 1e3:,.0f} kB")


def must_hold(file: Path, names: list[str], wanted: tuple[str, ...]) -> None:
    """Fail unless a file of each wanted ending is there."""
    missing = [end for end in wanted if not any(name.endswith(end) for name in names)]
    assert not missing, f"{file.name} lacks {missing}"


def use(wheel: Path, home: Path) -> None:
    """Install, print the version, list, open the main screen in a terminal, quit."""
    environment = home / "venv"
    venv.create(environment, with_pip=True)
    python, program = environment / "bin" / "python", environment / "bin" / "newsdesk"
    (packages,) = environment.glob("lib/*/site-packages")
    before = size_of(packages)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", wheel], check=True)
    core = size_of(packages) - before
    print(f"installed: {core / 1e6:.1f} MB, byte-compiled files included")
    assert list((packages / "textual" / "__pycache__").glob("app.*.pyc")), "nothing is compiled"
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}

    def output_of(*arguments: str) -> str:
        command = [program, *arguments]
        done = subprocess.run(command, env=variables, cwd=home, capture_output=True, check=True)
        return done.stdout.decode()

    assert output_of("--version") == f"newsdesk {__version__}\n"
    shutil.copytree(ROOT / "seeds", home / "seeds")
    assert len(output_of("list", "-C", "seeds", "is:unpublished", "--paths").splitlines()) == 39
    assert "complete -F" in output_of("completions", "bash")
    for start in ("first", "second"):
        begin = time.monotonic()
        with Terminal([str(program), str(home / "seeds")], home) as terminal:
            terminal.until("▌ ○")
            print(f"{start} start to the first row: {time.monotonic() - begin:.2f} s")
            terminal.send("q")
            assert terminal.wait() == 0
            terminal.assert_given_back()
    for extra in EXTRAS:
        subprocess.run([*pip, "-c", ROOT / "constraints.txt", f"{wheel}[{extra}]"], check=True)
        more = size_of(packages) - before - core
        print(f"with [{extra}]: {more / 1e6:.1f} MB more")
    assert output_of("--version") == f"newsdesk {__version__}\n"


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
