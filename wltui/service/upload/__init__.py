"""Uploads: what can be known before a byte is sent, the sending, and what became of it."""
