"""The service for screens and commands: cache and client as one stream of answers, and saves."""
