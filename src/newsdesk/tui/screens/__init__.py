"""The main screen and the screens that cover it."""
