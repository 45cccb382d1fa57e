"""The files, which are the truth: read leniently, written byte-exactly."""
