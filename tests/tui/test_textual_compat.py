"""Private names of Textual are used in one module."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widgets import Input, Static

from newsdesk.tui import textual_compat

FOLDER = Path(textual_compat.__file__).parent


def private_names_of_textual() -> set[str]:
    classes = {base for cls in (App, Screen, Input, Static, LinuxDriver) for base in cls.__mro__}
    names = {name for cls in classes for name in vars(cls)}
    for module in {inspect.getmodule(cls) for cls in classes if "textual" in cls.__module__}:
        assert module is not None
        tree = ast.parse(inspect.getsource(module))
        names |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def private_uses(tree: ast.AST, private: set[str]) -> set[str]:
    """Private names that a class with a base defines, reads or sets."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.bases]
    inside = [node for cls in classes for node in ast.walk(cls)]
    names = {node.name for node in inside if isinstance(node, ast.FunctionDef)}
    names |= {node.attr for node in inside if isinstance(node, ast.Attribute)}
    return names & private


def test_only_textual_compat_uses_private_names_of_textual() -> None:
    private = private_names_of_textual()
    planted = "class S(Screen):\n def f(self):\n  self._bindings.bind('a', 'b')"
    assert private_uses(ast.parse(planted), private) == {"_bindings"}
    found = {
        path.name: uses
        for path in FOLDER.rglob("*.py")
        if path.name != "textual_compat.py"
        and (uses := private_uses(ast.parse(path.read_text("utf-8")), private))
    }
    assert not found


@pytest.mark.parametrize("name", ["replace_invalid_bytes", "TerminalDriver", "bindings_of_node"])
def test_every_patch_names_upstream_and_a_condition(name: str) -> None:
    assert textual_compat.__doc__ is not None
    (row,) = [line for line in textual_compat.__doc__.splitlines() if line.startswith(f"| `{name}")]
    _, _, upstream, condition, _ = row.split("|")
    assert "issue" in upstream
    assert condition.strip()
