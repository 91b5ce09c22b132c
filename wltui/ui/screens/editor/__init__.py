"""The config editor, and the screens that it opens: review, conflict, history, schema files."""
