"""Decide what a collection's own file of settings may do.

`.newsdesk.toml` comes with a clone, perhaps from strangers. It may name no program, bind no key
and start nothing that writes. `refusal` decides that for every setting, `RULES` is its table, and
`docs/safety.md` shows the table. A name that is not in the table is refused.
"""

from __future__ import annotations

import enum
import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsdesk.config import USER_FILE, Config, ConfigProblem, RawSetting, user_folder

_CONFIRMED_FILE = "confirmed"  # in the state folder: a digest of confirmed content a line


class Trust(enum.Enum):
    """Where a setting counts from."""

    COLLECTION = "both"  # from the collection's file too
    LIMITED = "both, within limits"
    CONFIRMED = "yours, or the collection's once you confirmed this very content"
    OWN = "yours"  # from the person's own file, the environment and flags only


@dataclass(frozen=True, slots=True)
class Rule:
    """How far a collection's file may set one thing.

    `name` is that of the setting, or of a table for everything in it; `limit` says in words what
    `allows` decides about a value that was read; `act` is what a collection cannot do, with
    `{value}` for the value.
    """

    name: str
    trust: Trust
    limit: str = ""
    allows: Callable[[Any], bool] = lambda value: True
    act: str = ""


def _usual(field: str) -> Any:
    from newsdesk.links.policy import Policy  # only where links are checked

    return getattr(Policy(), field)


def _asks_more(setting: str, usual: str) -> str:
    return f"ask hosts for more than check.{setting} = {usual}"


_GLOBS = "globs only; yours may be regular expressions"
_RULES = (
    *(
        Rule(name, Trust.COLLECTION)
        for name in "theme view sort columns profile stories views fields".split()
    ),
    Rule(
        "images",
        Trust.LIMITED,
        "off only",
        lambda value: value == "off",
        "switch the images {value}",
    ),
    Rule("browser", Trust.OWN, act="choose the browser"),
    Rule("editor", Trust.OWN, act="choose the editor"),
    Rule("keys", Trust.OWN, act="choose what keys do"),
    *(
        Rule(f"check.{name}", Trust.COLLECTION)
        for name in "fields accept timeout host-wait max-age soft-404 archive languages".split()
    ),
    # Which value is a glob is decided where patterns are read.
    Rule("check.include", Trust.LIMITED, _GLOBS),
    Rule("check.exclude", Trust.LIMITED, _GLOBS),
    Rule(
        "check.concurrency",
        Trust.LIMITED,
        "lower only",
        lambda number: bool(number <= _usual("concurrency")),
        _asks_more("concurrency", "32"),
    ),
    Rule(
        "check.per-host",
        Trust.LIMITED,
        "lower only",
        lambda number: bool(number <= _usual("per_host")),
        _asks_more("per-host", "4"),
    ),
    Rule(
        "check.delay",
        Trust.LIMITED,
        "longer only",
        lambda seconds: bool(seconds >= _usual("delay")),
        _asks_more("delay", "0.1"),
    ),
    Rule("check.header", Trust.OWN),
    Rule("check.allow-private", Trust.OWN),
)
RULES = {rule.name: rule for rule in _RULES}


def rule_of(name: Iterable[str]) -> Rule:
    """Return the rule for the names that lead to a setting; unknown names are the person's own."""
    names = tuple(name)
    full = ".".join(names)
    return RULES.get(full) or RULES.get(names[0]) or Rule(full, Trust.OWN)


def refusal(
    written: RawSetting, value: object = None, *, is_confirmed: bool = False
) -> ConfigProblem | None:
    """Return why something written in a file of settings does not count, None if it does.

    `value` is what was read of it, None before it is read. `is_confirmed` says that the person
    confirmed the content that it brings (`is_confirmed`).
    """
    if written.is_own:
        return None
    rule = rule_of(written.name)
    if rule.trust is Trust.COLLECTION or (rule.trust is Trust.CONFIRMED and is_confirmed):
        return None
    if rule.trust is Trust.LIMITED and (value is None or rule.allows(value)):
        return None
    act = (rule.act or f"set {'.'.join(written.name)}").format(value=value)
    message = f"{written.place}: A collection cannot {act}: its file may come from strangers."
    return ConfigProblem(message, f"Put it into {user_folder() / USER_FILE}, if you want it.")


# -- content that the person confirmed ---------------------------------------------------------


def is_confirmed(config: Config, file: Path, content: bytes) -> bool:
    """Return whether the person confirmed exactly this content of this file before."""
    with suppress(OSError, UnicodeDecodeError):
        lines = (config.state_folder / _CONFIRMED_FILE).read_text("ascii").split("\n")
        return _digest(file, content) in lines
    return False


def confirm(config: Config, file: Path, content: bytes) -> None:
    """Note that the person confirmed this content of this file; raises `OSError`."""
    if is_confirmed(config, file, content):
        return
    config.state_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(config.state_folder / _CONFIRMED_FILE, "a", encoding="ascii") as known:
        known.write(f"{_digest(file, content)}\n")


def _digest(file: Path, content: bytes) -> str:
    # The path counts too: what was read in one place may mean something else in another.
    return hashlib.sha256(os.fsencode(file.resolve()) + b"\0" + content).hexdigest()
