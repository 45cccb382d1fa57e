"""Links in the body of an article: Markdown, HTML and templates."""
