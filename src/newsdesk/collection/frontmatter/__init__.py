"""Front matter: where it is in a file, reading it within limits, and editing one value."""
