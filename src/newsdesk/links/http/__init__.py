"""Requests over HTTP: URLs, connections, redirects and the guard against private addresses."""
