"""Charts: their numbers, and drawing them with characters."""
