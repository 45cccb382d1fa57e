"""Images of articles, fetched and decoded in a worker process."""
