"""Check the links of a collection's articles, and answer queries about earlier results.

`service` runs checks, in this process or in a worker process; `findings` combines the verdict
cache with the index. The requests and the verdicts themselves are in `newsdesk.links`.
"""
