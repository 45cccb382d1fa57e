"""Define and run the commands: one module for each, with its parser and its output.

A module offers `parser_of` and `run` (`newsdesk.cli.main.Command`). Code that two commands share
belongs into `newsdesk.cli`; work on articles belongs into `newsdesk.workspace`.
"""
