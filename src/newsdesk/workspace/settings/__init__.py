"""Settings: which there are, where their values come from."""
