"""Extract links from articles and check over HTTP whether their pages still exist.

This package holds the rules of what is a link, the requests, the verdicts and their cache. It
does not know the index, settings files or the screen: `newsdesk.workspace.links` connects them.
"""
