"""Reviewing and committing what changed, with git."""
