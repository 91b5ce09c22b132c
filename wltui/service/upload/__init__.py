"""Uploads: the checks before a byte is sent, the sending, and the outcome."""
