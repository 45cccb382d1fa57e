"""Decisions: what both front ends ask for and what becomes of it."""
