"""The terminal front end; nothing outside this folder imports Textual."""
