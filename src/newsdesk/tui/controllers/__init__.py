"""What the main screen does, one concern each."""
