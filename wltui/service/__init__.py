"""What screens and commands ask: cache and client as one stream of answers, and saves."""
