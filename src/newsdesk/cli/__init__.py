"""Run newsdesk's commands without a terminal interface.

Argument parsing, the formats of standard output (text, JSON, CSV, Markdown, JUnit), messages on
standard error, exit codes and shell completion belong here; each command is a module of
`commands`. What a command does belongs into `newsdesk.workspace`. Textual and httpx must not be
imported by anything here.
"""
