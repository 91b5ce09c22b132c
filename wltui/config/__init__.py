"""Configs of versions: their fields, edits, merging, comparing, and text forms."""
