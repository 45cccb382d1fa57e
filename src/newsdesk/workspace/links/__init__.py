"""Checking the links of articles, and what earlier checks found."""
