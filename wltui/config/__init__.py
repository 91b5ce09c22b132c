"""What a config is: its fields, an edit of it, merging, comparing, and its text forms."""
