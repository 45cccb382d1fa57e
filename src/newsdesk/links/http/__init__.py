"""URLs, connections, redirects, cookies and the guard against private IP addresses.

Every request of a link check or an image download goes through this package. What a response
means is decided by `newsdesk.links.verdict`.
"""
