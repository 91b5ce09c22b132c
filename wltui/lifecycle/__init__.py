"""The process from its first byte on the terminal to its last."""
