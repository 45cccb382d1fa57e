"""Widgets that draw articles, charts and text, and post messages about keys and clicks.

A widget gets the values that it shows; it reads no file, database or setting. Lists are in
`lists`; what happens on a message belongs into `controllers` or `screens`.
"""
