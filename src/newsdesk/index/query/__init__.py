"""The query language: parsed, printed, completed, compiled to SQL."""
