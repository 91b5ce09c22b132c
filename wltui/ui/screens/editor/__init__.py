"""The config editor, and the screens it opens: review, conflict, history, schema files."""
