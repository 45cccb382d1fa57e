"""Stories: articles on one event, found, ranked and collapsed."""
