"""Lists of any length: articles, stories, related articles."""
