"""A terminal desk for editors of news collections."""

__version__ = "0.1.0"
