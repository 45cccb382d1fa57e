"""Decisions: what both front ends request, and what becomes of it."""
