"""Is what we cite still there? Addresses of articles, and verdicts about them."""
