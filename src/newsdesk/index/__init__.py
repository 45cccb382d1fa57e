"""The cache: fast answers about many articles, disposable at any time."""
