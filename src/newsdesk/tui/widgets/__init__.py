"""Widgets that show articles, numbers and text."""
