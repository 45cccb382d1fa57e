"""Find the links in the body of an article: Markdown, HTML, bare URLs and templates.

Reading time is bounded for any input. Front matter is read by `newsdesk.links.extract`.
"""
