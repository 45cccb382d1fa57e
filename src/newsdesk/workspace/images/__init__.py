"""Download, decode and cache the images of articles in a worker process.

Drawing an image in the terminal belongs to `newsdesk.tui`, the download itself to
`newsdesk.links.http`.
"""
