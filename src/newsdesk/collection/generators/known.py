"""The records of all site generators, by the name of their profile."""

from __future__ import annotations

from newsdesk.collection.generators import astro, hugo, jekyll
from newsdesk.collection.generators.rules import Rules
from newsdesk.collection.profile import Profile

_RULES = {"jekyll": jekyll.RULES, "hugo": hugo.RULES, "astro": astro.RULES}


def rules_of(profile: Profile) -> Rules:
    """Return the record of the generator that a profile belongs to."""
    return _RULES[profile.name]
